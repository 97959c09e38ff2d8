//! The authorization key: 256 bytes known to one client and one server, and the numbers derived from it.
//!
//! Its identifier travels in front of every encrypted message; its auxiliary hash proves at the end of the exchange that both sides
//! hold the same key. The bytes wipe themselves and are never printed.

use sha1::{Digest, Sha1};
use zeroize::{Zeroize, ZeroizeOnDrop};

use super::power::NUMBER_LEN;

/// A key agreed by the auth-key exchange.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct AuthKey {
    bytes: Box<[u8; NUMBER_LEN]>,
}

/// How the server judged the client's half; the number goes into the hash that says so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    Ok = 1,
    Retry = 2,
    Fail = 3,
}

impl AuthKey {
    pub fn new(bytes: &[u8; NUMBER_LEN]) -> AuthKey {
        AuthKey { bytes: Box::new(*bytes) }
    }

    /// The secret itself: for ciphers and for storage only.
    pub fn expose(&self) -> &[u8; NUMBER_LEN] {
        &self.bytes
    }

    /// The low 64 bits of SHA-1 of the key, as they travel.
    pub fn id(&self) -> i64 {
        i64::from_le_bytes(self.digest_part(12))
    }

    /// `new_nonce_hash1`, `2` or `3`: the low 128 bits of SHA-1 of the new nonce, the verdict's number and the key's auxiliary hash.
    pub fn new_nonce_hash(&self, new_nonce: &[u8; 32], verdict: Verdict) -> [u8; 16] {
        let auxiliary: [u8; 8] = self.digest_part(0);
        let digest: [u8; 20] = Sha1::new()
            .chain_update(new_nonce)
            .chain_update([verdict as u8])
            .chain_update(auxiliary)
            .finalize()
            .into();
        let mut hash = [0; 16];
        hash.copy_from_slice(&digest[4..]);
        hash
    }

    fn digest_part(&self, at: usize) -> [u8; 8] {
        let digest: [u8; 20] = Sha1::digest(self.bytes.as_slice()).into();
        let mut part = [0; 8];
        part.copy_from_slice(&digest[at..at + 8]);
        part
    }
}

impl std::fmt::Debug for AuthKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("AuthKey(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn agrees_with_the_client_library() {
        let bytes: [u8; 256] = std::array::from_fn(|i| (i * 7 + 3) as u8);
        let nonce: [u8; 32] = std::array::from_fn(|i| i as u8);
        let ours = AuthKey::new(&bytes);
        let theirs = grammers_crypto::AuthKey::from_bytes(bytes);
        for verdict in [Verdict::Ok, Verdict::Retry, Verdict::Fail] {
            let hash = ours.new_nonce_hash(&nonce, verdict);
            assert_eq!(hash, theirs.calc_new_nonce_hash(&nonce, verdict as u8));
        }
        let digest: [u8; 20] = Sha1::digest(bytes).into();
        assert_eq!(ours.id().to_le_bytes(), digest[12..]);
        assert_eq!(format!("{ours:?}"), "AuthKey(..)");
    }
}
