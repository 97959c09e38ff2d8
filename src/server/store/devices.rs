//! What the clients behind the auth keys say they are.
//!
//! It is theirs to say and nothing is decided by it: it is shown to the account's owner, who has to tell the devices apart.

use rusqlite::{OptionalExtension, params};

use super::{Result, Store};

/// The words of `initConnection`, and the address they came from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DeviceRow {
    pub api_id: i32,
    pub model: String,
    pub system_version: String,
    pub app_version: String,
    /// An address as text; empty if it is not known.
    pub ip: String,
}

impl Store {
    pub fn device(&self, auth_key_id: i64) -> Result<Option<DeviceRow>> {
        let sql = "SELECT api_id, model, system_version, app_version, ip FROM devices WHERE auth_key_id = ?1";
        self.db
            .prepare_cached(sql)?
            .query_row([auth_key_id], |row| {
                Ok(DeviceRow {
                    api_id: row.get(0)?,
                    model: row.get(1)?,
                    system_version: row.get(2)?,
                    app_version: row.get(3)?,
                    ip: row.get(4)?,
                })
            })
            .optional()
    }

    pub fn put_device(&self, auth_key_id: i64, device: &DeviceRow) -> Result<()> {
        self.db
            .prepare_cached(
                "INSERT OR REPLACE INTO devices (auth_key_id, api_id, model, system_version, app_version, ip)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            )?
            .execute(params![
                auth_key_id,
                device.api_id,
                device.model,
                device.system_version,
                device.app_version,
                device.ip,
            ])?;
        Ok(())
    }
}
