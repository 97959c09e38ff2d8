//! The key of the database and the file that keeps it: sealed under a passphrase, or in the clear on explicit choice.
//!
//! The database is encrypted under 32 random bytes that never change; what changes is how those bytes are kept. Argon2id turns a
//! passphrase into a key slowly enough that guessing costs the thief memory and time, and XChaCha20-Poly1305 seals the random
//! bytes under it. The costs stand in the file, so that they can be raised later, and are bounded when it is read, so that a
//! forged file cannot exhaust the machine.

use std::borrow::Cow;
use std::fmt;
use std::path::Path;

use argon2::{Algorithm, Argon2, Block, Params, Version};
use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{Key, XChaCha20Poly1305, XNonce};
use rand::TryRng;
use rand::rngs::SysRng;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::fault::VaultError;
use super::hex;
use super::profile::others_may;

/// Length of the database key: AES-256.
const KEY_LEN: usize = 32;

/// Salt of Argon2id; 16 bytes are what RFC 9106 recommends.
const SALT_LEN: usize = 16;

/// Nonce of XChaCha20, long enough to be drawn at random.
const NONCE_LEN: usize = 24;

/// The sealed key: the key and the authentication tag.
const SEALED_LEN: usize = KEY_LEN + 16;

/// Format of the key file.
const FORMAT: u32 = 1;

/// Bound into the seal, so that sealed bytes of another purpose are never taken for this key.
const PURPOSE: &[u8] = b"subrosa vault.key 1";

/// A key file is a few hundred bytes; more is not one.
pub(super) const KEY_FILE_MAX: u64 = 16 * 1024;

/// Room for a whole key file, so that its buffer never moves and leaves a copy behind.
pub(super) const KEY_FILE_ROOM: usize = 4096;

/// The sentence about a key in the clear, in the file itself and for whoever creates or opens such a profile.
pub const IN_THE_CLEAR: &str = "The key of this profile lies unprotected in its file vault.key: whoever can read that file \
     (another program of yours, a backup, a thief of the disk) can read every message.";

/// The sentence in a sealed key file.
const UNDER_A_PASSPHRASE: &str = "The key of vault.db, sealed under a passphrase. Without this file and the passphrase \
     nothing opens vault.db: back up both files together.";

/// What Argon2id may cost: memory in KiB, passes over it, lanes computed side by side.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cost {
    pub memory_kib: u32,
    pub passes: u32,
    pub lanes: u32,
}

impl Cost {
    /// 64 MiB and 3 passes, RFC 9106's choice where memory is scarce: about 150 ms once per start. One lane, because our Argon2
    /// computes lanes one after the other, and further ones would only help a guesser who has more processors.
    pub const DEFAULT: Cost = Cost { memory_kib: 64 * 1024, passes: 3, lanes: 1 };

    /// The most that a key file may ask for: half a GiB and 16 passes, some seconds on a small computer.
    pub const MOST: Cost = Cost { memory_kib: 512 * 1024, passes: 16, lanes: 8 };

    fn checked(self) -> Result<Params, VaultError> {
        let most = Cost::MOST;
        let within =
            self.memory_kib <= most.memory_kib && self.passes <= most.passes && self.lanes <= most.lanes;
        Params::new(self.memory_kib, self.passes, self.lanes, Some(KEY_LEN))
            .ok()
            .filter(|_| within)
            .ok_or_else(|| VaultError::Cost { asked: self.to_string(), most: most.to_string() })
    }
}

impl fmt::Display for Cost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} KiB, {} passes, {} lanes", self.memory_kib, self.passes, self.lanes)
    }
}

/// What the user typed; wiped, never printed.
pub struct Passphrase(Zeroizing<String>);

impl Passphrase {
    pub fn new(text: String) -> Passphrase {
        Passphrase(Zeroizing::new(text))
    }
}

impl fmt::Debug for Passphrase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Passphrase(..)")
    }
}

