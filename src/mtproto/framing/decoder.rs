//! Cuts a stream into packets.
//!
//! All of it works on bytes that a stranger sent: lengths are bounded before anything is kept for them, and what does not fit is a
//! fault, after which the stream is lost.

use super::{ABRIDGED_LONG, End, FULL_OVERHEAD, Framing, MAX_PACKET_LEN, MAX_PADDING, checksum};
use crate::mtproto::obfuscated::Keystream;

/// In the header of a packet to the server: the client would like a quick acknowledgement. It is a wish; none is sent.
const QUICK_ACK_BYTE: u8 = 0x80;
const QUICK_ACK_WORD: u32 = 0x8000_0000;
/// Transport errors are small negative numbers: HTTP-like codes.
const ERROR_CODES: std::ops::RangeInclusive<i32> = -999..=-1;
/// Before the content of an unencrypted message: key id, message id, length. Of a sealed one: key id and message key.
const PLAIN_HEADER: usize = 20;
const SEALED_HEADER: usize = 24;
/// What is sealed is whole AES blocks, bytes.
const BLOCK: usize = 16;

/// One piece of the stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Frame {
    Packet(Vec<u8>),
    /// The server's refusal at transport level, as a negative number; [`AUTH_KEY_NOT_FOUND`](super::AUTH_KEY_NOT_FOUND) is the usual
    /// one. Nothing authenticates it: whoever is on the path can send it.
    TransportError(i32),
}

/// Why the stream can no longer be cut. The connection is lost: there is no way to find the next packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FramingFault {
    #[error("a packet states an impossible length ({0} bytes)")]
    Length(i64),
    #[error("a packet has the running number {got} instead of {expected}")]
    Sequence { expected: u32, got: u32 },
    #[error("the checksum of a packet does not fit its bytes")]
    Checksum,
}

/// Cuts a stream into packets.
#[derive(Debug)]
pub struct Decoder {
    framing: Framing,
    end: End,
    buffer: Vec<u8>,
    next_number: u32,
    keystream: Option<Keystream>,
}

/// Where the next packet lies in the buffer.
struct Layout {
    header: usize,
    packet: usize,
    trailer: usize,
}

enum Head {
    Incomplete,
    Packet(Layout),
    Error(i32),
}

impl Decoder {
    /// For the client, `framing` is its own choice; for the server, what [`detect`](super::detect()) found (feed it everything behind
    /// the tag).
    pub fn new(framing: Framing, end: End) -> Decoder {
        Decoder { framing, end, buffer: Vec::new(), next_number: 0, keystream: None }
    }

    /// The same under a stream cipher, which stands behind the header of the connection.
    pub fn hidden(framing: Framing, end: End, keystream: Keystream) -> Decoder {
        Decoder { keystream: Some(keystream), ..Decoder::new(framing, end) }
    }

    /// Adds bytes. Call [`Decoder::next_frame`] until it yields `None` before feeding more, so that no more than one packet is held.
    pub fn feed(&mut self, bytes: &[u8]) {
        let held = self.buffer.len();
        self.buffer.extend_from_slice(bytes);
        if let Some(keystream) = &mut self.keystream {
            keystream.apply(self.buffer.get_mut(held..).unwrap_or_default());
        }
    }

    /// The next whole piece; `None` if more bytes are needed. After an error the stream is lost.
    pub fn next_frame(&mut self) -> Result<Option<Frame>, FramingFault> {
        let layout = match self.read_head()? {
            Head::Incomplete => return Ok(None),
            Head::Error(code) => {
                self.buffer.drain(..4);
                return Ok(Some(Frame::TransportError(code)));
            }
            Head::Packet(layout) => layout,
        };
        let end = layout.header + layout.packet;
        let total = end + layout.trailer;
        if self.buffer.len() < total {
            return Ok(None);
        }
        if self.framing == Framing::Full {
            self.check_full(end)?;
        }
        let packet = self.buffer[layout.header..end].to_vec();
        self.buffer.drain(..total);
        Ok(Some(self.interpret(packet)))
    }

    fn read_head(&self) -> Result<Head, FramingFault> {
        match self.framing {
            Framing::Full => self.read_full_head(),
            Framing::Abridged => self.read_abridged_head(),
            Framing::Intermediate => self.read_intermediate_head(MAX_PACKET_LEN),
            Framing::PaddedIntermediate => self.read_intermediate_head(MAX_PACKET_LEN + MAX_PADDING),
        }
    }

