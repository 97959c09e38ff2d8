//! A profile on disk: one private folder, the names in it, and files that are written whole or not at all.
//!
//! `vault.db` is everything, encrypted; `vault.key` is what opens it; `lock` names the process at work. Losing either of the first
//! two loses all, so they are never overwritten: a new one is written beside, flushed, and renamed into place.

use std::fs::{self, DirBuilder, File, OpenOptions, Permissions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use super::fault::VaultError;

/// Mode of every file in a profile: the owner alone.
pub(super) const PRIVATE: u32 = 0o600;

/// Mode of the folder.
const PRIVATE_FOLDER: u32 = 0o700;

/// The folder of one account on this device.
#[derive(Clone, Debug)]
pub(super) struct Profile {
    folder: PathBuf,
}

impl Profile {
    pub(super) fn at(folder: &Path) -> Profile {
        Profile { folder: folder.to_owned() }
    }

    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }

    pub(super) fn database(&self) -> PathBuf {
        self.folder.join("vault.db")
    }

    /// The database while it is being created.
    pub(super) fn unfinished_database(&self) -> PathBuf {
        self.folder.join("vault.db.new")
    }

    pub(super) fn key(&self) -> PathBuf {
        self.folder.join("vault.key")
    }

    pub(super) fn lock(&self) -> PathBuf {
        self.folder.join("lock")
    }

    /// Makes the folder (and those above it) if need be, and closes it to everybody else.
    pub(super) fn make_folder(&self) -> Result<(), VaultError> {
        DirBuilder::new()
            .recursive(true)
            .mode(PRIVATE_FOLDER)
            .create(&self.folder)
            .and_then(|()| fs::set_permissions(&self.folder, Permissions::from_mode(PRIVATE_FOLDER)))
            .map_err(VaultError::file("create", &self.folder))?;
        sync_parent(&self.folder)
    }

    /// Writes a private file whole: beside, flushed, renamed, the folder flushed.
    pub(super) fn write(&self, path: &Path, content: &[u8]) -> Result<(), VaultError> {
        let beside = path.with_extension("tmp");
        remove_if_there(&beside)?;
        create_private(&beside)
            .and_then(|mut file| file.write_all(content).and_then(|()| file.sync_all()))
            .map_err(VaultError::file("write", &beside))?;
        self.rename(&beside, path)
    }

    /// Moves a flushed file into its place, durably.
    pub(super) fn rename(&self, from: &Path, to: &Path) -> Result<(), VaultError> {
        fs::rename(from, to).map_err(VaultError::file("rename", from))?;
        sync_folder(&self.folder)
    }
}

/// Makes the name of a folder durable.
pub(super) fn sync_parent(folder: &Path) -> Result<(), VaultError> {
    match folder.parent() {
        Some(parent) if parent != Path::new("") => sync_folder(parent),
        _ => sync_folder(Path::new(".")),
    }
}

/// Makes names that were created or renamed in a folder durable.
pub(super) fn sync_folder(folder: &Path) -> Result<(), VaultError> {
    File::open(folder).and_then(|folder| folder.sync_all()).map_err(VaultError::file("flush", folder))
}

/// A new, empty file of the owner alone; an error if the name is taken.
pub(super) fn create_private(path: &Path) -> io::Result<File> {
    OpenOptions::new().write(true).create_new(true).mode(PRIVATE).open(path)
}

/// Whether a path is there; an error that hides it is told, not taken for absence.
pub(super) fn exists(path: &Path) -> Result<bool, VaultError> {
    path.try_exists().map_err(VaultError::file("look at", path))
}

/// Removes a left-over of an interrupted creation.
pub(super) fn remove_if_there(path: &Path) -> Result<(), VaultError> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(VaultError::file("remove", path)(error)),
        _ => Ok(()),
    }
}

/// The permission bits that others than the owner have on a file, 0 if none.
pub(super) fn others_may(path: &Path) -> Result<u32, VaultError> {
    let mode = fs::metadata(path).map_err(VaultError::file("look at", path))?.permissions().mode();
    Ok(if mode & 0o077 == 0 { 0 } else { mode & 0o777 })
}
