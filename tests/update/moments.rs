//! Time: who is told that one types, what is missing and what became of it.

use subrosa::engine::{ChatEvent, ChatId, Trouble};
use subrosa::tui::msg::Msg;

use crate::dsl::*;

#[test]
fn typing_is_told_while_one_types_and_its_end_once() {
    let mut screen = Screen::writing();
    screen.keys("h");
    assert_eq!(screen.told_typing(), [true]);
    screen.keys("<Backspace>");
    assert_eq!(screen.told_typing(), [false], "nothing is left");
    screen.keys("ab").told_typing();
    screen.keys("<Esc>");
    assert_eq!(screen.told_typing(), [false], "one has left");
    screen.pass(60_000);
    assert_eq!(screen.told_typing(), [] as [bool; 0], "said once");
}

#[test]
fn a_message_ends_typing_by_itself() {
    let mut screen = Screen::writing();
    screen.keys("hi<Enter>");
    assert_eq!(screen.told_typing(), [true, true]);
    screen.keys("<Esc>");
    assert_eq!(screen.told_typing(), [] as [bool; 0]);
}

#[test]
fn another_chat_is_another_matter() {
    let mut screen = Screen::writing();
    screen.chat(2, CLARA, READY).keys("h").told_typing();
    screen.keys("<ctrl-n>");
    assert_eq!(screen.told_typing(), [false]);
}

#[test]
fn before_the_key_nobody_is_told() {
    let mut screen = Screen::new();
    screen.chat(1, BASIL, subrosa::engine::ChatState::Waiting).keys("<Home><Enter>draft");
    assert_eq!(screen.told_typing(), [] as [bool; 0]);
}

#[test]
fn a_hole_that_closes_is_told_until_something_is_said() {
    let mut screen = Screen::reading(0);
    screen.news(ChatEvent::Missing { chat: ChatId(1), count: 2 });
    assert_eq!((screen.of(1).missing, screen.of(1).filled), (2, 0));
    screen.incoming(1, 1, "one").incoming(1, 2, "two");
    screen.news(ChatEvent::Missing { chat: ChatId(1), count: 0 });
    assert_eq!((screen.of(1).missing, screen.of(1).filled), (0, 2));
    screen.incoming(1, 3, "three");
    assert_eq!(screen.of(1).filled, 0);
}

#[test]
fn a_clock_starts_and_is_corrected_and_what_it_ends_is_gone() {
    let mut screen = Screen::reading(3);
    screen.news(ChatEvent::Destruct { chat: ChatId(1), random_id: 2, at_ms: 5_000 });
    assert_eq!(screen.of(1).history.messages[1].destruct_ms, Some(5_000));
    screen.news(ChatEvent::Destruct { chat: ChatId(1), random_id: 2, at_ms: 9_000 });
    assert_eq!(screen.of(1).history.messages[1].destruct_ms, Some(9_000));
    screen.news(ChatEvent::Deleted { chat: ChatId(1), random_ids: vec![2] });
    assert_eq!(screen.of(1).history.messages.len(), 2);
}

#[test]
fn a_pause_of_the_server_is_that_of_its_chat() {
    let mut screen = Screen::writing();
    let trouble = Trouble::Flood { seconds: 42, until_ms: 99_000 };
    screen.news(ChatEvent::Trouble { chat: Some(ChatId(1)), trouble });
    assert_eq!((screen.of(1).flood_until_ms, screen.toast()), (Some(99_000), ""));
}

#[test]
fn what_is_missing_when_a_chat_ends_is_not_awaited_any_more() {
    let mut screen = Screen::reading(0);
    let flood = Trouble::Flood { seconds: 9, until_ms: i64::MAX };
    screen.news(ChatEvent::Trouble { chat: Some(ChatId(1)), trouble: flood });
    screen.news(ChatEvent::Missing { chat: ChatId(1), count: 2 });
    screen.news(ChatEvent::Trouble {
        chat: Some(ChatId(1)),
        trouble: Trouble::NeverCame { missing: 2, waiting: 3 },
    });
    assert!(screen.toast().contains("messages were missing (2)"), "{}", screen.toast());
    screen.closed(1, BASIL);
    let chat = screen.of(1);
    assert_eq!((chat.missing, chat.filled, chat.flood_until_ms), (0, 0, None));
    screen.news(ChatEvent::Missing { chat: ChatId(1), count: 2 });
    assert_eq!(screen.of(1).missing, 0);
}

#[test]
fn others_see_us_online_while_somebody_is_here() {
    let mut screen = Screen::new();
    assert_eq!(screen.told_active(), [true], "the start");
    screen.keys("jk");
    assert_eq!(screen.told_active(), [] as [bool; 0], "known already");
    screen.pass(10 * 60_000);
    assert_eq!(screen.told_active(), [] as [bool; 0], "nobody is known to be there");
    screen.keys("jk");
    assert_eq!(screen.told_active(), [true], "once in a while");
    screen.msg(Msg::Focus(false)).msg(Msg::Focus(false));
    assert_eq!(screen.told_active(), [false]);
    screen.incoming(1, 1, "news");
    assert_eq!(screen.told_active(), [] as [bool; 0]);
    screen.msg(Msg::Focus(true)).msg(Msg::Focus(true));
    assert_eq!(screen.told_active(), [true]);
    screen.msg(Msg::Resumed);
    assert_eq!(screen.told_active(), [true], "it may have been taken as gone while it slept");
}
