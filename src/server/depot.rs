//! Where the bytes of uploaded files lie: a folder with one file each.
//!
//! A database would hold them twice for a while and never give the room back. The rows that tell of bytes are written after these are
//! on the disk; what no row tells of is left over from a crash and removed at the next start. Nothing is ever held in memory but the
//! part that is just being written or read.
//!
//! A server in memory has a folder of the system's. It goes with the server, unless that is killed: then the next one removes it. A lock
//! that the system lets go of with its process tells such a folder from one in use.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::ops::Range;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

/// Within the server's own folder.
const FOLDER: &str = "files";
/// How the names of folders of the system's begin, and the file in each that is locked while it is in use.
const TEMPORARY: &str = "subrosa-server-";
const LOCK: &str = "lock";

/// The folder with the bytes of files, each named by a number.
pub struct Depot {
    folder: PathBuf,
    /// Released before the folder is removed: not every system removes what is open.
    _lock: Option<File>,
    /// Removes the folder when the depot goes.
    _temporary: Option<TempDir>,
}

impl Depot {
    /// In a server's folder; made if it is missing, readable by its owner only.
    pub fn in_folder(server: &Path) -> io::Result<Depot> {
        let folder = server.join(FOLDER);
        let mut builder = fs::DirBuilder::new();
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.recursive(true).create(&folder)?;
        Ok(Depot { folder, _lock: None, _temporary: None })
    }

    /// In a folder of the system's that is gone with the depot. Those of processes that were killed go first.
    pub fn temporary() -> io::Result<Depot> {
        Depot::temporary_in(&std::env::temp_dir())
    }

    fn temporary_in(system: &Path) -> io::Result<Depot> {
        let temporary = tempfile::Builder::new().prefix(TEMPORARY).tempdir_in(system)?;
        let lock = lock(temporary.path())?;
        remove_left_over(system, temporary.path());
        Ok(Depot { folder: temporary.path().to_path_buf(), _lock: Some(lock), _temporary: Some(temporary) })
    }

    /// Puts bytes into a file, made if it is missing; when this returns they are on the disk.
    pub fn write(&self, file: i64, start: u64, bytes: &[u8]) -> io::Result<()> {
        let path = self.path(file);
        let is_new = !path.exists();
        let mut options = OpenOptions::new();
        options.write(true).create(true).truncate(false);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut opened = options.open(path)?;
        opened.seek(SeekFrom::Start(start))?;
        opened.write_all(bytes)?;
        opened.sync_data()?;
        if is_new { sync_folder(&self.folder) } else { Ok(()) }
    }

