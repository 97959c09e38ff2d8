//! Wraps packets for sending.
//!
//! The two ends differ only in what the client sends before everything else, and in that only servers send transport errors.

use rand::{Rng, RngExt};

use super::{
    ABRIDGED_LONG, ABRIDGED_TAG, FULL_OVERHEAD, Framing, INTERMEDIATE_TAG, MAX_PADDING, PADDED_TAG, checksum,
};
use crate::mtproto::obfuscated::Keystream;

/// Wraps packets for sending.
#[derive(Debug)]
pub struct Encoder {
    framing: Framing,
    next_number: u32,
    keystream: Option<Keystream>,
}

impl Encoder {
    pub fn new(framing: Framing) -> Encoder {
        Encoder { framing, next_number: 0, keystream: None }
    }

    /// The same under a stream cipher, which stands behind the header of the connection.
    pub fn hidden(framing: Framing, keystream: Keystream) -> Encoder {
        Encoder { keystream: Some(keystream), ..Encoder::new(framing) }
    }

    /// What a client sends before its first packet, unless the stream is obfuscated and has a header.
    pub fn tag(&self) -> &'static [u8] {
        match self.framing {
            _ if self.keystream.is_some() => &[],
            Framing::Full => &[],
            Framing::Abridged => &[ABRIDGED_TAG],
            Framing::Intermediate => &INTERMEDIATE_TAG,
            Framing::PaddedIntermediate => &PADDED_TAG,
        }
    }

    /// A packet has a length divisible by four, as every MTProto packet does. `rng` makes the padding of the padded framing.
    pub fn encode(&mut self, packet: &[u8], rng: &mut impl Rng) -> Vec<u8> {
        let padding = match self.framing {
            Framing::PaddedIntermediate => rng.random_range(0..=MAX_PADDING),
            _ => 0,
        };
        let mut bytes = self.frame(packet, padding);
        let padded_from = bytes.len() - padding;
        rng.fill_bytes(bytes.get_mut(padded_from..).unwrap_or_default());
        self.hide(bytes)
    }

    /// A transport error as clients of this framing expect it: the four bytes alone in the full framing, else as a packet, which is
    /// never padded, for its length is what tells it from others.
    pub fn encode_error(&mut self, code: i32) -> Vec<u8> {
        let bytes = match self.framing {
            Framing::Full => code.to_le_bytes().to_vec(),
            _ => self.frame(&code.to_le_bytes(), 0),
        };
        self.hide(bytes)
    }

    /// Header, packet, room for the padding, trailer.
    fn frame(&mut self, packet: &[u8], padding: usize) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(packet.len() + FULL_OVERHEAD + padding);
        match self.framing {
            Framing::Full => {
                bytes.extend(((packet.len() + FULL_OVERHEAD) as u32).to_le_bytes());
                bytes.extend(self.next_number.to_le_bytes());
                bytes.extend(packet);
                bytes.extend(checksum(&bytes).to_le_bytes());
                self.next_number = self.next_number.wrapping_add(1);
            }
            Framing::Abridged => {
                let words = (packet.len() / 4) as u32;
                match u8::try_from(words) {
                    Ok(short) if short < ABRIDGED_LONG => bytes.push(short),
                    _ => bytes.extend((words << 8 | u32::from(ABRIDGED_LONG)).to_le_bytes()),
                }
                bytes.extend(packet);
            }
            Framing::Intermediate | Framing::PaddedIntermediate => {
                bytes.extend(((packet.len() + padding) as u32).to_le_bytes());
                bytes.extend(packet);
                bytes.resize(bytes.len() + padding, 0);
            }
        }
        bytes
    }

    fn hide(&mut self, mut bytes: Vec<u8>) -> Vec<u8> {
        if let Some(keystream) = &mut self.keystream {
            keystream.apply(&mut bytes);
        }
        bytes
    }
}
