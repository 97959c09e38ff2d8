//! The rows of the adversarial table that are about keys, and the rest of the table of steps: what the victim says, stores, shows.

use subrosa::secret::content::{Action, Content};
use subrosa::secret::fault::{Closing, PeerFault};
use subrosa::secret::key::{Fingerprint, SharedKey};
use subrosa::secret::rekey::{Phase, RekeyFault};
use subrosa::secret::step::*;

use super::peer::{Peer, exchange_of, keys, ready, refusal, text};
use crate::world::{Device, World, say};

fn begin() -> (World, Peer) {
    let world = World::ready();
    let peer = Peer::instead_of_alice(&world);
    (world, peer)
}

/// Bob has asked, and his request was heard.
fn bob_asks(world: &mut World, alice: &mut Peer) -> (i64, Vec<u8>) {
    let chat = alice.chat;
    world.bob.command(Command::ChangeKey(chat));
    match &alice.hears_actions(&mut world.bob)[..] {
        [Action::RequestKey { exchange_id, g_a }] => (*exchange_id, g_a.clone()),
        other => panic!("{other:?}"),
    }
}

/// Alice's stand-in answers Bob's request, and has the new key.
fn answer(alice: &mut Peer, exchange_id: i64, g_a: &[u8]) -> EncryptedMessage {
    let offer = alice.offer();
    let g_b = offer.public().to_vec();
    let key = offer.finish(g_a).unwrap();
    let action = Action::AcceptKey { exchange_id, g_b, key_fingerprint: key.fingerprint() };
    let message = alice.acts(action);
    alice.keys.push(key);
    message
}

fn told_closed(device: &Device, fault: &PeerFault) {
    let state = device.events.iter().rev().find_map(|event| match event {
        Event::Chat(view) => Some(&view.state),
        _ => None,
    });
    assert_eq!(state, Some(&ChatState::Closed(Closing::Refused(fault.clone()))));
    assert!(device.store.outgoing.is_empty());
}

/// The chat was refused: first AbortKey, then the server is told.
fn aborts_and_closes(world: &mut World, alice: &mut Peer, exchange_id: i64, fault: RekeyFault) {
    let fault = PeerFault::from(fault);
    assert_eq!(refusal(&world.bob), &fault);
    told_closed(&world.bob, &fault);
    assert_eq!(world.bob.calls.len(), 1, "one after the other");
    let said = alice.hears_one(&mut world.bob);
    assert_eq!(said, (0, Content::Action(Action::AbortKey { exchange_id })));
    assert!(matches!(world.bob.calls.front(), Some(Call::DiscardEncryption { delete_history: false, .. })));
}

#[test]
fn row_2_a_message_replayed_after_the_change_is_dropped() {
    let mut world = World::ready();
    let chat = world.alice.only_chat();
    world.withhold = true;
    world.alice.command(say(chat, "once"));
    world.settle();
    let old = world.to_bob.front().unwrap().clone();
    world.withhold = false;
    world.settle();
    world.bob.deliver(old.clone());
    world.alice.command(Command::ChangeKey(chat));
    world.settle();
    world.bob.deliver(old.clone());
    world.alice.command(say(chat, "twice"));
    world.settle();
    let before = (world.bob.stage().clone(), world.bob.events.len(), world.bob.store.marks.qts);
    world.bob.deliver(old);
    let after = (world.bob.stage().clone(), world.bob.events.len(), world.bob.store.marks.qts - 1);
    assert!(before == after, "it is counted in the queue and nothing else");
    assert_eq!(world.bob.texts(), ["once", "twice"]);
}

#[test]
fn row_36_crossing_requests_and_mine_is_larger() {
    let (mut world, mut alice) = begin();
    let (mine, g_a) = bob_asks(&mut world, &mut alice);
    let offer = alice.offer();
    let request = alice.acts(Action::RequestKey { exchange_id: mine - 1, g_a: offer.public().to_vec() });
    world.bob.deliver(request);
    assert!(alice.hears(&mut world.bob).is_empty(), "theirs is ignored");
    assert_eq!(exchange_of(&world.bob), mine);
    let accept = answer(&mut alice, mine, &g_a);
    world.bob.deliver(accept);
    assert_eq!(keys(&world.bob).current, alice.key());
}

