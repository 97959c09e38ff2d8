//! The name by which others find this account: taken, changed, given up.
//!
//! What cannot be a username is refused before the server is asked. Giving one up is asked first, since whoever comes next may take it.

use crossterm::event::KeyEvent;

use super::able::Reason;
use super::compose::without_controls;
use super::{confirm, search, toast};
use crate::engine::Command;
use crate::tui::model::{Act, Model, Popup};
use crate::tui::msg::Effect;
use crate::tui::text::safe_line;

/// Characters of a username, as Telegram counts them.
const LENGTH: std::ops::RangeInclusive<usize> = 5..=32;

/// More in the line is a paste gone astray.
const LONGEST: usize = 64;

/// The username of the account now; empty without one.
pub fn own(model: &Model) -> &str {
    let me = model.me.as_ref().and_then(|me| model.people.get(&me.id));
    me.and_then(|me| me.username.as_deref()).unwrap_or_default()
}

/// The line for another one, with the present one in it.
pub(super) fn ask(model: &mut Model) -> Vec<Effect> {
    model.popup = Some(Popup::Username(own(model).to_owned()));
    Vec::new()
}

/// What was written, without the sign that people put before it.
fn written(model: &Model) -> Option<&str> {
    let Some(Popup::Username(line)) = &model.popup else { return None };
    let line = line.trim();
    Some(line.strip_prefix('@').unwrap_or(line))
}

/// Nothing is written: taking it gives up the name there is.
pub fn gives_up(model: &Model) -> bool {
    written(model) == Some("")
}

/// Whether what was written can be taken.
pub(super) fn able(model: &Model) -> Result<(), Reason> {
    let name = written(model).ok_or("")?;
    let own = own(model);
    match name {
        "" if own.is_empty() => Err("write the name that you want"),
        "" => Ok(()),
        _ if name == own => Err("this is your username already"),
        _ if !name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_') => {
            Err("a username is made of the letters a to z, digits and _")
        }
        _ if !name.starts_with(|first: char| first.is_ascii_alphabetic()) => {
            Err("a username begins with a letter")
        }
        _ if !LENGTH.contains(&name.len()) => Err("a username has 5 to 32 characters"),
        _ => Ok(()),
    }
}

/// Takes what was written; nothing written gives up the name, after a question.
pub(super) fn set(model: &mut Model) -> Vec<Effect> {
    let Some(name) = written(model).map(str::to_owned) else { return Vec::new() };
    model.popup = None;
    if name.is_empty() {
        let own = safe_line(own(model));
        let question = format!("Give up @{own}? Nobody finds you by it any more, and others may take it.");
        return confirm::ask(model, question, Act::GiveUpUsername);
    }
    toast(model, &format!("asking for @{name}"));
    vec![Effect::Engine(Command::SetUsername(name))]
}

/// A key that the keymap does not know, in the line for the name.
pub fn edit(model: &mut Model, key: KeyEvent) -> Vec<Effect> {
    if let Some(Popup::Username(line)) = &mut model.popup {
        search::edit_line(line, key, LONGEST);
    }
    Vec::new()
}

pub fn paste(model: &mut Model, pasted: &str) -> Vec<Effect> {
    if let Some(Popup::Username(line)) = &mut model.popup {
        let pasted = without_controls(pasted);
        line.extend(pasted.trim().chars().take(LONGEST.saturating_sub(line.len())));
    }
    Vec::new()
}

/// What is said when the server has given the account another name.
pub fn told(model: &mut Model, former: &str) {
    let own = safe_line(own(model));
    // What is read at the start is no news.
    if own == former || !model.restored {
        return;
    }
    let words =
        if own.is_empty() { "you have no username now".into() } else { format!("you are @{own} now") };
    toast(model, &words);
}
