//! Files on their way: what is running, what may run next, and what a transfer's end means.
//!
//! Like the core's calls, transfers are not remembered but derived: which run follows from the rows in the vault, less what is running.
//! A task never touches the vault; it reports, and stops when it is told to, at a point where nothing is half done. So a pause, a
//! deleted message, a lost connection and the end of the program are one case, and files on the disk have one owner at a time.
//!
//! ```text
//! mod      the rows and the tasks          pipe      pieces in flight, repeated until taken
//! wishes   what the user asks for          folder    where files lie, and names that are free
//! source   a file of this machine          up, down  one file on its way
//! telling  what a screen hears of it       keeping   what is stored of it, and a disk that refuses
//! mending  what a crash or a closed chat has left behind
//! route    the data centre in which a file lies
//! ```

mod down;
mod folder;
mod keeping;
mod mending;
mod pipe;
mod route;
pub(super) mod source;
mod telling;
mod up;
mod wishes;

use std::collections::{HashMap, HashSet, VecDeque};
use std::future::Future;
use std::path::{Path, PathBuf};
use std::time::Duration;

use tokio::sync::{mpsc, watch};
use tokio::time::{Instant, sleep_until};

use self::folder::Folders;
use self::telling::upload_in_words;
pub(super) use self::wishes::SendFile;
use super::actor::Actor;
use super::errands::Done;
use super::event::Transfer;
use super::sync::Sync;
use crate::cloud::branches::Branches;
use crate::cloud::link::Link;
use crate::secret::file::{self, Download, Parts, Progress, TransferState, Upload};
use crate::secret::message::Attachment;
use crate::secret::record::{Body, ChatId, Message, SentFile};
use crate::secret::step::{Change, Command, Commit, Input};
use crate::vault::VaultError;

/// A screen is told of a transfer's progress this often at most.
const TELL_EVERY: Duration = Duration::from_millis(200);

/// How long the end of the program waits for a slow disk.
const LAST_PATIENCE: Duration = Duration::from_secs(3);

/// Downloads at a time.
const MAX_DOWNLOADS: usize = 2;

/// All transfers of the account, as far as they are not rows.
#[derive(Debug)]
pub(super) struct Transfers {
    folders: Folders,
    running: HashMap<Key, Running>,
    /// Files that the user wants to send, in order; one at a time is looked at.
    wishes: VecDeque<SendFile>,
    inspecting: bool,
    /// When a screen is to be told of the progress that it has not heard of.
    due: Option<Instant>,
    /// The disk has refused: nothing starts until then.
    rests_until: Option<Instant>,
    /// How often it has refused in a row.
    refusals: u32,
}

/// Which transfer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Key {
    way: Way,
    chat: ChatId,
    random_id: i64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Way {
    Up,
    Down,
}

/// A task that is under way.
#[derive(Debug)]
struct Running {
    stop: watch::Sender<bool>,
    progress: Progress,
    /// As much of it as a crash leaves: at the server, or flushed to the disk.
    safe: Progress,
    /// Bytes of the plain file.
    size: u64,
    /// The progress that the screen knows.
    told: u64,
    /// Nothing is to be left of it.
    cancelled: bool,
}

/// What a task reports.
#[derive(Debug)]
pub(super) enum News {
    Came {
        progress: Progress,
        /// Worth being stored; what comes down is flushed to the disk then.
        keep: bool,
    },
    /// It is over; a download says where the file lies.
    Ended(Result<Option<PathBuf>, Halt>),
}

/// Why a task did not come to its end.
#[derive(Debug)]
pub(super) enum Halt {
    Stopped,
    /// The link has ended; it goes on with the next one.
    Lost,
    /// In words.
    Failed(String),
}

impl Halt {
    fn failed(words: &str) -> Halt {
        Halt::Failed(words.into())
    }
}

/// What a task has of the engine.
struct Task {
    key: Key,
    link: Link,
    branches: Branches,
    stop: watch::Receiver<bool>,
    done: mpsc::UnboundedSender<Done>,
}

impl Task {
    /// The engine may have stopped; then nobody is told.
    fn tell(&self, news: News) {
        let _ = self.done.send(Done::Transfer { key: self.key, news });
    }

    async fn unless_stopped<T>(&mut self, work: impl Future<Output = T>) -> Result<T, Halt> {
        tokio::select! {
            biased;
            _ = self.stop.wait_for(|stop| *stop) => Err(Halt::Stopped),
            done = work => Ok(done),
        }
    }
}

/// Runs what waits for the disk or computes for long beside the tasks.
async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, Halt> {
    let broken = |_| Halt::failed("this file led to a fault in this program: it is left alone");
    tokio::task::spawn_blocking(work).await.map_err(broken)
}

impl Transfers {
    /// `lasting`: where fetched files are to lie; a folder in the profile if none is named.
    pub fn new(profile: &Path, lasting: Option<PathBuf>) -> Transfers {
        Transfers {
            folders: Folders::new(profile, lasting),
            running: HashMap::new(),
            wishes: VecDeque::new(),
            inspecting: false,
            due: None,
            rests_until: None,
            refusals: 0,
        }
    }
}

