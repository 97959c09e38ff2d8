//! Obfuscated streams: a framing under a stream cipher, behind 64 bytes that look like noise.
//!
//! The cipher hides nothing from anybody who knows the format, since its keys stand in the header; it hides from simple filters that
//! this is MTProto at all. With the secret of an MTProxy mixed into the keys only that proxy can read the header, which names the
//! framing and the data centre. Both ends are here, so that client, server and a proxy in a test agree by construction.

use aes::Aes256;
use ctr::Ctr128BE;
use ctr::cipher::{KeyIvInit, StreamCipher};
use rand::Rng;
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use super::framing::{Decoder, Encoder, End, Framing};

/// The header of an obfuscated stream, bytes.
pub const HEADER_LEN: usize = 64;

/// Where key, initial vector, protocol tag and data centre stand in it.
const KEY: std::ops::Range<usize> = 8..40;
const IV: std::ops::Range<usize> = 40..56;
const TAG: std::ops::Range<usize> = 56..60;
const DC: std::ops::Range<usize> = 60..62;
/// What is sent as it was drawn; the rest is sent encrypted.
const CLEAR: usize = 56;

/// A header must not begin like something else: the tags of the framings, HTTP's methods, a TLS record.
const RESERVED: [[u8; 4]; 7] =
    [*b"HEAD", *b"POST", *b"GET ", *b"OPTI", [0xdd; 4], [0xee; 4], [0x16, 0x03, 0x01, 0x02]];
const RESERVED_BYTE: u8 = 0xef;

/// The secret of an MTProxy.
pub type Secret = [u8; 16];

/// The framings that can be hidden: those that have a tag.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hidden {
    Abridged,
    Intermediate,
    PaddedIntermediate,
}

impl Hidden {
    pub const ALL: [Hidden; 3] = [Hidden::Abridged, Hidden::Intermediate, Hidden::PaddedIntermediate];

    pub fn framing(self) -> Framing {
        match self {
            Hidden::Abridged => Framing::Abridged,
            Hidden::Intermediate => Framing::Intermediate,
            Hidden::PaddedIntermediate => Framing::PaddedIntermediate,
        }
    }

    fn tag(self) -> [u8; 4] {
        match self {
            Hidden::Abridged => [0xef; 4],
            Hidden::Intermediate => [0xee; 4],
            Hidden::PaddedIntermediate => [0xdd; 4],
        }
    }

    fn of_tag(tag: [u8; 4]) -> Option<Hidden> {
        Hidden::ALL.into_iter().find(|hidden| hidden.tag() == tag)
    }
}

/// One direction's cipher, AES-256-CTR; it goes on from where it stands.
pub struct Keystream(Ctr128BE<Aes256>);

impl Keystream {
    /// Encrypts or decrypts in place, which is the same.
    pub fn apply(&mut self, bytes: &mut [u8]) {
        self.0.apply_keystream(bytes);
    }

    /// From a header as it reads in this direction.
    fn of_header(header: &[u8; HEADER_LEN], secret: Option<&Secret>) -> Keystream {
        let mut key = Zeroizing::new([0; 32]);
        key.copy_from_slice(&header[KEY]);
        if let Some(secret) = secret {
            let mixed = Sha256::new().chain_update(*key).chain_update(secret).finalize();
            key.copy_from_slice(&mixed);
        }
        let mut iv = [0; 16];
        iv.copy_from_slice(&header[IV]);
        Keystream(Ctr128BE::new((&*key).into(), (&iv).into()))
    }
}

impl std::fmt::Debug for Keystream {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Keystream(..)")
    }
}

/// The client's beginning of a stream.
#[derive(Debug)]
pub struct Proposed {
    /// What it sends before everything else.
    pub header: [u8; HEADER_LEN],
    pub encoder: Encoder,
    pub decoder: Decoder,
}

/// Begins a stream as a client. `dc_id` is of interest to a proxy only; it is negative for media, and 10000 more for test servers.
pub fn propose(hidden: Hidden, dc_id: i16, secret: Option<&Secret>, rng: &mut impl Rng) -> Proposed {
    let mut header = unreserved(rng);
    header[TAG].copy_from_slice(&hidden.tag());
    header[DC].copy_from_slice(&dc_id.to_le_bytes());
    let receiving = Keystream::of_header(&turned(&header), secret);
    let mut sending = Keystream::of_header(&header, secret);
    let mut encrypted = header;
    sending.apply(&mut encrypted);
    header[CLEAR..].copy_from_slice(&encrypted[CLEAR..]);
    let framing = hidden.framing();
    Proposed {
        header,
        encoder: Encoder::hidden(framing, sending),
        decoder: Decoder::hidden(framing, End::Client, receiving),
    }
}

/// The server's beginning: what a header said.
#[derive(Debug)]
pub struct Accepted {
    pub hidden: Hidden,
    pub dc_id: i16,
    pub sending: Keystream,
    pub receiving: Keystream,
}

/// Reads a client's header; `None` if it is none, or made with another secret.
pub fn accept(header: &[u8; HEADER_LEN], secret: Option<&Secret>) -> Option<Accepted> {
    let mut receiving = Keystream::of_header(header, secret);
    let sending = Keystream::of_header(&turned(header), secret);
    let mut plain = *header;
    receiving.apply(&mut plain);
    let [a, b, c, d, low, high, ..] = *plain.last_chunk::<8>()?;
    let hidden = Hidden::of_tag([a, b, c, d])?;
    Some(Accepted { hidden, dc_id: i16::from_le_bytes([low, high]), sending, receiving })
}

