//! Everything that stands over the panes, and the search, at 80x24.

use insta::assert_snapshot;
use subrosa::engine::{ChatId, ChatState, UserId};
use subrosa::tui::model::{Act, Confirm, Focus, Found, Menu, MenuItem, Model, Open, Popup, Row, Scroll};
use subrosa::tui::theme::Theme;

use super::stage::*;

const SIZE: (u16, u16) = (80, 24);

fn contact_menu() -> Popup {
    let items = vec![MenuItem::StartSecretChat, MenuItem::Block];
    Popup::Menu(Menu { of: Open::Person(ADA), items, selected: 0 })
}

fn chat_menu() -> Popup {
    let items = vec![
        MenuItem::ShowKey,
        MenuItem::SetTimer,
        MenuItem::CloseKeeping,
        MenuItem::CloseDeleting,
        MenuItem::Block,
    ];
    Popup::Menu(Menu { of: Open::Chat(ChatId(1)), items, selected: 1 })
}

fn question() -> Popup {
    Popup::Confirm(Confirm {
        question: "Close the secret chat with Basil Ivanov and delete its history? 7 messages are gone at Basil's too."
            .into(),
        act: Act::Close { chat: ChatId(1), delete_history: true },
    })
}

fn over(mut model: Model, popup: Popup) -> Model {
    model.popup = Some(popup);
    model
}

fn key_of(model: Model) -> Model {
    over(model, Popup::Key(ChatId(1)))
}

#[test]
fn menus() {
    let mut model = world(SIZE);
    model.list.selected = Some(Row::Contact(ADA));
    assert_snapshot!("menu_of_a_contact", screen(&over(model, contact_menu())));
    assert_snapshot!("menu_of_a_chat", screen(&over(conversation(SIZE), chat_menu())));
    assert_snapshot!(
        "menu_ascii",
        screen_in(&over(conversation(SIZE), chat_menu()), &Theme::mono().in_ascii())
    );
    assert_snapshot!("menu_20x5", screen(&over(conversation((20, 5)), chat_menu())));
    assert_snapshot!("menu_24x8", screen(&over(conversation((24, 8)), chat_menu())));
}

#[test]
fn questions() {
    assert_snapshot!("confirm", screen(&over(conversation(SIZE), question())));
    assert_snapshot!("confirm_24x8", screen(&over(conversation((24, 8)), question())));
    assert_snapshot!("confirm_20x5", screen(&over(conversation((20, 5)), question())));
}

#[test]
fn keys() {
    assert_snapshot!("key", screen(&key_of(conversation(SIZE))));
    assert_snapshot!("key_mono", screen_in(&key_of(conversation(SIZE)), &Theme::mono()));
    let mut model = conversation(SIZE);
    model.chats.get_mut(&ChatId(1)).unwrap().view.state = ChatState::Ready { verified: false };
    assert_snapshot!("key_not_verified", screen(&key_of(model)));
    assert_snapshot!("key_59x30", screen(&key_of(conversation((59, 30)))));
    assert_snapshot!("key_59x30_mono", screen_in(&key_of(conversation((59, 30))), &Theme::mono()));
    assert_snapshot!("key_60x11", screen(&key_of(conversation((60, 11)))));
    assert_snapshot!("key_60x13_mono", screen_in(&key_of(conversation((60, 13))), &Theme::mono()));
}

#[test]
fn help() {
    assert_snapshot!("help", screen(&over(conversation(SIZE), Popup::Help(0))));
    assert_snapshot!("help_end", screen(&over(conversation(SIZE), Popup::Help(u16::MAX))));
    assert_snapshot!("help_40x16", screen(&over(conversation((40, 16)), Popup::Help(3))));
}

#[test]
fn timers() {
    let timer = |selected| Popup::Timer { chat: ChatId(1), selected };
    assert_snapshot!("timer", screen(&over(conversation(SIZE), timer(8))));
    assert_snapshot!("timer_24x8", screen(&over(conversation((24, 8)), timer(8))));
}

#[test]
fn searches() {
    let mut model = world(SIZE);
    model.list.searching = true;
    model.list.query = "@mallory".into();
    model.list.selected = Some(Row::AskServer);
    assert_snapshot!("search_asks_the_server", screen(&model));
    model.list.found = Some(Found { query: "@mallory".into(), people: None });
    assert_snapshot!("search_awaits_the_answer", screen(&model));
    let mut mallory = person(UserId(50), "Mallory", "");
    mallory.contact = false;
    mallory.username = Some("mallory".into());
    model.people.insert(mallory);
    model.list.found = Some(Found { query: "@mallory".into(), people: Some(vec![UserId(50)]) });
    model.list.selected = Some(Row::Found(UserId(50)));
    assert_snapshot!("search_found", screen(&model));
    model.list.found = Some(Found { query: "@mallory".into(), people: Some(vec![]) });
    assert_snapshot!("search_found_nobody", screen(&model));
    model.list.query = "an".into();
    assert_snapshot!("search", screen(&model));
}

#[test]
fn scrolling() {
    let mut model = conversation(SIZE);
    let chat = model.chats.get_mut(&ChatId(1)).unwrap();
    for n in 0..60 {
        let direction =
            if n % 7 < 4 { subrosa::engine::Direction::In } else { subrosa::engine::Direction::Out };
        say(chat, message(100 + n, direction, NOW - 50 + i32::try_from(n).unwrap(), &format!("line {n}")));
    }
    let tall = "A long letter. ".repeat(120);
    say(chat, message(500, subrosa::engine::Direction::In, NOW, tall.trim_end()));
    model.focus = Focus::Messages(Scroll { selected: Some(20), skipped: 0 });
    assert_snapshot!("scrolled_to_the_selected", screen(&model));
    model.focus = Focus::Messages(Scroll { selected: Some(67), skipped: 5 });
    assert_snapshot!("scrolled_in_a_tall_one", screen(&model));
    model.focus = Focus::Messages(Scroll::default());
    assert_snapshot!("scrolled_to_the_newest", screen(&model));
}
