//! Transfers that are paused, given up, cut off or outlived: they go on where they were, or leave nothing behind.

use std::fs;

use subrosa::engine::{Command, Delivery, Event, Transfer};

use crate::stage::{Stage, names, noise};

/// Large enough to be caught in the middle.
const LARGE: usize = 5 << 20;

/// Where the line is held: behind what is stored of the progress.
const MIDDLE: u64 = 3 << 20;

#[tokio::test]
async fn an_upload_goes_on_after_a_restart() {
    let mut stage = Stage::set().await;
    let content = noise(LARGE, 1);
    let path = stage.file("a", &content);
    stage.ada.line.up.hold_after(MIDDLE);
    stage.ada.send_file(stage.chat, &path);
    let own = stage.ada.until_message().await.random_id;
    stage.ada.line.up.held().await;
    stage.ada.stop().await;
    stage.ada.line.up.release();
    let before = stage.ada.line.up.passed();
    stage.ada.start_alone();
    let first = stage.ada.until_transfer("what is known", own, |transfer| match transfer {
        Transfer::Running { done, size } => Some((*done, *size)),
        _ => None,
    });
    let (done, size) = first.await;
    assert!(done >= 2 << 20 && size == LARGE as u64, "{done}");
    assert_eq!(stage.basil.until_message().await.random_id, own);
    let sent = stage.ada.line.up.passed() - before;
    assert!(sent < LARGE as u64 - (1 << 20), "it began where it was: {sent}");
    let here = stage.basil_fetches(own).await;
    assert!(fs::read(here).unwrap() == content);
}

#[tokio::test]
async fn a_download_goes_on_after_a_restart() {
    let mut stage = Stage::set().await;
    let content = noise(LARGE, 2);
    let path = stage.file("b", &content);
    let random_id = stage.ada_sends(&path).await;
    stage.basil.line.down.hold_after(MIDDLE);
    stage.basil.send(Command::Download { chat: stage.chat, random_id });
    stage.basil.line.down.held().await;
    stage.basil.stop().await;
    assert_eq!(names(&stage.basil.downloads).len(), 1);
    assert!(names(&stage.basil.downloads)[0].starts_with(".subrosa-"), "hidden until it is whole");
    stage.basil.line.down.release();
    let before = stage.basil.line.down.passed();
    stage.basil.start_alone();
    assert!(stage.basil.until_under_way(random_id).await >= 2 << 20);
    let here = stage.basil.until_here(random_id).await;
    let came = stage.basil.line.down.passed() - before;
    assert!(came < LARGE as u64 - (1 << 20), "it began where it was: {came}");
    assert!(fs::read(here).unwrap() == content);
    assert_eq!(names(&stage.basil.downloads), ["b"]);
    // Where it lies is told again with the history.
    stage.basil.stop().await;
    stage.basil.start().await;
    stage.basil.history(stage.chat).await;
    assert_eq!(stage.basil.until_here(random_id).await, stage.basil.downloads.join("b"));
}

#[tokio::test]
async fn killed_without_a_word_both_go_on_from_what_was_stored() {
    let mut stage = Stage::set().await;
    let content = noise(LARGE, 10);
    let path = stage.file("k", &content);
    stage.ada.line.up.hold_after(MIDDLE);
    stage.ada.send_file(stage.chat, &path);
    let own = stage.ada.until_message().await.random_id;
    while stage.ada.until_under_way(own).await < 3 << 19 {}
    stage.ada.crash().await;
    stage.ada.line.up.release();
    stage.ada.start_alone();
    assert!(stage.ada.until_under_way(own).await >= 1 << 20);
    assert_eq!(stage.basil.until_message().await.random_id, own);

    stage.basil.line.down.hold_after(MIDDLE);
    stage.basil.send(Command::Download { chat: stage.chat, random_id: own });
    stage.basil.until_under_way(own).await;
    stage.basil.line.down.held().await;
    stage.basil.crash().await;
    stage.basil.line.down.release();
    // More lies on the disk than was stored: that is fetched again.
    stage.basil.start_alone();
    let here = stage.basil.until_here(own).await;
    assert!(fs::read(here).unwrap() == content);
    assert_eq!(names(&stage.basil.downloads), ["k"]);
}

