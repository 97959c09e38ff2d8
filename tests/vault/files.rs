//! The files of a profile: what they look like from outside, who may read them, and what a bad one leads to.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use subrosa::secret::step::Change;
use subrosa::vault::{Cost, IN_THE_CLEAR, Passphrase, Seal, Sealing, Unlock, Vault, VaultError};

use super::{commit, new_vault, passphrase, sealed, text};

const WORDS: &str = "meet me under the rose at midnight";

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

fn bytes_of_all_files(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let files = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap());
    files.map(|file| (file.file_name().into_string().unwrap(), fs::read(file.path()).unwrap())).collect()
}

fn contains(haystack: &[u8], needle: &[u8]) -> bool {
    haystack.windows(needle.len()).any(|window| window == needle)
}

#[test]
fn nothing_is_readable_from_outside_while_open_or_closed() {
    let (_folder, mut vault) = new_vault();
    let folder = vault.folder().to_owned();
    vault.commit(&commit([Change::Message(text(1, 1, WORDS))])).unwrap();
    let open = bytes_of_all_files(&folder);
    assert!(open.iter().any(|(name, bytes)| name == "vault.db-wal" && !bytes.is_empty()));
    drop(vault);
    let closed = bytes_of_all_files(&folder);
    assert!(closed.iter().all(|(name, _)| name != "vault.db-wal"), "the log is gone after closing");
    for (name, bytes) in open.iter().chain(&closed) {
        assert!(!bytes.starts_with(b"SQLite format 3"), "{name}");
        assert!(!contains(bytes, b"SQLite format") && !contains(bytes, b"CREATE TABLE"), "{name}");
        assert!(!contains(bytes, WORDS.as_bytes()) && !contains(bytes, b"midnight"), "{name}");
    }
}

#[test]
fn folder_and_files_belong_to_the_owner_alone() {
    let (_folder, mut vault) = new_vault();
    vault.commit(&commit([Change::Message(text(1, 1, WORDS))])).unwrap();
    assert_eq!(mode(vault.folder()), 0o700);
    for name in ["vault.db", "vault.db-wal", "vault.key", "lock"] {
        assert_eq!(mode(&vault.folder().join(name)), 0o600, "{name}");
    }
}

#[test]
fn a_wrong_passphrase_is_one_clear_error_and_harms_nothing() {
    let (_folder, mut vault) = new_vault();
    let folder = vault.folder().to_owned();
    vault.commit(&commit([Change::Message(text(1, 1, WORDS))])).unwrap();
    drop(vault);
    let error = Vault::open(&folder, &passphrase("q")).unwrap_err();
    assert!(matches!(error, VaultError::WrongPassphrase { .. }));
    assert!(error.to_string().starts_with("wrong passphrase for "), "{error}");
    let error = Vault::open(&folder, &Unlock::KeyFile).unwrap_err();
    assert!(matches!(error, VaultError::PassphraseNeeded { .. }), "{error}");
    let vault = Vault::open(&folder, &passphrase("p")).unwrap();
    assert_eq!(vault.last_messages().unwrap(), [text(1, 1, WORDS)]);
    assert_eq!((vault.sealing(), vault.sealing().warning()), (Sealing::Passphrase, None));
}

#[test]
fn a_key_in_the_clear_says_so_and_must_be_private() {
    let folder = tempfile::tempdir().unwrap();
    let vault = Vault::create(folder.path(), &Seal::KeyFile).unwrap();
    assert_eq!(vault.sealing().warning(), Some(IN_THE_CLEAR));
    drop(vault);
    let key = folder.path().join("vault.key");
    assert!(fs::read_to_string(&key).unwrap().contains(IN_THE_CLEAR));
    assert_eq!(mode(&key), 0o600);
    assert_eq!(Vault::sealing_of(folder.path()).unwrap(), Sealing::KeyFile);
    let error = Vault::open(folder.path(), &passphrase("p")).unwrap_err();
    assert!(matches!(error, VaultError::NotSealed { .. }), "{error}");

    fs::set_permissions(&key, fs::Permissions::from_mode(0o640)).unwrap();
    let error = Vault::open(folder.path(), &Unlock::KeyFile).unwrap_err();
    assert!(matches!(error, VaultError::Exposed { mode: 0o640, .. }), "{error}");
    fs::set_permissions(&key, fs::Permissions::from_mode(0o600)).unwrap();
    Vault::open(folder.path(), &Unlock::KeyFile).unwrap();
}

