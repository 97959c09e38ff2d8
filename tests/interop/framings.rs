//! Every way in which the libraries wrap packets for TCP, none of them our default in all of them.

use serde_json::json;

use crate::accounts::THEIR_PHONE;
use crate::device::Device;
use crate::library::Library;
use crate::process::world::World;

#[test]
fn telethon_in_every_framing() {
    let framings = ["TcpFull", "TcpAbridged", "TcpIntermediate", "TcpObfuscated"];
    in_every_framing("telethon_in_every_framing", Library::Telethon, &framings);
}

#[test]
fn kurigram_in_every_framing() {
    let framings = ["TCPFull", "TCPAbridged", "TCPIntermediate", "TCPAbridgedO", "TCPIntermediateO"];
    in_every_framing("kurigram_in_every_framing", Library::Kurigram, &framings);
}

#[test]
fn gramjs_in_every_framing() {
    in_every_framing(
        "gramjs_in_every_framing",
        Library::GramJs,
        &["TCPFull", "TCPAbridged", "TCPObfuscated"],
    );
}

/// The same person signs in on one device after the other.
fn in_every_framing(test: &str, library: Library, framings: &[&str]) {
    let world = World::new();
    let mut users = Vec::new();
    for framing in framings {
        let settings = json!({ "framing": framing });
        let Some(mut device) = Device::with(test, library, &world, world.address, settings) else { return };
        users.push(device.sign_in(&world, THEIR_PHONE, "Theo"));
        assert_eq!(device.foreign.ask("contacts", json!({})), json!([]));
        device.foreign.finish();
    }
    assert_eq!(users, vec![users[0]; framings.len()]);
}
