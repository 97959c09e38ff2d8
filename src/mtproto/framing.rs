//! How packets are cut out of a TCP stream: the framings full, abridged and intermediate, for both ends.
//!
//! A client chooses its framing by the first bytes it sends. A decoder is fed whatever arrives and yields whole packets; a packet
//! that states more than [`MAX_PACKET_LEN`] bytes is refused when its length is read, so nobody makes us hold more than that.

use flate2::Crc;

/// The longest packet, bytes: 1 MiB of content and its envelopes. Clients of this protocol never need more.
pub const MAX_PACKET_LEN: usize = (1 << 20) + 8 * 1024;
/// "This authorization key is not known here."
pub const AUTH_KEY_NOT_FOUND: i32 = -404;

const ABRIDGED_TAG: u8 = 0xef;
const INTERMEDIATE_TAG: [u8; 4] = [0xee; 4];
/// In an abridged header: the length follows in three bytes.
const ABRIDGED_LONG: u8 = 0x7f;
/// In the header of a packet to the server: the client would like a quick acknowledgement. It is a wish; none is sent.
const QUICK_ACK_BYTE: u8 = 0x80;
const QUICK_ACK_WORD: u32 = 0x8000_0000;
/// Length, sequence number and checksum of the full framing, bytes.
const FULL_OVERHEAD: usize = 12;
/// Transport errors are small negative numbers: HTTP-like codes.
const ERROR_CODES: std::ops::RangeInclusive<i32> = -999..=-1;

/// A way of cutting a stream into packets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Framing {
    /// Length, running number, packet, CRC32; recognisable by its first running number, 0.
    Full,
    /// One or four bytes of length, in words of four bytes.
    Abridged,
    /// Four bytes of length.
    Intermediate,
}

/// Which end of the connection this is: only the client is sent transport errors, only the server quick-acknowledgement wishes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    Client,
    Server,
}

/// What the first bytes of a connection say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Detection {
    /// Eight bytes decide in any case.
    NeedMore,
    /// The framing, and how many bytes its tag has taken.
    Found { framing: Framing, tag_len: usize },
    /// Neither of the three: an obfuscated or padded stream, HTTP, or noise.
    Unknown,
}

/// One piece of the stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Frame {
    Packet(Vec<u8>),
    /// The server's refusal at transport level, as a negative number; [`AUTH_KEY_NOT_FOUND`] is the usual one. Nothing
    /// authenticates it: whoever is on the path can send it.
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

/// Tells the framings apart by the first bytes of a client.
pub fn detect(first: &[u8]) -> Detection {
    match first {
        [ABRIDGED_TAG, ..] => Detection::Found { framing: Framing::Abridged, tag_len: 1 },
        [a, b, c, d, ..] if [*a, *b, *c, *d] == INTERMEDIATE_TAG => {
            Detection::Found { framing: Framing::Intermediate, tag_len: 4 }
        }
        [l0, l1, l2, l3, rest @ ..] => {
            let length = u32::from_le_bytes([*l0, *l1, *l2, *l3]) as usize;
            let plausible = (FULL_OVERHEAD..=MAX_PACKET_LEN + FULL_OVERHEAD).contains(&length);
            match (plausible, rest) {
                (true, [0, 0, 0, 0, ..]) => Detection::Found { framing: Framing::Full, tag_len: 0 },
                (true, rest) if rest.len() < 4 => Detection::NeedMore,
                _ => Detection::Unknown,
            }
        }
        _ => Detection::NeedMore,
    }
}

/// Wraps packets for sending.
#[derive(Debug)]
pub struct Encoder {
    framing: Framing,
    next_number: u32,
}

impl Encoder {
    pub fn new(framing: Framing) -> Encoder {
        Encoder { framing, next_number: 0 }
    }

    /// What a client sends before its first packet.
    pub fn tag(&self) -> &'static [u8] {
        match self.framing {
            Framing::Full => &[],
            Framing::Abridged => &[ABRIDGED_TAG],
            Framing::Intermediate => &INTERMEDIATE_TAG,
        }
    }

    /// A packet has a length divisible by four, as every MTProto packet does.
    pub fn encode(&mut self, packet: &[u8]) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(packet.len() + FULL_OVERHEAD);
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
            Framing::Intermediate => {
                bytes.extend((packet.len() as u32).to_le_bytes());
                bytes.extend(packet);
            }
        }
        bytes
    }

    /// A transport error as clients of this framing expect it: the four bytes alone in the full framing, else as a packet.
    pub fn encode_error(&mut self, code: i32) -> Vec<u8> {
        match self.framing {
            Framing::Full => code.to_le_bytes().to_vec(),
            Framing::Abridged | Framing::Intermediate => self.encode(&code.to_le_bytes()),
        }
    }
}

