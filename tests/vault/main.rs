//! The vault as its callers see it: rows through close and reopen, histories against a model, and the files on the disk.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod estate;
mod files;
mod histories;
mod kinds;
mod processes;
mod rows;
mod transfers;

use subrosa::secret::record::{Body, ChatId, Direction, Message};
use subrosa::secret::step::{Change, Commit};
use subrosa::vault::{Cost, Passphrase, Seal, Unlock, Vault};
use tempfile::TempDir;

/// The least that Argon2id accepts: these tests are not about guessing.
const CHEAP: Cost = Cost { memory_kib: 8, passes: 1, lanes: 1 };

fn passphrase(text: &str) -> Unlock {
    Unlock::Passphrase(Passphrase::new(text.into()))
}

fn sealed(text: &str) -> Seal {
    Seal::Passphrase { passphrase: Passphrase::new(text.into()), cost: CHEAP }
}

/// A new profile in a folder of its own.
fn new_vault() -> (TempDir, Vault) {
    let folder = tempfile::tempdir().unwrap();
    let vault = Vault::create(&folder.path().join("profile"), &sealed("p")).unwrap();
    (folder, vault)
}

/// Closes the vault and opens it again.
fn reopen(vault: Vault) -> Vault {
    let folder = vault.folder().to_owned();
    drop(vault);
    Vault::open(&folder, &passphrase("p")).unwrap()
}

fn commit(changes: impl Into<Vec<Change>>) -> Commit {
    Commit { changes: changes.into() }
}

fn text(chat: i32, random_id: i64, text: &str) -> Message {
    Message::new(ChatId(chat), random_id, Direction::Out, 1_700_000_000, Body::text(text))
}
