//! The people that chats can be with, as Telegram last described them.
//!
//! A person stays when they leave the contact list: a chat with them may still be there, and its access hash is needed.

use rusqlite::{Connection, Row, params};

use super::{all, one, run, unreadable, word};
use crate::secret::record::{Person, PersonKind, Presence, UserId};

/// Inserts or replaces the person.
pub(in crate::vault) fn put(connection: &Connection, person: &Person) -> rusqlite::Result<()> {
    let (presence, presence_at) = presence_words(person.presence);
    run(
        connection,
        "INSERT OR REPLACE INTO people
             (id, access_hash, first_name, last_name, username, phone, contact, blocked, kind, presence,
              presence_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
        params![
            person.id.0,
            person.access_hash,
            person.first_name,
            person.last_name,
            person.username,
            person.phone,
            person.contact,
            person.blocked,
            kind_word(person.kind),
            presence,
            presence_at,
        ],
    )?;
    Ok(())
}

/// How many numbers of the contact list nobody signed up with; `None` before the list was fetched.
pub(in crate::vault) fn saved_numbers(connection: &Connection) -> rusqlite::Result<Option<i32>> {
    one(connection, "SELECT saved FROM contact_list", [], |row| row.get(0))
}

pub(in crate::vault) fn put_saved_numbers(connection: &Connection, saved: i32) -> rusqlite::Result<()> {
    run(connection, "INSERT OR REPLACE INTO contact_list (id, saved) VALUES (1, ?1)", [saved])?;
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
        blocked: row.get("blocked")?,
        kind: kind(row)?,
        presence: presence(row)?,
    })
}

fn kind_word(kind: PersonKind) -> &'static str {
    match kind {
        PersonKind::Human => "human",
        PersonKind::Bot => "bot",
        PersonKind::Deleted => "deleted",
    }
}

fn kind(row: &Row<'_>) -> rusqlite::Result<PersonKind> {
    Ok(match word(row, "kind")? {
        "human" => PersonKind::Human,
        "bot" => PersonKind::Bot,
        "deleted" => PersonKind::Deleted,
        _ => return Err(unreadable("kind of a person")),
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
