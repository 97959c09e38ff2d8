//! The search line: type to filter, ask the server for whom the filter does not find.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

use super::compose::without_controls;
use super::moving;
use crate::engine::Command;
use crate::tui::model::{Found, Model};
use crate::tui::msg::Effect;
use crate::tui::rows::{self, query, rows};

/// Longer than any name, username or phone number; more in the line is a paste gone astray.
const LONGEST: usize = 128;

pub(super) fn begin(model: &mut Model) -> Vec<Effect> {
    model.list.searching = true;
    Vec::new()
}

/// Leaves the search; everybody is shown again.
pub(super) fn clear(model: &mut Model) -> Vec<Effect> {
    leave(model);
    moving::put_in_order(model);
    Vec::new()
}

/// Out of the search line, with nothing in it.
pub(super) fn leave(model: &mut Model) {
    model.list.searching = false;
    model.list.query.clear();
    model.list.found = None;
}

/// A key that the keymap does not know.
pub fn edit(model: &mut Model, key: KeyEvent) -> Vec<Effect> {
    if edit_line(&mut model.list.query, key, LONGEST) { typed(model) } else { Vec::new() }
}

/// A key in a line of at most `longest` bytes; whether it typed or deleted.
pub(super) fn edit_line(line: &mut String, key: KeyEvent, longest: usize) -> bool {
    let control = key.modifiers.contains(KeyModifiers::CONTROL);
    let alt = key.modifiers.contains(KeyModifiers::ALT);
    match key.code {
        KeyCode::Char('u') if control => line.clear(),
        KeyCode::Char('w') if control => drop_word(line),
        KeyCode::Backspace if control || alt => drop_word(line),
        KeyCode::Char('h') if control => drop(line.pop()),
        KeyCode::Backspace => drop(line.pop()),
        KeyCode::Char(c) if !control && !alt && !c.is_control() && line.len() < longest => line.push(c),
        _ => return false,
    }
    true
}

pub fn paste(model: &mut Model, pasted: &str) -> Vec<Effect> {
    let pasted = without_controls(pasted).replace('\n', " ");
    let room = LONGEST.saturating_sub(model.list.query.len());
    model.list.query.extend(pasted.trim().chars().take(room));
    typed(model)
}

/// Another query: an answer to the old one is none to it, and the best match is the first row.
fn typed(model: &mut Model) -> Vec<Effect> {
    model.list.found = None;
    model.list.selected = rows(model).first().copied();
    Vec::new()
}

fn drop_word(line: &mut String) {
    let kept = line.trim_end();
    let end = kept.rfind(char::is_whitespace).map_or(0, |space| space + 1);
    line.truncate(end);
}

/// Puts the number on the contacts under its name. The line keeps the number: by that the server's answer finds its way here.
pub(super) fn import(model: &mut Model) -> Vec<Effect> {
    let Some((phone, name)) = rows::import(model) else { return Vec::new() };
    model.list.query = format!("+{phone}");
    model.list.found = Some(Found { query: model.list.query.clone(), people: None });
    vec![Effect::Engine(Command::Import { phone, name })]
}

/// Asks the server for the query.
pub(super) fn ask_server(model: &mut Model) -> Vec<Effect> {
    let query = query(model).to_owned();
    model.list.found = Some(Found { query: query.clone(), people: None });
    vec![Effect::Engine(Command::Find(query))]
}
