//! The people that chats can be with, as Telegram last described them.
//!
//! A person stays when they leave the contact list: a chat with them may still be there, and its access hash is needed.

use rusqlite::{Connection, Row, params};

use super::{all, one, run, unreadable, word};
use crate::secret::record::{Person, Presence, UserId};

/// Inserts or replaces the person.
pub(in crate::vault) fn put(connection: &Connection, person: &Person) -> rusqlite::Result<()> {
    let (presence, presence_at) = presence_words(person.presence);
    run(
        connection,
        "INSERT OR REPLACE INTO people
             (id, access_hash, first_name, last_name, username, phone, contact, presence, presence_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
        params![
            person.id.0,
            person.access_hash,
            person.first_name,
            person.last_name,
            person.username,
            person.phone,
            person.contact,
            presence,
            presence_at,
        ],
    )?;
    Ok(())
}

/// Takes everybody off the contact list.
pub(in crate::vault) fn clear_contacts(connection: &Connection) -> rusqlite::Result<()> {
    run(connection, "UPDATE people SET contact = 0 WHERE contact = 1", [])?;
    Ok(())
}

/// Everybody, ascending by id.
pub(in crate::vault) fn load(connection: &Connection) -> rusqlite::Result<Vec<Person>> {
    all(connection, "SELECT * FROM people ORDER BY id", [], person)
}

pub(in crate::vault) fn find(connection: &Connection, user: UserId) -> rusqlite::Result<Option<Person>> {
    one(connection, "SELECT * FROM people WHERE id = ?1", [user.0], person)
}

fn person(row: &Row<'_>) -> rusqlite::Result<Person> {
    Ok(Person {
        id: UserId(row.get("id")?),
        access_hash: row.get("access_hash")?,
        first_name: row.get("first_name")?,
        last_name: row.get("last_name")?,
        username: row.get("username")?,
        phone: row.get("phone")?,
        contact: row.get("contact")?,
        presence: presence(row)?,
    })
}

fn presence_words(presence: Presence) -> (&'static str, Option<i32>) {
    match presence {
        Presence::Unknown => ("unknown", None),
        Presence::Online { until } => ("online", Some(until)),
        Presence::LastSeen(at) => ("last_seen", Some(at)),
        Presence::Recently => ("recently", None),
        Presence::LastWeek => ("last_week", None),
        Presence::LastMonth => ("last_month", None),
    }
}

fn presence(row: &Row<'_>) -> rusqlite::Result<Presence> {
    Ok(match word(row, "presence")? {
        "unknown" => Presence::Unknown,
        "online" => Presence::Online { until: row.get("presence_at")? },
        "last_seen" => Presence::LastSeen(row.get("presence_at")?),
        "recently" => Presence::Recently,
        "last_week" => Presence::LastWeek,
        "last_month" => Presence::LastMonth,
        _ => return Err(unreadable("presence of a person")),
    })
}
