//! One connection to one encrypted database, or a refusal.
//!
//! SQLCipher is asked whether it is there before anything is written: an SQLite without it would ignore the key and store
//! everything in the clear. Then the settings that the rest of the house relies on: a commit is on the disk when it returns, what
//! is deleted is overwritten, and nobody else has the file open.

use std::path::Path;
use std::time::Duration;

use rusqlite::{Connection, OpenFlags};
use zeroize::Zeroizing;

use super::fault::VaultError;
use super::migrate;
use super::seal::DatabaseKey;

/// Room for every statement of this room to stay prepared.
const STATEMENTS: usize = 64;

/// Before the key: SQLCipher must not write on a terminal that shows a screen, and must wipe the memory that it frees, through
/// which every row passes.
const BEFORE_THE_KEY: &str = "PRAGMA cipher_log_level = NONE; PRAGMA cipher_memory_security = ON;";

/// After the key. `EXCLUSIVE` keeps other programs out and the index of the log in memory; `FULL` flushes at every commit;
/// `secure_delete` overwrites what is deleted or replaced.
const SETTINGS: &str = "PRAGMA synchronous = FULL;
    PRAGMA secure_delete = ON;
    PRAGMA temp_store = MEMORY;
    PRAGMA trusted_schema = OFF;";

/// Opens a database that was made before. Nothing is written until the key has been found to fit and the file to hold something:
/// SQLite would take an empty file for a new database.
pub(super) fn open(path: &Path, key: &DatabaseKey) -> Result<Connection, VaultError> {
    let (connection, version) = connect(path, key)?;
    if version == 0 {
        return Err(VaultError::Damaged { path: path.to_owned() });
    }
    settle(connection, path)
}

/// Makes a database of an empty file.
pub(super) fn open_new(path: &Path, key: &DatabaseKey) -> Result<Connection, VaultError> {
    let (connection, _) = connect(path, key)?;
    settle(connection, path)
}

/// The connection, and the version of the database (0 if the file is empty). This decrypts the first page: a wrong key or a
/// damaged file shows itself here.
fn connect(path: &Path, key: &DatabaseKey) -> Result<(Connection, i64), VaultError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let fault = |error| VaultError::database(path, error);
    let connection = Connection::open_with_flags(path, flags).map_err(fault)?;
    connection.busy_timeout(Duration::ZERO).map_err(fault)?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS);
    require_cipher(&connection)?;
    connection.execute_batch(BEFORE_THE_KEY).map_err(fault)?;
    set_key(&connection, key)?;
    connection.execute_batch("PRAGMA locking_mode = EXCLUSIVE;").map_err(fault)?;
    let version = migrate::version(&connection).map_err(fault)?;
    Ok((connection, version))
}

fn settle(connection: Connection, path: &Path) -> Result<Connection, VaultError> {
    let fault = |error| VaultError::database(path, error);
    let journal: String =
        connection.pragma_update_and_check(None, "journal_mode", "WAL", |row| row.get(0)).map_err(fault)?;
    if journal != "wal" {
        return Err(VaultError::Busy { path: path.to_owned() });
    }
    connection.execute_batch(SETTINGS).map_err(fault)?;
    Ok(connection)
}

fn require_cipher(connection: &Connection) -> Result<(), VaultError> {
    match connection.pragma_query_value(None, "cipher_version", |row| row.get::<_, String>(0)) {
        Ok(version) if !version.is_empty() => Ok(()),
        _ => Err(VaultError::NoCipher),
    }
}

/// Hands over the raw key. The error of SQLite is dropped, for it may quote the statement.
fn set_key(connection: &Connection, key: &DatabaseKey) -> Result<(), VaultError> {
    let digits = key.to_hex();
    let mut pragma = Zeroizing::new(String::with_capacity(digits.len() + 32));
    for part in ["PRAGMA key = \"x'", digits.as_str(), "'\";"] {
        pragma.push_str(part);
    }
    connection.execute_batch(&pragma).map_err(|_| VaultError::NoCipher)
}

/// Moves the log into the database and empties it, so that nothing that was deleted survives in the log.
pub(super) fn empty_log(connection: &Connection) -> rusqlite::Result<()> {
    connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))
}
