//! What the holder of the key must not do, and what anybody may try in vain.

use subrosa::secret::chat::{Side, Stage};
use subrosa::secret::content::{self, Action, Content, Header, Said};
use subrosa::secret::envelope;
use subrosa::secret::fault::{Closing, PeerFault, Trouble};
use subrosa::secret::record::Body;
use subrosa::secret::sequence::ResendFault;
use subrosa::secret::step::*;

use crate::world::{Device, World, say};

fn rng() -> rand::rngs::StdRng {
    rand::SeedableRng::seed_from_u64(99)
}

/// A message sealed with the real key, as a peer with a free hand would make it. Numbers as on the wire.
fn forge(
    from: &Device,
    side: Side,
    header: (i32, i32, i32),
    random_id: i64,
    content: &Content,
) -> EncryptedMessage {
    let Stage::Ready(ready) = from.stage() else { panic!("not ready") };
    let (layer, in_seq_no, out_seq_no) = header;
    let header = Header { layer, in_seq_no, out_seq_no };
    let payload = content::write(header, random_id, content, &mut rng());
    let bytes = envelope::seal(&ready.keys.current, side, &payload, &mut rng());
    EncryptedMessage { random_id, chat: from.only_chat(), date: 1_700_000_500, bytes, file: None }
}

fn text(words: &str) -> Content {
    Content::Message(Said::new(Body::text(words)))
}

fn refusal(device: &Device) -> &PeerFault {
    match device.stage() {
        Stage::Closed(closed) => match &closed.closing {
            Closing::Refused(fault) => fault,
            other => panic!("{other:?}"),
        },
        other => panic!("not closed: {other:?}"),
    }
}

fn counters(device: &Device) -> subrosa::secret::sequence::Counters {
    match device.stage() {
        Stage::Ready(ready) => ready.counters,
        other => panic!("not ready: {other:?}"),
    }
}

#[test]
fn timers_beyond_reason_are_clamped() {
    for (sent, kept) in [(-5, 0), (i32::MAX, 31_536_000)] {
        let mut world = World::ready();
        let number = 2 * counters(&world.alice).my_out + 1;
        let action = Content::Action(Action::SetTimer(sent));
        let message = forge(&world.alice, Side::Originator, (144, 2, number), 5, &action);
        world.bob.deliver(message);
        let Stage::Ready(bob) = world.bob.stage() else { panic!() };
        assert_eq!(bob.ttl, kept);
    }
}

#[test]
fn a_reflected_or_damaged_envelope_changes_nothing() {
    let mut world = World::ready();
    let chat = world.alice.only_chat();
    world.withhold = true;
    world.alice.command(say(chat, "mine"));
    world.settle();
    let own = world.to_bob.pop_front().unwrap();
    let before = world.alice.stage().clone();
    world.alice.deliver(own.clone());
    assert_eq!(world.alice.stage(), &before);
    for at in [0, 8, 24, own.bytes.len() - 1] {
        let mut bytes = own.bytes.clone();
        bytes[at] ^= 1;
        world.bob.deliver(EncryptedMessage { bytes, ..own.clone() });
    }
    for length in [0, 7, 23, 24, 39, own.bytes.len() - 16, own.bytes.len() - 1] {
        world.bob.deliver(EncryptedMessage { bytes: own.bytes[..length].to_vec(), ..own.clone() });
    }
    assert!(world.bob.texts().is_empty());
    assert!(
        world.bob.events.iter().any(|e| matches!(e, Event::Trouble { trouble: Trouble::Unopened(3), .. }))
    );
    assert_eq!(world.bob.store.marks.qts, 1 + 11, "every one of them is counted");
    world.bob.deliver(own);
    assert_eq!(world.bob.texts(), ["mine"]);
}

#[test]
fn numbers_that_break_the_rules_close_the_chat() {
    // After the layer notices each side has written one message and processed one.
    let cases = [
        ((144, 2, -1), PeerFault::NegativeNumber),
        ((144, -2, 3), PeerFault::NegativeNumber),
        ((144, 2, 2), PeerFault::Parity),
        ((144, 3, 3), PeerFault::Parity),
        ((144, 4, 3), PeerFault::FromTheFuture),
        ((73, 2, 3), PeerFault::LayerFell { from: 144, to: 73 }),
        ((144, 2, 2003 + 2), PeerFault::Gap(1001)),
    ];
    for (header, fault) in cases {
        let mut world = World::ready();
        let chat = world.alice.only_chat();
        // Both notices are confirmed and the layer stands at 144.
        world.bob.command(say(chat, "x"));
        world.settle();
        world.alice.command(say(chat, "y"));
        world.settle();
        let (layer, in_seq_no, out_seq_no) = header;
        let shifted = (
            layer,
            if in_seq_no < 0 { in_seq_no } else { in_seq_no + 2 },
            if out_seq_no < 0 { out_seq_no } else { out_seq_no + 2 },
        );
        let message = forge(&world.alice, Side::Originator, shifted, 5, &text("bad"));
        world.bob.deliver(message);
        assert_eq!(refusal(&world.bob), &fault, "{header:?}");
        assert_eq!(world.bob.texts(), ["y"]);
        assert!(world.bob.store.outgoing.is_empty());
    }
}

