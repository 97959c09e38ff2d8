//! What the screen asks of the system besides its terminal: which paths there are, and programs for what it cannot show.
//!
//! Each question runs on a thread of its own and its answer comes back as a [`Msg`], since a folder may lie on a disk that sleeps or on a
//! network. Whatever is launched is given one argument and nothing of ours: no terminal, no pipe, no place in our process group.

use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{Cursor, Read};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use image::{ImageFormat, ImageReader, Limits};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use zeroize::Zeroizing;

use crate::engine::ChatId;
use crate::system::in_words;
use crate::tui::model::Preview;
use crate::tui::msg::{Msg, Picture};

/// The program that knows which program opens what.
const OPENER: &str = "xdg-open";

/// Bytes of a photo that is decoded here; apps send them with less than a tenth of it.
const LARGEST_FILE: u64 = 32 << 20;

/// Pixels of a side of it: a photo is sent with 1280 or 2560, and a panorama is longer.
const LARGEST_SIDE: u32 = 16_384;

/// Bytes that decoding it may take.
const MOST_MEMORY: u64 = 256 << 20;

/// Pixels that are kept of it: two rows of them are one row of the screen.
const KEPT: (u32, u32) = (240, 160);

/// Names of a folder that are looked at; one with more is not completed by hand.
const MOST_NAMES: usize = 20_000;

/// Candidates that are worth offering.
const MOST_CANDIDATES: usize = 200;

/// Asks, and the place where the answers come.
pub(super) struct Outside {
    answers: UnboundedReceiver<Msg>,
    sender: UnboundedSender<Msg>,
    home: Option<PathBuf>,
}

impl Outside {
    pub fn new(home: Option<PathBuf>) -> Outside {
        let (sender, answers) = unbounded_channel();
        Outside { answers, sender, home }
    }

    /// The next answer. We hold a sender ourselves, so there is always one to wait for.
    pub async fn next(&mut self) -> Msg {
        match self.answers.recv().await {
            Some(answer) => answer,
            None => std::future::pending().await,
        }
    }

    /// How a path could go on.
    pub fn complete(&self, typed: String) {
        let home = self.home.clone();
        self.ask(move || {
            let candidates = candidates(&typed, home.as_deref());
            Some(Msg::Completed { typed, candidates })
        });
    }

    /// Whether a path is that of a file.
    pub fn probe(&self, path: String) {
        let home = self.home.clone();
        self.ask(move || expanded(&path, home.as_deref()).is_file().then_some(Msg::IsFile(path)));
    }

    /// Decodes a picture. A fault in the decoder ends this thread and nothing else.
    pub fn preview(&self, chat: ChatId, random_id: i64, picture: Picture) {
        self.ask(move || Some(Msg::Preview { chat, random_id, preview: preview(picture)? }));
    }

    /// Hands something to the program that the system has for it. Waited for, so that no dead process is left behind.
    pub fn launch(&self, target: OsString) {
        self.ask(move || launched(OPENER, target).map(Msg::Trouble));
    }

    fn ask(&self, question: impl FnOnce() -> Option<Msg> + Send + 'static) {
        let sender = self.sender.clone();
        std::thread::spawn(move || {
            if let Some(answer) = question() {
                // Nobody waits any more if the screen has gone.
                let _ = sender.send(answer);
            }
        });
    }
}

/// What went wrong, if anything did.
fn launched(opener: &str, target: OsString) -> Option<String> {
    let mut command = Command::new(opener);
    command.arg(target).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    match command.process_group(0).spawn() {
        Ok(mut child) => match child.wait() {
            Ok(status) if status.success() => None,
            _ => Some(format!("{opener} found no program for it")),
        },
        Err(error) => Some(format!("{opener} could not be started ({})", in_words(&error))),
    }
}

/// The picture as rows of colours, from the first source that gives one.
fn preview(picture: Picture) -> Option<Preview> {
    let file = picture.file.and_then(|path| decoded(&read(&path)?));
    file.or_else(|| decoded(&picture.thumb?))
}

/// A file that is not too large to be a photo; gone from memory when it has been looked at.
fn read(path: &Path) -> Option<Zeroizing<Vec<u8>>> {
    let file = File::open(path).ok()?;
    let size = file.metadata().ok()?.len();
    let mut bytes = Zeroizing::new(Vec::with_capacity(usize::try_from(size.min(LARGEST_FILE)).ok()?));
    file.take(LARGEST_FILE).read_to_end(&mut bytes).ok()?;
    (size <= LARGEST_FILE).then_some(bytes)
}

/// A JPEG as rows of colours, made small; nothing if it is none, or larger than any photo.
fn decoded(jpeg: &[u8]) -> Option<Preview> {
    let mut limits = Limits::default();
    (limits.max_image_width, limits.max_image_height) = (Some(LARGEST_SIDE), Some(LARGEST_SIDE));
    limits.max_alloc = Some(MOST_MEMORY);
    let mut reader = ImageReader::with_format(Cursor::new(jpeg), ImageFormat::Jpeg);
    reader.limits(limits);
    let image = reader.decode().ok()?;
    let fits = image.width() <= KEPT.0 && image.height() <= KEPT.1;
    let image = if fits { image } else { image.thumbnail(KEPT.0, KEPT.1) }.into_rgb8();
    let rows: Vec<Vec<[u8; 3]>> = image.rows().map(|row| row.map(|pixel| pixel.0).collect()).collect();
    (!rows.is_empty()).then_some(Preview { rows })
}