#[test]
fn a_profile_is_never_made_over_another() {
    let (_folder, vault) = new_vault();
    let folder = vault.folder().to_owned();
    drop(vault);
    let before = bytes_of_all_files(&folder);
    let again = || Vault::create(&folder, &sealed("other")).unwrap_err();
    assert!(matches!(again(), VaultError::Exists { .. }));
    fs::rename(folder.join("vault.db"), folder.join("elsewhere")).unwrap();
    assert!(matches!(again(), VaultError::Exists { .. }), "the key of a lost database is kept");
    fs::rename(folder.join("elsewhere"), folder.join("vault.db")).unwrap();
    for (name, bytes) in before.iter().filter(|(name, _)| name != "lock") {
        assert!(fs::read(folder.join(name)).unwrap() == *bytes, "{name} was changed");
    }
}

#[test]
fn missing_files_are_named_and_not_replaced() {
    let folder = tempfile::tempdir().unwrap();
    for nothing in [folder.path().to_owned(), folder.path().join("no/such")] {
        let error = Vault::open(&nothing, &passphrase("p")).unwrap_err();
        assert!(matches!(error, VaultError::NoProfile { .. }), "{error}");
        assert!(!nothing.join("vault.db").exists() && !nothing.join("vault.key").exists());
    }
    for name in ["vault.db", "vault.key"] {
        let (_folder, vault) = new_vault();
        let folder = vault.folder().to_owned();
        drop(vault);
        fs::remove_file(folder.join(name)).unwrap();
        let error = Vault::open(&folder, &passphrase("p")).unwrap_err();
        assert!(matches!(&error, VaultError::Missing { path } if path.ends_with(name)), "{error}");
        assert!(!folder.join(name).exists());
    }
}

#[test]
fn a_damaged_database_is_named_and_left_as_it_is() {
    let (_folder, vault) = new_vault();
    let folder = vault.folder().to_owned();
    let path = folder.join("vault.db");
    drop(vault);
    let sound = fs::read(&path).unwrap();
    let bent = |at: usize| {
        let mut bytes = sound.clone();
        bytes[at] ^= 1;
        bytes
    };
    let plain = [b"SQLite format 3\0".as_slice(), &[0; 4080]].concat();
    let cut = |len: usize| sound[..len].to_vec();
    let half = sound.len() / 4096 / 2 * 4096;
    for damaged in [vec![], vec![0; 100], bent(0), bent(100), bent(4000), cut(1000), cut(half), plain] {
        fs::write(&path, &damaged).unwrap();
        let error = Vault::open(&folder, &passphrase("p")).unwrap_err();
        assert!(matches!(&error, VaultError::Damaged { path: named } if *named == path), "{error}");
        assert!(error.to_string().contains("restore a backup"), "{error}");
        assert!(fs::read(&path).unwrap() == damaged, "the damaged file was written to");
    }
    fs::write(&path, &sound).unwrap();
    Vault::open(&folder, &passphrase("p")).unwrap();
}

#[test]
fn the_key_of_another_profile_does_not_fit() {
    let ((_a, first), (_b, second)) = (new_vault(), new_vault());
    let (first_folder, second_folder) = (first.folder().to_owned(), second.folder().to_owned());
    drop((first, second));
    fs::copy(first_folder.join("vault.key"), second_folder.join("vault.key")).unwrap();
    let error = Vault::open(&second_folder, &passphrase("p")).unwrap_err();
    assert!(matches!(error, VaultError::Damaged { .. }), "{error}");
    assert!(error.to_string().contains("another vault.key"), "{error}");
}

#[test]
fn the_costs_of_sealing_are_kept_in_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let cost = Cost { memory_kib: 64, passes: 2, lanes: 1 };
    let seal = Seal::Passphrase { passphrase: Passphrase::new("p".into()), cost };
    drop(Vault::create(folder.path(), &seal).unwrap());
    let file = fs::read_to_string(folder.path().join("vault.key")).unwrap();
    assert!(file.contains("\"memory_kib\": 64") && file.contains("\"passes\": 2"), "{file}");
    Vault::open(folder.path(), &passphrase("p")).unwrap();
    assert!(fs::metadata(folder.path().join("vault.tmp")).is_err(), "nothing is left beside");
}
