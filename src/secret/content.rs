//! What a message says, to and from the payload of an envelope (a serialised `decryptedMessageLayer`).
//!
//! A payload is authentic but its writer may be buggy, newer than we are, or hostile. So the header is read apart from the
//! body: a message that cannot be understood still has its place in the sequence, and is kept as it came to be read after an
//! update. Only a payload without a sound header is dropped. Text is made harmless on the way in.

mod action;
mod text;

use grammers_tl_types::Cursor;
use rand::{CryptoRng, RngExt};
use std::fmt;
use zeroize::Zeroizing;

use super::wire::{self, Bytes, Deserializable, Identifiable, enums, types};

pub use action::Action;

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
    /// `ttl` in seconds, 0 for none; `silent` asks for no notification.
    Text {
        text: String,
        ttl: i32,
        silent: bool,
    },
    Action(Action),
}

/// Text is what the whole program keeps secret.
impl fmt::Debug for Content {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Content::Text { ttl, silent, .. } => {
                f.debug_struct("Text").field("ttl", ttl).field("silent", silent).finish_non_exhaustive()
            }
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

/// Serialises a message. The random bytes before the header make equal messages differ.
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
        message: body(random_id, content),
    };
    wire::write(&enums::DecryptedMessageLayer::Layer(layer))
}

