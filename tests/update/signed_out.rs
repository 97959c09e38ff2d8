//! A device that was signed out: what it has is read, found, copied and tidied up; what would need the account is not offered anywhere.

use subrosa::engine::{ChatId, ChatState, Closing, Command, Event};
use subrosa::tui::keys::{hints, verb_of};
use subrosa::tui::model::{MenuItem, Model, Open, Popup, Row};

use crate::dsl::*;

const OVER: ChatState = ChatState::Closed(Closing::SignedOut);

/// What reaches no server: the rest waits for an answer that never comes, or is refused.
fn stays_here(command: &Command) -> bool {
    matches!(
        command,
        Command::History { .. }
            | Command::Seen(_)
            | Command::Delete { .. }
            | Command::Close { delete_history: true, .. }
            | Command::Dismiss(_)
            | Command::CancelTransfer { .. }
            | Command::SetProxy(_)
            | Command::Quit
    )
}

fn leave(screen: &mut Screen) {
    screen.chat(1, BASIL, OVER).tell(Event::SignedOut("this device was signed out".into()));
}

/// One chat that is over, with messages in it, and contacts.
fn signed_out() -> Screen {
    let mut screen = Screen::reading(4);
    leave(&mut screen);
    screen.keys("<Esc><Esc>").take();
    screen
}

fn shown(model: &Model) -> String {
    let hints: Vec<String> =
        hints(model).iter().map(|hint| format!("{} {}", hint.keys, hint.words)).collect();
    hints.join(" · ")
}

fn items(screen: &Screen) -> Vec<MenuItem> {
    match &screen.model.popup {
        Some(Popup::Menu(menu)) => menu.items.clone(),
        other => panic!("no menu: {other:?}"),
    }
}

#[test]
fn the_list_is_read_and_filtered_and_nobody_is_asked_for_a_chat() {
    let mut screen = signed_out();
    screen.model.list.selected = Some(Row::Contact(CLARA));
    assert_eq!(shown(&screen.model), "Enter open · / filter · m menu · a account · q quit · F1 help");
    screen.keys("s");
    assert_eq!(screen.commands(), []);
    assert!(screen.toast().contains("signed out"), "{}", screen.toast());
    screen.keys("/cla");
    assert_eq!(screen.rows(), [Row::Contact(CLARA)]);
}

#[test]
fn the_server_is_not_offered_to_be_asked() {
    for query in ["@quiet_harbour", "+49 170 1234567", "+49 170 1234567 Hana", "nobody of this name"] {
        let mut screen = Screen::new();
        screen.keys("/").paste(query);
        assert_eq!(screen.rows().len(), 1, "{query}");
        screen.tell(Event::SignedOut("this device was signed out".into()));
        assert_eq!(screen.rows(), [], "{query}");
        screen.keys("<Enter>");
        assert_eq!(screen.commands(), [], "{query}");
    }
}

#[test]
fn menus_have_only_what_works_here() {
    let mut screen = signed_out();
    screen.model.list.selected = Some(Row::Chat(ChatId(1)));
    screen.keys("m");
    assert_eq!(items(&screen), [MenuItem::Dismiss, MenuItem::CloseDeleting, MenuItem::Info]);
    screen.keys("<Esc>");
    screen.model.list.selected = Some(Row::Contact(CLARA));
    screen.keys("m");
    assert_eq!(items(&screen), [MenuItem::Info]);
    screen.keys("<Esc>a");
    assert_eq!(items(&screen), [MenuItem::Info, MenuItem::Connection]);
}

#[test]
fn what_was_open_when_it_came_loses_what_does_not_work_any_more() {
    let mut screen = Screen::new();
    screen.model.list.selected = Some(Row::Contact(CLARA));
    screen.keys("m<Down><Down>");
    screen.tell(Event::SignedOut("this device was signed out".into()));
    assert_eq!(items(&screen), [MenuItem::Info]);
    screen.keys("<Enter>");
    assert_eq!(screen.model.popup, Some(Popup::Info { of: Open::Person(CLARA), skipped: 0 }));

    for keys in ["<ctrl-t>", "<ctrl-o>", "<Esc>m<Esc><alt-m>b", "<alt-a>o"] {
        let mut screen = Screen::writing();
        screen.keys(keys);
        assert!(screen.model.popup.is_some(), "{keys}");
        leave(&mut screen);
        assert_eq!(screen.model.popup, None, "{keys}");
    }
}

#[test]
fn messages_are_read_and_copied_and_deleted_here() {
    let mut screen = signed_out();
    screen.model.list.selected = Some(Row::Chat(ChatId(1)));
    screen.keys("<Enter>");
    assert_eq!(
        shown(&screen.model),
        "x dismiss · y copy · d delete · Esc list · i details · Alt+M menu · F1 help"
    );
}

/// Every key in every place, twice, so that what a popup offers is tried as well.
#[test]
fn no_key_asks_the_server_for_anything() {
    let letters: Vec<String> = ('!'..='~').map(String::from).filter(|key| key != "<").collect();
    let chords = ["<Enter>", "<alt-m>", "<alt-a>", "<ctrl-k>", "<ctrl-t>", "<ctrl-o>", "<alt-s>", "<alt-d>"];
    let keys: Vec<&str> = letters.iter().map(String::as_str).chain(chords).collect();
    for place in ["", "<Home>", "<Home><Enter>", "<Home>m", "a", "<End>m", "<End><Enter>"] {
        for first in &keys {
            for then in ["<Enter>", "y", "s", "b", "e", "o", "r", "p", "d", "@"] {
                let mut screen = signed_out();
                screen.keys(place).keys(first).keys(then);
                let commands = screen.commands();
                assert!(commands.iter().all(stays_here), "{place}{first}{then}: {commands:?}");
            }
        }
    }
}

#[test]
fn every_item_that_is_offered_can_be_done() {
    let mut screen = signed_out();
    for row in screen.rows() {
        screen.model.list.selected = Some(row);
        screen.keys("m");
        for item in items(&screen) {
            assert!(subrosa::tui::commands::able(&screen.model, verb_of(item)).is_ok(), "{row:?} {item:?}");
        }
        screen.keys("<Esc>");
    }
}
