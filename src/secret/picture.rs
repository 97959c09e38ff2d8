//! The key picture: what two people compare to know that nobody sits between them.
//!
//! It is made once from the first key of a chat and kept for life; re-keying does not change it. It carries 36 bytes of
//! hashes, from which nobody gets back to the key, so front ends may have it.

use sha1::Sha1;
use sha2::{Digest, Sha256};

use super::key::SharedKey;

/// Cells per side of the picture.
pub const SIDE: usize = 12;

/// The four colours of a cell, as red, green, blue.
pub const PALETTE: [(u8, u8, u8); 4] =
    [(0xff, 0xff, 0xff), (0xd5, 0xe6, 0xf3), (0x2d, 0x57, 0x75), (0x2f, 0x99, 0xc9)];

/// `SHA1(key)[0..16] || SHA256(key)[0..20]`, and the picture and hex made of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeyPicture([u8; 36]);

impl KeyPicture {
    /// The picture of a chat's initial key.
    pub fn of(key: &SharedKey) -> Self {
        let mut hash = [0; 36];
        hash[..16].copy_from_slice(&Sha1::digest(key.expose())[..16]);
        hash[16..].copy_from_slice(&Sha256::digest(key.expose())[..20]);
        KeyPicture(hash)
    }

    /// From the stored hash; `None` unless it has 36 bytes.
    pub fn from_hash(hash: &[u8]) -> Option<Self> {
        hash.try_into().ok().map(KeyPicture)
    }

    /// The hash, for the vault.
    pub fn hash(&self) -> &[u8; 36] {
        &self.0
    }

    /// Rows of cells, top to bottom, left to right; each cell is an index into [`PALETTE`].
    pub fn cells(&self) -> [[u8; SIDE]; SIDE] {
        let mut rows = [[0; SIDE]; SIDE];
        for (n, cell) in rows.iter_mut().flatten().enumerate() {
            *cell = (self.0[n / 4] >> (2 * (n % 4))) & 3;
        }
        rows
    }

    /// The first 32 bytes as four lines of eight upper-case pairs, a wider gap in the middle of each.
    pub fn hex_lines(&self) -> [String; 4] {
        std::array::from_fn(|line| {
            let pairs: Vec<String> =
                self.0[line * 8..line * 8 + 8].iter().map(|byte| format!("{byte:02X}")).collect();
            format!("{}  {}", pairs[..4].join(" "), pairs[4..].join(" "))
        })
    }
}
