//! What the fuzz targets share: fixed keys, and the rooms of the project that are not public.
//!
//! Targets drive the code that reads strangers' bytes, and much of that is private to its room. It is included here from the
//! project's own files, so that nothing has to be made public for the sake of this folder.

#![allow(dead_code)]

pub use subrosa::{mtproto, secret};

pub mod cloud;
pub mod server;

/// The key of the project's test vectors.
pub const KEY: [u8; 256] = {
    let mut key = [0; 256];
    let mut at = 0;
    while at < key.len() {
        key[at] = (37 * at + 11) as u8;
        at += 1;
    }
    key
};

/// A generator whose randomness the input chooses, so that every finding can be repeated.
pub fn rng(seed: u8) -> rand::rngs::StdRng {
    rand::SeedableRng::from_seed([seed; 32])
}

/// As much of the input as is a multiple of so many bytes.
pub fn whole(bytes: &[u8], of: usize) -> &[u8] {
    &bytes[..bytes.len() - bytes.len() % of]
}
