//! A chat's messages in memory: what is read from the vault and what arrives, as one list without gaps or doubles.
//!
//! Messages that arrive are appended only once the newest ones have been read or are being read; before that only the newest is kept for the
//! list, and the vault has the rest.

use crate::engine::{Delivery, Direction, Message};
use crate::tui::model::{Chat, Scroll};

/// How many messages are read at once.
pub const PAGE: u32 = 100;

/// A piece of history has been read. The reader stays on their message.
pub(super) fn merge(chat: &mut Chat, piece: Vec<(i64, Message)>, scroll: Option<&mut Scroll>) {
    let history = &mut chat.history;
    history.asked = false;
    history.complete |= piece.len() < PAGE as usize;
    let oldest = piece.first().map(|(place, _)| *place);
    history.first_place = match (history.first_place, oldest) {
        (Some(one), Some(other)) => Some(one.min(other)),
        (one, other) => one.or(other),
    };
    let reading = scroll.as_ref().and_then(|scroll| history.messages.get(scroll.selected?));
    let reading = reading.map(|message| message.random_id);
    let read: Vec<Message> = piece.into_iter().map(|(_, message)| message).collect();
    let known = |message: &Message| read.iter().any(|other| other.random_id == message.random_id);
    let rest: Vec<Message> = history.messages.drain(..).filter(|message| !known(message)).collect();
    history.messages = read;
    history.messages.extend(rest);
    if chat.last.is_none() {
        chat.last = history.messages.last().cloned();
    }
    if let (Some(scroll), Some(reading)) = (scroll, reading) {
        scroll.selected = history.messages.iter().position(|message| message.random_id == reading);
    }
}

/// A message is new or has changed. Says whether it is a new one that nobody has seen.
pub(super) fn put(chat: &mut Chat, message: Message) -> bool {
    let history = &mut chat.history;
    let newest = chat.last.as_ref().is_some_and(|last| last.random_id == message.random_id);
    let grows = history.loaded() || history.asked;
    let here = history.messages.iter_mut().find(|here| here.random_id == message.random_id);
    let known = newest || here.is_some();
    match here {
        Some(here) => here.clone_from(&message),
        None if grows => history.messages.push(message.clone()),
        None => {}
    }
    if !known {
        chat.filled = 0;
    }
    let unseen = !known && message.direction == Direction::In && message.delivery == Delivery::Unseen;
    if newest || !known {
        chat.last = Some(message);
    }
    chat.unseen = chat.unseen.saturating_add(u32::from(unseen));
    unseen
}

/// Changes messages wherever they are kept.
pub(super) fn change(chat: &mut Chat, mut what: impl FnMut(&mut Message)) {
    chat.history.messages.iter_mut().for_each(&mut what);
    if let Some(last) = &mut chat.last {
        what(last);
    }
}

/// Messages are gone. The reader stays where they were.
pub(super) fn remove(chat: &mut Chat, gone: &[i64], scroll: Option<&mut Scroll>) {
    let messages = &chat.history.messages;
    if let Some(scroll) = scroll
        && let Some(selected) = scroll.selected
    {
        let before =
            messages.iter().take(selected).filter(|message| gone.contains(&message.random_id)).count();
        scroll.selected = Some(selected - before.min(selected));
        if messages.get(selected).is_some_and(|message| gone.contains(&message.random_id)) {
            scroll.skipped = 0;
        }
    }
    chat.history.messages.retain(|message| !gone.contains(&message.random_id));
    chat.failures.retain(|random_id, _| !gone.contains(random_id));
    chat.transfers.retain(|random_id, _| !gone.contains(random_id));
    chat.revealed.retain(|random_id| !gone.contains(random_id));
    if chat.last.as_ref().is_some_and(|last| gone.contains(&last.random_id)) {
        chat.last = chat.history.messages.last().cloned();
    }
    chat.unseen = chat.unseen.min(unseen(chat).unwrap_or(chat.unseen));
}

/// How many messages nobody has seen, if all are in memory.
fn unseen(chat: &Chat) -> Option<u32> {
    let unseen = |message: &&Message| message.delivery == Delivery::Unseen;
    let count = chat.history.messages.iter().filter(unseen).count();
    chat.history.complete.then(|| u32::try_from(count).unwrap_or(u32::MAX))
}

/// The whole history is gone.
pub(super) fn clear(chat: &mut Chat) {
    chat.history.messages.clear();
    chat.history.first_place = None;
    chat.history.complete = true;
    chat.failures.clear();
    chat.transfers.clear();
    chat.revealed.clear();
    chat.filled = 0;
    chat.last = None;
    chat.unseen = 0;
    chat.missing = 0;
}