/// How the key of a new profile is to be kept.
#[derive(Debug)]
pub enum Seal {
    /// Sealed; [`Cost::DEFAULT`] unless there is a reason.
    Passphrase { passphrase: Passphrase, cost: Cost },
    /// In the clear in a file of mode 0600. The caller shows [`IN_THE_CLEAR`].
    KeyFile,
}

/// What opens a profile.
#[derive(Debug)]
pub enum Unlock {
    Passphrase(Passphrase),
    KeyFile,
}

/// How the key of an existing profile is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sealing {
    Passphrase,
    KeyFile,
}

impl Sealing {
    /// What the user has to be told about it, if anything.
    pub fn warning(self) -> Option<&'static str> {
        match self {
            Sealing::Passphrase => None,
            Sealing::KeyFile => Some(IN_THE_CLEAR),
        }
    }
}

/// The key of the database.
pub(super) struct DatabaseKey(Zeroizing<[u8; KEY_LEN]>);

impl DatabaseKey {
    pub(super) fn random() -> Result<DatabaseKey, VaultError> {
        Ok(DatabaseKey(random()?))
    }

    pub(super) fn to_hex(&self) -> Zeroizing<String> {
        hex::encode(&*self.0)
    }
}

/// Bytes from the operating system.
fn random<const N: usize>() -> Result<Zeroizing<[u8; N]>, VaultError> {
    let mut bytes = Zeroizing::new([0; N]);
    SysRng.try_fill_bytes(&mut *bytes).map_err(|error| VaultError::NoRandomness(error.to_string()))?;
    Ok(bytes)
}

/// The key file. It is read from a wiped buffer and borrows from it, so that the key is in no other string.
#[derive(Serialize, Deserialize)]
struct KeyFile<'a> {
    #[serde(borrow)]
    about: Cow<'a, str>,
    format: u32,
    #[serde(borrow)]
    key: Kept<'a>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
