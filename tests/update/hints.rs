//! The hint bar: only what works where the focus is, in order of use.

use subrosa::engine::{ChatState, Closing};
use subrosa::tui::keys::{Keymap, contexts, hints};

use crate::dsl::*;

fn shown(screen: &Screen) -> String {
    let hints: Vec<String> =
        hints(&screen.model).iter().map(|hint| format!("{} {}", hint.keys, hint.words)).collect();
    hints.join(" · ")
}

#[test]
fn the_key_says_what_its_letter_does_now() {
    let mut screen = Screen::new();
    screen.chat(1, BASIL, ChatState::Ready { verified: true }).keys("<Home><Enter><ctrl-k>");
    assert!(shown(&screen).starts_with("v take it back"), "{}", shown(&screen));
    screen.chat(1, BASIL, ChatState::Ready { verified: false });
    assert!(shown(&screen).starts_with("v they match"), "{}", shown(&screen));
}

#[test]
fn in_the_list() {
    let mut screen = Screen::new();
    assert_eq!(
        shown(&screen),
        "Enter open · s secret chat · / search · m menu · a account · q quit · F1 help"
    );
    screen.keys("/nobody at all");
    assert_eq!(shown(&screen), "Enter open · Tab to the list · Esc leave · F1 help");
    screen.keys("<Tab>");
    assert!(shown(&screen).contains("Esc show all"), "{}", shown(&screen));
}

#[test]
fn while_writing() {
    let screen = Screen::writing();
    assert_eq!(
        shown(&screen),
        "Enter send · Alt+Enter new line · Ctrl+O file · Esc messages · Alt+M menu · Ctrl+K key · Ctrl+T timer · F1 help"
    );
}

#[test]
fn before_the_key_nothing_is_said_to_send() {
    let mut screen = Screen::new();
    screen.chat(1, BASIL, ChatState::Waiting).keys("<Home><Enter>i");
    assert_eq!(shown(&screen), "Alt+Enter new line · Esc messages · Alt+M menu · F1 help");
}

#[test]
fn on_requests_and_ended_chats() {
    let mut screen = Screen::new();
    screen.chat(1, FARID, REQUESTED).keys("<Home><Enter>");
    assert_eq!(
        shown(&screen),
        "a accept here · d decline · l leave for another device · Esc list · i details · Alt+M menu · F1 help"
    );
    screen.chat(1, FARID, ChatState::Closed(Closing::ByUs));
    assert_eq!(shown(&screen), "r try again · x dismiss · Esc list · i details · Alt+M menu · F1 help");
}

#[test]
fn in_the_messages() {
    let mut screen = Screen::reading(0);
    assert_eq!(
        shown(&screen),
        "Enter write · Esc list · i details · Alt+M menu · Ctrl+K key · Ctrl+T timer · F1 help"
    );
    screen.incoming(1, 1, "hello");
    assert!(
        shown(&screen).starts_with("Enter write · r reply · y copy · d delete · Esc list"),
        "{}",
        shown(&screen)
    );
}

#[test]
fn in_popups() {
    let mut screen = Screen::reading(1);
    screen.keys("<alt-m>");
    assert_eq!(shown(&screen), "Enter choose · Esc leave");
    screen.keys("c");
    assert_eq!(shown(&screen), "y yes · n no");
    screen.keys("n<ctrl-k>");
    assert_eq!(shown(&screen), "v they match · Esc back · i details");
}

#[test]
fn with_the_hands_off_only_the_way_on_is_shown() {
    let mut screen = Screen::writing();
    screen.keys("half").closed(1, BASIL);
    assert_eq!(shown(&screen), "Esc go on");
}

#[test]
fn every_hint_is_a_key_that_does_something() {
    let mut screen = Screen::reading(3);
    for hint in hints(&screen.model) {
        let name = hint.keys.replace('+', "-");
        let key = crokey::parse(&name).unwrap().into();
        assert!(Keymap::built_in().verb(&contexts(&screen.model), key).is_some(), "{hint:?}");
    }
    screen.keys("i");
    assert!(!hints(&screen.model).is_empty());
}
