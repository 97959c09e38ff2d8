//! What a message says, to and from the payload of an envelope (a serialised `decryptedMessageLayer`).
//!
//! A payload is authentic but its writer may be buggy, newer than we are, or hostile. So the header is read apart from the
//! body: a message that cannot be understood still has its place in the sequence, and is kept as it came to be read after an
//! update. Only a payload without a sound header is dropped. Text is made harmless on the way in.

mod action;
mod address;
mod attributes;
mod clean;
mod detect;
mod entities;
mod file;
mod lack;
pub mod markup;
mod media;
mod said;
#[cfg(test)]
mod tests;

use grammers_tl_types::Cursor;
use rand::{CryptoRng, RngExt};
use std::fmt;
use zeroize::Zeroizing;

use super::message::{Body, RemoteFile};
use super::wire::{self, Bytes, Deserializable, Identifiable, enums, types};

pub use action::Action;
pub use detect::detect;
pub use lack::{Lack, fitted, lacking};

/// The longest self-destruct time, seconds: one year. What is longer or negative is brought into `0..=MAX_TTL` when read.
pub const MAX_TTL: i32 = 365 * 24 * 60 * 60;

/// Fewer random bytes than this make a message unacceptable.
const MIN_RANDOM_BYTES: usize = 15;

/// At most so many are sent, so that the serialised form varies in length.
const MAX_RANDOM_BYTES: usize = 31;

/// What stands before the body; the numbers as on the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Header {
    pub layer: i32,
    pub in_seq_no: i32,
    pub out_seq_no: i32,
}

/// What a message says.
#[derive(Clone, PartialEq, Eq)]
pub enum Content {
    Message(Said),
    Action(Action),
}

/// What somebody says, and how.
#[derive(Clone, PartialEq, Eq)]
pub struct Said {
    pub body: Body,
    /// Self-destruct timer, seconds; 0 for none.
    pub ttl: i32,
    /// No notification is wanted.
    pub silent: bool,
    pub reply_to: Option<i64>,
    pub album: Option<i64>,
    /// Username without the `@`.
    pub via_bot: Option<String>,
}

impl Said {
    /// Nothing but a body.
    pub fn new(body: Body) -> Said {
        Said { body, ttl: 0, silent: false, reply_to: None, album: None, via_bot: None }
    }

    /// Joined with where the server says that the message's file lies; what is no file takes none.
    pub fn with_place(mut self, place: Option<RemoteFile>) -> Said {
        if let Body::File(file) = &mut self.body {
            file.place = place;
        }
        self
    }
}

impl Content {
    /// What takes the place of an own message that is deleted before the peer confirmed it: the same number and
    /// `random_id`, and nothing to read.
    pub fn placeholder(random_id: i64) -> Content {
        Content::Action(Action::DeleteMessages(vec![random_id]))
    }
}

/// Text is what the whole program keeps secret.
impl fmt::Debug for Said {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Said")
            .field("body", &self.body)
            .field("ttl", &self.ttl)
            .field("silent", &self.silent)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for Content {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Content::Message(said) => said.fmt(f),
            Content::Action(action) => action.fmt(f),
        }
    }
}

/// A payload that was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Opened {
    pub header: Header,
    /// 0 when the body is too strange to say.
    pub random_id: i64,
    pub body: Incoming,
}

/// The body of a received message.
#[derive(Clone, PartialEq, Eq)]
pub enum Incoming {
    Content(Content),
    /// Authenticated, but not understood or not shown yet: the serialised `DecryptedMessage`.
    Unsupported(Vec<u8>),
}

impl fmt::Debug for Incoming {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Incoming::Content(content) => content.fmt(f),
            Incoming::Unsupported(body) => write!(f, "Unsupported({} bytes)", body.len()),
        }
    }
}

/// A payload whose header is not sound; it is dropped and has no place in the sequence.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unreadable {
    #[error("the message does not come in a layer wrapper")]
    Wrapper,
    #[error("the message has fewer than 15 random bytes")]
    RandomBytes,
    #[error("the message ends before its sequence numbers do")]
    Truncated,
}

/// Serialises a message for a peer of the header's layer; what that layer lacks is left out (see [`fitted`]). The random bytes
/// before the header make equal messages differ.
pub fn write(
    header: Header,
    random_id: i64,
    content: &Content,
    rng: &mut dyn CryptoRng,
) -> Zeroizing<Vec<u8>> {
    let mut random_bytes = vec![0; rng.random_range(MIN_RANDOM_BYTES..=MAX_RANDOM_BYTES)];
    rng.fill_bytes(&mut random_bytes);
    let layer = types::DecryptedMessageLayer {
        random_bytes: Bytes(random_bytes),
        layer: header.layer,
        in_seq_no: header.in_seq_no,
        out_seq_no: header.out_seq_no,
        message: body(random_id, content, header.layer),
    };
    wire::write(&enums::DecryptedMessageLayer::Layer(layer))
}

