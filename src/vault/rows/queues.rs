//! What waits: own messages until the peer confirms them, early ones behind a gap, sealed ones for their key.
//!
//! These rows are the protocol's memory, not the user's: each is deleted as soon as it has served.

use rusqlite::{Connection, Row, params};
use zeroize::Zeroizing;

use super::{all, blob, from_json, json, run, unreadable};
use crate::secret::record::{ChatId, Held, Outgoing, Parked};

pub(in crate::vault) fn put_outgoing(connection: &Connection, outgoing: &Outgoing) -> rusqlite::Result<()> {
    run(
        connection,
        "INSERT OR REPLACE INTO outgoing (chat, number, random_id, payload, service, rewritable, answered, silent, file, told)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
        params![
            outgoing.chat.0,
            outgoing.number,
            outgoing.random_id,
            outgoing.payload.as_slice(),
            outgoing.service,
            outgoing.rewritable,
            outgoing.answered,
            outgoing.silent,
            json(outgoing.file.as_ref())?,
            outgoing.told,
        ],
    )?;
    Ok(())
}

/// The peer has confirmed every number below this one.
pub(in crate::vault) fn confirmed(connection: &Connection, chat: ChatId, below: i32) -> rusqlite::Result<()> {
    run(connection, "DELETE FROM outgoing WHERE chat = ?1 AND number < ?2", params![chat.0, below])?;
    Ok(())
}

pub(in crate::vault) fn put_parked(connection: &Connection, parked: &Parked) -> rusqlite::Result<()> {
    run(
        connection,
        "INSERT OR REPLACE INTO parked (chat, number, date, fingerprint, executed, payload, file)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        params![
            parked.chat.0,
            parked.number,
            parked.date,
            parked.fingerprint,
            parked.executed,
            parked.payload.as_slice(),
            json(parked.file.as_ref())?,
        ],
    )?;
    Ok(())
}

pub(in crate::vault) fn unpark(connection: &Connection, chat: ChatId, number: i32) -> rusqlite::Result<()> {
    run(connection, "DELETE FROM parked WHERE chat = ?1 AND number = ?2", params![chat.0, number])?;
    Ok(())
}

/// Holds a sealed message; one that is held already keeps its place.
pub(in crate::vault) fn put_held(connection: &Connection, held: &Held) -> rusqlite::Result<()> {
    run(
        connection,
        "INSERT INTO held (chat, random_id, date, envelope, file) VALUES (?1, ?2, ?3, ?4, ?5)
         ON CONFLICT (chat, random_id) DO UPDATE SET date = excluded.date, envelope = excluded.envelope,
             file = excluded.file",
        params![held.chat.0, held.random_id, held.date, held.envelope, json(held.file.as_ref())?],
    )?;
    Ok(())
}

pub(in crate::vault) fn unhold(connection: &Connection, chat: ChatId) -> rusqlite::Result<()> {
    run(connection, "DELETE FROM held WHERE chat = ?1", [chat.0])?;
    Ok(())
}

/// Forgets all that waits in a chat.
pub(in crate::vault) fn drop_all(connection: &Connection, chat: ChatId) -> rusqlite::Result<()> {
    run(connection, "DELETE FROM outgoing WHERE chat = ?1", [chat.0])?;
    run(connection, "DELETE FROM parked WHERE chat = ?1", [chat.0])?;
    unhold(connection, chat)
}

/// Ascending by chat and number.
pub(in crate::vault) fn outgoing(connection: &Connection) -> rusqlite::Result<Vec<Outgoing>> {
    all(connection, "SELECT * FROM outgoing ORDER BY chat, number", [], |row| {
        Ok(Outgoing {
            chat: ChatId(row.get("chat")?),
            number: row.get("number")?,
            random_id: row.get("random_id")?,
            payload: payload(row)?,
            service: row.get("service")?,
            rewritable: row.get("rewritable")?,
            answered: row.get("answered")?,
            silent: row.get("silent")?,
            told: row.get("told")?,
            file: from_json(row, "file")?,
        })
    })
}

/// Ascending by chat and number.
pub(in crate::vault) fn parked(connection: &Connection) -> rusqlite::Result<Vec<Parked>> {
    all(connection, "SELECT * FROM parked ORDER BY chat, number", [], |row| {
        Ok(Parked {
            chat: ChatId(row.get("chat")?),
            number: row.get("number")?,
            date: row.get("date")?,
            fingerprint: blob(row, "fingerprint")?
                .try_into()
                .map_err(|_| unreadable("fingerprint of a parked message"))?,
            executed: row.get("executed")?,
            payload: payload(row)?,
            file: from_json(row, "file")?,
        })
    })
}

/// In the order of their arrival.
pub(in crate::vault) fn held(connection: &Connection) -> rusqlite::Result<Vec<Held>> {
    all(connection, "SELECT * FROM held ORDER BY place", [], |row| {
        Ok(Held {
            chat: ChatId(row.get("chat")?),
            random_id: row.get("random_id")?,
            date: row.get("date")?,
            envelope: row.get("envelope")?,
            file: from_json(row, "file")?,
        })
    })
}

fn payload(row: &Row<'_>) -> rusqlite::Result<Zeroizing<Vec<u8>>> {
    Ok(Zeroizing::new(blob(row, "payload")?.to_vec()))
}
