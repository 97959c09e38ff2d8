//! Where fetched files lie: hidden while they come, under a name of their own when they are here, and away when they are to be.
//!
//! A name is never taken from a file that has it: it is claimed by a link, which fails if it is there already, and then a number is
//! added. What belongs to messages that destroy themselves lies apart, in the profile, and is unlinked with them; what a disk keeps of
//! an unlinked file is the disk's affair, and only an encrypted one hides it.
//!
//! A finished file keeps its hidden name beside its own until its row is stored, so that whatever happens between leads to it. And
//! nothing is written where others could have laid a link: a folder that is not the user's alone is not used, a link is not followed.

use std::collections::HashSet;
use std::fs::{self, DirBuilder, File, Metadata, OpenOptions};
use std::io;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use rand::RngExt;
use rustix::fs::OFlags;
use rustix::io::Errno;

/// How hidden names begin.
const PART: &str = ".subrosa-";

/// Names that are tried before giving up: " (1)" to " (9999)".
const MAX_TRIES: u32 = 10_000;

/// The places.
#[derive(Clone, Debug)]
pub(super) struct Folders {
    /// Where the user looks for files.
    pub lasting: PathBuf,
    /// Where they lie if others may write there.
    own: PathBuf,
    /// What goes with its message.
    pub fleeting: PathBuf,
    /// Copies that are sent in place of files that hold more than is to go out.
    pub outgoing: PathBuf,
}

impl Folders {
    pub fn new(profile: &Path, lasting: Option<PathBuf>) -> Folders {
        let own = profile.join("files");
        Folders {
            lasting: lasting.unwrap_or_else(|| own.clone()),
            own,
            fleeting: profile.join("fleeting"),
            outgoing: profile.join("outgoing"),
        }
    }

    /// A hidden path for a file that is about to come; the folder is made if need be. One that others may write to is not used: the
    /// file lies in the profile then.
    ///
    /// # Errors
    /// The folder cannot be made, or the profile is open to others.
    pub fn hidden(&self, fleeting: bool) -> io::Result<PathBuf> {
        let mut folder = if fleeting { &self.fleeting } else { &self.lasting };
        make(folder)?;
        if !fleeting && !is_private(folder)? {
            folder = &self.own;
            make(folder)?;
        }
        hidden_in(folder)
    }

    /// A new file for a copy that is to be sent.
    ///
    /// # Errors
    /// The folder cannot be made or written, or the profile is open to others.
    pub fn copy(&self) -> io::Result<(PathBuf, File)> {
        make(&self.outgoing)?;
        let path = hidden_in(&self.outgoing)?;
        let file = OpenOptions::new().read(true).write(true).create_new(true).mode(0o600).open(&path)?;
        Ok((path, file))
    }

    /// Removes what lies in the fleeting folder and belongs to nobody, and the hidden names of files that have their own.
    pub fn sweep(&self, living: &[PathBuf]) {
        let here: HashSet<_> = living.iter().filter_map(|path| identity(path)).collect();
        for folder in [&self.lasting, &self.own] {
            let Ok(found) = fs::read_dir(folder) else { continue };
            for path in found.flatten().map(|entry| entry.path()) {
                let hidden = path.file_name().is_some_and(|name| name.to_string_lossy().starts_with(PART));
                if hidden && !living.contains(&path) && identity(&path).is_some_and(|it| here.contains(&it)) {
                    remove(&path);
                }
            }
        }
        sweep(&self.fleeting, living);
    }

    /// Removes the copies that nothing is sent of any more.
    pub fn sweep_copies(&self, living: &[PathBuf]) {
        sweep(&self.outgoing, living);
    }
}

fn make(folder: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(folder)
}

fn hidden_in(folder: &Path) -> io::Result<PathBuf> {
    if !is_private(folder)? {
        return Err(io::Error::other("others may write there: take that right from them"));
    }
    Ok(folder.join(format!("{PART}{:016x}.part", rand::rng().random::<u64>())))
}

fn sweep(folder: &Path, living: &[PathBuf]) {
    let Ok(found) = fs::read_dir(folder) else { return };
    for path in found.flatten().map(|entry| entry.path()) {
        if !living.contains(&path) {
            remove(&path);
        }
    }
}

/// Whether a folder is one, the user's, and not writable by others; their own group is not others.
fn is_private(folder: &Path) -> io::Result<bool> {
    let found = fs::symlink_metadata(folder)?;
    let own_group = found.gid() == rustix::process::getegid().as_raw();
    let foreign = if own_group { 0o002 } else { 0o022 };
    Ok(found.is_dir() && is_own(&found) && found.mode() & foreign == 0)
}

fn is_own(found: &Metadata) -> bool {
    found.uid() == rustix::process::geteuid().as_raw()
}

