//! What wraps the client's inner data before RSA: `RSA_PAD`, and the older padding with SHA-1 that foreign clients still use.
//!
//! `RSA_PAD` carries its own SHA-256 check. The older form hashes only the TL object, whose length is known after parsing; so does
//! the answer of the exchange's next step. [`Hashed`] makes that second check impossible to forget silently: it is named `confirm`.

use grammers_crypto::aes::{ige_decrypt, ige_encrypt};
use rand::CryptoRng;
use sha1::{Digest, Sha1};
use sha2::Sha256;
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use super::power::{NUMBER_LEN, Number};
use super::rsa::{PrivateKey, PublicKey};

/// The longest inner data that `RSA_PAD` takes, bytes.
pub const MAX_INNER_LEN: usize = 144;
/// Inner data with its padding, bytes.
const PADDED_LEN: usize = 192;
const TEMP_KEY_LEN: usize = 32;
const SHA1_LEN: usize = 20;
const ZERO_IV: [u8; 32] = [0; 32];

/// A TL object with padding behind it, and what is known about its integrity.
pub struct Hashed {
    data: Zeroizing<Vec<u8>>,
    /// SHA-1 over the object alone; `None` where the whole was already checked.
    digest: Option<[u8; SHA1_LEN]>,
}

impl Hashed {
    /// From `SHA1(object) + object + padding`; `None` if too short for the hash.
    pub fn split(bytes: &[u8]) -> Option<Hashed> {
        let (digest, data) = bytes.split_first_chunk::<SHA1_LEN>()?;
        Some(Hashed { data: Zeroizing::new(data.to_vec()), digest: Some(*digest) })
    }

    /// The object and its padding; not to be believed before [`Hashed::confirm`].
    pub fn data(&self) -> &[u8] {
        &self.data
    }

    /// Whether the hash fits an object that takes up the first `len` bytes.
    pub fn confirm(&self, len: usize) -> bool {
        let Some(object) = self.data.get(..len) else { return false };
        match &self.digest {
            None => true,
            Some(digest) => {
                let computed: [u8; SHA1_LEN] = Sha1::digest(object).into();
                computed.ct_eq(digest).into()
            }
        }
    }
}

impl PublicKey {
    /// `RSA_PAD`: encrypts at most [`MAX_INNER_LEN`] bytes; `None` if there are more.
    pub fn encrypt_padded(&self, data: &[u8], rng: &mut dyn CryptoRng) -> Option<Number> {
        if data.len() > MAX_INNER_LEN {
            return None;
        }
        let mut padded = Zeroizing::new([0; PADDED_LEN]);
        rng.fill_bytes(padded.as_mut_slice());
        padded[..data.len()].copy_from_slice(data);
        loop {
            let mut temp_key = Zeroizing::new([0; TEMP_KEY_LEN]);
            rng.fill_bytes(temp_key.as_mut_slice());
            // Only a block below the modulus can be encrypted; another temporary key gives another block.
            if let Some(cipher) = self.raw_encrypt(&pad_block(&padded, &temp_key)) {
                return Some(cipher);
            }
        }
    }
}

/// `temp_key_xor + aes_encrypted` for one choice of the temporary key.
fn pad_block(padded: &[u8; PADDED_LEN], temp_key: &[u8; TEMP_KEY_LEN]) -> Number {
    let mut block = [0; NUMBER_LEN];
    let (key_part, aes_part) = block.split_at_mut(TEMP_KEY_LEN);
    for (to, from) in aes_part.iter_mut().zip(padded.iter().rev()) {
        *to = *from;
    }
    aes_part[PADDED_LEN..].copy_from_slice(&inner_hash(temp_key, padded));
    ige_encrypt(aes_part, temp_key, &ZERO_IV);
    key_part.copy_from_slice(temp_key);
    xor_with_hash(key_part, aes_part);
    block
}

fn inner_hash(temp_key: &[u8], padded: &[u8]) -> [u8; 32] {
    Sha256::new().chain_update(temp_key).chain_update(padded).finalize().into()
}

