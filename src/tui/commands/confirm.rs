//! Questions before what cannot be taken back, and the acts themselves.
//!
//! A question stays as it is while the world changes behind it; whether its act still makes sense is looked at when it is answered.

use super::{compose, content, name_in, toast};
use crate::engine::{ChatId, ChatState, Command};
use crate::tui::model::{Act, Chat, Confirm, Focus, Model, Open, Popup, Scroll};
use crate::tui::msg::Effect;
use crate::tui::words::question::messages_of;

pub(super) fn ask(model: &mut Model, question: String, act: Act) -> Vec<Effect> {
    model.popup = Some(Popup::Confirm(Confirm { question, act }));
    Vec::new()
}

/// Asks before a chat is closed, or before an ended one loses its history.
pub(super) fn ask_close(model: &mut Model, id: ChatId, delete_history: bool) -> Vec<Effect> {
    let Some(chat) = model.chats.get(&id) else { return Vec::new() };
    let name = name_in(model, chat);
    let messages = messages_of(chat);
    let question = match (chat.closed(), delete_history) {
        (true, _) => format!("Delete {messages} of the ended chat with {name} on this device?"),
        (false, true) => format!("Close the chat with {name} and delete {messages} on both sides?"),
        (false, false) => {
            format!("Close the chat with {name}? Its key is destroyed; what was written stays readable here.")
        }
    };
    ask(model, question, Act::Close { chat: id, delete_history })
}

/// The question is answered by yes.
pub(super) fn yes(model: &mut Model) -> Vec<Effect> {
    let Some(Popup::Confirm(Confirm { act, .. })) = model.popup.take() else { return Vec::new() };
    if !still(model, &act) {
        toast(model, "nothing was done: it has changed meanwhile");
        return Vec::new();
    }
    step_out(model, &act);
    match act {
        Act::SayWithout { chat, draft } => compose::say(model, chat, draft),
        Act::Launch(target) => vec![Effect::Launch(target)],
        Act::OpenContent { chat, random_id } => content::uncover(model, chat, random_id),
        act => commands(act).into_iter().map(Effect::Engine).collect(),
    }
}

/// Whether the act is still what the question said.
fn still(model: &Model, act: &Act) -> bool {
    let state = |chat: &ChatId| model.chats.get(chat).map(|chat| &chat.view.state);
    match act {
        Act::Close { chat, delete_history } => {
            *delete_history || model.chats.get(chat).is_some_and(|chat| !chat.closed())
        }
        Act::CancelRequest(chat) => matches!(state(chat), Some(ChatState::Asking | ChatState::Waiting)),
        Act::Decline(chat) => matches!(state(chat), Some(ChatState::Requested { .. })),
        Act::Dismiss(chat) => model.chats.get(chat).is_some_and(Chat::closed),
        Act::SayWithout { chat, .. } => model.chats.get(chat).is_some_and(Chat::ready),
        Act::OpenContent { chat, random_id } | Act::CancelTransfer { chat, random_id } => {
            model.chats.get(chat).is_some_and(|chat| chat.message(*random_id).is_some())
        }
        Act::EndDevice(hash) => model.devices.iter().flatten().any(|device| device.hash == *hash),
        Act::DeleteMessages { .. }
        | Act::Block(_)
        | Act::Unblock(_)
        | Act::DeleteContact(_)
        | Act::GiveUpUsername
        | Act::Report(_)
        | Act::Launch(_) => true,
    }
}

/// Out of the composer of a chat that the user ends, before it goes away by itself.
fn step_out(model: &mut Model, act: &Act) {
    if let Act::Close { chat, .. } | Act::CancelRequest(chat) = act
        && model.focus == Focus::Composer
        && model.open == Some(Open::Chat(*chat))
    {
        model.focus = Focus::Messages(Scroll::default());
    }
}

fn commands(act: Act) -> Vec<Command> {
    match act {
        Act::Close { chat, delete_history } => vec![Command::Close { chat, delete_history }],
        Act::CancelRequest(chat) => vec![Command::Close { chat, delete_history: false }],
        Act::Decline(chat) => vec![Command::Decline(chat)],
        Act::Dismiss(chat) => vec![Command::Close { chat, delete_history: true }, Command::Dismiss(chat)],
        Act::DeleteMessages { chat, random_ids } => vec![Command::Delete { chat, random_ids }],
        Act::Block(user) => vec![Command::Block(user)],
        Act::Unblock(user) => vec![Command::Unblock(user)],
        Act::DeleteContact(user) => vec![Command::DeleteContact(user)],
        Act::GiveUpUsername => vec![Command::SetUsername(String::new())],
        Act::EndDevice(hash) => vec![Command::EndDevice(hash)],
        Act::Report(chat) => vec![Command::Report(chat)],
        Act::CancelTransfer { chat, random_id } => vec![Command::CancelTransfer { chat, random_id }],
        Act::SayWithout { chat, draft } => vec![Command::Say { chat, draft }],
        Act::OpenContent { chat, random_id } => vec![Command::OpenContent { chat, random_id }],
        Act::Launch(_) => Vec::new(),
    }
}
