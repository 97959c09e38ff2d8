//! The behaviour of the screen: what has happened, and the model after it, and what is to be done.
//!
//! Pure: no clock, no terminal, no engine; the time is an argument and every wish is an [`Effect`], so that a test can play the
//! user. Keys become verbs by the keymap and verbs are carried out by [`commands`]. What arrives is written into the model and
//! moves nothing under the user's hands: only the closing part of [`update`] looks for what has lost its object.

mod arrival;
mod history;
mod settle;

pub use history::PAGE;

use crossterm::event::{KeyCode, KeyEvent, KeyEventKind, KeyModifiers};

use super::commands;
use super::keys::{Keymap, contexts};
use super::model::{Ending, Focus, Model, Popup};
use super::msg::{Effect, Msg};
use super::text::safe_line;
use crate::engine::Command;

/// Something has happened at `now_ms` (unix milliseconds): changes the model and says what is to be done, in order.
pub fn update(model: &mut Model, msg: Msg, now_ms: i64) -> Vec<Effect> {
    model.now_ms = now_ms;
    let presence = commands::presence::tell(model, &msg);
    let dial = commands::account::dial(model, &msg);
    let mut effects = match msg {
        Msg::Key(key) => press(model, key),
        Msg::Paste(text) => paste(model, &text),
        Msg::Resize(columns, rows) => {
            model.size = (columns, rows);
            Vec::new()
        }
        Msg::Focus(focus) => {
            model.terminal_focus = focus;
            Vec::new()
        }
        Msg::Engine(event) => arrival::arrive(model, *event),
        Msg::Terminate => quit(model),
        Msg::Resumed => vec![Effect::Redraw],
        Msg::Moment => Vec::new(),
        Msg::Completed { typed, candidates } => {
            commands::attach::completed(model, &typed, candidates);
            Vec::new()
        }
        Msg::IsFile(path) => {
            commands::attach::is_file(model, &path);
            Vec::new()
        }
        Msg::Preview { chat, random_id, preview } => {
            commands::previewed(model, (chat, random_id), preview);
            Vec::new()
        }
        Msg::Trouble(words) => {
            commands::trouble(model, &safe_line(&words));
            Vec::new()
        }
    };
    settle::settle(model);
    effects.extend(presence);
    effects.extend(dial);
    effects.extend(commands::compose::hush(model));
    effects.extend(commands::seen::see(model));
    effects
}

/// The user wants to leave.
pub(super) fn quit(model: &mut Model) -> Vec<Effect> {
    if model.ending.is_some() {
        return Vec::new();
    }
    model.ending = Some(Ending::Wanted);
    vec![Effect::Engine(Command::Quit)]
}

/// Whether keys go into the search line, the composer, the path of a file, the link of a proxy, a username, or nowhere as text.
enum Typing {
    Search,
    Path,
    Proxy,
    Username,
    Composer,
    Nothing,
}

fn typing(model: &Model) -> Typing {
    match (&model.popup, model.focus) {
        (None, Focus::List) if model.list.searching => Typing::Search,
        (None, Focus::Composer) => Typing::Composer,
        (Some(Popup::Attach(_)), _) => Typing::Path,
        (Some(Popup::Proxy(_)), _) => Typing::Proxy,
        (Some(Popup::Username(_)), _) => Typing::Username,
        _ => Typing::Nothing,
    }
}

fn press(model: &mut Model, key: KeyEvent) -> Vec<Effect> {
    if key.kind == KeyEventKind::Release || model.ending.is_some() {
        return Vec::new();
    }
    model.wish = None;
    if model.hands_off && model.popup.is_none() {
        model.hands_off = prints(key);
        if prints(key) {
            return Vec::new();
        }
        if key.code == KeyCode::Esc {
            model.toast = None;
            return Vec::new();
        }
    }
    model.toast = None;
    if let Some(verb) = Keymap::built_in().verb(&contexts(model), key) {
        return commands::run(model, verb);
    }
    match typing(model) {
        Typing::Search => commands::search::edit(model, key),
        Typing::Composer => commands::compose::edit(model, key),
        Typing::Path => commands::attach::edit(model, key),
        Typing::Proxy => commands::account::edit_proxy(model, key),
        Typing::Username => commands::username::edit(model, key),
        Typing::Nothing => Vec::new(),
    }
}

/// A key that would be text in the composer.
fn prints(key: KeyEvent) -> bool {
    let chord = KeyModifiers::CONTROL | KeyModifiers::ALT;
    let edits = matches!(key.code, KeyCode::Char(_) | KeyCode::Enter | KeyCode::Backspace);
    edits && !key.modifiers.intersects(chord)
}

fn paste(model: &mut Model, text: &str) -> Vec<Effect> {
    if model.ending.is_some() {
        return Vec::new();
    }
    model.toast = None;
    model.wish = None;
    match typing(model) {
        Typing::Search => commands::search::paste(model, text),
        Typing::Composer => commands::compose::paste(model, text),
        Typing::Path => commands::attach::paste(model, text),
        Typing::Proxy => commands::account::paste_proxy(model, text),
        Typing::Username => commands::username::paste(model, text),
        Typing::Nothing => {
            commands::toast(model, "paste works while writing or searching");
            Vec::new()
        }
    }
}