enum Kept<'a> {
    Argon2id { cost: Cost, salt: &'a str, nonce: &'a str, sealed: &'a str },
    Clear(&'a str),
}

/// The content of the key file that keeps `key` in the way asked for.
pub(super) fn close(path: &Path, key: &DatabaseKey, seal: &Seal) -> Result<Zeroizing<Vec<u8>>, VaultError> {
    match seal {
        Seal::KeyFile => render(path, IN_THE_CLEAR, Kept::Clear(&key.to_hex())),
        Seal::Passphrase { passphrase, cost } => {
            if passphrase.0.is_empty() {
                return Err(VaultError::EmptyPassphrase);
            }
            let (salt, nonce) = (random::<SALT_LEN>()?, random::<NONCE_LEN>()?);
            let sealed = cipher(passphrase, *cost, &*salt)?
                .encrypt(&XNonce::from(*nonce), Payload { msg: &*key.0, aad: PURPOSE })
                .map_err(|_| no_key_file(path, "the key could not be sealed"))?;
            let (salt, nonce, sealed) = (hex::encode(&*salt), hex::encode(&*nonce), hex::encode(&sealed));
            let kept = Kept::Argon2id { cost: *cost, salt: &salt, nonce: &nonce, sealed: &sealed };
            render(path, UNDER_A_PASSPHRASE, kept)
        }
    }
}

/// How the key in a key file is kept.
pub(super) fn sealing(path: &Path, content: &[u8]) -> Result<Sealing, VaultError> {
    Ok(match parse(path, content)?.key {
        Kept::Argon2id { .. } => Sealing::Passphrase,
        Kept::Clear(_) => Sealing::KeyFile,
    })
}

/// The key out of the content of the key file at `path`.
pub(super) fn open(path: &Path, content: &[u8], unlock: &Unlock) -> Result<DatabaseKey, VaultError> {
    match (parse(path, content)?.key, unlock) {
        (Kept::Argon2id { cost, salt, nonce, sealed }, Unlock::Passphrase(passphrase)) => {
            let (Some(salt), Some(nonce), Some(sealed)) = (
                hex::decode::<SALT_LEN>(salt),
                hex::decode::<NONCE_LEN>(nonce),
                hex::decode::<SEALED_LEN>(sealed),
            ) else {
                return Err(no_key_file(path, "its numbers have the wrong length"));
            };
            let opened = cipher(passphrase, cost, &*salt)?
                .decrypt(&XNonce::from(*nonce), Payload { msg: &*sealed, aad: PURPOSE })
                .map(Zeroizing::new)
                .map_err(|_| VaultError::WrongPassphrase { path: path.to_owned() })?;
            let mut key = Zeroizing::new([0; KEY_LEN]);
            if opened.len() != key.len() {
                return Err(no_key_file(path, "the sealed key has the wrong length"));
            }
            key.copy_from_slice(&opened);
            Ok(DatabaseKey(key))
        }
        (Kept::Clear(key), Unlock::KeyFile) => match (others_may(path)?, hex::decode(key)) {
            (0, Some(key)) => Ok(DatabaseKey(key)),
            (0, None) => Err(no_key_file(path, "the key has the wrong length")),
            (mode, _) => Err(VaultError::Exposed { path: path.to_owned(), mode }),
        },
        (Kept::Argon2id { .. }, Unlock::KeyFile) => {
            Err(VaultError::PassphraseNeeded { path: path.to_owned() })
        }
        (Kept::Clear(_), Unlock::Passphrase(_)) => Err(VaultError::NotSealed { path: path.to_owned() }),
    }
}

/// The cipher under the key that Argon2id makes of the passphrase.
fn cipher(passphrase: &Passphrase, cost: Cost, salt: &[u8]) -> Result<XChaCha20Poly1305, VaultError> {
    let params = cost.checked()?;
    let refused = || VaultError::Cost { asked: cost.to_string(), most: "the memory of this computer".into() };
    let mut blocks = Zeroizing::new(Vec::<Block>::new());
    blocks.try_reserve_exact(params.block_count()).map_err(|_| refused())?;
    blocks.resize(params.block_count(), Block::default());
    let mut key = Zeroizing::new([0; KEY_LEN]);
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
        .hash_password_into_with_memory(passphrase.0.as_bytes(), salt, &mut *key, &mut blocks[..])
        .map_err(|_| refused())?;
    Ok(XChaCha20Poly1305::new(&Key::from(*key)))
}

fn render(path: &Path, about: &str, key: Kept<'_>) -> Result<Zeroizing<Vec<u8>>, VaultError> {
    let file = KeyFile { about: about.into(), format: FORMAT, key };
    let mut content = Zeroizing::new(Vec::with_capacity(KEY_FILE_ROOM));
    serde_json::to_writer_pretty(&mut *content, &file).map_err(|error| no_key_file(path, error))?;
    content.push(b'\n');
    Ok(content)
}

fn parse<'a>(path: &Path, content: &'a [u8]) -> Result<KeyFile<'a>, VaultError> {
    /// The one field that every format has.
    #[derive(Deserialize)]
    struct Head {
        format: u32,
    }
    let head: Head = serde_json::from_slice(content).map_err(|error| no_key_file(path, error))?;
    if head.format > FORMAT {
        let (found, known) = (head.format.into(), FORMAT.into());
        return Err(VaultError::Newer { path: path.to_owned(), found, known });
    }
    serde_json::from_slice(content).map_err(|error| no_key_file(path, error))
}

