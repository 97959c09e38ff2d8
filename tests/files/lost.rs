//! The core and its files: when a message takes its number, what the server's name of a file is good for, and parts that are lost.

use subrosa::secret::chat::Stage;
use subrosa::secret::fault::Trouble;
use subrosa::secret::file::Source;
use subrosa::secret::message::{Attachment, FileSecret, Kind};
use subrosa::secret::record::*;
use subrosa::secret::step::*;

use crate::world::{ALICE, World, say};

fn file() -> Attachment {
    Attachment {
        kind: Kind::Document,
        name: "notes.txt".into(),
        mime: "text/plain".into(),
        size: 16,
        caption: "".into(),
        thumb: None,
        secret: FileSecret::new([1; 32], [2; 32]),
        place: None,
    }
}

fn attach(chat: ChatId) -> Command {
    let draft = Box::new(Draft::new(Body::File(Box::new(file()))));
    Command::Attach { chat, draft, source: Source { path: "/notes.txt".into(), size: 16, modified_ns: 1 } }
}

const PLACE: RemoteFile = RemoteFile { id: 5, access_hash: 6, size: 16, dc_id: 1, key_fingerprint: 7 };
const THERE: SentFile = SentFile::There { id: 5, access_hash: 6 };

fn uploaded(id: i64) -> SentFile {
    SentFile::Uploaded { id, parts: 1, key_fingerprint: 7, big: false }
}

/// Alice has a message whose file is on its way up.
fn attached() -> (World, ChatId, Message) {
    let mut world = World::ready();
    let chat = world.alice.only_chat();
    world.alice.command(attach(chat));
    let message = world.alice.store.messages.last().unwrap().clone();
    (world, chat, message)
}

impl World {
    fn my_out(&self) -> i32 {
        let Stage::Ready(ready) = self.alice.stage() else { panic!("not ready") };
        ready.counters.my_out
    }

    /// Alice's engine says that the file is there; the call that follows, if one does.
    fn file_is_there(&mut self, message: &Message, file: SentFile) -> Option<Call> {
        self.alice.command(Command::Uploaded { message: Box::new(message.clone()), file });
        self.alice.calls.pop_front()
    }

    fn refuse(&mut self, call: &Call, name: &str) {
        let error = CallError::Rpc { code: 400, name: name.into(), value: None };
        self.alice.answer(call, Err(error));
    }

    fn row(&self, random_id: i64) -> &Outgoing {
        self.alice.store.outgoing.values().find(|row| row.random_id == random_id).unwrap()
    }
}

fn carried(call: &Call) -> &Option<SentFile> {
    let Call::SendEncrypted { file, .. } = call else { panic!("{call:?}") };
    file
}

#[test]
fn a_number_is_taken_when_the_file_is_there_and_words_overtake_it() {
    let (mut world, chat, message) = attached();
    let before = world.my_out();
    assert_eq!((message.delivery, message.direction), (Delivery::Queued, Direction::Out));
    assert!(
        world.alice.calls.is_empty() && !world.alice.store.outgoing.values().any(|row| row.file.is_some())
    );
    world.alice.command(say(chat, "in between"));
    world.settle();
    assert_eq!((world.bob.texts(), world.my_out()), (vec!["in between".to_owned()], before + 1));
    let call = world.file_is_there(&message, uploaded(3)).unwrap();
    assert_eq!((carried(&call), world.my_out()), (&Some(uploaded(3)), before + 2));
    world.serve(ALICE, &call);
    world.settle();
    let got = world.bob.store.messages.last().unwrap();
    assert_eq!(got.random_id, message.random_id);
    let Body::File(got) = &got.body else { panic!("no file") };
    assert!(got.name == "notes.txt" && got.secret == file().secret);
}

#[test]
fn the_place_that_the_server_names_is_kept_and_serves_every_repetition() {
    let (mut world, chat, message) = attached();
    let call = world.file_is_there(&message, uploaded(3)).unwrap();
    world.alice.answer(&call, Ok(Answer::Sent { date: 9, file: Some(PLACE) }));
    assert_eq!(world.row(message.random_id).file, Some(THERE));
    let stored = world.alice.store.messages.last().unwrap();
    assert!(matches!(&stored.body, Body::File(file) if file.place == Some(PLACE)));
    assert_eq!((stored.delivery, stored.date), (Delivery::Sent, 9));
    // Bob never got it: what comes next makes him ask.
    world.alice.command(say(chat, "next"));
    let next = world.alice.calls.pop_front().unwrap();
    world.serve(ALICE, &next);
    let behind = world.to_bob.pop_back().unwrap();
    world.bob.deliver(behind);
    let ask = world.bob.calls.pop_front().unwrap();
    world.serve(subrosa::secret::record::UserId(202), &ask);
    let asked = world.to_alice.pop_front().unwrap();
    world.alice.deliver(asked);
    let again = world.alice.calls.iter().find(|call| call.key() == CallKey::Send(chat, message.random_id));
    assert_eq!(carried(again.unwrap()), &Some(THERE));
}

