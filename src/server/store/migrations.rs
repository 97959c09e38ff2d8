//! Brings a database to the present schema by numbered steps, counted in `PRAGMA user_version`.
//!
//! A step that was released is never edited, only followed by another. Each runs in a transaction of its own together with
//! its number, so an interrupted start is repeated from where it stopped.

use std::path::Path;

use rusqlite::{Connection, TransactionBehavior};

use super::{StoreOpenError, open_error};

const STEPS: [&str; 7] = [
    include_str!("../../../assets/schema/server/001.sql"),
    include_str!("../../../assets/schema/server/002.sql"),
    include_str!("../../../assets/schema/server/003.sql"),
    include_str!("../../../assets/schema/server/004.sql"),
    include_str!("../../../assets/schema/server/005.sql"),
    include_str!("../../../assets/schema/server/006.sql"),
    include_str!("../../../assets/schema/server/007.sql"),
];

pub(super) fn run(db: &mut Connection, file: &Path) -> Result<(), StoreOpenError> {
    let known = STEPS.len() as i64;
    let found = version(db).map_err(|source| open_error(file, source))?;
    if !(0..=known).contains(&found) {
        return Err(StoreOpenError::Newer { file: file.to_path_buf(), found, known });
    }
    for (number, step) in (1..).zip(STEPS).skip(found as usize) {
        apply(db, number, step).map_err(|source| open_error(file, source))?;
    }
    Ok(())
}

fn version(db: &Connection) -> rusqlite::Result<i64> {
    db.query_row("PRAGMA user_version", [], |row| row.get(0))
}

fn apply(db: &mut Connection, number: i64, step: &str) -> rusqlite::Result<()> {
    let transaction = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
    transaction.execute_batch(step)?;
    transaction.pragma_update(None, "user_version", number)?;
    transaction.commit()
}
