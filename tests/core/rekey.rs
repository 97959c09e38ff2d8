//! Changing the key of a chat that goes on: when it happens, that both end with the same key, and that nothing is lost meanwhile.

mod crashes;
mod peer;
mod powers;
mod rows;
mod soak;

use subrosa::secret::content::{Action, Content};
use subrosa::secret::fault::Trouble;
use subrosa::secret::rekey::{MAX_USES, PATIENCE_USES, Phase, REST_USES};
use subrosa::secret::step::*;

use self::peer::{Peer, exchange_of, keys, ready, text};
use crate::world::{ALICE, BOB, Device, World, say};

const WEEK_MS: u64 = 7 * 24 * 3600 * 1000;

/// Both have the same key, and it is not `old`; exactly one change was made.
fn changed_once(world: &World, old: &subrosa::secret::key::SharedKey) {
    let (alice, bob) = (keys(&world.alice), keys(&world.bob));
    assert_eq!(alice.current, bob.current);
    assert_ne!(&alice.current, old);
    assert_eq!((alice.changes, bob.changes), (1, 1));
}

/// Both talk, and by that the last of the old key goes.
fn talk_settles(world: &mut World) {
    let chat = world.alice.only_chat();
    for n in 0..2 {
        world.alice.command(say(chat, &format!("from alice {n}")));
        world.settle();
        world.bob.command(say(chat, &format!("from bob {n}")));
        world.settle();
    }
    assert!(world.bob.texts().ends_with(&["from alice 0".into(), "from alice 1".into()]));
    assert!(world.alice.texts().ends_with(&["from bob 0".into(), "from bob 1".into()]));
    assert_eq!((&keys(&world.alice).phase, &keys(&world.bob).phase), (&Phase::Settled, &Phase::Settled));
}

fn chat_events(device: &Device) -> Vec<KeyState> {
    let state = |event: &Event| match event {
        Event::Chat(view) => view.key_state,
        _ => None,
    };
    device.events.iter().filter_map(state).collect()
}

fn troubles(device: &Device) -> Vec<&Trouble> {
    device
        .events
        .iter()
        .filter_map(|event| match event {
            Event::Trouble { trouble, .. } => Some(trouble),
            _ => None,
        })
        .collect()
}

/// Serves one call or delivers one message; false if there is nothing to do.
fn step(world: &mut World) -> bool {
    if let Some(call) = world.alice.calls.pop_front() {
        world.serve(ALICE, &call);
    } else if let Some(call) = world.bob.calls.pop_front() {
        world.serve(BOB, &call);
    } else if let Some(message) = world.to_alice.pop_front() {
        world.alice.deliver(message);
    } else if let Some(message) = world.to_bob.pop_front() {
        world.bob.deliver(message);
    } else {
        return false;
    }
    true
}

#[test]
fn either_side_changes_the_key_by_command() {
    for by_alice in [true, false] {
        let mut world = World::ready();
        let chat = world.alice.only_chat();
        let (old, picture) = (keys(&world.alice).current.clone(), ready(&world.alice).picture);
        let (asking, asked) =
            if by_alice { (&mut world.alice, &mut world.bob) } else { (&mut world.bob, &mut world.alice) };
        asking.events.clear();
        asked.events.clear();
        asking.command(Command::ChangeKey(chat));
        world.settle();

        changed_once(&world, &old);
        let (asking, asked) = if by_alice { (&world.alice, &world.bob) } else { (&world.bob, &world.alice) };
        assert_eq!(keys(asking).phase, Phase::Settled, "the closing Noop came under the new key");
        assert_eq!(
            keys(asked).phase,
            Phase::Switched { previous: old, through: -1 },
            "it has not seen the new key yet"
        );
        assert_eq!((keys(asking).written, keys(asking).read), (0, 1));
        assert_eq!((keys(asked).written, keys(asked).read), (1, 0));
        for device in [asking, asked] {
            assert_eq!(ready(device).picture, picture, "the picture is that of the first key");
            let told: Vec<_> =
                chat_events(device).iter().map(|state| (state.changing, state.changes)).collect();
            assert_eq!(told, [(true, 0), (false, 1)], "told when it began and when it was done");
        }
        talk_settles(&mut world);
    }
}

