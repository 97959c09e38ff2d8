//! Answers that come late or never, words from newer apps, and what a closed chat leaves behind.

use rand::SeedableRng;
use rand::rngs::StdRng;
use subrosa::secret::chat::Stage;
use subrosa::secret::content::{self, Action, Content, Said};
use subrosa::secret::envelope;
use subrosa::secret::file::Source;
use subrosa::secret::message::{Attachment, FileSecret, Kind};
use subrosa::secret::record::*;
use subrosa::secret::step::*;
use subrosa::secret::wire::{self, Bytes, enums, types};

use crate::world::{BOB, Device, World, say};

/// A peer's message whose body is made of these bytes, in its order, sealed with the real key.
fn raw(from: &Device, random_id: i64, body: &[u8], file: Option<RemoteFile>) -> EncryptedMessage {
    let Stage::Ready(ready) = from.stage() else { panic!("not ready") };
    let chat = &from.store.chats[&from.only_chat()];
    let mut counters = ready.counters;
    let header = counters.write(chat.side, 144);
    let rng = &mut StdRng::seed_from_u64(7);
    // The wrapper of a Noop, without the Noop: random bytes and numbers stay as they are.
    let noop = content::write(header, random_id, &Content::Action(Action::Noop), rng);
    let noop_len = 4 + 8 + 4;
    let mut payload = noop[..noop.len() - noop_len].to_vec();
    payload.extend_from_slice(body);
    let bytes = envelope::seal(&ready.keys.current, chat.side, &payload, rng);
    EncryptedMessage { random_id, chat: chat.id, date: 1_700_000_500, bytes, file }
}

fn message(random_id: i64, ttl: i32, words: &str, media: enums::DecryptedMessageMedia) -> Vec<u8> {
    let message = types::DecryptedMessage {
        no_webpage: false,
        silent: false,
        random_id,
        ttl,
        message: Bytes::from(words.as_bytes()),
        media: Some(media),
        entities: None,
        via_bot_name: None,
        reply_to_random_id: None,
        grouped_id: None,
    };
    wire::write(&enums::DecryptedMessage::Message(message)).to_vec()
}

/// The answer of a send is lost; the peer answers (which confirms the message), then reads it. It must burn.
#[test]
fn a_message_confirmed_without_an_answer_burns_when_it_is_read() {
    let mut world = World::ready();
    let chat = world.alice.only_chat();
    world.alice.command(Command::SetTimer { chat, seconds: 10 });
    world.settle();
    world.alice.command(say(chat, "burn"));
    let id = world.alice.store.messages.last().unwrap().random_id;
    let call = world.alice.calls.pop_front().unwrap();
    let Call::SendEncrypted { random_id, data, .. } = call.clone() else { panic!() };
    assert_eq!(random_id, id);
    // The server has it, Bob gets it, the connection breaks before the answer.
    world.alice.handle(Input::Offline);
    world.bob.deliver(EncryptedMessage { random_id, chat, date: 1_700_000_002, bytes: data, file: None });
    world.bob.command(say(chat, "got it"));
    world.serve_next(BOB);
    let reply = world.to_alice.pop_front().unwrap();
    // The difference: Bob's reply; then the connection; later the reading.
    world.alice.deliver(reply);
    world.alice.handle(Input::Online);
    world.settle();
    assert_eq!(world.alice.message(id).unwrap().delivery, Delivery::Sent);
    world.alice.pass(60_000);
    let date = i32::try_from(world.alice.now_ms / 1000).unwrap();
    let marks = world.alice.store.marks;
    let reads = vec![MessagesRead { chat, max_date: date, date }];
    world.alice.handle(Input::Batch(Batch { reads, marks, ..Batch::default() }));
    assert_eq!(
        world.alice.message(id).unwrap().delivery,
        Delivery::Read,
        "the user is shown that it was read"
    );
    assert!(world.alice.message(id).unwrap().destruct_ms.is_some(), "and its clock runs");
}

/// The peer opens protected content; its word overtakes the answer of the send, and in its order it confirms the message.
#[test]
fn protected_content_whose_opening_overtakes_the_answer_burns() {
    let mut world = World::ready();
    let chat = world.alice.only_chat();
    world.alice.command(Command::SetTimer { chat, seconds: 10 });
    world.settle();
    let body = Body::File(Box::new(Attachment {
        kind: Kind::Photo { width: 1, height: 1 },
        name: String::new(),
        mime: "image/jpeg".into(),
        size: 5,
        caption: Text::default(),
        thumb: None,
        secret: FileSecret::new([7; 32], [8; 32]),
        place: None,
    }));
    let source = Source { path: "/photo.jpg".into(), size: 5, modified_ns: 0 };
    world.alice.command(Command::Attach { chat, draft: Box::new(body.into()), source });
    let own = world.alice.store.messages.last().unwrap().clone();
    let id = own.random_id;
    let file = SentFile::Uploaded { id: 1, parts: 1, key_fingerprint: 2, big: false };
    world.alice.command(Command::Uploaded { message: Box::new(own), file });
    let call = world.alice.calls.pop_front().unwrap();
    let Call::SendEncrypted { random_id, data, .. } = call.clone() else { panic!() };
    world.bob.deliver(EncryptedMessage { random_id, chat, date: 1_700_000_002, bytes: data, file: None });
    world.bob.command(Command::OpenContent { chat, random_id: id });
    world.serve_next(BOB);
    let opened = world.to_alice.pop_front().unwrap();
    world.alice.deliver(opened);
    assert!(world.alice.message(id).unwrap().opened);
    world.alice.answer(&call, Ok(Answer::Sent { date: 1_700_000_002, file: None }));
    world.alice.crash();
    assert!(
        world.alice.message(id).unwrap().destruct_ms.is_some(),
        "opened by its reader, and sent: its clock runs"
    );
}

