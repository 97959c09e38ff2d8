//! The queues of encrypted messages: one per authorization, numbered by qts without holes.
//!
//! An entry stays until its recipient acknowledges it or until it is too old. While it is there it is also the proof that
//! the same send has been answered before.

use rusqlite::{OptionalExtension, Row, params};

use super::files::SentFile;
use super::{Result, Store};

/// An encrypted message that waits for an authorization.
#[derive(Clone, Debug, PartialEq)]
pub struct Queued {
    pub qts: i32,
    pub chat_id: i32,
    pub random_id: i64,
    pub date: i32,
    /// Sent by `messages.sendEncryptedService`.
    pub service: bool,
    pub data: Vec<u8>,
    /// That came with it.
    pub file: Option<SentFile>,
}

impl Queued {
    fn read(row: &Row<'_>) -> rusqlite::Result<Queued> {
        Ok(Queued {
            qts: row.get(0)?,
            chat_id: row.get(1)?,
            random_id: row.get(2)?,
            date: row.get(3)?,
            service: row.get(4)?,
            data: row.get(5)?,
            file: SentFile::read(row, 6)?,
        })
    }
}

impl Store {
    /// An earlier send of the same message that is still in the queue: its date, and the file that went with it.
    pub fn queued_before(
        &self,
        auth_key_id: i64,
        chat_id: i32,
        sender_key: i64,
        random_id: i64,
    ) -> Result<Option<(i32, Option<SentFile>)>> {
        self.db
            .prepare_cached(
                "SELECT date, remote_id, access_hash, size, key_fingerprint
                 FROM queue LEFT JOIN files ON files.id = file
                 WHERE auth_key_id = ?1 AND chat_id = ?2 AND sender_key = ?3 AND random_id = ?4",
            )?
            .query_row(params![auth_key_id, chat_id, sender_key, random_id], |row| {
                Ok((row.get(0)?, SentFile::read(row, 1)?))
            })
            .optional()
    }

    /// How many messages wait; numbers have no holes, so the oldest and the newest tell.
    pub fn queue_len(&self, auth_key_id: i64) -> Result<i64> {
        self.db
            .prepare_cached(
                "SELECT coalesce((SELECT max(qts) FROM queue WHERE auth_key_id = ?1)
                    - (SELECT min(qts) FROM queue WHERE auth_key_id = ?1) + 1, 0)",
            )?
            .query_row([auth_key_id], |row| row.get(0))
    }

    /// Takes the next qts of an authorization; `None` if it has none (signed out) or if they are used up.
    pub fn next_qts(&self, auth_key_id: i64) -> Result<Option<i32>> {
        self.db
            .prepare_cached(
                "UPDATE authorizations SET qts = qts + 1 WHERE auth_key_id = ?1 AND qts < 2147483647
                 RETURNING qts",
            )?
            .query_row([auth_key_id], |row| row.get(0))
            .optional()
    }

    /// `file` is the row of [`Queued::file`].
    pub fn enqueue(
        &self,
        auth_key_id: i64,
        sender_key: i64,
        message: &Queued,
        file: Option<i64>,
    ) -> Result<()> {
        self.db
            .prepare_cached(
                "INSERT INTO queue (auth_key_id, sender_key, qts, chat_id, random_id, date, service, data,
                    file)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
            )?
            .execute(params![
                auth_key_id,
                sender_key,
                message.qts,
                message.chat_id,
                message.random_id,
                message.date,
                message.service,
                message.data,
                file,
            ])?;
        Ok(())
    }

    /// The messages after `qts`, in order, until their data exceeds `bytes`; at least one if there is any.
    /// The second value says whether more wait.
    pub fn queued_after(&self, auth_key_id: i64, qts: i32, bytes: usize) -> Result<(Vec<Queued>, bool)> {
        let mut statement = self.db.prepare_cached(
            "SELECT qts, chat_id, random_id, date, service, data, remote_id, access_hash, size, key_fingerprint
             FROM queue LEFT JOIN files ON files.id = file
             WHERE auth_key_id = ?1 AND qts > ?2 ORDER BY qts",
        )?;
        let mut rows = statement.query(params![auth_key_id, qts])?;
        let mut messages = Vec::new();
        let mut taken = 0;
        while let Some(row) = rows.next()? {
            let message = Queued::read(row)?;
            taken += message.data.len() + ENTRY_OVERHEAD;
            if taken > bytes && !messages.is_empty() {
                return Ok((messages, true));
            }
            messages.push(message);
        }
        Ok((messages, false))
    }

    /// The recipient has committed everything up to `qts`.
    pub fn acknowledge(&self, auth_key_id: i64, qts: i32) -> Result<()> {
        self.db
            .prepare_cached("DELETE FROM queue WHERE auth_key_id = ?1 AND qts <= ?2")?
            .execute(params![auth_key_id, qts])?;
        Ok(())
    }

    /// Drops messages and notices of reading that waited too long.
    pub fn expire(&self, before: i32) -> Result<()> {
        self.db.prepare_cached("DELETE FROM queue WHERE date < ?1")?.execute([before])?;
        self.db.prepare_cached("DELETE FROM read_events WHERE date < ?1")?.execute([before])?;
        Ok(())
    }

    /// The latest date that was ever written about a chat or a message; 0 in a new store.
    pub fn latest_date(&self) -> Result<i32> {
        self.db.query_row(
            "SELECT max(
                coalesce((SELECT max(date) FROM queue), 0),
                coalesce((SELECT max(date) FROM chat_events), 0),
                coalesce((SELECT max(date) FROM read_events), 0))",
            [],
            |row| row.get(0),
        )
    }
}

/// What an `encryptedMessage` adds to its data on the wire.
const ENTRY_OVERHEAD: usize = 80;
