//! Every size, and every kind of text that a stranger can send: nothing panics, no control character reaches a cell.

use std::path::PathBuf;

use proptest::prelude::*;
use subrosa::engine::{
    Attachment, Body, ChatId, ChatState, Closing, Connection, Direction, Entity, EntityKind, KeyState, Kind,
    LocalFault, Location, Message, Text, Transfer,
};
use subrosa::secret::message::FileSecret;
use subrosa::tui::model::{
    Act, Attach, Chat, Confirm, Focus, Found, Link, Menu, MenuItem, Model, Open, Popup, Preview, Progress,
    Row, Scroll, Toast,
};
use subrosa::tui::theme::Theme;

use super::stage::*;

/// Texts that have broken terminals and layouts.
fn texts() -> Vec<String> {
    vec![
        String::new(),
        " ".into(),
        "漢字かな交じり文".repeat(30),
        "👨\u{200D}👩\u{200D}👧\u{200D}👦 👍🏽 🇩🇪🇫 ❤\u{FE0F} 1\u{FE0F}\u{20E3}".repeat(9),
        "Z\u{30D}\u{336}\u{30D}\u{336}\u{30D}\u{336}\u{30D}\u{336}algo".repeat(8),
        "x".repeat(4096),
        format!("{}漢", "x".repeat(77)),
        "\u{1B}[2J\u{1B}]52;c;cm0=\u{7}\r\n\tb\u{9B}31m\u{202E}evil\u{200B}\u{FEFF}".into(),
        "\n\n\n\n\n\n".into(),
        "شالوم שלום नमस्ते ខ្មែរ ".repeat(10),
    ]
}

/// Every state of the screen with `text` wherever a stranger's text can stand.
fn worlds(text: &str, size: (u16, u16)) -> Vec<Model> {
    let mut base = world(size);
    let renamed = base.people.values().cloned().map(|mut person| {
        person.first_name = text.into();
        person.last_name = text.into();
        person.username = Some(text.into());
        person.phone = Some(text.into());
        person
    });
    base.people = renamed.collect();
    base.devices = Some(vec![device(text, true), device(text, false)]);
    base.proxy = Some(text.into());
    base.profile = text.into();
    base.list.query = String::new();
    for chat in base.chats.values_mut() {
        for direction in [Direction::In, Direction::Out] {
            say(chat, message(900, direction, NOW - 5, text));
        }
        chat.failures.insert(900, text.into());
        chat.composer.insert_str(text);
        chat.missing = i32::MAX;
        chat.unseen = u32::MAX / 8;
        chat.view.ttl = i32::MAX;
    }
    contents(base.chats.get_mut(&ChatId(1)).unwrap(), text);
    let mut all = vec![base.clone()];
    for id in 1..=4 {
        let mut model = base.clone();
        open(&mut model, ChatId(id));
        all.push(model.clone());
        let history = model.chats[&ChatId(id)].history.messages.len();
        model.focus = Focus::Messages(Scroll { selected: Some(history / 2), skipped: 9 });
        all.push(model);
    }
    for popup in [Popup::Devices { selected: 1 }, Popup::Connection, Popup::SignOut] {
        let connection = Connection::Waiting { until_unix_ms: i64::MAX, reason: text.into() };
        all.push(Model { popup: Some(popup), connection, ..base.clone() });
    }
    let fault = LocalFault::Rpc { code: i32::MIN, name: text.into() };
    let failed = ChatState::Closed(Closing::Failed(fault));
    let mut model = base.clone();
    model.chats.insert(ChatId(1), chat(1, BASIL, failed, i32::MAX));
    open(&mut model, ChatId(1));
    model.toast = Some(Toast { words: text.into(), trouble: true });
    all.push(model);
    let mut model = base.clone();
    model.list.searching = true;
    model.list.query = text.into();
    model.list.found = Some(Found { query: text.into(), people: None });
    model.list.selected = Some(Row::AskServer);
    model.connection = Connection::Waiting { until_unix_ms: i64::MAX, reason: text.into() };
    all.push(model);
    let mut model = base.clone();
    model.connection = Connection::Refused(text.into());
    model.open = Some(Open::Person(ADA));
    model.focus = Focus::Messages(Scroll::default());
    all.push(model);
    let items = vec![MenuItem::ShowKey, MenuItem::Block, MenuItem::CloseDeleting];
    let popups = [
        Popup::Key(ChatId(1)),
        Popup::Key(ChatId(77)),
        Popup::Help(9),
        Popup::Timer { chat: ChatId(1), selected: 10 },
        Popup::Menu(Menu { of: Open::Chat(ChatId(1)), items, selected: 99 }),
        Popup::Confirm(Confirm { question: text.into(), act: Act::Block(BASIL) }),
        Popup::Info { of: Open::Chat(ChatId(1)), skipped: 7 },
        Popup::Links { links: vec![Link { words: text.into(), target: text.into() }; 3], selected: 2 },
        Popup::File {
            chat: ChatId(1),
            random_id: 1_009,
            preview: Some(Preview { rows: vec![vec![[1, 2, 3]; 100]; 1] }),
        },
        Popup::Attach(Attach {
            chat: ChatId(1),
            path: text.into(),
            as_document: true,
            silent: true,
            candidates: vec![text.into(); 9],
            chosen: Some(8),
        }),
    ];
    for popup in popups {
        let mut model = base.clone();
        open(&mut model, ChatId(1));
        model.popup = Some(popup);
        all.push(model);
    }
    all
}

