//! The people: one row per phone number.
//!
//! Names and usernames are stored as their owner gave them; every viewer's own name for a person is in `contacts`.

use rusqlite::{OptionalExtension, Row, params};

use super::{Result, Store};

/// A person as they describe themselves.
#[derive(Clone, Debug, PartialEq)]
pub struct UserRow {
    pub id: i64,
    /// Digits only.
    pub phone: String,
    pub first_name: String,
    pub last_name: String,
    pub about: String,
    pub username: Option<String>,
    /// Nobody's any more; only the id is left.
    pub deleted: bool,
    /// A program answers for it.
    pub bot: bool,
    /// Others are told only roughly when they were online.
    pub hides_presence: bool,
}

const COLUMNS: &str = "id, phone, first_name, last_name, about, username, deleted, bot, hides_presence";

impl UserRow {
    fn read(row: &Row<'_>) -> rusqlite::Result<UserRow> {
        Ok(UserRow {
            id: row.get(0)?,
            phone: row.get(1)?,
            first_name: row.get(2)?,
            last_name: row.get(3)?,
            about: row.get(4)?,
            username: row.get(5)?,
            deleted: row.get(6)?,
            bot: row.get(7)?,
            hides_presence: row.get(8)?,
        })
    }
}

impl Store {
    pub fn user(&self, id: i64) -> Result<Option<UserRow>> {
        self.user_where("id = ?1", id)
    }

    /// `phone` is digits only.
    pub fn user_by_phone(&self, phone: &str) -> Result<Option<UserRow>> {
        self.user_where("phone = ?1", phone)
    }

    /// Capital and small letters are the same here.
    pub fn user_by_username(&self, username: &str) -> Result<Option<UserRow>> {
        self.user_where("username = ?1", username)
    }

    fn user_where(&self, condition: &str, value: impl rusqlite::ToSql) -> Result<Option<UserRow>> {
        let sql = format!("SELECT {COLUMNS} FROM users WHERE {condition}");
        self.db.prepare_cached(&sql)?.query_row([value], UserRow::read).optional()
    }

    /// Makes a user and returns the new id.
    pub fn add_user(&self, phone: &str, first_name: &str, last_name: &str) -> Result<i64> {
        self.db
            .prepare_cached("INSERT INTO users (phone, first_name, last_name) VALUES (?1, ?2, ?3)")?
            .insert([phone, first_name, last_name])
    }

    pub fn set_profile(&self, id: i64, first_name: &str, last_name: &str, about: &str) -> Result<()> {
        self.db
            .prepare_cached("UPDATE users SET first_name = ?2, last_name = ?3, about = ?4 WHERE id = ?1")?
            .execute(params![id, first_name, last_name, about])?;
        Ok(())
    }

    /// Leaves nothing of a user but the id. The number and the username are free for others.
    pub fn delete_user(&self, id: i64) -> Result<()> {
        self.db
            .prepare_cached(
                "UPDATE users SET deleted = 1, phone = 'deleted ' || id, first_name = '', last_name = '',
                    about = '', username = NULL WHERE id = ?1",
            )?
            .execute([id])?;
        for (table, column) in [
            ("contacts", "owner"),
            ("blocks", "owner"),
            ("passwords", "user_id"),
            ("half_signed_in", "user_id"),
        ] {
            self.db.prepare_cached(&format!("DELETE FROM {table} WHERE {column} = ?1"))?.execute([id])?;
        }
        Ok(())
    }

    pub fn set_bot(&self, id: i64) -> Result<()> {
        self.db.prepare_cached("UPDATE users SET bot = 1 WHERE id = ?1")?.execute([id])?;
        Ok(())
    }

    pub fn set_hides_presence(&self, id: i64, hides: bool) -> Result<()> {
        self.db
            .prepare_cached("UPDATE users SET hides_presence = ?2 WHERE id = ?1")?
            .execute(params![id, hides])?;
        Ok(())
    }

    /// The caller has looked whether somebody else has it.
    pub fn set_username(&self, id: i64, username: Option<&str>) -> Result<()> {
        self.db
            .prepare_cached("UPDATE users SET username = ?2 WHERE id = ?1")?
            .execute(params![id, username])?;
        Ok(())
    }

    /// People whose username begins with `prefix`, at most `limit`.
    pub fn users_by_username_prefix(&self, prefix: &str, limit: i32) -> Result<Vec<UserRow>> {
        let sql = format!(
            "SELECT {COLUMNS} FROM users WHERE substr(username, 1, length(?1)) = ?1 COLLATE NOCASE
             ORDER BY username LIMIT ?2"
        );
        self.db.prepare_cached(&sql)?.query_map(params![prefix, limit], UserRow::read)?.collect()
    }
}
