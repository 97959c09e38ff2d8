//! The welcome's less usual pages: terms of service, and a forgotten password.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use jiff::tz::TimeZone;
use subrosa::engine::entrance::{EntranceCommand, EntranceEvent, Hidden, Stage, Terms};
use subrosa::tui::welcome::keys;
use subrosa::tui::welcome::model::{Ask, Form, Given, Model, Page};
use subrosa::tui::welcome::update::{Effect, Msg, update};

const NOW: i64 = 1_795_264_860_000;

fn model() -> Model {
    Model::new(Given::default(), (40, 24), NOW, TimeZone::UTC)
}

fn press(model: &mut Model, code: KeyCode, modifiers: KeyModifiers) -> Vec<Effect> {
    update(model, Msg::Key(KeyEvent::new(code, modifiers)), NOW)
}

fn key(model: &mut Model, code: KeyCode) -> Vec<Effect> {
    press(model, code, KeyModifiers::NONE)
}

fn alt(model: &mut Model, letter: char) -> Vec<Effect> {
    press(model, KeyCode::Char(letter), KeyModifiers::ALT)
}

fn told(model: &mut Model, event: EntranceEvent) {
    assert!(update(model, Msg::Entrance(event), NOW).is_empty());
}

fn stage(model: &mut Model, stage: Stage) {
    told(model, EntranceEvent::Stage(stage));
}

fn refused(model: &mut Model, until_unix_ms: Option<i64>) {
    told(model, EntranceEvent::Refused { sentence: "no".into(), until_unix_ms });
}

fn said(command: EntranceCommand) -> Vec<Effect> {
    vec![Effect::Say(command)]
}

fn hints(model: &Model) -> Vec<String> {
    keys::hints(model).into_iter().map(|hint| format!("{} {}", hint.keys, hint.words)).collect()
}

/// The first line on the screen.
fn first(model: &Model) -> &str {
    match &model.page {
        Page::Terms(reading) => reading.shown(2).lines[0],
        other => panic!("no terms but {other:?}"),
    }
}

fn asked(model: &Model) -> Option<&Ask> {
    match &model.page {
        Page::Form(form) => Some(&form.ask),
        _ => None,
    }
}

fn at_terms() -> Model {
    let mut model = model();
    let text: Vec<String> = (0..30).map(|line| format!("rule {line}")).collect();
    stage(&mut model, Stage::Terms(Terms { text: text.join("\n"), min_age: None }));
    model
}

fn at_password() -> Model {
    let mut model = model();
    stage(&mut model, Stage::Password { hint: "the usual".into() });
    model
}

#[test]
fn terms_are_read_and_agreed_to_by_their_own_key() {
    let mut model = at_terms();
    assert_eq!(hints(&model)[..2], ["y agree", "Down read on"]);
    for (code, line) in [
        (KeyCode::Down, 1),
        (KeyCode::PageDown, 13),
        (KeyCode::Up, 12),
        (KeyCode::PageUp, 0),
        (KeyCode::Up, 0),
    ] {
        assert!(key(&mut model, code).is_empty());
        assert_eq!(first(&model), format!("rule {line}"), "{code:?}");
    }
    for _ in 0..50 {
        key(&mut model, KeyCode::Char('j'));
    }
    assert_eq!(hints(&model)[..2], ["y agree", "Esc decline"], "there is no more to read");
    let last = first(&model).to_owned();
    assert_ne!(last, "rule 29", "the last page is a full one");
    key(&mut model, KeyCode::PageDown);
    assert_eq!(first(&model), last);
    key(&mut model, KeyCode::Up);
    assert_ne!(first(&model), last, "every key that can do something does it at once");
    // Enter is pressed too easily to mean anything here.
    assert!(key(&mut model, KeyCode::Enter).is_empty());
    assert_eq!(key(&mut model, KeyCode::Char('y')), said(EntranceCommand::Agree));
    assert!(key(&mut model, KeyCode::Char('y')).is_empty(), "once");
    stage(&mut model, Stage::Name);
    assert_eq!(asked(&model), Some(&Ask::Name));
}

#[test]
fn terms_follow_the_width_of_the_pane() {
    let mut model = model();
    stage(&mut model, Stage::Terms(Terms { text: "be kind ".repeat(99), min_age: None }));
    assert_eq!(first(&model), "be kind be kind be kind be kind be");
    update(&mut model, Msg::Resize(30, 24), NOW);
    assert_eq!(first(&model), "be kind be kind be kind be");
}

#[test]
fn declining_leads_back_to_the_number() {
    for code in [KeyCode::Esc, KeyCode::Char('n')] {
        let mut model = at_terms();
        assert_eq!(key(&mut model, code), said(EntranceCommand::Restart), "{code:?}");
    }
}

#[test]
fn a_forgotten_password_is_asked_for_once_and_found_again() {
    let mut model = at_password();
    assert!(hints(&model).contains(&"Alt+F forgot it?".to_owned()), "{:?}", hints(&model));
    assert_eq!(alt(&mut model, 'f'), said(EntranceCommand::Forgot));
    assert!(alt(&mut model, 'f').is_empty(), "it is under way");
    refused(&mut model, None);
    assert!(matches!(asked(&model), Some(Ask::Password { hint }) if hint == "the usual"));
    assert_eq!(alt(&mut model, 'f'), said(EntranceCommand::Forgot));
    stage(&mut model, Stage::Recovery { mail: "a***@b".into() });
    assert_eq!(asked(&model), Some(&Ask::Recovery { mail: "a***@b".into() }));

    // Whoever remembers it goes back, and whoever does not after all asks for no second code.
    assert!(key(&mut model, KeyCode::Esc).is_empty());
    assert!(matches!(asked(&model), Some(Ask::Password { hint }) if hint == "the usual"));
    assert!(alt(&mut model, 'f').is_empty());
    assert_eq!(asked(&model), Some(&Ask::Recovery { mail: "a***@b".into() }));
    for c in "123456".chars() {
        key(&mut model, KeyCode::Char(c));
    }
    let code = EntranceCommand::Code(Hidden::new("123456".into()));
    assert_eq!(key(&mut model, KeyCode::Enter), said(code));

    // Another one when it did not help; the page stays, and so does the way back.
    assert!(alt(&mut model, 'r').is_empty(), "it is looked at");
    refused(&mut model, None);
    assert!(matches!(&model.page, Page::Form(form) if form.text(0).is_empty()), "what was hidden is gone");
    assert_eq!(alt(&mut model, 'r'), said(EntranceCommand::Forgot));
    stage(&mut model, Stage::Recovery { mail: "c***@d".into() });
    assert_eq!(asked(&model), Some(&Ask::Recovery { mail: "c***@d".into() }));
    key(&mut model, KeyCode::Esc);
    assert!(matches!(asked(&model), Some(Ask::Password { .. })));
    // A sign-in that is begun anew knows nothing of it.
    stage(&mut model, Stage::Password { hint: String::new() });
    assert_eq!(alt(&mut model, 'f'), said(EntranceCommand::Forgot));
}

#[test]
fn an_empty_code_is_not_sent() {
    let mut model = Model { page: Page::Form(Form::recovery("a***@b".into())), ..model() };
    assert!(key(&mut model, KeyCode::Enter).is_empty());
    assert!(model.trouble.is_some());
    assert!(alt(&mut model, 'f').is_empty(), "that is for the page of the password");
}
