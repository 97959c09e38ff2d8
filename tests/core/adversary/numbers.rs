//! Rows 22 to 24, 29 to 31 and 33: lies of the one who holds the key.

use subrosa::secret::content::Action;
use subrosa::secret::fault::PeerFault;
use subrosa::secret::sequence::{MAX_GAP, ResendFault};

use super::*;

/// Both have said something and know that the other has read it, so that numbers can fall.
fn in_conversation() -> (World, ChatId) {
    let mut world = World::ready();
    let chat = world.alice.only_chat();
    for words in ["one", "two"] {
        world.bob.command(say(chat, words));
        world.settle();
        world.alice.command(say(chat, words));
        world.settle();
    }
    world.alice.calls.clear();
    world.bob.calls.clear();
    (world, chat)
}

#[test]
fn row_22_sequence_numbers_that_cannot_be_end_the_chat() {
    let cases = [
        ((0, 2, 0), PeerFault::FromTheFuture),
        ((0, -2, 0), PeerFault::NotMonotonic),
        ((0, -1000, 0), PeerFault::NegativeNumber),
        ((0, 0, -1000), PeerFault::NegativeNumber),
        ((0, 1, 0), PeerFault::Parity),
        ((0, 0, 1), PeerFault::Parity),
    ];
    for ((layer, more_in, more_out), fault) in cases {
        let (mut world, _) = in_conversation();
        let (honest_layer, in_seq_no, out_seq_no) = next_header(&world.alice);
        let header = (honest_layer + layer, in_seq_no + more_in, out_seq_no + more_out);
        let shown = world.bob.texts();
        let message = forge(&world.alice, header, 5, &text("bad"));
        world.bob.deliver(message);
        refused(&world.bob, &fault);
        assert_eq!(world.bob.texts(), shown, "what broke the rules is not shown");
    }
}

#[test]
fn row_23_a_layer_that_falls_ends_the_chat_once_a_higher_one_was_accepted() {
    let (mut world, _) = in_conversation();
    let (_, in_seq_no, out_seq_no) = next_header(&world.alice);
    let message = forge(&world.alice, (73, in_seq_no, out_seq_no), 5, &text("bad"));
    world.bob.deliver(message);
    refused(&world.bob, &PeerFault::LayerFell { from: 144, to: 73 });

    // Before anything was negotiated 73 and then 144 is how it should be.
    let (world, _) = withheld();
    assert_eq!(
        ready(&world.bob).counters.layer_seen,
        73,
        "the first message was written for whoever reads 73"
    );
    let mut world = world;
    let header = next_header(&world.alice);
    let message = forge(&world.alice, header, 5, &text("good"));
    world.bob.deliver(message);
    assert_eq!(ready(&world.bob).counters.layer_seen, 144);
    assert_eq!(world.bob.texts(), ["good"]);
}

#[test]
fn row_24_layer_notices_only_raise_and_nonsense_is_ignored() {
    let (mut world, _) = withheld();
    for (layer, peer_layer, used) in [(8, 144, 144), (200, 200, 144), (0, 200, 144), (-1, 200, 144)] {
        let header = next_header(&world.alice);
        let number = header.2;
        let message = forge(&world.alice, header, i64::from(number), &action(Action::NotifyLayer(layer)));
        let chat = world.alice.only_chat();
        let row = world.alice.store.chats.get_mut(&chat).unwrap();
        let Stage::Ready(alice) = &mut row.stage else { panic!() };
        alice.counters.my_out += 1;
        world.bob.deliver(message);
        assert_eq!(ready(&world.bob).peer_layer, peer_layer, "after a notice of {layer}");
        assert_eq!(subrosa::secret::layer::usable(ready(&world.bob).peer_layer), used);
    }
}

