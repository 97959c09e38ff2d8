//! Popups: menus, questions, the key, the timer, the help. Enter never destroys.

use subrosa::engine::{ChatId, ChatState, Command, Event, Person};
use subrosa::tui::keys::help;
use subrosa::tui::model::{Focus, Menu, MenuItem, Popup};

use crate::dsl::*;

fn items(screen: &Screen) -> Vec<MenuItem> {
    match &screen.model.popup {
        Some(Popup::Menu(Menu { items, .. })) => items.clone(),
        other => panic!("no menu: {other:?}"),
    }
}

#[test]
fn the_menu_fits_the_state() {
    use MenuItem::*;
    let cases = [
        (ChatState::Asking, vec![CancelRequest, AddContact, Info, Block]),
        (ChatState::Waiting, vec![CancelRequest, AddContact, Info, Block]),
        (REQUESTED, vec![Accept, Decline, Leave, AddContact, Info, Block, Report]),
        (ChatState::Requested { left: true }, vec![Accept, Decline, AddContact, Info, Block, Report]),
        (ChatState::Accepting, vec![CloseKeeping, AddContact, Info, Block]),
        (READY, vec![ShowKey, SetTimer, CloseKeeping, CloseDeleting, AddContact, Info, Block]),
        (ChatState::Closed(subrosa::engine::Closing::ByUs), vec![TryAgain, Dismiss, AddContact, Info, Block]),
    ];
    for (state, expected) in cases {
        let mut screen = Screen::new();
        screen.chat(1, FARID, state.clone()).keys("<Home>m");
        assert_eq!(items(&screen), expected, "{state:?} in the list");
        screen.keys("<Esc><Enter><alt-m>");
        assert_eq!(items(&screen), expected, "{state:?} in the chat");
    }
}

#[test]
fn closing_asks_and_names_what_goes() {
    let mut screen = Screen::reading(12);
    screen.keys("<alt-m>h");
    assert_eq!(
        screen.question(),
        "Close the chat with Basil Ivanov and delete its 12 messages on both sides?"
    );
    screen.keys("<Enter><Enter>");
    assert_eq!(screen.commands(), []);
    screen.keys("y");
    assert_eq!(screen.commands(), [Command::Close { chat: ChatId(1), delete_history: true }]);
    assert!(screen.model.popup.is_none());
}

#[test]
fn enter_on_a_destructive_item_only_asks() {
    let mut screen = Screen::reading(1);
    screen.keys("<alt-m><Down><Down><Enter><Enter>");
    assert!(screen.question().starts_with("Close the chat with Basil Ivanov?"));
    assert_eq!(screen.commands(), []);
    screen.keys("<Esc>");
    assert!(screen.model.popup.is_none());
    assert_eq!(screen.commands(), []);
}

#[test]
fn enter_on_accept_accepts_nothing() {
    let mut screen = Screen::new();
    screen.chat(3, FARID, REQUESTED).keys("<Home>m<Enter>");
    assert_eq!(screen.commands(), []);
    assert!(screen.toast().starts_with("a accepts"));
    screen.keys("a");
    assert_eq!(screen.commands(), [Command::Accept(ChatId(3))]);
}

#[test]
fn letters_of_items_that_are_not_offered_do_nothing() {
    let mut screen = Screen::reading(1);
    screen.keys("<alt-m>");
    let before = screen.model.popup.clone();
    screen.keys("sadlwrx");
    assert_eq!(screen.model.popup, before);
    assert_eq!(screen.commands(), []);
}

#[test]
fn withdrawing_a_request_asks() {
    let mut screen = Screen::new();
    screen.chat(1, BASIL, ChatState::Waiting).keys("<Home><Enter>").commands();
    screen.keys("<alt-m><Enter>");
    assert!(screen.question().contains("Withdraw your request to Basil Ivanov"));
    screen.keys("y");
    assert_eq!(screen.commands(), [Command::Close { chat: ChatId(1), delete_history: false }]);
}

#[test]
fn blocking_asks_and_is_said_when_it_is_done() {
    let mut screen = Screen::new();
    screen.keys("<Enter>b");
    assert!(screen.question().starts_with("Block Basil Ivanov?"));
    screen.keys("y");
    assert_eq!(screen.commands(), [Command::Block(BASIL)]);
    assert_eq!(screen.toast(), "");
    screen.tell(Event::Blocked(BASIL));
    assert_eq!(screen.toast(), "Basil Ivanov is blocked");
}

#[test]
fn hostile_names_are_safe_in_questions() {
    let mut screen = Screen::new();
    screen.tell(Event::People(vec![person(BASIL, "Ba\u{1b}[2J\u{202e}sil\nIvanov", "", "b", true)]));
    screen.keys("<Enter>b");
    assert!(!screen.question().contains(['\u{1b}', '\u{202e}', '\n']), "{:?}", screen.question());
}

#[test]
fn the_key_is_marked_and_unmarked() {
    let mut screen = Screen::writing();
    screen.keys("<ctrl-k>");
    assert_eq!(screen.model.popup, Some(Popup::Key(ChatId(1))));
    screen.keys("<Enter>v");
    assert_eq!(screen.commands(), [Command::Verify { chat: ChatId(1), verified: true }]);
    assert!(screen.model.popup.is_some(), "the result is seen where the key is");
    screen.chat(1, BASIL, ChatState::Ready { verified: true }).keys("v");
    assert_eq!(screen.commands(), [Command::Verify { chat: ChatId(1), verified: false }]);
    screen.keys("<Esc>");
    assert!(screen.model.popup.is_none());
    assert_eq!(screen.model.focus, Focus::Composer);
}

