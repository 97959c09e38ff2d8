//! The server's RSA key: made on first start, kept in the data folder, readable by its owner only.
//!
//! Clients pin the server by it, so it must outlive every restart: a key that cannot be read is an error, never silently replaced.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use crate::mtproto::rsa::{KeyFault, PrivateKey};
use crate::system::in_words;

const KEY_FILE: &str = "server_key.pem";

/// Why there is no usable key.
#[derive(Debug, thiserror::Error)]
pub enum IdentityFault {
    #[error("cannot use {path} ({}): check that the folder exists and belongs to you", in_words(source))]
    File { path: PathBuf, source: io::Error },
    #[error(
        "{path} holds no usable server key: {source}; restore it from a backup, or remove it to get a new one (every client must \
         then be given the new public key)"
    )]
    Key { path: PathBuf, source: KeyFault },
    #[error("the new server key cannot be written as PEM: {0}")]
    Encoding(KeyFault),
    #[error("the key that the server was given cannot be used: {0}")]
    Given(KeyFault),
}

/// A key that lives as long as the process.
pub fn generate() -> PrivateKey {
    PrivateKey::generate(&mut rand::rng())
}

/// A key that whoever starts the server has (PKCS#1 PEM).
pub fn given(pem: &str) -> Result<PrivateKey, IdentityFault> {
    PrivateKey::from_pem(pem).map_err(IdentityFault::Given)
}

/// The key of this folder; the folder and the key are made if they are missing. Blocks, for a second or so if a key is made.
pub fn load_or_create(folder: &Path) -> Result<PrivateKey, IdentityFault> {
    let path = folder.join(KEY_FILE);
    let fault = |source| IdentityFault::File { path: path.clone(), source };
    match fs::read_to_string(&path) {
        Ok(pem) => PrivateKey::from_pem(&pem).map_err(|source| IdentityFault::Key { path, source }),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            DirBuilder::new().recursive(true).mode(0o700).create(folder).map_err(fault)?;
            let key = generate();
            let pem = key.to_pem().map_err(IdentityFault::Encoding)?;
            write_durably(&path, pem.as_bytes()).map_err(fault)?;
            Ok(key)
        }
        Err(error) => Err(fault(error)),
    }
}

/// Under its name there is a whole file or none, even after a power cut.
fn write_durably(path: &Path, content: &[u8]) -> io::Result<()> {
    let draft = path.with_extension("pem.new");
    let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&draft)?;
    file.write_all(content)?;
    file.sync_all()?;
    fs::rename(&draft, path)?;
    match path.parent() {
        Some(folder) => File::open(folder)?.sync_all(),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn the_key_is_made_once_and_private() {
        let dir = tempfile::tempdir().unwrap();
        let folder = dir.path().join("data");
        let first = load_or_create(&folder).unwrap();
        assert_eq!(load_or_create(&folder).unwrap().public(), first.public());
        let mode = fs::metadata(folder.join(KEY_FILE)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }

    #[test]
    fn a_damaged_key_is_not_replaced() {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join(KEY_FILE), "damaged").unwrap();
        let error = load_or_create(dir.path()).unwrap_err();
        assert!(matches!(error, IdentityFault::Key { .. }), "{error}");
        assert_eq!(fs::read_to_string(dir.path().join(KEY_FILE)).unwrap(), "damaged");
    }
}