#[test]
fn row_29_a_resend_of_what_was_confirmed_is_ignored() {
    let (mut world, _) = in_conversation();
    let header = next_header(&world.alice);
    let message = forge(&world.alice, header, 5, &action(Action::Resend { start: 0, end: 2 }));
    let answered: Vec<bool> = world.bob.store.outgoing.values().map(|row| row.answered).collect();
    world.bob.deliver(message);
    assert!(matches!(world.bob.stage(), Stage::Ready(_)));
    assert!(world.bob.calls.is_empty(), "{:?}", world.bob.calls);
    let after: Vec<bool> = world.bob.store.outgoing.values().map(|row| row.answered).collect();
    assert!(after.len() <= answered.len() && after.iter().all(|answered| *answered));
}

#[test]
fn row_30_a_resend_that_cannot_be_wanted_ends_the_chat() {
    let cases = [
        ((1, 1), ResendFault::Parity),
        ((-2, 0), ResendFault::Malformed),
        ((4, 2), ResendFault::Malformed),
        ((0, 1 << 30), ResendFault::FromTheFuture),
        ((0, 6), ResendFault::FromTheFuture),
    ];
    for ((start, end), fault) in cases {
        let (mut world, _) = in_conversation();
        assert_eq!(ready(&world.bob).counters.my_out, 3);
        let header = next_header(&world.alice);
        let message = forge(&world.alice, header, 5, &action(Action::Resend { start, end }));
        world.bob.deliver(message);
        refused(&world.bob, &PeerFault::Resend(fault));
    }
}

#[test]
fn row_31_the_same_resend_behind_a_gap_is_executed_once() {
    let (mut world, chat) = withheld();
    // Bob writes twice; both arrive at nobody.
    for words in ["a", "b"] {
        world.bob.command(say(chat, words));
    }
    world.settle();
    world.to_alice.clear();
    // Alice's Resend comes before the message that she wrote before it.
    let (layer, in_seq_no, out_seq_no) = next_header(&world.alice);
    let first = forge(&world.alice, (layer, in_seq_no, out_seq_no), 6, &text("before"));
    let both = Action::Resend { start: 2, end: 4 };
    let resend = forge(&world.alice, (layer, in_seq_no, out_seq_no + 2), 5, &action(both));
    world.bob.deliver(resend.clone());
    world.settle();
    let sent = std::mem::take(&mut world.to_alice).len();
    assert_eq!(sent, 3, "both again, and Bob's own request for the hole");
    world.bob.deliver(resend);
    world.settle();
    assert_eq!(world.to_alice.len(), 0, "a second copy executes nothing");
    world.bob.deliver(first);
    world.settle();
    assert_eq!(world.to_alice.len(), 0, "nor does the first one when its turn comes");
    assert_eq!(world.bob.texts(), ["before"]);
    assert!(world.bob.store.parked.is_empty());
}

#[test]
fn row_33_more_than_a_thousand_behind_one_gap_end_the_chat() {
    let (mut world, _) = withheld();
    let (layer, in_seq_no, out_seq_no) = next_header(&world.alice);
    let far = |n: i32| (layer, in_seq_no, out_seq_no + 2 * n);
    for n in 1..=MAX_GAP {
        let message = forge(&world.alice, far(n), i64::from(n), &text("x"));
        world.bob.deliver(message);
    }
    assert_eq!(world.bob.store.parked.len(), 1000);
    assert!(matches!(world.bob.stage(), Stage::Ready(_)), "a thousand may wait");
    let message = forge(&world.alice, far(MAX_GAP + 1), 5000, &text("x"));
    world.bob.deliver(message);
    refused(&world.bob, &PeerFault::Gap(1001));
    assert!(world.bob.texts().is_empty());
}

#[test]
fn row_30_a_thousand_more_than_the_first_is_the_longest_range_that_is_served() {
    use subrosa::secret::sequence::Counters;
    let counters = Counters { my_out: 3 * MAX_GAP, his_in: 500, ..Counters::default() };
    let serve = |first: i32, last: i32| counters.serve(Side::Recipient, 2 * first, 2 * last);
    assert_eq!(serve(600, 600 + MAX_GAP), Ok(600..=600 + MAX_GAP));
    assert_eq!(serve(600, 601 + MAX_GAP), Err(ResendFault::TooLong));
    assert_eq!(serve(0, MAX_GAP), Ok(500..=MAX_GAP), "less what was confirmed");
}
