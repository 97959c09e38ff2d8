//! The welcome's less usual pages: terms of service, and a forgotten password.

use subrosa::engine::entrance::Terms;
use subrosa::tui::welcome::model::{Form, Model, Page, Trouble};
use subrosa::tui::welcome::terms::Reading;

use super::welcome::{SIZES, SMALL, at, inside, screen};

fn terms(size: (u16, u16), text: &str, top: usize) -> Model {
    let terms = Terms { text: text.into(), min_age: Some(16) };
    let page = Page::Terms(Reading { top, ..Reading::new(terms) });
    Model { page, ..inside(size, Form::name(), &[]) }
}

/// What Telegram shows, shortened.
const USUAL: &str = "By signing up for Rosa, you agree not to:\n\n- Use our service to send spam or scam users.\n- Promote violence on \
                     publicly viewable channels, bots, etc.\n- Post things that are against the law where you live, as our rules have it (https://rosa.example/rules).\n\nWe \
                     reserve the right to update these terms later.";

#[test]
fn terms_of_service() {
    at(&SIZES, "terms", |size| terms(size, USUAL, 0));
    at(&SMALL, "terms", |size| terms(size, USUAL, 0));
}

#[test]
fn long_terms_are_scrolled() {
    let rules: Vec<String> =
        (1..=60).map(|rule| format!("{rule}. Be kind, for the {rule}th time.")).collect();
    let text = rules.join("\n");
    at(&SIZES, "terms_long", |size| terms(size, &text, 20));
    at(&SIZES[1..2], "terms_end", |size| terms(size, &text, 59));
}

#[test]
fn a_long_text_can_be_read_to_its_last_line_at_any_size() {
    let words: Vec<String> = (0..200).map(|word| format!("word{word}")).collect();
    let text = words.join(" ");
    for size in SIZES.into_iter().chain([(24, 8), (20, 5)]) {
        let mut model = terms(size, &text, 0);
        let mut read = String::new();
        for top in 0..200 {
            if let Page::Terms(reading) = &mut model.page {
                reading.top = top;
            }
            read.push_str(&screen(&model));
            read.push('\n');
        }
        let missing: Vec<&String> =
            words.iter().filter(|word| !read.split([' ', '|', '\n']).any(|seen| seen == *word)).collect();
        assert!(missing.is_empty(), "{size:?}: {missing:?}");
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
