//! Sending a file: a line for its path, completed as a shell would, and two choices.
//!
//! What is written in the composer becomes the caption, and what it answers is answered by the file. Paths are the user's own words; what a
//! folder holds is somebody else's, and is shown only after it was made safe.

use std::path::PathBuf;

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use ratatui_textarea::TextArea;

use super::compose::{self, parsed, without_controls};
use super::toast;
use crate::engine::Command;
use crate::tui::model::{Attach, Model, Popup};
use crate::tui::msg::Effect;

/// Longer than any path of the system.
const LONGEST: usize = 4096;

/// Asks for a path. If all that is written is one, it is taken for it.
pub(super) fn open(model: &mut Model) -> Vec<Effect> {
    let Some(chat) = model.open_chat_mut() else { return Vec::new() };
    let id = chat.view.id;
    let written = compose::text(chat);
    let path = path_in(&written).unwrap_or_default();
    let mut effects = Vec::new();
    if !path.is_empty() {
        chat.composer = TextArea::default();
        effects.push(compose::keep(id, String::new()));
    }
    let attach =
        Attach { chat: id, path, as_document: false, silent: false, candidates: Vec::new(), chosen: None };
    model.popup = Some(Popup::Attach(attach));
    effects
}

/// The path that a text is, written or pasted the way shells and file managers do: quoted, escaped, as an address.
pub(super) fn path_in(text: &str) -> Option<String> {
    let text = text.trim();
    let quoted = |mark: char| text.strip_prefix(mark)?.strip_suffix(mark).map(str::to_owned);
    let bare = || text.replace("\\ ", " ");
    let path = quoted('\'').or_else(|| quoted('"')).unwrap_or_else(bare);
    let path = path.strip_prefix("file://").map(decoded).unwrap_or(path);
    let begins = path.starts_with('/') || path.starts_with("~/");
    (begins && path.len() > 2 && !path.contains('\n') && !path.contains("//")).then_some(path)
}