/// Opens a hidden file, or makes it. What somebody has put in its place is not written to.
///
/// # Errors
/// It cannot be opened, or it is not a file of ours.
pub(super) fn open_part(path: &Path) -> io::Result<File> {
    // Without waiting for somebody to read from a pipe.
    let flags = OFlags::NOFOLLOW | OFlags::NONBLOCK;
    let foreign =
        || io::Error::other("something else lies where it was begun: give it up, and fetch it again");
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(false).mode(0o600).custom_flags(flags.bits().cast_signed());
    let file = options.open(path).map_err(|error| {
        if error.raw_os_error() == Some(Errno::LOOP.raw_os_error()) { foreign() } else { error }
    })?;
    let found = file.metadata()?;
    if found.is_file() && is_own(&found) { Ok(file) } else { Err(foreign()) }
}

/// Which file it is, whatever its name; links are not followed.
fn identity(path: &Path) -> Option<(u64, u64)> {
    let found = fs::symlink_metadata(path).ok().filter(Metadata::is_file)?;
    Some((found.dev(), found.ino()))
}

/// The other name of a hidden file, in its folder.
pub(super) fn twin(hidden: &Path) -> Option<PathBuf> {
    let wanted = identity(hidden)?;
    let mut names = fs::read_dir(hidden.parent()?).ok()?.flatten().map(|entry| entry.path());
    names.find(|path| path != hidden && identity(path) == Some(wanted))
}

/// Removes a hidden file, with the name that it was given already.
pub(super) fn discard(hidden: &Path) {
    twin(hidden).iter().for_each(|named| remove(named));
    remove(hidden);
}

/// A finished file whose row could not be stored must be found by the one that is: by its hidden name.
pub(super) fn hide_again(named: &Path, hidden: &Path) {
    if identity(hidden).is_none()
        && let Err(error) = fs::rename(named, hidden)
    {
        tracing::warn!(%error, "a file that was fetched could not be hidden again");
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

/// Gives a finished file its name, in its folder, or the next that is free. Where the file system can, it keeps the hidden one as well.
///
/// # Errors
/// The folder cannot be written, or no name is free.
pub(super) fn claim(hidden: &Path, name: &str) -> io::Result<PathBuf> {
    let folder = hidden.parent().unwrap_or(Path::new("."));
    for number in 0..MAX_TRIES {
        let path = folder.join(numbered(name, number));
        match fs::hard_link(hidden, &path) {
            Ok(()) => {}
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
                let named = claim(&hidden, "a.txt").unwrap();
                assert_eq!(twin(&hidden).as_ref(), Some(&named));
                remove(&hidden);
                named
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
    fn a_folder_that_others_may_write_to_is_not_used() {
        let dir = tempfile::tempdir().unwrap();
        let lasting = dir.path().join("shared");
        let folders = Folders::new(&dir.path().join("profile"), Some(lasting.clone()));
        let lies_in = |folder: &Path| folders.hidden(false).unwrap().parent() == Some(folder);
        assert!(lies_in(&lasting));
        fs::set_permissions(&lasting, fs::Permissions::from_mode(0o777)).unwrap();
        assert!(lies_in(&dir.path().join("profile/files")));
        fs::remove_dir(&lasting).unwrap();
        std::os::unix::fs::symlink(dir.path(), &lasting).unwrap();
        assert!(lies_in(&dir.path().join("profile/files")), "a link is no folder");
        fs::set_permissions(dir.path().join("profile/files"), fs::Permissions::from_mode(0o777)).unwrap();
        assert!(folders.hidden(false).is_err());
    }

    #[test]
    fn a_part_is_a_file_and_nothing_else() {
        let dir = tempfile::tempdir().unwrap();
        let (part, victim) = (dir.path().join("part"), dir.path().join("victim"));
        fs::write(&victim, "x").unwrap();
        std::os::unix::fs::symlink(&victim, &part).unwrap();
        assert!(open_part(&part).unwrap_err().to_string().contains("something else"));
        fs::remove_file(&part).unwrap();
        let _listening = std::os::unix::net::UnixListener::bind(&part).unwrap();
        assert!(open_part(&part).is_err());
        fs::remove_file(&part).unwrap();
        assert_eq!(open_part(&part).unwrap().metadata().unwrap().len(), 0);
    }

    #[test]
    fn the_hidden_name_of_a_finished_file_is_swept_and_found_by() {
        let dir = tempfile::tempdir().unwrap();
        let folders = Folders::new(dir.path(), None);
        let hidden: Vec<_> = (0..3).map(|_| folders.hidden(false).unwrap()).collect();
        hidden.iter().for_each(|hidden| fs::write(hidden, "x").unwrap());
        let done = claim(&hidden[0], "a").unwrap();
        let not_stored = claim(&hidden[1], "b").unwrap();
        folders.sweep(&[done.clone(), hidden[1].clone()]);
        assert_eq!(
            [0, 1, 2].map(|n| hidden[n].exists()),
            [false, true, true],
            "another's part is left alone"
        );
        discard(&hidden[1]);
        assert!(done.exists() && !not_stored.exists());
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