#[tokio::test]
async fn a_download_whose_part_is_gone_or_short_begins_anew() {
    let mut stage = Stage::set().await;
    let content = noise(LARGE, 3);
    let path = stage.file("c", &content);
    let random_id = stage.ada_sends(&path).await;
    stage.basil.line.down.hold_after(MIDDLE);
    stage.basil.send(Command::Download { chat: stage.chat, random_id });
    stage.basil.line.down.held().await;
    stage.basil.stop().await;
    let part = stage.basil.downloads.join(&names(&stage.basil.downloads)[0]);
    fs::OpenOptions::new().write(true).open(part).unwrap().set_len(1000).unwrap();
    stage.basil.line.down.release();
    stage.basil.start_alone();
    let here = stage.basil.until_here(random_id).await;
    assert!(fs::read(here).unwrap() == content);
}

#[tokio::test]
async fn a_lost_connection_only_takes_time() {
    let mut stage = Stage::set().await;
    let content = noise(LARGE, 4);
    let path = stage.file("d", &content);
    stage.ada.line.up.hold_after(MIDDLE);
    stage.ada.send_file(stage.chat, &path);
    let own = stage.ada.until_message().await.random_id;
    stage.ada.line.up.held().await;
    stage.ada.line.cut();
    stage.ada.line.up.release();
    stage.ada.send(Command::Dial);
    stage.ada.until_sent(own).await;
    assert_eq!(stage.basil.until_message().await.random_id, own);
    stage.basil.line.down.hold_after(MIDDLE);
    stage.basil.send(Command::Download { chat: stage.chat, random_id: own });
    stage.basil.line.down.held().await;
    stage.basil.line.cut();
    stage.basil.line.down.release();
    stage.basil.send(Command::Dial);
    let here = stage.basil.until_here(own).await;
    assert!(fs::read(here).unwrap() == content);
}

#[tokio::test]
async fn what_is_paused_waits_until_it_is_resumed() {
    let mut stage = Stage::set().await;
    let content = noise(LARGE, 5);
    let path = stage.file("e", &content);
    stage.ada.line.up.hold_after(MIDDLE);
    stage.ada.send_file(stage.chat, &path);
    let own = stage.ada.until_message().await.random_id;
    stage.ada.line.up.held().await;
    let (chat, random_id) = (stage.chat, own);
    stage.ada.send(Command::PauseTransfer { chat, random_id });
    let paused = |transfer: &Transfer| match transfer {
        Transfer::Paused { done, size } => Some((*done, *size)),
        _ => None,
    };
    let (done, size) = stage.ada.until_transfer("a pause", own, paused).await;
    assert!(done >= 2 << 20 && size == LARGE as u64);
    stage.ada.line.up.release();
    // Across a restart as well: it is told as paused, and nothing of it goes up.
    stage.ada.stop().await;
    stage.ada.start_alone();
    stage.ada.until_transfer("the pause that was kept", own, paused).await;
    stage.ada.until_online().await;
    stage.ada.fence(chat).await;
    assert_eq!(stage.ada.history(chat).await[0].delivery, Delivery::Queued);
    stage.ada.send(Command::ResumeTransfer { chat, random_id });
    assert!(stage.ada.until_under_way(own).await >= 2 << 20);
    assert_eq!(stage.basil.until_message().await.random_id, own);

    stage.basil.line.down.hold_after(MIDDLE);
    stage.basil.send(Command::Download { chat, random_id });
    stage.basil.line.down.held().await;
    stage.basil.send(Command::PauseTransfer { chat, random_id });
    stage.basil.until_transfer("a pause", own, paused).await;
    stage.basil.line.down.release();
    stage.basil.send(Command::Download { chat, random_id });
    let here = stage.basil.until_here(own).await;
    assert!(fs::read(here).unwrap() == content);
}

