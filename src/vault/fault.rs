//! What can go wrong with the vault, each in one sentence with the next step.
//!
//! Whatever is said here is read by somebody who fears for the only copy of their messages. So every sentence names the file,
//! tells what is the case, and says what to do; and nothing in this room ever repairs by deleting.

use std::io;
use std::path::{Path, PathBuf};

use rusqlite::ErrorCode;

use super::lock::Holder;
use crate::system::in_words;

/// Why the vault did not do what was asked. Nothing was changed, unless a variant says otherwise.
#[derive(Debug, thiserror::Error)]
pub enum VaultError {
    #[error("the profile {} is in use by {holder}: close that one first", folder.display())]
    Locked { folder: PathBuf, holder: Holder },
    #[error("{} already holds a profile: open it, or choose another name for the new one", folder.display())]
    Exists { folder: PathBuf },
    #[error("there is no profile in {}: `subrosa sign-in` makes one, `subrosa profiles` lists those that are there", folder.display())]
    NoProfile { folder: PathBuf },
    #[error("{} is missing while its companion is there: restore it from a backup", path.display())]
    Missing { path: PathBuf },
    #[error("wrong passphrase for {}: try again", path.display())]
    WrongPassphrase { path: PathBuf },
    #[error("an empty passphrase protects nothing: choose one, or ask for a key file")]
    EmptyPassphrase,
    #[error("{} is sealed: open the profile with its passphrase", path.display())]
    PassphraseNeeded { path: PathBuf },
    #[error("{} is not sealed by any passphrase: open the profile without one", path.display())]
    NotSealed { path: PathBuf },
    #[error(
        "{} can be read by others on this computer (mode {mode:03o}): run `chmod 600` on it, and mind that \
         they may have read it",
        path.display()
    )]
    Exposed { path: PathBuf, mode: u32 },
    #[error("{} is not a key file of this program ({reason}): restore it from a backup", path.display())]
    KeyFile { path: PathBuf, reason: String },
    #[error(
        "sealing the key by {asked} is not what this program agrees to (at most {most}): choose other costs, or \
         restore vault.key from a backup"
    )]
    Cost { asked: String, most: String },
    #[error(
        "{} was written by a newer version of this program (format {found}, this one knows {known}): update \
         the program",
        path.display()
    )]
    Newer { path: PathBuf, found: i64, known: i64 },
    #[error(
        "{} cannot be read: it is damaged, or belongs to another vault.key; leave it as it is and restore a \
         backup of both",
        path.display()
    )]
    Damaged { path: PathBuf },
    #[error(
        "{} holds a row that this program cannot read ({what}): restore a backup, or report this as a fault \
         of the program",
        path.display()
    )]
    Row { path: PathBuf, what: String },
    #[error(
        "this program was built without SQLCipher and would store everything in the clear, so it stores nothing: \
         build it with rusqlite's bundled-sqlcipher"
    )]
    NoCipher,
    #[error(
        "no space is left for {}: make room on that disk; what was stored before is safe",
        path.display()
    )]
    DiskFull { path: PathBuf },
    #[error("another program has {} open: close it", path.display())]
    Busy { path: PathBuf },
    #[error("could not {doing} {} ({}): look at the disk and at who owns the file", path.display(), in_words(source))]
    File { doing: &'static str, path: PathBuf, source: io::Error },
    #[error("the operating system gave no random numbers ({0}): nothing was created, try again")]
    NoRandomness(String),
    #[error(
        "{} refused to be read or written ({source}): look at the disk; if it is sound, report this as a \
         fault of the program",
        path.display()
    )]
    Database { path: PathBuf, source: rusqlite::Error },
}

impl VaultError {
    /// What an operation on a file, named by its verb, failed with.
    pub(super) fn file(doing: &'static str, path: &Path) -> impl FnOnce(io::Error) -> VaultError {
        move |source| match source.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
                VaultError::DiskFull { path: path.to_owned() }
            }
            _ => VaultError::File { doing, path: path.to_owned(), source },
        }
    }

    /// What SQLite said about the database at `path`.
    pub(super) fn database(path: &Path, source: rusqlite::Error) -> VaultError {
        let path = path.to_owned();
        match &source {
            rusqlite::Error::SqliteFailure(failure, _) => match failure.code {
                ErrorCode::DiskFull => VaultError::DiskFull { path },
                ErrorCode::NotADatabase | ErrorCode::DatabaseCorrupt => VaultError::Damaged { path },
                ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked => VaultError::Busy { path },
                _ => VaultError::Database { path, source },
            },
            rusqlite::Error::FromSqlConversionFailure(..)
            | rusqlite::Error::IntegralValueOutOfRange(..)
            | rusqlite::Error::InvalidColumnType(..)
            | rusqlite::Error::Utf8Error(..) => VaultError::Row { path, what: source.to_string() },
            _ => VaultError::Database { path, source },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_system_says_has_words_and_no_number() {
        let fault = VaultError::file("open", Path::new("/p"))(io::Error::from_raw_os_error(13)).to_string();
        assert_eq!(fault, "could not open /p (permission denied): look at the disk and at who owns the file");
    }
}
