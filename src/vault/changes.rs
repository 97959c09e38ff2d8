//! A commit of the core, change by change.
//!
//! This is the whole meaning of [`Change`] on disk: one line for each, in the order in which the core named them. The
//! transaction around them is the vault's.

use rusqlite::Connection;

use super::rows::{chats, messages, parameters, queues, screen, transfers};
use crate::secret::step::{Change, Commit};

/// Applies all changes inside the caller's transaction; true if something was destroyed that must not survive in the log.
pub(super) fn apply(connection: &Connection, commit: &Commit) -> rusqlite::Result<bool> {
    let mut destroyed = false;
    for change in &commit.changes {
        destroyed |= apply_one(connection, change)?;
    }
    Ok(destroyed)
}

fn apply_one(connection: &Connection, change: &Change) -> rusqlite::Result<bool> {
    match change {
        Change::Chat(chat) => return chats::put(connection, chat),
        Change::Message(message) => messages::put(connection, message)?,
        Change::Sent { chat, random_id, date } => messages::sent(connection, *chat, *random_id, *date)?,
        Change::Failed { chat, random_id } => messages::failed(connection, *chat, *random_id)?,
        Change::ReadByPeer { chat, max_date } => messages::read_by_peer(connection, *chat, *max_date)?,
        Change::SeenByUser { chat, max_date } => messages::seen_by_user(connection, *chat, *max_date)?,
        Change::Opened { chat, random_id } => messages::opened(connection, *chat, *random_id)?,
        Change::Destruct { chat, random_id, at_ms } => {
            messages::destruct(connection, *chat, *random_id, *at_ms)?;
        }
        Change::Clock(ms) => parameters::put_clock(connection, *ms)?,
        Change::Deleted { chat, random_ids } => messages::delete(connection, *chat, random_ids)?,
        Change::HistoryGone(chat) => {
            messages::delete_all(connection, *chat)?;
            screen::put_draft(connection, *chat, "")?;
        }
        Change::Outgoing(outgoing) => queues::put_outgoing(connection, outgoing)?,
        Change::Confirmed { chat, below } => queues::confirmed(connection, *chat, *below)?,
        Change::Dropped(chat) => {
            queues::drop_all(connection, *chat)?;
            messages::none_is_queued(connection, *chat)?;
            transfers::drop_uploads(connection, *chat)?;
        }
        Change::Parked(parked) => queues::put_parked(connection, parked)?,
        Change::Unparked { chat, number } => queues::unpark(connection, *chat, *number)?,
        Change::Held(held) => queues::put_held(connection, held)?,
        Change::Unheld(chat) => queues::unhold(connection, *chat)?,
        Change::Dh(dh) => parameters::put_dh(connection, dh)?,
        Change::Prime(verdict) => parameters::put_prime(connection, verdict)?,
        Change::Marks(marks) => parameters::put_marks(connection, marks)?,
        Change::Upload(upload) => transfers::put_upload(connection, upload)?,
        Change::Uploaded { chat, random_id } => transfers::uploaded(connection, *chat, *random_id)?,
        Change::UploadAgain { chat, random_id, file_id } => {
            transfers::upload_again(connection, *chat, *random_id, *file_id)?;
        }
        Change::Placed { chat, random_id, place } => {
            transfers::place(connection, *chat, *random_id, place)?;
        }
    }
    Ok(matches!(change, Change::Deleted { .. } | Change::HistoryGone(_) | Change::Dropped(_)))
}
