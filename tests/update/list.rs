//! The list: rows, moving, searching, opening.

use subrosa::engine::{ChatId, ChatState, Command, Event};
use subrosa::tui::model::{Focus, MenuItem, Open, Popup, Row};

use subrosa::tui::msg::Msg;

use crate::dsl::*;

#[test]
fn contacts_are_rows_by_name_and_strangers_are_not() {
    let screen = Screen::new();
    assert_eq!(screen.rows(), [Row::Contact(BASIL), Row::Contact(CLARA), Row::Contact(DORA)]);
    assert_eq!(screen.selected(), Some(Row::Contact(BASIL)));
}

#[test]
fn a_contact_with_a_living_chat_is_on_the_chats_row_only() {
    let mut screen = Screen::new();
    screen.chat(1, CLARA, READY);
    assert_eq!(screen.rows(), [Row::Chat(ChatId(1)), Row::Contact(BASIL), Row::Contact(DORA)]);
    screen.closed(1, CLARA);
    assert_eq!(screen.rows()[1..], [Row::Contact(BASIL), Row::Contact(CLARA), Row::Contact(DORA)]);
}

#[test]
fn moving_stops_at_the_ends() {
    let mut screen = Screen::new();
    for (keys, row) in [
        ("j", CLARA),
        ("<Down>", DORA),
        ("j", DORA),
        ("k", CLARA),
        ("<Up><Up><Up>", BASIL),
        ("G", DORA),
        ("g", BASIL),
        ("<End>", DORA),
        ("<PageUp>", BASIL),
        ("<PageDown>", DORA),
        ("<Home>", BASIL),
    ] {
        screen.keys(keys);
        assert_eq!(screen.selected(), Some(Row::Contact(row)), "after {keys}");
    }
}

#[test]
fn typing_filters_whatever_the_case() {
    let mut screen = Screen::new();
    screen.keys("/MOR");
    assert_eq!(screen.rows(), [Row::Contact(CLARA)]);
    assert_eq!(screen.selected(), Some(Row::Contact(CLARA)));
    screen.keys("<Backspace><Backspace><Backspace>");
    assert_eq!(screen.rows().len(), 3);
    screen.keys("angstrom");
    assert_eq!(screen.rows(), [Row::Contact(DORA)]);
}

#[test]
fn letters_in_the_search_line_are_letters() {
    let mut screen = Screen::new();
    screen.keys("/sqjk?m");
    assert_eq!(screen.model.list.query, "sqjk?m");
    assert_eq!(screen.take(), []);
    assert!(screen.model.popup.is_none() && screen.model.ending.is_none());
}

#[test]
fn a_phone_number_finds_its_contact_and_the_server_can_still_be_asked() {
    let mut screen = Screen::new();
    screen.keys("/+49 3012 300 11");
    assert_eq!(screen.rows(), [Row::Contact(CLARA), Row::AskServer]);
}

#[test]
fn a_username_can_be_asked_for_though_a_contact_fits() {
    let mut screen = Screen::new();
    screen.keys("/@bas");
    assert_eq!(screen.rows(), [Row::Contact(BASIL), Row::AskServer]);
}

#[test]
fn escape_clears_the_search_and_leaves_it() {
    let mut screen = Screen::new();
    screen.keys("/dora<Esc>");
    assert!(!screen.model.list.searching);
    assert_eq!(screen.model.list.query, "");
    assert_eq!(screen.rows().len(), 3);
    assert_eq!(screen.selected(), Some(Row::Contact(DORA)));
}

#[test]
fn enter_in_the_search_opens_the_first_row() {
    let mut screen = Screen::new();
    screen.chat(1, BASIL, READY).chat(2, CLARA, READY).keys("/mor<Enter>");
    assert_eq!(screen.model.open, Some(Open::Chat(ChatId(2))));
    assert_eq!(screen.model.focus, Focus::Composer);
    assert_eq!(screen.model.list.query, "");
}

