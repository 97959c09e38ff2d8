//! GramJS's documented example of `messages.RequestEncryption`, in JavaScript and in TypeScript: connect with a saved session, then
//! invoke with `userId: "username"`, `randomId: 43` and some `gA`. What it prints is what the server made of it.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use subrosa::engine::{ChatId, ChatState, Command};

use crate::accounts::{OUR_PHONE, THEIR_PHONE};
use crate::device::Device;
use crate::library::Library;
use crate::node::{self, Node};
use crate::ours::Ours;
use crate::process::world::World;
use crate::process::{Program, Stream};

/// The `randomId` of the example: it becomes the chat's id.
const CHAT: ChatId = ChatId(43);

#[test]
fn the_example_in_javascript() {
    let Some(node) = Node::find("the_example_in_javascript") else { return };
    the_example(&node, |_| node::sources().join("request_encryption.js"));
}

#[test]
fn the_example_in_typescript() {
    let Some(node) = Node::find("the_example_in_typescript") else { return };
    the_example(&node, |folder| node.compile(&node::sources().join("request_encryption.ts"), folder));
}

fn the_example(node: &Node, script: impl FnOnce(&Path) -> PathBuf) {
    let world = World::new();
    let folder = world.home().join("scripts");
    std::fs::create_dir(&folder).unwrap();
    let script = script(&folder);
    let session = saved_session(&world);
    let run = |arguments: &[&str]| {
        let mut command = node.script(&script, &world, world.address.port());
        Program::start(&world.script, "example", command.args(arguments).env("STRING_SESSION", &session))
    };

    assert_eq!(refusal(run(&[])), "No user has \"username\" as username", "nobody is called so yet");
    let mut ours = Ours::start(&world, OUR_PHONE);
    ours.take_username("username");
    assert_eq!(refusal(run(&[])), "DH_G_A_INVALID", "these bytes are no g^a");

    let mut example = run(&["proper"]);
    example.expect_text("EncryptedChatWaiting");
    ours.state("asked", CHAT, |state| matches!(state, ChatState::Requested { .. }));
    ours.send(Command::Accept(CHAT));
    let told = example.expect("what both halves make", |line| line.starts_with('{') && line.ends_with('}'));
    ours.state("ready", CHAT, |state| matches!(state, ChatState::Ready { .. }));
    assert_eq!(example.wait_exit(), Some(0), "{}", world.script);
    let printed = example.said(Stream::Out).join("\n");
    for field in ["className: 'EncryptedChatWaiting'", "id: 43", "accessHash: ", "participantId: "] {
        assert!(printed.contains(field), "{field} is not printed:\n{printed}");
    }

    let told: Value = serde_json::from_str(&told).unwrap();
    assert_eq!(told["accepted"], "EncryptedChat");
    assert_eq!(told["told"], told["fingerprint"], "what the server tells is the fingerprint of their key");
    let picture = ours.chats[&CHAT].key.unwrap();
    let hex: String = picture.hash().iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(told["picture"], hex, "one key, one picture");
    ours.finish();
}

/// What the example says before it ends in vain.
fn refusal(mut example: Program) -> String {
    let line = example.expect_text("refused: ");
    assert_eq!(example.wait_exit(), Some(1), "{}", example.script);
    line.trim_start_matches("refused: ").to_owned()
}

/// The session of a device that is signed in, as a string.
fn saved_session(world: &World) -> String {
    let mut device = Device::new("the example", Library::GramJs, world).unwrap();
    device.sign_in(world, THEIR_PHONE, "Gregor");
    let nobody = json!({ "user": 12_345, "access_hash": 0, "g_a": "0123" });
    device.foreign.refused("request_encryption", nobody, "USER_ID_INVALID");
    let session = device.foreign.ask("session", json!({})).as_str().unwrap().to_owned();
    device.foreign.finish();
    session
}
