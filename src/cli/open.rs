//! Making and opening a profile: where it lies, how its key is kept, and what has to be asked for.
//!
//! The passphrase is asked for only when the profile wants one, and only after it is clear that the profile is there and free, so
//! that nobody types it in vain.

use std::io::Write;

use super::args::Profile;
use super::host;
use super::paths::{PathFault, Paths};
use super::prompt::{self, PromptFault};
use crate::engine::entrance::Hidden;
use crate::tui::welcome::host::Keeping;
use crate::vault::{Cost, Passphrase, Seal, Sealing, Vault, VaultError};

/// Why a profile is not open.
#[derive(Debug, thiserror::Error)]
pub enum OpenFault {
    #[error(transparent)]
    Path(#[from] PathFault),
    #[error(transparent)]
    Prompt(#[from] PromptFault),
    #[error(transparent)]
    Vault(#[from] VaultError),
}

/// Opens a profile that is there.
///
/// # Errors
/// Above all: there is none, another process has it, or the passphrase is wrong.
pub fn open(profile: &Profile) -> Result<Vault, OpenFault> {
    open_by(profile).map(|(vault, _)| vault)
}

/// As [`open`]; and what opened it, for whoever has to open it again.
///
/// # Errors
/// As [`open`].
pub fn open_by(profile: &Profile) -> Result<(Vault, Keeping), OpenFault> {
    let folder = Paths::find()?.profile(&profile.name);
    let sealing = Vault::sealing_of(&folder)?;
    let keeping = match sealing {
        Sealing::KeyFile => Keeping::KeyFile,
        Sealing::Passphrase => {
            let question = format!("Passphrase of the profile {}: ", profile.name);
            let typed = prompt::passphrase(&question, profile.passphrase_command.as_deref())?;
            Keeping::Passphrase(Hidden::new(typed.into_text()))
        }
    };
    let vault = Vault::open(&folder, &host::unlock(&keeping))?;
    warn(sealing);
    Ok((vault, keeping))
}

/// Opens a profile, or makes it if there is none: a sign-in that was broken off left one without an account.
///
/// # Errors
/// As [`open`]; and a new passphrase that is empty.
pub fn open_or_create(profile: &Profile, key_file: bool) -> Result<Vault, OpenFault> {
    match open(profile) {
        Err(OpenFault::Vault(VaultError::NoProfile { folder })) => {
            let seal = if key_file { Seal::KeyFile } else { new_seal(profile)? };
            let vault = Vault::create(&folder, &seal)?;
            warn(vault.sealing());
            Ok(vault)
        }
        other => other,
    }
}

fn new_seal(profile: &Profile) -> Result<Seal, PromptFault> {
    let question = format!("Choose a passphrase for the new profile {}: ", profile.name);
    let passphrase = prompt::new_passphrase(&question, profile.passphrase_command.as_deref())?;
    Ok(Seal::Passphrase { passphrase: carry(passphrase), cost: Cost::DEFAULT })
}

fn carry(typed: prompt::Passphrase) -> Passphrase {
    Passphrase::new(typed.into_text())
}

/// What the user has to know about how the key is kept. Standard error may be closed; that is no reason to stop.
fn warn(sealing: Sealing) {
    if let Some(sentence) = sealing.warning() {
        let _ = writeln!(std::io::stderr(), "{sentence}");
    }
}
