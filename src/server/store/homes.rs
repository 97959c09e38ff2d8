//! Accounts that live in another data centre, by phone number.
//!
//! A number may have a home elsewhere before anybody has signed up with it, so this is no column of the users.

use rusqlite::{OptionalExtension, params};

use super::{Result, Store};

impl Store {
    /// The other data centre where the account with this number (digits) lives; `None`: here.
    pub fn home(&self, phone: &str) -> Result<Option<i32>> {
        self.db
            .prepare_cached("SELECT dc FROM homes WHERE phone = ?1")?
            .query_row([phone], |row| row.get(0))
            .optional()
    }

    /// `None` brings the account back here.
    pub fn set_home(&self, phone: &str, dc: Option<i32>) -> Result<()> {
        match dc {
            Some(dc) => self
                .db
                .prepare_cached("INSERT OR REPLACE INTO homes (phone, dc) VALUES (?1, ?2)")?
                .execute(params![phone, dc])?,
            None => self.db.prepare_cached("DELETE FROM homes WHERE phone = ?1")?.execute([phone])?,
        };
        Ok(())
    }
}
