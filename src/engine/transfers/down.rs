//! One file on its way down: fetched, decrypted and written piece by piece.
//!
//! A few pieces are asked for ahead and decrypted in order. What is announced is what is taken: a piece that is shorter or longer
//! than it has to be ends the transfer. Only when all of it is here and on the disk does the file get its name. However a transfer ends,
//! what has come is flushed before it counts: a row is never ahead of the disk.

use std::fs::{self, File};
use std::io::{self, Seek, SeekFrom, Write};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use zeroize::Zeroizing;

use super::folder::{self, claim};
use super::pipe::Pipe;
use super::route::Route;
use super::{Halt, News, Task, blocking};
use crate::cloud::files::PIECE;
use crate::secret::file::{Carried, Download, Opener, Progress};
use crate::secret::message::{FileSecret, RemoteFile};
use crate::system::in_words;

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
    let Download { path, progress, .. } = download;
    let mut sink = match blocking(move || Sink::open(path, secret, progress, size)).await?? {
        Begun::Here(named) => return Ok(named),
        Begun::Unfinished(sink) => Some(sink),
    };
    let ended = fill(&mut task, &mut sink, &place).await;
    let Some(sink) = sink else { return Err(ended.err().unwrap_or(Halt::Lost)) };
    match ended {
        Ok(()) => blocking(move || sink.finish(&name)).await?,
        Err(halt) => {
            if let Ok(Ok(progress)) = blocking(move || sink.flushed()).await {
                task.tell(News::Came { progress, keep: true });
            }
            Err(halt)
        }
    }
}

/// Fetches what is missing. The sink is gone after a fault of the disk: what came since the last flush does not count then.
async fn fill(task: &mut Task, sink: &mut Option<Sink>, place: &RemoteFile) -> Result<(), Halt> {
    let total = place.size.unsigned_abs();
    let mut asked = sink.as_ref().map_or(total, |sink| sink.done);
    if asked >= total {
        return Ok(());
    }
    let route = Arc::new(task.unless_stopped(Route::to(place.clone(), task.branches.clone())).await??);
    let mut pipe = Pipe::new();
    while let Some(done) = sink.as_ref().map(|sink| sink.done).filter(|&done| done < total) {
        while pipe.open() && asked < total {
            let (route, offset) = (route.clone(), asked);
            pipe.push(async move { route.piece(offset).await });
            asked += u64::from(PIECE).min(total - asked);
        }
        let piece = task.unless_stopped(pipe.next()).await??;
        if piece.len() as u64 != u64::from(PIECE).min(total - done) {
            return Err(Halt::failed(
                "the server gives more or less of this file than it announced: it is damaged there",
            ));
        }
        let Some(at) = sink.take() else { return Err(Halt::Lost) };
        let (at, keep) = blocking(move || at.write(piece)).await??;
        task.tell(News::Came { progress: at.progress(), keep });
        *sink = Some(at);
    }
    Ok(())
}

/// What lies under the hidden name.
enum Begun {
    /// All of it: it has its other name already.
    Here(PathBuf),
    Unfinished(Sink),
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
    /// Goes on where the stored state says, and begins anew if the disk has less than that. What has a second name is never cut: it
    /// is the finished file, or somebody else's.
    fn open(path: PathBuf, secret: FileSecret, progress: Progress, size: u64) -> Result<Begun, Halt> {
        let unwritable = |error| unwritable(&path, &error);
        let mut file = folder::open_part(&path).map_err(unwritable)?;
        let found = file.metadata().map_err(unwritable)?;
        if found.nlink() > 1 {
            match folder::twin(&path).filter(|_| found.len() == size) {
                Some(named) => return Ok(Begun::Here(named)),
                None => fs::remove_file(&path).map_err(unwritable)?,
            }
            file = folder::open_part(&path).map_err(unwritable)?;
        }
        let there = file.metadata().map_err(unwritable)?.len();
        let fits = there >= progress.done.min(size) && progress.done.is_multiple_of(PIECE.into());
        let (done, carried) = match progress.carried.filter(|_| fits) {
            Some(carried) => (progress.done, carried),
            None => (0, Carried::first(&secret)),
        };
        file.set_len(done.min(size)).and_then(|()| file.seek(SeekFrom::End(0))).map_err(unwritable)?;
        let opener = Opener::new(secret, carried);
        Ok(Begun::Unfinished(Sink { file, path, opener, done, size, unflushed: 0 }))
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

    /// How far the file has come on the disk itself.
    fn flushed(self) -> io::Result<Progress> {
        self.file.sync_data()?;
        Ok(self.progress())
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
    let why = in_words(error);
    Halt::Failed(format!(
        "the file cannot be written to {folder} ({why}): check the folder and the space there"
    ))
}
