//! The layer that the client behind each auth key speaks.
//!
//! It is said with the first request of a connection, and updates may go out before that: so it is kept, as long as the key is.

use rusqlite::{OptionalExtension, params};

use super::{Result, Store};

impl Store {
    /// `None` if the client has never said it.
    pub fn layer(&self, auth_key_id: i64) -> Result<Option<i32>> {
        self.db
            .prepare_cached("SELECT layer FROM layers WHERE auth_key_id = ?1")?
            .query_row([auth_key_id], |row| row.get(0))
            .optional()
    }

    pub fn set_layer(&self, auth_key_id: i64, layer: i32) -> Result<()> {
        self.db
            .prepare_cached("INSERT OR REPLACE INTO layers (auth_key_id, layer) VALUES (?1, ?2)")?
            .execute(params![auth_key_id, layer])?;
        Ok(())
    }
}
