//! Rows 1 to 11, 35 and 47: what anybody can do with sealed envelopes.

use subrosa::secret::chat::Side;
use subrosa::secret::fault::{PeerFault, Trouble};
use subrosa::secret::step::*;

use super::*;

#[test]
fn row_01_an_old_envelope_again_is_dropped() {
    let (mut world, chat) = withheld();
    let old = envelope_of(&mut world, chat, "once");
    world.bob.deliver(old.clone());
    world.settle();
    dropped(&mut world.bob, old.clone());
    let next = envelope_of(&mut world, chat, "next");
    world.bob.deliver(next);
    dropped(&mut world.bob, old);
    assert_eq!(world.bob.texts(), ["once", "next"]);
}

#[test]
fn row_03_swapped_messages_are_put_in_order() {
    let (mut world, chat) = withheld();
    let first = envelope_of(&mut world, chat, "first");
    let second = envelope_of(&mut world, chat, "second");
    world.bob.deliver(second);
    assert!(world.bob.texts().is_empty(), "behind the hole");
    assert_eq!(world.bob.store.parked.len(), 1);
    assert!(world.bob.events.contains(&Event::Missing { chat, count: 1 }));
    assert!(
        matches!(world.bob.calls.front(), Some(Call::SendEncrypted { service: true, .. })),
        "the hole is asked for"
    );
    world.bob.deliver(first);
    assert_eq!(world.bob.texts(), ["first", "second"]);
    assert!(world.bob.store.parked.is_empty());
    assert_eq!(world.bob.events.last(), Some(&Event::Missing { chat, count: 0 }));
    // The Resend is answered all the same; its copies are dropped.
    world.withhold = false;
    world.settle();
    assert_eq!(world.bob.texts(), ["first", "second"]);
    assert!(
        world.bob.store.outgoing.values().chain(world.alice.store.outgoing.values()).all(|row| row.answered)
    );
}

#[test]
fn row_04_what_is_withheld_for_ever_is_missed_visibly() {
    let (mut world, chat) = withheld();
    let withheld = envelope_of(&mut world, chat, "withheld");
    let later = envelope_of(&mut world, chat, "later");
    world.bob.deliver(later);
    world.withhold = false;
    // The peer sends it again, and the server withholds that, too.
    world.settle_without(|message| message.random_id != withheld.random_id);
    assert!(world.bob.texts().is_empty());
    assert_eq!(world.bob.machine.missing().collect::<Vec<_>>(), [(chat, 1)]);
    world.bob.crash();
    assert_eq!(
        world.bob.machine.missing().collect::<Vec<_>>(),
        [(chat, 1)],
        "it is still known after a restart"
    );
    assert!(matches!(world.bob.stage(), Stage::Ready(_)), "the chat stalls, it does not die");
}

#[test]
fn row_05_an_own_envelope_reflected_does_not_open() {
    let (mut world, chat) = withheld();
    let own = envelope_of(&mut world, chat, "mine");
    dropped(&mut world.alice, own);
    // The holder of the key seals a copy for the other direction: its numbers betray it.
    let payload = world.alice.store.outgoing.values().last().unwrap().payload.to_vec();
    let copy = seal(&world.bob, Side::Recipient, &payload);
    world.alice.deliver(copy);
    refused(&world.alice, &PeerFault::Parity);
    assert!(world.alice.texts().is_empty());
}

#[test]
fn row_06_an_envelope_sealed_for_the_wrong_direction_is_dropped() {
    let (mut world, _) = withheld();
    let (layer, in_seq_no, out_seq_no) = next_header(&world.alice);
    let payload = content::write(Header { layer, in_seq_no, out_seq_no }, 5, &text("backwards"), &mut rng());
    let wrong = seal(&world.alice, Side::Recipient, &payload);
    dropped(&mut world.bob, wrong);
}

#[test]
fn row_07_one_flipped_bit_anywhere_and_it_is_dropped() {
    let (mut world, chat) = withheld();
    let good = envelope_of(&mut world, chat, "whole");
    for bit in (0..good.bytes.len() * 8).step_by(7) {
        let mut bytes = good.bytes.clone();
        bytes[bit / 8] ^= 1 << (bit % 8);
        dropped(&mut world.bob, EncryptedMessage { bytes, ..good.clone() });
    }
    let told = |event: &&Event| matches!(event, Event::Trouble { trouble: Trouble::Unopened(_), .. });
    assert_eq!(world.bob.events.iter().filter(told).count(), 1, "said once, not each time");
    world.bob.deliver(good);
    assert_eq!(world.bob.texts(), ["whole"]);
}

#[test]
fn row_08_cut_or_lengthened_it_is_dropped() {
    let (mut world, chat) = withheld();
    let good = envelope_of(&mut world, chat, "whole");
    let length = good.bytes.len();
    for cut in [1, 8, 15, 16, 17, 32, length - 40] {
        let bytes = good.bytes[..length - cut].to_vec();
        dropped(&mut world.bob, EncryptedMessage { bytes, ..good.clone() });
    }
    for more in [1, 15, 16, 32, 1024] {
        let bytes = [good.bytes.clone(), vec![0x55; more]].concat();
        dropped(&mut world.bob, EncryptedMessage { bytes, ..good.clone() });
    }
}

