//! The composer: typing, pasting, drafts, sending.
//!
//! Every change of the text is told to the engine, which keeps it. What is too long is said and kept, never cut: only the writer knows
//! what can go.

use crossterm::event::{KeyCode, KeyEvent};
use ratatui_textarea::{CursorMove, TextArea};

use super::toast;
use crate::engine::{Body, ChatId, Command};
use crate::tui::model::{Chat, Model};
use crate::tui::msg::Effect;

/// The longest text of one message, in UTF-16 code units.
pub const LONGEST: usize = 4096;

/// What is in the composer.
pub fn text(chat: &Chat) -> String {
    chat.composer.lines().join("\n")
}

/// A draft from an earlier run. What is being written now is worth more.
pub fn restore(chat: &mut Chat, draft: &str) {
    if chat.composer.is_empty() {
        chat.composer = TextArea::from(without_controls(draft).split('\n'));
        chat.composer.move_cursor(CursorMove::Bottom);
        chat.composer.move_cursor(CursorMove::End);
    }
}

/// A key that the keymap does not know: text, or one of the composer's own chords.
pub fn edit(model: &mut Model, key: KeyEvent) -> Vec<Effect> {
    if matches!(key.code, KeyCode::Char(c) if c.is_control()) {
        return Vec::new();
    }
    changed(model, |composer| {
        composer.input(key);
    })
}

pub fn paste(model: &mut Model, pasted: &str) -> Vec<Effect> {
    changed(model, |composer| {
        composer.insert_str(without_controls(pasted));
    })
}

pub(super) fn new_line(model: &mut Model) -> Vec<Effect> {
    changed(model, TextArea::insert_newline)
}

/// Sends what is written, and begins anew.
pub(super) fn send(model: &mut Model) -> Vec<Effect> {
    let Some(chat) = model.open_chat_mut() else { return Vec::new() };
    let text = text(chat).trim_end().to_owned();
    if text.trim().is_empty() {
        return Vec::new();
    }
    let length = length(&text);
    if length > LONGEST {
        too_long(model, length);
        return Vec::new();
    }
    chat.composer = TextArea::default();
    let id = chat.view.id;
    vec![
        Effect::Engine(Command::Say { chat: id, draft: Box::new(Body::text(text).into()) }),
        keep(id, String::new()),
    ]
}

/// Changes the composer; a changed text is a changed draft.
fn changed(model: &mut Model, change: impl FnOnce(&mut TextArea<'static>)) -> Vec<Effect> {
    let Some(chat) = model.open_chat_mut() else { return Vec::new() };
    let before = text(chat);
    change(&mut chat.composer);
    let after = text(chat);
    if before == after {
        return Vec::new();
    }
    let id = chat.view.id;
    let length = length(&after);
    if length > LONGEST && self::length(&before) <= LONGEST {
        too_long(model, length);
    }
    vec![keep(id, after)]
}

fn keep(chat: ChatId, text: String) -> Effect {
    Effect::Engine(Command::KeepDraft { chat, text })
}

fn length(text: &str) -> usize {
    text.encode_utf16().count()
}

fn too_long(model: &mut Model, length: usize) {
    let words =
        format!("{length} characters, and a message takes {LONGEST}: shorten it, or send it in parts");
    toast(model, &words);
}

/// Pasted text with one kind of line break, tabs as spaces, and nothing else that controls a terminal.
pub(super) fn without_controls(text: &str) -> String {
    let text = text.replace("\r\n", "\n").replace('\r', "\n").replace('\t', "    ");
    text.chars().filter(|c| *c == '\n' || !c.is_control()).collect()
}
