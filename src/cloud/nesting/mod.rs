//! Reads a server's objects, however deeply they nest.
//!
//! The generated readers call themselves as the bytes tell them to, and a stack that ends ends the process. What nests without
//! bound has to pass one of a few constructors time and again, and each of them stands in the bytes by its identifier, at a
//! multiple of four: their count bounds the depth, whatever else the schema says. A body that could need more stack than
//! every thread has to spare is read on a thread with as much as it could need; one that could need more than [`MAX_STACK`]
//! is refused. Siblings count as if they were nested, so the bound is one that honest bodies do not reach by their number.

use std::thread;

use grammers_tl_types::{Deserializable, Identifiable, types};

/// Bodies that could need more are refused, bytes: room for eight thousand pieces of formatted text, or two thousand blocks
/// with blocks in them, in one answer. It is address space; only what is really nested is ever touched. Dropping an object
/// takes less than a fortieth of what reading it may take, and that every thread has.
const MAX_STACK: usize = 64 << 20;

/// What every thread has to spare, bytes.
const SPARE: usize = 256 << 10;

/// What the rest of an object takes, which nests by the schema's own finite depth, bytes.
const REST: usize = 2 << 20;

/// A round through one of the constructors takes so much, bytes. Measured without optimisation, where it is four times as
/// much as with it: at most 7084, 23831 and 45590.
const TEXT: usize = 8 << 10;
const BLOCK: usize = 32 << 10;
const MEDIA: usize = 64 << 10;

/// Nesting that no honest server sends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("an object may be nested too deeply to be read")]
pub struct Nested;

/// Why an object was not read.
#[derive(Debug, thiserror::Error)]
pub enum Unread {
    #[error(transparent)]
    Nested(#[from] Nested),
    #[error("{0}")]
    Malformed(#[from] grammers_tl_types::deserialize::Error),
    #[error("there is no memory to read a nested object: {0}")]
    Memory(#[from] std::io::Error),
    #[error("the reader of a nested object failed")]
    Crashed,
}

/// Whether the object in this body, at its beginning or at any multiple of four, can be read.
pub fn check(body: &[u8]) -> Result<(), Nested> {
    stack(body).map(drop)
}

/// Reads the object that a body begins with.
pub fn read<T: Deserializable + Send>(body: &[u8]) -> Result<T, Unread> {
    let stack = stack(body)?;
    if stack <= SPARE {
        return Ok(T::from_bytes(body)?);
    }
    thread::scope(|scope| {
        let reader = thread::Builder::new().stack_size(REST + stack);
        let reading = reader.spawn_scoped(scope, || T::from_bytes(body))?;
        Ok(reading.join().map_err(|_| Unread::Crashed)??)
    })
}

/// The most that cycles of the schema can take of the stack while this body is read.
fn stack(body: &[u8]) -> Result<usize, Nested> {
    let (words, _) = body.as_chunks::<4>();
    let stack = words.iter().map(|word| round(u32::from_le_bytes(*word))).fold(0, usize::saturating_add);
    if stack <= MAX_STACK { Ok(stack) } else { Err(Nested) }
}

/// Every cycle of the schema passes one of these constructors: what a round through it takes of the stack.
fn round(constructor: u32) -> usize {
    match constructor {
        types::TextBold::CONSTRUCTOR_ID
        | types::TextItalic::CONSTRUCTOR_ID
        | types::TextUnderline::CONSTRUCTOR_ID
        | types::TextStrike::CONSTRUCTOR_ID
        | types::TextFixed::CONSTRUCTOR_ID
        | types::TextUrl::CONSTRUCTOR_ID
        | types::TextEmail::CONSTRUCTOR_ID
        | types::TextConcat::CONSTRUCTOR_ID
        | types::TextSubscript::CONSTRUCTOR_ID
        | types::TextSuperscript::CONSTRUCTOR_ID
        | types::TextMarked::CONSTRUCTOR_ID
        | types::TextPhone::CONSTRUCTOR_ID
        | types::TextAnchor::CONSTRUCTOR_ID
        | types::TextSpoiler::CONSTRUCTOR_ID
        | types::TextMention::CONSTRUCTOR_ID
        | types::TextHashtag::CONSTRUCTOR_ID
        | types::TextBotCommand::CONSTRUCTOR_ID
        | types::TextCashtag::CONSTRUCTOR_ID
        | types::TextAutoUrl::CONSTRUCTOR_ID
        | types::TextAutoEmail::CONSTRUCTOR_ID
        | types::TextAutoPhone::CONSTRUCTOR_ID
        | types::TextBankCard::CONSTRUCTOR_ID
        | types::TextMentionName::CONSTRUCTOR_ID
        | types::TextDate::CONSTRUCTOR_ID
        | types::TextDiff::CONSTRUCTOR_ID
        | types::TextButton::CONSTRUCTOR_ID
        | types::TextTonAddress::CONSTRUCTOR_ID
        | types::InputPeerUserFromMessage::CONSTRUCTOR_ID
        | types::InputPeerChannelFromMessage::CONSTRUCTOR_ID
        | types::JsonArray::CONSTRUCTOR_ID
        | types::JsonObject::CONSTRUCTOR_ID
        | types::SecureRequiredTypeOneOf::CONSTRUCTOR_ID
        | types::TlsBlockScope::CONSTRUCTOR_ID => TEXT,
        types::PageBlockCover::CONSTRUCTOR_ID
        | types::PageBlockEmbedPost::CONSTRUCTOR_ID
        | types::PageBlockCollage::CONSTRUCTOR_ID
        | types::PageBlockSlideshow::CONSTRUCTOR_ID
        | types::PageBlockDetails::CONSTRUCTOR_ID
        | types::PageBlockBlockquoteBlocks::CONSTRUCTOR_ID
        | types::PageListItemBlocks::CONSTRUCTOR_ID
        | types::PageListOrderedItemBlocks::CONSTRUCTOR_ID => BLOCK,
        types::MessageExtendedMedia::CONSTRUCTOR_ID
        | types::MessageMediaPoll::CONSTRUCTOR_ID
        | types::StoryItem::CONSTRUCTOR_ID
        | types::InputMediaInvoice::CONSTRUCTOR_ID
        | types::InputMediaPoll::CONSTRUCTOR_ID
        | types::InputMediaPaidMedia::CONSTRUCTOR_ID => MEDIA,
        _ => 0,
    }
}

#[cfg(test)]
mod tests;
