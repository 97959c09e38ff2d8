//! One file on its way down: fetched, decrypted and written piece by piece.
//!
//! A few pieces are asked for ahead and decrypted in order. What is announced is what is taken: a piece that is shorter or longer
//! than it has to be ends the transfer. Only when all of it is here and on the disk does the file get its name.

use std::fs::{File, OpenOptions};
use std::io::{self, Seek, SeekFrom, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use super::folder::claim;
use super::pipe::{Pipe, insist};
use super::{Halt, News, Task, blocking};
use crate::cloud::files::{PIECE, fetch};
use crate::secret::file::{Carried, Download, Opener, Progress};
use crate::secret::message::{FileSecret, RemoteFile};

/// How much may have to be fetched again after a crash, bytes. So often the file is flushed.
const KEEP_EVERY: u64 = 4 << 20;

/// What is to be fetched, all of it checked.
pub(super) struct Wanted {
    pub place: RemoteFile,
    pub secret: FileSecret,
    /// Bytes of the plain file.
    pub size: u64,
    /// The name it is to get, safe.
    pub name: String,
}

/// Fetches the file, from where it stopped; where it lies in the end.
pub(super) async fn run(mut task: Task, download: Download, wanted: Wanted) -> Result<PathBuf, Halt> {
    let Wanted { place, secret, size, name } = wanted;
    let total = place.size.unsigned_abs();
    let Download { path, progress, .. } = download;
    let mut sink = blocking(move || Sink::open(path, secret, progress, size)).await??;
    let mut asked = sink.done;
    let mut pipe = Pipe::new();
    while sink.done < total {
        while pipe.open() && asked < total {
            let (link, place, offset) = (task.link.clone(), place.clone(), asked);
            pipe.push(async move { insist(&link, || fetch(&link, &place, offset)).await });
            asked += u64::from(PIECE).min(total - asked);
        }
        let piece = task.unless_stopped(pipe.next()).await??;
        if piece.len() as u64 != u64::from(PIECE).min(total - sink.done) {
            return Err(Halt::failed(
                "the server gives more or less of this file than it announced: it is damaged there",
            ));
        }
        let keep;
        (sink, keep) = blocking(move || sink.write(piece)).await??;
        task.tell(News::Came { progress: sink.progress(), keep });
    }
    blocking(move || sink.finish(&name)).await?
}

/// The file being written, under its hidden name.
struct Sink {
    file: File,
    path: PathBuf,
    opener: Opener,
    /// Bytes of ciphertext taken.
    done: u64,
    /// Bytes of the plain file.
    size: u64,
    unflushed: u64,
}

impl Sink {
    /// Goes on where the stored state says, and begins anew if the disk has less than that.
    fn open(path: PathBuf, secret: FileSecret, progress: Progress, size: u64) -> Result<Sink, Halt> {
        let unwritable = |error| unwritable(&path, &error);
        let mut file = OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o600)
            .open(&path)
            .map_err(unwritable)?;
        let there = file.metadata().map_err(unwritable)?.len();
        let fits = there >= progress.done.min(size) && progress.done.is_multiple_of(PIECE.into());
        let (done, carried) = match progress.carried.filter(|_| fits) {
            Some(carried) => (progress.done, carried),
            None => (0, Carried::first(&secret)),
        };
        file.set_len(done.min(size)).and_then(|()| file.seek(SeekFrom::End(0))).map_err(unwritable)?;
        Ok(Sink { file, path, opener: Opener::new(secret, carried), done, size, unflushed: 0 })
    }

    /// Whether the disk has all of it now.
    fn write(mut self, piece: Vec<u8>) -> Result<(Sink, bool), Halt> {
        let mut piece = Zeroizing::new(piece);
        self.opener.open(&mut piece).map_err(|fault| Halt::Failed(fault.to_string()))?;
        let left = usize::try_from(self.size.saturating_sub(self.done)).unwrap_or(usize::MAX);
        let plain = piece.get(..left.min(piece.len())).unwrap_or_default();
        self.file.write_all(plain).map_err(|error| unwritable(&self.path, &error))?;
        self.done += piece.len() as u64;
        self.unflushed += piece.len() as u64;
        let keep = self.unflushed >= KEEP_EVERY;
        if keep {
            self.unflushed = 0;
            self.file.sync_data().map_err(|error| unwritable(&self.path, &error))?;
        }
        Ok((self, keep))
    }

    fn progress(&self) -> Progress {
        Progress { done: self.done, carried: Some(self.opener.carried().clone()) }
    }

    /// All of it is here: it gets its name.
    fn finish(self, name: &str) -> Result<PathBuf, Halt> {
        let unwritable = |error| unwritable(&self.path, &error);
        if self.file.metadata().map_err(unwritable)?.len() != self.size {
            return Err(Halt::failed("the file was changed by another program while it was fetched"));
        }
        self.file.sync_all().map_err(unwritable)?;
        claim(&self.path, name).map_err(unwritable)
    }
}

fn unwritable(path: &Path, error: &io::Error) -> Halt {
    let folder = path.parent().unwrap_or(path).display();
    Halt::Failed(format!(
        "the file cannot be written to {folder} ({error}): check the folder and the space there"
    ))
}
