//! Where fetched files lie: hidden while they come, under a name of their own when they are here, and away when they are to be.
//!
//! A name is never taken from a file that has it: it is claimed by a link, which fails if it is there already, and then a number is
//! added. What belongs to messages that destroy themselves lies apart, in the profile, and is unlinked with them; what a disk keeps of
//! an unlinked file is the disk's affair, and only an encrypted one hides it.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use rand::RngExt;

/// Names that are tried before giving up: " (1)" to " (9999)".
const MAX_TRIES: u32 = 10_000;

/// The places.
#[derive(Clone, Debug)]
pub(super) struct Folders {
    /// Where the user looks for files.
    pub lasting: PathBuf,
    /// What goes with its message.
    pub fleeting: PathBuf,
    /// Copies that are sent in place of files that hold more than is to go out.
    pub outgoing: PathBuf,
}

impl Folders {
    pub fn new(profile: &Path, lasting: Option<PathBuf>) -> Folders {
        Folders {
            lasting: lasting.unwrap_or_else(|| profile.join("files")),
            fleeting: profile.join("fleeting"),
            outgoing: profile.join("outgoing"),
        }
    }

    /// A hidden path for a file that is about to come; the folder is made if need be.
    ///
    /// # Errors
    /// The folder cannot be made.
    pub fn hidden(&self, fleeting: bool) -> io::Result<PathBuf> {
        hidden_in(if fleeting { &self.fleeting } else { &self.lasting })
    }

    /// A new file for a copy that is to be sent.
    ///
    /// # Errors
    /// The folder cannot be made or written.
    pub fn copy(&self) -> io::Result<(PathBuf, File)> {
        let path = hidden_in(&self.outgoing)?;
        let file = OpenOptions::new().read(true).write(true).create_new(true).mode(0o600).open(&path)?;
        Ok((path, file))
    }

    /// Removes what lies in the fleeting folder and belongs to nobody.
    pub fn sweep(&self, living: &[PathBuf]) {
        sweep(&self.fleeting, living);
    }

    /// Removes the copies that nothing is sent of any more.
    pub fn sweep_copies(&self, living: &[PathBuf]) {
        sweep(&self.outgoing, living);
    }
}

fn hidden_in(folder: &Path) -> io::Result<PathBuf> {
    DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    Ok(folder.join(format!(".subrosa-{:016x}.part", rand::rng().random::<u64>())))
}

fn sweep(folder: &Path, living: &[PathBuf]) {
    let Ok(found) = fs::read_dir(folder) else { return };
    for path in found.flatten().map(|entry| entry.path()) {
        if !living.contains(&path) {
            remove(&path);
        }
    }
}

/// Removes a file; one that is gone already is as well.
pub(super) fn remove(path: &Path) {
    if let Err(error) = fs::remove_file(path)
        && error.kind() != io::ErrorKind::NotFound
    {
        tracing::warn!(%error, "a file of a deleted message could not be removed");
    }
}

/// Gives a finished file its name, in its folder, or the next that is free.
///
/// # Errors
/// The folder cannot be written, or no name is free.
pub(super) fn claim(hidden: &Path, name: &str) -> io::Result<PathBuf> {
    let folder = hidden.parent().unwrap_or(Path::new("."));
    for number in 0..MAX_TRIES {
        let path = folder.join(numbered(name, number));
        match fs::hard_link(hidden, &path) {
            Ok(()) => fs::remove_file(hidden)?,
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => continue,
            // A file system without links: the name is taken first, and what holds it is then our own.
            Err(_) => match OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path) {
                Ok(_) => fs::rename(hidden, &path)?,
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => continue,
                Err(error) => return Err(error),
            },
        }
        File::open(folder)?.sync_all()?;
        return Ok(path);
    }
    Err(io::Error::other("there are too many files of this name"))
}

/// `name (2).ext`; the name itself for 0.
fn numbered(name: &str, number: u32) -> String {
    if number == 0 {
        return name.into();
    }
    match name.rfind('.').filter(|&dot| dot > 0).and_then(|dot| name.split_at_checked(dot)) {
        Some((stem, extension)) => format!("{stem} ({number}){extension}"),
        None => format!("{name} ({number})"),
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn nothing_is_ever_overwritten() {
        let dir = tempfile::tempdir().unwrap();
        let folders = Folders::new(dir.path(), None);
        let names: Vec<_> = (0..3)
            .map(|n| {
                let hidden = folders.hidden(false).unwrap();
                fs::write(&hidden, [n]).unwrap();
                claim(&hidden, "a.txt").unwrap()
            })
            .collect();
        let files = dir.path().join("files");
        assert_eq!(names, ["a.txt", "a (1).txt", "a (2).txt"].map(|name| files.join(name)));
        for (n, name) in names.iter().enumerate() {
            assert_eq!(fs::read(name).unwrap(), [n as u8]);
        }
        assert_eq!(fs::read_dir(&files).unwrap().count(), 3, "nothing hidden is left");
        assert_eq!(fs::metadata(&files).unwrap().permissions().mode() & 0o777, 0o700);
    }

    #[test]
    fn a_dangling_link_of_that_name_is_left_alone() {
        let dir = tempfile::tempdir().unwrap();
        std::os::unix::fs::symlink("/nowhere/at/all", dir.path().join("x")).unwrap();
        let hidden = dir.path().join(".part");
        fs::write(&hidden, "x").unwrap();
        assert_eq!(claim(&hidden, "x").unwrap(), dir.path().join("x (1)"));
    }

    #[test]
    fn what_belongs_to_nobody_is_swept() {
        let dir = tempfile::tempdir().unwrap();
        let folders = Folders::new(dir.path(), None);
        folders.sweep(&[]);
        let (kept, gone) = (folders.hidden(true).unwrap(), folders.hidden(true).unwrap());
        fs::write(&kept, "").unwrap();
        fs::write(&gone, "").unwrap();
        folders.sweep(std::slice::from_ref(&kept));
        assert_eq!((kept.exists(), gone.exists()), (true, false));
    }

    #[test]
    fn numbers_come_before_the_extension() {
        assert_eq!(numbered("a.tar.gz", 1), "a.tar (1).gz");
        assert_eq!(numbered("file", 12), "file (12)");
        assert_eq!(numbered("file", 0), "file");
    }
}
