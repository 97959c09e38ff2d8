//! MTProto 2.0 encryption of one message, in either direction.
//!
//! `auth_key_id, msg_key, AES-256-IGE(salt, session, msg_id, seq_no, length, body, padding)`. The two directions take their key
//! material from different places of the authorization key, so a message cannot be reflected. Everything that the specification asks a
//! receiver to check about lengths is checked before the caller sees a byte; salt, session and ids are the session's to judge.

use grammers_crypto::aes::{ige_decrypt, ige_encrypt};
use rand::CryptoRng;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use super::auth_key::AuthKey;

/// Key id and message key in front of the cipher text, bytes.
const OUTER_LEN: usize = 24;
/// Salt, session, message id, sequence number and length, bytes.
const INNER_LEN: usize = 32;
const AES_BLOCK: usize = 16;
const MIN_PADDING: usize = 12;
const MAX_PADDING: usize = 1024;

/// Which way a message travels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    ToServer,
    ToClient,
}

impl Direction {
    /// The specification's x: where in the authorization key this direction's material begins.
    fn offset(self) -> usize {
        match self {
            Direction::ToServer => 0,
            Direction::ToClient => 8,
        }
    }
}

/// A message inside its encryption.
#[derive(Clone, PartialEq, Eq)]
pub struct Message {
    pub salt: i64,
    pub session_id: i64,
    pub msg_id: i64,
    pub seq_no: i32,
    pub body: Vec<u8>,
}

/// Why a packet was not believed. All of them mean: drop it, it did not come from the holder of the key, or its sender is broken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CipherFault {
    #[error("the encrypted packet has an impossible length")]
    PacketLength,
    #[error("the packet belongs to another authorization key")]
    OtherKey,
    #[error("the message key does not fit the message")]
    MessageKey,
    #[error("the message inside states a length that does not fit")]
    BodyLength,
    #[error("the message has less than 12 or more than 1024 bytes of padding")]
    Padding,
}

/// Encrypts a message, with 12 to 27 bytes of padding.
pub fn seal(key: &AuthKey, direction: Direction, message: &Message, rng: &mut dyn CryptoRng) -> Vec<u8> {
    let unpadded = INNER_LEN + message.body.len();
    let padded = (unpadded + MIN_PADDING).next_multiple_of(AES_BLOCK);
    let mut packet = Vec::with_capacity(OUTER_LEN + padded);
    packet.extend(key.id().to_le_bytes());
    packet.extend([0; 16]);
    packet.extend(message.salt.to_le_bytes());
    packet.extend(message.session_id.to_le_bytes());
    packet.extend(message.msg_id.to_le_bytes());
    packet.extend(message.seq_no.to_le_bytes());
    packet.extend((message.body.len() as i32).to_le_bytes());
    packet.extend(&message.body);
    packet.resize(OUTER_LEN + padded, 0);
    rng.fill_bytes(&mut packet[OUTER_LEN + unpadded..]);

    let (outer, inner) = packet.split_at_mut(OUTER_LEN);
    let msg_key = message_key(key, direction, inner);
    outer[8..].copy_from_slice(&msg_key);
    let (aes_key, aes_iv) = aes_parameters(key, direction, &msg_key);
    ige_encrypt(inner, &aes_key, &aes_iv);
    packet
}

/// Decrypts and checks a packet. Up to 15 bytes behind the last AES block are ignored: some framings pad.
pub fn open(key: &AuthKey, direction: Direction, packet: &[u8]) -> Result<Message, CipherFault> {
    let (key_id, rest) = packet.split_first_chunk::<8>().ok_or(CipherFault::PacketLength)?;
    let (msg_key, cipher) = rest.split_first_chunk::<16>().ok_or(CipherFault::PacketLength)?;
    if i64::from_le_bytes(*key_id) != key.id() {
        return Err(CipherFault::OtherKey);
    }
    let whole_blocks = cipher.len() - cipher.len() % AES_BLOCK;
    if whole_blocks < INNER_LEN + AES_BLOCK {
        return Err(CipherFault::PacketLength);
    }
    let mut inner = Zeroizing::new(cipher[..whole_blocks].to_vec());
    let (aes_key, aes_iv) = aes_parameters(key, direction, msg_key);
    ige_decrypt(&mut inner, &aes_key, &aes_iv);
    // The message key is verified before anything inside is looked at.
    if !bool::from(message_key(key, direction, &inner).ct_eq(msg_key)) {
        return Err(CipherFault::MessageKey);
    }
    parse(&inner).ok_or(CipherFault::BodyLength)?
}

fn parse(inner: &[u8]) -> Option<Result<Message, CipherFault>> {
    let (salt, rest) = inner.split_first_chunk::<8>()?;
    let (session_id, rest) = rest.split_first_chunk::<8>()?;
    let (msg_id, rest) = rest.split_first_chunk::<8>()?;
    let (seq_no, rest) = rest.split_first_chunk::<4>()?;
    let (length, rest) = rest.split_first_chunk::<4>()?;
    let length = usize::try_from(i32::from_le_bytes(*length)).ok()?;
    let body = rest.get(..length).filter(|body| body.len() >= 4 && body.len().is_multiple_of(4))?;
    if !(MIN_PADDING..=MAX_PADDING).contains(&(rest.len() - length)) {
        return Some(Err(CipherFault::Padding));
    }
    Some(Ok(Message {
        salt: i64::from_le_bytes(*salt),
        session_id: i64::from_le_bytes(*session_id),
        msg_id: i64::from_le_bytes(*msg_id),
        seq_no: i32::from_le_bytes(*seq_no),
        body: body.to_vec(),
    }))
}

