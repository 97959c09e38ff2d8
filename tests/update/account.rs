//! The account in the messenger: its menu, devices, signing out, the proxy, a connection that waits; and who cannot hold a secret chat.

use subrosa::engine::{ChatId, Command, Connection, Device, Event, Person, PersonKind, Presence};
use subrosa::tui::model::{Found, MenuItem, Open, Popup, Row, Toast};
use subrosa::tui::msg::{Effect, Msg};

use crate::dsl::*;

fn device(hash: i64, receives: bool) -> Device {
    Device {
        hash,
        own: hash == 0,
        model: format!("Model {hash}"),
        platform: "Linux".into(),
        app: "subrosa".into(),
        app_version: "1".into(),
        ip: "127.0.0.1".into(),
        country: String::new(),
        created: NOW_S,
        active: NOW_S,
        receives,
    }
}

fn items(screen: &Screen) -> Vec<MenuItem> {
    match &screen.model.popup {
        Some(Popup::Menu(menu)) => menu.items.clone(),
        other => panic!("no menu: {other:?}"),
    }
}

fn at_devices() -> Screen {
    let mut screen = Screen::new();
    screen.keys("ae");
    assert_eq!(screen.commands(), [Command::Devices]);
    screen.tell(Event::Devices(vec![device(0, true), device(7, false)]));
    screen
}

#[test]
fn the_account_has_a_menu_of_its_own() {
    let mut screen = Screen::new();
    screen.keys("a");
    assert_eq!(
        items(&screen),
        [MenuItem::Info, MenuItem::Username, MenuItem::Connection, MenuItem::Devices, MenuItem::SignOut]
    );
    screen.keys("i");
    assert_eq!(screen.model.popup, Some(Popup::Info { of: Open::Person(ME), skipped: 0 }));
    let mut screen = Screen::writing();
    screen.keys("<alt-a>y");
    assert_eq!(screen.model.popup, Some(Popup::Connection));
}

#[test]
fn receiving_secret_chats_is_switched_on_the_selected_device() {
    let mut screen = at_devices();
    screen.keys("r");
    assert_eq!(screen.commands(), [Command::Receive { device: 0, receive: false }]);
    screen.keys("jr");
    assert_eq!(screen.commands(), [Command::Receive { device: 7, receive: true }]);
}

#[test]
fn another_device_is_ended_after_a_question_and_this_one_never() {
    let mut screen = at_devices();
    screen.keys("x");
    assert!(screen.toast().contains("sign out instead"), "{}", screen.toast());
    screen.keys("jx");
    assert!(screen.question().starts_with("Sign out Model 7?"), "{}", screen.question());
    screen.keys("<Enter>");
    assert_eq!(screen.commands(), []);
    screen.keys("y");
    assert_eq!(screen.commands(), [Command::EndDevice(7)]);
}

#[test]
fn the_selection_stays_among_the_devices_that_are_left() {
    let mut screen = at_devices();
    screen.keys("jj").tell(Event::Devices(vec![device(0, true)]));
    assert_eq!(screen.model.popup, Some(Popup::Devices { selected: 0 }));
}

#[test]
fn signing_out_asks_how() {
    let mut screen = Screen::writing();
    screen.keys("<alt-a>o");
    assert_eq!(screen.model.popup, Some(Popup::SignOut));
    screen.keys("<Enter><Esc>");
    assert_eq!((screen.commands(), &screen.model.popup), (vec![], &None));
    screen.keys("<alt-a>oc");
    assert_eq!(screen.commands(), [Command::SignOut { discard: true }]);
    screen.keys("<alt-a>ooo");
    assert_eq!((screen.commands(), &screen.model.popup), (vec![], &Some(Popup::SignOut)), "held too long");
    screen.keys("s");
    assert_eq!(screen.commands(), [Command::SignOut { discard: false }]);

    let mut screen = Screen::new();
    screen.chat(1, FARID, REQUESTED).keys("aoc");
    assert_eq!((screen.commands(), screen.toast()), (vec![], "no secret chat is open here"));
}

#[test]
fn what_a_signed_out_device_has_stays_and_its_account_is_gone() {
    let mut screen = Screen::writing();
    screen.keys("<alt-a>o").tell(Event::SignedOut("this device was signed out".into()));
    assert_eq!(screen.model.popup, None);
    screen.keys("<alt-a>");
    assert_eq!(items(&screen), [MenuItem::Info, MenuItem::Connection]);
    assert_eq!(screen.model.open, Some(Open::Chat(ChatId(1))));
}

#[test]
fn a_signed_out_device_says_nothing_that_it_cannot_know_any_more() {
    let mut screen = Screen::writing();
    let online = Person { presence: Presence::Online { until: NOW_S + 300 }, ..people()[0].clone() };
    screen.tell(Event::People(vec![online.clone()]));
    screen.model.toast = Some(Toast { words: "signing out".into(), trouble: false });
    screen.tell(Event::SignedOut("this device was signed out".into()));
    assert!(screen.model.toast.is_none(), "it is done");
    let now = screen.model.people.get(&online.id).unwrap().presence;
    assert_eq!(now, Presence::LastSeen(NOW_S), "nobody tells this device that they went");
}

