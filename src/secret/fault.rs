//! Who is to blame when something does not fit, and what becomes of the chat.
//!
//! A [`PeerFault`] closes the chat: the other side, or somebody between, broke the protocol. A [`LocalFault`] is ours or the
//! server's. [`Closing`] is how a chat ended, remembered for life; [`Trouble`] is what the user is told while nothing changed.

use serde::{Deserialize, Serialize};

use super::content::Lack;
use super::key::Fingerprint;
use super::rekey::RekeyFault;
use super::sequence::ResendFault;

/// The peer (or whoever speaks in its place) broke a rule that the chat cannot survive.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
pub enum PeerFault {
    #[error("the other side's public value is out of range")]
    PublicValue,
    #[error(
        "the key that came back does not match what the other side claims (fingerprint {ours} against {theirs})"
    )]
    Fingerprint { ours: Fingerprint, theirs: Fingerprint },
    #[error("the answer names another person than the one who was asked")]
    Participant,
    #[error("the answer carries another public value than the request did")]
    ChangedPublicValue,
    #[error("a message carries a negative sequence number")]
    NegativeNumber,
    #[error("a message has the sequence numbers of the wrong side: it was reflected or forged")]
    Parity,
    #[error("the peer takes back having received messages")]
    NotMonotonic,
    #[error("the peer claims to have received messages that were never written")]
    FromTheFuture,
    #[error("the peer's protocol layer fell from {from} to {to}")]
    LayerFell { from: i32, to: i32 },
    #[error("the peer asks for messages again that it cannot want: {0}")]
    Resend(#[from] ResendFault),
    #[error("too many messages are missing ({0})")]
    Gap(i64),
    #[error("the chat's key could not be changed: {0}")]
    Rekey(#[from] RekeyFault),
}

/// Ours or the server's failure to do what was asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
pub enum LocalFault {
    #[error("the server's encryption parameters are unsafe: {0}")]
    DhConfig(#[from] super::exchange::ConfigFault),
    #[error("the server says its encryption parameters have not changed, but none were ever received")]
    NoDhConfig,
    #[error("{}", rpc_words(name, *code))]
    Rpc { code: i32, name: String },
    #[error("the chat ended before it could be sent")]
    ChatOver,
    #[error("the server answered with another chat than the one it was asked about")]
    ForeignAnswer,
    /// The file of a message cannot be sent; a sentence that says why.
    #[error("{0}")]
    File(String),
}

/// What the server's refusals of a chat's calls mean to a person.
fn rpc_words(name: &str, code: i32) -> String {
    match name {
        "DH_G_A_INVALID" => "the server did not accept this side's half of the key".into(),
        "USER_ID_INVALID" => "the server does not know this person".into(),
        "INPUT_USER_DEACTIVATED" => "this person has deleted their account".into(),
        "USER_IS_BLOCKED" => "this person has blocked you".into(),
        "USER_DELETED" => "this person has deleted their account".into(),
        "CHAT_ID_INVALID" | "ENCRYPTION_ID_INVALID" => "the server does not know this chat".into(),
        _ => format!("the server answered {name} ({code})"),
    }
}

/// How a chat ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Closing {
    /// We closed it, or withdrew our request.
    ByUs,
    /// We declined the request.
    DeclinedByUs,
    /// The peer closed it; `history_deleted` when it also deleted the messages here.
    ByPeer { history_deleted: bool },
    /// The peer declined our request.
    DeclinedByPeer,
    /// The request was withdrawn, or accepted on another device of ours.
    TakenOrWithdrawn,
    /// The server ended this device's authorization, and with it its chats.
    SignedOut,
    /// We refused to go on.
    Refused(PeerFault),
    /// It could not be done.
    Failed(LocalFault),
}

/// Something to tell that changed no state.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Trouble {
    #[error("there is already a secret chat with this person")]
    AlreadyThere,
    #[error("there is no such secret chat")]
    NoSuchChat,
    #[error("this chat is not ready: nothing can be sent in it")]
    NotReady,
    #[error("this chat is not an open request")]
    NotRequested,
    #[error("this chat is over already")]
    Over,
    #[error("there is no such message in this chat")]
    NoSuchMessage,
    #[error("a message of {0} characters is too long: at most 4096 fit")]
    TooLong(usize),
    #[error("an empty message cannot be sent")]
    Empty,
    #[error("this line of the history is not a message that can be sent")]
    Unsendable,
    #[error("the other side's app is too old for {}: nothing was sent", Lack::words(.0))]
    PeerCannotShow(Vec<Lack>),
    #[error("{0} sealed messages could not be opened: they were damaged on the way or forged")]
    Unopened(u32),
    #[error("the key of this chat is being changed already")]
    KeyChanging,
    #[error(
        "the key was just changed: it can be changed again when the other side has written under the new one"
    )]
    KeyJustChanged,
    #[error("messages of this chat are missing: its key can be changed when they have come")]
    Incomplete,
    /// It is over at `until_ms`, unix milliseconds of the wall clock; nothing more is said then.
    #[error("the server asks to wait {seconds} seconds")]
    Flood { seconds: u32, until_ms: i64 },
    #[error(
        "the chat ended while messages were missing ({missing}); those that came after them ({waiting}) cannot be shown"
    )]
    NeverCame { missing: i32, waiting: usize },
    #[error("only who asks for a secret chat can be reported, not who was asked")]
    NotTheirs,
    #[error("the report did not reach the server: {0}")]
    NotReported(LocalFault),
}
