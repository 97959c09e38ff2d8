//! Every page of the welcome at the sizes that panes have, in colours, in ASCII and without colours.

use std::fmt::Write;

use insta::assert_snapshot;
use jiff::tz::TimeZone;
use ratatui::Terminal;
use ratatui::backend::{Backend, TestBackend};
use ratatui::buffer::{Buffer, Cell};
use ratatui::layout::Position;
use ratatui::style::{Color, Modifier};
use subrosa::engine::entrance::{CodeSent, Delivery, Hidden, NextDelivery};
use subrosa::engine::{Connection, Proxy};
use subrosa::tui::theme::Theme;
use subrosa::tui::welcome::host::{Keeping, ServerKey};
use subrosa::tui::welcome::model::{Ask, Form, Given, Known, Model, OwnServer, Page, Trouble};
use subrosa::tui::welcome::view;

use super::stage::{NOW, rows_of};

pub const SIZES: [(u16, u16); 3] = [(120, 36), (80, 24), (50, 16)];
pub const SMALL: [(u16, u16); 3] = [(24, 8), (20, 5), (19, 4)];

/// A link as long as the server's are.
const LINK: &str = "tg://login?token=AQL6bZ7Xc0zWv9m1oXJt4kQy3c8vGZ2m0aYb5nRk";

fn now_ms() -> i64 {
    i64::from(NOW) * 1000
}

fn fresh(size: (u16, u16)) -> Model {
    let given = Given { profile: "main".into(), ..Given::default() };
    Model::new(given, size, now_ms(), TimeZone::UTC)
}

/// On a form, with these texts typed into its fields.
fn on(size: (u16, u16), mut form: Form, texts: &[&str]) -> Model {
    for (field, text) in form.fields.iter_mut().zip(texts) {
        field.clear();
        field.paste(text);
    }
    Model { page: Page::Form(form), ..fresh(size) }
}

/// As [`on`], signing the profile main in at Telegram.
pub fn inside(size: (u16, u16), form: Form, texts: &[&str]) -> Model {
    let mut model = on(size, form, texts);
    model.chosen.profile = Some(("main".into(), Keeping::KeyFile));
    model.connection = Some(Connection::Online);
    model
}

fn key() -> ServerKey {
    ServerKey { pem: String::new(), source: "server.pem".into(), fingerprint: 0x0632_7d4a_cd80_3f19 }
}

fn sent(by: Delivery) -> CodeSent {
    let next = Some((NextDelivery::Call, now_ms() + 42_000));
    CodeSent { phone: "491701234567".into(), by, length: Some(5), next }
}

fn drawn(model: &Model, theme: &Theme) -> (Buffer, Option<Position>, Option<i64>) {
    let (width, height) = model.size;
    let mut terminal = Terminal::new(TestBackend::new(width, height)).unwrap();
    let mut until = None;
    terminal.draw(|frame| until = view::draw(model, theme, frame)).unwrap();
    let visible = terminal.backend().cursor_visible();
    let cursor = visible.then(|| terminal.backend_mut().get_cursor_position().unwrap());
    (terminal.backend().buffer().clone(), cursor, until)
}

fn screen_in(model: &Model, theme: &Theme) -> String {
    let (buffer, cursor, _) = drawn(model, theme);
    let mut text = String::new();
    for row in rows_of(&buffer) {
        let line: String = row.iter().map(|(_, cell)| cell.symbol()).collect();
        writeln!(text, "{line}|").unwrap();
    }
    match cursor {
        Some(Position { x, y }) => write!(text, "cursor {x},{y}").unwrap(),
        None => text.push_str("no cursor"),
    }
    text
}

pub fn screen(model: &Model) -> String {
    screen_in(model, &Theme::dark())
}

pub fn at(sizes: &[(u16, u16)], name: &str, model: impl Fn((u16, u16)) -> Model) {
    for &(width, height) in sizes {
        assert_snapshot!(format!("welcome_{name}_{width}x{height}"), screen(&model((width, height))));
    }
}

#[test]
fn ways_in() {
    at(&SIZES, "choice", fresh);
    at(&SMALL, "choice", fresh);
}

