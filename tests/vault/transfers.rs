//! Files on their way: their rows, what the core's changes make of them, and what is left when a message is gone.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;

use subrosa::secret::file::{Carried, Download, Progress, Source, TransferState, Upload};
use subrosa::secret::message::{Attachment, Body, FileSecret, Kind, RemoteFile, Text};
use subrosa::secret::record::{ChatId, Direction, Message};
use subrosa::secret::step::Change;

use super::{commit, new_vault, reopen, text};

const CHAT: ChatId = ChatId(1);

fn upload(random_id: i64, state: TransferState) -> Upload {
    Upload {
        chat: CHAT,
        random_id,
        // Not every path is text.
        source: Source { path: OsStr::from_bytes(b"/a/\xff\n").into(), size: 5 << 30, modified_ns: -3 },
        file_id: i64::MIN,
        progress: Progress { done: 1 << 20, carried: Some(Carried::restore(&[7; 32])) },
        state,
    }
}

fn download(random_id: i64, state: TransferState) -> Download {
    Download { chat: CHAT, random_id, path: "/b/.part".into(), progress: Progress::default(), state }
}

fn message(random_id: i64) -> Message {
    let file = Attachment {
        kind: Kind::Document,
        name: "n".into(),
        mime: "m".into(),
        size: 16,
        caption: Text::default(),
        thumb: None,
        secret: FileSecret::new([1; 32], [2; 32]),
        place: None,
    };
    Message::new(CHAT, random_id, Direction::Out, 1, Body::File(Box::new(file)))
}

fn states() -> [TransferState; 3] {
    [TransferState::Running, TransferState::Paused, TransferState::Failed("why".into())]
}

#[test]
fn rows_come_back_as_they_were_and_in_order() {
    let (_folder, mut vault) = new_vault();
    let mut uploads: Vec<_> = (0..3).map(|n| upload(30 - n, states()[n as usize].clone())).collect();
    vault.commit(&commit(uploads.iter().cloned().map(Change::Upload).collect::<Vec<_>>())).unwrap();
    let downloads: Vec<_> = (0..3).map(|n| download(n, states()[n as usize].clone())).collect();
    downloads.iter().for_each(|row| vault.put_download(row).unwrap());
    // Changed, it keeps its place.
    uploads[0].progress = Progress { done: 2 << 20, carried: Some(Carried::restore(&[8; 32])) };
    vault.put_upload(&uploads[0]).unwrap();
    let mut vault = reopen(vault);
    assert_eq!((vault.uploads().unwrap(), vault.downloads().unwrap()), (uploads.clone(), downloads.clone()));
    assert_eq!(vault.upload(CHAT, 30).unwrap().as_ref(), Some(&uploads[0]));
    // What is done is found, but is not on its way.
    vault.put_download(&Download { state: TransferState::Done, ..downloads[1].clone() }).unwrap();
    assert_eq!(vault.downloads().unwrap().len(), 2);
    assert_eq!(vault.download(CHAT, 1).unwrap().unwrap().state, TransferState::Done);
    assert_eq!(vault.downloaded_paths().unwrap().len(), 3);
    assert_eq!(vault.upload(ChatId(2), 30).unwrap(), None);
}

#[test]
fn the_core_says_when_a_file_is_there_lost_and_placed() {
    let (_folder, mut vault) = new_vault();
    vault
        .commit(&commit([Change::Message(message(1)), Change::Upload(upload(1, TransferState::Running))]))
        .unwrap();
    vault.commit(&commit([Change::Uploaded { chat: CHAT, random_id: 1 }])).unwrap();
    let row = vault.upload(CHAT, 1).unwrap().unwrap();
    assert_eq!((row.state, row.progress.carried), (TransferState::Done, None));
    assert!(vault.uploads().unwrap().is_empty());
    vault.commit(&commit([Change::UploadAgain { chat: CHAT, random_id: 1, file_id: 77 }])).unwrap();
    let row = vault.upload(CHAT, 1).unwrap().unwrap();
    assert_eq!((row.state, row.progress, row.file_id), (TransferState::Running, Progress::default(), 77));
    let place = RemoteFile { id: 1, access_hash: 2, size: 16, dc_id: 3, key_fingerprint: 4 };
    let placed = Change::Placed { chat: CHAT, random_id: 1, place: place.clone() };
    vault.commit(&commit([placed])).unwrap();
    let Body::File(file) = vault.message(CHAT, 1).unwrap().unwrap().body else { panic!("no file") };
    assert_eq!(file.place, Some(place.clone()));
    // Of a message that is gone nothing is said.
    vault.commit(&commit([Change::Placed { chat: CHAT, random_id: 2, place }])).unwrap();
    assert!(vault.message(CHAT, 2).unwrap().is_none());
}

#[test]
fn rows_without_their_message_are_named_and_forgotten() {
    let (_folder, mut vault) = new_vault();
    vault
        .commit(&commit([
            Change::Message(message(1)),
            Change::Message(text(1, 2, "x")),
            Change::Upload(upload(1, TransferState::Running)),
            Change::Upload(upload(3, TransferState::Done)),
        ]))
        .unwrap();
    vault.put_download(&download(2, TransferState::Running)).unwrap();
    vault.put_download(&download(3, TransferState::Done)).unwrap();
    assert_eq!(vault.stray_transfers().unwrap(), [(CHAT, 3)]);
    vault.commit(&commit([Change::Deleted { chat: CHAT, random_ids: vec![1, 2] }])).unwrap();
    assert_eq!(vault.stray_transfers().unwrap(), [(CHAT, 1), (CHAT, 2), (CHAT, 3)]);
    for (chat, random_id) in vault.stray_transfers().unwrap() {
        vault.forget_transfers(chat, random_id).unwrap();
    }
    assert!(vault.uploads().unwrap().is_empty() && vault.downloads().unwrap().is_empty());
    assert!(vault.upload(CHAT, 3).unwrap().is_none() && vault.download(CHAT, 3).unwrap().is_none());
}

#[test]
fn a_closed_chat_uploads_nothing_and_keeps_what_it_fetched() {
    let (_folder, mut vault) = new_vault();
    vault.commit(&commit([Change::Upload(upload(1, TransferState::Running))])).unwrap();
    vault
        .commit(&commit([Change::Upload(Upload { chat: ChatId(2), ..upload(1, TransferState::Running) })]))
        .unwrap();
    vault.put_download(&download(1, TransferState::Running)).unwrap();
    vault.commit(&commit([Change::Dropped(CHAT)])).unwrap();
    assert_eq!(vault.uploads().unwrap().len(), 1);
    assert_eq!(vault.downloads().unwrap().len(), 1);
}
