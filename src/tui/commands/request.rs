//! Requests and their ends: accept, decline, leave for another device, withdraw one's own, take an ended chat off the list.

use super::{confirm, name_in};
use crate::engine::{ChatId, Command};
use crate::tui::model::{Act, Model};
use crate::tui::msg::Effect;
use crate::tui::words::question::messages_of;

pub(super) fn accept(chat: ChatId) -> Vec<Effect> {
    vec![Effect::Engine(Command::Accept(chat))]
}

pub(super) fn leave(chat: ChatId) -> Vec<Effect> {
    vec![Effect::Engine(Command::Leave(chat))]
}

/// Takes an ended chat off the list; one with messages only after a question, since they go with it.
pub(super) fn dismiss(model: &mut Model, id: ChatId) -> Vec<Effect> {
    let Some(chat) = model.chats.get(&id) else { return Vec::new() };
    if chat.last.is_none() {
        return vec![Effect::Engine(Command::Dismiss(id))];
    }
    let (messages, name) = (messages_of(chat), name_in(model, chat));
    let question =
        format!("Take the ended chat with {name} off the list and delete {messages} on this device?");
    confirm::ask(model, question, Act::Dismiss(id))
}

pub(super) fn decline(model: &mut Model, id: ChatId) -> Vec<Effect> {
    let Some(chat) = model.chats.get(&id) else { return Vec::new() };
    let name = name_in(model, chat);
    let question =
        format!("Decline the secret chat with {name}? It ends for all your devices, and {name} sees it.");
    confirm::ask(model, question, Act::Decline(id))
}

pub(super) fn cancel(model: &mut Model, id: ChatId) -> Vec<Effect> {
    let Some(chat) = model.chats.get(&id) else { return Vec::new() };
    let name = name_in(model, chat);
    let question = format!("Withdraw your request to {name}? The chat ends before it has begun.");
    confirm::ask(model, question, Act::CancelRequest(id))
}
