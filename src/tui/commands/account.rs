//! What is done about the account: its devices, signing out, the proxy, and a connection that waits.
//!
//! A server that is not reached is tried at longer and longer intervals; somebody who presses a key is there, and need not wait for the
//! next one.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

use super::compose::without_controls;
use super::{confirm, toast};
use crate::engine::entrance::Hidden;
use crate::engine::{ChatId, ChatState, Command, Connection, Device};
use crate::tui::model::{Act, Model, Open, Popup};
use crate::tui::msg::{Effect, Msg};
use crate::tui::words;

/// Keys cut no further pause short within this time, milliseconds: a server that refuses at once is not hammered.
const DIAL_AGAIN: i64 = 3_000;

/// Longer than any link of a proxy.
const LONGEST_LINK: usize = 1024;

/// The menu of the account, which is the menu of oneself.
pub(super) fn menu(model: &mut Model) -> Vec<Effect> {
    match model.me.as_ref().map(|me| me.id) {
        Some(me) => super::menu::open(model, Open::Person(me)),
        None => Vec::new(),
    }
}

pub(super) fn devices(model: &mut Model) -> Vec<Effect> {
    model.popup = Some(Popup::Devices { selected: 0 });
    vec![Effect::Engine(Command::Devices)]
}

/// The device on which the selection of the open popup stands.
pub(super) fn selected(model: &Model) -> Option<&Device> {
    match &model.popup {
        Some(Popup::Devices { selected }) => model.devices.as_ref()?.get(*selected),
        _ => None,
    }
}

/// Whether secret chats may be asked for on the selected device: the other way round.
pub(super) fn toggle_receiving(model: &mut Model) -> Vec<Effect> {
    let Some(device) = selected(model) else { return Vec::new() };
    let (hash, receive) = (device.hash, !device.receives);
    let name = words::account::device_name(device);
    let words = if receive { "is to receive secret chats" } else { "is to receive no secret chats" };
    toast(model, &format!("{name} {words}"));
    vec![Effect::Engine(Command::Receive { device: hash, receive })]
}

pub(super) fn end_device(model: &mut Model) -> Vec<Effect> {
    let Some(device) = selected(model) else { return Vec::new() };
    let (question, act) = (words::account::end_device(device), Act::EndDevice(device.hash));
    confirm::ask(model, question, act)
}

pub(super) fn connection(model: &mut Model) -> Vec<Effect> {
    model.popup = Some(Popup::Connection);
    Vec::new()
}

pub(super) fn ask_sign_out(model: &mut Model) -> Vec<Effect> {
    model.popup = Some(Popup::SignOut);
    Vec::new()
}

pub(super) fn sign_out(model: &mut Model, discard: bool) -> Vec<Effect> {
    model.popup = None;
    toast(model, if discard { "closing the chats and signing out" } else { "signing out" });
    vec![Effect::Engine(Command::SignOut { discard })]
}

/// The chats that end when this device is signed out. What others ask for may still be accepted on another one.
pub fn bound_chats(model: &Model) -> Vec<ChatId> {
    let bound = |state: &ChatState| !matches!(state, ChatState::Closed(_) | ChatState::Requested { .. });
    model.chats.values().filter(|chat| bound(&chat.view.state)).map(|chat| chat.view.id).collect()
}

pub(super) fn ask_proxy(model: &mut Model) -> Vec<Effect> {
    model.popup = Some(Popup::Proxy(Hidden::new(String::new())));
    Vec::new()
}

/// Goes the way that was entered.
pub(super) fn set_proxy(model: &mut Model) -> Vec<Effect> {
    let Some(Popup::Proxy(link)) = model.popup.take() else { return Vec::new() };
    toast(
        model,
        if link.expose().trim().is_empty() {
            "going without a proxy of its own"
        } else {
            "going through the proxy"
        },
    );
    vec![Effect::Engine(Command::SetProxy(link))]
}

/// A key that the keymap does not know, in the line for a proxy.
pub fn edit_proxy(model: &mut Model, key: KeyEvent) -> Vec<Effect> {
    let Some(Popup::Proxy(link)) = &mut model.popup else { return Vec::new() };
    let control = key.modifiers.contains(KeyModifiers::CONTROL);
    let alt = key.modifiers.contains(KeyModifiers::ALT);
    let typed = link.expose();
    let shorter =
        typed.char_indices().next_back().map_or("", |(end, _)| typed.get(..end).unwrap_or_default());
    *link = match key.code {
        KeyCode::Char('u' | 'w') if control => Hidden::new(String::new()),
        KeyCode::Backspace if control || alt => Hidden::new(String::new()),
        KeyCode::Char('h') if control => longer(shorter, ""),
        KeyCode::Backspace => longer(shorter, ""),
        KeyCode::Char(c) if !control && !alt && !c.is_control() => longer(typed, c.encode_utf8(&mut [0; 4])),
        _ => return Vec::new(),
    };
    Vec::new()
}

pub fn paste_proxy(model: &mut Model, pasted: &str) -> Vec<Effect> {
    if let Some(Popup::Proxy(link)) = &mut model.popup {
        *link = longer(link.expose(), without_controls(pasted).replace('\n', " ").trim());
    }
    Vec::new()
}

/// The text with more behind it, in memory that never moves: what is left behind is wiped.
fn longer(text: &str, more: &str) -> Hidden {
    let mut whole = String::with_capacity(LONGEST_LINK);
    let fits = text.chars().chain(more.chars()).take(LONGEST_LINK / char::MAX.len_utf8());
    whole.extend(fits);
    Hidden::new(whole)
}

/// A key was pressed while the connection waits for its next try: it is made now, once for each pause.
pub fn dial(model: &mut Model, msg: &Msg) -> Option<Effect> {
    let Connection::Waiting { until_unix_ms, .. } = model.connection else { return None };
    let pressed = matches!(msg, Msg::Key(_) | Msg::Paste(_));
    let fresh = model
        .dialled
        .is_none_or(|(pause, at)| pause != until_unix_ms && !(0..DIAL_AGAIN).contains(&(model.now_ms - at)));
    if !pressed || !fresh {
        return None;
    }
    model.dialled = Some((until_unix_ms, model.now_ms));
    Some(Effect::Engine(Command::Dial))
}