/// The file's place comes with the answer of the send. If the peer confirms first, the message never learns it.
#[test]
fn the_place_of_a_file_is_kept_though_the_answer_comes_late() {
    let mut world = World::ready();
    let (chat, own, call) = attached(&mut world);
    let id = own.random_id;
    let Call::SendEncrypted { random_id, data, .. } = call.clone() else { panic!() };
    world.bob.deliver(EncryptedMessage { random_id, chat, date: 1_700_000_002, bytes: data, file: None });
    world.bob.command(say(chat, "got it"));
    world.serve_next(BOB);
    let reply = world.to_alice.pop_front().unwrap();
    world.alice.deliver(reply);
    let place = RemoteFile { id: 5, access_hash: 6, size: 16, dc_id: 2, key_fingerprint: 2 };
    world.alice.answer(&call, Ok(Answer::Sent { date: 1_700_000_002, file: Some(place) }));
    let own = world.alice.message(id).unwrap();
    assert_eq!(own.date, 1_700_000_002, "the server's date");
    let Body::File(file) = &own.body else { panic!() };
    assert!(file.place.is_some(), "the server's place of the file");
}

/// A message whose constructor is newer than we are is kept as a placeholder (3.3), not dropped.
#[test]
fn a_body_of_an_unknown_constructor_is_kept() {
    let mut world = World::ready();
    let mut body = 0x1234_5678_u32.to_le_bytes().to_vec();
    body.extend_from_slice(&77_i64.to_le_bytes());
    body.extend_from_slice(&[0; 16]);
    let sent = raw(&world.alice, 77, &body, None);
    world.bob.deliver(sent);
    let Stage::Ready(ready) = world.bob.stage() else { panic!() };
    assert_eq!(ready.counters.my_in, 2, "it was sequenced");
    let kept: Vec<&Body> = world.bob.store.messages.iter().map(|message| &message.body).collect();
    assert_eq!(kept, [&Body::Unsupported(body.into())]);
}

/// What was parsed but makes no sense to us still carries the writer's time to live.
#[test]
fn what_is_not_understood_burns_too() {
    let mut world = World::ready();
    let media = types::DecryptedMessageMediaGeoPoint { lat: 1.0, long: 2.0 }.into();
    let body = message(77, 5, "meet me here", media);
    let sent = raw(&world.alice, 77, &body, None);
    world.bob.deliver(sent);
    let kept = world.bob.message(77).unwrap().clone();
    assert!(matches!(kept.body, Body::Unsupported(_)));
    assert_eq!(kept.ttl, 5, "its time to live was read and is decisive (6.1)");
    world.bob.command(Command::Seen { chat: kept.chat, max_date: kept.date });
    world.bob.sleep(6_000);
    assert!(world.bob.message(77).is_none());
}

/// Alice sends a file; its call is on the way.
fn attached(world: &mut World) -> (ChatId, Message, Call) {
    let chat = world.alice.only_chat();
    let body = Body::File(Box::new(Attachment {
        kind: Kind::Document,
        name: "a".into(),
        mime: String::new(),
        size: 5,
        caption: Text::default(),
        thumb: None,
        secret: FileSecret::new([7; 32], [8; 32]),
        place: None,
    }));
    let source = Source { path: "/a".into(), size: 5, modified_ns: 0 };
    world.alice.command(Command::Attach { chat, draft: Box::new(body.into()), source });
    let own = world.alice.store.messages.last().unwrap().clone();
    uploaded(world, &own);
    let call = world.alice.calls.pop_front().unwrap();
    (chat, own, call)
}

fn uploaded(world: &mut World, own: &Message) {
    let file = SentFile::Uploaded { id: 1, parts: 1, key_fingerprint: 2, big: false };
    world.alice.command(Command::Uploaded { message: Box::new(own.clone()), file });
}

fn part_missing() -> Result<Answer, CallError> {
    Err(CallError::Rpc { code: 400, name: "FILE_PART_0_MISSING".into(), value: None })
}