/// Whether a stream that begins so is no obfuscated one.
pub fn is_reserved(word: &[u8; 4]) -> bool {
    RESERVED.contains(word) || word[0] == RESERVED_BYTE
}

/// Noise that begins like nothing known. Four zeros behind the first word would be a packet in the full framing.
fn unreserved(rng: &mut impl Rng) -> [u8; HEADER_LEN] {
    let mut header = [0; HEADER_LEN];
    loop {
        rng.fill_bytes(&mut header);
        let [a, b, c, d, e, f, g, h, ..] = header;
        if !is_reserved(&[a, b, c, d]) && [e, f, g, h] != [0; 4] {
            return header;
        }
    }
}

/// The header as the other direction takes its key from it: key and vector read backwards.
fn turned(header: &[u8; HEADER_LEN]) -> [u8; HEADER_LEN] {
    let mut turned = *header;
    turned[KEY.start..IV.end].reverse();
    turned
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mtproto::framing::Frame;

    const SECRET: Secret = *b"\x00\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b\x0c\x0d\x0e\x0f";

    /// What the cipher makes of the header `0x10, 0x11, ...` with the padded tag, data centre -2 and `4e 4f` behind them, computed by
    /// another implementation of AES-CTR: the header's last 8 bytes, a packet of 40 bytes as far as its key id, and what the server's
    /// direction encrypts 16 zeros to.
    const VECTORS: [(Option<Secret>, &str, &str, &str); 2] = [
        (None, "0f7eab4489c94b98", "3d949fe2b8cb06c0aa774203e0210520", "b062e3c44fe6aa2e39ca353dc48fbdd9"),
        (
            Some(SECRET),
            "cd1e4b2a6071ad59",
            "588fedc3cab0c0c3d4da66fcd62c8760",
            "20558df703a14c62545aadff9df2acfe",
        ),
    ];

    fn unhex(hex: &str) -> Vec<u8> {
        (0..hex.len()).step_by(2).map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap()).collect()
    }

    /// The header of the vectors as it goes over the wire.
    fn header(end: &str) -> [u8; HEADER_LEN] {
        let mut header = [0; HEADER_LEN];
        header.iter_mut().zip(0x10..).for_each(|(byte, value)| *byte = value);
        header[CLEAR..].copy_from_slice(&unhex(end));
        header
    }

    #[test]
    fn a_header_reads_as_others_write_it() {
        for (secret, end, sent, received) in VECTORS {
            let mut accepted = accept(&header(end), secret.as_ref()).unwrap();
            assert_eq!((accepted.hidden, accepted.dc_id), (Hidden::PaddedIntermediate, -2));
            let mut packet = unhex(sent);
            accepted.receiving.apply(&mut packet);
            assert_eq!(packet, [&[40, 0, 0, 0][..], &[0; 12]].concat());
            let mut answer = vec![0; 16];
            accepted.sending.apply(&mut answer);
            assert_eq!(answer, unhex(received));
        }
        for (secret, other) in [(None, 1), (Some(SECRET), 0)] {
            assert!(accept(&header(VECTORS[other].1), secret.as_ref()).is_none());
        }
    }

    #[test]
    fn both_ends_agree_and_only_with_one_secret() {
        for secret in [None, Some(SECRET)] {
            for hidden in Hidden::ALL {
                let mut proposed = propose(hidden, 4, secret.as_ref(), &mut rand::rng());
                let mut accepted = accept(&proposed.header, secret.as_ref()).unwrap();
                assert_eq!((accepted.hidden, accepted.dc_id), (hidden, 4));
                assert!(accept(&proposed.header, Some(&[9; 16])).is_none());
                let mut wire = proposed.encoder.encode(&[7; 40], &mut rand::rng());
                accepted.receiving.apply(&mut wire);
                assert!(wire.windows(40).any(|window| window == [7; 40]));
                let mut answer = Encoder::new(hidden.framing()).encode(&[8; 40], &mut rand::rng());
                accepted.sending.apply(&mut answer);
                proposed.decoder.feed(&answer);
                assert_eq!(proposed.decoder.next_frame(), Ok(Some(Frame::Packet(vec![8; 40]))));
            }
        }
    }

    /// Yields the headers it is given, one after the other.
    struct Drawn(Vec<[u8; HEADER_LEN]>);

    impl rand::TryRng for Drawn {
        type Error = std::convert::Infallible;

        fn try_next_u32(&mut self) -> Result<u32, Self::Error> {
            Ok(0)
        }

        fn try_next_u64(&mut self) -> Result<u64, Self::Error> {
            Ok(0)
        }

        fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Self::Error> {
            bytes.copy_from_slice(&self.0.remove(0));
            Ok(())
        }
    }

    #[test]
    fn a_header_begins_like_nothing_known() {
        let beginning = |first: &[u8]| {
            let mut header = [0x55; HEADER_LEN];
            header[..first.len()].copy_from_slice(first);
            header
        };
        let mut drawn: Vec<_> = [
            &b"HEAD"[..],
            b"POST",
            b"GET ",
            b"OPTI",
            &[0xdd; 4],
            &[0xee; 4],
            &[0x16, 3, 1, 2],
            &[0xef],
            &[0x55, 0x55, 0x55, 0x55, 0, 0, 0, 0],
        ]
        .map(beginning)
        .to_vec();
        drawn.push([0x66; HEADER_LEN]);
        let mut drawn = Drawn(drawn);
        let proposed = propose(Hidden::Abridged, 2, None, &mut drawn);
        assert!(drawn.0.is_empty());
        assert_eq!(proposed.header[..CLEAR], [0x66; CLEAR]);
    }
}
