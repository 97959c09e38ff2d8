//! The key picture, and the mark that it was compared.

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