#[test]
fn row_36_crossing_requests_and_mine_is_smaller() {
    let (mut world, mut alice) = begin();
    let (mine, _) = bob_asks(&mut world, &mut alice);
    let commit = alice.asks(&mut world.bob, mine + 1);
    assert!(
        matches!(&keys(&world.bob).phase, Phase::Accepted { exchange_id, pending } if *exchange_id == mine + 1 && *pending == alice.key())
    );
    let commit = alice.says_under(&alice.keys[0].clone(), &Content::Action(commit));
    world.bob.deliver(commit);
    assert_eq!(keys(&world.bob).current, alice.key());
    assert_eq!(alice.hears(&mut world.bob), [(1, Content::Action(Action::Noop))]);
}

#[test]
fn row_36_crossing_requests_and_both_are_equal() {
    let (mut world, mut alice) = begin();
    let (mine, g_a) = bob_asks(&mut world, &mut alice);
    let old = keys(&world.bob).current.clone();
    let request = alice.acts(Action::RequestKey { exchange_id: mine, g_a });
    world.bob.deliver(request);
    assert!(alice.hears(&mut world.bob).is_empty(), "silently");
    assert_eq!((&keys(&world.bob).phase, &keys(&world.bob).current), (&Phase::Settled, &old));
    let words = alice.says(&text("still here"));
    world.bob.deliver(words);
    assert_eq!(world.bob.texts(), ["still here"]);
}

/// A positive id is larger than a negative one, however large that looks without its sign.
#[test]
fn row_36_crossing_requests_are_compared_with_their_signs() {
    for (theirs, accepted) in [(i64::MAX, true), (i64::MIN, false)] {
        let (mut world, mut alice) = begin();
        let (mine, _) = bob_asks(&mut world, &mut alice);
        assert!(mine != i64::MAX && mine != i64::MIN);
        let offer = alice.offer();
        let request = alice.acts(Action::RequestKey { exchange_id: theirs, g_a: offer.public().to_vec() });
        world.bob.deliver(request);
        let heard = alice.hears_actions(&mut world.bob);
        assert_eq!(matches!(heard[..], [Action::AcceptKey { .. }]), accepted, "{mine} against {theirs}");
        assert_eq!(exchange_of(&world.bob), if accepted { theirs } else { mine });
    }
}

#[test]
fn row_37_a_request_while_two_keys_are_held() {
    for under_the_new_key in [true, false] {
        let (mut world, mut alice) = begin();
        let commit = alice.asks(&mut world.bob, 5);
        let commit = alice.says_under(&alice.keys[0].clone(), &Content::Action(commit));
        world.bob.deliver(commit);
        assert!(
            matches!(&keys(&world.bob).phase, Phase::Switched { previous, .. } if *previous == alice.keys[0])
        );
        alice.hears(&mut world.bob);
        let offer = alice.offer();
        let request = Content::Action(Action::RequestKey { exchange_id: 6, g_a: offer.public().to_vec() });
        let key = alice.keys[usize::from(under_the_new_key)].clone();
        let request = alice.says_under(&key, &request);
        world.bob.deliver(request);
        if under_the_new_key {
            assert_eq!(exchange_of(&world.bob), 6, "the previous key was just destroyed");
            assert!(keys(&world.bob).opens(alice.keys[0].fingerprint()).is_none());
            let heard = alice.hears(&mut world.bob);
            assert!(matches!(heard[..], [(1, Content::Action(Action::AcceptKey { exchange_id: 6, .. }))]));
        } else {
            assert_eq!(refusal(&world.bob), &RekeyFault::OutOfTurn.into());
            told_closed(&world.bob, &RekeyFault::OutOfTurn.into());
            assert!(matches!(world.bob.calls.front(), Some(Call::DiscardEncryption { .. })));
        }
    }
}

