//! Starting a chat, and answering who starts one.

use subrosa::engine::{ChatId, ChatState, Closing, Command};
use subrosa::tui::model::{Focus, Open, Row};

use crate::dsl::*;

#[test]
fn s_starts_and_the_new_chat_opens_when_it_appears() {
    let mut screen = Screen::new();
    screen.keys("js");
    assert_eq!(screen.commands(), [Command::Start(CLARA)]);
    assert_eq!((screen.model.open, screen.model.focus), (None, Focus::List));
    assert_eq!(screen.toast(), "asking Clara Moreau for a secret chat");
    screen.chat(9, CLARA, ChatState::Asking);
    assert_eq!(screen.toast(), "");
    assert_eq!(screen.model.open, Some(Open::Chat(ChatId(9))));
    assert_eq!(screen.selected(), Some(Row::Chat(ChatId(9))));
    assert_eq!(screen.model.focus, Focus::Composer, "a draft can be written at once");
}

#[test]
fn another_key_takes_the_wish_back() {
    let mut screen = Screen::new();
    screen.keys("jsj").chat(9, CLARA, ChatState::Asking);
    assert_eq!((screen.model.open, screen.model.focus), (None, Focus::List));
    assert_eq!(screen.selected(), Some(Row::Contact(DORA)));
}

#[test]
fn somebody_elses_chat_is_not_what_was_wished() {
    let mut screen = Screen::new();
    screen.keys("js").chat(8, DORA, REQUESTED).chat(7, CLARA, REQUESTED);
    assert_eq!(screen.model.open, None);
}

#[test]
fn a_second_chat_with_the_same_person_is_never_started() {
    let mut screen = Screen::new();
    screen.chat(1, CLARA, ChatState::Waiting).keys("<Home>s");
    assert_eq!(screen.model.open, Some(Open::Chat(ChatId(1))));
    assert!(!screen.commands().contains(&Command::Start(CLARA)));
}

#[test]
fn the_menu_starts_by_letter_and_by_enter() {
    for keys in ["<Enter>s", "<Enter><Enter>"] {
        let mut screen = Screen::new();
        screen.keys(keys);
        assert_eq!(screen.commands(), [Command::Start(BASIL)], "{keys}");
        assert!(screen.model.popup.is_none());
        screen.chat(9, BASIL, ChatState::Asking);
        assert_eq!(screen.model.open, Some(Open::Chat(ChatId(9))));
    }
}

#[test]
fn a_found_person_can_be_asked_without_being_added() {
    let mut screen = Screen::new();
    screen.keys("/@farid_h<Enter>");
    screen.tell(subrosa::engine::Event::Found { query: "@farid_h".into(), people: vec![FARID] });
    screen.take();
    screen.keys("<Tab>s");
    assert_eq!(screen.commands(), [Command::Start(FARID)]);
}

#[test]
fn a_request_is_answered_by_letters_and_enter_does_nothing() {
    for (key, command) in [("a", Command::Accept(ChatId(3))), ("l", Command::Leave(ChatId(3)))] {
        let mut screen = Screen::new();
        screen.chat(3, FARID, REQUESTED).keys("<Home><Enter>");
        assert!(screen.in_messages());
        screen.commands();
        screen.keys("<Enter><Enter>");
        assert_eq!(screen.commands(), []);
        screen.keys(key);
        assert_eq!(screen.commands(), [command]);
    }
}

#[test]
fn declining_asks_first() {
    let mut screen = Screen::new();
    screen.chat(3, FARID, REQUESTED).keys("<Home><Enter>d").commands();
    assert!(screen.question().contains("Decline the secret chat with Farid Haddad"), "{}", screen.question());
    screen.keys("<Enter><Space>");
    assert_eq!(screen.commands(), []);
    screen.keys("n");
    assert!(screen.model.popup.is_none());
    screen.keys("dy");
    assert_eq!(screen.commands(), [Command::Decline(ChatId(3))]);
}

#[test]
fn a_request_withdrawn_behind_the_question_is_not_declined() {
    let mut screen = Screen::new();
    screen.chat(3, FARID, REQUESTED).keys("<Home><Enter>d").commands();
    screen.chat(3, FARID, ChatState::Closed(Closing::TakenOrWithdrawn));
    assert!(screen.question().starts_with("Decline"), "the question stays under the user's hands");
    screen.keys("y");
    assert_eq!(screen.commands(), []);
    assert!(screen.toast().contains("nothing was done"));
}

#[test]
fn a_left_request_can_still_be_accepted() {
    let mut screen = Screen::new();
    screen.chat(3, FARID, ChatState::Requested { left: true }).keys("<Home><Enter>").commands();
    screen.keys("l");
    assert_eq!(screen.commands(), []);
    screen.keys("a");
    assert_eq!(screen.commands(), [Command::Accept(ChatId(3))]);
}

#[test]
fn a_failed_chat_is_tried_again_and_the_new_one_opens() {
    let mut screen = Screen::new();
    screen.closed(1, BASIL).keys("<Home><Enter>").commands();
    screen.keys("r");
    assert_eq!(screen.commands(), [Command::Start(BASIL)]);
    screen.chat(2, BASIL, ChatState::Asking);
    assert_eq!(screen.model.open, Some(Open::Chat(ChatId(2))));
}

#[test]
fn escape_leaves_an_ended_chat_and_keeps_it() {
    let mut screen = Screen::new();
    screen.closed(1, BASIL).keys("<Home><Enter>").commands();
    screen.keys("<Esc>");
    assert_eq!((screen.model.open, screen.model.focus), (None, Focus::List));
    assert_eq!(screen.commands(), []);
}

#[test]
fn ready_comes_under_the_readers_hands_without_moving_them() {
    let mut screen = Screen::new();
    screen.chat(1, BASIL, ChatState::Waiting).keys("<Home><Enter><Esc>");
    screen.chat(1, BASIL, READY);
    assert!(screen.in_messages());
    screen.keys("<Enter>");
    assert_eq!(screen.model.focus, Focus::Composer);
}