#[test]
fn both_asking_at_once_end_with_one_key() {
    let mut world = World::ready();
    let chat = world.alice.only_chat();
    let old = keys(&world.alice).current.clone();
    world.alice.command(Command::ChangeKey(chat));
    world.bob.command(Command::ChangeKey(chat));
    assert!(keys(&world.alice).changing() && keys(&world.bob).changing());
    world.settle();
    changed_once(&world, &old);
    talk_settles(&mut world);
}

#[test]
fn the_key_wears_out_by_count_for_the_one_who_writes() {
    let mut world = World::ready();
    let chat = world.alice.only_chat();
    let old = keys(&world.alice).current.clone();
    assert_eq!(keys(&world.alice).uses(), 2, "the layer notices");
    world.withhold = true;
    for n in 0..98 {
        world.alice.command(say(chat, &n.to_string()));
    }
    world.settle();
    assert_eq!((keys(&world.alice).uses(), &keys(&world.alice).phase), (MAX_USES, &Phase::Settled));
    world.alice.command(say(chat, "one more"));
    assert!(matches!(keys(&world.alice).phase, Phase::Requested { uses: 101, .. }));
    world.withhold = false;
    world.settle();
    changed_once(&world, &old);
    assert_eq!(world.bob.texts().len(), 99);
    talk_settles(&mut world);
}

#[test]
fn the_key_wears_out_by_count_for_the_one_who_reads() {
    let mut world = World::ready();
    let mut alice = Peer::instead_of_alice(&world);
    for n in 0..99 {
        assert_eq!(keys(&world.bob).phase, Phase::Settled, "after {n}");
        let message = alice.says(&text("more"));
        world.bob.deliver(message);
    }
    assert_eq!((keys(&world.bob).written, keys(&world.bob).read), (2, 100), "the request counts as well");
    let heard = alice.hears_actions(&mut world.bob);
    assert!(matches!(heard[..], [Action::RequestKey { .. }]), "{heard:?}");
}

#[test]
fn the_uses_of_a_key_are_not_news() {
    let mut world = World::ready();
    let chat = world.alice.only_chat();
    world.alice.events.clear();
    world.bob.events.clear();
    for _ in 0..5 {
        world.alice.command(say(chat, "hello"));
        world.settle();
    }
    assert!(chat_events(&world.alice).is_empty() && chat_events(&world.bob).is_empty());
    world.alice.command(Command::Verify { chat, verified: true });
    assert_eq!(chat_events(&world.alice)[0].uses, 7, "told along with other news");
}

#[test]
fn the_key_wears_out_by_age_if_it_sealed_anything() {
    let mut world = World::ready();
    let old = keys(&world.alice).current.clone();
    world.alice.pass(WEEK_MS);
    world.alice.handle(Input::Wake);
    assert_eq!(keys(&world.alice).phase, Phase::Settled, "a week is not more than a week");
    let wake_at = world.alice.wake_at.unwrap();
    assert!((0..=1000).contains(&(wake_at - world.alice.now_ms)), "it wakes when it is");
    world.alice.pass(1000);
    world.alice.handle(Input::Wake);
    assert!(keys(&world.alice).changing());
    world.settle();
    changed_once(&world, &old);

    // Alice has written nothing under the new key.
    let since = keys(&world.alice).since;
    assert_eq!((keys(&world.alice).written, i64::from(since)), (0, world.alice.now_ms / 1000));
    world.alice.pass(2 * WEEK_MS);
    world.alice.handle(Input::Wake);
    assert_eq!(keys(&world.alice).phase, Phase::Settled);
    let chat = world.alice.only_chat();
    world.alice.command(say(chat, "first words"));
    assert!(keys(&world.alice).changing(), "now it has sealed something");
}

