//! What happens to a profile as a whole: who is at work in it, giving it another place, and destroying it.
//!
//! Nothing in here opens the database, so no passphrase is needed; but nothing happens to a profile that a process works in. Of
//! what is destroyed the key goes first: from then on the rest is noise, even if the power fails before it is gone.

use std::fs;
use std::path::Path;

use super::fault::VaultError;
use super::lock::{Holder, Lock};
use super::profile::{self, Profile};
use super::{Sealing, Vault};

/// What can be known of a profile without opening it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Nobody works in it; how its key is kept.
    Free(Sealing),
    Busy(Holder),
    /// It cannot be opened as it is, and why.
    Broken(String),
}

/// Looks at the profile in a folder; `None` if there is none.
pub fn standing(folder: &Path) -> Option<Standing> {
    match Vault::sealing_of(folder) {
        Ok(sealing) => Some(Standing::Free(sealing)),
        Err(VaultError::Locked { holder, .. }) => Some(Standing::Busy(holder)),
        Err(VaultError::NoProfile { .. }) => None,
        Err(fault) => Some(Standing::Broken(fault.to_string())),
    }
}

/// Moves a profile to another place on the same disk.
///
/// # Errors
/// [`VaultError::NoProfile`], [`VaultError::Locked`]; [`VaultError::Exists`] if anything is at the other place already.
pub fn rename(from: &Path, to: &Path) -> Result<(), VaultError> {
    let _lock = claim(from)?;
    if profile::exists(to)? {
        return Err(VaultError::Exists { folder: to.to_owned() });
    }
    fs::rename(from, to).map_err(VaultError::file("rename", from))?;
    profile::sync_parent(to)
}

/// Destroys a profile: its key, then everything else in its folder, and the folder.
///
/// # Errors
/// [`VaultError::NoProfile`], [`VaultError::Locked`]; a file that cannot be removed, after which the key is gone nevertheless.
pub fn destroy(folder: &Path) -> Result<(), VaultError> {
    let _lock = claim(folder)?;
    let key = Profile::at(folder).key();
    if profile::exists(&key)? {
        scribble(&key)?;
        profile::remove_if_there(&key)?;
        profile::sync_folder(folder)?;
    }
    fs::remove_dir_all(folder).map_err(VaultError::file("remove", folder))?;
    profile::sync_parent(folder)
}

/// Writes zeros over a file: on a disk that writes in place the key is not to be found again.
fn scribble(path: &Path) -> Result<(), VaultError> {
    let overwrite = || {
        let file = fs::OpenOptions::new().write(true).open(path)?;
        let length = usize::try_from(file.metadata()?.len()).unwrap_or(0);
        std::io::Write::write_all(&mut &file, &vec![0; length])?;
        file.sync_all()
    };
    overwrite().map_err(VaultError::file("write", path))
}

/// The lock of a folder that holds a profile, or what is left of one.
fn claim(folder: &Path) -> Result<Lock, VaultError> {
    let profile = Profile::at(folder);
    for path in [profile.key(), profile.database(), profile.unfinished_database()] {
        if profile::exists(&path)? {
            return Lock::take(&profile);
        }
    }
    Err(VaultError::NoProfile { folder: folder.to_owned() })
}