#[test]
fn row_37_steps_nobody_asked_for_are_refused_once_and_the_chat_goes_on() {
    let (mut world, mut alice) = begin();
    let old = keys(&world.bob).current.clone();
    let key_fingerprint = Fingerprint([9; 8]);
    let accept = Action::AcceptKey { exchange_id: 7, g_b: vec![3; 256], key_fingerprint };
    let commit = Action::CommitKey { exchange_id: 8, key_fingerprint };
    for (action, exchange_id) in [(accept, 7), (commit, 8)] {
        let (first, second) = (alice.acts(action.clone()), alice.acts(action));
        world.bob.deliver(first);
        assert_eq!(alice.hears_actions(&mut world.bob), [Action::AbortKey { exchange_id }]);
        world.bob.deliver(second);
        assert!(alice.hears(&mut world.bob).is_empty(), "once");
    }
    assert_eq!((&keys(&world.bob).phase, &keys(&world.bob).current), (&Phase::Settled, &old));
    let words = alice.says(&text("goes on"));
    world.bob.deliver(words);
    assert_eq!(world.bob.texts(), ["goes on"]);
}

#[test]
fn row_37_foreign_steps_in_the_middle_of_a_change() {
    let (mut world, mut alice) = begin();
    let key_fingerprint = Fingerprint([9; 8]);
    let (mine, g_a) = bob_asks(&mut world, &mut alice);
    let foreign = alice.acts(Action::AcceptKey { exchange_id: mine ^ 1, g_b: vec![3; 256], key_fingerprint });
    world.bob.deliver(foreign);
    assert_eq!(alice.hears_actions(&mut world.bob), [Action::AbortKey { exchange_id: mine ^ 1 }]);
    let nonsense = alice.acts(Action::CommitKey { exchange_id: mine, key_fingerprint });
    world.bob.deliver(nonsense);
    assert!(alice.hears(&mut world.bob).is_empty(), "our own exchange is not broken off by it");
    assert_eq!(exchange_of(&world.bob), mine);
    let accept = answer(&mut alice, mine, &g_a);
    world.bob.deliver(accept);
    assert_eq!(keys(&world.bob).current, alice.key(), "and it comes to its end");

    let (mut world, mut alice) = begin();
    let commit = alice.asks(&mut world.bob, 5);
    let old = alice.keys[0].clone();
    let foreign = Action::CommitKey { exchange_id: 6, key_fingerprint: alice.key().fingerprint() };
    let foreign = alice.says_under(&old, &Content::Action(foreign));
    world.bob.deliver(foreign);
    assert_eq!(alice.hears_actions(&mut world.bob), [Action::AbortKey { exchange_id: 6 }]);
    let nonsense = Action::AcceptKey { exchange_id: 5, g_b: vec![3; 256], key_fingerprint };
    let nonsense = alice.says_under(&old, &Content::Action(nonsense));
    world.bob.deliver(nonsense);
    assert!(alice.hears(&mut world.bob).is_empty());
    let commit = alice.says_under(&old, &Content::Action(commit));
    world.bob.deliver(commit);
    assert_eq!(keys(&world.bob).current, alice.key());
}

#[test]
fn row_37_an_abort_after_the_acceptance_drops_the_pending_key() {
    let (mut world, mut alice) = begin();
    alice.asks(&mut world.bob, 5);
    let (old, pending) = (alice.keys[0].clone(), alice.key());
    for (exchange_id, dropped) in [(6, false), (5, true)] {
        let abort = alice.says_under(&old, &Content::Action(Action::AbortKey { exchange_id }));
        world.bob.deliver(abort);
        assert_eq!(keys(&world.bob).opens(pending.fingerprint()).is_none(), dropped);
    }
    assert!(alice.hears(&mut world.bob).is_empty());
    assert_eq!((&keys(&world.bob).phase, &keys(&world.bob).current), (&Phase::Settled, &old));
    let words = alice.says_under(&old, &text("under the old key"));
    world.bob.deliver(words);
    assert_eq!(world.bob.texts(), ["under the old key"]);
}

