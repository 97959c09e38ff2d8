//! A question before what cannot be taken back, for screens that do not hold its long form.
//!
//! What would be lost is said first, then in which chat: whoever sees only the first line should still know what a yes destroys.

use super::account;
use crate::tui::model::{Act, Chat, Model};

/// The short form, with somebody called `name` for short.
pub fn short(model: &Model, act: &Act, name: &str) -> String {
    match act {
        Act::Close { chat, delete_history } => {
            let chat = model.chats.get(chat);
            let lost = chat.map_or_else(|| "its history".into(), messages_of);
            match (delete_history, chat.is_some_and(Chat::closed)) {
                (true, true) => format!("Delete {lost} on this device? The chat was with {name}."),
                (true, false) => format!("Delete {lost} for both and close with {name}?"),
                (false, _) => format!("Destroy the key and close with {name}?"),
            }
        }
        Act::CancelRequest(_) => format!("Withdraw the request to {name}?"),
        Act::Decline(_) => format!("Decline the request of {name}?"),
        Act::Dismiss(chat) => {
            let lost = model.chats.get(chat).map_or_else(|| "its history".into(), messages_of);
            format!("Delete {lost} here and take {name} off the list?")
        }
        Act::DeleteMessages { random_ids, .. } => match random_ids.len() {
            1 => format!("Delete this message for both, you and {name}?"),
            count => format!("Delete {count} messages for both, you and {name}?"),
        },
        Act::SayWithout { .. } => format!("{name}'s app cannot show all of it. Send it without?"),
        Act::OpenContent { .. } => format!("Open it? It destroys itself then; {name} is told."),
        Act::CancelTransfer { .. } => "Give up sending? The message goes, too.".into(),
        Act::Launch(_) => "Open it with another program?".into(),
        Act::Report(_) => format!("Report {name} to Telegram for spam?"),
        Act::Block(_) => format!("Block {name}?"),
        Act::Unblock(_) => format!("Unblock {name}?"),
        Act::DeleteContact(_) => format!("Delete {name} from your contacts?"),
        Act::GiveUpUsername => "Give up your username? Others may take it.".into(),
        Act::EndDevice(hash) => {
            let mut devices = model.devices.iter().flatten();
            let device = devices.find(|device| device.hash == *hash);
            let name = device.map_or_else(|| "the device".into(), account::device_name);
            format!("Sign out {name}?")
        }
    }
}

/// "its 12 messages", as far as the number is known.
pub fn messages_of(chat: &Chat) -> String {
    match chat.history.messages.len() {
        _ if !chat.history.complete => "all its messages".into(),
        0 => "its history".into(),
        1 => "its 1 message".into(),
        count => format!("its {count} messages"),
    }
}
