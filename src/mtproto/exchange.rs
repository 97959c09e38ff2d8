//! The small computations of the auth-key exchange: the temporary AES key, the sealed answers, the ranges, the shared key.
//!
//! The exchange itself is two state machines, one in the client and one in the server. What they must compute alike is here; the
//! order of messages, and what to do when something does not fit, is theirs.

use grammers_crypto::aes::{ige_decrypt, ige_encrypt};
use num_bigint::BigUint;
use rand::CryptoRng;
use sha1::{Digest, Sha1};
use zeroize::{Zeroize, ZeroizeOnDrop};

use super::auth_key::AuthKey;
use super::padding::Hashed;
use super::power::{self, Number};

const AES_BLOCK: usize = 16;
/// Public values nearer than `2^1984` to either end of the group are refused.
const MARGIN_BITS: u32 = 2048 - 64;

/// AES key and initialisation vector that protect the second half of the exchange.
#[derive(Zeroize, ZeroizeOnDrop)]
pub struct TemporaryKey {
    key: [u8; 32],
    iv: [u8; 32],
}

impl TemporaryKey {
    pub fn derive(server_nonce: &[u8; 16], new_nonce: &[u8; 32]) -> TemporaryKey {
        let (key, iv) = grammers_crypto::generate_key_data_from_nonce(server_nonce, new_nonce);
        TemporaryKey { key, iv }
    }

    /// `SHA1(object) + object + 0..15 random bytes`, encrypted.
    pub fn seal(&self, object: &[u8], rng: &mut dyn CryptoRng) -> Vec<u8> {
        let digest: [u8; 20] = Sha1::digest(object).into();
        let mut bytes = [&digest[..], object].concat();
        let unpadded = bytes.len();
        bytes.resize(unpadded.next_multiple_of(AES_BLOCK), 0);
        if let Some(padding) = bytes.get_mut(unpadded..) {
            rng.fill_bytes(padding);
        }
        ige_encrypt(&mut bytes, &self.key, &self.iv);
        bytes
    }

    /// The inverse; `None` if the length cannot be right. The hash is checked by [`Hashed::confirm`] once the object is parsed.
    pub fn open(&self, cipher: &[u8]) -> Option<Hashed> {
        if cipher.is_empty() || !cipher.len().is_multiple_of(AES_BLOCK) {
            return None;
        }
        let mut bytes = cipher.to_vec();
        ige_decrypt(&mut bytes, &self.key, &self.iv);
        let hashed = Hashed::split(&bytes);
        bytes.zeroize();
        hashed
    }
}

/// The hash in `server_DH_params_fail`: the low 128 bits of SHA-1 of the new nonce.
pub fn params_fail_hash(new_nonce: &[u8; 32]) -> [u8; 16] {
    let digest: [u8; 20] = Sha1::digest(new_nonce).into();
    let mut hash = [0; 16];
    hash.copy_from_slice(&digest[4..]);
    hash
}

/// The first server salt of a new key: the first eight bytes of both nonces, XORed.
pub fn first_salt(server_nonce: &[u8; 16], new_nonce: &[u8; 32]) -> i64 {
    let mut salt = [0; 8];
    for (byte, (a, b)) in salt.iter_mut().zip(server_nonce.iter().zip(new_nonce)) {
        *byte = a ^ b;
    }
    i64::from_le_bytes(salt)
}

/// Pads a public value to 256 bytes; `None` unless it lies within `2^1984 ..= p - 2^1984`.
pub fn check_public(value: &[u8], p: &Number) -> Option<Number> {
    let padded = power::pad(value)?;
    let (number, p) = (BigUint::from_bytes_be(&padded), BigUint::from_bytes_be(p));
    let margin = BigUint::from(1u8) << MARGIN_BITS;
    (number >= margin && number + margin <= p).then_some(padded)
}

/// `g ^ exponent mod p`, our public value; `None` if p is even.
pub fn public_value(g: u8, exponent: &Number, p: &Number) -> Option<Number> {
    let mut base = [0; power::NUMBER_LEN];
    base[power::NUMBER_LEN - 1] = g;
    power::power(&base, exponent, p)
}

/// `their_public ^ exponent mod p` as a key; `None` if p is even.
pub fn shared_key(their_public: &Number, exponent: &Number, p: &Number) -> Option<AuthKey> {
    let mut bytes = power::power(their_public, exponent, p)?;
    let key = AuthKey::new(&bytes);
    bytes.zeroize();
    Some(key)
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::SeedableRng;
    use rand::rngs::StdRng;

    #[test]
    fn an_answer_opens_with_the_same_nonces_only() {
        let mut rng = StdRng::seed_from_u64(3);
        let key = TemporaryKey::derive(&[1; 16], &[2; 32]);
        for len in [0, 1, 12, 27, 100] {
            let object: Vec<u8> = (0..len).map(|i| i as u8).collect();
            let sealed = key.seal(&object, &mut rng);
            let opened = key.open(&sealed).unwrap();
            assert_eq!(opened.data()[..len], object);
            assert!(opened.confirm(len));
            let other = TemporaryKey::derive(&[1; 16], &[3; 32]).open(&sealed).unwrap();
            assert!(!other.confirm(len));
        }
        assert!(key.open(&[]).is_none());
        assert!(key.open(&[0; 16]).is_none());
        assert!(key.open(&[0; 33]).is_none());
    }

    #[test]
    fn ranges_are_closed_at_both_margins() {
        let p = [0xff; 256];
        let margin = BigUint::from(1u8) << MARGIN_BITS;
        let top = BigUint::from_bytes_be(&p) - &margin;
        let one = BigUint::from(1u8);
        for (value, good) in [
            (margin.clone(), true),
            (&margin - &one, false),
            (top.clone(), true),
            (&top + &one, false),
            (one, false),
        ] {
            assert_eq!(check_public(&value.to_bytes_be(), &p).is_some(), good);
        }
        assert!(check_public(&[], &p).is_none());
        assert!(check_public(&[1; 257], &p).is_none());
    }

    #[test]
    fn both_sides_reach_one_key() {
        let mut p = [0xd7; 256];
        p[255] = 0x0d;
        let (a, b) = ([0x31; 256], [0x62; 256]);
        let (g_a, g_b) = (public_value(3, &a, &p).unwrap(), public_value(3, &b, &p).unwrap());
        let ours = shared_key(&g_b, &a, &p).unwrap();
        assert_eq!(ours.expose(), shared_key(&g_a, &b, &p).unwrap().expose());
    }

    #[test]
    fn the_first_salt_is_the_xor_of_the_nonces_heads() {
        assert_eq!(first_salt(&[0xf0; 16], &[0x0f; 32]), -1);
    }
}
