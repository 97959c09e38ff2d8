//! Files of messages that are to go: they lie apart, and nothing is left of them when the message is gone.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use subrosa::engine::{ChatEvent, Command, Event};

use crate::stage::{Stage, names, noise};

#[tokio::test]
async fn a_file_with_a_timer_lies_apart_and_goes_with_its_message() {
    let mut stage = Stage::set().await;
    let chat = stage.chat;
    stage.ada.send(Command::SetTimer { chat, seconds: 3600 });
    stage.basil.until_message().await;
    let path = stage.file("secret.txt", b"for a while");
    let random_id = stage.ada_sends(&path).await;
    let here = stage.basil_fetches(random_id).await;
    let fleeting = stage.basil.fleeting();
    assert_eq!(here, fleeting.join("secret.txt"));
    assert_eq!(fs::metadata(&fleeting).unwrap().permissions().mode() & 0o777, 0o700);
    assert_eq!(fs::read(&here).unwrap(), b"for a while");
    assert!(!stage.basil.downloads.exists());

    stage.ada.send(Command::Delete { chat, random_ids: vec![random_id] });
    stage.basil.until("the deletion", deleted).await;
    stage.basil.fence(chat).await;
    assert!(names(&fleeting).is_empty());
    stage.basil.stop().await;
    assert_eq!(stage.basil.vault().downloaded_paths().unwrap(), Vec::<std::path::PathBuf>::new());
    // The one who sent it keeps the original, which is not ours to delete.
    assert!(path.exists());
}

#[tokio::test]
async fn what_lies_there_without_a_message_is_removed_at_the_next_start() {
    let mut stage = Stage::set().await;
    let chat = stage.chat;
    stage.ada.send(Command::SetTimer { chat, seconds: 60 });
    stage.basil.until_message().await;
    let path = stage.file("kept", b"kept");
    let random_id = stage.ada_sends(&path).await;
    let here = stage.basil_fetches(random_id).await;
    stage.basil.stop().await;
    fs::write(stage.basil.fleeting().join("orphan"), "left by a crash").unwrap();
    stage.basil.start().await;
    assert_eq!(names(&stage.basil.fleeting()), ["kept"]);
    assert!(here.exists());
}

#[tokio::test]
async fn deleted_while_it_is_fetched_nothing_is_left() {
    let mut stage = Stage::set().await;
    let chat = stage.chat;
    let path = stage.file("a", &noise(3 << 20, 1));
    let random_id = stage.ada_sends(&path).await;
    stage.basil.line.down.hold_after(1 << 20);
    stage.basil.send(Command::Download { chat, random_id });
    stage.basil.until_under_way(random_id).await;
    stage.basil.send(Command::Flush(chat));
    stage
        .basil
        .until("an empty history", |event| {
            matches!(event, Event::Chat(ChatEvent::HistoryGone(_))).then_some(())
        })
        .await;
    stage.basil.line.down.release();
    stage.basil.stop().await;
    // Removed by the task's end, or by the next start if the end came first.
    stage.basil.start().await;
    assert!(names(&stage.basil.downloads).is_empty(), "{:?}", names(&stage.basil.downloads));
    stage.basil.stop().await;
    assert!(stage.basil.vault().downloads().unwrap().is_empty());
    assert!(stage.basil.vault().stray_transfers().unwrap().is_empty());
}

#[tokio::test]
async fn an_unsent_file_that_is_deleted_is_known_to_nobody() {
    let mut stage = Stage::set().await;
    let chat = stage.chat;
    let path = stage.file("a", &noise(3 << 20, 1));
    stage.ada.line.up.hold_after(1 << 20);
    stage.ada.send_file(chat, &path);
    let own = stage.ada.until_message().await.random_id;
    stage.ada.until_under_way(own).await;
    stage.ada.send(Command::Delete { chat, random_ids: vec![own] });
    stage.ada.until("the deletion", deleted).await;
    stage.ada.line.up.release();
    let next = stage.file("b", b"next");
    // Neither the message nor its deletion reaches Basil: the first thing that does is the next file.
    stage.ada.send_file(chat, &next);
    let sent = stage.ada.until_message().await.random_id;
    let first = stage.basil.until("anything of the chat", |event| match event {
        Event::Chat(ChatEvent::Message(message)) => Some(message.random_id),
        Event::Chat(ChatEvent::Deleted { .. }) => Some(own),
        _ => None,
    });
    assert_eq!(first.await, sent);
    stage.ada.stop().await;
    assert!(stage.ada.vault().upload(chat, own).unwrap().is_none());
}

#[tokio::test]
async fn a_closed_chat_sends_no_files() {
    let mut stage = Stage::set().await;
    let chat = stage.chat;
    let path = stage.file("a", &noise(3 << 20, 1));
    stage.ada.line.up.hold_after(1 << 20);
    stage.ada.send_file(chat, &path);
    let own = stage.ada.until_message().await.random_id;
    stage.ada.until_under_way(own).await;
    stage.ada.send(Command::Close { chat, delete_history: false });
    stage.ada.fence(chat).await;
    stage.ada.line.up.release();
    stage.ada.stop().await;
    assert!(stage.ada.vault().upload(chat, own).unwrap().is_none());
    stage.ada.start().await;
    assert_eq!(stage.ada.history(chat).await.len(), 1);
}

fn deleted(event: &Event) -> Option<()> {
    matches!(event, Event::Chat(ChatEvent::Deleted { .. })).then_some(())
}
