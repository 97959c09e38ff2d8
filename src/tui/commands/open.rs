//! Open what is selected: a chat, a person, the menu of a contact, the question to the server.

use super::{moving, person, search};
use crate::engine::{ChatId, Command, UserId};
use crate::tui::model::{Focus, Model, Open, Row, Scroll};
use crate::tui::msg::Effect;
use crate::tui::rows::{living_chat, rows};
use crate::tui::update::PAGE;

/// Enter in the list: the selected row, or the first one.
pub(super) fn open_selected(model: &mut Model) -> Vec<Effect> {
    let row = model.list.selected.or_else(|| rows(model).first().copied());
    match row {
        None => Vec::new(),
        Some(Row::Chat(chat)) => open_chat(model, chat),
        Some(Row::Contact(user)) => match living_chat(model, user).map(|chat| chat.view.id) {
            Some(chat) => open_chat(model, chat),
            None => super::menu::open(model, Open::Person(user)),
        },
        Some(Row::Found(user)) => open_found(model, user),
        Some(Row::AskServer) => search::ask_server(model),
        Some(Row::Import) => search::import(model),
    }
}

/// Opens a chat from the list, and puts the list in order.
pub fn open_chat(model: &mut Model, id: ChatId) -> Vec<Effect> {
    let effects = show_chat(model, id);
    moving::put_in_order(model);
    effects
}

/// Opens a chat: the focus goes where one writes, if one can (while the other side is awaited, a draft). The list keeps its order.
pub(super) fn show_chat(model: &mut Model, id: ChatId) -> Vec<Effect> {
    let Some(chat) = model.chats.get(&id) else { return Vec::new() };
    model.focus = if chat.has_composer() { Focus::Composer } else { Focus::Messages(Scroll::default()) };
    model.open = Some(Open::Chat(id));
    search::leave(model);
    model.list.selected = Some(Row::Chat(id));
    read_history(model)
}

/// Adds somebody who was found to the contacts, and shows them.
fn open_found(model: &mut Model, user: UserId) -> Vec<Effect> {
    model.open = Some(Open::Person(user));
    model.focus = Focus::Messages(Scroll::default());
    // Oneself is found, too, and is nobody to add.
    if model.is_me(user) { Vec::new() } else { person::add_contact(model, user) }
}

/// Reads the newest messages of the open chat, once.
fn read_history(model: &mut Model) -> Vec<Effect> {
    let Some(chat) = model.open_chat_mut() else { return Vec::new() };
    if chat.history.asked || chat.history.loaded() {
        return Vec::new();
    }
    chat.history.asked = true;
    vec![Effect::Engine(Command::History { chat: chat.view.id, before: None, limit: PAGE })]
}

/// Reads what came before the oldest message in memory.
pub(super) fn read_older(model: &mut Model) -> Vec<Effect> {
    let Some(chat) = model.open_chat_mut() else { return Vec::new() };
    let history = &mut chat.history;
    if history.asked || history.complete || history.first_place.is_none() {
        return Vec::new();
    }
    history.asked = true;
    let before = history.first_place;
    vec![Effect::Engine(Command::History { chat: chat.view.id, before, limit: PAGE })]
}