/// The middle 128 bits of SHA-256 over a part of the authorization key and everything that gets encrypted.
fn message_key(key: &AuthKey, direction: Direction, inner: &[u8]) -> [u8; 16] {
    let at = 88 + direction.offset();
    let hash: [u8; 32] =
        Sha256::new().chain_update(&key.expose()[at..at + 32]).chain_update(inner).finalize().into();
    let mut msg_key = [0; 16];
    msg_key.copy_from_slice(&hash[8..24]);
    msg_key
}

type AesParameters = (Zeroizing<[u8; 32]>, Zeroizing<[u8; 32]>);

fn aes_parameters(key: &AuthKey, direction: Direction, msg_key: &[u8; 16]) -> AesParameters {
    let x = direction.offset();
    let auth_key = key.expose();
    let a: [u8; 32] =
        Sha256::new().chain_update(msg_key).chain_update(&auth_key[x..x + 36]).finalize().into();
    let b: [u8; 32] =
        Sha256::new().chain_update(&auth_key[40 + x..76 + x]).chain_update(msg_key).finalize().into();
    (splice(&a, &b), splice(&b, &a))
}

/// Eight bytes of the first, sixteen of the second, eight of the first.
fn splice(outer: &[u8; 32], middle: &[u8; 32]) -> Zeroizing<[u8; 32]> {
    let mut spliced = Zeroizing::new(*outer);
    spliced[8..24].copy_from_slice(&middle[8..24]);
    spliced
}

#[cfg(test)]
mod tests {
    use super::*;
    use grammers_crypto::DequeBuffer;
    use rand::SeedableRng;
    use rand::rngs::StdRng;

    fn key() -> AuthKey {
        AuthKey::new(&std::array::from_fn(|i| (i * 13 + 5) as u8))
    }

    fn message(len: usize) -> Message {
        Message { salt: 1, session_id: -2, msg_id: 3, seq_no: 4, body: vec![0xab; len] }
    }

    #[test]
    fn opens_what_it_sealed_and_only_in_its_direction() {
        let mut rng = StdRng::seed_from_u64(5);
        for len in [4, 8, 12, 16, 1000] {
            for direction in [Direction::ToServer, Direction::ToClient] {
                let packet = seal(&key(), direction, &message(len), &mut rng);
                assert!(open(&key(), direction, &packet).unwrap() == message(len));
                let other =
                    if direction == Direction::ToServer { Direction::ToClient } else { Direction::ToServer };
                assert_eq!(open(&key(), other, &packet).err(), Some(CipherFault::MessageKey));
            }
        }
    }

    #[test]
    fn speaks_with_the_client_library() {
        let theirs = grammers_crypto::AuthKey::from_bytes(*key().expose());
        let mut packet = seal(&key(), Direction::ToClient, &message(8), &mut StdRng::seed_from_u64(6));
        let inner = grammers_crypto::decrypt_data_v2(&mut packet, &theirs).unwrap();
        assert_eq!(inner[32..40], [0xab; 8]);

        let mut buffer = DequeBuffer::with_capacity(64, 64);
        let mut plain = Vec::new();
        plain.extend(1i64.to_le_bytes());
        plain.extend((-2i64).to_le_bytes());
        plain.extend(3i64.to_le_bytes());
        plain.extend(4i32.to_le_bytes());
        plain.extend(8i32.to_le_bytes());
        plain.extend([0xab; 8]);
        buffer.extend(plain);
        grammers_crypto::encrypt_data_v2(&mut buffer, &theirs);
        assert!(open(&key(), Direction::ToServer, buffer.as_ref()).unwrap() == message(8));
    }

    #[test]
    fn refuses_each_kind_of_damage() {
        let packet = seal(&key(), Direction::ToServer, &message(8), &mut StdRng::seed_from_u64(7));
        let open = |packet: &[u8]| open(&key(), Direction::ToServer, packet).err();
        assert_eq!(open(&packet[..23]), Some(CipherFault::PacketLength));
        assert_eq!(open(&packet[..56]), Some(CipherFault::PacketLength));
        for at in [8, 24, packet.len() - 1] {
            let mut damaged = packet.clone();
            damaged[at] ^= 1;
            assert_eq!(open(&damaged), Some(CipherFault::MessageKey));
        }
        let mut other = packet.clone();
        other[0] ^= 1;
        assert_eq!(open(&other), Some(CipherFault::OtherKey));
        let padded: Vec<u8> = packet.iter().copied().chain([1; 15]).collect();
        assert_eq!(open(&padded), None);
    }

    /// Seals bytes as they are, as a broken or hostile holder of the key would.
    fn seal_raw(inner: &[u8]) -> Vec<u8> {
        let msg_key = message_key(&key(), Direction::ToServer, inner);
        let (aes_key, aes_iv) = aes_parameters(&key(), Direction::ToServer, &msg_key);
        let mut cipher = inner.to_vec();
        ige_encrypt(&mut cipher, &aes_key, &aes_iv);
        [&key().id().to_le_bytes()[..], &msg_key, &cipher].concat()
    }

    #[test]
    fn refuses_lengths_and_paddings_that_do_not_fit() {
        let with = |length: i32, total: usize| {
            let mut inner = vec![0; total];
            inner[28..32].copy_from_slice(&length.to_le_bytes());
            open(&key(), Direction::ToServer, &seal_raw(&inner)).err()
        };
        for length in [-1, 0, 3, 6, 100, i32::MAX, i32::MIN] {
            assert_eq!(with(length, 64), Some(CipherFault::BodyLength), "{length}");
        }
        assert_eq!(with(24, 64), Some(CipherFault::Padding));
        assert_eq!(with(20, 64), None);
        assert_eq!(with(8, 32 + 8 + 1032), Some(CipherFault::Padding));
        assert_eq!(with(16, 32 + 16 + 1024), None);
    }
}