#[test]
fn lost_parts_go_up_again_and_the_message_waits_for_them() {
    let (mut world, chat, message) = attached();
    for name in ["FILE_PART_MISSING", "MD5_CHECKSUM_INVALID", "FILE_PARTS_INVALID"] {
        let call = world.file_is_there(&message, uploaded(3)).unwrap();
        world.refuse(&call, name);
        assert_eq!(world.row(message.random_id).file, Some(SentFile::Missing), "{name}");
        // The number is spent: what comes after it waits, in this process and the next.
        world.alice.command(say(chat, name));
        assert!(world.alice.calls.is_empty());
        let number = world.row(message.random_id).number;
        world.alice.crash();
        assert!(world.alice.calls.is_empty());
        assert_eq!(world.row(message.random_id).number, number);
        let failed = world.alice.store.messages.iter().any(|message| message.delivery == Delivery::Failed);
        assert!(!failed);
    }
    let call = world.file_is_there(&message, uploaded(4)).unwrap();
    assert_eq!(carried(&call), &Some(uploaded(4)));
    world.serve(ALICE, &call);
    world.settle();
    assert_eq!(world.bob.texts(), ["FILE_PART_MISSING", "MD5_CHECKSUM_INVALID", "FILE_PARTS_INVALID"]);
    assert!(matches!(world.bob.store.messages[0].body, Body::File(_)), "in its place");
}

#[test]
fn a_server_that_always_loses_parts_is_not_believed_for_ever() {
    let (mut world, chat, message) = attached();
    for _ in 0..3 {
        let call = world.file_is_there(&message, uploaded(3)).unwrap();
        world.refuse(&call, "FILE_PART_MISSING");
    }
    let call = world.file_is_there(&message, uploaded(3)).unwrap();
    world.refuse(&call, "FILE_PART_MISSING");
    failed_with_its_number_filled(&mut world, chat, &message);
}

#[test]
fn a_source_that_is_gone_fails_and_its_number_is_filled() {
    let (mut world, chat, message) = attached();
    let call = world.file_is_there(&message, uploaded(3)).unwrap();
    world.refuse(&call, "FILE_PART_MISSING");
    let random_id = message.random_id;
    world.alice.command(Command::UploadFailed { chat, random_id, reason: "it is gone".into() });
    failed_with_its_number_filled(&mut world, chat, &message);
    let said = world.alice.events.iter().rev().find_map(|event| match event {
        Event::Failed { reason, .. } => Some(reason.to_string()),
        _ => None,
    });
    assert_eq!(said.unwrap(), "it is gone");
}

fn failed_with_its_number_filled(world: &mut World, chat: ChatId, message: &Message) {
    let stored = world.alice.store.messages.iter().find(|it| it.random_id == message.random_id).unwrap();
    assert_eq!(stored.delivery, Delivery::Failed);
    let row = world.row(message.random_id);
    assert!(!row.rewritable && row.file.is_none());
    world.alice.command(say(chat, "on we go"));
    world.settle();
    assert_eq!(world.bob.texts(), ["on we go"]);
    assert_eq!(world.bob.store.messages.len(), 1);
    assert!(world.bob.store.deleted.contains(&(chat, message.random_id)));
}

#[test]
fn a_failed_upload_without_a_number_only_waits() {
    let (mut world, chat, message) = attached();
    let random_id = message.random_id;
    world.alice.command(Command::UploadFailed { chat, random_id, reason: "no".into() });
    assert_eq!(world.alice.store.messages.last().unwrap().delivery, Delivery::Queued);
    assert!(world.file_is_there(&message, uploaded(3)).is_some());
}

#[test]
fn what_is_taken_back_in_time_is_known_to_nobody() {
    let (mut world, chat, message) = attached();
    let before = world.my_out();
    let random_id = message.random_id;
    world.alice.command(Command::Withdraw { chat, random_id });
    assert!(world.alice.store.messages.is_empty() && world.alice.calls.is_empty());
    assert_eq!(world.my_out(), before);
    assert!(world.alice.events.contains(&Event::Deleted { chat, random_ids: vec![random_id] }));
    // Once it has a number it is deleted on both sides instead.
    world.alice.command(attach(chat));
    let message = world.alice.store.messages.last().unwrap().clone();
    let call = world.file_is_there(&message, uploaded(3)).unwrap();
    world.serve(ALICE, &call);
    world.settle();
    world.alice.command(Command::Withdraw { chat, random_id: message.random_id });
    world.settle();
    assert!(world.bob.store.messages.is_empty());
    assert!(world.bob.store.deleted.contains(&(chat, message.random_id)));
}

#[test]
fn files_need_a_chat_that_is_ready() {
    let mut world = World::connected();
    world.alice.command(Command::Start { user: subrosa::secret::record::UserId(202), user_hash: 9 });
    let chat = world.alice.only_chat();
    world.alice.command(attach(chat));
    assert!(world.alice.store.messages.is_empty());
    assert!(world.alice.events.contains(&Event::Trouble { chat: Some(chat), trouble: Trouble::NotReady }));
}
