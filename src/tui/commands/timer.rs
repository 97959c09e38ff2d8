//! The self-destruct timer for new messages.

use crate::engine::{ChatId, Command};
use crate::tui::model::{Model, Popup, TIMERS};
use crate::tui::msg::Effect;

/// Offers the timers; the one that is set is selected, or the longest below it.
pub(super) fn open(model: &mut Model, chat: ChatId) -> Vec<Effect> {
    let ttl = model.chats.get(&chat).map_or(0, |chat| chat.view.ttl);
    let selected = TIMERS.iter().rposition(|timer| *timer <= ttl).unwrap_or(0);
    model.popup = Some(Popup::Timer { chat, selected });
    Vec::new()
}

/// Sets the selected timer.
pub(super) fn choose(model: &mut Model) -> Vec<Effect> {
    let Some(Popup::Timer { chat, selected }) = model.popup.take() else { return Vec::new() };
    let Some(seconds) = TIMERS.get(selected).copied() else { return Vec::new() };
    if !model.chats.get(&chat).is_some_and(|chat| chat.ready() && chat.view.ttl != seconds) {
        return Vec::new();
    }
    vec![Effect::Engine(Command::SetTimer { chat, seconds })]
}
