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
use crate::vault::{Sealing, Vault, VaultError};

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
            Keeping::Passphrase(typed)
        }
    };
    let vault = Vault::open(&folder, &host::unlock(&keeping))?;
    warn(sealing);
    Ok((vault, keeping))
}

/// As [`open`]; `None` if there is no such profile.
///
/// # Errors
/// As [`open`].
pub fn open_if_there(profile: &Profile) -> Result<Option<Vault>, OpenFault> {
    match open(profile) {
        Err(OpenFault::Vault(VaultError::NoProfile { .. })) => Ok(None),
        other => other.map(Some),
    }
}

/// Makes a profile, sealed by a passphrase that is chosen now unless its key is to lie in a file.
///
/// # Errors
/// The disk; a new passphrase that is empty or was mistyped.
pub fn create(profile: &Profile, key_file: bool) -> Result<Vault, OpenFault> {
    let keeping = if key_file { Keeping::KeyFile } else { Keeping::Passphrase(chosen(profile)?) };
    let vault = Vault::create(&Paths::find()?.profile(&profile.name), &host::seal(&keeping))?;
    warn(vault.sealing());
    Ok(vault)
}

fn chosen(profile: &Profile) -> Result<Hidden, PromptFault> {
    let question = format!("Choose a passphrase for the new profile {}: ", profile.name);
    prompt::new_passphrase(&question, profile.passphrase_command.as_deref())
}

/// What the user has to know about how the key is kept. Standard error may be closed; that is no reason to stop.
fn warn(sealing: Sealing) {
    if let Some(sentence) = sealing.warning() {
        let _ = writeln!(std::io::stderr(), "{sentence}");
    }
}