#[test]
fn ways_in_where_there_are_profiles() {
    at(&SIZES, "profiles", |size| {
        let known = |name: &str| Known { name: name.into(), sealed: true };
        let given = Given {
            profile: "main".into(),
            profiles: vec![known("ada"), known("work")],
            proxy: Proxy::from_link("socks5://127.0.0.1:1080").ok(),
            ..Given::default()
        };
        Model { page: Page::Choice(1), ..Model::new(given, size, now_ms(), TimeZone::UTC) }
    });
}

#[test]
fn a_sign_in_that_was_broken_off() {
    at(&SIZES, "unfinished", |size| {
        let given = Given { profile: "main".into(), unfinished: Some(Keeping::KeyFile), ..Given::default() };
        Model { page: Page::Choice(1), ..Model::new(given, size, now_ms(), TimeZone::UTC) }
    });
}

#[test]
fn a_passphrase_for_a_profile_that_is_there() {
    at(&SIZES, "unlock", |size| {
        let trouble = Some(Trouble::new("wrong passphrase for /p/ada/vault.key: try again".into()));
        Model { trouble, ..on(size, Form::unlock("ada"), &[]) }
    });
}

#[test]
fn another_server() {
    let filled = |size| {
        let mut form = Form::server(None);
        form.ask = Ask::Server(Some(key()));
        form.focus = 2;
        on(size, form, &["127.0.0.1:4443", "/home/ada/rosa-server/server.pem", "1"])
    };
    at(&SIZES, "server", filled);
    at(&SMALL, "server", filled);
    at(&SIZES, "server_wrong", |size| {
        let words = "the key file /x cannot be read (No such file or directory): give the file that `subrosa serve` named";
        let mut form = Form::server(None);
        form.focus = 1;
        Model { trouble: Some(Trouble::new(words.into())), ..on(size, form, &["127.0.0.1:4443", "/x", "1"]) }
    });
}

#[test]
fn the_numbers_of_the_application() {
    at(&SIZES, "numbers", |size| on(size, Form::numbers(), &["12345"]));
}

#[test]
fn a_proxy_is_named_and_its_link_is_not_shown() {
    let model = |size| on(size, Form::proxy(), &["socks5://10.0.0.1:1080"]);
    at(&SIZES, "proxy", model);
    let shown = screen(&model((80, 24)));
    assert!(shown.contains("SOCKS5 10.0.0.1:1080"), "{shown}");
    assert!(!shown.contains("socks5://10"), "{shown}");
    at(&SIZES, "proxy_in_use", |size| {
        let mut model = on(size, Form::proxy(), &[""]);
        model.chosen.proxy = Proxy::from_link("socks5://127.0.0.1:1080").ok();
        model
    });
}

#[test]
fn a_new_profile() {
    let model = |size| on(size, Form::profile("main", false), &["main", "correct horse"]);
    at(&SIZES, "profile", model);
    at(&SMALL, "profile", model);
    at(&SIZES, "profile_file", |size| on(size, Form::profile("main", true), &["main"]));
}

#[test]
fn waiting_for_a_server() {
    at(&SIZES, "waiting", |size| {
        let reason = "connection refused".to_owned();
        let connection = Some(Connection::Waiting { until_unix_ms: now_ms() + 7_000, reason });
        let chosen =
            OwnServer { address: "127.0.0.1:4443".into(), dc_id: 1, key: key(), typed: "server.pem".into() };
        let mut model =
            Model { page: Page::Waiting, busy: Some("Connecting ..."), connection, ..fresh(size) };
        model.chosen.server = Some(chosen);
        model
    });
}

#[test]
fn a_number_is_asked_for_and_shown_back() {
    at(&SIZES, "phone", |size| inside(size, Form::phone(""), &[]));
    at(&SIZES, "sure", |size| inside(size, Form::sure("491701234567".into()), &[]));
    at(&SMALL, "sure", |size| inside(size, Form::sure("491701234567".into()), &[]));
}

