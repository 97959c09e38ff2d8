//! From chat to chat without the list.
//!
//! The list keeps its order meanwhile: a chat that was just read would otherwise fall behind, and going on would lead back to it.

use super::open::show_chat;
use crate::engine::ChatId;
use crate::tui::model::{Model, Open, Row};
use crate::tui::msg::Effect;

/// The chat so many places further in the list; it goes round.
pub(super) fn by(model: &mut Model, steps: isize) -> Vec<Effect> {
    let chats = &model.list.chats;
    let target = match here(model) {
        Some(here) => {
            let count = isize::try_from(chats.len()).unwrap_or(isize::MAX).max(1);
            let place = isize::try_from(here).unwrap_or(0).saturating_add(steps).rem_euclid(count);
            chats.get(usize::try_from(place).unwrap_or(0)).copied()
        }
        None => chats.first().copied(),
    };
    target.map_or_else(Vec::new, |chat| show_chat(model, chat))
}

/// The next chat below with unread messages; it goes round.
pub(super) fn to_unread(model: &mut Model) -> Vec<Effect> {
    let start = here(model).map_or(0, |here| here + 1);
    let chats = &model.list.chats;
    let unread = |id: &&ChatId| model.chats.get(id).is_some_and(|chat| chat.unseen > 0);
    let target = chats.iter().skip(start).chain(chats.iter().take(start)).find(unread).copied();
    target.map_or_else(Vec::new, |chat| show_chat(model, chat))
}

/// The place of the open chat in the list, else of the selected one.
fn here(model: &Model) -> Option<usize> {
    let chat = match (model.open, model.list.selected) {
        (Some(Open::Chat(chat)), _) | (_, Some(Row::Chat(chat))) => chat,
        _ => return None,
    };
    model.list.chats.iter().position(|id| *id == chat)
}
