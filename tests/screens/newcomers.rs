//! The welcome's less usual pages: terms of service, and a forgotten password.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use subrosa::engine::entrance::{EntranceEvent, Stage, Terms};
use subrosa::tui::welcome::model::{Form, Model, Trouble};
use subrosa::tui::welcome::update::{Msg, update};

use super::welcome::{SIZES, SMALL, at, inside, screen};

fn terms(size: (u16, u16), text: &str) -> Model {
    let mut model = inside(size, Form::name(), &[]);
    let stage = Stage::Terms(Terms { text: text.into(), min_age: Some(16) });
    let now = model.now_ms;
    update(&mut model, Msg::Entrance(EntranceEvent::Stage(stage)), now);
    model
}

fn press(model: &mut Model, code: KeyCode) {
    let now = model.now_ms;
    assert!(update(model, Msg::Key(KeyEvent::new(code, KeyModifiers::NONE)), now).is_empty());
}

/// What Telegram shows, shortened.
const USUAL: &str = "By signing up for Rosa, you agree not to:\n\n- Use our service to send spam or scam users.\n- Promote violence on \
                     publicly viewable channels, bots, etc.\n- Post things that are against the law where you live, as our rules have it (https://rosa.example/rules).\n\nWe \
                     reserve the right to update these terms later.";

#[test]
fn terms_of_service() {
    at(&SIZES, "terms", |size| terms(size, USUAL));
    at(&SMALL, "terms", |size| terms(size, USUAL));
}

#[test]
fn long_terms_are_scrolled() {
    let rules: Vec<String> =
        (1..=60).map(|rule| format!("{rule}. Be kind, for the {rule}th time.")).collect();
    let text = rules.join("\n");
    let read = |size, presses| {
        let mut model = terms(size, &text);
        (0..presses).for_each(|_| press(&mut model, KeyCode::Down));
        model
    };
    at(&SIZES, "terms_long", |size| read(size, 20));
    at(&SIZES[1..2], "terms_end", |size| read(size, 100));
}

#[test]
fn a_long_text_can_be_read_to_its_last_line_at_any_size() {
    let words: Vec<String> = (0..200).map(|word| format!("word{word}")).collect();
    let text = words.join(" ");
    for (size, code) in SIZES
        .into_iter()
        .chain([(24, 8), (20, 5)])
        .flat_map(|size| [(size, KeyCode::Down), (size, KeyCode::PageDown)])
    {
        let mut model = terms(size, &text);
        let mut read = String::new();
        for _ in 0..200 {
            read.push_str(&screen(&model));
            read.push('\n');
            press(&mut model, code);
        }
        let missing: Vec<&String> =
            words.iter().filter(|word| !read.split([' ', '|', '\n']).any(|seen| seen == *word)).collect();
        assert!(missing.is_empty(), "{size:?} {code:?}: {missing:?}");
    }
}

#[test]
fn a_code_for_a_forgotten_password() {
    at(&SIZES, "recovery", |size| {
        let trouble = Some(Trouble::new("the code is wrong: look at it again".into()));
        let form = Form::recovery("a***@rosa.example\u{1b}[2J".into());
        Model { trouble, ..inside(size, form, &["123456"]) }
    });
    at(&SIZES[1..2], "no_recovery", |size| {
        let words = "the account has no e-mail address for recovering its password: an app that is still signed in can reset it \
                     (Settings, Two-Step Verification, \"Forgot password?\"), which takes a week";
        let form = Form::password("the usual".into());
        Model { trouble: Some(Trouble::new(words.into())), ..inside(size, form, &[]) }
    });
}