#[test]
fn a_code_is_counted_and_never_shown() {
    let model = |size| inside(size, Form::code(sent(Delivery::App)), &["987"]);
    at(&SIZES, "code", model);
    at(&SMALL, "code", model);
    assert!(!screen(&model((80, 24))).contains("987"), "{}", screen(&model((80, 24))));
    at(&SIZES, "code_again", |size| {
        let mut sent = sent(Delivery::MissedCall { prefix: "+4930".into() });
        sent.next = Some((NextDelivery::Sms, now_ms()));
        inside(size, Form::code(sent), &[])
    });
    at(&SIZES, "code_words", |size| {
        let mut sent = sent(Delivery::Words { beginning: Some("rose".into()) });
        sent.length = None;
        inside(size, Form::code(sent), &["rose leaves"])
    });
}

#[test]
fn a_pause_is_counted_down_by_the_second() {
    let model = |size| {
        let mut model = inside(size, Form::code(sent(Delivery::Sms)), &[]);
        let words = "Telegram wants a pause after so many tries".into();
        let until_ms = Some(now_ms() + 95_500);
        model.trouble = Some(Trouble { words, until_ms, of: Some("Checking the code ...") });
        model
    };
    at(&SIZES, "flood", model);
    for seconds in [0, 30] {
        let mut later = model((80, 24));
        later.now_ms += seconds * 1000;
        let shown = screen(&later);
        assert!(shown.contains(if seconds == 0 { "Again in 1:36." } else { "Again in 1:06." }), "{shown}");
        assert!(!shown.contains("so many tries"), "what the server said of its length is over\n{shown}");
    }
    let mut over = model((80, 24));
    over.now_ms += 96_000;
    let shown = screen(&over);
    assert!(shown.contains("The pause is over") && !shown.contains("Again in"), "{shown}");
    let (_, _, until) = drawn(&model((80, 24)), &Theme::dark());
    assert_eq!(until, Some(now_ms() + 500), "the pause changes before the next way of a code");
}

#[test]
fn nothing_is_drawn_by_a_clock_where_nothing_is_counted() {
    let mut sent = sent(Delivery::Sms);
    sent.next = None;
    let still =
        [fresh((80, 24)), inside((80, 24), Form::phone(""), &[]), inside((80, 24), Form::code(sent), &[])];
    for model in still {
        assert_eq!(drawn(&model, &Theme::dark()).2, None, "{:?}", model.page);
    }
}

#[test]
fn a_password_and_its_hostile_hint() {
    let hint = "\u{1b}]0;owned\u{7}first \u{202e}pet";
    at(&SIZES, "password", |size| inside(size, Form::password(hint.into()), &["sesame"]));
    at(&SIZES, "password_wrong", |size| Model {
        trouble: Some(Trouble::new("the password is wrong: look at it again".into())),
        ..inside(size, Form::password(String::new()), &[])
    });
}

#[test]
fn what_is_typed_and_hidden_looks_the_same_whatever_its_length() {
    let shown = |typed| screen(&inside((80, 24), Form::password(String::new()), &[typed]));
    assert_eq!(shown("a"), shown("correct horse battery staple"));
    assert_ne!(shown(""), shown("a"));
}

/// Whatever is said below the field, heading and field stay where they are.
#[test]
fn nothing_moves_when_something_is_said() {
    let field_at = |model: &Model| screen(model).lines().position(|line| line.contains("code  ")).unwrap();
    for size in SIZES {
        let mut model = inside(size, Form::code(sent(Delivery::Sms)), &[]);
        let before = field_at(&model);
        model.trouble = Some(Trouble::new("the code is wrong: look at it again".into()));
        assert_eq!(field_at(&model), before, "{size:?}");
        model.trouble = None;
        model.busy = Some("Checking the code ...");
        assert_eq!(field_at(&model), before, "{size:?}");
    }
}

#[test]
fn a_name_for_a_new_account() {
    at(&SIZES, "name", |size| inside(size, Form::name(), &["Ada"]));
}

fn qr(size: (u16, u16)) -> Model {
    let page = Page::Qr { link: Hidden::new(LINK.into()), expires_ms: now_ms() + 30_000 };
    Model { page, ..inside(size, Form::phone(""), &[]) }
}

#[test]
fn a_qr_code_or_the_size_that_it_needs() {
    at(&SIZES, "qr", qr);
    at(&SMALL, "qr", qr);
    at(&[(60, 30)], "qr_alone", qr);
    for size in [(120, 36), (80, 24), (50, 16), (24, 8)] {
        let shown = screen(&qr(size));
        assert!(!shown.contains("token"), "{shown}");
        assert!(size.1 < 12 || shown.contains("Esc phone number"), "{shown}");
    }
}

