//! The envelope of one message, MTProto 2.0: `fingerprint || msg_key || AES-256-IGE(length || payload || padding)`.
//!
//! Whoever carries an envelope can do anything with it, so nothing of it is believed before the message key has been
//! recomputed over all that was decrypted, padding included. What fails from then on fails in one and the same way. MTProto
//! 1.0 is not spoken: its envelopes do not open. Padding goes to a few sizes only, so that a size says little.

pub(in crate::secret) mod ige;

use rand::CryptoRng;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use super::chat::Side;
use super::key::{Fingerprint, SharedKey};

/// Larger envelopes are refused before anything is computed; the largest honest one carries a few kilobytes of text.
pub const MAX_ENVELOPE: usize = 1024 * 1024;

/// Fingerprint and message key.
const HEADER: usize = 8 + 16;

/// The length field before the payload.
const LENGTH: usize = 4;

const MIN_PADDING: usize = 12;
const MAX_PADDING: usize = 1024;

/// Sizes that the encrypted part is padded to; beyond the last one they go on in steps of [`STEP`].
const SIZES: [usize; 9] = [64, 128, 192, 256, 384, 512, 768, 1024, 1280];
const STEP: usize = 448;

/// An envelope that does not open. It is dropped, whatever the reason.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OpenFault {
    #[error("the envelope has a size that no message has")]
    Size,
    #[error("the envelope names another key")]
    UnknownKey,
    /// Wrong message key, wrong length or wrong padding: not told apart.
    #[error("the envelope was damaged on the way or forged")]
    Damaged,
}

/// Seals a payload (a multiple of 4 bytes, as all TL is); the padding is random in content and hides the payload's size.
pub fn seal(key: &SharedKey, writer: Side, payload: &[u8], rng: &mut dyn CryptoRng) -> Vec<u8> {
    let body = LENGTH + payload.len();
    let mut padding = vec![0; padded_size(body + MIN_PADDING) - body];
    rng.fill_bytes(&mut padding);
    enclose(key, writer, payload, &padding)
}

/// The same with given padding; `None` unless it has 12 to 1024 bytes and fills the last block.
pub fn seal_padded(key: &SharedKey, writer: Side, payload: &[u8], padding: &[u8]) -> Option<Vec<u8>> {
    let fits = (MIN_PADDING..=MAX_PADDING).contains(&padding.len())
        && (LENGTH + payload.len() + padding.len()).is_multiple_of(ige::BLOCK);
    fits.then(|| enclose(key, writer, payload, padding))
}

/// The smallest of the sizes that holds this many bytes.
fn padded_size(bytes: usize) -> usize {
    let last = SIZES[SIZES.len() - 1];
    match SIZES.into_iter().find(|&size| size >= bytes) {
        Some(size) => size,
        None => last + (bytes - last).next_multiple_of(STEP),
    }
}

fn enclose(key: &SharedKey, writer: Side, payload: &[u8], padding: &[u8]) -> Vec<u8> {
    let mut plain = Zeroizing::new(Vec::with_capacity(LENGTH + payload.len() + padding.len()));
    plain.extend_from_slice(&(payload.len() as u32).to_le_bytes());
    plain.extend_from_slice(payload);
    plain.extend_from_slice(padding);
    let msg_key = message_key(key, writer, &plain);
    let (aes_key, aes_iv) = message_cipher(key, writer, &msg_key);
    ige::encrypt(&aes_key, &aes_iv, plain.as_chunks_mut().0);
    [&key.fingerprint().0, &msg_key[..], &plain].concat()
}

/// The key that an envelope says it is sealed with; `None` if it is too short to say so.
pub fn named_key(envelope: &[u8]) -> Option<Fingerprint> {
    envelope.first_chunk().map(|bytes| Fingerprint(*bytes))
}

/// Whether something of this size can be an envelope at all.
pub fn possible(envelope: &[u8]) -> bool {
    parts(envelope).is_some()
}

/// Names and ciphertext, if the sizes are right.
fn parts(envelope: &[u8]) -> Option<(&[u8; HEADER], &[u8])> {
    let (header, sealed) = envelope.split_first_chunk::<HEADER>()?;
    let right =
        envelope.len() <= MAX_ENVELOPE && !sealed.is_empty() && sealed.len().is_multiple_of(ige::BLOCK);
    right.then_some((header, sealed))
}

/// Opens what `writer` sealed and gives the payload. An envelope of the wrong direction is a damaged one.
pub fn open(key: &SharedKey, writer: Side, envelope: &[u8]) -> Result<Zeroizing<Vec<u8>>, OpenFault> {
    let (header, sealed) = parts(envelope).ok_or(OpenFault::Size)?;
    if named_key(header) != Some(key.fingerprint()) {
        return Err(OpenFault::UnknownKey);
    }
    let mut msg_key = [0; 16];
    msg_key.copy_from_slice(&header[8..]);
    let (aes_key, aes_iv) = message_cipher(key, writer, &msg_key);
    let mut plain = Zeroizing::new(sealed.to_vec());
    ige::decrypt(&aes_key, &aes_iv, plain.as_chunks_mut().0);
    if !bool::from(message_key(key, writer, &plain).ct_eq(&msg_key)) {
        return Err(OpenFault::Damaged);
    }
    payload_of(&plain).map(|payload| Zeroizing::new(payload.to_vec())).ok_or(OpenFault::Damaged)
}

