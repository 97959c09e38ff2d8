//! Profiles as wholes: what is seen of one that is closed, another name for it, and its end.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;

use subrosa::secret::file::{Download, Progress, Source, TransferState, Upload};
use subrosa::secret::record::ChatId;
use subrosa::vault::estate::{Standing, destroy, rename, standing};
use subrosa::vault::{Seal, Sealing, Unlock, Vault, VaultError};

use super::{new_vault, passphrase};

#[test]
fn a_profile_is_seen_without_its_passphrase() {
    let (folder, vault) = new_vault();
    let place = folder.path().join("profile");
    assert!(
        matches!(standing(&place), Some(Standing::Busy(holder)) if holder.pid == Some(std::process::id()))
    );
    drop(vault);
    assert_eq!(standing(&place), Some(Standing::Free(Sealing::Passphrase)));
    assert_eq!(standing(&folder.path().join("other")), None);
    std::fs::remove_file(place.join("vault.key")).unwrap();
    assert!(matches!(standing(&place), Some(Standing::Broken(why)) if why.contains("vault.key")));
}

#[test]
fn a_renamed_profile_opens_under_its_new_name_only() {
    let (folder, vault) = new_vault();
    let (old, new) = (folder.path().join("profile"), folder.path().join("other"));
    assert!(matches!(rename(&old, &new), Err(VaultError::Locked { .. })));
    drop(vault);
    rename(&old, &new).unwrap();
    assert!(matches!(Vault::open(&old, &passphrase("p")), Err(VaultError::NoProfile { .. })));
    drop(Vault::open(&new, &passphrase("p")).unwrap());
    assert!(matches!(rename(&old, &folder.path().join("third")), Err(VaultError::NoProfile { .. })));
}

#[test]
fn the_files_of_a_renamed_profile_are_found() {
    let (folder, mut vault) = new_vault();
    let (old, new) = (folder.path().join("profile"), folder.path().join("other"));
    // Not every name is text, and a neighbour's may begin like this one's.
    let fetched = OsStr::from_bytes(b"fleeting/\xff.part");
    let places = [old.join(fetched), folder.path().join("profile2/photo.jpg")];
    for (random_id, path) in (0..).zip(&places) {
        let (progress, state) = (Progress::default(), TransferState::Done);
        let path = path.clone();
        vault.put_download(&Download { chat: ChatId(1), random_id, path, progress, state }).unwrap();
    }
    let source = Source { path: old.join("outgoing/copy"), size: 1, modified_ns: 0 };
    let (chat, progress, state) = (ChatId(1), Progress::default(), TransferState::Running);
    vault.put_upload(&Upload { chat, random_id: 5, source, file_id: 1, progress, state }).unwrap();
    drop(vault);
    for name in [&new, &old] {
        let former = if name == &new { &old } else { &new };
        rename(former, name).unwrap();
        let vault = Vault::open(name, &passphrase("p")).unwrap();
        let mut found = vault.downloaded_paths().unwrap();
        found.sort();
        let mut expected = vec![name.join(fetched), places[1].clone()];
        expected.sort();
        assert_eq!(found, expected);
        assert_eq!(vault.uploads().unwrap()[0].source.path, name.join("outgoing/copy"));
    }
}

#[test]
fn no_profile_is_renamed_over_another() {
    let (folder, vault) = new_vault();
    drop(vault);
    let (old, taken) = (folder.path().join("profile"), folder.path().join("taken"));
    std::fs::create_dir(&taken).unwrap();
    assert!(matches!(rename(&old, &taken), Err(VaultError::Exists { .. })));
    drop(Vault::open(&old, &passphrase("p")).unwrap());
}

#[test]
fn a_destroyed_profile_leaves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path().join("profile");
    let vault = Vault::create(&place, &Seal::KeyFile).unwrap();
    std::fs::create_dir(place.join("files")).unwrap();
    std::fs::write(place.join("files/photo.jpg"), "fetched").unwrap();
    assert!(matches!(destroy(&place), Err(VaultError::Locked { .. })));
    assert!(place.join("vault.key").exists());
    drop(vault);
    destroy(&place).unwrap();
    assert!(!place.exists());
    assert!(matches!(destroy(&place), Err(VaultError::NoProfile { .. })));
    assert!(matches!(Vault::open(&place, &Unlock::KeyFile), Err(VaultError::NoProfile { .. })));
}

#[test]
fn a_folder_that_is_no_profile_is_not_touched() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("letter"), "dear").unwrap();
    assert!(matches!(destroy(folder.path()), Err(VaultError::NoProfile { .. })));
    assert!(folder.path().join("letter").exists());
}