#[test]
fn a_proxy_is_entered_unseen() {
    let mut screen = Screen::new();
    screen.keys("ayp").keys("socks5://u:secret@h:11<Backspace>").keys("<Enter>");
    let commands = screen.commands();
    let [Command::SetProxy(link)] = commands.as_slice() else { panic!("{commands:?}") };
    assert_eq!(link.expose(), "socks5://u:secret@h:1");
    screen.keys("ayp").msg(Msg::Paste(" tg://proxy?server=h\u{1b}\n".into()));
    assert!(!format!("{:?}", screen.model).contains("tg://proxy"));
    screen.keys("<Enter>");
    let commands = screen.commands();
    let [Command::SetProxy(link)] = commands.as_slice() else { panic!("{commands:?}") };
    assert_eq!(link.expose(), "tg://proxy?server=h");
}

#[test]
fn a_key_cuts_a_pause_short_once() {
    let mut screen = Screen::new();
    let waiting = |pause: i64| {
        let until_unix_ms = i64::from(NOW_S) * 1000 + pause;
        Event::Connection(Connection::Waiting { until_unix_ms, reason: "no answer".into() })
    };
    screen.keys("j");
    assert_eq!(screen.commands(), []);
    screen.tell(waiting(9_000)).keys("j").keys("k");
    assert_eq!(screen.commands(), [Command::Dial]);
    // It failed at once: keys that follow closely do not hammer the server.
    screen.tell(Event::Connection(Connection::Connecting)).keys("j").tell(waiting(10_000)).keys("j");
    assert_eq!(screen.commands(), []);
    screen.model.now_ms += 3_000;
    screen.keys("j").keys("j");
    assert_eq!(screen.commands(), [Command::Dial]);
}

#[test]
fn no_secret_chat_is_asked_for_with_what_is_no_living_human() {
    let mut screen = Screen::new();
    for (kind, words) in
        [(PersonKind::Bot, "this is a bot"), (PersonKind::Deleted, "this account is deleted")]
    {
        let basil = Person { kind, ..person(BASIL, "Basil", "Ivanov", "basil", true) };
        screen.tell(Event::People(vec![basil]));
        screen.model.list.selected = Some(Row::Contact(BASIL));
        screen.keys("s");
        assert_eq!(screen.commands(), []);
        assert!(screen.toast().starts_with(words), "{}", screen.toast());
        // The menu offers it and says the same.
        screen.keys("m");
        assert_eq!(items(&screen)[0], MenuItem::StartSecretChat);
        screen.keys("<Enter>");
        assert_eq!(screen.commands(), []);
        assert!(screen.toast().starts_with(words), "{}", screen.toast());
        screen.keys("<Esc>");
    }
}

#[test]
fn who_is_blocked_is_unblocked_before_they_are_asked() {
    let mut screen = Screen::new();
    screen.tell(Event::People(vec![Person {
        blocked: true,
        ..person(BASIL, "Basil", "Ivanov", "basil", true)
    }]));
    screen.model.list.selected = Some(Row::Contact(BASIL));
    screen.keys("s");
    assert!(screen.question().starts_with("You have blocked Basil Ivanov."), "{}", screen.question());
    screen.keys("y");
    assert_eq!(screen.commands(), [Command::Unblock(BASIL)]);
}

#[test]
fn a_contact_is_deleted_after_a_question() {
    let mut screen = Screen::new();
    screen.model.list.selected = Some(Row::Contact(BASIL));
    screen.keys("m-");
    assert!(screen.question().starts_with("Delete Basil Ivanov from your contacts"), "{}", screen.question());
    screen.keys("y");
    assert_eq!(screen.commands(), [Command::DeleteContact(BASIL)]);
    let basil = person(BASIL, "Basil", "Ivanov", "basil", false);
    screen.tell(Event::People(vec![basil]));
    assert!(!screen.rows().contains(&Row::Contact(BASIL)));
}

#[test]
fn oneself_is_found_and_is_nobody_to_add() {
    let mut screen = Screen::new();
    let me = Person { contact: true, ..person(ME, "Me", "", "me", true) };
    screen.tell(Event::People(vec![me]));
    assert!(!screen.rows().contains(&Row::Contact(ME)), "not among the contacts");
    screen.keys("/@me");
    screen.model.list.found = Some(Found { query: "@me".into(), people: Some(vec![ME]) });
    screen.model.list.selected = Some(Row::Found(ME));
    screen.keys("<Enter>");
    assert_eq!(screen.model.open, Some(Open::Person(ME)));
    assert!(!screen.take().iter().any(|effect| matches!(effect, Effect::Engine(Command::AddContact(_)))));
    screen.keys("s");
    assert_eq!(screen.commands(), []);
    assert!(screen.toast().starts_with("this is you"), "{}", screen.toast());
}