impl Actor {
    /// What a commit means for transfers: new ones start, those of deleted messages end and leave nothing behind.
    pub(super) fn follow_transfers(&mut self, commit: &Commit) -> Result<(), VaultError> {
        let (mut wanted, mut swept, mut settled) = (false, false, false);
        for change in &commit.changes {
            match change {
                Change::Upload(upload) => {
                    wanted = true;
                    self.tell_transfer(upload.chat, upload.random_id, upload_in_words(upload));
                }
                Change::UploadAgain { .. } => wanted = true,
                Change::Placed { chat, random_id, .. } => {
                    self.tell_transfer(*chat, *random_id, Transfer::Done { path: None });
                }
                Change::Sent { .. } | Change::Failed { .. } => settled = true,
                Change::Deleted { .. } | Change::HistoryGone(_) | Change::Dropped(_) => swept = true,
                _ => {}
            }
        }
        if settled || swept {
            self.sweep_copies()?;
        }
        if swept {
            self.sweep_transfers()?;
        }
        if wanted { self.pump_transfers() } else { Ok(()) }
    }

    /// Starts whatever should run and does not: of each chat the first upload, so that its files go out in order.
    pub(super) fn pump_transfers(&mut self) -> Result<(), VaultError> {
        if !matches!(self.sync, Sync::Online | Sync::Checking) || self.transfers.rests_until.is_some() {
            return Ok(());
        }
        let running = self.transfers.running.keys();
        let mut busy: HashSet<ChatId> =
            running.filter(|key| key.way == Way::Up).map(|key| key.chat).collect();
        for upload in self.vault.uploads()? {
            if upload.state == TransferState::Running && busy.insert(upload.chat) {
                self.start_upload(upload)?;
            }
        }
        for download in self.vault.downloads()? {
            let key = Key { way: Way::Down, chat: download.chat, random_id: download.random_id };
            let many = self.transfers.running.keys().filter(|key| key.way == Way::Down).count();
            let idle = !self.transfers.running.contains_key(&key);
            if download.state == TransferState::Running && idle && many < MAX_DOWNLOADS {
                self.start_download(download)?;
            }
        }
        Ok(())
    }

    fn start_upload(&mut self, upload: Upload) -> Result<(), VaultError> {
        let (chat, random_id) = (upload.chat, upload.random_id);
        let Some((_, file)) = self.message_with_file(chat, random_id)? else { return Ok(()) };
        let key = Key { way: Way::Up, chat, random_id };
        let task = self.task(key, upload.progress.clone(), upload.source.size);
        let done = self.done.clone();
        tokio::spawn(async move {
            let ended = up::run(task, upload, file.secret.clone()).await.map(|()| None);
            let _ = done.send(Done::Transfer { key, news: News::Ended(ended) });
        });
        Ok(())
    }

    fn start_download(&mut self, download: Download) -> Result<(), VaultError> {
        let (chat, random_id) = (download.chat, download.random_id);
        let key = Key { way: Way::Down, chat, random_id };
        let Some((_, file)) = self.message_with_file(chat, random_id)? else { return Ok(()) };
        let (place, size) = match file::check(&file) {
            Ok((place, size)) => (place.clone(), size),
            Err(fault) => return self.transfer_failed(key, fault.to_string()),
        };
        let name = file::local_name(&file);
        let wanted = down::Wanted { place, secret: file.secret.clone(), size, name };
        let task = self.task(key, download.progress.clone(), size);
        let done = self.done.clone();
        tokio::spawn(async move {
            let ended = down::run(task, download, wanted).await.map(Some);
            let _ = done.send(Done::Transfer { key, news: News::Ended(ended) });
        });
        Ok(())
    }

    fn task(&mut self, key: Key, progress: Progress, size: u64) -> Task {
        let (stop, stopped) = watch::channel(false);
        self.tell_transfer(
            key.chat,
            key.random_id,
            Transfer::Running { done: progress.done.min(size), size },
        );
        let (told, safe) = (progress.done, progress.clone());
        let running = Running { stop, size, told, progress, safe, cancelled: false };
        self.transfers.running.insert(key, running);
        let (link, branches) = (self.link.clone(), self.branches.clone());
        Task { key, link, branches, stop: stopped, done: self.done.clone() }
    }

    /// A task has something to report.
    pub(super) fn transfer_news(&mut self, key: Key, news: News) -> Result<(), VaultError> {
        match news {
            News::Came { progress, keep } => {
                self.transfer_came(key, progress, keep);
                Ok(())
            }
            News::Ended(ended) => self.transfer_ended(key, ended),
        }
    }

    fn transfer_came(&mut self, key: Key, progress: Progress, keep: bool) {
        let Some(running) = self.transfers.running.get_mut(&key) else { return };
        running.progress = progress.clone();
        if keep || key.way == Way::Up {
            running.safe = progress.clone();
        }
        self.transfers.due.get_or_insert_with(|| Instant::now() + TELL_EVERY);
        if keep {
            self.keep_progress(key, progress);
        }
    }