/// A path with the user's folder in place of `~`.
fn expanded(path: &str, home: Option<&Path>) -> PathBuf {
    match (path.strip_prefix('~'), home) {
        (Some(rest), Some(home)) if rest.is_empty() || rest.starts_with('/') => {
            home.join(rest.trim_start_matches('/'))
        }
        _ => PathBuf::from(path),
    }
}

/// Everything that a path could go on with, in order; folders end with a slash. Names that are not UTF-8 cannot be typed, and hidden ones
/// are offered to those who begin with a dot.
fn candidates(typed: &str, home: Option<&Path>) -> Vec<String> {
    let (folder, start) = match typed.rsplit_once('/') {
        Some((folder, start)) => (format!("{folder}/"), start),
        None if typed == "~" => return vec!["~/".into()],
        None => (String::new(), typed),
    };
    let place = if folder.is_empty() { PathBuf::from(".") } else { expanded(&folder, home) };
    let Ok(entries) = fs::read_dir(place) else { return Vec::new() };
    let entries = entries.take(MOST_NAMES).flatten();
    let mut found: Vec<String> = entries
        .filter_map(|entry| {
            let name = entry.file_name().into_string().ok()?;
            let fits = name.starts_with(start) && (start.starts_with('.') || !name.starts_with('.'));
            let is_folder = fits && entry.path().is_dir();
            fits.then(|| format!("{folder}{name}{}", if is_folder { "/" } else { "" }))
        })
        .collect();
    found.sort();
    found.truncate(MOST_CANDIDATES);
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_opens_nothing_is_said_in_words() {
        assert_eq!(launched("true", "x".into()), None);
        assert_eq!(launched("false", "x".into()).as_deref(), Some("false found no program for it"));
        let missing = launched("/nowhere/opener", "x".into());
        let words = "/nowhere/opener could not be started (no such file or folder)";
        assert_eq!(missing.as_deref(), Some(words));
    }

    #[test]
    fn a_path_goes_on_with_what_its_folder_has() {
        let home = tempfile::tempdir().unwrap();
        for name in ["bridge.jpg", "bread.txt", ".bashrc", "evil\u{1B}[31m"] {
            fs::write(home.path().join(name), b"x").unwrap();
        }
        fs::create_dir(home.path().join("brook")).unwrap();
        let found = |typed: &str| candidates(typed, Some(home.path()));
        assert_eq!(found("~"), ["~/"]);
        assert_eq!(found("~/br"), ["~/bread.txt", "~/bridge.jpg", "~/brook/"]);
        assert_eq!(found("~/.b"), ["~/.bashrc"]);
        assert_eq!(found("~/e"), ["~/evil\u{1B}[31m"], "made safe where it is shown");
        assert_eq!(found("~/nothing/x"), [] as [&str; 0]);
        let whole = format!("{}/bri", home.path().display());
        assert_eq!(found(&whole), [format!("{}/bridge.jpg", home.path().display())]);
    }

    #[test]
    fn only_ones_own_folder_is_a_tilde() {
        let home = Path::new("/home/ada");
        assert_eq!(expanded("~/x", Some(home)), Path::new("/home/ada/x"));
        assert_eq!(expanded("~bob/x", Some(home)), Path::new("~bob/x"));
        assert_eq!(expanded("/~/x", Some(home)), Path::new("/~/x"));
    }

    fn jpeg(width: u32, height: u32) -> Vec<u8> {
        let mut bytes = Cursor::new(Vec::new());
        let red = image::RgbImage::from_pixel(width, height, image::Rgb([250, 0, 0]));
        red.write_to(&mut bytes, ImageFormat::Jpeg).unwrap();
        bytes.into_inner()
    }

    fn size(preview: &Preview) -> (usize, usize) {
        (preview.rows[0].len(), preview.rows.len())
    }

    #[test]
    fn a_picture_is_made_as_small_as_the_screen_needs() {
        let small = decoded(&jpeg(3, 2)).unwrap();
        assert_eq!(size(&small), (3, 2), "and never larger");
        assert!(small.rows[0][0][0] > 200 && small.rows[0][0][1] < 50);
        assert_eq!(decoded(&jpeg(2560, 1280)).map(|it| size(&it)), Some((240, 120)));
        assert_eq!(decoded(&jpeg(10, 2000)).map(|it| size(&it)), Some((1, 160)));
        assert_eq!(decoded(&jpeg(LARGEST_SIDE + 1, 1)), None);
        assert_eq!(decoded(b"\xFF\xD8 no picture"), None);
    }

    #[test]
    fn the_photo_itself_is_better_than_its_preview_if_it_can_be_read() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("photo.jpg");
        let shown = |path: &Path| {
            let picture = Picture { file: Some(path.to_owned()), thumb: Some(jpeg(4, 3)) };
            size(&preview(picture).unwrap())
        };
        assert_eq!(shown(&path), (4, 3), "it is not there");
        fs::write(&path, jpeg(40, 30)).unwrap();
        assert_eq!(shown(&path), (40, 30));
        fs::write(&path, b"no picture").unwrap();
        assert_eq!(shown(&path), (4, 3));
        assert_eq!(preview(Picture { file: Some(path), thumb: None }), None);
    }

    #[test]
    fn answers_come_back() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("a"), b"x").unwrap();
        let path = folder.path().join("a").display().to_string();
        let mut outside = Outside::new(None);
        outside.probe(path.clone());
        let answer = outside.answers.blocking_recv();
        assert!(matches!(answer, Some(Msg::IsFile(found)) if found == path));
    }
}
