//! Four screens in every theme, with the style of every cell: a text snapshot would not see a lost colour.
//!
//! The dump is compact: runs of one style as `fg/bg/modifiers "text"`, rows of blanks in the default style left out.

#![allow(clippy::unwrap_used)]

use std::fmt::Write;

use insta::assert_snapshot;
use ratatui::style::{Color, Modifier};
use subrosa::engine::ChatId;
use subrosa::tui::model::{Focus, Model, Popup, Scroll};
use subrosa::tui::theme::Theme;

use super::stage::*;

const SIZE: (u16, u16) = (80, 24);

pub fn dump(model: &Model, theme: &Theme) -> String {
    let (buffer, _) = drawn(model, theme);
    let mut text = String::new();
    for (y, row) in rows_of(&buffer).into_iter().enumerate() {
        let mut runs: Vec<(String, String)> = Vec::new();
        for (_, cell) in row {
            let style = style_words(cell.fg, cell.bg, cell.modifier);
            match runs.last_mut() {
                Some((last, words)) if *last == style => words.push_str(cell.symbol()),
                _ => runs.push((style, cell.symbol().to_owned())),
            }
        }
        if runs.iter().all(|(style, words)| style == "-" && words.trim().is_empty()) {
            continue;
        }
        writeln!(text, "row {y}").unwrap();
        for (style, words) in runs {
            writeln!(text, "  {style} {words:?}").unwrap();
        }
    }
    text
}

fn style_words(fg: Color, bg: Color, modifier: Modifier) -> String {
    let colour = |name: &str, colour: Color| match colour {
        Color::Reset => None,
        colour => Some(format!("{name}={colour}")),
    };
    let modifier = (!modifier.is_empty()).then(|| format!("{modifier:?}").to_lowercase().replace(" | ", "+"));
    let words: Vec<String> = [colour("fg", fg), colour("bg", bg), modifier].into_iter().flatten().collect();
    if words.is_empty() { "-".into() } else { words.join(",") }
}

fn in_all_themes(name: &str, model: &Model) {
    for theme in [Theme::dark(), Theme::light(), Theme::mono()] {
        assert_snapshot!(format!("theme_{}_{name}", theme.name), dump(model, &theme));
    }
}

#[test]
fn list() {
    in_all_themes("list", &world(SIZE));
}

#[test]
fn conversation_with_a_selected_message() {
    let mut model = conversation(SIZE);
    model.focus = Focus::Messages(Scroll::default());
    in_all_themes("conversation", &model);
}

#[test]
fn request() {
    let mut model = world(SIZE);
    open(&mut model, ChatId(3));
    in_all_themes("request", &model);
}

#[test]
fn key() {
    let mut model = conversation(SIZE);
    model.popup = Some(Popup::Key(ChatId(1)));
    in_all_themes("key", &model);
}

#[test]
fn mono_uses_no_colour_at_all() {
    for model in [world(SIZE), conversation(SIZE)] {
        let (buffer, _) = drawn(&model, &Theme::mono());
        assert!(buffer.content.iter().all(|cell| cell.fg == Color::Reset && cell.bg == Color::Reset));
    }
}

#[test]
fn ascii_symbols_are_ascii() {
    let mut model = conversation(SIZE);
    model.people = model.people.values().filter(|person| person.last_name.is_ascii()).cloned().collect();
    for popup in [None, Some(Popup::Key(ChatId(1))), Some(Popup::Help(0))] {
        model.popup = popup;
        let text = screen_in(&model, &Theme::dark().in_ascii());
        let strange: Vec<char> = text.chars().filter(|c| !c.is_ascii()).collect();
        assert!(strange.is_empty(), "{strange:?} in\n{text}");
    }
}
