//! The state of the server in SQLite: users, authorizations, secret chats and what waits for them.
//!
//! One connection, one writer, one transaction per request: an answer leaves only when what it says is durable, so a server
//! that is killed has lost nothing that it ever answered. A folder is written with WAL and `synchronous = FULL` and locked for
//! one process; the store in memory is for the demo and the tests. It is a plain database: the server never holds a key of a
//! secret chat.

mod authorizations;
mod chats;
mod codes;
mod contacts;
mod devices;
mod events;
mod files;
mod homes;
mod layers;
mod migrations;
mod passwords;
mod queue;
mod users;

use std::path::{Path, PathBuf};

use rusqlite::Connection;

use crate::system::in_words;

pub use authorizations::Authorization;
pub use chats::{Chat, ChatState};
pub use codes::Code;
pub use contacts::ContactRow;
pub use devices::DeviceRow;
pub use events::Event;
pub use files::{FileRow, Piece, SentFile, Stock};
pub use passwords::PasswordRow;
pub use queue::Queued;
pub use users::UserRow;

/// The database in the server's folder.
const FILE: &str = "server.sqlite";

/// What a query came to; every failure of one is the disk's or ours, never the client's.
pub type Result<T> = std::result::Result<T, rusqlite::Error>;

/// Why the store cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum StoreOpenError {
    #[error("the server's folder {} cannot be made ({}): choose another folder or mend its permissions", .folder.display(), in_words(source))]
    Folder { folder: PathBuf, source: std::io::Error },
    #[error("{} cannot be made private ({}): mend its permissions or its owner", .file.display(), in_words(source))]
    Permissions { file: PathBuf, source: std::io::Error },
    #[error("{} is in use by another server; stop that one or choose another folder", .file.display())]
    InUse { file: PathBuf },
    #[error(
        "{} was written by a newer version (schema {found}, known up to {known}); update this program",
        .file.display()
    )]
    Newer { file: PathBuf, found: i64, known: i64 },
    #[error("{} cannot be opened as the server's database: {source}; it was left as it is", .file.display())]
    Database { file: PathBuf, source: rusqlite::Error },
}

/// The open database. Its methods are grouped by table in the files of this folder.
pub struct Store {
    db: Connection,
    secret: [u8; 32],
}

impl Store {
    /// A store that is gone when it is dropped. `fresh_secret` becomes the root of the access hashes.
    pub fn in_memory(fresh_secret: [u8; 32]) -> std::result::Result<Store, StoreOpenError> {
        let file = PathBuf::from(":memory:");
        let db = Connection::open_in_memory();
        let db = db.map_err(|source| StoreOpenError::Database { file: file.clone(), source })?;
        Store::prepare(db, &file, fresh_secret)
    }

    /// The store of a folder, which is made if it is missing. `fresh_secret` is used only by a new database.
    pub fn in_folder(folder: &Path, fresh_secret: [u8; 32]) -> std::result::Result<Store, StoreOpenError> {
        make_private_folder(folder)
            .map_err(|source| StoreOpenError::Folder { folder: folder.to_path_buf(), source })?;
        let file = folder.join(FILE);
        make_private_files(&file)
            .map_err(|source| StoreOpenError::Permissions { file: file.clone(), source })?;
        let db = Connection::open(&file)
            .and_then(|db| {
                // Whoever holds the lock holds it for as long as it runs: waiting would only delay the error.
                db.busy_timeout(std::time::Duration::ZERO)?;
                db.execute_batch(
                    "PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;",
                )?;
                Ok(db)
            })
            .map_err(|source| open_error(&file, source))?;
        Store::prepare(db, &file, fresh_secret)
    }

    fn prepare(
        mut db: Connection,
        file: &Path,
        fresh_secret: [u8; 32],
    ) -> std::result::Result<Store, StoreOpenError> {
        db.set_prepared_statement_cache_capacity(128);
        db.execute_batch("PRAGMA foreign_keys = ON;").map_err(|source| open_error(file, source))?;
        migrations::run(&mut db, file)?;
        let secret = keep_secret(&db, fresh_secret).map_err(|source| open_error(file, source))?;
        Ok(Store { db, secret })
    }

    /// Starts the transaction of one request; dropped without [`Transaction::commit`] it never happened.
    pub fn begin(&self) -> Result<Transaction<'_>> {
        Ok(Transaction(self.db.unchecked_transaction()?))
    }

    /// The root of the access hashes of users.
    pub fn secret(&self) -> &[u8; 32] {
        &self.secret
    }
}

/// What one request reads and writes.
pub struct Transaction<'a>(rusqlite::Transaction<'a>);

impl Transaction<'_> {
    /// When this returns, what was written is durable.
    pub fn commit(self) -> Result<()> {
        self.0.commit()
    }
}

/// The folder holds auth keys: nobody else may look into one that we make.
fn make_private_folder(folder: &Path) -> std::io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.recursive(true).create(folder)
}

/// The database is the owner's alone even in a folder that others may look into. SQLite gives its log the mode of the database, so
/// that file comes first; what an earlier start left open to others is closed.
#[cfg(unix)]
fn make_private_files(file: &Path) -> std::io::Result<()> {
    use std::fs::{OpenOptions, Permissions, metadata, set_permissions};
    use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
    OpenOptions::new().write(true).create(true).truncate(false).mode(0o600).open(file)?;
    let log = file.with_extension("sqlite-wal");
    for file in [file, log.as_path()] {
        let mode = match metadata(file) {
            Ok(found) => found.permissions().mode(),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => continue,
            Err(error) => return Err(error),
        };
        if mode & 0o077 != 0 {
            set_permissions(file, Permissions::from_mode(0o600))?;
        }
    }
    Ok(())
}

#[cfg(not(unix))]
fn make_private_files(_file: &Path) -> std::io::Result<()> {
    Ok(())
}

fn keep_secret(db: &Connection, fresh: [u8; 32]) -> Result<[u8; 32]> {
    db.execute("INSERT OR IGNORE INTO server (id, secret) VALUES (1, ?1)", [fresh.as_slice()])?;
    db.query_row("SELECT secret FROM server WHERE id = 1", [], |row| row.get(0))
}

fn open_error(file: &Path, source: rusqlite::Error) -> StoreOpenError {
    let file = file.to_path_buf();
    match source.sqlite_error_code() {
        Some(rusqlite::ErrorCode::DatabaseBusy | rusqlite::ErrorCode::DatabaseLocked) => {
            StoreOpenError::InUse { file }
        }
        _ => StoreOpenError::Database { file, source },
    }
}
