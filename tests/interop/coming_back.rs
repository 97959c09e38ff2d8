//! What happens while a client is away, it sees when it is back: after a connection that was lost, and after it had gone by itself.

use serde_json::json;
use subrosa::engine::{ChatState, Command};

use crate::accounts::{OUR_PHONE, THEIR_PHONE};
use crate::device::Device;
use crate::library::Library;
use crate::ours::Ours;
use crate::process::world::World;
use crate::relay::Relay;

#[test]
fn telethon_loses_its_connection_and_catches_up() {
    going_and_coming_back("telethon_loses_its_connection_and_catches_up", Library::Telethon);
}

#[test]
fn kurigram_loses_its_connection_and_catches_up() {
    going_and_coming_back("kurigram_loses_its_connection_and_catches_up", Library::Kurigram);
}

#[test]
fn gramjs_loses_its_connection_and_catches_up() {
    going_and_coming_back("gramjs_loses_its_connection_and_catches_up", Library::GramJs);
}

/// Its connection is lost, we ask for a chat, it comes back and sees it; it leaves, we ask no more, it comes back and sees that.
fn going_and_coming_back(test: &str, library: Library) {
    let world = World::new();
    let relay = Relay::new(world.address);
    let Some(mut theirs) = Device::with(test, library, &world, relay.address, json!({})) else { return };
    let mut ours = Ours::start(&world, OUR_PHONE);
    library.forgive_lost_connections(&mut theirs.foreign);
    theirs.sign_in(&world, THEIR_PHONE, "Theo");
    let them = ours.import(THEIR_PHONE);

    relay.cut();
    ours.send(Command::Start(them));
    let chat = ours.until("a chat that waits", |ours| {
        ours.chats.values().find(|chat| matches!(chat.state, ChatState::Waiting)).map(|chat| chat.id)
    });
    assert!(!relay.is_used(), "there is no way to the server");
    relay.mend();
    theirs.foreign.ask("catch_up", json!({}));
    assert!(relay.is_used(), "it has dialled again");
    let asked = theirs.foreign.wait("encryption", |event| event["state"] == "EncryptedChatRequested");
    assert_eq!((&asked["chat"], &asked["admin"]), (&json!(chat.0), &json!(ours.me.id.0)));

    theirs.foreign.ask("leave", json!({}));
    ours.send(Command::Close { chat, delete_history: false });
    ours.state("closed", chat, |state| matches!(state, ChatState::Closed(_)));
    assert_eq!(theirs.foreign.ask("come_back", json!({}))["signed_in"], true);
    let ended = theirs.foreign.wait("encryption", |event| event["state"] == "EncryptedChatDiscarded");
    assert_eq!(ended["chat"], chat.0);
    theirs.foreign.finish();
    ours.finish();
}
