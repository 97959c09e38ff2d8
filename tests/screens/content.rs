//! What messages hold, at three sizes and in three looks: formats, files on their way, places, answers, clocks; and the popups about them.

use std::path::PathBuf;

use insta::assert_snapshot;
use subrosa::engine::{
    Attachment, Body, ChatId, Delivery, Direction, Entity, EntityKind, KeyState, Kind, Location, Message,
    Text, Transfer,
};
use subrosa::secret::message::FileSecret;
use subrosa::tui::model::{Attach, Focus, Link, Model, Open, Popup, Preview, Progress, Scroll};
use subrosa::tui::theme::Theme;

use super::stage::*;

const SIZES: [(u16, u16); 3] = [(120, 36), (80, 24), (50, 16)];

pub fn text(plain: &str, entities: &[(u32, u32, EntityKind)]) -> Text {
    let entities = entities.iter().map(|(offset, length, kind)| Entity {
        offset: *offset,
        length: *length,
        kind: kind.clone(),
    });
    Text { plain: plain.into(), entities: entities.collect() }
}

pub fn file(kind: Kind, name: &str, size: u64, caption: &str) -> Body {
    Body::File(Box::new(Attachment {
        kind,
        name: name.into(),
        mime: "image/jpeg".into(),
        size,
        caption: caption.into(),
        thumb: None,
        secret: FileSecret::new([1; 32], [2; 32]),
        place: None,
    }))
}

pub fn holding(id: i64, direction: Direction, before: i32, body: Body) -> Message {
    let delivery = if direction == Direction::Out { Delivery::Read } else { Delivery::Seen };
    Message { delivery, ..Message::new(ChatId(1), id, direction, NOW - before, body) }
}

/// Basil's chat with these messages and nothing else.
fn with(size: (u16, u16), messages: Vec<Message>) -> Model {
    let mut model = world(size);
    let mut chat = chat(1, BASIL, subrosa::engine::ChatState::Ready { verified: true }, NOW - 100_000);
    for message in messages {
        say(&mut chat, message);
    }
    model.chats.insert(ChatId(1), chat);
    open(&mut model, ChatId(1));
    model
}

fn basil(model: &mut Model) -> &mut subrosa::tui::model::Chat {
    model.chats.get_mut(&ChatId(1)).unwrap()
}

fn at_all_sizes(name: &str, model: impl Fn((u16, u16)) -> Model) {
    for (width, height) in SIZES {
        assert_snapshot!(format!("content_{name}_{width}x{height}"), screen(&model((width, height))));
    }
}

fn formats() -> Vec<Message> {
    use EntityKind::*;
    let first = text(
        "bold, italic, under, struck, code, a link, @basil and he dies",
        &[
            (0, 4, Bold),
            (6, 6, Italic),
            (14, 5, Underline),
            (21, 6, Strike),
            (29, 4, Code),
            (35, 6, TextUrl("https://a.example".into())),
            (43, 6, Mention),
            (54, 7, Spoiler),
        ],
    );
    let second = text(
        "He wrote:\nBring nothing, and come by the gate that is always open.\nand then\nlet gate = open();\n    walk();",
        &[(10, 56, Blockquote), (76, 30, Pre("rust".into()))],
    );
    vec![
        holding(1, Direction::In, 600, Body::Text(first)),
        holding(2, Direction::Out, 300, Body::Text(second)),
        holding(
            3,
            Direction::In,
            30,
            Body::WebPage { text: "look".into(), url: "https://b.example/x".into() },
        ),
    ]
}

