//! A file of this machine that is to be sent: whether it can be, and what it is shown as.
//!
//! What a file is follows from its content, never from its name; what does not fit the rules of its kind goes as a document. What is
//! sent as a document goes as it is; a picture that is not goes as a copy without metadata, for it says where somebody lives.
//! The content is somebody's download as often as not, so it is read like anything from the network: with bounds, and a parser that
//! gives up rather than guesses.

mod audio;
mod clean;
mod mp4;
mod picture;

use std::fs::{File, Metadata};
use std::io::{self, Read};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use rand::CryptoRng;

use super::folder::{self, Folders};
use crate::secret::file::{MAX_SIZE, Source};
use crate::secret::message::{Attachment, FileSecret, Kind, Text, Thumb};
use crate::system::in_words;

/// Enough of the beginning to tell the kinds apart.
const HEAD: usize = 64;

/// Why a file cannot be sent.
#[derive(Debug, thiserror::Error)]
pub(in crate::engine) enum SourceFault {
    #[error("{} cannot be read ({}): check the name and who may read it", path.display(), in_words(error))]
    Unreadable { path: PathBuf, error: io::Error },
    #[error("{} is no file: only files can be sent", path.display())]
    NoFile { path: PathBuf },
    #[error("{} is empty: there is nothing to send", path.display())]
    Empty { path: PathBuf },
    #[error("{} is larger than 2000 MiB, the most that can be sent: split or compress it", path.display())]
    TooLarge { path: PathBuf },
    #[error(
        "{} is put together in a way that its metadata (place, time, device) cannot be told from the picture: send it as a document if all of it may go",
        path.display()
    )]
    Entangled { path: PathBuf },
    #[error(
        "a copy of {} without its metadata cannot be written to the profile ({}): make room there, or send it as a document if all of it may go",
        path.display(),
        in_words(error)
    )]
    NotCopied { path: PathBuf, error: io::Error },
}

/// What a file is shown as.
struct Shown {
    kind: Kind,
    mime: &'static str,
    thumb: Option<Thumb>,
}

/// Size and time of a file, by which a change is noticed.
pub(super) fn stamp(metadata: &Metadata) -> (u64, i64) {
    (metadata.len(), metadata.mtime().saturating_mul(1_000_000_000).saturating_add(metadata.mtime_nsec()))
}

/// Looks at a file, and gives it a key. Blocks on the disk, and computes for a photo. The source of a picture that is not to go as a
/// document is a copy among those of `folders`.
///
/// # Errors
/// [`SourceFault`].
pub(super) fn inspect(
    path: &Path,
    as_document: bool,
    folders: &Folders,
    rng: &mut dyn CryptoRng,
) -> Result<(Attachment, Source), SourceFault> {
    let unreadable = |error| SourceFault::Unreadable { path: path.into(), error };
    let path = std::path::absolute(path).map_err(unreadable)?;
    // Before it is opened: to open a pipe would be to wait for somebody to write to it.
    let metadata = std::fs::metadata(&path).map_err(unreadable)?;
    if !metadata.is_file() {
        return Err(SourceFault::NoFile { path });
    }
    let mut file = File::open(&path).map_err(unreadable)?;
    let (size, modified_ns) = stamp(&file.metadata().map_err(unreadable)?);
    match size {
        0 => return Err(SourceFault::Empty { path }),
        1..=MAX_SIZE => {}
        _ => return Err(SourceFault::TooLarge { path }),
    }
    let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let original = Source { path: path.clone(), size, modified_ns };
    let (shown, source) = if as_document {
        (None, original)
    } else {
        let shown = look(&mut file, size).map_err(unreadable)?;
        let copy = without_metadata(&mut file, folders);
        match copy {
            Ok(copy) => (shown, copy.unwrap_or(original)),
            Err(error) if error.kind() != io::ErrorKind::InvalidData => {
                return Err(SourceFault::NotCopied { path, error });
            }
            Err(_) if shown.is_some() => return Err(SourceFault::Entangled { path }),
            // It begins like a picture and is none.
            Err(_) => (None, original),
        }
    };
    let Shown { kind, mime, thumb } =
        shown.unwrap_or_else(|| Shown { kind: Kind::Document, mime: mime_of(&name), thumb: None });
    let (mut key, mut iv) = (zeroize::Zeroizing::new([0; 32]), zeroize::Zeroizing::new([0; 32]));
    rng.fill_bytes(&mut *key);
    rng.fill_bytes(&mut *iv);
    let attachment = Attachment {
        kind,
        name,
        mime: mime.into(),
        size: source.size,
        caption: Text::default(),
        thumb,
        secret: FileSecret::new(*key, *iv),
        place: None,
    };
    Ok((attachment, source))
}

/// A copy of a picture; `None` of what is no picture.
fn without_metadata(file: &mut File, folders: &Folders) -> io::Result<Option<Source>> {
    let (path, mut copy) = folders.copy()?;
    let copied = clean::copy(file, &mut copy).and_then(|made| {
        copy.sync_all()?;
        let (size, modified_ns) = stamp(&copy.metadata()?);
        Ok(made.then(|| Source { path: path.clone(), size, modified_ns }))
    });
    if !matches!(copied, Ok(Some(_))) {
        folder::remove(&path);
    }
    copied
}