#[test]
fn age_is_believed_only_on_a_connection() {
    let mut world = World::ready();
    world.alice.handle(Input::Offline);
    world.alice.pass(2 * WEEK_MS);
    world.alice.handle(Input::Wake);
    assert_eq!(keys(&world.alice).phase, Phase::Settled);
    world.alice.handle(Input::Online);
    assert!(keys(&world.alice).changing());
}

#[test]
fn a_command_that_cannot_be_obeyed_says_why() {
    let mut world = World::connected();
    world.alice.command(Command::Start { user: BOB, user_hash: 9 });
    let chat = world.alice.only_chat();
    world.alice.command(Command::ChangeKey(chat));
    assert_eq!(troubles(&world.alice), [&Trouble::NotReady]);

    let mut world = World::ready();
    let chat = world.alice.only_chat();
    world.withhold = true;
    world.alice.command(Command::ChangeKey(chat));
    world.alice.command(Command::ChangeKey(chat));
    assert_eq!(troubles(&world.alice), [&Trouble::KeyChanging]);
    world.withhold = false;
    world.settle();
    world.bob.command(Command::ChangeKey(chat));
    assert_eq!(troubles(&world.bob), [&Trouble::KeyJustChanged]);

    let mut world = World::ready();
    let mut alice = Peer::instead_of_alice(&world);
    let missing = alice.says(&text("missing"));
    let early = alice.says(&text("early"));
    world.bob.deliver(early);
    world.bob.command(Command::ChangeKey(chat));
    assert_eq!(troubles(&world.bob), [&Trouble::Incomplete]);
    assert_eq!(keys(&world.bob).phase, Phase::Settled);
    world.bob.deliver(missing);
    world.bob.command(Command::ChangeKey(chat));
    assert!(keys(&world.bob).changing());
}

#[test]
fn a_worn_key_waits_for_a_hole_to_close() {
    let mut world = World::ready();
    let mut alice = Peer::instead_of_alice(&world);
    let missing = alice.says(&text("missing"));
    let early = alice.says(&text("early"));
    world.bob.deliver(early);
    let chat = world.bob.only_chat();
    for _ in 0..150 {
        world.bob.command(say(chat, "on and on"));
    }
    assert_eq!(keys(&world.bob).phase, Phase::Settled);
    world.bob.deliver(missing);
    assert!(keys(&world.bob).changing());
}

#[test]
fn an_aborted_change_rests_for_twenty_messages() {
    let mut world = World::ready();
    let chat = world.bob.only_chat();
    let mut alice = Peer::instead_of_alice(&world);
    for _ in 0..99 {
        world.bob.command(say(chat, "more"));
    }
    let exchange_id = exchange_of(&world.bob);
    let old = keys(&world.bob).current.clone();
    alice.hears(&mut world.bob);
    let foreign = alice.acts(Action::AbortKey { exchange_id: exchange_id ^ 1 });
    world.bob.deliver(foreign);
    assert!(keys(&world.bob).changing(), "an abort of another exchange means nothing");
    let abort = alice.acts(Action::AbortKey { exchange_id });
    world.bob.deliver(abort);
    let resting = keys(&world.bob);
    assert_eq!((&resting.phase, resting.rest_until), (&Phase::Settled, resting.uses() + REST_USES));
    for n in 0..REST_USES {
        assert_eq!(keys(&world.bob).phase, Phase::Settled, "after {n} messages");
        world.bob.command(say(chat, "more"));
    }
    let next = exchange_of(&world.bob);
    assert_ne!(next, exchange_id);
    assert_eq!(keys(&world.bob).current, old);
    alice.hears(&mut world.bob);
    let accept = alice.accepts(&world.bob);
    world.bob.deliver(accept);
    assert_eq!((keys(&world.bob).changes, keys(&world.bob).rest_until), (1, 0), "a new key owes no rest");
}