fn kinds() -> Vec<Message> {
    let at = Location::new(52.51628, 13.37771);
    let venue = Body::Venue {
        location: at,
        title: "Café am Tor".into(),
        address: "Pariser Platz 1".into(),
        provider: "foursquare".into(),
        venue_id: "1".into(),
    };
    let contact =
        Body::Contact { phone: "4930123456".into(), first_name: "Clara".into(), last_name: "Moreau".into() };
    let sticker = Body::Sticker {
        emoji: "🌹".into(),
        set: "roses".into(),
        mime: "image/webp".into(),
        id: 1,
        access_hash: 2,
        dc_id: 2,
    };
    let mut by_bot = holding(5, Direction::In, 200, Body::text("a cat that falls"));
    by_bot.via_bot = Some("gif".into());
    by_bot.silent = true;
    let mut answer = holding(6, Direction::Out, 100, Body::text("At the gate, then."));
    answer.reply_to = Some(2);
    let mut lost = holding(7, Direction::In, 60, Body::text("Yes."));
    lost.reply_to = Some(77);
    vec![
        holding(1, Direction::In, 600, contact),
        holding(2, Direction::In, 590, Body::Location(at)),
        holding(3, Direction::In, 580, venue),
        holding(4, Direction::In, 570, sticker),
        by_bot,
        answer,
        lost,
        holding(8, Direction::In, 50, Body::Screenshot),
    ]
}

fn waveform() -> Vec<u8> {
    (0..63u32).map(|n| u8::try_from((n * n * 7 + n * 31) % 256).unwrap()).collect()
}

fn files() -> Vec<Message> {
    let photo = Kind::Photo { width: 1280, height: 720 };
    let mut one = holding(3, Direction::In, 500, file(photo.clone(), "", 240_000, ""));
    let mut two = holding(4, Direction::In, 499, file(photo, "", 310_000, "both from the bridge"));
    one.album = Some(9);
    two.album = Some(9);
    let voice = Kind::Voice { duration: 12, waveform: waveform() };
    let video = Kind::Video { width: 640, height: 480, duration: 62, round: false };
    let music = Kind::Audio { duration: 200, title: "Aria".into(), performer: "J. S. Bach".into() };
    vec![
        one,
        two,
        holding(5, Direction::In, 400, file(voice, "", 48_000, "")),
        holding(6, Direction::Out, 300, file(video, "gate.mp4", 5_000_000, "the gate")),
        holding(7, Direction::In, 200, file(music, "aria.mp3", 3_000_000, "")),
        holding(8, Direction::In, 190, file(Kind::Document, "plan.pdf", 90_000, "")),
        holding(9, Direction::In, 180, file(Kind::Document, "list.txt", 900, "")),
    ]
}

fn on_their_way(size: (u16, u16)) -> Model {
    let mut model = with(size, files());
    let chat = basil(&mut model);
    let now = i64::from(NOW) * 1_000;
    let first = Progress::new(Transfer::Running { done: 1_000_000, size: 5_000_000 }, None, now - 4_000);
    let later = Transfer::Running { done: 3_100_000, size: 5_000_000 };
    chat.transfers.insert(6, Progress::new(later, Some(&first), now));
    let paused = Transfer::Paused { done: 900_000, size: 3_000_000 };
    chat.transfers.insert(7, Progress::new(paused, None, now));
    chat.transfers
        .insert(8, Progress::new(Transfer::Failed("there is no room on this disk".into()), None, now));
    let done = Transfer::Done { path: Some(PathBuf::from("/home/rosa/Downloads/subrosa/list.txt")) };
    chat.transfers.insert(9, Progress::new(done, None, now));
    model
}

fn burning() -> Vec<Message> {
    let now = i64::from(NOW) * 1_000;
    let clock = |mut message: Message, ttl: i32, left_ms: i64| {
        message.ttl = ttl;
        message.destruct_ms = Some(now + left_ms);
        message
    };
    let photo = Kind::Photo { width: 1280, height: 720 };
    let mut covered = holding(4, Direction::In, 50, file(photo, "never shown.jpg", 240_000, "never shown"));
    covered.ttl = 10;
    let mut waiting = holding(5, Direction::Out, 40, Body::text("Read it soon."));
    waiting.ttl = 60;
    waiting.delivery = Delivery::Sent;
    vec![
        clock(
            holding(1, Direction::In, 4_000, Body::text("The whole day is left to read this.")),
            86_400,
            80_000_000,
        ),
        clock(holding(2, Direction::In, 300, Body::text("An hour.")), 3_600, 3_552_000),
        clock(holding(3, Direction::Out, 48, Body::text("Burnt already, though nobody has said so.")), 30, 0),
        clock(holding(6, Direction::Out, 47, Body::text("Twelve seconds.")), 30, 12_000),
        covered,
        waiting,
    ]
}

