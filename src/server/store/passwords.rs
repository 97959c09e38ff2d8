//! Passwords of two-step verification, and who has still to give one.
//!
//! No password is here, only what a guess can be checked with. Wrong guesses are rows and not memory, so that a restart gives nobody
//! more of them.

use rusqlite::{OptionalExtension, params};

use super::{Result, Store};

/// What is kept instead of a password.
#[derive(Clone, PartialEq)]
pub struct PasswordRow {
    pub user_id: i64,
    pub salt1: Vec<u8>,
    pub salt2: Vec<u8>,
    /// 256 bytes.
    pub verifier: Vec<u8>,
    pub hint: String,
    /// Another one for every password.
    pub version: i64,
    /// Wrong guesses since `wrong_since`, unix seconds.
    pub wrong: i32,
    pub wrong_since: i32,
}

impl Store {
    pub fn password(&self, user_id: i64) -> Result<Option<PasswordRow>> {
        let sql = "SELECT user_id, salt1, salt2, verifier, hint, version, wrong, wrong_since FROM passwords
                   WHERE user_id = ?1";
        self.db
            .prepare_cached(sql)?
            .query_row([user_id], |row| {
                Ok(PasswordRow {
                    user_id: row.get(0)?,
                    salt1: row.get(1)?,
                    salt2: row.get(2)?,
                    verifier: row.get(3)?,
                    hint: row.get(4)?,
                    version: row.get(5)?,
                    wrong: row.get(6)?,
                    wrong_since: row.get(7)?,
                })
            })
            .optional()
    }

    pub fn put_password(&self, row: &PasswordRow) -> Result<()> {
        self.db
            .prepare_cached(
                "INSERT OR REPLACE INTO passwords
                    (user_id, salt1, salt2, verifier, hint, version, wrong, wrong_since)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
            )?
            .execute(params![
                row.user_id,
                row.salt1,
                row.salt2,
                row.verifier,
                row.hint,
                row.version,
                row.wrong,
                row.wrong_since,
            ])?;
        Ok(())
    }

    pub fn remove_password(&self, user_id: i64) -> Result<()> {
        self.db.prepare_cached("DELETE FROM passwords WHERE user_id = ?1")?.execute([user_id])?;
        Ok(())
    }

    pub fn set_wrong_passwords(&self, user_id: i64, wrong: i32, since: i32) -> Result<()> {
        self.db
            .prepare_cached("UPDATE passwords SET wrong = ?2, wrong_since = ?3 WHERE user_id = ?1")?
            .execute(params![user_id, wrong, since])?;
        Ok(())
    }

    /// The code or token was right; the password is missing.
    pub fn put_half_signed_in(&self, auth_key_id: i64, user_id: i64, now: i32) -> Result<()> {
        self.db
            .prepare_cached(
                "INSERT OR REPLACE INTO half_signed_in (auth_key_id, user_id, since) VALUES (?1, ?2, ?3)",
            )?
            .execute(params![auth_key_id, user_id, now])?;
        Ok(())
    }

    /// Whose password this key owes, if that began after `since`.
    pub fn half_signed_in(&self, auth_key_id: i64, since: i32) -> Result<Option<i64>> {
        self.db
            .prepare_cached("SELECT user_id FROM half_signed_in WHERE auth_key_id = ?1 AND since > ?2")?
            .query_row([auth_key_id, since.into()], |row| row.get(0))
            .optional()
    }

    pub fn remove_half_signed_in(&self, auth_key_id: i64) -> Result<()> {
        self.db
            .prepare_cached("DELETE FROM half_signed_in WHERE auth_key_id = ?1")?
            .execute([auth_key_id])?;
        Ok(())
    }

    pub fn expire_half_signed_in(&self, before: i32) -> Result<()> {
        self.db.prepare_cached("DELETE FROM half_signed_in WHERE since < ?1")?.execute([before])?;
        Ok(())
    }
}