#[test]
fn a_command_does_not_wait_for_the_rest() {
    let mut world = World::ready();
    let chat = world.bob.only_chat();
    let mut alice = Peer::instead_of_alice(&world);
    world.bob.command(Command::ChangeKey(chat));
    let abort = alice.acts(Action::AbortKey { exchange_id: exchange_of(&world.bob) });
    world.bob.deliver(abort);
    assert_eq!(keys(&world.bob).phase, Phase::Settled);
    world.bob.command(Command::ChangeKey(chat));
    assert!(keys(&world.bob).changing());
}

#[test]
fn a_request_without_an_answer_is_given_up_after_two_hundred_messages() {
    let mut world = World::ready();
    let chat = world.bob.only_chat();
    let mut alice = Peer::instead_of_alice(&world);
    world.bob.command(Command::ChangeKey(chat));
    let first = exchange_of(&world.bob);
    for _ in 0..PATIENCE_USES - 1 {
        world.bob.command(say(chat, "more"));
    }
    alice.hears(&mut world.bob);
    assert_eq!(exchange_of(&world.bob), first);
    world.bob.command(say(chat, "the last straw"));
    let second = exchange_of(&world.bob);
    assert_ne!(second, first);
    let heard: Vec<_> = alice.hears(&mut world.bob).into_iter().skip(1).map(|(_, content)| content).collect();
    assert!(
        matches!(&heard[..], [Content::Action(Action::AbortKey { exchange_id: a }), Content::Action(Action::RequestKey { exchange_id: b, .. })] if (*a, *b) == (first, second)),
        "{heard:?}"
    );
    // The late answer to the first was refused already.
    let key_fingerprint = keys(&world.bob).current.fingerprint();
    let late = alice.acts(Action::AcceptKey { exchange_id: first, g_b: vec![1; 256], key_fingerprint });
    world.bob.deliver(late);
    assert!(alice.hears(&mut world.bob).is_empty());
    assert_eq!(exchange_of(&world.bob), second);
}

#[test]
fn a_request_without_an_answer_is_given_up_after_a_week_but_not_behind_a_hole() {
    let mut world = World::ready();
    let chat = world.bob.only_chat();
    let mut alice = Peer::instead_of_alice(&world);
    world.bob.command(Command::ChangeKey(chat));
    let first = exchange_of(&world.bob);
    alice.hears(&mut world.bob);
    assert_eq!(world.bob.wake_at, Some(world.bob.now_ms + WEEK_MS.cast_signed() + 1000));
    world.bob.pass(WEEK_MS);
    world.bob.handle(Input::Wake);
    assert_eq!(exchange_of(&world.bob), first, "a week is not more than a week");
    let missing = alice.says(&text("missing"));
    let early = alice.says(&text("early"));
    world.bob.deliver(early);
    world.bob.pass(1000);
    world.bob.handle(Input::Wake);
    assert_eq!(exchange_of(&world.bob), first, "the answer may be what is missing");
    world.bob.deliver(missing);
    assert_ne!(exchange_of(&world.bob), first);
}

#[test]
fn everything_in_flight_under_both_keys_arrives() {
    let mut world = World::ready();
    let chat = world.alice.only_chat();
    let old = keys(&world.alice).current.clone();
    world.withhold = true;
    for round in 0..6 {
        for n in 0..3 {
            world.alice.command(say(chat, &format!("a{round}.{n}")));
            world.bob.command(say(chat, &format!("b{round}.{n}")));
        }
        if round == 1 {
            world.alice.command(Command::ChangeKey(chat));
        }
        world.settle();
        // Half of what is there arrives, so that every step of the exchange has texts before and behind it on the way.
        for _ in 0..2 {
            if let Some(message) = world.to_alice.pop_front() {
                world.alice.deliver(message);
            }
            if let Some(message) = world.to_bob.pop_front() {
                world.bob.deliver(message);
            }
        }
    }
    world.withhold = false;
    world.settle();
    changed_once(&world, &old);
    let said = |who: char| -> Vec<String> {
        (0..6).flat_map(|round| (0..3).map(move |n| format!("{who}{round}.{n}"))).collect()
    };
    assert_eq!((world.bob.texts(), world.alice.texts()), (said('a'), said('b')));
    talk_settles(&mut world);
}

