//! The folder of the server: what survives in it, and what is said when it cannot be used.

use std::path::Path;

use grammers_tl_types::enums;
use subrosa::server::rpc::{Data, Rpc};

use crate::world::*;

fn refusal(folder: &Path) -> String {
    let data = Data::Folder(folder.to_path_buf());
    let opened = Rpc::open(&data, "127.0.0.1:1".parse().unwrap(), Box::new(|_, _| ()));
    opened.err().expect("this folder cannot be used").to_string()
}

#[test]
fn auth_keys_survive_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let key: [u8; 256] = std::array::from_fn(|i| i as u8);
    let mut world = World::in_folder(folder.path());
    assert_eq!(world.rpc().auth_key(-3, START), None);
    world.rpc().keep_auth_key(-3, &key, START).unwrap();
    drop(world);
    assert_eq!(World::in_folder(folder.path()).rpc().auth_key(-3, START), Some(key));
}

#[test]
fn keys_that_nobody_signs_in_with_are_forgotten() {
    const DAY: i32 = 24 * 60 * 60;
    const UNUSED: i64 = 1;
    const USED: i64 = 2;
    const CONNECTED: i64 = 3;
    let key = [7; 256];
    let mut world = World::new();
    for id in [ADA, UNUSED, USED, CONNECTED] {
        world.rpc().keep_auth_key(id, &key, START).unwrap();
    }
    world.enter(ADA, ADA_PHONE, "Ada");
    let in_use = |id| id == CONNECTED;
    let later = START + DAY;
    world.rpc().forget_keys(&in_use, later);
    assert_eq!(world.rpc().auth_key(USED, later), Some(key), "a day is not over");
    let later = later + 60 * 60;
    world.rpc().forget_keys(&in_use, later);
    let kept = [ADA, UNUSED, USED, CONNECTED].map(|id| world.rpc().auth_key(id, later).is_some());
    assert_eq!(kept, [true, false, true, true]);
}

#[test]
fn a_folder_is_made_and_serves_one_server() {
    let parent = tempfile::tempdir().unwrap();
    let folder = parent.path().join("made/on/the/way");
    let first = World::in_folder(&folder);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(std::fs::metadata(&folder).unwrap().permissions().mode() & 0o777, 0o700);
    }
    let error = refusal(&folder);
    assert!(error.contains("in use by another server"), "{error}");
    assert!(error.contains("server.sqlite"), "{error}");
    drop(first);
    World::in_folder(&folder);
}

#[cfg(unix)]
#[test]
fn the_database_is_private_in_a_folder_that_is_not() {
    use std::fs::{Permissions, metadata, set_permissions};
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    set_permissions(folder.path(), Permissions::from_mode(0o755)).unwrap();
    let files = ["server.sqlite", "server.sqlite-wal"].map(|name| folder.path().join(name));
    let modes = || files.clone().map(|file| metadata(file).unwrap().permissions().mode() & 0o777);

    let mut world = World::in_folder(folder.path());
    world.enter(ADA, ADA_PHONE, "Ada");
    assert_eq!(modes(), [0o600; 2]);
    drop(world);

    set_permissions(&files[0], Permissions::from_mode(0o644)).unwrap();
    let mut world = World::in_folder(folder.path());
    world.enter(ADA_2, ADA_PHONE, "Ada");
    assert_eq!(modes(), [0o600; 2]);
}

#[test]
fn a_newer_database_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    World::in_folder(folder.path()).enter(ADA, ADA_PHONE, "Ada");
    let file = folder.path().join("server.sqlite");
    let database = rusqlite::Connection::open(&file).unwrap();
    let version: i64 = database.query_row("PRAGMA user_version", [], |row| row.get(0)).unwrap();
    database.pragma_update(None, "user_version", 99).unwrap();
    drop(database);
    let error = refusal(folder.path());
    assert!(error.contains("newer version (schema 99"), "{error}");
    rusqlite::Connection::open(&file).unwrap().pragma_update(None, "user_version", version).unwrap();
    let again = World::in_folder(folder.path()).enter(ADA, ADA_PHONE, "Somebody");
    assert_eq!(again.first_name.as_deref(), Some("Ada"));
}

#[test]
fn what_is_no_database_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("server.sqlite");
    let text = "a letter to a friend, and certainly no database at all; ".repeat(40);
    std::fs::write(&file, &text).unwrap();
    let error = refusal(folder.path());
    assert!(error.contains("cannot be opened as the server's database"), "{error}");
    assert_eq!(std::fs::read_to_string(&file).unwrap(), text);

    let error = refusal(&file);
    assert!(error.contains("cannot be made"), "{error}");
}

#[test]
fn the_server_can_be_moved_to_a_thread_of_its_own() {
    let mut world = World::new();
    let user = std::thread::spawn(move || world.enter(ADA, ADA_PHONE, "Ada")).join().unwrap();
    assert!(user.is_self);
}

#[test]
fn a_database_from_before_there_were_files_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("server.sqlite");
    let database = rusqlite::Connection::open(&file).unwrap();
    for step in ["001", "002", "003"] {
        let path = format!("{}/assets/schema/server/{step}.sql", env!("CARGO_MANIFEST_DIR"));
        database.execute_batch(&std::fs::read_to_string(path).unwrap()).unwrap();
    }
    database
        .execute_batch(&format!(
            "PRAGMA user_version = 3;
             INSERT INTO users (id, phone, first_name) VALUES (1, '15550001', 'Ada'), (2, '15550002', 'Boole');
             INSERT INTO authorizations (auth_key_id, user_id, hash, created, qts)
                VALUES ({ADA}, 1, 1, 1, 1), ({BOOLE}, 2, 2, 1, 2);
             INSERT INTO chats (id, state, date, admin_id, admin_key, admin_hash, participant_id, participant_key,
                participant_hash, g_a) VALUES (5, 1, 1, 1, {ADA}, 11, 2, {BOOLE}, 12, x'');
             INSERT INTO queue (auth_key_id, qts, chat_id, sender_key, random_id, date, service, data)
                VALUES ({BOOLE}, 2, 5, {ADA}, 7, {START}, 0, x'00');"
        ))
        .unwrap();
    drop(database);
    let mut world = World::in_folder(folder.path());
    let missed = world.missed(BOOLE, START, 1);
    let [enums::EncryptedMessage::Message(message)] = &missed.new_encrypted_messages[..] else {
        panic!("{missed:?}");
    };
    assert_eq!((message.random_id, &message.file), (7, &enums::EncryptedFile::Empty));
    let ada = world.by_phone(BOOLE, ADA_PHONE);
    assert_eq!((ada.first_name.as_deref(), ada.deleted), (Some("Ada"), false));
}
