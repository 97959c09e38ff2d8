//! Authorization keys, and which of them are signed in as whom.
//!
//! A key outlives its sign-in: after `auth.logOut` the client keeps talking under it, and only one that nobody signs in with or uses
//! any more is forgotten. Presence is kept per authorization, a
//! user is online while any of theirs is.

use rusqlite::{OptionalExtension, Row, params};

use super::{Result, Store};

/// An auth key signed in as a user.
#[derive(Clone, Debug, PartialEq)]
pub struct Authorization {
    pub auth_key_id: i64,
    pub user_id: i64,
    /// Its name in `account.getAuthorizations`.
    pub hash: i64,
    pub created: i32,
    /// Takes no incoming secret chats.
    pub requests_disabled: bool,
    /// The last one given out.
    pub qts: i32,
    /// The device of which this is another connection.
    pub parent: Option<i64>,
}

const COLUMNS: &str = "auth_key_id, user_id, hash, created, requests_disabled, qts, parent";

impl Authorization {
    fn read(row: &Row<'_>) -> rusqlite::Result<Authorization> {
        Ok(Authorization {
            auth_key_id: row.get(0)?,
            user_id: row.get(1)?,
            hash: row.get(2)?,
            created: row.get(3)?,
            requests_disabled: row.get(4)?,
            qts: row.get(5)?,
            parent: row.get(6)?,
        })
    }
}

impl Store {
    pub fn auth_key(&self, id: i64) -> Result<Option<[u8; 256]>> {
        self.db
            .prepare_cached("SELECT key FROM auth_keys WHERE id = ?1")?
            .query_row([id], |row| row.get(0))
            .optional()
    }

    pub fn keep_auth_key(&self, id: i64, key: &[u8; 256], now: i32) -> Result<()> {
        self.db
            .prepare_cached("INSERT OR REPLACE INTO auth_keys (id, key, used) VALUES (?1, ?2, ?3)")?
            .execute(params![id, key.as_slice(), now])?;
        Ok(())
    }

    /// Notes that a key is used, unless that was noted after `since`: it costs a write to the disk.
    pub fn note_use(&self, auth_key_id: i64, since: i32, now: i32) -> Result<()> {
        self.db
            .prepare_cached("UPDATE auth_keys SET used = ?3 WHERE id = ?1 AND used <= ?2")?
            .execute(params![auth_key_id, since, now])?;
        Ok(())
    }

    /// Keys that are not signed in and were last used before a date.
    pub fn idle_keys(&self, before: i32) -> Result<Vec<i64>> {
        self.db
            .prepare_cached(
                "SELECT id FROM auth_keys WHERE used < ?1
                 AND NOT EXISTS (SELECT 1 FROM authorizations WHERE auth_key_id = auth_keys.id)",
            )?
            .query_map([before], |row| row.get(0))?
            .collect()
    }

    pub fn remove_auth_key(&self, id: i64) -> Result<()> {
        self.db.prepare_cached("DELETE FROM auth_keys WHERE id = ?1")?.execute([id])?;
        for table in ["revoked", "devices", "half_signed_in", "layers"] {
            self.db.prepare_cached(&format!("DELETE FROM {table} WHERE auth_key_id = ?1"))?.execute([id])?;
        }
        Ok(())
    }

    /// Removes what clients said under keys that were never kept, such as temporary ones.
    pub fn forget_keyless(&self) -> Result<()> {
        for table in ["devices", "layers"] {
            let sql = format!(
                "DELETE FROM {table} WHERE auth_key_id NOT IN (SELECT id FROM auth_keys)
                 AND auth_key_id NOT IN (SELECT auth_key_id FROM authorizations)"
            );
            self.db.prepare_cached(&sql)?.execute([])?;
        }
        Ok(())
    }

    pub fn authorization(&self, auth_key_id: i64) -> Result<Option<Authorization>> {
        let sql = format!("SELECT {COLUMNS} FROM authorizations WHERE auth_key_id = ?1");
        self.db.prepare_cached(&sql)?.query_row([auth_key_id], Authorization::read).optional()
    }