    /// The program ends: what the user has given is taken in, tasks stop where nothing is half done, and what has come so far need
    /// not come again.
    pub(super) async fn end_transfers(&mut self) -> Result<(), VaultError> {
        self.sync = Sync::Offline;
        let patience = sleep_until(Instant::now() + LAST_PATIENCE);
        tokio::pin!(patience);
        for running in self.transfers.running.values() {
            running.stop.send_replace(true);
        }
        while self.transfers.inspecting || !self.transfers.running.is_empty() {
            tokio::select! {
                () = &mut patience => break,
                done = self.finished.recv() => match done {
                    Some(Done::Transfer { key, news }) => self.transfer_news(key, news)?,
                    Some(Done::Inspected { wish, outcome }) => self.inspected(wish, *outcome)?,
                    Some(_) => {}
                    None => break,
                },
            }
        }
        self.refuse_wishes();
        Ok(())
    }

    fn transfer_ended(&mut self, key: Key, ended: Result<Option<PathBuf>, Halt>) -> Result<(), VaultError> {
        let Some(running) = self.transfers.running.remove(&key) else { return Ok(()) };
        match ended {
            Ok(path) if running.cancelled => {
                path.iter().for_each(|path| folder::remove(path));
                self.forget_download(key.chat, key.random_id)?;
            }
            Err(_) if running.cancelled => self.forget_download(key.chat, key.random_id)?,
            Ok(Some(path)) => self.download_complete(key, path)?,
            Ok(None) => self.upload_complete(key)?,
            Err(Halt::Stopped | Halt::Lost) => self.keep_progress(key, running.safe),
            Err(Halt::Failed(reason)) => {
                self.keep_progress(key, running.safe);
                self.transfer_failed(key, reason)?;
            }
        }
        self.sweep_transfers()?;
        self.pump_transfers()
    }

    /// All parts are there: the message takes its number, or goes on.
    fn upload_complete(&mut self, key: Key) -> Result<(), VaultError> {
        let Key { chat, random_id, .. } = key;
        let Some(upload) = self.vault.upload(chat, random_id)? else { return Ok(()) };
        let Some((message, file)) = self.message_with_file(chat, random_id)? else { return Ok(()) };
        let Some(parts) = Parts::of(file::ciphertext_len(upload.source.size)) else { return Ok(()) };
        let key_fingerprint = file::fingerprint(&file.secret);
        let sent =
            SentFile::Uploaded { id: upload.file_id, parts: parts.count, key_fingerprint, big: parts.big };
        self.step(Input::Command(Command::Uploaded { message: Box::new(message), file: sent }))?;
        // The core has refused, in words: what it does not take must not go up again and again.
        match self.vault.upload(chat, random_id)? {
            Some(row) if row.state == TransferState::Running && self.failed_commits == 0 => {
                self.transfer_failed(key, "this chat takes no files now".into())
            }
            _ => Ok(()),
        }
    }

    /// Ends the transfers of messages that are gone, removes what they have left on the disk, and then the rows; ends the uploads of
    /// messages that nobody sends any more.
    pub(super) fn sweep_transfers(&mut self) -> Result<(), VaultError> {
        for (chat, random_id) in self.vault.stray_transfers()? {
            let keys = [Way::Up, Way::Down].map(|way| Key { way, chat, random_id });
            let mut idle = true;
            for running in keys.iter().filter_map(|key| self.transfers.running.get(key)) {
                running.stop.send_replace(true);
                idle = false;
            }
            if idle {
                self.forget_download(chat, random_id)?;
                let forgotten = self.vault.forget_transfers(chat, random_id);
                self.kept(forgotten);
            }
        }
        for (key, running) in &self.transfers.running {
            if key.way == Way::Up && self.vault.upload(key.chat, key.random_id)?.is_none() {
                running.stop.send_replace(true);
            }
        }
        self.end_vain_uploads()
    }

    /// Removes what came of a download, unless it is done and the user's own file by now; then the row.
    fn forget_download(&mut self, chat: ChatId, random_id: i64) -> Result<(), VaultError> {
        let Some(row) = self.vault.download(chat, random_id)? else { return Ok(()) };
        if row.state != TransferState::Done {
            folder::discard(&row.path);
        } else if row.path.starts_with(&self.transfers.folders.fleeting) {
            folder::remove(&row.path);
        }
        let forgotten = self.vault.forget_download(chat, random_id);
        self.kept(forgotten);
        Ok(())
    }

    fn message_with_file(
        &self,
        chat: ChatId,
        random_id: i64,
    ) -> Result<Option<(Message, Attachment)>, VaultError> {
        Ok(self.vault.message(chat, random_id)?.and_then(|message| match message.body.clone() {
            Body::File(file) => Some((message, *file)),
            _ => None,
        }))
    }
}
