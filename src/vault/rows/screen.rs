//! What the front ends want remembered about a chat: a draft, and that it was dismissed from the list.

use rusqlite::{Connection, params};

use super::{all, run};
use crate::secret::record::ChatId;

/// Keeps a draft; an empty one is destroyed.
pub(in crate::vault) fn put_draft(connection: &Connection, chat: ChatId, text: &str) -> rusqlite::Result<()> {
    if text.is_empty() {
        run(connection, "DELETE FROM drafts WHERE chat = ?1", [chat.0])?;
    } else {
        run(connection, "INSERT OR REPLACE INTO drafts (chat, text) VALUES (?1, ?2)", params![chat.0, text])?;
    }
    Ok(())
}

pub(in crate::vault) fn drafts(connection: &Connection) -> rusqlite::Result<Vec<(ChatId, String)>> {
    all(connection, "SELECT chat, text FROM drafts ORDER BY chat", [], |row| {
        Ok((ChatId(row.get(0)?), row.get(1)?))
    })
}

/// The chat is not to be listed any more.
pub(in crate::vault) fn dismiss(connection: &Connection, chat: ChatId) -> rusqlite::Result<()> {
    run(connection, "INSERT OR IGNORE INTO dismissed (chat) VALUES (?1)", [chat.0])?;
    Ok(())
}

pub(in crate::vault) fn dismissed(connection: &Connection) -> rusqlite::Result<Vec<ChatId>> {
    all(connection, "SELECT chat FROM dismissed", [], |row| Ok(ChatId(row.get(0)?)))
}
