//! AES-256-IGE over a whole file, piece by piece, and the fingerprint of its key.
//!
//! The chaining runs through the file from its first byte to its last: each piece begins with what the one before it ended with (its
//! last block of ciphertext and of plaintext). That state can be taken out and put back, so that a transfer goes on after a
//! restart; half of it is plaintext, so it wipes itself.

use std::fmt;

use md5::{Digest, Md5};
use rand::CryptoRng;
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use crate::secret::envelope::ige;
use crate::secret::message::FileSecret;

/// Bytes of a block; pieces are multiples of it.
pub const BLOCK: usize = ige::BLOCK;

/// What one piece leaves to the next: the last ciphertext block, then the last plaintext block.
#[derive(Clone, PartialEq, Eq, Zeroize, ZeroizeOnDrop)]
pub struct Carried([u8; 2 * BLOCK]);

impl Carried {
    /// As it was stored.
    pub fn restore(bytes: &[u8; 2 * BLOCK]) -> Carried {
        Carried(*bytes)
    }

    /// The state at the beginning of a file.
    pub fn first(secret: &FileSecret) -> Carried {
        Carried(*secret.expose_iv())
    }

    /// To be stored, encrypted.
    pub fn expose(&self) -> &[u8; 2 * BLOCK] {
        &self.0
    }
}

impl fmt::Debug for Carried {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Carried(..)")
    }
}

/// A piece whose length is no multiple of 16.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a piece of a file does not end with a block")]
pub struct Ragged;

/// Encrypts a file from its beginning, or from where it was interrupted.
#[derive(Clone)]
pub struct Sealer {
    secret: FileSecret,
    carried: Carried,
}

impl Sealer {
    pub fn new(secret: FileSecret, carried: Carried) -> Sealer {
        Sealer { secret, carried }
    }

    /// Encrypts the next piece in place.
    ///
    /// # Errors
    /// [`Ragged`]; nothing was encrypted then.
    pub fn seal(&mut self, piece: &mut [u8]) -> Result<(), Ragged> {
        let (blocks, []) = piece.as_chunks_mut::<BLOCK>() else { return Err(Ragged) };
        let Some(plain) = blocks.last().map(|block| Zeroizing::new(*block)) else { return Ok(()) };
        ige::encrypt(self.secret.expose_key(), &self.carried.0, blocks);
        self.carried = carry(blocks.last().unwrap_or(&plain), &plain);
        Ok(())
    }

    /// Encrypts the last piece, filled up to a whole block with random bytes.
    pub fn seal_last(&mut self, piece: &mut Vec<u8>, rng: &mut dyn CryptoRng) {
        let mut padding = vec![0; piece.len().next_multiple_of(BLOCK) - piece.len()];
        rng.fill_bytes(&mut padding);
        piece.extend(padding);
        // A multiple of 16 by now.
        let _ = self.seal(piece);
    }

    /// The state after the last piece.
    pub fn carried(&self) -> &Carried {
        &self.carried
    }
}

/// Decrypts a file from its beginning, or from where it was interrupted.
#[derive(Clone)]
pub struct Opener {
    secret: FileSecret,
    carried: Carried,
}

impl Opener {
    pub fn new(secret: FileSecret, carried: Carried) -> Opener {
        Opener { secret, carried }
    }

    /// Decrypts the next piece in place.
    ///
    /// # Errors
    /// [`Ragged`]; nothing was decrypted then.
    pub fn open(&mut self, piece: &mut [u8]) -> Result<(), Ragged> {
        let (blocks, []) = piece.as_chunks_mut::<BLOCK>() else { return Err(Ragged) };
        let Some(cipher) = blocks.last().copied() else { return Ok(()) };
        ige::decrypt(self.secret.expose_key(), &self.carried.0, blocks);
        self.carried = carry(&cipher, blocks.last().unwrap_or(&cipher));
        Ok(())
    }

    /// The state after the last piece.
    pub fn carried(&self) -> &Carried {
        &self.carried
    }
}

fn carry(cipher: &[u8; BLOCK], plain: &[u8; BLOCK]) -> Carried {
    let mut carried = Carried([0; 2 * BLOCK]);
    let (first, second) = carried.0.split_at_mut(BLOCK);
    first.copy_from_slice(cipher);
    second.copy_from_slice(plain);
    carried
}