/// Cuts a stream into packets.
#[derive(Debug)]
pub struct Decoder {
    framing: Framing,
    end: End,
    buffer: Vec<u8>,
    next_number: u32,
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
    /// For the client, `framing` is its own choice; for the server, what [`detect`] found (feed it everything behind the tag).
    pub fn new(framing: Framing, end: End) -> Decoder {
        Decoder { framing, end, buffer: Vec::new(), next_number: 0 }
    }

    /// Adds bytes. Call [`Decoder::next_frame`] until it yields `None` before feeding more, so that no more than one packet is held.
    pub fn feed(&mut self, bytes: &[u8]) {
        self.buffer.extend_from_slice(bytes);
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
            Framing::Intermediate => self.read_intermediate_head(),
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
        bounded(Layout { header: 8, packet, trailer: 4 })
    }

    fn read_abridged_head(&self) -> Result<Head, FramingFault> {
        let Some(&first) = self.buffer.first() else { return Ok(Head::Incomplete) };
        let first = if self.end == End::Server { first & !QUICK_ACK_BYTE } else { first };
        if first < ABRIDGED_LONG {
            return bounded(Layout { header: 1, packet: usize::from(first) * 4, trailer: 0 });
        }
        let Some(&[_, a, b, c]) = self.buffer.first_chunk::<4>() else { return Ok(Head::Incomplete) };
        let words = u32::from_le_bytes([a, b, c, 0]) as usize;
        bounded(Layout { header: 4, packet: words * 4, trailer: 0 })
    }

