//! What a message says and what has become of it, as plain data: the row of the history.
//!
//! These values are what the user sees and what the vault keeps. They are free of the wire: which constructor carries a body at
//! which layer is [`content`](super::content)'s affair, so that a body written by one app and one layer looks like that of any
//! other. Everything in them that came from a peer is hostile text.

mod attachment;
mod text;

use std::fmt;

use serde::{Deserialize, Serialize};

use super::record::ChatId;

pub use attachment::{Attachment, FileSecret, Kind, RemoteFile, Thumb};
pub use text::{Entity, EntityKind, Text};

/// Who wrote a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    In,
    Out,
}

/// What a message says.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Body {
    Text(Text),
    /// Text whose writer wants a link of it shown with a preview. Nothing is fetched for it.
    WebPage {
        text: Text,
        url: String,
    },
    File(Box<Attachment>),
    Contact {
        phone: String,
        first_name: String,
        last_name: String,
    },
    Location(Location),
    Venue {
        location: Location,
        title: String,
        address: String,
        /// Who knows the venue (`foursquare`), and its id there.
        provider: String,
        venue_id: String,
    },
    /// A document that lies in Telegram's cloud in the clear, a sticker of a set as a rule.
    Sticker {
        /// The emoji it stands for; empty if none was named.
        emoji: String,
        /// Short name of its set; empty if none was named.
        set: String,
        mime: String,
        id: i64,
        access_hash: i64,
        dc_id: i32,
    },
    /// The chat's self-destruct timer was set, in seconds; 0 is off.
    TimerSet(i32),
    /// The writer says that it took a screenshot.
    Screenshot,
    /// Authenticated but not understood, kept to be read after an update.
    Unsupported(Kept),
}

/// What is kept of a message that was not understood.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Kept {
    /// The serialised `DecryptedMessage`.
    pub raw: Vec<u8>,
    /// Where the server says that its file lies; what the file is, and its key, is in the rest.
    pub place: Option<RemoteFile>,
}

impl From<Vec<u8>> for Kept {
    fn from(raw: Vec<u8>) -> Kept {
        Kept { raw, place: None }
    }
}

impl Body {
    /// Plain text.
    pub fn text(text: impl Into<Text>) -> Body {
        Body::Text(text.into())
    }

    /// A line about the chat rather than something said: it has no self-destruct clock, and a peer cannot delete it.
    pub fn is_service(&self) -> bool {
        matches!(self, Body::TimerSet(_) | Body::Screenshot)
    }

    /// The words of it that the writer formatted: the text, or a file's caption.
    pub fn words(&self) -> Option<&Text> {
        match self {
            Body::Text(text) | Body::WebPage { text, .. } => Some(text),
            Body::File(file) => Some(&file.caption),
            _ => None,
        }
    }
}

/// Bodies are what the whole program keeps secret: the variant is printed, never what it says.
impl fmt::Debug for Body {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Body::Text(_) => "Text(..)",
            Body::WebPage { .. } => "WebPage(..)",
            Body::File(_) => "File(..)",
            Body::Contact { .. } => "Contact(..)",
            Body::Location(_) => "Location(..)",
            Body::Venue { .. } => "Venue(..)",
            Body::Sticker { .. } => "Sticker(..)",
            Body::TimerSet(seconds) => return write!(f, "TimerSet({seconds})"),
            Body::Screenshot => "Screenshot",
            Body::Unsupported(_) => "Unsupported(..)",
        })
    }
}

/// Nobody knows what it says: it may be anything.
impl fmt::Debug for Kept {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Kept({} bytes)", self.raw.len())
    }
}

/// A point on the earth. The bits of the numbers are kept, so that what was sent is what is stored.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Location {
    lat: u64,
    long: u64,
}

impl Location {
    /// From degrees, north and east positive.
    pub fn new(lat: f64, long: f64) -> Location {
        Location { lat: lat.to_bits(), long: long.to_bits() }
    }

    /// Degrees north.
    pub fn lat(self) -> f64 {
        f64::from_bits(self.lat)
    }

    /// Degrees east.
    pub fn long(self) -> f64 {
        f64::from_bits(self.long)
    }
}

/// Where somebody is, nobody else needs to know.
impl fmt::Debug for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Location(..)")
    }
}

/// How far an own message has come; for an incoming one, whether the user has seen it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Delivery {
    /// Own: stored here, not yet answered by the server. Only what the user wrote is marked so; a timer line counts as sent.
    Queued,
    /// Own: with the server.
    Sent,
    /// Own: `updateEncryptedMessagesRead` covered it.
    Read,
    /// Own: refused by the server for good.
    Failed,
    /// Incoming: not seen yet.
    Unseen,
    /// Incoming: seen by the user.
    Seen,
}

/// One message of a chat's history, named by its chat and `random_id`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    pub chat: ChatId,
    pub random_id: i64,
    pub direction: Direction,
    /// Unix seconds: the server's date, or ours until it has answered.
    pub date: i32,
    /// Self-destruct timer of this message in seconds; 0 is none.
    pub ttl: i32,
    pub delivery: Delivery,
    pub body: Body,
    /// `random_id` of the message it answers; that one may be unknown or gone.
    pub reply_to: Option<i64>,
    /// Messages with the same number are one album.
    pub album: Option<i64>,
    /// The writer asks for no notification.
    pub silent: bool,
    /// Username of the bot through which it was written, without the `@`.
    pub via_bot: Option<String>,
    /// Its content was opened by the reader: looked at if protected, listened to if spoken.
    pub opened: bool,
    /// When it destroys itself; `None` while its clock does not run. Front ends get unix milliseconds of the wall clock as it is
    /// now; stored are milliseconds of the [`Clock`](super::timer::Clock) that never runs back.
    pub destruct_ms: Option<i64>,
}

impl Message {
    /// A message as it is when it appears: queued or unseen, and nothing special about it.
    pub fn new(chat: ChatId, random_id: i64, direction: Direction, date: i32, body: Body) -> Message {
        let delivery = match direction {
            Direction::In => Delivery::Unseen,
            Direction::Out => Delivery::Queued,
        };
        Message {
            chat,
            random_id,
            direction,
            date,
            ttl: 0,
            delivery,
            body,
            reply_to: None,
            album: None,
            silent: false,
            via_bot: None,
            opened: false,
            destruct_ms: None,
        }
    }
}

/// A message that the user wants sent.
#[derive(Clone, PartialEq, Eq)]
pub struct Draft {
    pub body: Body,
    /// `random_id` of the message it answers.
    pub reply_to: Option<i64>,
    /// No notification at the peer.
    pub silent: bool,
    pub album: Option<i64>,
    /// What the peer's app cannot show may be left out: the user was asked.
    pub degrade: bool,
}

impl Draft {
    pub fn new(body: Body) -> Draft {
        Draft { body, reply_to: None, silent: false, album: None, degrade: false }
    }
}

impl From<Body> for Draft {
    fn from(body: Body) -> Draft {
        Draft::new(body)
    }
}

impl fmt::Debug for Draft {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Draft({:?})", self.body)
    }
}
