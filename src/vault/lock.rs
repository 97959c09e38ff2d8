//! One process per profile: a lock on a file that says who holds it.
//!
//! Two programs that spend the same sequence numbers would destroy every chat of the profile, so the second one is refused. The
//! lock itself is the operating system's and dies with the process, however it dies; the text in the file only tells the one who
//! is refused whom to look for.

use std::fmt;
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Read, Write};
use std::os::unix::fs::OpenOptionsExt;

use super::fault::VaultError;
use super::profile::{PRIVATE, Profile};

/// Most bytes read of a lock file: a number and a name. The rest is not ours.
const HOLDER_MAX: u64 = 256;

/// The process that holds a lock, as far as its file tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Holder {
    pub pid: Option<u32>,
    pub program: String,
}

impl Holder {
    fn this_process() -> Holder {
        let program = std::env::current_exe()
            .ok()
            .and_then(|path| Some(path.file_name()?.to_string_lossy().into_owned()))
            .unwrap_or_else(|| env!("CARGO_PKG_NAME").into());
        Holder { pid: Some(std::process::id()), program }
    }

    fn parse(text: &str) -> Holder {
        let line = text.lines().next().unwrap_or_default();
        let (pid, program) = line.split_once(' ').unwrap_or((line, ""));
        let program = program.chars().filter(|c| !c.is_control()).collect();
        Holder { pid: pid.parse().ok(), program }
    }
}

impl fmt::Display for Holder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.pid, self.program.as_str()) {
            (Some(pid), "") => write!(f, "process {pid}"),
            (Some(pid), program) => write!(f, "process {pid} ({program})"),
            (None, _) => f.write_str("another process"),
        }
    }
}

/// The held lock; dropping it lets the next one in.
#[derive(Debug)]
pub(super) struct Lock {
    file: File,
}

/// Said aloud and not left to the closing of the file: a process that is being started at this moment still has a copy of it open,
/// and would hold the lock a little longer.
impl Drop for Lock {
    fn drop(&mut self) {
        if let Err(error) = self.file.unlock() {
            tracing::warn!("the lock of the profile could not be given back: {error}");
        }
    }
}

impl Lock {
    /// Takes the lock of an existing profile folder, without waiting.
    pub(super) fn take(profile: &Profile) -> Result<Lock, VaultError> {
        let path = profile.lock();
        let mut file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .mode(PRIVATE)
            .open(&path)
            .map_err(VaultError::file("open", &path))?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(VaultError::Locked { folder: profile.folder().to_owned(), holder: read(&file) });
            }
            Err(TryLockError::Error(error)) => return Err(VaultError::file("lock", &path)(error)),
        }
        if let Err(error) = sign(&mut file) {
            tracing::warn!("the lock of the profile is held, but could not be signed: {error}");
        }
        Ok(Lock { file })
    }
}

/// Writes who holds the lock. The lock holds without it, and a full disk must not keep anybody from their messages.
fn sign(file: &mut File) -> io::Result<()> {
    let Holder { pid, program } = Holder::this_process();
    file.set_len(0)?;
    writeln!(file, "{} {program}", pid.unwrap_or_default())
}

fn read(file: &File) -> Holder {
    let mut text = String::new();
    match file.take(HOLDER_MAX).read_to_string(&mut text) {
        Ok(_) => Holder::parse(&text),
        Err(_) => Holder::parse(""),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lock_file_is_read_with_care() {
        let words = |text| Holder::parse(text).to_string();
        assert_eq!(words("12 subrosa\n"), "process 12 (subrosa)");
        assert_eq!(words("12"), "process 12");
        assert_eq!(words(""), "another process");
        assert_eq!(words("x\u{1b}[2J y"), "another process");
        assert_eq!(words("7 a\u{1b}[2Jb\nc"), "process 7 (a[2Jb)");
    }
}
