//! Sign-in codes that were sent and not used up.
//!
//! They are rows, not memory: a code that was announced before a restart is still good after it. One that was cancelled or replaced
//! keeps its row until it expires, for the limits count what was sent and what was guessed.

use rusqlite::{OptionalExtension, params};

use super::{Result, Store};

/// A code for one phone number, found by its `phone_code_hash`.
#[derive(Clone, PartialEq)]
pub struct Code {
    pub hash: String,
    pub phone: String,
    pub code: String,
    pub created: i32,
    /// Wrong codes given so far.
    pub attempts: i32,
    /// The right code was given; only `auth.signUp` is missing.
    pub confirmed: bool,
    /// The way it was sent, by number.
    pub delivery: i32,
    /// Ways of delivery that were tried before.
    pub step: i32,
}

impl Store {
    pub fn add_code(&self, code: &Code) -> Result<()> {
        self.db
            .prepare_cached(
                "INSERT INTO codes (hash, phone, code, created, attempts, confirmed, delivery, step)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
            )?
            .execute(params![
                code.hash,
                code.phone,
                code.code,
                code.created,
                code.attempts,
                code.confirmed,
                code.delivery,
                code.step,
            ])?;
        Ok(())
    }

    /// The code with that hash, unless it is spent.
    pub fn code(&self, hash: &str) -> Result<Option<Code>> {
        let sql = "SELECT hash, phone, code, created, attempts, confirmed, delivery, step FROM codes
                   WHERE hash = ?1 AND NOT spent";
        self.db
            .prepare_cached(sql)?
            .query_row([hash], |row| {
                Ok(Code {
                    hash: row.get(0)?,
                    phone: row.get(1)?,
                    code: row.get(2)?,
                    created: row.get(3)?,
                    attempts: row.get(4)?,
                    confirmed: row.get(5)?,
                    delivery: row.get(6)?,
                    step: row.get(7)?,
                })
            })
            .optional()
    }

    /// How many codes a number was sent after `since`.
    pub fn codes_sent(&self, phone: &str, since: i32) -> Result<i64> {
        self.db
            .prepare_cached("SELECT count(*) FROM codes WHERE phone = ?1 AND created > ?2")?
            .query_row(params![phone, since], |row| row.get(0))
    }

    /// How many wrong codes were given for a number, of those sent after `since`.
    pub fn codes_guessed(&self, phone: &str, since: i32) -> Result<i64> {
        self.db
            .prepare_cached("SELECT coalesce(sum(attempts), 0) FROM codes WHERE phone = ?1 AND created > ?2")?
            .query_row(params![phone, since], |row| row.get(0))
    }

    pub fn count_attempt(&self, hash: &str) -> Result<()> {
        self.db
            .prepare_cached("UPDATE codes SET attempts = attempts + 1 WHERE hash = ?1")?
            .execute([hash])?;
        Ok(())
    }

    pub fn confirm_code(&self, hash: &str) -> Result<()> {
        self.db.prepare_cached("UPDATE codes SET confirmed = 1 WHERE hash = ?1")?.execute([hash])?;
        Ok(())
    }

    /// It is no longer good, but still counts.
    pub fn spend_code(&self, hash: &str) -> Result<()> {
        self.db.prepare_cached("UPDATE codes SET spent = 1 WHERE hash = ?1")?.execute([hash])?;
        Ok(())
    }

    /// It has served its purpose.
    pub fn remove_code(&self, hash: &str) -> Result<()> {
        self.db.prepare_cached("DELETE FROM codes WHERE hash = ?1")?.execute([hash])?;
        Ok(())
    }

    pub fn expire_codes(&self, before: i32) -> Result<()> {
        self.db.prepare_cached("DELETE FROM codes WHERE created < ?1")?.execute([before])?;
        Ok(())
    }
}