/// What the server is told of a file's key: the halves of the first 8 bytes of `MD5(key || iv)`, one XOR the other.
pub fn fingerprint(secret: &FileSecret) -> i32 {
    let digest = Md5::new().chain_update(secret.expose_key()).chain_update(secret.expose_iv()).finalize();
    let half =
        |from: usize| digest.iter().skip(from).take(4).rev().fold(0u32, |n, &byte| n << 8 | u32::from(byte));
    (half(0) ^ half(4)).cast_signed()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rand::SeedableRng;
    use rand::rngs::StdRng;
    use serde_json::Value;
    use sha2::Sha256;

    use super::*;

    fn vectors() -> Value {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/vectors/vectors.json");
        let all: Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
        all["file"].clone()
    }

    fn bytes(value: &Value) -> Vec<u8> {
        let text = value.as_str().unwrap();
        (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap()).collect()
    }

    fn hex(bytes: &[u8]) -> String {
        bytes.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    fn secret(file: &Value) -> FileSecret {
        FileSecret::new(bytes(&file["key"]).try_into().unwrap(), bytes(&file["iv"]).try_into().unwrap())
    }

    #[test]
    fn the_fingerprint_is_that_of_the_vectors() {
        let file = vectors();
        assert_eq!(i64::from(fingerprint(&secret(&file))), file["key_fingerprint_i32"].as_i64().unwrap());
        assert_eq!(hex(&fingerprint(&secret(&file)).to_le_bytes()), file["key_fingerprint_bytes"]);
    }

    #[test]
    fn a_small_file_is_that_of_the_vectors() {
        let file = vectors();
        let secret = secret(&file);
        let (plain, sealed) = (bytes(&file["small"]["plain"]), bytes(&file["small"]["ciphertext"]));
        let mut piece = plain.clone();
        piece.resize(48, 0);
        Sealer::new(secret.clone(), Carried::first(&secret)).seal(&mut piece).unwrap();
        assert_eq!(piece, sealed);
        Opener::new(secret.clone(), Carried::first(&secret)).open(&mut piece).unwrap();
        assert_eq!(piece[..37], plain);
    }

    #[test]
    fn the_parts_and_what_they_carry_are_those_of_the_vectors() {
        let file = vectors();
        let (secret, multipart) = (secret(&file), &file["multipart"]);
        let mut plain: Vec<u8> = (0..2500u64).map(|i| ((i * i + 7 * i) % 256) as u8).collect();
        plain.resize(2512, 0);
        let mut sealer = Sealer::new(secret.clone(), Carried::first(&secret));
        let mut whole = Vec::new();
        for (part, piece) in multipart["parts"].as_array().unwrap().iter().zip(plain.chunks(1024)) {
            assert_eq!(hex(sealer.carried().expose()), part["iv_used"]);
            // As after a restart: nothing but the key and what was stored.
            sealer = Sealer::new(secret.clone(), Carried::restore(sealer.carried().expose()));
            let mut piece = piece.to_vec();
            sealer.seal(&mut piece).unwrap();
            assert_eq!(piece.len() as u64, part["len"].as_u64().unwrap());
            assert_eq!(hex(&Md5::digest(&piece)), part["md5"]);
            assert_eq!(hex(&piece[..16]), part["first16"]);
            assert_eq!(hex(&piece[piece.len() - 16..]), part["last16"]);
            whole.extend(piece);
        }
        assert_eq!(hex(&Sha256::digest(&whole)), multipart["ciphertext_sha256"]);
        assert_eq!(hex(&Md5::digest(&whole)), multipart["ciphertext_md5_hex"]);
    }

    #[test]
    fn ragged_pieces_are_refused_untouched() {
        let secret = FileSecret::new([1; 32], [2; 32]);
        let mut sealer = Sealer::new(secret.clone(), Carried::first(&secret));
        let mut opener = Opener::new(secret.clone(), Carried::first(&secret));
        let mut piece = [7; 17];
        assert_eq!((sealer.seal(&mut piece), opener.open(&mut piece)), (Err(Ragged), Err(Ragged)));
        assert_eq!(piece, [7; 17]);
        assert_eq!((sealer.seal(&mut []), opener.open(&mut [])), (Ok(()), Ok(())));
        assert_eq!((sealer.carried(), opener.carried()), (&Carried([2; 32]), &Carried([2; 32])));
    }

    #[test]
    fn the_last_block_is_filled_with_chance() {
        let secret = FileSecret::new([1; 32], [2; 32]);
        for length in [1, 15, 16, 17] {
            let sealed = |seed| {
                let mut piece = vec![9; length];
                let mut sealer = Sealer::new(secret.clone(), Carried::first(&secret));
                sealer.seal_last(&mut piece, &mut StdRng::seed_from_u64(seed));
                piece
            };
            assert_eq!(sealed(1).len(), length.next_multiple_of(16));
            assert_eq!(sealed(1) == sealed(2), length == 16);
        }
    }

    proptest! {
        #[test]
        fn however_it_is_cut_it_opens(
            plain in proptest::collection::vec(any::<u8>(), 1..2000),
            up in proptest::collection::vec(1usize..20, 1..8),
            down in proptest::collection::vec(1usize..20, 1..8),
            key in any::<[u8; 32]>(), iv in any::<[u8; 32]>(),
        ) {
            let secret = FileSecret::new(key, iv);
            let mut sealer = Sealer::new(secret.clone(), Carried::first(&secret));
            let (mut sealed, mut rest, mut cuts) = (Vec::new(), plain.as_slice(), up.iter().cycle());
            while !rest.is_empty() {
                let (piece, tail) = rest.split_at((cuts.next().unwrap() * 16).min(rest.len()));
                let mut piece = piece.to_vec();
                if tail.is_empty() {
                    sealer.seal_last(&mut piece, &mut StdRng::seed_from_u64(1));
                } else {
                    sealer.seal(&mut piece).unwrap();
                }
                sealed.extend(piece);
                rest = tail;
            }
            let mut opener = Opener::new(secret.clone(), Carried::first(&secret));
            let (mut opened, mut rest, mut cuts) = (Vec::new(), sealed.as_slice(), down.iter().cycle());
            while !rest.is_empty() {
                let (piece, tail) = rest.split_at((cuts.next().unwrap() * 16).min(rest.len()));
                let mut piece = piece.to_vec();
                opener.open(&mut piece).unwrap();
                opened.extend(piece);
                rest = tail;
            }
            opened.truncate(plain.len());
            prop_assert_eq!(opened, plain);
        }
    }
}
