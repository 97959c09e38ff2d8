//! Files that lie in another data centre: the one server is two of them, and the engine's own connection goes over a line that counts.

use std::fs;

use subrosa::engine::{Connection, Event};
use subrosa::server::rpc::{RpcError, Trouble};

use crate::stage::{BASIL, Stage, noise};

/// More than all that the own connection carries beside files.
const LONG: usize = 700_001;

/// The next calls of a method by Basil fail.
async fn trouble(stage: &Stage, method: &str, code: i32, name: &str, calls: u32) {
    let error = RpcError { code, name: name.to_owned() };
    let trouble = Trouble { phone: BASIL.to_owned(), method: method.to_owned(), error, calls };
    stage.server().trouble(trouble).await.unwrap();
}

/// Ada's file at Basil's, and what of it has come over his own connection.
async fn fetched(stage: &mut Stage) -> u64 {
    let bytes = noise(LONG, 7);
    let path = stage.file("far.bin", &bytes);
    let random_id = stage.ada_sends(&path).await;
    let before = stage.basil.line.down.passed();
    let here = stage.basil_fetches(random_id).await;
    assert!(fs::read(here).unwrap() == bytes);
    stage.basil.line.down.passed() - before
}

/// Why Ada's file does not come to Basil, who stays signed in and online.
async fn refused(stage: &mut Stage) -> String {
    let path = stage.file("far.bin", &noise(LONG, 7));
    let random_id = stage.ada_sends(&path).await;
    stage.basil.send(subrosa::engine::Command::Download { chat: stage.chat, random_id });
    let sentence = stage.basil.until_failed(random_id).await;
    assert!(!sentence.contains("signed out"), "{sentence}");
    stage.ada.send_file(stage.chat, &stage.file("near.bin", b"near"));
    let near = stage.basil.until("another message", |event| match event {
        Event::SignedOut(words) => panic!("{words}"),
        Event::Connection(Connection::Refused(words)) => panic!("{words}"),
        Event::Chat(subrosa::engine::ChatEvent::Message(message)) => Some(message.random_id),
        _ => None,
    });
    let near = near.await;
    let here = stage.basil_fetches(near).await;
    assert_eq!(fs::read(here).unwrap(), b"near");
    sentence
}

#[tokio::test]
async fn a_file_is_followed_to_where_it_lies() {
    let mut stage = Stage::set().await;
    trouble(&stage, "upload.getFile", 303, "FILE_MIGRATE_2", 1).await;
    let at_home = fetched(&mut stage).await;
    assert!(at_home < LONG as u64 / 4, "{at_home} bytes came over the own connection");
}

#[tokio::test]
async fn a_file_that_is_said_to_lie_elsewhere_is_fetched_there_at_once() {
    let mut stage = Stage::set().await;
    let at_home = fetched(&mut stage).await;
    assert!(at_home > LONG as u64, "only {at_home} bytes came over the own connection");
    stage.server().place_files(Some(3)).await.unwrap();
    for _ in 0..2 {
        let at_home = fetched(&mut stage).await;
        assert!(at_home < LONG as u64 / 4, "{at_home} bytes came over the own connection");
    }
}

#[tokio::test]
async fn a_branch_that_has_forgotten_the_account_lets_it_in_again() {
    let mut stage = Stage::set().await;
    stage.server().place_files(Some(3)).await.unwrap();
    trouble(&stage, "upload.getFile", 401, "AUTH_KEY_UNREGISTERED", 1).await;
    trouble(&stage, "auth.exportAuthorization", 420, "FLOOD_WAIT_1", 1).await;
    let at_home = fetched(&mut stage).await;
    assert!(at_home < LONG as u64 / 4, "{at_home} bytes came over the own connection");
}

#[tokio::test]
async fn a_data_centre_that_nobody_knows_is_named() {
    let mut stage = Stage::set().await;
    trouble(&stage, "upload.getFile", 303, "FILE_MIGRATE_77", 1).await;
    let sentence = refused(&mut stage).await;
    assert!(sentence.contains("data centre 77") && sentence.contains("does not say where"), "{sentence}");
}

#[tokio::test]
async fn a_file_said_to_lie_where_nobody_knows_is_looked_for_at_home() {
    let mut stage = Stage::set().await;
    stage.server().place_files(Some(77)).await.unwrap();
    assert!(fetched(&mut stage).await > LONG as u64);
}

#[tokio::test]
async fn servers_that_send_us_round_are_left() {
    let mut stage = Stage::set().await;
    trouble(&stage, "upload.getFile", 303, "FILE_MIGRATE_2", 2).await;
    let sentence = refused(&mut stage).await;
    assert!(sentence.contains("from one data centre to another"), "{sentence}");
}

#[tokio::test]
async fn a_data_centre_that_shuts_us_out_does_not_sign_us_out() {
    let mut stage = Stage::set().await;
    trouble(&stage, "upload.getFile", 303, "FILE_MIGRATE_2", 1).await;
    trouble(&stage, "upload.getFile", 401, "AUTH_KEY_UNREGISTERED", 2).await;
    let sentence = refused(&mut stage).await;
    assert!(sentence.contains("data centre 2, which does not let this device in"), "{sentence}");
}

#[tokio::test]
async fn nobody_is_let_in_again_whom_the_own_data_centre_does_not_vouch_for() {
    let mut stage = Stage::set().await;
    stage.server().place_files(Some(3)).await.unwrap();
    fetched(&mut stage).await;
    stage.server().place_files(None).await.unwrap();
    // The way there is open already: only being let in again takes another export.
    trouble(&stage, "upload.getFile", 303, "FILE_MIGRATE_3", 1).await;
    trouble(&stage, "upload.getFile", 401, "AUTH_KEY_UNREGISTERED", 1).await;
    trouble(&stage, "auth.exportAuthorization", 400, "DC_ID_INVALID", 1).await;
    let sentence = refused(&mut stage).await;
    assert!(sentence.contains("data centre 3") && sentence.contains("DC_ID_INVALID"), "{sentence}");
}
