//! Profiles that are thrown away afterwards: their key lies beside them in the clear, and nothing is asked for.
//!
//! Who plays somebody for a while (a demonstration) needs profiles that are as real as any, without a passphrase and without knowing
//! how a vault is sealed. Nothing that matters may ever be kept in one.

use std::path::Path;

use super::actor::EngineError;
use crate::vault::{Seal, Unlock, Vault};

/// Makes a profile in a folder that has none; the folder is made if need be.
///
/// # Errors
/// There is one already, or the folder cannot be written.
pub fn create_throwaway(folder: &Path) -> Result<Vault, EngineError> {
    Ok(Vault::create(folder, &Seal::KeyFile)?)
}

/// Opens a profile that was made by [`create_throwaway`].
///
/// # Errors
/// There is none, another process has it, or it cannot be read.
pub fn open_throwaway(folder: &Path) -> Result<Vault, EngineError> {
    Ok(Vault::open(folder, &Unlock::KeyFile)?)
}
