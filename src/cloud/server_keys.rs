//! The RSA keys by which a client knows its server.
//!
//! The key exchange is only as good as the key it begins with: whoever holds the private half can be in the middle of
//! everything but the secret chats. So the keys are named by where they came from, and that name is in the error a person sees.

use num_bigint::BigUint;

use super::fault::CloudError;
use crate::mtproto::rsa::PublicKey;

/// Telegram's production key, fingerprint `d09d1d85de64fd85`: the modulus; the exponent is 65537.
const TELEGRAM_MODULUS: &str = "\
     e8bb3305c0b52c6cf2afdf7637313489e63e05268e5badb601af417786472e5f93b85438968e20e6729a301c0afc121b\
     f7151f834436f7fda680847a66bf64accec78ee21c0b316f0edafe2f41908da7bd1f4a5107638eeb67040ace472a14f9\
     0d9f7c2b7def99688ba3073adb5750bb02964902a359fe745d8170e36876d4fd8a5d41b2a76cbff9a13267eb9580b2d0\
     6d10357448d20d9da2191cb5d8c93982961cdfdeda629e37f1fb09a0722027696032fe61ed663db7a37f6f263d370f69\
     db53a0dc0a1748bdaaff6209d5645485e6e001d1953255757e4b8e42813347b11da6ab500fd0ace7e6dfa3736199ccaf\
     9397ed0745a427dcfa6cd67bcb1acff3";

const TELEGRAM_EXPONENT: u32 = 65_537;

/// The keys that a server may prove itself with.
#[derive(Clone, Debug)]
pub struct ServerKeys {
    source_name: String,
    keys: Vec<PublicKey>,
}

impl ServerKeys {
    /// Telegram's own.
    pub fn telegram() -> Self {
        let modulus = BigUint::parse_bytes(TELEGRAM_MODULUS.as_bytes(), 16);
        let key = modulus.and_then(|n| PublicKey::new(n, BigUint::from(TELEGRAM_EXPONENT)).ok());
        ServerKeys { source_name: "Telegram's published key".into(), keys: key.into_iter().collect() }
    }

    /// From a PEM text; `source_name` is the file's name, for the errors.
    pub fn from_pem(source_name: &str, pem: &str) -> Result<Self, CloudError> {
        if let Some(reason) = other_file(pem) {
            return Err(CloudError::BadKey { source_name: source_name.into(), reason: reason.into() });
        }
        let bad = |fault: crate::mtproto::rsa::KeyFault| CloudError::BadKey {
            source_name: source_name.into(),
            reason: fault.to_string(),
        };
        Ok(ServerKeys { source_name: source_name.into(), keys: vec![PublicKey::from_pem(pem).map_err(bad)?] })
    }

    /// The key with one of the offered fingerprints, and that fingerprint.
    pub(super) fn choose(&self, offered: &[i64]) -> Option<(&PublicKey, i64)> {
        self.keys.iter().map(|key| (key, key.fingerprint())).find(|(_, print)| offered.contains(print))
    }

    pub(super) fn source_name(&self) -> &str {
        &self.source_name
    }
}

/// What a file is that is given by mistake.
fn other_file(pem: &str) -> Option<&'static str> {
    if pem.contains("PRIVATE KEY") {
        Some("it is the server's private key; give the public one beside it, server.pem")
    } else if !pem.contains("-----BEGIN") {
        Some("it is no PEM file; give the file server.pem that `subrosa serve` names")
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn telegrams_key_has_its_published_fingerprint() {
        let keys = ServerKeys::telegram();
        let published = 0xd09d_1d85_de64_fd85_u64 as i64;
        assert!(keys.choose(&[1, published]).is_some_and(|(_, print)| print == published));
        assert!(keys.choose(&[1, 2]).is_none());
    }

    #[test]
    fn a_bad_file_is_named() {
        let error = ServerKeys::from_pem("server.pem", "hello").unwrap_err();
        assert!(error.to_string().contains("server.pem"), "{error}");
    }
}
