//! A disk that is full, files that are not what they were, folders that others may write to.

use std::fs;
use std::io::Write;
use std::time::Duration;

use subrosa::engine::{Command, Event, Transfer};

use crate::stage::{Stage, names, noise};

const LARGE: usize = 5 << 20;

/// The crash between the two halves of giving a file its name (`hard_link`, `remove_file`): both names are one file then.
#[tokio::test]
async fn a_crash_while_a_file_gets_its_name_never_damages_the_named_file() {
    let mut stage = Stage::set().await;
    let chat = stage.chat;
    let content = noise(LARGE, 4);
    let path = stage.file("b", &content);
    let random_id = stage.ada_sends(&path).await;
    stage.basil.line.down.hold_after(3 << 20);
    stage.basil.send(Command::Download { chat, random_id });
    stage.basil.line.down.held().await;
    stage.basil.stop().await;
    // As `claim` leaves it when the process dies after the link: all of it is there, under both names.
    let part = stage.basil.downloads.join(&names(&stage.basil.downloads)[0]);
    fs::write(&part, &content).unwrap();
    let named = stage.basil.downloads.join("b");
    fs::hard_link(&part, &named).unwrap();
    stage.basil.line.down.release();
    stage.basil.start_alone();
    let here = stage.basil.until_here(random_id).await;
    assert_eq!(here, named, "it is the one that was fetched");
    assert!(fs::read(here).unwrap() == content);
    stage.basil.stop().await;
    assert_eq!(names(&stage.basil.downloads), ["b"]);
}

/// A disk that is full, for the fetched file and for the vault: that is said, and then nothing spins. Needs a small disk of its own as the
/// temporary folder: `unshare -m sh -c 'mount -t tmpfs -o size=48m x /mnt; TMPDIR=/mnt SUBROSA_SMALL_DISK=1 cargo test --test files full_disk'`.
#[tokio::test]
async fn a_full_disk_is_not_tried_without_a_pause() {
    if std::env::var_os("SUBROSA_SMALL_DISK").is_none() {
        eprintln!("skipped: no small disk");
        return;
    }
    let mut stage = Stage::set().await;
    let chat = stage.chat;
    let path = stage.file("a", &noise(LARGE, 1));
    let random_id = stage.ada_sends(&path).await;
    stage.basil.line.down.hold_after(1 << 20);
    stage.basil.send(Command::Download { chat, random_id });
    stage.basil.line.down.held().await;
    let mut filler = fs::File::create(stage.home().join("filler")).unwrap();
    while filler.write(&[0; 4096]).is_ok_and(|written| written > 0) {}
    stage.basil.line.down.release();
    let (mut failures, mut refusals) = (0, 0);
    let counted = async {
        let _: () = stage
            .basil
            .until("nothing", |event| {
                match event {
                    Event::Refused(_) => refusals += 1,
                    Event::Transfer { transfer: Transfer::Failed(_), .. } => failures += 1,
                    _ => {}
                }
                None
            })
            .await;
    };
    let _ = tokio::time::timeout(Duration::from_secs(5), counted).await;
    assert!(failures <= 5 && refusals <= 20, "in five seconds: {failures} failures, {refusals} refusals");
}

/// The vault's disk is full, that of the downloads is not: the file comes once. As above, on a small disk.
#[tokio::test]
async fn a_full_disk_under_the_vault_does_not_fetch_a_file_again_and_again() {
    if std::env::var_os("SUBROSA_SMALL_DISK").is_none() {
        eprintln!("skipped: no small disk");
        return;
    }
    let mut stage = Stage::set().await;
    let chat = stage.chat;
    let elsewhere = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    stage.basil.stop().await;
    stage.basil.downloads = elsewhere.path().join("files");
    stage.basil.start().await;
    let path = stage.file("a", &noise(1 << 20, 1));
    let random_id = stage.ada_sends(&path).await;
    stage.basil.line.down.hold_after(1 << 19);
    stage.basil.send(Command::Download { chat, random_id });
    stage.basil.line.down.held().await;
    let mut filler = fs::File::create(stage.home().join("filler")).unwrap();
    while filler.write(&[0; 4096]).is_ok_and(|written| written > 0) {}
    stage.basil.line.down.release();
    // Some attempts: what is not stored is not told, and each finds what is there.
    let told = Duration::from_secs(5);
    assert!(tokio::time::timeout(told, stage.basil.until_here(random_id)).await.is_err(), "it is not stored");
    drop(filler);
    fs::remove_file(stage.home().join("filler")).unwrap();
    stage.basil.until_here(random_id).await;
    assert_eq!(names(&stage.basil.downloads), ["a"]);
}

/// A part that somebody has replaced by a link while the transfer was paused: what it points to is not ours.
#[tokio::test]
async fn a_part_that_became_a_link_is_not_written_through() {
    let mut stage = Stage::set().await;
    let chat = stage.chat;
    let path = stage.file("a", &noise(LARGE, 1));
    let random_id = stage.ada_sends(&path).await;
    stage.basil.line.down.hold_after(3 << 20);
    stage.basil.send(Command::Download { chat, random_id });
    stage.basil.line.down.held().await;
    stage.basil.stop().await;
    let part = stage.basil.downloads.join(&names(&stage.basil.downloads)[0]);
    let victim = stage.file("victim", &vec![7; LARGE]);
    fs::remove_file(&part).unwrap();
    std::os::unix::fs::symlink(&victim, &part).unwrap();
    stage.basil.line.down.release();
    stage.basil.start_alone();
    stage
        .basil
        .until_transfer("an end", random_id, |it| {
            matches!(it, Transfer::Done { .. } | Transfer::Failed(_)).then_some(())
        })
        .await;
    assert!(fs::read(&victim).unwrap() == vec![7; LARGE], "a file outside the folder was overwritten");
}