    /// A user's devices.
    pub fn authorizations_of(&self, user_id: i64) -> Result<Vec<Authorization>> {
        let sql = format!(
            "SELECT {COLUMNS} FROM authorizations WHERE user_id = ?1 AND parent IS NULL ORDER BY auth_key_id"
        );
        self.db.prepare_cached(&sql)?.query_map([user_id], Authorization::read)?.collect()
    }

    /// The other connections of a device.
    pub fn imported_from(&self, parent: i64) -> Result<Vec<Authorization>> {
        let sql = format!("SELECT {COLUMNS} FROM authorizations WHERE parent = ?1 ORDER BY auth_key_id");
        self.db.prepare_cached(&sql)?.query_map([parent], Authorization::read)?.collect()
    }

    pub fn add_authorization(&self, auth_key_id: i64, user_id: i64, hash: i64, now: i32) -> Result<()> {
        self.db
            .prepare_cached(
                "INSERT INTO authorizations (auth_key_id, user_id, hash, created, was_online)
                 VALUES (?1, ?2, ?3, ?4, ?4)",
            )?
            .execute(params![auth_key_id, user_id, hash, now])?;
        self.db.prepare_cached("DELETE FROM revoked WHERE auth_key_id = ?1")?.execute([auth_key_id])?;
        Ok(())
    }

    /// Makes an authorization another connection of a device instead of a device of its own.
    pub fn set_parent(&self, auth_key_id: i64, parent: i64) -> Result<()> {
        self.db
            .prepare_cached("UPDATE authorizations SET parent = ?2 WHERE auth_key_id = ?1")?
            .execute([auth_key_id, parent])?;
        Ok(())
    }

    /// When a device last did something that was noted.
    pub fn last_active(&self, auth_key_id: i64) -> Result<i32> {
        self.db
            .prepare_cached(
                "SELECT max(created, was_online, coalesce((SELECT used FROM auth_keys WHERE id = auth_key_id), 0))
                 FROM authorizations WHERE auth_key_id = ?1",
            )?
            .query_row([auth_key_id], |row| row.get(0))
    }

    /// Forgets the sign-in and everything that waited for it; the key itself stays.
    pub fn remove_authorization(&self, auth_key_id: i64) -> Result<()> {
        for table in ["queue", "chat_events", "read_events", "authorizations"] {
            self.db
                .prepare_cached(&format!("DELETE FROM {table} WHERE auth_key_id = ?1"))?
                .execute([auth_key_id])?;
        }
        Ok(())
    }

    /// Notes why a sign-in was ended from elsewhere: the name of an error.
    pub fn note_revoked(&self, auth_key_id: i64, reason: &str) -> Result<()> {
        self.db
            .prepare_cached("INSERT OR REPLACE INTO revoked (auth_key_id, reason) VALUES (?1, ?2)")?
            .execute(params![auth_key_id, reason])?;
        Ok(())
    }

    /// What [`Store::note_revoked`] noted, until the next sign-in with this key.
    pub fn revoked(&self, auth_key_id: i64) -> Result<Option<String>> {
        self.db
            .prepare_cached("SELECT reason FROM revoked WHERE auth_key_id = ?1")?
            .query_row([auth_key_id], |row| row.get(0))
            .optional()
    }

    pub fn set_requests_disabled(&self, auth_key_id: i64, disabled: bool) -> Result<()> {
        self.db
            .prepare_cached("UPDATE authorizations SET requests_disabled = ?2 WHERE auth_key_id = ?1")?
            .execute(params![auth_key_id, disabled])?;
        Ok(())
    }

    pub fn set_presence(&self, auth_key_id: i64, online_until: i32, was_online: i32) -> Result<()> {
        self.db
            .prepare_cached(
                "UPDATE authorizations SET online_until = ?2, was_online = ?3 WHERE auth_key_id = ?1",
            )?
            .execute(params![auth_key_id, online_until, was_online])?;
        Ok(())
    }

    /// Until when a user is online, and when they were last (0: never), over all their authorizations.
    pub fn presence(&self, user_id: i64) -> Result<(i32, i32)> {
        self.db
            .prepare_cached(
                "SELECT coalesce(max(online_until), 0), coalesce(max(was_online), 0)
                 FROM authorizations WHERE user_id = ?1",
            )?
            .query_row([user_id], |row| Ok((row.get(0)?, row.get(1)?)))
    }
}