/// The size that is named is enough, and one less is not.
#[test]
fn the_size_that_a_qr_code_needs_is_the_least() {
    for theme in [Theme::dark(), Theme::dark().in_ascii()] {
        let shown = screen_in(&qr((50, 16)), &theme).replace("|\n", " ");
        let words: Vec<&str> = shown.split_whitespace().collect();
        let before = |unit: &str| {
            let place = words.iter().position(|word| word.starts_with(unit)).unwrap();
            words[place - 1].parse::<u16>().unwrap()
        };
        let (columns, rows) = (before("columns"), before("rows"));
        let fits = |size| !screen_in(&qr(size), &theme).contains("needs a");
        assert!(fits((columns, rows)), "{columns}x{rows}");
        assert!(!fits((columns - 1, rows)) && !fits((columns, rows - 1)), "{columns}x{rows}");
    }
}

#[test]
fn what_cannot_go_on_says_why() {
    at(&SIZES, "failed", |size| {
        let sentence =
            "no space is left for /p/main/vault.db: make room on that disk; what was stored before is safe"
                .into();
        Model { page: Page::Failed(sentence), ..inside(size, Form::phone(""), &[]) }
    });
    at(&SIZES, "refused", |size| {
        let words = "the server at 127.0.0.1:4443 does not hold the key of server.pem: it is another server, or somebody is in the \
                     middle. Look at the address and at the key, or ask whoever runs the server for both.";
        Model {
            connection: Some(Connection::Refused(words.into())),
            ..inside(size, Form::phone("49170"), &[])
        }
    });
}

#[test]
fn ascii_is_ascii_and_mono_has_no_colours() {
    let models = || {
        let code = inside((80, 24), Form::code(sent(Delivery::Sms)), &["12"]);
        [fresh((80, 24)), code, qr((120, 60)), inside((80, 24), Form::password("x".into()), &["y"])]
    };
    for model in models() {
        let shown = screen_in(&model, &Theme::dark().in_ascii());
        assert!(shown.is_ascii(), "{shown}");
        // The one exception is a picture that a camera has to read.
        if !matches!(model.page, Page::Qr { .. }) {
            let (buffer, ..) = drawn(&model, &Theme::mono());
            assert!(buffer.content.iter().all(|cell| cell.fg == Color::Reset && cell.bg == Color::Reset));
        }
    }
    assert_snapshot!("welcome_choice_ascii", screen_in(&fresh((80, 24)), &Theme::mono().in_ascii()));
    assert_snapshot!("welcome_qr_mono", screen_in(&qr((80, 24)), &Theme::mono()));
}

#[test]
fn a_qr_code_in_ascii_is_made_of_cells_and_not_of_letters() {
    let cells = |theme: Theme, light: bool| {
        let (buffer, ..) = drawn(&qr((100, 60)), &theme.in_ascii());
        let colours = |cell: &&Cell| cell.fg == Color::Indexed(231) && cell.bg == Color::Indexed(16);
        let code = buffer.content.iter().filter(colours);
        code.filter(|cell| cell.modifier.contains(Modifier::REVERSED) == light).count()
    };
    for light in [true, false] {
        let count = cells(Theme::dark(), light);
        assert!(count > 500, "{count}");
        assert_eq!(count, cells(Theme::mono(), light));
    }
}

/// Dark modules are black and light ones white, whatever the background of the terminal is.
#[test]
fn a_qr_code_has_its_own_colours_in_every_theme() {
    let code = |theme: Theme| {
        let (buffer, ..) = drawn(&qr((80, 24)), &theme);
        let own = |cell: &&Cell| cell.fg == Color::Indexed(231);
        let cells = buffer.content.iter().filter(own);
        cells.map(|cell| (cell.symbol().to_owned(), cell.bg)).collect::<Vec<_>>()
    };
    let shown = code(Theme::dark());
    assert!(shown.len() > 500, "{}", shown.len());
    assert_eq!(shown, code(Theme::light()));
    assert_eq!(shown, code(Theme::mono()));
}