/// CommitKey is lost and asked for again: it goes out under the old key, for the peer does not use the new one yet; what was
/// written behind it keeps the new one.
#[test]
fn a_commit_that_is_asked_for_again_goes_under_the_key_it_had() {
    let mut world = World::ready();
    let chat = world.alice.only_chat();
    let old = keys(&world.alice).current.fingerprint();
    world.alice.command(say(chat, "before"));
    world.alice.command(Command::ChangeKey(chat));
    while keys(&world.alice).changes == 0 {
        assert!(step(&mut world));
    }
    world.alice.command(say(chat, "behind"));
    world.withhold = true;
    world.settle();
    let names = |world: &World| -> Vec<bool> {
        let named = |m: &EncryptedMessage| subrosa::secret::envelope::named_key(&m.bytes).unwrap() == old;
        world.to_bob.iter().map(named).collect()
    };
    assert_eq!(names(&world), [true, false], "CommitKey and what is behind it");
    world.to_bob.pop_front();
    let behind = world.to_bob.pop_front().unwrap();
    world.bob.deliver(behind);
    world.settle();
    let resend = world.to_alice.pop_front().unwrap();
    world.alice.deliver(resend);
    world.settle();
    assert_eq!(names(&world), [true], "CommitKey again");
    world.withhold = false;
    world.settle();
    assert_eq!(world.bob.texts(), ["before", "behind"]);
    assert_eq!(keys(&world.alice).current, keys(&world.bob).current);
    talk_settles(&mut world);
}

/// The closing Noop is left out only if our newest message is still to be sealed.
#[test]
fn noop_is_said_unless_something_newer_follows() {
    for (queued, followed) in [(0, false), (1, false), (2, true), (3, true)] {
        let mut world = World::ready();
        let mut alice = Peer::instead_of_alice(&world);
        let commit = alice.asks(&mut world.bob, 5);
        for n in 0..queued {
            world.bob.command(say(alice.chat, &n.to_string()));
        }
        let commit = alice.says_under(&alice.keys[0].clone(), &Content::Action(commit));
        world.bob.deliver(commit);
        let heard = alice.hears(&mut world.bob);
        let (noops, texts): (Vec<_>, Vec<_>) =
            heard.into_iter().partition(|(_, content)| *content == Content::Action(Action::Noop));
        assert_eq!((noops.is_empty(), texts.len()), (followed, queued));
        // The first was on its way under the old key before the change; whatever else there is goes under the new one.
        let under: Vec<usize> = texts.iter().map(|(under, _)| *under).collect();
        assert_eq!(under, [0, 1, 1][..queued]);
        assert!(noops.iter().all(|(under, _)| *under == 1));
    }
}

/// What Bob sent again is not newer than what Alice may have lost with the previous key.
#[test]
fn a_repetition_does_not_stand_for_noop() {
    let mut world = World::ready();
    let mut alice = Peer::instead_of_alice(&world);
    let (chat, read) = (alice.chat, alice.read);
    for n in 0..3 {
        world.bob.command(say(chat, &n.to_string()));
    }
    alice.hears(&mut world.bob);
    alice.read = read;
    let commit = alice.asks(&mut world.bob, 5);
    alice.read = read;
    let resend = alice.says_under(
        &alice.keys[0].clone(),
        &Content::Action(Action::Resend { start: 2 * read, end: 2 * (read + 1) }),
    );
    world.bob.deliver(resend);
    let commit = alice.says_under(&alice.keys[0].clone(), &Content::Action(commit));
    world.bob.deliver(commit);
    let heard = alice.hears(&mut world.bob);
    assert_eq!(heard.last(), Some(&(1, Content::Action(Action::Noop))));
    assert_eq!(heard.len(), 3);
}