/// The vectors have the envelopes with a valid msg_key and a lying length (row 9); here they meet a chat with that very key.
#[test]
fn row_09_a_lying_length_under_a_valid_msg_key_is_dropped() {
    let (mut world, _) = withheld();
    let vectors: serde_json::Value =
        serde_json::from_str(include_str!("../../vectors/vectors.json")).unwrap();
    let key: Vec<u8> = hex(vectors["key"]["hex"].as_str().unwrap());
    let chat = world.bob.only_chat();
    let row = world.bob.store.chats.get_mut(&chat).unwrap();
    let Stage::Ready(bob) = &mut row.stage else { panic!() };
    bob.keys.current = subrosa::secret::key::SharedKey::from_slice(&key).unwrap();
    let opened_before = world.bob.texts().len();
    world.bob.crash();
    world.bob.calls.clear();
    let mut tried = 0;
    let cases = vectors["mtproto2_invalid"]["cases"].as_array().unwrap();
    for case in cases.iter().filter(|case| case["expect"] != "reject_if_receiver_is_creator") {
        let bytes = hex(case["envelope"].as_str().unwrap());
        let message = EncryptedMessage { random_id: 77, chat, date: 1, bytes, file: None };
        dropped(&mut world.bob, message);
        tried += 1;
    }
    assert!(tried >= 8, "{tried} envelopes");
    assert_eq!(world.bob.texts().len(), opened_before);
}

fn hex(text: &str) -> Vec<u8> {
    (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap()).collect()
}

#[test]
fn row_10_envelopes_too_short_to_be_any_are_dropped() {
    let (mut world, chat) = withheld();
    let good = envelope_of(&mut world, chat, "whole");
    for length in [0, 7, 8, 23, 24, 39] {
        let bytes = good.bytes[..length].to_vec();
        dropped(&mut world.bob, EncryptedMessage { bytes, ..good.clone() });
    }
}

#[test]
fn row_11_ten_megabytes_are_dropped_before_they_are_opened() {
    let (mut world, chat) = withheld();
    let good = envelope_of(&mut world, chat, "whole");
    let bytes = [&good.bytes[..24], &vec![0x55; 10 << 20][..]].concat();
    dropped(&mut world.bob, EncryptedMessage { bytes, ..good.clone() });
    // Even one that its writer sealed: what is over the limit is not opened.
    let huge = seal(&world.alice, Side::Originator, &vec![0; 2 << 20]);
    dropped(&mut world.bob, huge);
}

#[test]
fn row_35_an_envelope_of_mtproto_1_is_dropped() {
    let (mut world, _) = withheld();
    let vectors: serde_json::Value =
        serde_json::from_str(include_str!("../../vectors/vectors.json")).unwrap();
    let chat = world.bob.only_chat();
    let mut envelope = hex(vectors["mtproto1_message"]["envelope"].as_str().unwrap());
    envelope[..8].copy_from_slice(&ready(&world.bob).keys.current.fingerprint().0);
    dropped(&mut world.bob, EncryptedMessage { random_id: 1, chat, date: 1, bytes: envelope, file: None });
}

/// Keys with leading zero bytes come from exponents of the vectors; both sides must pad alike.
#[test]
fn row_47_keys_with_leading_zeros_are_the_same_on_both_sides() {
    let vectors: serde_json::Value =
        serde_json::from_str(include_str!("../../vectors/vectors.json")).unwrap();
    let mut zeros = 0;
    for row in vectors["dh"]["vectors"].as_array().unwrap() {
        let field = |name: &str| hex(row[name].as_str().unwrap());
        let params = subrosa::secret::exchange::Params::from_stored(
            i32::try_from(row["g"].as_i64().unwrap()).unwrap(),
            &subrosa::secret::exchange::KNOWN_PRIME,
        )
        .unwrap();
        let padded = |bytes: Vec<u8>| [vec![0; 256 - bytes.len()], bytes].concat();
        let (g_a, g_b) = (padded(field("g_a")), padded(field("g_b")));
        let offer = |secret: Vec<u8>, public: &[u8]| {
            subrosa::secret::exchange::Offer::from_stored(params.clone(), &padded(secret), public).unwrap()
        };
        let ours = offer(field("a"), &g_a).finish(&g_b).unwrap();
        let theirs = offer(field("b"), &g_b).finish(&g_a).unwrap();
        assert_eq!(ours.expose(), theirs.expose());
        assert_eq!(ours.expose()[..], padded(field("key"))[..]);
        zeros += usize::from(ours.expose()[0] == 0);
    }
    assert!(zeros >= 2, "the rows with leading zeros are among them");
}