/// An address with its `%20` as what they stand for.
fn decoded(address: &str) -> String {
    let mut bytes = Vec::with_capacity(address.len());
    let mut rest = address.bytes();
    while let Some(byte) = rest.next() {
        let hex = |digit: u8| char::from(digit).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
        let mut ahead = rest.clone();
        match (byte, ahead.next().and_then(hex), ahead.next().and_then(hex)) {
            (b'%', Some(high), Some(low)) => {
                bytes.push(high << 4 | low);
                rest = ahead;
            }
            _ => bytes.push(byte),
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// A key that the keymap does not know: text at the end of the path.
pub fn edit(model: &mut Model, key: KeyEvent) -> Vec<Effect> {
    let Some(Popup::Attach(attach)) = &mut model.popup else { return Vec::new() };
    let control = key.modifiers.contains(KeyModifiers::CONTROL);
    let alt = key.modifiers.contains(KeyModifiers::ALT);
    let path = &mut attach.path;
    match key.code {
        KeyCode::Char('u') if control => path.clear(),
        KeyCode::Char('w') if control => up(path),
        KeyCode::Backspace if control || alt => up(path),
        KeyCode::Char('h') if control => drop(path.pop()),
        KeyCode::Backspace => drop(path.pop()),
        KeyCode::Char(c) if !control && !alt && !c.is_control() && path.len() < LONGEST => path.push(c),
        _ => return Vec::new(),
    }
    changed(attach);
    Vec::new()
}

pub fn paste(model: &mut Model, pasted: &str) -> Vec<Effect> {
    let Some(Popup::Attach(attach)) = &mut model.popup else { return Vec::new() };
    let plain = || without_controls(pasted).replace('\n', " ").trim().to_owned();
    let path = path_in(&without_controls(pasted)).unwrap_or_else(plain);
    if path.starts_with(['/', '~']) {
        attach.path.clear();
    }
    let room = LONGEST.saturating_sub(attach.path.len());
    attach.path.extend(path.chars().take(room));
    changed(attach);
    Vec::new()
}

fn changed(attach: &mut Attach) {
    attach.candidates.clear();
    attach.chosen = None;
}

/// Out of the last part of a path.
fn up(path: &mut String) {
    let end = path.trim_end_matches('/').rfind('/').map_or(0, |slash| slash + 1);
    path.truncate(end);
}

/// Tab: the next candidate, or the question what there is.
pub(super) fn complete(model: &mut Model) -> Vec<Effect> {
    let Some(Popup::Attach(attach)) = &mut model.popup else { return Vec::new() };
    if attach.candidates.len() > 1 {
        let next = attach.chosen.map_or(0, |chosen| (chosen + 1) % attach.candidates.len());
        if let Some(candidate) = attach.candidates.get(next) {
            attach.path.clone_from(candidate);
            attach.chosen = Some(next);
        }
        return Vec::new();
    }
    vec![Effect::Complete(attach.path.clone())]
}

/// What a path can go on with; an answer to an earlier question is none to this one.
pub fn completed(model: &mut Model, typed: &str, candidates: Vec<String>) {
    let Some(Popup::Attach(attach)) = &mut model.popup else { return };
    if attach.path != typed {
        return;
    }
    match candidates.as_slice() {
        [] => toast(model, "there is no file and no folder that begins so"),
        [only] => {
            attach.path.clone_from(only);
            changed(attach);
        }
        several => {
            let common = common_start(several);
            if common.len() > attach.path.len() {
                attach.path = common;
            }
            attach.candidates = candidates;
            attach.chosen = None;
        }
    }
}

fn common_start(several: &[String]) -> String {
    let Some((first, rest)) = several.split_first() else { return String::new() };
    let shared = rest.iter().map(|other| {
        let same = first.char_indices().zip(other.chars()).take_while(|((_, one), other)| one == other);
        same.last().map_or(0, |((at, c), _)| at + c.len_utf8())
    });
    let end = shared.min().unwrap_or(first.len());
    first.get(..end).unwrap_or_default().to_owned()
}

pub(super) fn toggle_document(model: &mut Model) -> Vec<Effect> {
    if let Some(Popup::Attach(attach)) = &mut model.popup {
        attach.as_document = !attach.as_document;
    }
    Vec::new()
}

pub(super) fn toggle_silent(model: &mut Model) -> Vec<Effect> {
    if let Some(Popup::Attach(attach)) = &mut model.popup {
        attach.silent = !attach.silent;
    }
    Vec::new()
}

/// Sends the file, with what is written as its caption.
pub(super) fn send(model: &mut Model) -> Vec<Effect> {
    let Some(Popup::Attach(attach)) = &model.popup else { return Vec::new() };
    let attach = attach.clone();
    let path = expanded(attach.path.trim(), model.home.as_ref());
    let Some(chat) = model.chats.get_mut(&attach.chat).filter(|chat| chat.ready()) else {
        toast(model, "the chat is not open: nothing can be sent");
        return Vec::new();
    };
    let caption = parsed(compose::text(chat).trim_end());
    let length = caption.len_utf16();
    if length > compose::LONGEST_CAPTION {
        compose::too_long(model, length, compose::LONGEST_CAPTION);
        return Vec::new();
    }
    let reply_to = chat.reply.take();
    chat.composer = TextArea::default();
    chat.typing_told = false;
    model.popup = None;
    let Attach { chat, as_document, silent, .. } = attach;
    let send = Command::SendFile { chat, path, as_document, caption, reply_to, silent };
    vec![Effect::Engine(send), compose::keep(chat, String::new())]
}

/// A path with the user's folder in place of `~`.
fn expanded(path: &str, home: Option<&PathBuf>) -> PathBuf {
    match (path.strip_prefix("~/"), home) {
        (Some(rest), Some(home)) => home.join(rest),
        _ => PathBuf::from(path),
    }
}

/// A pasted path is a file that is there: says how to send it.
pub fn is_file(model: &mut Model, path: &str) {
    let written = model.open_chat().map(compose::text).and_then(|text| path_in(&text));
    if model.popup.is_none() && written.as_deref() == Some(path) {
        toast(model, "that is a file: Ctrl+O sends it; Enter would send its name as words");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_known_however_they_are_pasted() {
        for (pasted, path) in [
            ("/tmp/a b.jpg", "/tmp/a b.jpg"),
            ("'/tmp/a b.jpg' ", "/tmp/a b.jpg"),
            ("\"~/x.png\"", "~/x.png"),
            ("/tmp/a\\ b.jpg\n", "/tmp/a b.jpg"),
            ("file:///tmp/a%20b%C3%A9.jpg", "/tmp/a bé.jpg"),
        ] {
            assert_eq!(path_in(pasted).as_deref(), Some(path));
        }
        for text in ["hello", "/", "//comment", "one\n/tmp/x", "https://a/b", "~x", "/tmp/x\n/tmp/y", "%2"] {
            assert_eq!(path_in(text), None, "{text:?}");
        }
    }

    #[test]
    fn candidates_share_a_start_at_a_character() {
        let common = |several: &[&str]| {
            common_start(&several.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>())
        };
        assert_eq!(common(&["~/aé1", "~/aé2"]), "~/aé");
        assert_eq!(common(&["~/é", "~/è"]), "~/");
        assert_eq!(common(&[]), "");
    }
}
