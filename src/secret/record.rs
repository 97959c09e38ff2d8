//! The rows of the core: everything about a secret chat that must outlive the process, as plain data.
//!
//! The machine changes these values in memory and names the changed ones in a [`Commit`](super::step::Commit); the vault
//! writes them and hands them back as a [`Snapshot`]. They know neither SQL nor sockets, so that the same rows serve the
//! real database, a test and a simulated crash.

use std::fmt;

use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::chat::Chat;
use super::timer::Mortal;

pub use super::message::{Body, Delivery, Direction, Draft, Message, RemoteFile, Text};

/// Identifier of a secret chat: signed, never 0, chosen by the originator (the `random_id` of `messages.requestEncryption`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ChatId(pub i32);

/// Identifier of a Telegram user.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct UserId(pub i64);

impl fmt::Display for ChatId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Display for UserId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A reading of both clocks: `unix_ms` is milliseconds since 1970 and may jump, `mono_ms` only ever rises.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moment {
    pub unix_ms: i64,
    pub mono_ms: u64,
}

impl Moment {
    /// The wall clock in whole seconds, the unit of every date in the protocol.
    pub fn unix_s(self) -> i32 {
        i32::try_from(self.unix_ms.div_euclid(1000)).unwrap_or(i32::MAX)
    }
}

/// The account's committed place in the update streams. Nothing here ever runs ahead of the effects stored beside it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Marks {
    pub pts: i32,
    pub qts: i32,
    pub seq: i32,
    pub date: i32,
}

/// Somebody a secret chat can be with, as Telegram describes them; every string is hostile text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    pub id: UserId,
    pub access_hash: i64,
    pub first_name: String,
    pub last_name: String,
    pub username: Option<String>,
    pub phone: Option<String>,
    /// On the account's contact list (as opposed to met through a search or a request).
    pub contact: bool,
    /// The account keeps their requests and messages away.
    pub blocked: bool,
    pub kind: PersonKind,
    pub presence: Presence,
}

/// What stands behind an account: only a human can hold a secret chat.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum PersonKind {
    #[default]
    Human,
    Bot,
    /// The account is gone; its name with it.
    Deleted,
}

/// What the server lets us know of a person's being online; unix seconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Presence {
    #[default]
    Unknown,
    Online {
        until: i32,
    },
    LastSeen(i32),
    Recently,
    LastWeek,
    LastMonth,
}

/// An outgoing message that the peer has not confirmed: a number spent, and what is needed to send it again.
///
/// Two marks: `answered` (the server has it) is stored here, *confirmed* (the peer's `in_seq_no` has passed it) deletes the row.
#[derive(Clone, PartialEq, Eq)]
pub struct Outgoing {
    pub chat: ChatId,
    /// Raw out number, unique in the chat.
    pub number: i32,
    /// Equals the `random_id` inside the payload; the server's idempotency key.
    pub random_id: i64,
    /// The serialised `decryptedMessageLayer`: numbers and layer are fixed for ever. Sealed anew at each sending.
    pub payload: Zeroizing<Vec<u8>>,
    /// Sent by `messages.sendEncryptedService`.
    pub service: bool,
    /// The peer is not to be notified.
    pub silent: bool,
    /// The file that goes with it, by `messages.sendEncryptedFile`.
    pub file: Option<SentFile>,
    /// A message the user wrote (its content may be replaced by the self-delete placeholder) as opposed to an action.
    pub rewritable: bool,
    pub answered: bool,
    /// The server has had it before: another answer is that of a repetition, and no news.
    pub told: bool,
}

impl fmt::Debug for Outgoing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Outgoing")
            .field("chat", &self.chat)
            .field("number", &self.number)
            .field("random_id", &self.random_id)
            .field("service", &self.service)
            .field("answered", &self.answered)
            .finish_non_exhaustive()
    }
}

/// How the server is told of the file of an own message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum SentFile {
    /// Its parts were uploaded under this number: `inputEncryptedFileUploaded`, or `inputEncryptedFileBigUploaded` if `big`.
    Uploaded { id: i64, parts: i32, key_fingerprint: i32, big: bool },
    /// The server has it: `inputEncryptedFile`.
    There { id: i64, access_hash: i64 },
    /// The server lost parts of it; the message waits until they are there again.
    Missing,
}

/// An authenticated message that waits behind a gap.
#[derive(Clone, PartialEq, Eq)]
pub struct Parked {
    pub chat: ChatId,
    /// Raw out number of the peer.
    pub number: i32,
    /// The server's date, unix seconds.
    pub date: i32,
    /// Fingerprint of the key it came under, as on the wire.
    pub fingerprint: [u8; 8],
    /// A Resend is executed on arrival and must not run again when the gap closes.
    pub executed: bool,
    /// The serialised `decryptedMessageLayer`.
    pub payload: Zeroizing<Vec<u8>>,
    /// Where the server says its file lies.
    pub file: Option<RemoteFile>,
}

impl fmt::Debug for Parked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Parked")
            .field("chat", &self.chat)
            .field("number", &self.number)
            .finish_non_exhaustive()
    }
}

/// A still sealed message of a chat whose key we do not have yet; opened when the chat becomes ready.
#[derive(Clone, PartialEq, Eq)]
pub struct Held {
    pub chat: ChatId,
    pub random_id: i64,
    pub date: i32,
    pub envelope: Vec<u8>,
    /// Where the server says its file lies.
    pub file: Option<RemoteFile>,
}

impl fmt::Debug for Held {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Held")
            .field("chat", &self.chat)
            .field("bytes", &self.envelope.len())
            .finish_non_exhaustive()
    }
}

/// The Diffie-Hellman parameters last accepted from `messages.getDhConfig`, cached by version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DhCache {
    pub version: i32,
    pub g: i32,
    /// Big-endian, 256 bytes.
    pub p: Vec<u8>,
}

/// Whether a prime other than the known one passed the safe-prime test; it costs most of a second, so it is remembered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PrimeVerdict {
    pub p: Vec<u8>,
    pub good: bool,
}

/// What the vault gives the machine at start: all that it keeps in memory.
#[derive(Debug, Default)]
pub struct Snapshot {
    pub marks: Marks,
    pub dh: Option<DhCache>,
    pub primes: Vec<PrimeVerdict>,
    pub chats: Vec<Chat>,
    /// Unconfirmed outgoing messages of all chats, ascending by chat and number.
    pub outgoing: Vec<Outgoing>,
    pub parked: Vec<Parked>,
    pub held: Vec<Held>,
    /// Every `random_id` that history or the list of deleted messages knows.
    pub known: Vec<(ChatId, i64)>,
    /// The stored reading of the self-destruct [`Clock`](super::timer::Clock); 0 if none was ever needed.
    pub clock_ms: i64,
    /// What is kept in mind of messages with a clock, or that wait to be listened to, by chat and `random_id`.
    pub mortals: Vec<(ChatId, i64, Mortal)>,
    /// The `random_id`s of lines about a chat, which its peer cannot delete.
    pub lines: Vec<(ChatId, i64)>,
}
