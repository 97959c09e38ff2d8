//! Two devices of one account, ours and a foreign one: a secret chat is for the one that accepts it, and the other sees it vanish.

use serde_json::json;
use subrosa::engine::{ChatId, ChatState, Closing, Command};

use crate::accounts::{OUR_PHONE, THEIR_PHONE};
use crate::device::Device;
use crate::library::Library;
use crate::ours::Ours;
use crate::process::world::World;

const OUR_USERNAME: &str = "rosa_of_ours";

/// Well within the range of public values; nobody will say anything under the key that comes of it.
const ANY_HALF: [u8; 256] = [0x5a; 256];

#[test]
fn we_accept_and_telethon_sees_it_vanish() {
    one_accepts("we_accept_and_telethon_sees_it_vanish", Library::Telethon);
}

#[test]
fn we_accept_and_kurigram_sees_it_vanish() {
    one_accepts("we_accept_and_kurigram_sees_it_vanish", Library::Kurigram);
}

#[test]
fn we_accept_and_gramjs_sees_it_vanish() {
    one_accepts("we_accept_and_gramjs_sees_it_vanish", Library::GramJs);
}

/// Somebody asks twice: once we accept and the foreign device sees that there is nothing to accept, once the other way about.
fn one_accepts(test: &str, library: Library) {
    let world = World::new();
    let Some(mut second) = Device::new(test, library, &world) else { return };
    let mut ours = Ours::start(&world, OUR_PHONE);
    ours.take_username(OUR_USERNAME);
    assert_eq!(second.sign_in(&world, OUR_PHONE, "nobody is asked"), ours.me.id.0);
    let mut devices: Vec<bool> = serde_json::from_value(second.foreign.ask("devices", json!({}))).unwrap();
    devices.sort_unstable();
    assert_eq!(devices, [false, true], "this one and ours");
    let mut theirs = Device::new(test, library, &world).unwrap();
    let user = theirs.sign_in(&world, THEIR_PHONE, "Theo");

    let first = ask(&mut theirs, 44);
    is_asked(&mut second, first, user);
    ours.state("asked", first, |state| matches!(state, ChatState::Requested { .. }));
    ours.send(Command::Accept(first));
    ours.state("ready", first, |state| matches!(state, ChatState::Ready { .. }));
    assert_eq!(next_state(&mut theirs, first), "EncryptedChat");
    assert_eq!(next_state(&mut second, first), "EncryptedChatDiscarded");
    accepts_too_late(&mut second, first);

    let other = ask(&mut theirs, 45);
    is_asked(&mut second, other, user);
    ours.state("asked", other, |state| matches!(state, ChatState::Requested { .. }));
    let half = json!({ "chat": other.0, "g_b": hex(&ANY_HALF) });
    assert_eq!(second.foreign.ask("accept_chat", half), "EncryptedChat");
    ours.state("taken", other, |state| *state == ChatState::Closed(Closing::TakenOrWithdrawn));
    assert_eq!(next_state(&mut theirs, other), "EncryptedChat");
    assert!(matches!(ours.chats[&first].state, ChatState::Ready { .. }), "the other one goes on");

    [theirs, second].into_iter().for_each(|device| device.foreign.finish());
    ours.finish();
}

fn ask(theirs: &mut Device, chat: i32) -> ChatId {
    let wish = json!({ "username": OUR_USERNAME, "chat": chat, "g_a": hex(&ANY_HALF) });
    assert_eq!(theirs.foreign.ask("ask_chat", wish), "EncryptedChatWaiting");
    ChatId(chat)
}

fn is_asked(device: &mut Device, chat: ChatId, by: i64) {
    let asked = device.foreign.wait("encryption", |event| event["chat"] == chat.0);
    assert_eq!((&asked["state"], &asked["admin"]), (&json!("EncryptedChatRequested"), &json!(by)));
}

/// What the device is told of a chat next.
fn next_state(device: &mut Device, chat: ChatId) -> String {
    let told = device.foreign.wait("encryption", |event| event["chat"] == chat.0);
    told["state"].as_str().unwrap().to_owned()
}

fn accepts_too_late(device: &mut Device, chat: ChatId) {
    let half = json!({ "chat": chat.0, "g_b": hex(&ANY_HALF) });
    device.foreign.refused("accept_chat", half, "ENCRYPTION_ALREADY_ACCEPTED");
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