/// What the content is shown as; `None` for a document.
fn look(file: &mut File, size: u64) -> io::Result<Option<Shown>> {
    let mut head = Vec::with_capacity(HEAD);
    file.by_ref().take(HEAD as u64).read_to_end(&mut head)?;
    Ok(match head.as_slice() {
        [0xff, 0xd8, 0xff, ..] => picture::look(file, size, "image/jpeg"),
        [0x89, b'P', b'N', b'G', ..] => picture::look(file, size, "image/png"),
        [b'O', b'g', b'g', b'S', ..] => audio::ogg(file, size),
        [_, _, _, _, b'f', b't', b'y', b'p', ..] => mp4::look(file, size),
        [b'I', b'D', b'3', ..] | [0xff, 0xe2..=0xff, ..] => audio::mp3(file, size),
        _ => None,
    })
}

/// The usual type of a name's extension: a hint for the eye of who receives it.
fn mime_of(name: &str) -> &'static str {
    let extension = name.rsplit_once('.').map(|(_, extension)| extension.to_ascii_lowercase());
    match extension.as_deref().unwrap_or_default() {
        "txt" | "log" => "text/plain",
        "md" => "text/markdown",
        "csv" => "text/csv",
        "htm" | "html" => "text/html",
        "json" => "application/json",
        "pdf" => "application/pdf",
        "zip" => "application/zip",
        "gz" | "tgz" => "application/gzip",
        "xz" => "application/x-xz",
        "zst" => "application/zstd",
        "7z" => "application/x-7z-compressed",
        "tar" => "application/x-tar",
        "doc" => "application/msword",
        "docx" => "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        "xls" => "application/vnd.ms-excel",
        "xlsx" => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        "ppt" => "application/vnd.ms-powerpoint",
        "pptx" => "application/vnd.openxmlformats-officedocument.presentationml.presentation",
        "odt" => "application/vnd.oasis.opendocument.text",
        "ods" => "application/vnd.oasis.opendocument.spreadsheet",
        "epub" => "application/epub+zip",
        "jpg" | "jpeg" => "image/jpeg",
        "png" => "image/png",
        "gif" => "image/gif",
        "webp" => "image/webp",
        "svg" => "image/svg+xml",
        "heic" => "image/heic",
        "mp4" | "m4v" => "video/mp4",
        "mov" => "video/quicktime",
        "mkv" => "video/x-matroska",
        "webm" => "video/webm",
        "mp3" => "audio/mpeg",
        "m4a" => "audio/mp4",
        "ogg" | "oga" | "opus" => "audio/ogg",
        "flac" => "audio/flac",
        "wav" => "audio/x-wav",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
pub(super) mod tests {
    use std::fs;

    use rand::SeedableRng;
    use rand::rngs::StdRng;

    use super::*;

    /// What a file of this content is taken for.
    pub fn judge(name: &str, content: &[u8]) -> Attachment {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join(name);
        fs::write(&path, content).unwrap();
        let folders = Folders::new(dir.path(), None);
        inspect(&path, false, &folders, &mut StdRng::seed_from_u64(1)).unwrap().0
    }

    #[test]
    fn what_cannot_be_sent_is_refused_in_words() {
        let dir = tempfile::tempdir().unwrap();
        let mut rng = StdRng::seed_from_u64(1);
        let folders = Folders::new(dir.path(), None);
        let mut words = |name: &str| {
            inspect(&dir.path().join(name), false, &folders, &mut rng).map(|_| ()).unwrap_err().to_string()
        };
        assert!(words("absent").contains("absent cannot be read"));
        assert!(words(".").contains("is no file"));
        fs::write(dir.path().join("empty"), "").unwrap();
        assert!(words("empty").contains("is empty"));
        let huge = File::create(dir.path().join("huge")).unwrap();
        huge.set_len(MAX_SIZE + 1).unwrap();
        assert!(words("huge").contains("larger than 2000 MiB"));
        huge.set_len(MAX_SIZE).unwrap();
        assert!(inspect(&dir.path().join("huge"), false, &folders, &mut rng).is_ok());
    }

    #[test]
    fn anything_else_is_a_document_under_its_own_name() {
        let file = judge("notes.txt", b"plain words");
        assert!(file.kind == Kind::Document);
        assert_eq!((file.name.as_str(), file.mime.as_str(), file.size), ("notes.txt", "text/plain", 11));
        let file = judge("x.gif", b"GIF89a\x01\x00\x01\x00");
        assert!(file.kind == Kind::Document);
        assert_eq!(file.mime, "image/gif");
        assert_eq!(judge("no extension", b"x").mime, "application/octet-stream");
    }

    #[test]
    fn every_file_has_its_own_key() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a");
        fs::write(&path, "x").unwrap();
        let mut rng = StdRng::seed_from_u64(1);
        let folders = Folders::new(dir.path(), None);
        let mut key = || inspect(&path, true, &folders, &mut rng).unwrap().0.secret;
        let (one, two) = (key(), key());
        assert!(one != two && one.expose_key() != one.expose_iv());
    }

    #[test]
    fn the_beginnings_of_media_alone_are_documents_and_nothing_panics() {
        for head in [
            &[0xff, 0xd8, 0xff, 0xe0][..],
            b"\x89PNG\r\n\x1a\n",
            b"OggS",
            b"\0\0\0\x18ftypisom",
            b"\xff\xff\xff\xffftypisom",
            b"\0\0\0\0ftypisom",
            b"ID3\x04\0\0\x7f\x7f\x7f\x7f",
            &[0xff, 0xfb],
            &[0xff, 0xfb, 0xff, 0xff],
        ] {
            assert!(judge("x", head).kind == Kind::Document, "{head:?}");
        }
    }
}