#[tokio::test]
async fn what_is_given_up_leaves_nothing() {
    let mut stage = Stage::set().await;
    let path = stage.file("f", &noise(LARGE, 6));
    let chat = stage.chat;
    stage.ada.line.up.hold_after(MIDDLE);
    stage.ada.send_file(chat, &path);
    let own = stage.ada.until_message().await.random_id;
    stage.ada.until_under_way(own).await;
    stage.ada.send(Command::CancelTransfer { chat, random_id: own });
    stage.ada.until_transfer("the end", own, |it| (*it == Transfer::Cancelled).then_some(())).await;
    stage.ada.line.up.release();
    assert!(stage.ada.history(chat).await.is_empty(), "the message goes with it");

    // The next thing that Basil hears of is the next file.
    let small = stage.file("g", &noise(LARGE, 7));
    let random_id = stage.ada_sends(&small).await;
    assert_ne!(random_id, own);
    stage.basil.line.down.hold_after(MIDDLE);
    stage.basil.send(Command::Download { chat, random_id });
    stage.basil.until_under_way(random_id).await;
    stage.basil.send(Command::CancelTransfer { chat, random_id });
    stage.basil.until_transfer("the end", random_id, |it| (*it == Transfer::Cancelled).then_some(())).await;
    stage.basil.line.down.release();
    stage.basil.stop().await;
    assert!(names(&stage.basil.downloads).is_empty());
    assert!(stage.basil.vault().downloads().unwrap().is_empty());
    stage.basil.start().await;
    assert_eq!(stage.basil.history(chat).await.len(), 1, "the message stays");
    stage.basil_fetches(random_id).await;
}

#[tokio::test]
async fn a_file_that_changed_meanwhile_is_not_sent() {
    let mut stage = Stage::set().await;
    let path = stage.file("h", &noise(LARGE, 8));
    let chat = stage.chat;
    stage.ada.line.up.hold_after(MIDDLE);
    stage.ada.send_file(chat, &path);
    let own = stage.ada.until_message().await.random_id;
    stage.ada.until_under_way(own).await;
    stage.ada.stop().await;
    stage.ada.line.up.release();
    let original = fs::read(&path).unwrap();
    let time = fs::metadata(&path).unwrap().modified().unwrap();
    fs::write(&path, &original[1..]).unwrap();
    stage.ada.start_alone();
    let words = stage.ada.until_failed(own).await;
    assert!(words.contains("has changed since it was chosen"), "{words}");
    fs::remove_file(&path).unwrap();
    stage.ada.send(Command::ResumeTransfer { chat, random_id: own });
    let words = stage.ada.until_failed(own).await;
    assert!(words.contains("cannot be read"), "{words}");
    // Brought back as it was, it goes.
    fs::write(&path, &original).unwrap();
    fs::File::options().write(true).open(&path).unwrap().set_modified(time).unwrap();
    stage.ada.send(Command::ResumeTransfer { chat, random_id: own });
    assert_eq!(stage.basil.until_message().await.random_id, own);
    let here = stage.basil_fetches(own).await;
    assert!(fs::read(here).unwrap() == original);
}

#[tokio::test]
async fn without_a_connection_it_waits_and_goes_by_itself() {
    let mut stage = Stage::set().await;
    stage.ada.line.up.hold_after(0);
    stage.ada.line.cut();
    stage
        .ada
        .until("that it is offline", |event| {
            matches!(event, Event::Connection(subrosa::engine::Connection::Waiting { .. })).then_some(())
        })
        .await;
    let path = stage.file("i", &noise(1 << 20, 9));
    stage.ada.send_file(stage.chat, &path);
    let own = stage.ada.until_message().await.random_id;
    stage.ada.line.up.release();
    stage.ada.send(Command::Dial);
    stage.ada.until_sent(own).await;
    assert_eq!(stage.basil.until_message().await.random_id, own);
}
