//! Killed at any point of a key change, on either side or both: what was committed is enough to finish it.

use subrosa::secret::key::SharedKey;
use subrosa::secret::record::Outgoing;
use subrosa::secret::step::*;

use super::peer::{keys, ready};
use super::powers::{draw_from_the_pool, ready_world};
use super::step;
use crate::world::{ALICE, BOB, World, say};

#[derive(Clone, Copy, Debug, PartialEq)]
enum Victim {
    Alice,
    Bob,
    Both,
}

/// What a crash takes away beside the memory.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Loses {
    /// The calls that were about to go out: it happens between commit and effect.
    TheCall,
    /// Nothing of the call, but its answer: the server has the message, and gets it again.
    TheAnswer,
}

fn crash(world: &mut World, victim: Victim, loses: Loses) {
    for alice in [true, false] {
        if victim == Victim::Both || (victim == Victim::Alice) == alice {
            let device = if alice { &mut world.alice } else { &mut world.bob };
            let to = if alice { &mut world.to_bob } else { &mut world.to_alice };
            if loses == Loses::TheAnswer
                && let Some(Call::SendEncrypted { chat, random_id, data, .. }) = device.calls.pop_front()
            {
                let date = 1_700_000_700;
                to.push_back(EncryptedMessage { random_id, chat, date, bytes: data, file: None });
            }
            device.crash();
            draw_from_the_pool(device);
        }
    }
}

/// A change begun by `starter` with words under way; the n-th step is preceded by a crash. The number of steps it took.
fn run(starter: Starter, crash_at: Option<(usize, Victim, Loses)>) -> usize {
    let mut world = ready_world();
    let chat = world.alice.only_chat();
    let old = keys(&world.alice).current.clone();
    let picture = ready(&world.alice).picture;
    world.alice.command(say(chat, "a before"));
    world.bob.command(say(chat, "b before"));
    if starter != Starter::Bob {
        world.alice.command(Command::ChangeKey(chat));
    }
    if starter != Starter::Alice {
        world.bob.command(Command::ChangeKey(chat));
    }
    world.alice.command(say(chat, "a behind"));
    let mut steps = 0;
    loop {
        if let Some((at, victim, loses)) = crash_at
            && at == steps
        {
            crash(&mut world, victim, loses);
        }
        if !step(&mut world) {
            break;
        }
        steps += 1;
    }
    let story = format!("{starter:?} {crash_at:?}");
    let (alice, bob) = (keys(&world.alice), keys(&world.bob));
    assert_eq!(alice.current, bob.current, "{story}");
    assert_ne!(alice.current, old, "{story}");
    assert_eq!((alice.changes, bob.changes), (1, 1), "{story}");
    world.bob.command(say(chat, "b after"));
    world.settle();
    world.alice.command(say(chat, "a after"));
    world.settle();
    assert_eq!(world.bob.texts(), ["a before", "a behind", "a after"], "{story}");
    assert_eq!(world.alice.texts(), ["b before", "b after"], "{story}");
    nothing_is_left(&world, &old, &story);
    assert_eq!((ready(&world.alice).picture, ready(&world.bob).picture), (picture, picture));
    steps
}

/// The stored rows: no second key, nothing unanswered, numbers without a gap and without a double.
fn nothing_is_left(world: &World, old: &SharedKey, story: &str) {
    for device in [&world.alice, &world.bob] {
        let keys = keys(device);
        assert!(keys.opens(old.fingerprint()).is_none(), "{story}: the old key is still there");
        assert!(!keys.changing(), "{story}");
        let unanswered: Vec<&Outgoing> = device.store.outgoing.values().filter(|row| !row.answered).collect();
        assert!(unanswered.is_empty(), "{story}: {unanswered:?}");
        assert!(device.store.parked.is_empty(), "{story}");
    }
    let (alice, bob) = (ready(&world.alice).counters, ready(&world.bob).counters);
    assert_eq!((alice.my_out, bob.my_out), (bob.my_in, alice.my_in), "{story}");
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Starter {
    Alice,
    Bob,
    Both,
}

fn everywhere(starter: Starter) {
    let steps = run(starter, None);
    assert!(steps >= 14, "{steps}");
    for at in 0..=steps {
        for victim in [Victim::Alice, Victim::Bob, Victim::Both] {
            for loses in [Loses::TheCall, Loses::TheAnswer] {
                run(starter, Some((at, victim, loses)));
            }
        }
    }
}

#[test]
fn row_40_a_crash_anywhere_in_a_change_that_alice_began() {
    everywhere(Starter::Alice);
}

#[test]
fn row_40_a_crash_anywhere_in_a_change_that_bob_began() {
    everywhere(Starter::Bob);
}

#[test]
fn row_40_a_crash_anywhere_in_a_change_that_both_began() {
    everywhere(Starter::Both);
}

/// AcceptKey is queued in the commit that holds the pending key, CommitKey in the one that installs the new one: killed before
/// a byte of them has left, the machine restored from the rows sends them, and they fit the stored keys.
#[test]
fn row_40_what_is_said_of_a_key_was_stored_with_it() {
    use subrosa::secret::chat::Side;
    use subrosa::secret::content::{self, Action, Content, Incoming};
    use subrosa::secret::envelope;
    use subrosa::secret::rekey::Phase;

    let mut world = World::ready();
    let chat = world.alice.only_chat();
    let old = keys(&world.alice).current.clone();
    let said = |call: &Call, side: Side| {
        let Call::SendEncrypted { data, .. } = call else { panic!("{:?}", call.key()) };
        match content::read(&envelope::open(&old, side, data).unwrap()).unwrap().body {
            Incoming::Content(Content::Action(action)) => action,
            other => panic!("{other:?}"),
        }
    };
    world.alice.command(Command::ChangeKey(chat));
    world.alice.crash();
    let Some(Action::RequestKey { g_a, .. }) =
        world.alice.calls.front().map(|call| said(call, Side::Originator))
    else {
        panic!()
    };
    let Phase::Requested { offer, .. } = &keys(&world.alice).phase else { panic!() };
    assert_eq!(offer.public()[..], g_a);

    let request = world.alice.calls.pop_front().unwrap();
    world.serve(ALICE, &request);
    let request = world.to_bob.pop_front().unwrap();
    world.bob.deliver(request);
    world.bob.crash();
    let Some(Action::AcceptKey { key_fingerprint, .. }) =
        world.bob.calls.front().map(|call| said(call, Side::Recipient))
    else {
        panic!()
    };
    let Phase::Accepted { pending, .. } = &keys(&world.bob).phase else { panic!() };
    assert_eq!(pending.fingerprint(), key_fingerprint);

    let accept = world.bob.calls.pop_front().unwrap();
    world.serve(BOB, &accept);
    let accept = world.to_alice.pop_front().unwrap();
    world.alice.deliver(accept);
    world.alice.crash();
    let Some(Action::CommitKey { key_fingerprint: committed, .. }) =
        world.alice.calls.front().map(|call| said(call, Side::Originator))
    else {
        panic!()
    };
    assert_eq!((committed, keys(&world.alice).current.fingerprint()), (key_fingerprint, key_fingerprint));
}
