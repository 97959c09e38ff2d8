//! `updates.getState` and `updates.getDifference`: what an authorization has missed.
//!
//! The answer is made from the committed state the client names. Its qts acknowledges everything up to it; messages after it
//! follow in order. What happened to chats is repeated from the client's date on, that second included, since more may have
//! happened within it. A slice carries events first, whole seconds of them, and messages only when all events are out: a
//! client must know a chat before its first message.

use grammers_tl_types::functions::updates::{GetDifference, GetState};
use grammers_tl_types::{Serializable, enums, types};

use super::fault::Fault;
use super::turn::Turn;
use super::{chats, messages, people};
use crate::server::store::{Authorization, Event};

/// There are no cloud messages, so this never moves; it is not 0, which clients take for "unknown".
const PTS: i32 = 1;

/// The size of one slice, bytes; clients take messages up to about a million.
const SLICE: usize = 256 * 1024;

/// Events in one slice: each is some kilobytes of memory until it is serialised, and may bring two people along.
const MAX_EVENTS: usize = 500;

pub(super) fn get_state(
    turn: &mut Turn<'_>,
    me: &Authorization,
    _: GetState,
) -> Result<enums::updates::State, Fault> {
    Ok(state(me.qts, turn.now))
}

pub(super) fn state(qts: i32, date: i32) -> enums::updates::State {
    types::updates::State { pts: PTS, qts, date, seq: 0, unread_count: 0 }.into()
}

pub(super) fn get_difference(
    turn: &mut Turn<'_>,
    me: &Authorization,
    request: GetDifference,
) -> Result<enums::updates::Difference, Fault> {
    // A qts we never gave out acknowledges nothing: the client confuses us with another server, and gets all that waits.
    let known = if request.qts <= me.qts { request.qts } else { 0 };
    turn.store.acknowledge(me.auth_key_id, known)?;
    turn.store.forget_read_events(me.auth_key_id, request.date)?;

    let mut part = events(turn, me, request.date)?;
    if part.cut {
        let state = state(known, part.date);
        return slice(turn, me, part, Vec::new(), state);
    }
    let room = SLICE.saturating_sub(part.bytes);
    let (waiting, more) = turn.store.queued_after(me.auth_key_id, known, room)?;
    if waiting.is_empty() && part.updates.is_empty() && request.qts == me.qts {
        return Ok(types::updates::DifferenceEmpty { date: turn.now, seq: 0 }.into());
    }
    part.date = turn.now;
    let last = waiting.last().map_or(me.qts, |message| message.qts);
    let new_encrypted_messages =
        waiting.into_iter().map(|message| messages::encrypted_message(turn.files_dc(), message)).collect();
    if more {
        return slice(turn, me, part, new_encrypted_messages, state(last, turn.now));
    }
    let users = people::users(turn, me.user_id, &part.users)?;
    Ok(types::updates::Difference {
        new_messages: Vec::new(),
        new_encrypted_messages,
        other_updates: part.updates,
        chats: Vec::new(),
        users,
        state: state(me.qts, turn.now),
    }
    .into())
}

fn slice(
    turn: &Turn<'_>,
    me: &Authorization,
    part: Part,
    new_encrypted_messages: Vec<enums::EncryptedMessage>,
    intermediate_state: enums::updates::State,
) -> Result<enums::updates::Difference, Fault> {
    Ok(types::updates::DifferenceSlice {
        new_messages: Vec::new(),
        new_encrypted_messages,
        other_updates: part.updates,
        chats: Vec::new(),
        users: people::users(turn, me.user_id, &part.users)?,
        intermediate_state,
    }
    .into())
}

/// The events that fit into a slice.
struct Part {
    updates: Vec<enums::Update>,
    /// Whom they name.
    users: Vec<i64>,
    bytes: usize,
    /// Up to which everything is in.
    date: i32,
    /// There are later ones.
    cut: bool,
}

/// Cuts only between seconds, and not before the client's own second is past: each slice brings it forward.
fn events(turn: &Turn<'_>, me: &Authorization, since: i32) -> Result<Part, Fault> {
    let mut part = Part { updates: Vec::new(), users: Vec::new(), bytes: 0, date: since, cut: false };
    for event in turn.store.events_since(me.auth_key_id, since)? {
        let full = part.bytes > SLICE || part.updates.len() >= MAX_EVENTS;
        if full && part.date > since && event.date() > part.date {
            part.cut = true;
            break;
        }
        part.date = event.date();
        if let Some(update) = update(turn, me, &event, &mut part.users)? {
            part.bytes += update.to_bytes().len();
            part.updates.push(update);
        }
    }
    Ok(part)
}

fn update(
    turn: &Turn<'_>,
    me: &Authorization,
    event: &Event,
    users: &mut Vec<i64>,
) -> Result<Option<enums::Update>, Fault> {
    match *event {
        Event::Read { chat_id, max_date, date } => {
            Ok(Some(types::UpdateEncryptedMessagesRead { chat_id, max_date, date }.into()))
        }
        Event::Chat { chat_id, date } => Ok(turn.store.chat(chat_id)?.map(|chat| {
            users.extend([chat.admin_id, chat.participant_id]);
            types::UpdateEncryption { chat: chats::view(&chat, me.auth_key_id), date }.into()
        })),
    }
}
