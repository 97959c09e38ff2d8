//! What the welcome screen has done for it: keys are read, profiles made and opened, engines started.
//!
//! The screen knows none of these rooms; it asks through [`Host`] and is answered with a sentence or with what it asked for.

use std::path::PathBuf;

use super::args::ProfileName;
use super::paths::{self, Paths};
use super::profiles::{self, ProfilesFault};
use crate::engine::entrance::{self, Entrance};
use crate::engine::{self, Engine, EngineError, Proxy, ProxyFault, ServerProfile};
use crate::mtproto::rsa::PublicKey;
use crate::system::in_words;
use crate::tui::welcome::host::{Host, Keeping, Opened, Plan, ServerKey};
use crate::tui::welcome::model::Known;
use crate::vault::estate::{self, Standing};
use crate::vault::{Account, Cost, Passphrase, Seal, Sealing, Unlock, Vault, VaultError};

/// Where a key comes from that was not read from a file.
const PASTED: &str = "the key that was pasted";

/// This program, as the welcome screen sees it.
pub struct Program {
    paths: Paths,
}

impl Program {
    pub fn new(paths: Paths) -> Program {
        Program { paths }
    }

    /// The profiles that are there. One that is in use is listed too: opening it says by whom.
    ///
    /// # Errors
    /// Their folder cannot be read.
    pub fn profiles(&self) -> Result<Vec<Known>, ProfilesFault> {
        let known = |name: ProfileName| {
            let standing = estate::standing(&self.paths.profile(&name));
            Known { name: name.to_string(), sealed: standing == Some(Standing::Free(Sealing::Passphrase)) }
        };
        Ok(profiles::names(&self.paths)?.into_iter().map(known).collect())
    }

    fn folder(&self, profile: &str) -> Result<PathBuf, String> {
        let name: ProfileName = profile.parse().map_err(sentence)?;
        Ok(self.paths.profile(&name))
    }
}

impl Host for Program {
    fn server_key(&self, typed: &str) -> Result<ServerKey, String> {
        server_key(typed)
    }

    fn enter(&self, plan: &Plan) -> Result<Entrance, String> {
        plan.server.check().map_err(sentence)?;
        let folder = self.folder(&plan.profile)?;
        let vault = match Vault::open(&folder, &unlock(&plan.keeping)) {
            Err(VaultError::NoProfile { .. }) => Vault::create(&folder, &seal(&plan.keeping)),
            other => other,
        };
        entrance::open(vault.map_err(sentence)?, plan.server.clone(), false).map_err(sentence)
    }

    fn open(&self, profile: &str, keeping: &Keeping) -> Result<Opened, String> {
        let vault = Vault::open(&self.folder(profile)?, &unlock(keeping)).map_err(sentence)?;
        match engine::start_saving_in(vault, paths::downloads()) {
            Ok(engine) => Ok(Opened::Engine(Box::new(engine))),
            Err(EngineError::NotSignedIn) => Ok(Opened::Unfinished),
            Err(fault) => Err(sentence(fault)),
        }
    }

    fn engine(&self, entrance: Entrance) -> Result<Engine, String> {
        entrance.engine(paths::downloads()).map_err(sentence)
    }
}

/// The key in a file, or in a PEM text.
///
/// # Errors
/// A sentence: the file cannot be read, or holds something else.
pub fn server_key(typed: &str) -> Result<ServerKey, String> {
    let typed = typed.trim();
    let (pem, source) = if typed.contains("-----BEGIN") {
        (typed.to_owned(), PASTED.to_owned())
    } else {
        let path = expanded(typed);
        let pem = std::fs::read_to_string(&path).map_err(|error| {
            let path = path.display();
            let why = in_words(&error);
            format!("the key file {path} cannot be read ({why}): give the file that `subrosa serve` named")
        })?;
        (pem, path.display().to_string())
    };
    crate::cloud::server_keys::ServerKeys::from_pem(&source, &pem).map_err(sentence)?;
    let fingerprint = PublicKey::from_pem(&pem).map_err(sentence)?.fingerprint().cast_unsigned();
    Ok(ServerKey { pem, source, fingerprint })
}

/// The server that a profile knows by its account, for signing in there again. What Telegram alone wants, the application's hash, is in
/// no profile.
///
/// # Errors
/// The proxy that was stored with it is none.
pub fn server_of(account: &Account) -> Result<ServerProfile, ProxyFault> {
    Ok(ServerProfile {
        address: account.server.clone(),
        dc_id: account.dc_id,
        proxy: account.proxy.as_ref().map(|link| Proxy::from_link(link)).transpose()?,
        key: account.rsa_key.clone(),
        key_source: "this profile".into(),
        api_id: account.api_id,
        api_hash: String::new(),
    })
}

/// A path with the user's folder in place of `~`, which no shell has replaced here.
fn expanded(path: &str) -> PathBuf {
    let home = std::env::var_os("HOME").filter(|home| !home.is_empty());
    match (path.strip_prefix("~/"), home) {
        (Some(rest), Some(home)) => PathBuf::from(home).join(rest),
        _ => PathBuf::from(path),
    }
}

/// What opens a profile that is kept so.
pub fn unlock(keeping: &Keeping) -> Unlock {
    match keeping {
        Keeping::Passphrase(text) => Unlock::Passphrase(Passphrase::new(text.expose().to_owned())),
        Keeping::KeyFile => Unlock::KeyFile,
    }
}

/// How a new profile is to be kept.
pub fn seal(keeping: &Keeping) -> Seal {
    match keeping {
        Keeping::Passphrase(text) => {
            Seal::Passphrase { passphrase: Passphrase::new(text.expose().to_owned()), cost: Cost::DEFAULT }
        }
        Keeping::KeyFile => Seal::KeyFile,
    }
}

fn sentence(fault: impl std::fmt::Display) -> String {
    fault.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The private key of the demo's server.
    const PRIVATE: &str = include_str!("../../assets/demo/server.pem");

    #[test]
    fn a_key_is_read_from_a_file_or_from_what_was_pasted() {
        let pem = crate::mtproto::rsa::PrivateKey::from_pem(PRIVATE).unwrap().public().to_pem().unwrap();
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("server.pem");
        std::fs::write(&path, &pem).unwrap();
        let pasted = server_key(&format!("\n{pem}\n")).unwrap();
        let filed = server_key(&path.display().to_string()).unwrap();
        assert_eq!((pasted.fingerprint, pasted.source.as_str()), (filed.fingerprint, PASTED));
        assert_eq!(filed.source, path.display().to_string());
        assert_ne!(filed.fingerprint, 0);
    }

    #[test]
    fn what_is_no_public_key_is_named() {
        let fault = server_key("/nowhere/server.pem").unwrap_err();
        assert!(fault.contains("/nowhere/server.pem"), "{fault}");
        let fault = server_key(PRIVATE).unwrap_err();
        assert!(fault.contains("private key") && !fault.contains("MII"), "{fault}");
    }
}