#[test]
fn whom_nobody_knows_the_server_is_asked_for_once() {
    let mut screen = Screen::new();
    screen.keys("/@farid_h");
    assert_eq!(screen.rows(), [Row::AskServer]);
    screen.keys("<Enter><Enter>");
    assert_eq!(screen.commands(), [Command::Find("@farid_h".into())]);
    assert_eq!(screen.toast(), "the server is being asked");
}

#[test]
fn whom_the_server_finds_can_be_added_and_is_opened() {
    let mut screen = Screen::new();
    screen.keys("/@farid_h<Enter>").take();
    screen.tell(Event::Found { query: "@farid_h".into(), people: vec![FARID] });
    assert_eq!(screen.rows(), [Row::Found(FARID)]);
    assert_eq!(screen.selected(), Some(Row::Found(FARID)));
    screen.keys("<Enter>");
    assert_eq!(screen.commands(), [Command::AddContact(FARID)]);
    assert_eq!(screen.model.open, Some(Open::Person(FARID)));
    assert!(screen.in_messages());
}

#[test]
fn a_number_with_a_name_behind_it_is_put_on_the_contacts() {
    let mut screen = Screen::new();
    screen.keys("/+49 301 555 00 Farid Haddad");
    assert_eq!(screen.rows(), [Row::Import]);
    screen.keys("<Enter>");
    let (phone, name) = ("4930155500".to_owned(), "Farid Haddad".to_owned());
    assert_eq!(screen.commands(), [Command::Import { phone, name }]);
    assert_eq!((screen.model.list.query.as_str(), screen.rows()), ("+4930155500", vec![Row::AskServer]));
    screen.keys("<Enter>");
    assert_eq!((screen.commands(), screen.toast()), (vec![], "the server is being asked"));
    screen.tell(Event::Found { query: "+4930155500".into(), people: vec![FARID] });
    assert_eq!(screen.selected(), Some(Row::Found(FARID)));
    for other in ["/4930155500 Farid", "/+12 Farid", "/+49301555 00"] {
        let mut screen = Screen::new();
        screen.keys(other);
        assert_eq!(screen.rows(), [Row::AskServer], "{other}");
    }
}

#[test]
fn a_question_that_did_not_get_through_is_not_answered_with_nobody() {
    let mut screen = Screen::new();
    screen.keys("/@farid_h<Enter>").take();
    screen.tell(Event::Refused("there is no connection".into()));
    screen.tell(Event::Found { query: "@farid_h".into(), people: vec![] });
    assert_eq!((screen.toast(), &screen.model.list.found), ("there is no connection", &None));
    screen.keys("<Enter>");
    assert_eq!(screen.commands(), [Command::Find("@farid_h".into())]);
}

#[test]
fn an_answer_to_another_query_is_none() {
    let mut screen = Screen::new();
    screen.keys("/@farid_h<Enter>x");
    screen.tell(Event::Found { query: "@farid_h".into(), people: vec![FARID] });
    assert_eq!(screen.rows(), [Row::AskServer]);
}

#[test]
fn when_the_server_finds_nobody_it_is_said_and_can_be_asked_again() {
    let mut screen = Screen::new();
    screen.keys("/@nobody<Enter>").take();
    screen.tell(Event::Found { query: "@nobody".into(), people: vec![] });
    assert_eq!(screen.toast(), "the server found nobody by that name");
    screen.keys("<Enter>");
    assert_eq!(screen.commands(), [Command::Find("@nobody".into())]);
}

#[test]
fn enter_on_a_contact_opens_a_menu_at_the_row() {
    let mut screen = Screen::new();
    screen.keys("j<Enter>");
    let Some(Popup::Menu(menu)) = &screen.model.popup else { panic!("no menu") };
    assert_eq!(menu.of, Open::Person(CLARA));
    assert_eq!(
        menu.items,
        [MenuItem::StartSecretChat, MenuItem::Info, MenuItem::DeleteContact, MenuItem::Block]
    );
    assert_eq!(screen.take(), []);
}