/// One message of each kind with `text` in every place, and files in every state.
fn contents(chat: &mut Chat, text: &str) {
    let formatted = |text: &str| {
        use EntityKind::*;
        let kinds = [Bold, Spoiler, Pre(text.into()), TextUrl(text.into()), Blockquote, Url, CustomEmoji(1)];
        let entities = kinds.into_iter().zip(0..).map(|(kind, place)| Entity {
            offset: place * 3,
            length: if place % 2 == 0 { 7 } else { u32::MAX },
            kind,
        });
        Text { plain: text.into(), entities: entities.collect() }
    };
    let s = || text.to_owned();
    let file = |kind| {
        Body::File(Box::new(Attachment {
            kind,
            name: s(),
            mime: s(),
            size: u64::MAX,
            caption: formatted(text),
            thumb: None,
            secret: FileSecret::new([0; 32], [0; 32]),
            place: None,
        }))
    };
    let far = i32::MIN;
    let bodies = [
        Body::Text(formatted(text)),
        Body::WebPage { text: formatted(text), url: s() },
        Body::Contact { phone: s(), first_name: s(), last_name: s() },
        Body::Location(Location::new(f64::NAN, 1e300)),
        Body::Venue {
            location: Location::new(-90.0, 180.0),
            title: s(),
            address: s(),
            provider: s(),
            venue_id: s(),
        },
        Body::Sticker { emoji: s(), set: s(), mime: s(), id: 0, access_hash: 0, dc_id: 0 },
        Body::Screenshot,
        Body::Unsupported(vec![].into()),
        file(Kind::Photo { width: far, height: i32::MAX }),
        file(Kind::Video { width: 1, height: far, duration: i32::MAX, round: true }),
        file(Kind::Voice { duration: far, waveform: vec![0xA5; 4_000] }),
        file(Kind::Audio { duration: 0, title: s(), performer: s() }),
        file(Kind::Sticker { emoji: s() }),
        file(Kind::Document),
    ];
    let states = [
        Transfer::Running { done: u64::MAX, size: 0 },
        Transfer::Paused { done: 5, size: u64::MAX },
        Transfer::Failed(s()),
        Transfer::Done { path: Some(PathBuf::from(text)) },
        Transfer::Done { path: None },
        Transfer::Cancelled,
    ];
    for (place, body) in (0..).zip(bodies) {
        let direction = if place % 3 == 0 { Direction::Out } else { Direction::In };
        let mut message = Message::new(chat.view.id, 1_000 + place, direction, i32::MAX, body);
        message.via_bot = Some(s());
        message.silent = true;
        message.album = Some(1);
        message.reply_to = Some(1_000 + place / 2);
        message.ttl = if place % 2 == 0 { 30 } else { i32::MAX };
        message.destruct_ms = (place % 4 == 0).then_some(i64::MAX);
        if let Some(state) = states.get(usize::try_from(place).unwrap() % states.len()) {
            chat.transfers.insert(message.random_id, Progress::new(state.clone(), None, i64::MIN));
        }
        say(chat, message);
    }
    chat.reply = Some(1_001);
    chat.flood_until_ms = Some(i64::MAX);
    chat.filled = i32::MAX;
    chat.view.peer_layer = i32::MIN;
    chat.view.key_state =
        Some(KeyState { changes: u32::MAX, since: i32::MIN, uses: u32::MAX, changing: true });
}