/// The payload inside authentic plaintext, if length and padding are legal.
fn payload_of(plain: &[u8]) -> Option<&[u8]> {
    let (length, rest) = plain.split_first_chunk::<LENGTH>()?;
    let length = usize::try_from(u32::from_le_bytes(*length)).ok()?;
    let (payload, padding) = rest.split_at_checked(length)?;
    let legal =
        length > 0 && length.is_multiple_of(4) && (MIN_PADDING..=MAX_PADDING).contains(&padding.len());
    legal.then_some(payload)
}

/// Where in the key the bytes of a direction begin (the protocol's x).
fn offset(writer: Side) -> usize {
    match writer {
        Side::Originator => 0,
        Side::Recipient => 8,
    }
}

/// `SHA256(key[88+x..120+x] || plain)[8..24]`.
fn message_key(key: &SharedKey, writer: Side, plain: &[u8]) -> [u8; 16] {
    let x = offset(writer);
    let digest = sha256(&key.expose()[88 + x..120 + x], plain);
    let mut msg_key = [0; 16];
    msg_key.copy_from_slice(&digest[8..24]);
    msg_key
}

/// The AES key and iv of one message.
fn message_cipher(
    key: &SharedKey,
    writer: Side,
    msg_key: &[u8; 16],
) -> (Zeroizing<[u8; 32]>, Zeroizing<[u8; 32]>) {
    let x = offset(writer);
    let key = key.expose();
    let a = sha256(msg_key, &key[x..x + 36]);
    let b = sha256(&key[40 + x..76 + x], msg_key);
    (interleave(&a, &b), interleave(&b, &a))
}

/// `outer[0..8] || inner[8..24] || outer[24..32]`.
fn interleave(outer: &[u8; 32], inner: &[u8; 32]) -> Zeroizing<[u8; 32]> {
    let mut mixed = Zeroizing::new(*outer);
    mixed[8..24].copy_from_slice(&inner[8..24]);
    mixed
}

fn sha256(first: &[u8], second: &[u8]) -> Zeroizing<[u8; 32]> {
    Zeroizing::new(Sha256::new().chain_update(first).chain_update(second).finalize().into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn key(seed: u8) -> SharedKey {
        SharedKey::new(&std::array::from_fn(|i| (i as u8).wrapping_mul(37).wrapping_add(seed)))
    }

    fn side(originator: bool) -> Side {
        if originator { Side::Originator } else { Side::Recipient }
    }

    proptest! {
        #[test]
        fn what_is_sealed_opens_for_the_right_reader_only(
            words in proptest::collection::vec(any::<u32>(), 1..800), originator: bool, at: prop::sample::Index, bit in 0..8u8,
        ) {
            let payload: Vec<u8> = words.iter().flat_map(|word| word.to_le_bytes()).collect();
            let writer = side(originator);
            let mut envelope = seal(&key(11), writer, &payload, &mut rand::rng());
            prop_assert_eq!(named_key(&envelope), Some(key(11).fingerprint()));
            prop_assert_eq!(&*open(&key(11), writer, &envelope).unwrap(), &payload);
            prop_assert_eq!(open(&key(11), writer.other(), &envelope), Err(OpenFault::Damaged));
            prop_assert_eq!(open(&key(12), writer, &envelope), Err(OpenFault::UnknownKey));
            let at = at.index(envelope.len());
            envelope[at] ^= 1 << bit;
            prop_assert!(open(&key(11), writer, &envelope).is_err());
        }

        #[test]
        fn anything_else_is_refused(envelope in proptest::collection::vec(any::<u8>(), 0..200)) {
            prop_assert!(open(&key(11), Side::Originator, &envelope).is_err());
        }
    }

    #[test]
    fn few_sizes_leave_and_the_padding_is_legal() {
        for words in 1..2000 {
            let body = LENGTH + 4 * words;
            let size = padded_size(body + MIN_PADDING);
            assert!((MIN_PADDING..=MAX_PADDING).contains(&(size - body)), "{words} words");
            assert!(SIZES.contains(&size) || (size - 1280).is_multiple_of(STEP), "{words} words");
            assert!(size.is_multiple_of(ige::BLOCK));
        }
    }

    #[test]
    fn an_empty_payload_is_none() {
        let key = SharedKey::new(&[7; 256]);
        let sealed = seal(&key, Side::Originator, &[], &mut rand::rng());
        assert_eq!(open(&key, Side::Originator, &sealed), Err(OpenFault::Damaged));
    }

    #[test]
    fn padding_that_does_not_fit_is_refused() {
        for (len, fits) in
            [(0, false), (8, false), (12, true), (16, false), (28, true), (1020, true), (1036, false)]
        {
            assert_eq!(
                seal_padded(&key(1), Side::Originator, &[0; 16], &vec![0; len]).is_some(),
                fits,
                "{len}"
            );
        }
    }

    #[test]
    fn huge_envelopes_are_refused_unread() {
        let mut envelope = vec![0; 10 * 1024 * 1024 + 8];
        envelope[..8].copy_from_slice(&key(11).fingerprint().0);
        assert_eq!(open(&key(11), Side::Originator, &envelope), Err(OpenFault::Size));
    }
}