fn body(random_id: i64, content: &Content) -> enums::DecryptedMessage {
    match content {
        Content::Text { text, ttl, silent } => text::body(random_id, text, *ttl, *silent).into(),
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

/// The content of a message, whatever layer its form is from; `None` for what is not shown yet.
fn understood(message: enums::DecryptedMessage) -> Option<Content> {
    use enums::DecryptedMessage as Message;
    match message {
        Message::Message(message) => {
            text::content(&message.message, message.media, message.ttl, message.silent)
        }
        Message::L45(message) => text::content(&message.message, message.media, message.ttl, false),
        Message::L17(message) => text::content(&message.message, Some(message.media), message.ttl, false),
        Message::L8(message) => text::content(&message.message, Some(message.media), 0, false),
        Message::Service(message) => Some(Content::Action(Action::from_wire(message.action))),
        Message::ServiceL8(message) => Some(Content::Action(Action::from_wire(message.action))),
    }
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::secret::key::Fingerprint;
    use proptest::prelude::*;

    fn header() -> impl Strategy<Value = Header> {
        any::<(i32, i32, i32)>().prop_map(|(layer, in_seq_no, out_seq_no)| Header {
            layer,
            in_seq_no,
            out_seq_no,
        })
    }

    fn action() -> impl Strategy<Value = Action> {
        let ids = || proptest::collection::vec(any::<i64>(), 0..50);
        let public = || proptest::collection::vec(any::<u8>(), 0..300);
        let key_fingerprint = || any::<i64>().prop_map(Fingerprint::from_i64);
        prop_oneof![
            any::<i32>().prop_map(Action::NotifyLayer),
            ids().prop_map(Action::ReadMessages),
            ids().prop_map(Action::DeleteMessages),
            ids().prop_map(Action::ScreenshotMessages),
            Just(Action::FlushHistory),
            (0..=MAX_TTL).prop_map(Action::SetTimer),
            any::<(i32, i32)>().prop_map(|(start, end)| Action::Resend { start, end }),
            (any::<i64>(), public()).prop_map(|(exchange_id, g_a)| Action::RequestKey { exchange_id, g_a }),
            (any::<i64>(), public(), key_fingerprint()).prop_map(|(exchange_id, g_b, key_fingerprint)| {
                Action::AcceptKey { exchange_id, g_b, key_fingerprint }
            }),
            (any::<i64>(), key_fingerprint()).prop_map(|(exchange_id, key_fingerprint)| Action::CommitKey {
                exchange_id,
                key_fingerprint
            }),
            any::<i64>().prop_map(|exchange_id| Action::AbortKey { exchange_id }),
            Just(Action::Noop),
            Just(Action::Typing),
        ]
    }

    fn content() -> impl Strategy<Value = Content> {
        prop_oneof![
            ("[^\\p{Cc}\u{202e}]{0,300}", 0..=MAX_TTL, any::<bool>())
                .prop_map(|(text, ttl, silent)| Content::Text { text, ttl, silent }),
            action().prop_map(Content::Action),
        ]
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(header in header(), random_id: i64, content in content()) {
            let payload = write(header, random_id, &content, &mut rand::rng());
            prop_assert_eq!(payload.len() % 4, 0);
            let body = Incoming::Content(content);
            prop_assert_eq!(read(&payload), Ok(Opened { header, random_id, body }));
        }

        #[test]
        fn any_damage_is_survived(
            header in header(), content in content(),
            cut in any::<prop::sample::Index>(), at in any::<prop::sample::Index>(), byte: u8,
        ) {
            let mut payload = write(header, 7, &content, &mut rand::rng()).to_vec();
            let at = at.index(payload.len());
            payload[at] = byte;
            payload.truncate(cut.index(payload.len() + 1));
            let _ = read(&payload);
        }
    }

    /// A payload with the given body, written by hand.
    fn wrapped(body: &[u8]) -> Vec<u8> {
        let mut payload = 0x1be31789u32.to_le_bytes().to_vec();
        payload.push(15);
        payload.extend([9; 15]);
        for number in [144, 0, 1] {
            payload.extend(i32::to_le_bytes(number));
        }
        payload.extend(body);
        payload
    }

    fn delete(ids: i32) -> Vec<u8> {
        let mut body = 0x73164160u32.to_le_bytes().to_vec();
        body.extend(77i64.to_le_bytes());
        body.extend(0x65614304u32.to_le_bytes());
        body.extend(0x1cb5c415u32.to_le_bytes());
        body.extend(ids.to_le_bytes());
        body
    }

    #[test]
    fn a_hundred_thousand_deletions_are_read() {
        let mut body = delete(100_000);
        (0..100_000i64).for_each(|id| body.extend(id.to_le_bytes()));
        let opened = read(&wrapped(&body)).unwrap();
        let expected = Action::DeleteMessages((0..100_000).collect());
        assert_eq!(opened.body, Incoming::Content(Content::Action(expected)));
    }

    #[test]
    fn an_unreadable_body_keeps_its_header_and_name() {
        for count in [1, -1, i32::MAX] {
            let body = delete(count);
            let opened = read(&wrapped(&body)).unwrap();
            assert_eq!(opened.header, Header { layer: 144, in_seq_no: 0, out_seq_no: 1 });
            assert_eq!(opened.random_id, 77);
            assert_eq!(opened.body, Incoming::Unsupported(body));
        }
        assert_eq!(read(&wrapped(&[])).unwrap().body, Incoming::Unsupported(Vec::new()));
    }

    #[test]
    fn times_are_brought_into_their_range() {
        for (wire, read_as) in [(-5, 0), (60, 60), (i32::MAX, MAX_TTL), (i32::MIN, 0)] {
            let header = Header { layer: 144, in_seq_no: 0, out_seq_no: 1 };
            let timer = |seconds| Content::Action(Action::SetTimer(seconds));
            let text = |ttl| Content::Text { text: "x".into(), ttl, silent: true };
            for (written, expected) in [(timer(wire), timer(read_as)), (text(wire), text(read_as))] {
                let payload = write(header, 1, &written, &mut rand::rng());
                assert_eq!(read(&payload).unwrap().body, Incoming::Content(expected));
            }
        }
    }

    #[test]
    fn random_bytes_vary_in_length() {
        let header = Header { layer: 73, in_seq_no: 0, out_seq_no: 0 };
        let lengths: std::collections::BTreeSet<u8> =
            (0..500).map(|_| write(header, 1, &Content::Action(Action::Noop), &mut rand::rng())[4]).collect();
        assert_eq!(lengths.first(), Some(&15));
        assert_eq!(lengths.last(), Some(&31));
    }

    #[test]
    fn debug_prints_no_text() {
        let text = Content::Text { text: "rose".into(), ttl: 5, silent: false };
        assert_eq!(format!("{text:?}"), "Text { ttl: 5, silent: false, .. }");
        assert!(!format!("{:?}", Incoming::Unsupported(b"rose".to_vec())).contains("114"));
    }
}