    fn read_full_head(&self) -> Result<Head, FramingFault> {
        let Some(word) = self.buffer.first_chunk::<4>() else { return Ok(Head::Incomplete) };
        let stated = i32::from_le_bytes(*word);
        if self.end == End::Client && ERROR_CODES.contains(&stated) {
            return Ok(Head::Error(stated));
        }
        let fault = FramingFault::Length(i64::from(stated));
        let packet =
            usize::try_from(stated).ok().and_then(|length| length.checked_sub(FULL_OVERHEAD)).ok_or(fault)?;
        bounded(Layout { header: 8, packet, trailer: 4 }, MAX_PACKET_LEN)
    }

    fn read_abridged_head(&self) -> Result<Head, FramingFault> {
        let Some(&first) = self.buffer.first() else { return Ok(Head::Incomplete) };
        let first = if self.end == End::Server { first & !QUICK_ACK_BYTE } else { first };
        if first < ABRIDGED_LONG {
            return bounded(Layout { header: 1, packet: usize::from(first) * 4, trailer: 0 }, MAX_PACKET_LEN);
        }
        let Some(&[_, a, b, c]) = self.buffer.first_chunk::<4>() else { return Ok(Head::Incomplete) };
        let words = u32::from_le_bytes([a, b, c, 0]) as usize;
        bounded(Layout { header: 4, packet: words * 4, trailer: 0 }, MAX_PACKET_LEN)
    }

    fn read_intermediate_head(&self, longest: usize) -> Result<Head, FramingFault> {
        let Some(word) = self.buffer.first_chunk::<4>() else { return Ok(Head::Incomplete) };
        let stated = u32::from_le_bytes(*word);
        let stated = if self.end == End::Server { stated & !QUICK_ACK_WORD } else { stated };
        bounded(Layout { header: 4, packet: stated as usize, trailer: 0 }, longest)
    }

    /// Checks running number and checksum of the packet that ends at `end`.
    fn check_full(&mut self, end: usize) -> Result<(), FramingFault> {
        let got = word_at(&self.buffer, 4);
        if got != self.next_number {
            return Err(FramingFault::Sequence { expected: self.next_number, got });
        }
        if word_at(&self.buffer, end) != checksum(&self.buffer[..end]) {
            return Err(FramingFault::Checksum);
        }
        self.next_number = self.next_number.wrapping_add(1);
        Ok(())
    }

    /// A packet of four bytes to a client is a transport error: real packets begin with eight bytes of key id. In the padded framing
    /// the four bytes may have padding, and are still shorter than the shortest real packet.
    fn interpret(&self, mut packet: Vec<u8>) -> Frame {
        let longest_error = match self.framing {
            Framing::PaddedIntermediate => 4 + MAX_PADDING,
            _ => 4,
        };
        match (self.end, packet.first_chunk::<4>()) {
            (End::Client, Some(word)) if packet.len() <= longest_error => {
                Frame::TransportError(i32::from_le_bytes(*word))
            }
            _ => {
                if self.framing == Framing::PaddedIntermediate {
                    packet.truncate(unpadded_len(&packet));
                }
                Frame::Packet(packet)
            }
        }
    }
}

/// The framing does not say how much it padded; the packet itself does.
fn unpadded_len(packet: &[u8]) -> usize {
    let own = match packet.first_chunk::<8>() {
        Some([0, 0, 0, 0, 0, 0, 0, 0]) => PLAIN_HEADER.saturating_add(word_at(packet, 16) as usize),
        Some(_) => packet.len() - packet.len().saturating_sub(SEALED_HEADER) % BLOCK,
        None => packet.len(),
    };
    // A length that leaves more than padding behind it is a lie, which the next reader shall see.
    if own <= packet.len() && packet.len() - own <= MAX_PADDING { own } else { packet.len() }
}

fn bounded(layout: Layout, longest: usize) -> Result<Head, FramingFault> {
    if layout.packet > longest {
        return Err(FramingFault::Length(layout.packet as i64));
    }
    Ok(Head::Packet(layout))
}

fn word_at(bytes: &[u8], at: usize) -> u32 {
    bytes.get(at..).and_then(|rest| rest.first_chunk::<4>()).map_or(0, |word| u32::from_le_bytes(*word))
}