#[test]
fn row_38_a_message_under_the_new_key_waits_for_the_commit() {
    let (mut world, mut alice) = begin();
    let commit = alice.asks(&mut world.bob, 5);
    let (old, new) = (alice.keys[0].clone(), alice.key());
    let commit = alice.says_under(&old, &Content::Action(commit));
    let early = alice.says(&text("early"));
    world.bob.deliver(early);
    assert!(world.bob.texts().is_empty());
    let parked: Vec<_> = world.bob.store.parked.values().map(|row| Fingerprint(row.fingerprint)).collect();
    assert_eq!(parked, [new.fingerprint()], "opened with the pending key and kept with its name");
    assert!(matches!(&keys(&world.bob).phase, Phase::Accepted { .. }));
    let heard = alice.hears_actions(&mut world.bob);
    assert!(matches!(heard[..], [Action::Resend { .. }]), "{heard:?}");
    world.bob.crash();
    world.bob.deliver(commit);
    assert_eq!(world.bob.texts(), ["early"]);
    assert_eq!((&keys(&world.bob).phase, &keys(&world.bob).current), (&Phase::Settled, &new));
    assert!(
        keys(&world.bob).opens(old.fingerprint()).is_none(),
        "what waited has proven that the peer uses the new key"
    );
    assert!(world.bob.store.parked.is_empty());
    assert_eq!(keys(&world.bob).read, 1);
}

/// A peer that seals what stands before CommitKey under the new key already.
#[test]
fn row_38_in_its_order_before_the_commit() {
    let (mut world, mut alice) = begin();
    let commit = alice.asks(&mut world.bob, 5);
    let words = alice.says(&text("hasty"));
    world.bob.deliver(words);
    assert_eq!(world.bob.texts(), ["hasty"]);
    assert!(matches!(&keys(&world.bob).phase, Phase::Accepted { .. }), "it proves nothing about CommitKey");
    let commit = alice.says_under(&alice.keys[0].clone(), &Content::Action(commit));
    world.bob.deliver(commit);
    assert_eq!(keys(&world.bob).current, alice.key());
}

#[test]
fn row_39_a_message_under_the_old_key_after_the_change_is_dropped() {
    let (mut world, mut alice) = begin();
    let commit = alice.asks(&mut world.bob, 5);
    let old = alice.keys[0].clone();
    let commit = alice.says_under(&old, &Content::Action(commit));
    world.bob.deliver(commit);
    let words = alice.says_under(&old, &text("the old key is still held"));
    world.bob.deliver(words);
    let words = alice.says(&text("now it goes"));
    world.bob.deliver(words);
    assert_eq!(world.bob.texts(), ["the old key is still held", "now it goes"]);
    alice.hears(&mut world.bob);
    let (stage, events) = (world.bob.stage().clone(), world.bob.events.len());
    let late = alice.says_under(&old, &text("too late"));
    world.bob.deliver(late);
    assert!(stage == *world.bob.stage());
    assert_eq!((world.bob.events.len(), world.bob.calls.len()), (events, 0));
    alice.out -= 1;
    let words = alice.says(&text("its number is free still"));
    world.bob.deliver(words);
    assert_eq!(world.bob.texts().len(), 3);
}

#[test]
fn a_public_value_out_of_range_ends_the_chat() {
    let p = subrosa::secret::exchange::KNOWN_PRIME;
    let mut below_p = p;
    below_p[255] -= 1;
    for bad in [vec![], vec![0], vec![1], below_p.to_vec(), p.to_vec(), vec![1; 300]] {
        let (mut world, mut alice) = begin();
        let request = alice.acts(Action::RequestKey { exchange_id: 5, g_a: bad.clone() });
        world.bob.deliver(request);
        aborts_and_closes(&mut world, &mut alice, 5, RekeyFault::PublicValue);

        let (mut world, mut alice) = begin();
        let (exchange_id, _) = bob_asks(&mut world, &mut alice);
        let key_fingerprint = Fingerprint([9; 8]);
        let accept = alice.acts(Action::AcceptKey { exchange_id, g_b: bad, key_fingerprint });
        world.bob.deliver(accept);
        aborts_and_closes(&mut world, &mut alice, exchange_id, RekeyFault::PublicValue);
    }
}

