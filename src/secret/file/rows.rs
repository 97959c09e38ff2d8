//! Files on their way, as the rows by which a transfer goes on after a restart.
//!
//! A row belongs to a message and goes when the message does. Its progress counts ciphertext and is never ahead of what lies at the
//! server or on the disk; the state of the cipher at that place comes with it.

use std::path::PathBuf;

use super::Carried;
use crate::secret::record::ChatId;

/// How far a transfer has come.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// Bytes of ciphertext, whole blocks.
    pub done: u64,
    /// The cipher's state there; `None` at the beginning, where it is the file's initialisation vector.
    pub carried: Option<Carried>,
}

/// Whether a transfer goes on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TransferState {
    /// Goes on whenever there is a connection.
    Running,
    /// Waits for the user.
    Paused,
    /// Stopped, and why; the user may let it go on.
    Failed(String),
    Done,
}

/// The file of this machine that is sent. One that has changed meanwhile is not the one that was meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    pub path: PathBuf,
    /// Bytes.
    pub size: u64,
    /// When it was written last, unix nanoseconds.
    pub modified_ns: i64,
}

/// An own file on its way up. The row stays as long as the message, since the server may lose the file and want it again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Upload {
    pub chat: ChatId,
    pub random_id: i64,
    pub source: Source,
    /// The number under which its parts are sent.
    pub file_id: i64,
    pub progress: Progress,
    pub state: TransferState,
}

/// A file on its way down, and where it lies once it is here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Download {
    pub chat: ChatId,
    pub random_id: i64,
    /// What is here so far, under a hidden name; once it is done, the file under its own.
    pub path: PathBuf,
    pub progress: Progress,
    pub state: TransferState,
}
