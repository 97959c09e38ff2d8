//! `subrosa profiles`: which there are, other names for them, signing out, and their end.
//!
//! A profile is the only copy of its secret chats, so what ends something here says first what it ends, by name, and asks. A
//! script answers the same questions on standard input.

mod sign_out;

use std::path::PathBuf;

use super::args::{Profile, ProfileName, Profiles, ProfilesCommand};
use super::open::OpenFault;
use super::paths::{PathFault, Paths};
use super::prompt::{PromptFault, ask_line};
use crate::engine::EngineError;
use crate::system::in_words;
use crate::vault::estate::{self, Standing};
use crate::vault::{Sealing, VaultError};

/// Why it was not done.
#[derive(Debug, thiserror::Error)]
pub enum ProfilesFault {
    #[error(transparent)]
    Path(#[from] PathFault),
    #[error(transparent)]
    Vault(#[from] VaultError),
    #[error(transparent)]
    Open(#[from] OpenFault),
    #[error(transparent)]
    Prompt(#[from] PromptFault),
    #[error(transparent)]
    Engine(#[from] EngineError),
    #[error("the folder {} cannot be read ({}): look at who owns it", folder.display(), in_words(error))]
    Folder { folder: PathBuf, error: std::io::Error },
    #[error("nothing was changed")]
    Unconfirmed,
    #[error("{0}")]
    SignOut(String),
    #[error("the runtime could not be started: {}", in_words(.0))]
    Runtime(std::io::Error),
}

/// Does what was asked; without a word, lists the profiles.
///
/// # Errors
/// One sentence each; above all: there is no such profile, another process works in it, the question was not answered with yes.
pub fn run(arguments: Profiles) -> Result<(), ProfilesFault> {
    let paths = Paths::find()?;
    match arguments.command {
        None | Some(ProfilesCommand::List) => list(&paths),
        Some(ProfilesCommand::Rename { from, to }) => {
            estate::rename(&paths.profile(&from), &paths.profile(&to))?;
            println!("{from} is called {to} now. Open it with: subrosa --profile {to}");
            Ok(())
        }
        Some(ProfilesCommand::SignOut { name, passphrase_command, discard }) => {
            sign_out::run(&Profile { name, passphrase_command }, discard)
        }
        Some(ProfilesCommand::Delete { name }) => delete(&paths, &name),
    }
}

/// The names of all profiles that are there, in order.
///
/// # Errors
/// The folder cannot be read. That there is none yet is no error.
pub fn names(paths: &Paths) -> Result<Vec<ProfileName>, ProfilesFault> {
    let folder = paths.profiles();
    let entries = match std::fs::read_dir(&folder) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries.map_err(|error| ProfilesFault::Folder { folder, error })?,
    };
    let names = entries.flatten().filter_map(|entry| entry.file_name().to_str()?.parse().ok());
    let mut names: Vec<ProfileName> =
        names.filter(|name| estate::standing(&paths.profile(name)).is_some()).collect();
    names.sort_by(|a, b| a.as_str().cmp(b.as_str()));
    Ok(names)
}

fn list(paths: &Paths) -> Result<(), ProfilesFault> {
    let names = names(paths)?;
    if names.is_empty() {
        println!("There is no profile yet. Make one with: subrosa sign-in --profile NAME");
    }
    for name in names {
        let folder = paths.profile(&name);
        if let Some(standing) = estate::standing(&folder) {
            println!("{name}\t{}\t{}", words(&standing), folder.display());
        }
    }
    Ok(())
}

fn words(standing: &Standing) -> String {
    match standing {
        Standing::Free(Sealing::Passphrase) => "sealed by a passphrase".into(),
        Standing::Free(Sealing::KeyFile) => "not sealed: its key lies beside it".into(),
        Standing::Busy(holder) => format!("in use by {holder}"),
        Standing::Broken(why) => format!("cannot be opened: {why}"),
    }
}

/// Deletes after the name was typed once more: a yes is given too quickly.
fn delete(paths: &Paths, name: &ProfileName) -> Result<(), ProfilesFault> {
    let folder = paths.profile(name);
    match estate::standing(&folder) {
        None => return Err(VaultError::NoProfile { folder }.into()),
        Some(Standing::Busy(holder)) => return Err(VaultError::Locked { folder, holder }.into()),
        Some(Standing::Free(_) | Standing::Broken(_)) => {}
    }
    let typed = ask_line(&format!(
        "This destroys {} and with it the only copy of its secret chats; nothing brings them back.\n\
         Files that were saved elsewhere stay. The server is not told: to sign the device out there, first run\n\
         subrosa profiles sign-out {name}\n\
         To delete it, type its name: ",
        folder.display()
    ))?;
    if typed != name.as_str() {
        return Err(ProfilesFault::Unconfirmed);
    }
    estate::destroy(&folder)?;
    println!("{name} is deleted.");
    Ok(())
}