#[test]
fn another_key_than_the_one_named_ends_the_chat() {
    let (mut world, mut alice) = begin();
    let (exchange_id, g_a) = bob_asks(&mut world, &mut alice);
    let offer = alice.offer();
    let g_b = offer.public().to_vec();
    let (ours, theirs) = (offer.finish(&g_a).unwrap().fingerprint(), Fingerprint([9; 8]));
    let accept = alice.acts(Action::AcceptKey { exchange_id, g_b, key_fingerprint: theirs });
    world.bob.deliver(accept);
    aborts_and_closes(&mut world, &mut alice, exchange_id, RekeyFault::Fingerprint { ours, theirs });

    let (mut world, mut alice) = begin();
    alice.asks(&mut world.bob, 5);
    let (old, ours) = (alice.keys[0].clone(), alice.key().fingerprint());
    let commit = Action::CommitKey { exchange_id: 5, key_fingerprint: theirs };
    let commit = alice.says_under(&old, &Content::Action(commit));
    world.bob.deliver(commit);
    assert_eq!(refusal(&world.bob), &RekeyFault::Fingerprint { ours, theirs }.into());
    assert!(matches!(world.bob.calls.front(), Some(Call::DiscardEncryption { .. })));
}

#[test]
fn a_second_request_before_the_commit_ends_the_chat_unless_the_first_was_aborted() {
    for aborted in [true, false] {
        let (mut world, mut alice) = begin();
        alice.asks(&mut world.bob, 5);
        let old = alice.keys.remove(0);
        alice.keys = vec![old];
        if aborted {
            let abort = alice.acts(Action::AbortKey { exchange_id: 5 });
            world.bob.deliver(abort);
        }
        let g_a = alice.offer().public().to_vec();
        let request = alice.acts(Action::RequestKey { exchange_id: 6, g_a });
        world.bob.deliver(request);
        if aborted {
            assert_eq!(exchange_of(&world.bob), 6);
        } else {
            assert_eq!(refusal(&world.bob), &RekeyFault::OutOfTurn.into());
        }
    }
}

/// The last word is said on the connection that is there; one that cannot be said does not keep the chat from being discarded.
#[test]
fn the_last_word_is_not_repeated_after_a_failure() {
    for outcome in [Err(CallError::Lost), Ok(Answer::Sent { date: 1, file: None })] {
        let (mut world, mut alice) = begin();
        let request = alice.acts(Action::RequestKey { exchange_id: 5, g_a: vec![] });
        world.bob.deliver(request);
        let call = world.bob.calls.pop_front().unwrap();
        assert!(matches!(call, Call::SendEncrypted { service: true, .. }));
        world.bob.answer(&call, outcome);
        assert!(matches!(world.bob.calls.pop_front(), Some(Call::DiscardEncryption { .. })));
        assert!(world.bob.calls.is_empty());
    }
    let (mut world, mut alice) = begin();
    let request = alice.acts(Action::RequestKey { exchange_id: 5, g_a: vec![] });
    world.bob.deliver(request);
    world.bob.crash();
    assert!(matches!(world.bob.calls.pop_front(), Some(Call::DiscardEncryption { .. })));
}

/// Behind a message that the server may not have, the last word would never be heard: it is left out.
#[test]
fn the_last_word_is_not_said_behind_others() {
    let (mut world, mut alice) = begin();
    let request = alice.acts(Action::RequestKey { exchange_id: 5, g_a: vec![] });
    world.bob.command(say(alice.chat, "on its way"));
    let on_its_way = world.bob.calls.pop_front().unwrap();
    world.bob.deliver(request);
    assert_eq!(refusal(&world.bob), &RekeyFault::PublicValue.into());
    assert!(matches!(world.bob.calls.pop_front(), Some(Call::DiscardEncryption { .. })));
    world.bob.answer(&on_its_way, Ok(Answer::Sent { date: 1, file: None }));
    assert!(world.bob.calls.is_empty());
}

#[test]
fn nothing_of_a_key_is_left_in_a_closed_chat() {
    let (mut world, mut alice) = begin();
    bob_asks(&mut world, &mut alice);
    let chat = alice.chat;
    world.bob.command(Command::Close { chat, delete_history: false });
    assert!(format!("{:?}", world.bob.stage()).starts_with("Closed"));
    let shown = format!("{:?}", ready(&world.alice).keys);
    let secret = |key: &SharedKey| format!("{:?}", &key.expose()[..4]);
    assert!(!shown.contains(&secret(&keys(&world.alice).current)), "{shown}");
}