fn check(model: &Model, theme: &Theme) {
    let (buffer, cursor) = drawn(model, theme);
    for cell in &buffer.content {
        assert!(!cell.symbol().contains(char::is_control), "{:?} at {:?}", cell.symbol(), model.size);
    }
    // A wide character stands before an empty half, never before something else or beyond the edge.
    for row in rows_of(&buffer) {
        let end =
            row.last().map(|(x, cell)| usize::from(*x) + subrosa::tui::text::width(cell.symbol()).max(1));
        assert_eq!(end, Some(usize::from(model.size.0)));
    }
    if let Some(cursor) = cursor {
        assert!(cursor.x < model.size.0 && cursor.y < model.size.1);
    }
}

#[test]
fn every_size_with_every_text() {
    for text in texts() {
        for size in
            [(1, 1), (20, 5), (21, 6), (24, 8), (29, 11), (40, 12), (79, 24), (80, 24), (81, 7), (120, 36)]
        {
            for model in worlds(&text, size) {
                check(&model, &Theme::dark());
            }
        }
    }
}

#[test]
fn every_size() {
    let text = "漢字 and a word";
    for width in (1..=130).step_by(3) {
        for height in (1..=40).step_by(3) {
            // A few of the models at each size; all of them at every few sizes.
            let all = worlds(text, (width, height));
            let turn = usize::from(width / 3 + height / 3);
            for model in all.iter().skip(turn % 5).step_by(5) {
                check(model, &Theme::mono().in_ascii());
            }
        }
    }
}

#[test]
fn ten_thousand_messages_are_not_wrapped() {
    let mut model = conversation((120, 36));
    let chat = model.chats.get_mut(&ChatId(1)).unwrap();
    for n in 0..10_000 {
        say(chat, message(1_000 + n, Direction::In, NOW, &"word ".repeat(200)));
    }
    // Were they wrapped, twenty frames would take minutes.
    let started = std::time::Instant::now();
    for _ in 0..20 {
        drawn(&model, &Theme::dark());
    }
    assert!(started.elapsed().as_secs() < 10, "{:?}", started.elapsed());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn any_text_at_any_size(text in "\\PC{0,80}|.{0,80}|[\u{0}-\u{9F}漢字👍\u{200D}\u{FE0F}\u{301}x ]{0,200}", width in 1u16..130, height in 1u16..40) {
        for model in worlds(&text, (width, height)) {
            check(&model, &Theme::dark());
        }
    }
}

/// The terminal keeps each spacing mark in a cell of its own, as tmux does.
#[test]
fn nothing_of_a_name_with_spacing_marks_is_left_behind() {
    let mut before = world((80, 24));
    alter(&mut before, ADA, |person| {
        person.first_name = "नेहा".into();
        person.last_name = "शर्मा".into();
    });
    let mut after = before.clone();
    after.people = after.people.values().filter(|person| person.id != ADA).cloned().collect();
    let (before, _) = drawn(&before, &Theme::dark());
    let (after, _) = drawn(&after, &Theme::dark());
    let mut cells = std::collections::BTreeMap::new();
    let empty = ratatui::buffer::Buffer::empty(before.area);
    for (from, to) in [(&empty, &before), (&before, &after)] {
        for (x, y, cell) in from.diff(to) {
            let mut column = x;
            for c in cell.symbol().chars() {
                let wide = u16::try_from(subrosa::tui::text::width(&c.to_string())).unwrap();
                if wide > 0 {
                    cells.insert((column, y), c);
                }
                column += wide;
            }
        }
    }
    let marks: Vec<_> = cells.iter().filter(|(_, c)| ('\u{900}'..='\u{97F}').contains(*c)).collect();
    assert!(marks.is_empty(), "{marks:?}");
}
