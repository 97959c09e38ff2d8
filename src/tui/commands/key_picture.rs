//! The key: its picture, the mark that it was compared, and its change.

use super::toast;
use crate::engine::{ChatId, ChatState, Command};
use crate::tui::model::{Model, Popup};
use crate::tui::msg::Effect;

pub(super) fn show(model: &mut Model, chat: ChatId) -> Vec<Effect> {
    model.popup = Some(Popup::Key(chat));
    Vec::new()
}

/// Marks the chat as verified, or takes it back.
pub(super) fn toggle_verified(model: &Model, chat: ChatId) -> Vec<Effect> {
    match model.chats.get(&chat).map(|chat| &chat.view.state) {
        Some(ChatState::Ready { verified }) => {
            vec![Effect::Engine(Command::Verify { chat, verified: !verified })]
        }
        _ => Vec::new(),
    }
}

/// Changes the key; both sides have to take part, so it is done when the other app is there.
pub(super) fn change(model: &mut Model, chat: ChatId) -> Vec<Effect> {
    toast(model, "changing the key; it is done once the other app has answered");
    vec![Effect::Engine(Command::ChangeKey(chat))]
}
