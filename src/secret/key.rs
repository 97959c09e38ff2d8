//! The shared key of a chat and its fingerprint.
//!
//! A key is 256 bytes, always: a key with leading zero bytes that lost them breaks one chat in 256. The type wipes itself,
//! prints nothing, and gives its bytes only to those who ask by the word `expose`.

use std::fmt;

use serde::{Deserialize, Serialize};
use sha1::{Digest, Sha1};
use zeroize::{Zeroize, ZeroizeOnDrop};

/// Length of a chat's key in bytes (2048 bits).
pub const KEY_LEN: usize = 256;

/// A 2048-bit shared secret, big-endian, left-padded with zero bytes.
#[derive(Clone, PartialEq, Eq, Zeroize, ZeroizeOnDrop)]
pub struct SharedKey(Box<[u8; KEY_LEN]>);

impl SharedKey {
    /// Takes the bytes over; the caller's copy should be a wiped type.
    pub fn new(bytes: &[u8; KEY_LEN]) -> Self {
        SharedKey(Box::new(*bytes))
    }

    /// The same from a slice, `None` unless it has 256 bytes.
    pub fn from_slice(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self::new)
    }

    /// The bytes themselves, for the envelope, the next exchange and the vault.
    pub fn expose(&self) -> &[u8; KEY_LEN] {
        &self.0
    }

    /// `SHA1(key)[12..20]`.
    pub fn fingerprint(&self) -> Fingerprint {
        let digest = Sha1::digest(self.expose());
        let mut bytes = [0; 8];
        bytes.copy_from_slice(&digest[12..20]);
        Fingerprint(bytes)
    }
}

impl fmt::Debug for SharedKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SharedKey(..)")
    }
}

/// The 8 bytes that name a key on the wire. A sanity check, not an authentication.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Fingerprint(pub [u8; 8]);

impl Fingerprint {
    /// As the TL `long` of `key_fingerprint`: the same bytes read little-endian.
    pub fn to_i64(self) -> i64 {
        i64::from_le_bytes(self.0)
    }

    pub fn from_i64(value: i64) -> Self {
        Fingerprint(value.to_le_bytes())
    }
}

/// Lower-case hex in pairs, as people read fingerprints aloud.
impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (n, byte) in self.0.iter().enumerate() {
            let gap = if n == 0 { "" } else { " " };
            write!(f, "{gap}{byte:02x}")?;
        }
        Ok(())
    }
}

impl fmt::Debug for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Fingerprint({self})")
    }
}