/// The first send was carried out and its answer lost; the repetition finds no parts; the peer confirms; then the upload ends.
#[test]
fn a_file_that_the_peer_has_confirmed_is_not_sent_again() {
    let mut world = World::ready();
    let (chat, own, call) = attached(&mut world);
    let Call::SendEncrypted { random_id, data, .. } = call.clone() else { panic!() };
    world.bob.deliver(EncryptedMessage { random_id, chat, date: 1_700_000_002, bytes: data, file: None });
    world.alice.answer(&call, part_missing());
    world.bob.command(say(chat, "got it"));
    world.settle();
    assert!(world.alice.store.outgoing.is_empty());
    let before = world.alice.calls.len();
    uploaded(&mut world, &own);
    assert_eq!(world.alice.calls.len(), before, "the peer has it");
}

/// 5.1: a peer that announces less than 73 is too old, and the user is told; what is written to it stays at 73.
#[test]
fn a_peer_below_the_floor_is_told() {
    let mut world = World::ready();
    let chat = world.bob.only_chat();
    let Stage::Ready(bob) = &mut world.bob.store.chats.get_mut(&chat).unwrap().stage else { panic!() };
    // Nothing is known of the peer yet.
    (bob.peer_layer, bob.counters.layer_seen) = (73, 0);
    world.bob.crash();
    world.bob.news();
    let Stage::Ready(alice) = world.alice.stage() else { panic!() };
    let mut counters = alice.counters;
    let header = counters.write(subrosa::secret::chat::Side::Originator, 46);
    let rng = &mut StdRng::seed_from_u64(7);
    let payload = content::write(header, 5, &Content::Action(Action::NotifyLayer(46)), rng);
    let bytes = envelope::seal(&alice.keys.current, subrosa::secret::chat::Side::Originator, &payload, rng);
    world.bob.deliver(EncryptedMessage { random_id: 5, chat, date: 1_700_000_500, bytes, file: None });
    let told = |event: &Event| matches!(event, Event::Chat(view) if view.peer_layer == 46);
    assert!(world.bob.news().iter().any(told), "the screen can say so");
    let Stage::Ready(bob) = world.bob.stage() else { panic!() };
    assert_eq!(subrosa::secret::layer::usable(bob.peer_layer), 73);
}

/// 2.6: what was never sent does not wait for ever in a chat that is over.
#[test]
fn what_was_never_sent_is_not_queued_in_a_closed_chat() {
    let mut world = World::ready();
    let chat = world.alice.only_chat();
    world.alice.handle(Input::Offline);
    world.alice.command(say(chat, "never"));
    world.alice.update(EncryptedChat::Discarded { id: chat, history_deleted: false });
    let delivery = world.alice.store.messages.last().map(|message| message.delivery);
    assert_ne!(delivery, Some(Delivery::Queued));
}

/// A repetition is no news: the message keeps its date and nobody is told another.
#[test]
fn a_resend_does_not_tell_another_date() {
    let mut world = World::ready();
    let chat = world.alice.only_chat();
    world.withhold = true;
    for n in 0..2 {
        world.alice.command(say(chat, &n.to_string()));
    }
    world.settle();
    let first = world.alice.store.messages[0].clone();
    world.to_bob.pop_front();
    world.alice.news();
    world.date += 3_600;
    world.withhold = false;
    world.settle();
    assert_eq!(world.bob.texts(), ["0", "1"]);
    let told: Vec<i32> = (world.alice.news().iter())
        .filter_map(|event| match event {
            Event::Sent { random_id, date, .. } if *random_id == first.random_id => Some(*date),
            _ => None,
        })
        .collect();
    assert!(told.iter().all(|&date| date == first.date), "stored {}, told {told:?}", first.date);
}

/// Row 33 bounds the number of parked messages, nothing their bytes: a thousand of them are a gigabyte in memory and in the vault.
#[test]
fn what_waits_behind_a_hole_is_bounded_in_bytes() {
    let mut world = World::ready();
    let mut bytes = 0_usize;
    for n in 1..=40 {
        let words = "x".repeat(900 * 1024);
        let sent = world.alice.forge(n, 500 + i64::from(n), &Content::Message(Said::new(Body::text(words))));
        world.bob.deliver(sent);
        bytes = world.bob.store.parked.values().map(|row| row.payload.len()).sum();
    }
    assert!(bytes < 16 << 20, "{bytes} bytes wait behind one hole after 40 messages");
}

/// Deleted while it is in flight and something older is to be repeated: its refusal does not end the chat.
#[test]
fn a_refusal_of_the_original_does_not_close_the_chat_during_a_repetition() {
    let mut world = World::ready();
    let chat = world.alice.only_chat();
    world.withhold = true;
    world.alice.command(say(chat, "a"));
    world.settle();
    world.alice.command(say(chat, "b"));
    let call = world.alice.calls.pop_front().unwrap();
    let b = world.alice.store.messages.last().unwrap().random_id;
    let resend = world.bob.forge(0, 900, &Content::Action(Action::Resend { start: 3, end: 3 }));
    world.alice.deliver(resend);
    world.alice.command(Command::Delete { chat, random_ids: vec![b] });
    world.alice.answer(&call, Err(CallError::Rpc { code: 400, name: "DATA_INVALID".into(), value: None }));
    assert!(matches!(world.alice.stage(), Stage::Ready(_)), "{:?}", world.alice.stage());
}
