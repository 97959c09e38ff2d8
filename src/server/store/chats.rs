//! Secret chats as the server knows them: two parties, two public values, a state.
//!
//! A chat is written once per step of its life and never removed, so that its id stays taken and a late call still learns
//! what became of it. Whom a step concerns is written to `chat_events` in the same transaction.

use rusqlite::types::{FromSql, FromSqlResult, ToSqlOutput, ValueRef};
use rusqlite::{OptionalExtension, Row, ToSql, params};

use super::{Result, Store};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChatState {
    Requested = 0,
    Accepted = 1,
    Discarded = 2,
}

impl ToSql for ChatState {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok((*self as i64).into())
    }
}

impl FromSql for ChatState {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<ChatState> {
        match value.as_i64()? {
            0 => Ok(ChatState::Requested),
            1 => Ok(ChatState::Accepted),
            2 => Ok(ChatState::Discarded),
            other => Err(rusqlite::types::FromSqlError::OutOfRange(other)),
        }
    }
}

/// One secret chat. *admin* is the originator, *participant* the recipient; the keys are ids of auth keys.
#[derive(Clone, Debug, PartialEq)]
pub struct Chat {
    pub id: i32,
    pub state: ChatState,
    /// Of the request, unix seconds.
    pub date: i32,
    pub admin_id: i64,
    pub admin_key: i64,
    pub admin_hash: i64,
    pub participant_id: i64,
    /// The authorization that accepted.
    pub participant_key: Option<i64>,
    pub participant_hash: i64,
    pub g_a: Vec<u8>,
    pub g_b: Option<Vec<u8>>,
    pub fingerprint: Option<i64>,
    /// Whoever discarded it asked the other side to delete everything.
    pub history_deleted: bool,
}

const COLUMNS: &str = "id, state, date, admin_id, admin_key, admin_hash, participant_id, participant_key,
    participant_hash, g_a, g_b, fingerprint, history_deleted";

impl Chat {
    fn read(row: &Row<'_>) -> rusqlite::Result<Chat> {
        Ok(Chat {
            id: row.get(0)?,
            state: row.get(1)?,
            date: row.get(2)?,
            admin_id: row.get(3)?,
            admin_key: row.get(4)?,
            admin_hash: row.get(5)?,
            participant_id: row.get(6)?,
            participant_key: row.get(7)?,
            participant_hash: row.get(8)?,
            g_a: row.get(9)?,
            g_b: row.get(10)?,
            fingerprint: row.get(11)?,
            history_deleted: row.get(12)?,
        })
    }

    /// The authorization at the other end of an accepted chat; `None` if `auth_key_id` is not one of its ends.
    pub fn other_end(&self, auth_key_id: i64) -> Option<i64> {
        let participant = self.participant_key?;
        if auth_key_id == self.admin_key {
            Some(participant)
        } else if auth_key_id == participant {
            Some(self.admin_key)
        } else {
            None
        }
    }
}

impl Store {
    pub fn chat(&self, id: i32) -> Result<Option<Chat>> {
        let sql = format!("SELECT {COLUMNS} FROM chats WHERE id = ?1");
        self.db.prepare_cached(&sql)?.query_row([id], Chat::read).optional()
    }

    pub fn add_chat(&self, chat: &Chat) -> Result<()> {
        let sql = format!(
            "INSERT INTO chats ({COLUMNS}) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)"
        );
        self.db.prepare_cached(&sql)?.execute(params![
            chat.id,
            chat.state,
            chat.date,
            chat.admin_id,
            chat.admin_key,
            chat.admin_hash,
            chat.participant_id,
            chat.participant_key,
            chat.participant_hash,
            chat.g_a,
            chat.g_b,
            chat.fingerprint,
            chat.history_deleted,
        ])?;
        Ok(())
    }

    /// Binds a requested chat to the authorization that accepts it.
    pub fn accept_chat(&self, id: i32, participant_key: i64, g_b: &[u8], fingerprint: i64) -> Result<()> {
        self.db
            .prepare_cached(
                "UPDATE chats SET state = 1, participant_key = ?2, g_b = ?3, fingerprint = ?4 WHERE id = ?1",
            )?
            .execute(params![id, participant_key, g_b, fingerprint])?;
        Ok(())
    }

    /// Closes a chat for good; the public values are of no more use.
    pub fn discard_chat(&self, id: i32, history_deleted: bool) -> Result<()> {
        self.db
            .prepare_cached(
                "UPDATE chats SET state = 2, g_a = x'', g_b = NULL, history_deleted = ?2 WHERE id = ?1",
            )?
            .execute(params![id, history_deleted])?;
        Ok(())
    }

    /// Requests of a user that nobody has answered.
    pub fn pending_chats(&self, admin_id: i64) -> Result<i64> {
        self.db
            .prepare_cached("SELECT count(*) FROM chats WHERE admin_id = ?1 AND state = 0")?
            .query_row([admin_id], |row| row.get(0))
    }

    /// Requests to a user that nobody has answered.
    pub fn chats_awaiting(&self, participant_id: i64) -> Result<Vec<Chat>> {
        let sql = format!("SELECT {COLUMNS} FROM chats WHERE participant_id = ?1 AND state = 0");
        self.db.prepare_cached(&sql)?.query_map([participant_id], Chat::read)?.collect()
    }

    /// How many chats a user has asked for after `since`, whatever became of them.
    pub fn chats_requested(&self, admin_id: i64, since: i32) -> Result<i64> {
        self.db
            .prepare_cached("SELECT count(*) FROM chats WHERE admin_id = ?1 AND date > ?2")?
            .query_row([admin_id, since.into()], |row| row.get(0))
    }

    /// The live chats one of whose ends is this authorization.
    pub fn chats_bound_to(&self, auth_key_id: i64) -> Result<Vec<Chat>> {
        let sql = format!(
            "SELECT {COLUMNS} FROM chats WHERE admin_key = ?1 AND state < 2
             UNION ALL SELECT {COLUMNS} FROM chats WHERE participant_key = ?1 AND state = 1"
        );
        self.db.prepare_cached(&sql)?.query_map([auth_key_id], Chat::read)?.collect()
    }
}