fn no_key_file(path: &Path, reason: impl ToString) -> VaultError {
    VaultError::KeyFile { path: path.to_owned(), reason: reason.to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CHEAP: Cost = Cost { memory_kib: 8, passes: 1, lanes: 1 };

    fn here() -> &'static Path {
        Path::new("/nowhere/vault.key")
    }

    fn sealed(passphrase: &str) -> (DatabaseKey, Zeroizing<Vec<u8>>) {
        let key = DatabaseKey::random().unwrap();
        let seal = Seal::Passphrase { passphrase: Passphrase::new(passphrase.into()), cost: CHEAP };
        let content = close(here(), &key, &seal).unwrap();
        (key, content)
    }

    fn unlock(content: &[u8], passphrase: &str) -> Result<DatabaseKey, VaultError> {
        open(here(), content, &Unlock::Passphrase(Passphrase::new(passphrase.into())))
    }

    #[test]
    fn the_passphrase_opens_what_it_sealed_and_no_other_does() {
        let (key, content) = sealed("correct horse");
        assert_eq!(unlock(&content, "correct horse").unwrap().0, key.0);
        for wrong in ["", "correct hors", "correct horse "] {
            assert!(matches!(unlock(&content, wrong), Err(VaultError::WrongPassphrase { .. })));
        }
        assert!(!String::from_utf8_lossy(&content).contains(key.to_hex().as_str()));
    }

    #[test]
    fn the_same_key_is_never_sealed_to_the_same_bytes() {
        let key = DatabaseKey::random().unwrap();
        let seal = || Seal::Passphrase { passphrase: Passphrase::new("p".into()), cost: CHEAP };
        assert_ne!(close(here(), &key, &seal()).unwrap(), close(here(), &key, &seal()).unwrap());
    }

    #[test]
    fn any_changed_digit_of_the_sealed_key_is_noticed() {
        let (_, content) = sealed("p");
        let text = String::from_utf8(content.to_vec()).unwrap();
        let at = text.find("\"sealed\": \"").unwrap() + 11;
        for n in at..at + SEALED_LEN * 2 {
            let mut bent = text.clone().into_bytes();
            bent[n] = if bent[n] == b'0' { b'1' } else { b'0' };
            assert!(matches!(unlock(&bent, "p"), Err(VaultError::WrongPassphrase { .. })), "digit {n}");
        }
    }

    #[test]
    fn a_forged_file_cannot_ask_for_all_memory_or_all_time() {
        let (_, content) = sealed("p");
        let text = String::from_utf8(content.to_vec()).unwrap();
        for (was, forged) in [
            ("\"memory_kib\": 8", "\"memory_kib\": 4294967295"),
            ("\"memory_kib\": 8", "\"memory_kib\": 524289"),
            ("\"passes\": 1", "\"passes\": 17"),
            ("\"passes\": 1", "\"passes\": 0"),
            ("\"lanes\": 1", "\"lanes\": 9"),
        ] {
            let forged = text.replace(was, forged);
            assert_ne!(forged, text);
            assert!(matches!(unlock(forged.as_bytes(), "p"), Err(VaultError::Cost { .. })));
        }
    }

    #[test]
    fn damaged_and_newer_files_are_told_apart() {
        let (_, content) = sealed("p");
        let text = String::from_utf8(content.to_vec()).unwrap();
        let newer = text.replace("\"format\": 1", "\"format\": 2");
        assert!(matches!(unlock(newer.as_bytes(), "p"), Err(VaultError::Newer { found: 2, known: 1, .. })));
        let short = text.replace("\"salt\": \"", "\"salt\": \"00");
        for damaged in ["", "{}", &text[..text.len() / 2], &short] {
            let error = unlock(damaged.as_bytes(), "p").err().unwrap();
            assert!(matches!(error, VaultError::KeyFile { .. }), "{error}");
        }
    }

    #[test]
    fn an_empty_passphrase_is_refused_and_none_is_ever_printed() {
        let seal = |text: &str| Seal::Passphrase { passphrase: Passphrase::new(text.into()), cost: CHEAP };
        let key = DatabaseKey::random().unwrap();
        assert!(matches!(close(here(), &key, &seal("")), Err(VaultError::EmptyPassphrase)));
        assert!(!format!("{:?}", seal("secret")).contains("secret"));
    }

    #[test]
    fn a_file_in_the_clear_says_so() {
        let key = DatabaseKey::random().unwrap();
        let content = close(here(), &key, &Seal::KeyFile).unwrap();
        assert!(String::from_utf8_lossy(&content).contains(IN_THE_CLEAR));
        assert_eq!(sealing(here(), &content).unwrap(), Sealing::KeyFile);
        assert_eq!(Sealing::KeyFile.warning(), Some(IN_THE_CLEAR));
        assert!(matches!(unlock(&content, "p"), Err(VaultError::NotSealed { .. })));
    }
}