    /// The bytes of a file in these ranges, one after another. An end that is not there is an error.
    pub fn read(&self, file: i64, ranges: impl IntoIterator<Item = Range<u64>>) -> io::Result<Vec<u8>> {
        let mut opened = File::open(self.path(file))?;
        let mut bytes = Vec::new();
        for range in ranges {
            let length = range.end.saturating_sub(range.start);
            opened.seek(SeekFrom::Start(range.start))?;
            if (&mut opened).take(length).read_to_end(&mut bytes)? as u64 != length {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
        }
        Ok(bytes)
    }

    /// Nothing happens if there is none.
    pub fn remove(&self, file: i64) -> io::Result<()> {
        match fs::remove_file(self.path(file)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }

    /// The numbers of all files that are here; what else lies in the folder is left alone.
    pub fn list(&self) -> io::Result<Vec<i64>> {
        let mut numbers = Vec::new();
        for entry in fs::read_dir(&self.folder)? {
            numbers.extend(entry?.file_name().to_str().and_then(number));
        }
        Ok(numbers)
    }

    fn path(&self, file: i64) -> PathBuf {
        self.folder.join(format!("{file:016x}"))
    }
}

/// Marks a new folder as in use. The file is locked before it has its name: nobody finds it unlocked while this process lives.
fn lock(folder: &Path) -> io::Result<File> {
    let nameless = folder.join("new");
    let lock = File::create(&nameless)?;
    lock.try_lock()?;
    fs::rename(nameless, folder.join(LOCK))?;
    Ok(lock)
}

/// Removes the folders of processes that are no more. What cannot be looked at or removed, stays: it hinders nobody.
fn remove_left_over(system: &Path, own: &Path) {
    for entry in fs::read_dir(system).into_iter().flatten().flatten() {
        let is_ours = entry.file_name().to_str().is_some_and(|name| name.starts_with(TEMPORARY))
            && same_owner(&entry.path(), own);
        if is_ours
            && let Ok(lock) = File::open(entry.path().join(LOCK))
            && lock.try_lock().is_ok()
        {
            drop(lock);
            let _ = fs::remove_dir_all(entry.path());
        }
    }
}

/// Whether a path is a folder of the same user's. Others may have put anything beside ours.
#[cfg(unix)]
fn same_owner(path: &Path, own: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    match (fs::symlink_metadata(path), fs::symlink_metadata(own)) {
        (Ok(found), Ok(own)) => found.is_dir() && found.uid() == own.uid(),
        _ => false,
    }
}

#[cfg(not(unix))]
fn same_owner(path: &Path, _own: &Path) -> bool {
    fs::symlink_metadata(path).is_ok_and(|found| found.is_dir())
}

/// What [`Depot::path`] named so.
fn number(name: &str) -> Option<i64> {
    let number = i64::from_str_radix(name, 16).ok()?;
    (name == format!("{number:016x}")).then_some(number)
}

/// The name of a new file is durable only with its folder.
#[cfg(unix)]
fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

#[cfg(not(unix))]
fn sync_folder(_folder: &Path) -> io::Result<()> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::iter::once;

    use super::*;

    #[test]
    fn bytes_come_back_from_anywhere() {
        let depot = Depot::temporary().unwrap();
        depot.write(7, 4, b"world").unwrap();
        depot.write(7, 0, b"ello").unwrap();
        assert_eq!(depot.read(7, [4..9, 0..2]).unwrap(), b"worldel");
        assert!(depot.read(7, once(8..10)).is_err());
        assert!(depot.read(8, once(0..1)).is_err());
    }

    #[test]
    fn what_is_not_ours_is_not_listed() {
        let home = tempfile::tempdir().unwrap();
        let depot = Depot::in_folder(home.path()).unwrap();
        depot.write(0x1f, 0, b"x").unwrap();
        fs::write(home.path().join("files/1f"), b"a note").unwrap();
        assert_eq!(depot.list().unwrap(), [0x1f]);
        depot.remove(0x1f).unwrap();
        depot.remove(0x1f).unwrap();
        assert_eq!(depot.list().unwrap(), Vec::<i64>::new());
    }

    #[test]
    fn a_temporary_depot_leaves_nothing_behind() {
        let depot = Depot::temporary().unwrap();
        depot.write(1, 0, b"x").unwrap();
        let folder = depot.folder.clone();
        assert!(folder.exists());
        drop(depot);
        assert!(!folder.exists());
    }

    #[test]
    fn what_a_killed_server_left_goes_with_the_next() {
        let system = tempfile::tempdir().unwrap();
        let temporary = || Depot::temporary_in(system.path()).unwrap();
        let running = temporary();
        running.write(1, 0, b"x").unwrap();
        let mut killed = temporary();
        killed.write(1, 0, b"x").unwrap();
        // Of a killed process nothing is left that would hold the lock or remove the folder.
        killed._lock = None;
        let left_over = killed._temporary.take().unwrap().keep();
        for other in ["subrosa-server-beginning", "somebody-elses"] {
            fs::create_dir(system.path().join(other)).unwrap();
        }
        fs::write(system.path().join("somebody-elses").join(LOCK), b"").unwrap();
        assert!(left_over.exists());
        let next = temporary();
        assert!(!left_over.exists());
        assert_eq!(running.read(1, once(0..1)).unwrap(), b"x");
        let beside = fs::read_dir(system.path()).unwrap().count();
        assert_eq!(beside, 4, "two in use, one that nobody has locked yet, one of another kind");
        drop((running, next));
        assert_eq!(fs::read_dir(system.path()).unwrap().count(), 2);
    }
}
