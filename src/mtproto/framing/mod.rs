//! How packets are cut out of a TCP stream: full, abridged, intermediate and padded intermediate, for both ends.
//!
//! A client chooses its framing by the first bytes it sends, and may hide all of it, these bytes included, under a stream cipher
//! ([`obfuscated`](super::obfuscated)). A decoder is fed whatever arrives and yields whole packets; a packet that states more than
//! [`MAX_PACKET_LEN`] bytes is refused when its length is read, so nobody makes us hold more than that.

mod decoder;
mod detect;
mod encoder;
#[cfg(test)]
mod tests;

pub use decoder::{Decoder, Frame, FramingFault};
pub use detect::{Detection, Opening, detect};
pub use encoder::Encoder;

use flate2::Crc;

/// The longest packet, bytes: 1 MiB of content and its envelopes. Clients of this protocol never need more.
pub const MAX_PACKET_LEN: usize = (1 << 20) + 8 * 1024;
/// "This authorization key is not known here."
pub const AUTH_KEY_NOT_FOUND: i32 = -404;

const ABRIDGED_TAG: u8 = 0xef;
const INTERMEDIATE_TAG: [u8; 4] = [0xee; 4];
const PADDED_TAG: [u8; 4] = [0xdd; 4];
/// In an abridged header: the length follows in three bytes.
const ABRIDGED_LONG: u8 = 0x7f;
/// Length, sequence number and checksum of the full framing, bytes.
const FULL_OVERHEAD: usize = 12;
/// What the padded framing may add to a packet, bytes.
const MAX_PADDING: usize = 15;

/// A way of cutting a stream into packets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Framing {
    /// Length, running number, packet, CRC32; recognisable by its first running number, 0.
    Full,
    /// One or four bytes of length, in words of four bytes.
    Abridged,
    /// Four bytes of length.
    Intermediate,
    /// Four bytes of length, then the packet and up to 15 random bytes, so that lengths tell less.
    PaddedIntermediate,
}

/// Which end of the connection this is: only the client is sent transport errors, only the server quick-acknowledgement wishes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    Client,
    Server,
}

fn checksum(bytes: &[u8]) -> u32 {
    let mut crc = Crc::new();
    crc.update(bytes);
    crc.sum()
}