fn xor_with_hash(key_part: &mut [u8], aes_part: &[u8]) {
    let hash: [u8; 32] = Sha256::digest(aes_part).into();
    for (byte, mask) in key_part.iter_mut().zip(hash) {
        *byte ^= mask;
    }
}

impl PrivateKey {
    /// Opens either padding; `None` if the block fits neither.
    pub fn decrypt_padded(&self, cipher: &Number) -> Option<Hashed> {
        let block = self.raw_decrypt(cipher)?;
        open_rsa_pad(&block).or_else(|| open_older(&block))
    }
}

fn open_rsa_pad(block: &Number) -> Option<Hashed> {
    let mut block = Zeroizing::new(*block);
    let (key_part, aes_part) = block.split_at_mut(TEMP_KEY_LEN);
    xor_with_hash(key_part, aes_part);
    let mut temp_key = Zeroizing::new([0; TEMP_KEY_LEN]);
    temp_key.copy_from_slice(key_part);
    ige_decrypt(aes_part, &temp_key, &ZERO_IV);
    let (reversed, hash) = aes_part.split_at(PADDED_LEN);
    let data = Zeroizing::new(reversed.iter().rev().copied().collect::<Vec<u8>>());
    let fits: bool = inner_hash(temp_key.as_slice(), &data).ct_eq(hash).into();
    fits.then_some(Hashed { data, digest: None })
}

/// The older form: a zero byte (255 bytes are encrypted), SHA-1 of the object, the object, random bytes.
fn open_older(block: &Number) -> Option<Hashed> {
    match block.split_first() {
        Some((0, rest)) => Hashed::split(rest),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use num_bigint::BigUint;
    use rand::SeedableRng;
    use rand::rngs::StdRng;
    use std::sync::LazyLock;

    static KEY: LazyLock<PrivateKey> = LazyLock::new(|| PrivateKey::generate(&mut StdRng::seed_from_u64(11)));

    #[test]
    fn opens_what_it_sealed() {
        let mut rng = StdRng::seed_from_u64(12);
        let data = [9; MAX_INNER_LEN];
        let cipher = KEY.public().encrypt_padded(&data, &mut rng).unwrap();
        let opened = KEY.decrypt_padded(&cipher).unwrap();
        assert_eq!(opened.data()[..MAX_INNER_LEN], data);
        assert!(opened.confirm(MAX_INNER_LEN));
        assert!(KEY.public().encrypt_padded(&[0; MAX_INNER_LEN + 1], &mut rng).is_none());
    }

    #[test]
    fn opens_what_another_implementation_sealed() {
        let public = KEY.public();
        let theirs =
            grammers_crypto::rsa::Key::new(&public.n().to_string(), &public.e().to_string()).unwrap();
        let random: [u8; 224] = std::array::from_fn(|i| i as u8);
        let cipher = grammers_crypto::rsa::encrypt_hashed(b"inner data", &theirs, &random);
        let opened = KEY.decrypt_padded(&cipher.try_into().unwrap()).unwrap();
        assert_eq!(opened.data()[..10], *b"inner data");
    }

    #[test]
    fn opens_the_older_padding_and_confirms_its_hash_by_length() {
        let mut block = [7; NUMBER_LEN];
        block[0] = 0;
        block[1..21].copy_from_slice(&Sha1::digest(b"object"));
        block[21..27].copy_from_slice(b"object");
        let opened = KEY.decrypt_padded(&KEY.public().raw_encrypt(&block).unwrap()).unwrap();
        assert!(opened.confirm(6));
        assert!(!opened.confirm(5));
        assert!(!opened.confirm(7));
        assert!(!opened.confirm(10_000));
    }

    #[test]
    fn refuses_noise() {
        let noise = BigUint::from(12_345u32).to_bytes_be();
        let mut cipher = [0; NUMBER_LEN];
        cipher[254..].copy_from_slice(&noise);
        assert!(KEY.decrypt_padded(&cipher).is_none());
    }
}
