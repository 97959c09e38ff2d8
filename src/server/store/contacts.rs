//! Who has whom as a contact, and who has blocked whom.
//!
//! Both are one-sided: a contact is mutual only when there are two rows.

use rusqlite::{OptionalExtension, params};

use super::{Result, Store};

/// A person in somebody's list, by the names the owner of the list gave them.
#[derive(Clone, Debug, PartialEq)]
pub struct ContactRow {
    pub user_id: i64,
    pub first_name: String,
    pub last_name: String,
    /// The other has the owner in their list too.
    pub mutual: bool,
}

const SELECT: &str = "SELECT user_id, first_name, last_name, EXISTS (
    SELECT 1 FROM contacts AS back WHERE back.owner = contacts.user_id AND back.user_id = contacts.owner)
    FROM contacts";

impl ContactRow {
    fn read(row: &rusqlite::Row<'_>) -> rusqlite::Result<ContactRow> {
        Ok(ContactRow {
            user_id: row.get(0)?,
            first_name: row.get(1)?,
            last_name: row.get(2)?,
            mutual: row.get(3)?,
        })
    }
}

impl Store {
    pub fn contacts_of(&self, owner: i64) -> Result<Vec<ContactRow>> {
        let sql = format!("{SELECT} WHERE owner = ?1 ORDER BY user_id");
        self.db.prepare_cached(&sql)?.query_map([owner], ContactRow::read)?.collect()
    }

    pub fn contact(&self, owner: i64, user_id: i64) -> Result<Option<ContactRow>> {
        let sql = format!("{SELECT} WHERE owner = ?1 AND user_id = ?2");
        self.db.prepare_cached(&sql)?.query_row([owner, user_id], ContactRow::read).optional()
    }

    pub fn contact_count(&self, owner: i64) -> Result<i64> {
        self.db
            .prepare_cached("SELECT count(*) FROM contacts WHERE owner = ?1")?
            .query_row([owner], |row| row.get(0))
    }

    pub fn put_contact(&self, owner: i64, user_id: i64, first_name: &str, last_name: &str) -> Result<()> {
        self.db
            .prepare_cached(
                "INSERT OR REPLACE INTO contacts (owner, user_id, first_name, last_name)
                 VALUES (?1, ?2, ?3, ?4)",
            )?
            .execute(params![owner, user_id, first_name, last_name])?;
        Ok(())
    }

    pub fn remove_contact(&self, owner: i64, user_id: i64) -> Result<()> {
        self.db
            .prepare_cached("DELETE FROM contacts WHERE owner = ?1 AND user_id = ?2")?
            .execute([owner, user_id])?;
        Ok(())
    }

    /// The authorizations of all who have this user as a contact and are not blocked by them.
    pub fn watchers(&self, user_id: i64) -> Result<Vec<i64>> {
        self.db
            .prepare_cached(
                "SELECT auth_key_id FROM contacts JOIN authorizations ON authorizations.user_id = owner
                 WHERE contacts.user_id = ?1 AND parent IS NULL AND NOT EXISTS (
                     SELECT 1 FROM blocks WHERE blocks.owner = ?1 AND blocks.user_id = contacts.owner)",
            )?
            .query_map([user_id], |row| row.get(0))?
            .collect()
    }

    pub fn put_block(&self, owner: i64, user_id: i64, date: i32) -> Result<()> {
        self.db
            .prepare_cached("INSERT OR IGNORE INTO blocks (owner, user_id, date) VALUES (?1, ?2, ?3)")?
            .execute(params![owner, user_id, date])?;
        Ok(())
    }

    /// Whom `owner` has blocked and when, the latest first.
    pub fn blocks_of(&self, owner: i64, offset: i32, limit: i32) -> Result<Vec<(i64, i32)>> {
        self.db
            .prepare_cached(
                "SELECT user_id, date FROM blocks WHERE owner = ?1 ORDER BY date DESC, user_id DESC
                 LIMIT ?3 OFFSET ?2",
            )?
            .query_map(params![owner, offset, limit], |row| Ok((row.get(0)?, row.get(1)?)))?
            .collect()
    }

    pub fn remove_block(&self, owner: i64, user_id: i64) -> Result<()> {
        self.db
            .prepare_cached("DELETE FROM blocks WHERE owner = ?1 AND user_id = ?2")?
            .execute([owner, user_id])?;
        Ok(())
    }

    /// Whether `owner` has blocked `user_id`.
    pub fn has_blocked(&self, owner: i64, user_id: i64) -> Result<bool> {
        self.db
            .prepare_cached("SELECT 1 FROM blocks WHERE owner = ?1 AND user_id = ?2")?
            .exists([owner, user_id])
    }

    pub fn block_count(&self, owner: i64) -> Result<i64> {
        self.db
            .prepare_cached("SELECT count(*) FROM blocks WHERE owner = ?1")?
            .query_row([owner], |row| row.get(0))
    }
}