#[test]
fn taking_back_a_confirmation_closes_the_chat() {
    let mut world = World::ready();
    let chat = world.alice.only_chat();
    world.bob.command(say(chat, "x"));
    world.settle();
    world.alice.command(say(chat, "y"));
    world.settle();
    let message = forge(&world.alice, Side::Originator, (144, 2, 5), 5, &text("bad"));
    world.bob.deliver(message);
    assert_eq!(refusal(&world.bob), &PeerFault::NotMonotonic);
}

#[test]
fn resend_ranges_that_cannot_be_wanted_close_the_chat() {
    // Bob is the recipient: his numbers are even on the wire. He has written two messages.
    let cases = [
        ((1, 1), ResendFault::Parity),
        ((-2, 0), ResendFault::Malformed),
        ((2, 0), ResendFault::Malformed),
        ((0, 1 << 30), ResendFault::FromTheFuture),
        ((0, 4), ResendFault::FromTheFuture),
    ];
    for ((start, end), fault) in cases {
        let mut world = World::ready();
        let chat = world.alice.only_chat();
        world.bob.command(say(chat, "x"));
        world.settle();
        let number = 2 * counters(&world.alice).my_out + 1;
        let action = Content::Action(Action::Resend { start, end });
        let message = forge(&world.alice, Side::Originator, (144, 2, number), 5, &action);
        world.bob.deliver(message);
        assert_eq!(refusal(&world.bob), &PeerFault::Resend(fault), "{start}..{end}");
    }
}

#[test]
fn a_resend_of_confirmed_messages_is_ignored() {
    let mut world = World::ready();
    let chat = world.alice.only_chat();
    world.bob.command(say(chat, "x"));
    world.settle();
    let number = 2 * counters(&world.alice).my_out + 1;
    let confirmed = 2 * counters(&world.alice).my_in;
    let action = Content::Action(Action::Resend { start: 0, end: 2 });
    let message = forge(&world.alice, Side::Originator, (144, confirmed, number + 2), 5, &action);
    let filler = forge(&world.alice, Side::Originator, (144, confirmed, number), 6, &text("filler"));
    world.bob.deliver(filler);
    world.bob.deliver(message);
    assert!(matches!(world.bob.stage(), Stage::Ready(_)));
    assert!(world.bob.calls.is_empty());
}

#[test]
fn a_known_random_id_or_none_moves_the_counters_only() {
    let mut world = World::ready();
    let chat = world.alice.only_chat();
    world.alice.command(say(chat, "first"));
    world.settle();
    let known = world.bob.store.messages[0].random_id;
    for (n, id) in [known, 0].into_iter().enumerate() {
        let number = 2 * (counters(&world.alice).my_out + n as i32) + 1;
        let message = forge(&world.alice, Side::Originator, (144, 2, number), id, &text("again"));
        world.bob.deliver(message);
    }
    assert_eq!(world.bob.texts(), ["first"]);
    assert_eq!(counters(&world.bob).my_in, 4);
}

#[test]
fn layer_notices_beyond_reason_are_ignored() {
    let mut world = World::ready();
    for (n, (layer, expected)) in
        [(8, 144), (200, 200), (0, 200), (-1, 200), (20_000, 200)].into_iter().enumerate()
    {
        let number = 2 * (1 + n as i32) + 1;
        let action = Content::Action(Action::NotifyLayer(layer));
        let message = forge(&world.alice, Side::Originator, (144, 2, number), 50 + n as i64, &action);
        world.bob.deliver(message);
        let Stage::Ready(bob) = world.bob.stage() else { panic!() };
        assert_eq!(bob.peer_layer, expected);
    }
}

#[test]
fn deleting_a_hundred_thousand_ids_is_bounded() {
    let mut world = World::ready();
    let action = Content::Action(Action::DeleteMessages((1..=100_000).collect()));
    let message = forge(&world.alice, Side::Originator, (144, 2, 3), 5, &action);
    world.bob.deliver(message);
    assert_eq!(counters(&world.bob).my_in, 2);
    assert_eq!(world.bob.store.deleted.len(), 1000);
}
