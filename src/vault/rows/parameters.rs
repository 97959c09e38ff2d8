//! The Diffie-Hellman parameters, the tested primes, and the place in the update streams.
//!
//! Small rows of the whole account: they change seldom, except for the marks, which change with every message.

use rusqlite::{Connection, params};

use super::{all, one, run};
use crate::secret::record::{DhCache, Marks, PrimeVerdict};

pub(in crate::vault) fn put_dh(connection: &Connection, dh: &DhCache) -> rusqlite::Result<()> {
    let sql = "INSERT OR REPLACE INTO dh (id, version, g, p) VALUES (1, ?1, ?2, ?3)";
    run(connection, sql, params![dh.version, dh.g, dh.p])?;
    Ok(())
}

pub(in crate::vault) fn dh(connection: &Connection) -> rusqlite::Result<Option<DhCache>> {
    one(connection, "SELECT version, g, p FROM dh", [], |row| {
        Ok(DhCache { version: row.get(0)?, g: row.get(1)?, p: row.get(2)? })
    })
}

pub(in crate::vault) fn put_prime(connection: &Connection, verdict: &PrimeVerdict) -> rusqlite::Result<()> {
    let sql = "INSERT OR REPLACE INTO primes (p, good) VALUES (?1, ?2)";
    run(connection, sql, params![verdict.p, verdict.good])?;
    Ok(())
}

/// In the order of the primes.
pub(in crate::vault) fn primes(connection: &Connection) -> rusqlite::Result<Vec<PrimeVerdict>> {
    all(connection, "SELECT p, good FROM primes ORDER BY p", [], |row| {
        Ok(PrimeVerdict { p: row.get(0)?, good: row.get(1)? })
    })
}

pub(in crate::vault) fn put_marks(connection: &Connection, marks: &Marks) -> rusqlite::Result<()> {
    let sql = "INSERT OR REPLACE INTO marks (id, pts, qts, seq, date) VALUES (1, ?1, ?2, ?3, ?4)";
    run(connection, sql, params![marks.pts, marks.qts, marks.seq, marks.date])?;
    Ok(())
}

/// The reading of the self-destruct clock.
pub(in crate::vault) fn put_clock(connection: &Connection, ms: i64) -> rusqlite::Result<()> {
    run(connection, "INSERT OR REPLACE INTO clock (id, ms) VALUES (1, ?1)", [ms])?;
    Ok(())
}

/// 0 while none was stored.
pub(in crate::vault) fn clock(connection: &Connection) -> rusqlite::Result<i64> {
    Ok(one(connection, "SELECT ms FROM clock", [], |row| row.get(0))?.unwrap_or_default())
}

/// All zero while none were stored.
pub(in crate::vault) fn marks(connection: &Connection) -> rusqlite::Result<Marks> {
    let stored = one(connection, "SELECT pts, qts, seq, date FROM marks", [], |row| {
        Ok(Marks { pts: row.get(0)?, qts: row.get(1)?, seq: row.get(2)?, date: row.get(3)? })
    })?;
    Ok(stored.unwrap_or_default())
}
