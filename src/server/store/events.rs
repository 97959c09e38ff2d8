//! What happened to secret chats, kept for authorizations that were away.
//!
//! These updates carry no number of their own, only a date, and a lost one leaves no trace; so they stay and are repeated to
//! every client whose committed date is not past them. Of a chat's life only the present state is kept: an older one would
//! be outdated when it arrives.

use rusqlite::params;

use super::{Result, Store};

/// One thing to repeat, with its date (unix seconds).
#[derive(Clone, Debug, PartialEq)]
pub enum Event {
    /// The state of this chat has changed.
    Chat { chat_id: i32, date: i32 },
    /// The peer has read everything up to `max_date`.
    Read { chat_id: i32, max_date: i32, date: i32 },
}

impl Event {
    pub fn date(&self) -> i32 {
        match *self {
            Event::Chat { date, .. } | Event::Read { date, .. } => date,
        }
    }
}

impl Store {
    /// The authorizations that were told of a chat.
    pub fn told_of_chat(&self, chat_id: i32) -> Result<Vec<i64>> {
        self.db
            .prepare_cached("SELECT auth_key_id FROM chat_events WHERE chat_id = ?1")?
            .query_map([chat_id], |row| row.get(0))?
            .collect()
    }

    pub fn put_chat_event(&self, auth_key_id: i64, chat_id: i32, date: i32) -> Result<()> {
        self.db
            .prepare_cached(
                "INSERT OR REPLACE INTO chat_events (auth_key_id, chat_id, date) VALUES (?1, ?2, ?3)",
            )?
            .execute(params![auth_key_id, chat_id, date])?;
        Ok(())
    }

    pub fn put_read_event(&self, auth_key_id: i64, chat_id: i32, max_date: i32, date: i32) -> Result<()> {
        self.db
            .prepare_cached(
                "INSERT OR IGNORE INTO read_events (auth_key_id, chat_id, max_date, date)
                 VALUES (?1, ?2, ?3, ?4)",
            )?
            .execute(params![auth_key_id, chat_id, max_date, date])?;
        Ok(())
    }

    /// Events of `since` or later, oldest first; of one second the chats come first.
    pub fn events_since(&self, auth_key_id: i64, since: i32) -> Result<Vec<Event>> {
        self.db
            .prepare_cached(
                "SELECT 0 AS kind, chat_id, 0 AS max_date, date FROM chat_events
                 WHERE auth_key_id = ?1 AND date >= ?2
                 UNION ALL SELECT 1, chat_id, max_date, date FROM read_events
                 WHERE auth_key_id = ?1 AND date >= ?2
                 ORDER BY date, kind, max_date",
            )?
            .query_map(params![auth_key_id, since], |row| {
                let (chat_id, date) = (row.get(1)?, row.get(3)?);
                Ok(match row.get(0)? {
                    0 => Event::Chat { chat_id, date },
                    _ => Event::Read { chat_id, max_date: row.get(2)?, date },
                })
            })?
            .collect()
    }

    /// Forgets what an authorization has read of being read: its committed date is past it.
    pub fn forget_read_events(&self, auth_key_id: i64, before: i32) -> Result<()> {
        self.db
            .prepare_cached("DELETE FROM read_events WHERE auth_key_id = ?1 AND date < ?2")?
            .execute(params![auth_key_id, before])?;
        Ok(())
    }
}
