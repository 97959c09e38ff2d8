//! What messages hold and answer: marks in the composer, replies, spoilers, addresses, silence, and what the other app cannot show.

use subrosa::engine::{
    Body, ChatEvent, ChatId, Command, Direction, Draft, Entity, EntityKind, KeyState, Location, Message, Text,
};
use subrosa::tui::model::{Focus, Open, Popup};
use subrosa::tui::msg::Effect;

use crate::dsl::*;

pub fn arrives(screen: &mut Screen, random_id: i64, body: Body) -> Message {
    let message = Message::new(ChatId(1), random_id, Direction::In, NOW_S, body);
    screen.news(ChatEvent::Message(message.clone())).take();
    message
}

fn entity(offset: u32, length: u32, kind: EntityKind) -> Entity {
    Entity { offset, length, kind }
}

fn said(screen: &mut Screen) -> Draft {
    match screen.commands().as_slice() {
        [Command::Say { draft, .. }] => (**draft).clone(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn marks_are_read_on_sending() {
    let mut screen = Screen::writing();
    screen.keys("a **b** __c__<Enter>");
    let entities = vec![entity(2, 1, EntityKind::Bold), entity(4, 1, EntityKind::Italic)];
    let expected = Draft::new(Body::Text(Text { plain: "a b c".into(), entities }));
    assert!(said(&mut screen) == expected);
    assert_eq!(screen.composer(1), "");
}

#[test]
fn what_the_other_app_cannot_show_is_asked_about_and_the_draft_stays() {
    let mut screen = Screen::new();
    let mut old = view(1, BASIL, READY);
    old.peer_layer = 73;
    screen.news(ChatEvent::Chat(old)).keys("<Home><Enter>").tell(piece(1, 1, 0)).take();
    screen.keys("~~no~~ ||yes||<Enter>");
    assert_eq!(screen.commands(), []);
    assert_eq!(
        screen.question(),
        "Basil Ivanov's app cannot show struck text, spoilers. Send the words without it?"
    );
    screen.keys("<Enter>");
    assert_eq!(screen.commands(), [], "Enter answers nothing");
    screen.keys("<Esc>");
    assert_eq!((screen.composer(1).as_str(), screen.model.focus), ("~~no~~ ||yes||", Focus::Composer));
    screen.keys("<Enter>y");
    let draft = said(&mut screen);
    assert!(draft.degrade && draft.body.words().unwrap().plain == "no yes");
    assert_eq!(screen.composer(1), "");
}

#[test]
fn a_reply_is_shown_sent_and_over() {
    let mut screen = Screen::reading(3);
    screen.keys("kr");
    assert_eq!((screen.of(1).reply, screen.model.focus), (Some(2), Focus::Composer));
    screen.keys("yes<Enter>");
    assert_eq!(said(&mut screen).reply_to, Some(2));
    assert_eq!(screen.of(1).reply, None);
}

#[test]
fn escape_drops_the_reply_first_and_keeps_the_words() {
    let mut screen = Screen::reading(3);
    screen.keys("ryes<Esc>");
    assert_eq!((screen.of(1).reply, screen.model.focus), (None, Focus::Composer));
    screen.keys("<Enter>");
    assert_eq!(said(&mut screen).reply_to, None);
    screen.keys("<Esc>");
    assert!(screen.in_messages());
}

#[test]
fn a_message_that_goes_is_not_answered_any_more() {
    let mut screen = Screen::reading(3);
    screen.keys("r");
    screen.news(ChatEvent::Deleted { chat: ChatId(1), random_ids: vec![3] });
    assert_eq!(screen.of(1).reply, None);
    assert_eq!(screen.model.focus, Focus::Composer);
}

#[test]
fn a_message_is_sent_without_a_notification() {
    let mut screen = Screen::writing();
    screen.keys("psst<alt-s>");
    assert!(said(&mut screen).silent);
}

#[test]
fn to_the_answered_message_and_only_if_it_is_there() {
    let mut screen = Screen::reading(5);
    let mut answer = message(1, 9, Direction::In, "yes");
    answer.reply_to = Some(2);
    screen.news(ChatEvent::Message(answer));
    screen.keys("<Enter>");
    assert_eq!(screen.reader(), Some(1));
    screen.keys("Gu");
    assert_eq!(screen.reader(), Some(1));
    screen.news(ChatEvent::Deleted { chat: ChatId(1), random_ids: vec![2] });
    screen.keys("Gu");
    assert_eq!(screen.reader(), None);
    assert_eq!(screen.toast(), "the message that it answers is gone");
}

#[test]
fn a_spoiler_is_opened_by_the_reader_alone() {
    let mut screen = Screen::reading(0);
    let spoiler = Text { plain: "he dies".into(), entities: vec![entity(3, 4, EntityKind::Spoiler)] };
    arrives(&mut screen, 1, Body::Text(spoiler));
    assert!(screen.of(1).revealed.is_empty());
    screen.keys("<Enter>");
    assert!(screen.of(1).revealed.contains(&1) && screen.in_messages());
    assert_eq!(screen.take(), []);
    screen.keys("<Enter>");
    assert_eq!(screen.model.focus, Focus::Composer, "there is nothing more to open");
}

#[test]
fn addresses_are_shown_before_anybody_goes_there() {
    let mut screen = Screen::reading(0);
    let entities = vec![entity(0, 7, EntityKind::TextUrl("https://evil.example/x".into()))];
    arrives(&mut screen, 1, Body::Text(Text { plain: "my bank".into(), entities }));
    screen.keys("<Enter>");
    assert!(matches!(&screen.model.popup, Some(Popup::Links { links, .. }) if links[0].words == "my bank"));
    screen.keys("y");
    assert_eq!(screen.take(), [Effect::Copy("https://evil.example/x".into())]);
    screen.keys("o");
    assert!(screen.question().starts_with("Open https://evil.example/x outside?"), "{}", screen.question());
    screen.keys("<Enter>");
    assert_eq!(screen.take(), []);
    screen.keys("y");
    assert_eq!(screen.take(), [Effect::Launch("https://evil.example/x".into())]);
}

#[test]
fn only_plain_web_addresses_go_outside() {
    for target in ["file:///etc/passwd", "javascript:x", "https://a.example/\u{202E}x", "-x", "tg://resolve"]
    {
        let mut screen = Screen::reading(0);
        arrives(&mut screen, 1, Body::WebPage { text: "x".into(), url: target.into() });
        screen.keys("l");
        assert!(matches!(screen.model.popup, Some(Popup::Links { .. })), "{:?}", screen.model.popup);
        screen.keys("o");
        assert!(screen.toast().starts_with("only plain http"), "{target}: {}", screen.toast());
        assert_eq!(screen.take(), []);
    }
}

#[test]
fn what_can_be_copied_of_each_kind() {
    let at = Location::new(52.5, 13.25);
    let venue = Body::Venue {
        location: at,
        title: "Bridge".into(),
        address: "\u{1B}[2J".into(),
        provider: String::new(),
        venue_id: String::new(),
    };
    let contact =
        Body::Contact { phone: "49\u{7}30".into(), first_name: "A".into(), last_name: String::new() };
    let cases = [(Body::Location(at), "52.50000,13.25000"), (venue, "52.50000,13.25000"), (contact, "49␇30")];
    for (body, copied) in cases {
        let mut screen = Screen::reading(0);
        arrives(&mut screen, 1, body);
        screen.keys("y");
        assert_eq!(screen.take(), [Effect::Copy(copied.into())]);
    }
    let mut screen = Screen::reading(0);
    arrives(&mut screen, 1, Body::Screenshot);
    screen.keys("y");
    assert_eq!((screen.take(), screen.toast()), (vec![], "there is no text to copy"));
}

#[test]
fn forwarding_is_refused_in_words() {
    let mut screen = Screen::reading(3);
    screen.keys("f");
    assert_eq!(screen.take(), []);
    assert!(screen.toast().starts_with("nothing is forwarded"), "{}", screen.toast());
}

#[test]
fn the_key_is_changed_from_the_details_and_the_menu() {
    let mut with_key = view(1, BASIL, READY);
    let key = KeyState { changes: 0, since: NOW_S, uses: 7, changing: false };
    with_key.key_state = Some(key);
    let mut screen = Screen::reading(0);
    screen.news(ChatEvent::Chat(with_key.clone())).keys("i");
    assert!(matches!(screen.model.popup, Some(Popup::Info { of: Open::Chat(ChatId(1)), .. })));
    screen.keys("n");
    assert_eq!(screen.commands(), [Command::ChangeKey(ChatId(1))]);
    screen.keys("<Esc><alt-m>n");
    assert_eq!(screen.commands(), [Command::ChangeKey(ChatId(1))]);
    with_key.key_state = Some(KeyState { changing: true, ..key });
    screen.news(ChatEvent::Chat(with_key)).keys("in");
    assert_eq!((screen.commands(), screen.toast()), (vec![], "the key is being changed already"));
}

#[test]
fn details_of_a_person_from_the_list() {
    let mut screen = Screen::new();
    screen.keys("i");
    assert!(matches!(screen.model.popup, Some(Popup::Info { of: Open::Person(BASIL), .. })));
    screen.keys("n<Esc>");
    assert_eq!(screen.commands(), []);
    assert!(screen.model.popup.is_none());
}
