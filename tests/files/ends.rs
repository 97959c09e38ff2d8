//! Wishes that meet an end: asked for again while given up, a chat that closes, a program that stops or is killed.

use std::time::Duration;

use subrosa::engine::{Body, Command, Delivery};
use subrosa::secret::file::{TransferState, Upload};
use subrosa::server::rpc::{RpcError, Trouble};

use crate::stage::{ADA, Stage, noise};

const LARGE: usize = 5 << 20;

/// A download that is given up and asked for again before its task has ended.
#[tokio::test]
async fn asked_for_again_while_it_is_given_up_it_comes() {
    let mut stage = Stage::set().await;
    let chat = stage.chat;
    let path = stage.file("a", &noise(LARGE, 1));
    let random_id = stage.ada_sends(&path).await;
    stage.basil.line.down.hold_after(1 << 20);
    stage.basil.send(Command::Download { chat, random_id });
    stage.basil.line.down.held().await;
    stage.basil.send(Command::CancelTransfer { chat, random_id });
    stage.basil.send(Command::Download { chat, random_id });
    stage.basil.fence(chat).await;
    stage.basil.line.down.release();
    // Told "running", and nothing runs.
    let here = tokio::time::timeout(Duration::from_secs(10), stage.basil.until_here(random_id)).await;
    assert!(here.is_ok(), "it is stuck\n{}", stage.basil.log());
}

/// A chat that closes under an upload: the screen must learn that nothing runs, and nothing can start it again.
#[tokio::test]
async fn a_closed_chat_leaves_no_bar_running() {
    let mut stage = Stage::set().await;
    let chat = stage.chat;
    let path = stage.file("a", &noise(LARGE, 1));
    stage.ada.line.up.hold_after(1 << 20);
    stage.ada.send_file(chat, &path);
    let own = stage.ada.until_message().await.random_id;
    stage.ada.until_under_way(own).await;
    stage.ada.send(Command::Close { chat, delete_history: false });
    let words = stage.ada.until_failed(own).await;
    assert!(words.contains("the chat is closed"), "{words}");
    stage.ada.line.up.release();
    stage.ada.send(Command::ResumeTransfer { chat, random_id: own });
    let words = stage.ada.until_refused().await;
    assert!(words.contains("has failed for good"), "{words}");
    assert_eq!(stage.ada.history(chat).await[0].delivery, Delivery::Failed);
}

/// What the user has asked for before quitting is not lost without a word.
#[tokio::test]
async fn a_file_that_is_given_just_before_the_end_is_not_lost() {
    let mut stage = Stage::set().await;
    let chat = stage.chat;
    let path = stage.file("a", b"important");
    stage.ada.send_file(chat, &path);
    stage.ada.stop().await;
    stage.ada.start().await;
    assert_eq!(stage.ada.history(chat).await.len(), 1);
}

/// Ada's file goes up a second time, because the server has lost a part: its message has its number, and all behind it waits.
async fn parts_lost() -> (Stage, i64) {
    let mut stage = Stage::set().await;
    let trouble = Trouble {
        phone: ADA.into(),
        method: "messages.sendEncryptedFile".into(),
        error: RpcError { code: 400, name: "FILE_PART_0_MISSING".into() },
        calls: 1,
    };
    stage.server().trouble(trouble).await.unwrap();
    let path = stage.file("a", &noise(LARGE, 1));
    stage.ada.line.up.hold_after(LARGE as u64 + (2 << 20));
    stage.ada.send_file(stage.chat, &path);
    let own = stage.ada.until_message().await.random_id;
    stage.ada.line.up.held().await;
    (stage, own)
}

/// As a process leaves it that was killed after this row, whatever should have followed.
fn left_as(stage: &Stage, state: TransferState) {
    let mut vault = stage.ada.vault();
    let row = vault.uploads().unwrap().remove(0);
    vault.put_upload(&Upload { state, ..row }).unwrap();
}

#[tokio::test]
async fn killed_between_a_failed_upload_and_its_placeholder_the_chat_goes_on() {
    let (mut stage, own) = parts_lost().await;
    let chat = stage.chat;
    stage.ada.stop().await;
    left_as(&stage, TransferState::Failed("its file is gone".into()));
    stage.ada.line.up.release();
    stage.ada.start().await;
    stage.ada.send(Command::Say { chat, draft: Box::new(Body::text("are you there?").into()) });
    assert_ne!(stage.basil.until_message().await.random_id, own);
    let delivery = stage.ada.history(chat).await[0].delivery;
    assert_eq!(delivery, Delivery::Failed);
}

#[tokio::test]
async fn an_upload_that_others_wait_for_does_not_stay_paused() {
    let (mut stage, own) = parts_lost().await;
    let chat = stage.chat;
    stage.ada.send(Command::PauseTransfer { chat, random_id: own });
    let words = stage.ada.until_refused().await;
    assert!(words.contains("wait for it"), "{words}");
    stage.ada.stop().await;
    left_as(&stage, TransferState::Paused);
    stage.ada.line.up.release();
    stage.ada.start().await;
    assert_eq!(stage.basil.until_message().await.random_id, own);
}
