//! The life of one secret chat as types: a type per state, and transitions that consume the state they leave.
//!
//! ```text
//! ours:    Asking -> Requesting -> Waiting -> Ready -> Closed
//! theirs:  Requested -> Accepting -> Ready -> Closed
//! ```
//!
//! What a state does not have it cannot misuse: only `Requesting`, `Waiting` and a `Ready` chat that asked for another
//! key hold an exponent, only `Accepting` and `Ready` a key, and a transition that consumes them drops (and wipes) what the next state does not carry. `Closed` is final.

use super::exchange::{Offer, Params};
use super::fault::Closing;
use super::key::SharedKey;
use super::picture::KeyPicture;
use super::record::{ChatId, UserId};
use super::rekey::Keys;
use super::sequence::Counters;

/// Which of the two we are; decides the crypto x and the parity of the sequence numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// We asked for the chat (`admin_id` is us).
    Originator,
    /// We were asked.
    Recipient,
}

impl Side {
    /// The side of the other one.
    pub fn other(self) -> Side {
        match self {
            Side::Originator => Side::Recipient,
            Side::Recipient => Side::Originator,
        }
    }
}

/// One secret chat: what never changes about it, and the state it is in.
#[derive(Clone, Debug, PartialEq)]
pub struct Chat {
    pub id: ChatId,
    /// The other person.
    pub user: UserId,
    pub side: Side,
    /// When it was asked for, unix seconds; the server's date once it has answered.
    pub date: i32,
    /// The chat's own access hash; 0 while the server has not told it.
    pub access_hash: i64,
    pub stage: Stage,
}

/// The states.
#[derive(Clone, Debug, PartialEq)]
pub enum Stage {
    Asking(Asking),
    Requesting(Requesting),
    Waiting(Waiting),
    Requested(Requested),
    Accepting(Accepting),
    Ready(Box<Ready>),
    Closed(Closed),
}

/// The user wants the chat; the Diffie-Hellman parameters are being asked for.
#[derive(Clone, Debug, PartialEq)]
pub struct Asking {
    /// Access hash of the user, for `inputUser`.
    pub user_hash: i64,
}

/// Our half of the key is made and stored; `messages.requestEncryption` goes out, again after every crash, with the same values.
#[derive(Clone, Debug, PartialEq)]
pub struct Requesting {
    pub user_hash: i64,
    pub offer: Offer,
}

/// The server has the request.
#[derive(Clone, Debug, PartialEq)]
pub struct Waiting {
    pub offer: Offer,
}

/// Somebody asks us.
#[derive(Clone, Debug, PartialEq)]
pub struct Requested {
    /// The other half, as received.
    pub g_a: Vec<u8>,
    pub reply: Reply,
}

/// What the user said to a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reply {
    Undecided,
    /// Left for another device; still acceptable.
    Left,
    /// Accepted; the Diffie-Hellman parameters are being asked for.
    Accept,
}

/// We accepted: the key is made and stored, `messages.acceptEncryption` goes out until it is decided.
#[derive(Clone, Debug, PartialEq)]
pub struct Accepting {
    pub params: Params,
    pub g_a: Vec<u8>,
    /// Our half, 256 bytes.
    pub g_b: Vec<u8>,
    pub key: SharedKey,
}

/// Both hold the key.
#[derive(Clone, Debug, PartialEq)]
pub struct Ready {
    /// The parameters belong to the chat for life.
    pub params: Params,
    pub keys: Keys,
    /// Of the first key, whatever key is in use.
    pub picture: KeyPicture,
    pub verified: bool,
    pub counters: Counters,
    /// The highest layer the peer has shown or announced.
    pub peer_layer: i32,
    /// The layer of ours that the peer was last told; 0 is none.
    pub notified_layer: i32,
    /// Self-destruct timer for new messages, seconds; 0 is off.
    pub ttl: i32,
    /// Date of the newest incoming message that the user has seen, and how far the server was told.
    pub seen: i32,
    pub seen_told: i32,
    /// Own messages up to this date (unix seconds) were read by the peer.
    pub read_by_peer: i32,
}

/// Over. The same id never comes back.
#[derive(Clone, Debug, PartialEq)]
pub struct Closed {
    pub closing: Closing,
    /// Kept to be looked at; there is no key any more.
    pub picture: Option<KeyPicture>,
    pub verified: bool,
    /// `messages.discardEncryption` still has to be answered; `Some(delete_history)`.
    pub discard: Option<bool>,
}
