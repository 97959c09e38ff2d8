//! What the first bytes of a client say.
//!
//! The framings were made to be told apart: the tags are no lengths that a full packet could have, and the header of an obfuscated
//! stream, which is noise to everybody else, must not begin like any of them. So at most 64 bytes decide.

use super::{
    ABRIDGED_TAG, Decoder, Encoder, End, FULL_OVERHEAD, Framing, INTERMEDIATE_TAG, MAX_PACKET_LEN, PADDED_TAG,
};
use crate::mtproto::obfuscated::{self, HEADER_LEN};

/// What the first bytes of a connection say.
#[derive(Debug)]
pub enum Detection {
    /// [`HEADER_LEN`] bytes decide in any case.
    NeedMore,
    Found(Box<Opening>),
    /// None of the framings: HTTP, TLS, or noise.
    Unknown,
}

/// How a client talks.
#[derive(Debug)]
pub struct Opening {
    pub framing: Framing,
    /// How many bytes its tag or header has taken: the first packet follows.
    pub len: usize,
    /// Of an obfuscated stream: the data centre that the client wants to be brought to. Only a proxy needs to know.
    pub dc_id: Option<i16>,
    pub encoder: Encoder,
    pub decoder: Decoder,
}

impl Opening {
    fn plain(framing: Framing, len: usize) -> Detection {
        let (encoder, decoder) = (Encoder::new(framing), Decoder::new(framing, End::Server));
        Detection::Found(Box::new(Opening { framing, len, dc_id: None, encoder, decoder }))
    }
}

/// Tells the framings apart by the first bytes of a client, and makes the server's end of them.
pub fn detect(first: &[u8]) -> Detection {
    match first {
        [ABRIDGED_TAG, ..] => Opening::plain(Framing::Abridged, 1),
        [a, b, c, d, rest @ ..] => match [*a, *b, *c, *d] {
            INTERMEDIATE_TAG => Opening::plain(Framing::Intermediate, 4),
            PADDED_TAG => Opening::plain(Framing::PaddedIntermediate, 4),
            word if obfuscated::is_reserved(&word) => Detection::Unknown,
            word => match rest {
                [0, 0, 0, 0, ..] if is_full_length(word) => Opening::plain(Framing::Full, 0),
                [0, 0, 0, 0, ..] => Detection::Unknown,
                _ => detect_obfuscated(first),
            },
        },
        _ => Detection::NeedMore,
    }
}

fn is_full_length(word: [u8; 4]) -> bool {
    (FULL_OVERHEAD..=MAX_PACKET_LEN + FULL_OVERHEAD).contains(&(u32::from_le_bytes(word) as usize))
}

fn detect_obfuscated(first: &[u8]) -> Detection {
    let Some(header) = first.first_chunk::<HEADER_LEN>() else { return Detection::NeedMore };
    let Some(accepted) = obfuscated::accept(header, None) else { return Detection::Unknown };
    let obfuscated::Accepted { hidden, dc_id, sending, receiving } = accepted;
    let framing = hidden.framing();
    Detection::Found(Box::new(Opening {
        framing,
        len: HEADER_LEN,
        dc_id: Some(dc_id),
        encoder: Encoder::hidden(framing, sending),
        decoder: Decoder::hidden(framing, End::Server, receiving),
    }))
}
