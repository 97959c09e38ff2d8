//! Numbered migrations: how a database of an older version becomes one of this version.
//!
//! The number of the last one applied is the database's `user_version`. Each runs in a transaction with its number, so a crash
//! leaves the old version or the new one. A migration that was released is never edited: what is wrong with it is mended by the next.

use std::path::Path;

use rusqlite::{Connection, TransactionBehavior};

use super::fault::VaultError;

/// All migrations; the n-th leads from version n-1 to version n.
pub(super) const MIGRATIONS: &[&str] = &[include_str!("../../assets/schema/vault/001_first.sql")];

/// Brings the database to the newest version. A database that is newer still is not touched.
pub(super) fn migrate(
    connection: &mut Connection,
    path: &Path,
    migrations: &[&str],
) -> Result<(), VaultError> {
    let found = version(connection).map_err(|error| VaultError::database(path, error))?;
    let known = i64::try_from(migrations.len()).unwrap_or(i64::MAX);
    if found > known {
        return Err(VaultError::Newer { path: path.to_owned(), found, known });
    }
    for (number, sql) in (1..).zip(migrations).filter(|(number, _)| *number > found) {
        step(connection, number, sql).map_err(|error| VaultError::database(path, error))?;
    }
    Ok(())
}

/// The version of the database; 0 is an empty one.
pub(super) fn version(connection: &Connection) -> rusqlite::Result<i64> {
    connection.pragma_query_value(None, "user_version", |row| row.get(0))
}

fn step(connection: &mut Connection, number: i64, sql: &str) -> rusqlite::Result<()> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    transaction.execute_batch(sql)?;
    transaction.pragma_update(None, "user_version", number)?;
    transaction.commit()
}

#[cfg(test)]
mod tests {
    use super::*;

    const BROKEN: &str = "CREATE TABLE a (x) NO SUCH WORD";
    const GOOD: &str = "CREATE TABLE a (x); INSERT INTO a VALUES (1);";
    const SECOND: &str = "UPDATE a SET x = x + 1;";

    fn run(connection: &mut Connection, migrations: &[&str]) -> Result<(), VaultError> {
        migrate(connection, Path::new("vault.db"), migrations)
    }

    #[test]
    fn each_migration_runs_once() {
        let mut connection = Connection::open_in_memory().unwrap();
        run(&mut connection, &[GOOD]).unwrap();
        run(&mut connection, &[GOOD, SECOND]).unwrap();
        run(&mut connection, &[GOOD, SECOND]).unwrap();
        let x: i64 = connection.query_row("SELECT x FROM a", [], |row| row.get(0)).unwrap();
        assert_eq!((x, version(&connection).unwrap()), (2, 2));
    }

    #[test]
    fn a_migration_that_fails_half_way_leaves_nothing() {
        let mut connection = Connection::open_in_memory().unwrap();
        assert!(run(&mut connection, &[BROKEN]).is_err());
        let half = "CREATE TABLE b (x); INSERT INTO nowhere VALUES (1);";
        assert!(run(&mut connection, &[GOOD, half]).is_err());
        assert_eq!(version(&connection).unwrap(), 1);
        assert!(connection.prepare("SELECT * FROM b").is_err());
    }

    #[test]
    fn a_newer_database_is_left_alone() {
        let mut connection = Connection::open_in_memory().unwrap();
        run(&mut connection, &[GOOD, SECOND]).unwrap();
        let error = run(&mut connection, &[GOOD]).unwrap_err();
        assert!(matches!(error, VaultError::Newer { found: 2, known: 1, .. }));
        assert!(error.to_string().contains("update the program"));
    }
}