#[test]
fn a_chat_that_changes_keeps_its_place_until_the_user_moves() {
    let mut screen = Screen::new();
    screen.chat(1, BASIL, READY).chat(2, CLARA, READY);
    screen.keys("<End>").take();
    let before = screen.rows();
    screen.incoming(1, 50, "hello");
    assert_eq!(screen.rows(), before);
    assert_eq!(screen.selected(), Some(Row::Contact(DORA)));
    screen.keys("k");
    assert_eq!(screen.model.list.chats, [ChatId(1), ChatId(2)]);
    assert_eq!(
        screen.selected(),
        Some(Row::Chat(ChatId(1))),
        "what was above is reached, then the order changes"
    );
}

#[test]
fn new_chats_come_first_and_the_selection_stays_on_its_row() {
    let mut screen = Screen::new();
    screen.keys("j").chat(1, DORA, REQUESTED).chat(2, FARID, REQUESTED);
    assert_eq!(screen.rows()[..2], [Row::Chat(ChatId(2)), Row::Chat(ChatId(1))]);
    assert_eq!(screen.selected(), Some(Row::Contact(CLARA)));
}

#[test]
fn a_selected_contact_who_asks_stays_selected_as_a_chat() {
    let mut screen = Screen::new();
    screen.keys("j").chat(5, CLARA, REQUESTED);
    assert_eq!(screen.selected(), Some(Row::Chat(ChatId(5))));
}

#[test]
fn ended_chats_go_below_those_that_live() {
    let mut screen = Screen::new();
    screen.chat(1, BASIL, READY).closed(2, CLARA).keys("<Down>");
    assert_eq!(screen.model.list.chats, [ChatId(1), ChatId(2)]);
}

#[test]
fn a_chat_with_messages_is_dismissed_only_after_a_question_that_says_so() {
    let mut screen = Screen::new();
    screen.chat(1, BASIL, READY).incoming(1, 7, "remember me").closed(1, BASIL).keys("<Home><Enter>");
    screen.commands();
    screen.keys("x<Enter>");
    assert_eq!(screen.commands(), []);
    assert!(screen.question().contains("off the list and delete all its messages"), "{}", screen.question());
    screen.keys("y");
    let chat = ChatId(1);
    assert_eq!(screen.commands(), [Command::Close { chat, delete_history: true }, Command::Dismiss(chat)]);
}

#[test]
fn a_dismissed_row_leaves_the_selection_to_its_neighbour() {
    let mut screen = Screen::new();
    screen.closed(1, BASIL).closed(2, CLARA).keys("<Home><Enter>");
    assert_eq!(screen.model.open, Some(Open::Chat(ChatId(2))));
    screen.keys("x");
    assert_eq!(screen.commands()[1..], [Command::Dismiss(ChatId(2))]);
    screen.tell(Event::Dismissed(ChatId(2)));
    assert_eq!(screen.selected(), Some(Row::Chat(ChatId(1))));
    assert_eq!((screen.model.open, screen.model.focus), (None, Focus::List));
}

#[test]
fn a_story_longer_than_the_pane_is_read_line_by_line_and_no_further() {
    let mut screen = Screen::new();
    screen.chat(1, BASIL, ChatState::Requested { left: false });
    screen.msg(Msg::Resize(24, 8)).keys("<Home><Enter>");
    let skipped = |screen: &Screen| match screen.model.focus {
        Focus::Messages(scroll) => scroll.skipped,
        other => panic!("{other:?}"),
    };
    screen.keys("jj");
    assert_eq!(skipped(&screen), 2);
    screen.keys("jjjjjjjjjjjjjjjjjjjjjjjjjjjjjj");
    let end = skipped(&screen);
    assert!((3..25).contains(&end), "{end}");
    screen.keys("k");
    assert_eq!(skipped(&screen), end - 1);
}
