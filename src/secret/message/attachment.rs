//! A file that comes with a message: what it is, how it is encrypted, and where its ciphertext lies.
//!
//! The message carries the key of its file, so whoever can read the message can open the file and nobody else. The key is a type
//! that wipes itself; where the file lies at the server is the server's word and is checked against it before a byte is fetched.

use std::fmt;

use serde::{Deserialize, Serialize};
use zeroize::{Zeroize, ZeroizeOnDrop};

use super::Text;

/// A file of a message.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attachment {
    pub kind: Kind,
    /// The name its sender gave it; empty for none. Hostile: made safe before any use as a name of a file.
    pub name: String,
    /// What its sender says it is. A hint for the eye; nothing is opened by it.
    pub mime: String,
    /// Bytes of the plain file.
    pub size: u64,
    pub caption: Text,
    pub thumb: Option<Thumb>,
    pub secret: FileSecret,
    /// Where the ciphertext lies; `None` for an own file that is not there yet, or one whose place the server did not name.
    pub place: Option<RemoteFile>,
}

/// What a file is. Durations are seconds, sizes pixels, as the sender states them.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Kind {
    Photo {
        width: i32,
        height: i32,
    },
    /// `round`: a video note.
    Video {
        width: i32,
        height: i32,
        duration: i32,
        round: bool,
    },
    Animation {
        width: i32,
        height: i32,
        duration: i32,
    },
    /// A voice message. The waveform is packed in 5-bit steps of loudness.
    Voice {
        duration: i32,
        waveform: Vec<u8>,
    },
    Audio {
        duration: i32,
        title: String,
        performer: String,
    },
    /// An own sticker sent as a file.
    Sticker {
        emoji: String,
    },
    Document,
}

impl Kind {
    /// Seconds it takes to see or hear it; 0 for what has no duration.
    pub fn duration(&self) -> i32 {
        match self {
            Kind::Video { duration, .. }
            | Kind::Animation { duration, .. }
            | Kind::Voice { duration, .. }
            | Kind::Audio { duration, .. } => *duration,
            Kind::Photo { .. } | Kind::Sticker { .. } | Kind::Document => 0,
        }
    }
}

/// A small JPEG that comes inside the message.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Thumb {
    pub width: i32,
    pub height: i32,
    pub jpeg: Vec<u8>,
}

/// Key and initialisation vector of one file.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, Zeroize, ZeroizeOnDrop)]
pub struct FileSecret {
    key: [u8; 32],
    iv: [u8; 32],
}

impl FileSecret {
    pub fn new(key: [u8; 32], iv: [u8; 32]) -> FileSecret {
        FileSecret { key, iv }
    }

    /// AES-256 key of the file.
    pub fn expose_key(&self) -> &[u8; 32] {
        &self.key
    }

    /// Initialisation vector of IGE at the beginning of the file.
    pub fn expose_iv(&self) -> &[u8; 32] {
        &self.iv
    }
}

/// Telegram's `encryptedFile`: where a ciphertext lies.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RemoteFile {
    pub id: i64,
    pub access_hash: i64,
    /// Bytes of the ciphertext.
    pub size: i64,
    pub dc_id: i32,
    pub key_fingerprint: i32,
}

impl fmt::Debug for Attachment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Attachment({} bytes)", self.size)
    }
}

/// Titles and emoji are words of the sender: the variant is printed.
impl fmt::Debug for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Kind::Photo { .. } => "Photo",
            Kind::Video { .. } => "Video",
            Kind::Animation { .. } => "Animation",
            Kind::Voice { .. } => "Voice",
            Kind::Audio { .. } => "Audio",
            Kind::Sticker { .. } => "Sticker",
            Kind::Document => "Document",
        })
    }
}

impl fmt::Debug for Thumb {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Thumb({} bytes)", self.jpeg.len())
    }
}

impl fmt::Debug for FileSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("FileSecret(..)")
    }
}