#[test]
fn without_a_key_there_is_a_sentence() {
    let mut screen = Screen::new();
    screen.chat(1, BASIL, ChatState::Waiting).keys("<Home><Enter><ctrl-k>");
    assert_eq!(screen.toast(), "there is no key yet");
    screen.keys("<ctrl-t>");
    assert_eq!(screen.toast(), "a timer can be set once the chat is ready");
    assert!(screen.model.popup.is_none());
    screen.keys("j");
    assert_eq!(screen.toast(), "", "a sentence is gone with the next key");
}

#[test]
fn the_timer_is_set_by_enter() {
    let mut screen = Screen::writing();
    screen.keys("<ctrl-t>jj<Up><Enter>");
    assert_eq!(screen.commands(), [Command::SetTimer { chat: ChatId(1), seconds: 1 }]);
    assert!(screen.model.popup.is_none());
    screen.keys("<ctrl-t><End><Enter>");
    assert_eq!(screen.commands(), [Command::SetTimer { chat: ChatId(1), seconds: 604_800 }]);
}

#[test]
fn the_timer_that_is_set_is_selected_and_not_set_again() {
    let mut screen = Screen::writing();
    let mut changed = view(1, BASIL, READY);
    changed.ttl = 3_600;
    screen.news(subrosa::engine::ChatEvent::Chat(changed)).keys("<ctrl-t>");
    assert_eq!(screen.model.popup, Some(Popup::Timer { chat: ChatId(1), selected: 8 }));
    screen.keys("<Enter>");
    assert_eq!(screen.commands(), []);
}

#[test]
fn the_help_scrolls_within_its_lines() {
    let mut screen = Screen::new();
    screen.keys("?jjk");
    assert_eq!(screen.model.popup, Some(Popup::Help(1)));
    screen.keys("G");
    let last = u16::try_from(help().len() - 1).unwrap();
    assert_eq!(screen.model.popup, Some(Popup::Help(last)));
    screen.keys("g<Up><PageUp>");
    assert_eq!(screen.model.popup, Some(Popup::Help(0)));
    screen.keys("q");
    assert!(
        screen.model.popup.is_none() && screen.model.ending.is_none(),
        "q leaves the help, not the program"
    );
}

#[test]
fn a_popup_takes_all_keys() {
    let mut screen = Screen::writing();
    screen.keys("<f1>hello<Enter><ctrl-t><ctrl-n>");
    assert_eq!(screen.composer(1), "");
    assert!(matches!(screen.model.popup, Some(Popup::Help(_))));
    screen.paste("text");
    assert_eq!(screen.composer(1), "");
}

#[test]
fn a_popup_goes_with_its_chat_only() {
    let mut screen = Screen::new();
    screen.closed(1, BASIL).closed(2, CLARA).keys("<Home>m");
    let menu = screen.model.popup.clone();
    screen.tell(Event::Dismissed(ChatId(1)));
    assert_eq!(screen.model.popup, menu);
    screen.tell(Event::Dismissed(ChatId(2)));
    assert!(screen.model.popup.is_none());
}

#[test]
fn the_mark_of_an_ended_chat_stays() {
    let mut screen = Screen::writing();
    screen.keys("a");
    screen.commands();
    screen.keys("<ctrl-k>").closed(1, BASIL).keys("v");
    assert_eq!(screen.commands(), []);
    assert!(screen.toast().contains("its mark stays"), "{}", screen.toast());
    assert_eq!(screen.model.popup, Some(Popup::Key(ChatId(1))));
    screen.keys("<Esc>r");
    assert_eq!(screen.commands(), [], "the composer is gone: letters wait for an Esc");
    screen.keys("<Esc>r");
    assert_eq!(screen.commands(), [Command::Start(BASIL)]);
}

#[test]
fn who_is_blocked_can_be_unblocked() {
    let mut screen = Screen::reading(0);
    screen.keys("<alt-m>by");
    assert_eq!(screen.commands(), [Command::Block(BASIL)]);
    let basil = Person { blocked: true, ..person(BASIL, "Basil", "Ivanov", "basil", true) };
    screen.tell(Event::People(vec![basil])).keys("<alt-m>");
    assert!(items(&screen).contains(&MenuItem::Unblock) && !items(&screen).contains(&MenuItem::Block));
    screen.keys("u");
    assert_eq!(screen.commands(), [Command::Unblock(BASIL)]);
    screen.tell(Event::Unblocked(BASIL));
    assert_eq!(screen.toast(), "Basil Ivanov is not blocked any more");
}

#[test]
fn who_asks_can_be_reported_after_a_question() {
    let mut screen = Screen::new();
    screen.chat(1, FARID, REQUESTED).keys("<Home>mp");
    assert!(screen.question().starts_with("Report Farid Haddad to Telegram"), "{}", screen.question());
    screen.keys("<Enter>");
    assert_eq!(screen.commands(), []);
    screen.keys("y");
    assert_eq!(screen.commands(), [Command::Report(ChatId(1))]);
}
