//! One file on its way up: read, encrypted and sent piece by piece.
//!
//! Pieces are encrypted in order, because the cipher runs through the file, and the first that is not answered bounds what counts as
//! done. No more of the file is in memory than is in flight. The file must stay what it was when the user chose it: its size and time
//! are looked at before it is opened and when its end is reached.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};

use super::pipe::{Pipe, insist};
use super::{Halt, News, Task, blocking};
use crate::cloud::files;
use crate::secret::file::{Carried, Parts, Progress, Sealer, Source, Upload, ciphertext_len};
use crate::secret::message::FileSecret;
use crate::system::in_words;

/// How much may have to be sent again after a crash, bytes.
const KEEP_EVERY: u64 = 1 << 20;

/// Brings the file up, from where it stopped.
pub(super) async fn run(mut task: Task, upload: Upload, secret: FileSecret) -> Result<(), Halt> {
    let Upload { source, file_id, progress, .. } = upload;
    let total = ciphertext_len(source.size);
    let parts = Parts::of(total).ok_or_else(|| Halt::failed("a file of this size cannot be sent"))?;
    let mut reader = Some(blocking(move || Reader::open(source, secret, progress, parts)).await??);
    let mut pipe = Pipe::new();
    let mut kept = 0;
    loop {
        while pipe.open()
            && let Some(at) = reader.take().filter(|reader| reader.offset < total)
        {
            let (at, piece) = blocking(move || at.next()).await??;
            let link = task.link.clone();
            pipe.push(async move {
                let Piece { part, bytes, after } = piece;
                insist(&link, || files::save(&link, file_id, part, parts, bytes.clone())).await?;
                Ok(after)
            });
            reader = Some(at);
        }
        if pipe.is_empty() {
            return Ok(());
        }
        let progress = task.unless_stopped(pipe.next()).await??;
        let keep = progress.done >= kept + KEEP_EVERY;
        kept = if keep { progress.done } else { kept };
        task.tell(News::Came { progress, keep });
    }
}

/// A part, ready to be sent, and how far the file has come with it.
struct Piece {
    part: i32,
    bytes: Vec<u8>,
    after: Progress,
}

/// The file being read.
struct Reader {
    file: File,
    source: Source,
    sealer: Sealer,
    parts: Parts,
    /// Bytes of ciphertext made so far.
    offset: u64,
}

impl Reader {
    fn open(source: Source, secret: FileSecret, progress: Progress, parts: Parts) -> Result<Reader, Halt> {
        let mut file = File::open(&source.path).map_err(|error| unreadable(&source, &error))?;
        unchanged(&file, &source)?;
        // Parts have no other beginnings.
        let begun =
            progress.done.is_multiple_of(parts.size.into()) || progress.done == ciphertext_len(source.size);
        let (offset, carried) = match progress.carried.filter(|_| begun) {
            Some(carried) => (progress.done, carried),
            None => (0, Carried::first(&secret)),
        };
        file.seek(SeekFrom::Start(offset.min(source.size))).map_err(|error| unreadable(&source, &error))?;
        Ok(Reader { file, source, sealer: Sealer::new(secret, carried), parts, offset })
    }

    fn next(mut self) -> Result<(Reader, Piece), Halt> {
        let size = u64::from(self.parts.size);
        let plain = size.min(self.source.size - self.offset.min(self.source.size));
        let mut bytes = vec![0; usize::try_from(plain).map_err(|_| Halt::Lost)?];
        self.file.read_exact(&mut bytes).map_err(|error| unreadable(&self.source, &error))?;
        if self.offset + plain >= self.source.size {
            unchanged(&self.file, &self.source)?;
            self.sealer.seal_last(&mut bytes, &mut rand::rng());
        } else {
            self.sealer.seal(&mut bytes).map_err(|fault| Halt::Failed(fault.to_string()))?;
        }
        let part = i32::try_from(self.offset / size).map_err(|_| Halt::Lost)?;
        self.offset += bytes.len() as u64;
        let after = Progress { done: self.offset, carried: Some(self.sealer.carried().clone()) };
        Ok((self, Piece { part, bytes, after }))
    }
}

fn unchanged(file: &File, source: &Source) -> Result<(), Halt> {
    let now = file.metadata().map_err(|error| unreadable(source, &error))?;
    if super::source::stamp(&now) == (source.size, source.modified_ns) {
        Ok(())
    } else {
        let path = source.path.display();
        Err(Halt::Failed(format!(
            "{path} has changed since it was chosen: cancel this message and send it again"
        )))
    }
}

fn unreadable(source: &Source, error: &std::io::Error) -> Halt {
    let path = source.path.display();
    let why = in_words(error);
    Halt::Failed(format!("{path} cannot be read ({why}): bring it back, or cancel this message"))
}