#[test]
fn formatted() {
    at_all_sizes("formatted", |size| with(size, formats()));
    let mut model = with((80, 24), formats());
    basil(&mut model).revealed.insert(1);
    assert_snapshot!("content_formatted_revealed", screen(&model));
    assert_snapshot!("content_formatted_ascii", screen_in(&model, &Theme::mono().in_ascii()));
}

#[test]
fn formats_have_their_looks_in_every_theme() {
    for theme in [Theme::dark(), Theme::light(), Theme::mono()] {
        let name = format!("content_theme_{}", theme.name);
        assert_snapshot!(name, super::themes::dump(&with((80, 24), formats()), &theme));
    }
}

#[test]
fn what_messages_hold() {
    at_all_sizes("kinds", |size| with(size, kinds()));
}

#[test]
fn files_and_how_far_they_have_come() {
    at_all_sizes("files", |size| with(size, files()));
    at_all_sizes("transfers", on_their_way);
    assert_snapshot!(
        "content_transfers_ascii",
        screen_in(&on_their_way((80, 24)), &Theme::mono().in_ascii())
    );
    let mut model = on_their_way((80, 24));
    model.focus = Focus::Messages(Scroll { selected: Some(3), skipped: 0 });
    assert_snapshot!("content_transfer_selected", screen(&model));
}

#[test]
fn clocks() {
    at_all_sizes("clocks", |size| with(size, burning()));
    assert_snapshot!("content_clocks_24x8", screen(&with((24, 8), burning())));
}

#[test]
fn the_screen_says_when_it_is_no_longer_true() {
    let until = |messages| until(&with((80, 24), messages));
    let now = i64::from(NOW) * 1_000;
    assert_eq!(until(formats()), None, "nothing ages");
    assert_eq!(until(burning()), Some(now + 1_000), "twelve seconds become eleven");
    let mut far = burning();
    far.truncate(1);
    // 80,000 seconds are 22 h, 13 min and 20 s, of which the seconds are not said.
    assert_eq!(until(far), Some(now + 21_000));
    // What is scrolled out of sight does not tick.
    let mut model = with((80, 24), burning().into_iter().take(4).chain(long()).collect());
    assert_eq!(super::stage::until(&model), None);
    model.focus = Focus::Messages(Scroll { selected: Some(0), skipped: 0 });
    assert_eq!(super::stage::until(&model), Some(now + 1_000));
    let mut typing = with((80, 24), formats());
    basil(&mut typing).typing_ms = Some(now - 2_000);
    assert_eq!(super::stage::until(&typing), Some(now + 4_000));
    typing.now_ms += 4_000;
    assert_eq!(super::stage::until(&typing), None);
}

fn long() -> Vec<Message> {
    (100..140).map(|id| holding(id, Direction::In, 20, Body::text(format!("line {id}")))).collect()
}

#[test]
fn while_writing() {
    at_all_sizes("reply", |size| {
        let mut model = with(size, kinds());
        basil(&mut model).reply = Some(1);
        write(&mut model, 1, "Who is she?");
        model
    });
    let mut model = conversation((80, 24));
    basil(&mut model).flood_until_ms = Some(i64::from(NOW) * 1_000 + 42_000);
    assert_snapshot!("content_flood", screen(&model));
    assert_eq!(until(&model), Some(i64::from(NOW) * 1_000 + 1_000));
    basil(&mut model).filled = 2;
    basil(&mut model).flood_until_ms = None;
    assert_snapshot!("content_filled", screen(&model));
    basil(&mut model).filled = 0;
    basil(&mut model).view.peer_layer = 46;
    assert_snapshot!("content_too_old", screen(&model));
}