    fn read_intermediate_head(&self) -> Result<Head, FramingFault> {
        let Some(word) = self.buffer.first_chunk::<4>() else { return Ok(Head::Incomplete) };
        let stated = u32::from_le_bytes(*word);
        let stated = if self.end == End::Server { stated & !QUICK_ACK_WORD } else { stated };
        bounded(Layout { header: 4, packet: stated as usize, trailer: 0 })
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

    /// A packet of four bytes to a client is a transport error: real packets begin with eight bytes of key id.
    fn interpret(&self, packet: Vec<u8>) -> Frame {
        match (self.end, packet.first_chunk::<4>()) {
            (End::Client, Some(word)) if packet.len() == 4 => {
                Frame::TransportError(i32::from_le_bytes(*word))
            }
            _ => Frame::Packet(packet),
        }
    }
}

fn bounded(layout: Layout) -> Result<Head, FramingFault> {
    if layout.packet > MAX_PACKET_LEN {
        return Err(FramingFault::Length(layout.packet as i64));
    }
    Ok(Head::Packet(layout))
}

fn word_at(bytes: &[u8], at: usize) -> u32 {
    bytes.get(at..).and_then(|rest| rest.first_chunk::<4>()).map_or(0, |word| u32::from_le_bytes(*word))
}

fn checksum(bytes: &[u8]) -> u32 {
    let mut crc = Crc::new();
    crc.update(bytes);
    crc.sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [Framing; 3] = [Framing::Full, Framing::Abridged, Framing::Intermediate];

    fn packet(len: usize) -> Vec<u8> {
        (0..len).map(|i| (i % 251) as u8).collect()
    }

    fn drain(decoder: &mut Decoder) -> Vec<Frame> {
        std::iter::from_fn(|| decoder.next_frame().unwrap()).collect()
    }

    #[test]
    fn cuts_a_stream_however_it_arrives() {
        for framing in ALL {
            let mut encoder = Encoder::new(framing);
            let packets: Vec<_> = [8, 504, 508, 512, 4000].map(packet).to_vec();
            let stream: Vec<u8> = packets.iter().flat_map(|packet| encoder.encode(packet)).collect();
            let expected: Vec<_> = packets.into_iter().map(Frame::Packet).collect();
            for step in [1, 3, 7, 1000, stream.len()] {
                let mut decoder = Decoder::new(framing, End::Server);
                let mut frames = Vec::new();
                for piece in stream.chunks(step) {
                    decoder.feed(piece);
                    frames.extend(drain(&mut decoder));
                }
                assert_eq!(frames, expected, "{framing:?} in steps of {step}");
            }
        }
    }

    #[test]
    fn lays_bytes_out_as_documented() {
        assert_eq!(
            Encoder::new(Framing::Full).encode(&[1, 2, 3, 4]),
            [16, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3, 4, 66, 15, 181, 224].as_slice(),
        );
        assert_eq!(Encoder::new(Framing::Abridged).encode(&packet(8))[..2], [2, 0]);
        assert_eq!(Encoder::new(Framing::Abridged).encode(&packet(508))[..5], [0x7f, 127, 0, 0, 0]);
        assert_eq!(Encoder::new(Framing::Intermediate).encode(&packet(8))[..5], [8, 0, 0, 0, 0]);
    }

    #[test]
    fn tells_the_framings_apart() {
        for framing in ALL {
            let mut encoder = Encoder::new(framing);
            let mut stream = encoder.tag().to_vec();
            let tag_len = stream.len();
            stream.extend(encoder.encode(&packet(40)));
            assert_eq!(detect(&stream), Detection::Found { framing, tag_len });
            assert_eq!(detect(&stream[..8]), Detection::Found { framing, tag_len });
        }
        for short in [&[][..], &[0xee], &[0xee; 3], &[40, 0, 0, 0], &[40, 0, 0, 0, 0, 0, 0]] {
            assert_eq!(detect(short), Detection::NeedMore, "{short:?}");
        }
        for unknown in [&b"GET / HTTP/1.1"[..], &[0xdd; 4], &[40, 0, 0, 0, 1, 0, 0, 0], &[11, 0, 0, 0]] {
            assert_eq!(detect(unknown), Detection::Unknown, "{unknown:?}");
        }
    }

    #[test]
    fn a_transport_error_reaches_the_client() {
        for framing in ALL {
            let bytes = Encoder::new(framing).encode_error(AUTH_KEY_NOT_FOUND);
            if framing == Framing::Full {
                assert_eq!(bytes, [0x6c, 0xfe, 0xff, 0xff]);
            }
            let mut decoder = Decoder::new(framing, End::Client);
            decoder.feed(&bytes);
            assert_eq!(decoder.next_frame(), Ok(Some(Frame::TransportError(-404))));
            assert_eq!(decoder.next_frame(), Ok(None));
        }
    }

    #[test]
    fn refuses_lengths_before_the_bytes_arrive() {
        let cases: [(Framing, &[u8]); 6] = [
            (Framing::Full, &[11, 0, 0, 0]),
            (Framing::Full, &[0xff; 4]),
            (Framing::Full, &[0, 0, 0, 0x7f]),
            (Framing::Abridged, &[0x7f, 0xff, 0xff, 0xff]),
            (Framing::Abridged, &[0xff, 0xff, 0xff, 0xff]),
            (Framing::Intermediate, &[0, 0, 0x20, 0]),
        ];
        for (framing, bytes) in cases {
            let mut decoder = Decoder::new(framing, End::Server);
            decoder.feed(bytes);
            assert!(matches!(decoder.next_frame(), Err(FramingFault::Length(_))), "{framing:?} {bytes:?}");
        }
    }

    #[test]
    fn the_full_framing_checks_number_and_checksum() {
        let mut encoder = Encoder::new(Framing::Full);
        let first = encoder.encode(&packet(8));
        let second = encoder.encode(&packet(8));
        let mut decoder = Decoder::new(Framing::Full, End::Server);
        decoder.feed(&second);
        assert_eq!(decoder.next_frame(), Err(FramingFault::Sequence { expected: 0, got: 1 }));
        let mut damaged = first.clone();
        damaged[9] ^= 1;
        let mut decoder = Decoder::new(Framing::Full, End::Server);
        decoder.feed(&damaged);
        assert_eq!(decoder.next_frame(), Err(FramingFault::Checksum));
    }

    #[test]
    fn a_wish_for_a_quick_acknowledgement_is_read_past() {
        let mut decoder = Decoder::new(Framing::Abridged, End::Server);
        decoder.feed(&[0x82, 1, 2, 3, 4, 5, 6, 7, 8]);
        assert_eq!(decoder.next_frame(), Ok(Some(Frame::Packet(vec![1, 2, 3, 4, 5, 6, 7, 8]))));
        let mut decoder = Decoder::new(Framing::Intermediate, End::Server);
        decoder.feed(&[8, 0, 0, 0x80, 1, 2, 3, 4, 5, 6, 7, 8]);
        assert_eq!(decoder.next_frame(), Ok(Some(Frame::Packet(vec![1, 2, 3, 4, 5, 6, 7, 8]))));
    }
}
