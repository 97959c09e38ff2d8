//! How a new profile comes to be, so that a crash on the way leaves nothing that looks like one and is not.
//!
//! The database is built under another name, then its key is written, then the database is renamed. Whoever finds the key and the
//! database under its other name finishes the last step; whoever finds less begins again. So `vault.db` is never half a database,
//! and an empty one can be told from a damaged one.

use std::fs::File;
use std::path::Path;

use super::fault::VaultError;
use super::profile::{self, Profile};
use super::seal::DatabaseKey;
use super::{migrate, open};

/// Builds the database beside its place, complete and flushed. It moves there once its key is safe.
pub(super) fn build(profile: &Profile, key: &DatabaseKey) -> Result<(), VaultError> {
    let path = profile.unfinished_database();
    for ending in ["", "-wal", "-journal"] {
        let mut left_over = path.clone().into_os_string();
        left_over.push(ending);
        profile::remove_if_there(Path::new(&left_over))?;
    }
    profile::create_private(&path).map_err(VaultError::file("create", &path))?;
    let mut connection = open::open_new(&path, key)?;
    migrate::migrate(&mut connection, &path, migrate::MIGRATIONS)?;
    connection.close().map_err(|(_, error)| VaultError::database(&path, error))?;
    File::open(&path).and_then(|file| file.sync_all()).map_err(VaultError::file("flush", &path))
}

/// Moves a complete new database, whose key is already in place, to its own place: the last act of a creation, made good after
/// a crash by whoever comes next.
pub(super) fn finish(profile: &Profile) -> Result<(), VaultError> {
    let (new, place) = (profile.unfinished_database(), profile.database());
    if profile::exists(&profile.key())? && profile::exists(&new)? && !profile::exists(&place)? {
        profile.rename(&new, &place)?;
    }
    Ok(())
}
