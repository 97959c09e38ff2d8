//! The account's popups, and the marks beside people, at the three sizes.

use insta::assert_snapshot;
use subrosa::engine::entrance::Hidden;
use subrosa::engine::{ChatId, Closing, Connection, PersonKind};
use subrosa::tui::model::{Focus, Menu, MenuItem, Model, Open, Popup, Row};
use subrosa::tui::theme::Theme;

use super::stage::*;

const SIZES: [(u16, u16); 3] = [(120, 36), (80, 24), (50, 16)];

/// A bot, somebody blocked, somebody gone.
fn marked(size: (u16, u16)) -> Model {
    let mut model = contacts(size);
    alter(&mut model, BASIL, |person| person.blocked = true);
    alter(&mut model, CLARA, |person| person.kind = PersonKind::Bot);
    alter(&mut model, ADA, |person| person.kind = PersonKind::Deleted);
    model
}

#[test]
fn people_are_marked_by_shape_and_word() {
    for size in SIZES {
        let mut model = marked(size);
        let name = format!("marks_{}x{}", size.0, size.1);
        assert_snapshot!(name, screen(&model));
        model.open = Some(Open::Person(CLARA));
        model.popup = Some(Popup::Info { of: Open::Person(CLARA), skipped: 0 });
        assert_snapshot!(format!("marks_info_{}x{}", size.0, size.1), screen(&model));
    }
    let model = marked((80, 24));
    assert_snapshot!("marks_in_ascii", screen_in(&model, &Theme::dark().in_ascii()));
}

#[test]
fn what_cannot_be_done_is_dim_in_the_menu() {
    let mut model = marked((80, 24));
    let items = vec![MenuItem::StartSecretChat, MenuItem::Info, MenuItem::DeleteContact, MenuItem::Block];
    model.popup = Some(Popup::Menu(Menu { of: Open::Person(CLARA), items, selected: 1 }));
    assert_snapshot!("menu_of_a_bot", screen(&model));
}

#[test]
fn the_popups_of_the_account() {
    for size in SIZES {
        let mut model = conversation(size);
        let mut own = device("subrosa", true);
        (own.app, own.app_version) = ("subrosa".into(), "0.1.0".into());
        (own.platform, own.ip, own.country) = ("Linux".into(), "127.0.0.1".into(), String::new());
        let mut other = device("Pixel 9", false);
        (other.app, other.app_version) = ("Telegram Android".into(), "12.1".into());
        (other.platform, other.ip, other.country) =
            ("Android".into(), "203.0.113.9".into(), "Germany".into());
        model.devices = Some(vec![own, other]);
        model.proxy = Some("socks5 127.0.0.1:9050".into());
        let reason = "no server answers at 203.0.113.1:443 (connection refused): check the address, and that the \
            server is running";
        let until_unix_ms = i64::from(NOW) * 1000 + 17_000;
        for (name, popup) in [
            ("devices", Popup::Devices { selected: 1 }),
            ("connection", Popup::Connection),
            ("proxy", Popup::Proxy(Hidden::new("socks5://secret".into()))),
            ("username", Popup::Username("rosa_kel".into())),
            ("sign_out", Popup::SignOut),
        ] {
            model.connection = match name {
                "connection" => Connection::Waiting { until_unix_ms, reason: reason.into() },
                _ => Connection::Online,
            };
            model.popup = Some(popup);
            let shown = screen(&model);
            assert!(!shown.contains("secret@") && !shown.contains("socks5://secret"), "{shown}");
            assert_snapshot!(format!("{name}_{}x{}", size.0, size.1), shown);
        }
        model.popup = None;
        model.connection = Connection::Offline;
        model.signed_out = Some("this device was signed out".into());
        for chat in model.chats.values_mut().filter(|chat| !chat.closed()) {
            chat.view.state = closed(Closing::SignedOut);
        }
        open(&mut model, ChatId(1));
        assert_snapshot!(format!("signed_out_{}x{}", size.0, size.1), screen(&model));
        model.focus = Focus::List;
        model.list.selected = Some(Row::Contact(ADA));
        model.open = Some(Open::Person(ADA));
        model.popup =
            Some(Popup::Menu(Menu { of: Open::Person(ADA), items: vec![MenuItem::Info], selected: 0 }));
        assert_snapshot!(format!("signed_out_list_{}x{}", size.0, size.1), screen(&model));
    }
}

#[test]
fn a_signed_out_device_says_so_whole_and_invites_to_nothing_that_it_cannot_do() {
    for (columns, rows) in [(24, 8), (30, 12), (50, 16), (80, 24)] {
        let mut model = contacts((columns, rows));
        model.signed_out =
            Some("somebody ended it: this device was signed out. Sign in again with this".into());
        let shown = screen(&model);
        let whole = ["subrosa sign-in --profile home", "Sign in to write again"];
        assert!(whole.iter().any(|words| shown.contains(words)), "{columns}x{rows}\n{shown}");
        model.popup = Some(Popup::Connection);
        assert!(columns < 50 || screen(&model).contains("Somebody ended it: this device was signed out."));
        model.popup = None;
        (model.people, model.list.selected) = (Default::default(), None);
        let shown = screen(&model);
        assert!(!shown.contains("Search") && !shown.contains("add"), "{columns}x{rows}\n{shown}");
        if (columns, rows) != (30, 12) {
            assert_snapshot!(format!("signed_out_empty_{columns}x{rows}"), shown);
        }
    }
}

#[test]
fn what_is_typed_into_stays_in_sight_on_small_screens() {
    for (columns, rows) in [(20, 5), (24, 8), (30, 10), (50, 16)] {
        let mut model = contacts((columns, rows));
        model.popup = Some(Popup::Username("rosa_k".into()));
        let shown = screen(&model);
        assert!(shown.contains("> @rosa_k"), "{columns}x{rows}\n{shown}");
        model.popup = Some(Popup::Proxy(Hidden::new("abc".into())));
        let shown = screen(&model);
        assert!(shown.contains("> ···"), "{columns}x{rows}\n{shown}");
    }
}

#[test]
fn whoever_has_nobody_yet_is_told_how_to_find_somebody() {
    let mut model = contacts((80, 24));
    let me = model.me.clone().unwrap();
    (model.people, model.list.selected) = (Default::default(), None);
    model.people.insert(me);
    let shown = screen(&model);
    assert!(shown.contains("Nobody here yet."), "{shown}");
}

#[test]
fn the_state_of_the_connection_is_in_sight_at_every_size() {
    for columns in [24, 30, 50, 80, 120] {
        for rows in [8, 16, 24] {
            for list in [true, false] {
                let mut model = if list { contacts((columns, rows)) } else { conversation((columns, rows)) };
                model.connection =
                    Connection::Waiting { until_unix_ms: i64::from(NOW) * 1000, reason: "no answer".into() };
                let shown = screen(&model);
                assert!(
                    shown.contains("offline") || shown.contains("no connection"),
                    "{columns}x{rows}\n{shown}"
                );
                model.signed_out = Some("over".into());
                let shown = screen(&model);
                assert!(shown.contains("signed out"), "{columns}x{rows}\n{shown}");
            }
        }
    }
}
