//! The adversary's table, row by row: what the victim does, what it has stored afterwards, and what it tells.
//!
//! "The server" may do anything with envelopes and has no key; "the peer" has the key. Each test is named after its row; those
//! about self-destruction, re-keying, content and files stand with their subjects.

mod envelopes;
mod handshake;
mod numbers;

use rand::SeedableRng;
use rand::rngs::StdRng;
use subrosa::secret::chat::{Chat, Ready, Side, Stage};
use subrosa::secret::content::{self, Action, Content, Header, Said};
use subrosa::secret::envelope;
use subrosa::secret::fault::{Closing, PeerFault};
use subrosa::secret::record::*;
use subrosa::secret::step::*;

use crate::world::{Device, World, say};

/// A world in which Alice's messages stay with the server until a test delivers them.
fn withheld() -> (World, ChatId) {
    let mut world = World::ready();
    let chat = world.alice.only_chat();
    world.withhold = true;
    (world, chat)
}

/// Alice writes; the envelope, which Bob has not got yet.
fn envelope_of(world: &mut World, chat: ChatId, words: &str) -> EncryptedMessage {
    world.alice.command(say(chat, words));
    world.settle();
    world.to_bob.pop_back().expect("it was sent")
}

/// Everything that a device has stored of its chat but its place in the queue.
#[derive(Debug, PartialEq)]
struct Stored {
    chat: Chat,
    messages: Vec<Message>,
    outgoing: Vec<Outgoing>,
    parked: Vec<Parked>,
}

fn stored(device: &Device) -> Stored {
    Stored {
        chat: device.store.chats[&device.only_chat()].clone(),
        messages: device.store.messages.clone(),
        outgoing: device.store.outgoing.values().cloned().collect(),
        parked: device.store.parked.values().cloned().collect(),
    }
}

/// Delivers what is to be dropped: nothing stored changes but the qts, nothing is sent, nothing told.
fn dropped(device: &mut Device, message: EncryptedMessage) {
    let (before, qts, told) = (stored(device), device.store.marks.qts, device.events.len());
    device.deliver(message);
    assert_eq!(stored(device), before, "nothing of it is kept");
    assert_eq!(device.store.marks.qts, qts + 1, "it is counted, so that it does not come again");
    assert!(device.calls.is_empty(), "nothing is said about it: {:?}", device.calls);
    let news = &device.events[told..];
    assert!(
        news.iter().all(|event| matches!(event, Event::Trouble { .. })),
        "nothing is shown of it: {news:?}"
    );
}

fn ready(device: &Device) -> &Ready {
    match device.stage() {
        Stage::Ready(ready) => ready,
        other => panic!("not ready: {other:?}"),
    }
}

/// The chat was closed over this fault: loudly, without a key, without anything waiting, and the server hears of it.
fn refused(device: &Device, fault: &PeerFault) {
    let Stage::Closed(closed) = device.stage() else { panic!("not closed: {:?}", device.stage()) };
    assert_eq!(closed.closing, Closing::Refused(fault.clone()));
    assert_eq!(closed.discard, Some(false), "until the server has answered");
    assert!(device.store.outgoing.is_empty() && device.store.parked.is_empty());
    let told = device.events.iter().any(
        |event| matches!(event, Event::Chat(view) if view.state == ChatState::Closed(closed.closing.clone())),
    );
    assert!(told, "the user hears of it");
    let discards = device.calls.iter().any(|call| matches!(call, Call::DiscardEncryption { .. }));
    assert!(discards, "{:?}", device.calls);
}

fn rng() -> StdRng {
    StdRng::seed_from_u64(99)
}

fn text(words: &str) -> Content {
    Content::Message(Said::new(Body::text(words)))
}

/// A message sealed with the real key, as the peer with a free hand would make it; numbers as on the wire: (layer, in, out).
fn forge(from: &Device, header: (i32, i32, i32), random_id: i64, content: &Content) -> EncryptedMessage {
    let (layer, in_seq_no, out_seq_no) = header;
    let side = from.store.chats[&from.only_chat()].side;
    let payload = content::write(Header { layer, in_seq_no, out_seq_no }, random_id, content, &mut rng());
    seal(from, side, &payload)
}

fn seal(from: &Device, side: Side, payload: &[u8]) -> EncryptedMessage {
    let bytes = envelope::seal(&ready(from).keys.current, side, payload, &mut rng());
    EncryptedMessage { random_id: 5, chat: from.only_chat(), date: 1_700_000_500, bytes, file: None }
}

/// The next honest header of a device.
fn next_header(device: &Device) -> (i32, i32, i32) {
    let side = device.store.chats[&device.only_chat()].side;
    let header = ready(device).counters.clone().write(side, 144);
    (header.layer, header.in_seq_no, header.out_seq_no)
}

fn action(action: Action) -> Content {
    Content::Action(action)
}
