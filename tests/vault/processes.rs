//! More than one process: who holds the lock is told, and a killed one leaves every commit that it was told of.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use subrosa::secret::step::Change;
use subrosa::vault::{Vault, VaultError};

use super::{commit, new_vault, passphrase, text};

/// Names the profile to the child; without it the child's test does nothing.
const PROFILE: &str = "SUBROSA_TEST_PROFILE";

fn child(test: &str, folder: &Path) -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", test, "--ignored", "--nocapture"]).env(PROFILE, folder);
    command
}

fn profile() -> Option<PathBuf> {
    std::env::var_os(PROFILE).map(PathBuf::from)
}

#[test]
#[ignore = "runs as the child of another test"]
fn open_and_tell() {
    let Some(folder) = profile() else { return };
    match Vault::open(&folder, &passphrase("p")) {
        Ok(_) => println!("opened"),
        Err(error) => println!("refused: {error}"),
    }
}

#[test]
#[ignore = "runs as the child of another test"]
fn commit_for_ever() {
    let Some(folder) = profile() else { return };
    let mut vault = Vault::open(&folder, &passphrase("p")).unwrap();
    for n in 0..100_000 {
        vault.commit(&commit([Change::Message(text(1, n, "and on"))])).unwrap();
        println!("committed {n}");
    }
}

#[test]
fn the_second_one_is_told_who_the_first_is() {
    let (_folder, vault) = new_vault();
    let folder = vault.folder().to_owned();
    let error = Vault::open(&folder, &passphrase("p")).unwrap_err();
    let VaultError::Locked { holder, .. } = &error else { panic!("{error}") };
    assert_eq!(holder.pid, Some(std::process::id()));
    assert!(
        matches!(Vault::sealing_of(&folder), Err(VaultError::Locked { .. })),
        "before a passphrase is typed"
    );

    let told = |folder| {
        let output = child("processes::open_and_tell", folder).output().unwrap();
        String::from_utf8(output.stdout).unwrap()
    };
    let words = told(&folder);
    let us = format!("is in use by process {} (", std::process::id());
    assert!(words.contains("refused: the profile ") && words.contains(&us), "{words}");
    drop(vault);
    let words = told(&folder);
    assert!(words.contains("opened"), "{words}");
}

/// Kills its process when dropped, so that a failing test leaves none behind.
struct Killed(Child);

impl Drop for Killed {
    fn drop(&mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }
}

#[test]
fn a_killed_process_leaves_no_lock_and_every_commit() {
    let (_folder, vault) = new_vault();
    let folder = vault.folder().to_owned();
    drop(vault);
    let mut writer =
        Killed(child("processes::commit_for_ever", &folder).stdout(Stdio::piped()).spawn().unwrap());
    let lines = BufReader::new(writer.0.stdout.take().unwrap()).lines();
    let mut committed = lines
        .map_while(Result::ok)
        .filter_map(|line| line.split_once("committed ").and_then(|(_, number)| number.parse::<i64>().ok()));
    assert_eq!(committed.by_ref().take(40).last(), Some(39));
    let pid = writer.0.id();
    let error = Vault::open(&folder, &passphrase("p")).unwrap_err();
    assert!(matches!(&error, VaultError::Locked { holder, .. } if holder.pid == Some(pid)), "{error}");
    drop(writer);

    let told = committed.last().unwrap_or(39);
    let vault = Vault::open(&folder, &passphrase("p")).unwrap();
    let known = vault.load().unwrap().known;
    let numbers: Vec<i64> = known.into_iter().map(|(_, random_id)| random_id).collect();
    assert!(numbers.len() as i64 > told, "{} rows, but {told} was committed", numbers.len());
    assert_eq!(numbers, (0..numbers.len() as i64).collect::<Vec<_>>());
}