fn body(random_id: i64, content: &Content, layer: i32) -> enums::DecryptedMessage {
    match content {
        Content::Message(said) => said::to_wire(random_id, said, layer).into(),
        Content::Action(action) => {
            types::DecryptedMessageService { random_id, action: action.to_wire() }.into()
        }
    }
}

/// Reads a payload. What is odd about the body is not an error: see [`Incoming::Unsupported`].
pub fn read(payload: &[u8]) -> Result<Opened, Unreadable> {
    let mut cursor = Cursor::from_slice(payload);
    let header = read_header(&mut cursor)?;
    let body = payload.get(cursor.pos()..).unwrap_or_default();
    let (random_id, content) = match wire::read_whole::<enums::DecryptedMessage>(body) {
        Ok(message) => (message.random_id(), understood(message)),
        Err(_) => (random_id_of(body), None),
    };
    let body = content.map_or_else(|| Incoming::Unsupported(body.to_vec()), Incoming::Content);
    Ok(Opened { header, random_id, body })
}

/// The self-destruct time of a body that was not understood, seconds: it holds for the reader all the same. 0 if there is none, or if
/// not even that can be read.
pub fn ttl_of(raw: &[u8]) -> i32 {
    let ttl = match wire::read_whole(raw) {
        Ok(enums::DecryptedMessage::Message(message)) => message.ttl,
        Ok(enums::DecryptedMessage::L45(message)) => message.ttl,
        Ok(enums::DecryptedMessage::L17(message)) => message.ttl,
        _ => 0,
    };
    sane_ttl(ttl)
}

fn read_header(cursor: &mut Cursor<'_>) -> Result<Header, Unreadable> {
    if u32::deserialize(cursor) != Ok(types::DecryptedMessageLayer::CONSTRUCTOR_ID) {
        return Err(Unreadable::Wrapper);
    }
    let random_bytes = Bytes::deserialize(cursor).map_err(|_| Unreadable::Truncated)?;
    if random_bytes.0.len() < MIN_RANDOM_BYTES {
        return Err(Unreadable::RandomBytes);
    }
    let mut number = || i32::deserialize(cursor).map_err(|_| Unreadable::Truncated);
    Ok(Header { layer: number()?, in_seq_no: number()?, out_seq_no: number()? })
}

/// Reads what was kept in [`Body::Unsupported`] once more, by what is understood now. `None` if it still says nothing to us, or is
/// an action: what a message did is not done later.
pub fn read_again(raw: &[u8]) -> Option<Said> {
    match understood(wire::read_whole(raw).ok()?)? {
        Content::Message(said) => Some(said),
        Content::Action(_) => None,
    }
}

/// The content of a message, whatever layer its form is from; `None` for what says nothing to us.
fn understood(message: enums::DecryptedMessage) -> Option<Content> {
    use enums::DecryptedMessage as Message;
    let said = match message {
        Message::Message(message) => said::of_current(message),
        Message::L45(message) => said::of_l45(message),
        Message::L17(message) => said::of_l17(message),
        Message::L8(message) => said::of_l8(message),
        Message::Service(message) => return Some(Content::Action(Action::from_wire(message.action))),
        Message::ServiceL8(message) => return Some(Content::Action(Action::from_wire(message.action))),
    };
    said.map(Content::Message)
}

/// The `random_id` of a body that does not parse, if its constructor at least is known; else 0.
fn random_id_of(body: &[u8]) -> i64 {
    let mut cursor = Cursor::from_slice(body);
    let flags = match u32::deserialize(&mut cursor) {
        Ok(types::DecryptedMessage::CONSTRUCTOR_ID | types::DecryptedMessageL45::CONSTRUCTOR_ID) => true,
        Ok(
            types::DecryptedMessageL8::CONSTRUCTOR_ID
            | types::DecryptedMessageL17::CONSTRUCTOR_ID
            | types::DecryptedMessageService::CONSTRUCTOR_ID
            | types::DecryptedMessageServiceL8::CONSTRUCTOR_ID,
        ) => false,
        _ => return 0,
    };
    if flags && u32::deserialize(&mut cursor).is_err() {
        return 0;
    }
    i64::deserialize(&mut cursor).unwrap_or(0)
}

/// A self-destruct time of the network, brought into its range.
fn sane_ttl(ttl: i32) -> i32 {
    ttl.clamp(0, MAX_TTL)
}