#[test]
fn the_form_for_a_file() {
    at_all_sizes("attach", |size| {
        let mut model = conversation(size);
        write(&mut model, 1, "from the bridge");
        let candidates = ["~/Pictures/bread.jpg", "~/Pictures/bridge\u{1B}[31m.jpg", "~/Pictures/brook/"];
        let form = Attach {
            chat: ChatId(1),
            path: "~/Pictures/br".into(),
            as_document: false,
            silent: true,
            candidates: candidates.map(str::to_owned).to_vec(),
            chosen: Some(1),
        };
        model.popup = Some(Popup::Attach(form));
        model
    });
    let mut model = conversation((80, 24));
    let path = format!("/srv/{}/photo.jpg", "very long folder/".repeat(9));
    let form = Attach {
        chat: ChatId(1),
        path,
        as_document: true,
        silent: false,
        candidates: (0..40).map(|n| format!("/srv/{n}")).collect(),
        chosen: Some(9),
    };
    model.popup = Some(Popup::Attach(form));
    assert_snapshot!("content_attach_long", screen(&model));
}

#[test]
fn details() {
    at_all_sizes("info", |size| {
        let mut model = conversation(size);
        let key = KeyState { changes: 3, since: NOW - 90_000, uses: 41, changing: true };
        basil(&mut model).view.key_state = Some(key);
        alter(&mut model, BASIL, |person| person.blocked = true);
        model.popup = Some(Popup::Info { of: Open::Chat(ChatId(1)), skipped: 0 });
        model
    });
    let mut model = conversation((24, 8));
    model.popup = Some(Popup::Info { of: Open::Chat(ChatId(1)), skipped: 3 });
    assert_snapshot!("content_info_24x8", screen(&model));
    let mut model = world((80, 24));
    model.popup = Some(Popup::Info { of: Open::Person(FARID), skipped: 0 });
    assert_snapshot!("content_info_person", screen(&model));
}

#[test]
fn addresses() {
    at_all_sizes("links", |size| {
        let mut model = with(size, formats());
        let long = format!("https://b.example/{}", "path/".repeat(20));
        let links = vec![
            Link { words: "my bank".into(), target: "https://evil.example/login".into() },
            Link { words: String::new(), target: long },
        ];
        model.popup = Some(Popup::Links { links, selected: 1 });
        model
    });
}

#[test]
fn a_file_that_is_here() {
    at_all_sizes("file", |size| {
        let mut model = on_their_way(size);
        model.popup = Some(Popup::File { chat: ChatId(1), random_id: 9, preview: None });
        model
    });
}

#[test]
fn a_preview_is_drawn_where_there_are_colours() {
    let mut model = on_their_way((80, 24));
    let row = |y: u8| (0..40u8).map(|x| [x * 6, y * 9, 120]).collect();
    let preview = Some(Preview { rows: (0..28).map(row).collect() });
    model.popup = Some(Popup::File { chat: ChatId(1), random_id: 9, preview });
    assert_snapshot!("content_preview", screen(&model));
    assert!(!screen_in(&model, &Theme::mono()).contains('▀'));
}

#[test]
fn the_list_hides_what_the_chat_hides() {
    let mut model = world((80, 24));
    let spoiler = text("the end: he dies", &[(9, 7, EntityKind::Spoiler)]);
    say(basil(&mut model), holding(90, Direction::In, 5, Body::Text(spoiler)));
    alter(&mut model, BASIL, |person| person.blocked = true);
    alter(&mut model, ADA, |person| person.blocked = true);
    assert_snapshot!("content_list_hides", screen(&model));
    assert!(!screen(&model).contains("dies"));
}
