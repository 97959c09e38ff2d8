//! From a wish to a shared key, with every constructor in every order and every lie that is to be noticed.

use subrosa::secret::chat::Stage;
use subrosa::secret::exchange::{ConfigFault, KNOWN_PRIME};
use subrosa::secret::fault::{Closing, LocalFault, PeerFault, Trouble};
use subrosa::secret::machine::Machine;
use subrosa::secret::record::*;
use subrosa::secret::step::*;

use crate::world::{ALICE, BOB, Device, World, say};

/// Alice has asked and the server has answered; its call to Bob is on the way.
fn asked() -> World {
    let mut world = World::connected();
    world.alice.command(Command::Start { user: BOB, user_hash: 9 });
    world.settle();
    world
}

fn closing(device: &Device) -> &Closing {
    match device.stage() {
        Stage::Closed(closed) => &closed.closing,
        other => panic!("not closed: {other:?}"),
    }
}

fn rpc(code: i32, name: &str) -> CallError {
    CallError::Rpc { code, name: name.into(), value: None }
}

/// The acceptance as the server would report it to Alice, to be falsified.
fn acceptance(world: &mut World) -> EncryptedChat {
    let chat = world.bob.only_chat();
    world.bob.command(Command::Accept(chat));
    let config = world.bob.calls.pop_front().unwrap();
    world.serve(BOB, &config);
    match world.bob.calls.pop_front().unwrap() {
        Call::AcceptEncryption { chat: id, g_b, key_fingerprint, .. } => EncryptedChat::Chat {
            id,
            access_hash: 11,
            date: 5,
            admin: ALICE,
            participant: BOB,
            g_a_or_b: g_b,
            key_fingerprint,
        },
        call => panic!("{call:?}"),
    }
}

#[test]
fn both_sides_get_the_same_key_and_picture() {
    let world = World::ready();
    let (Stage::Ready(alice), Stage::Ready(bob)) = (world.alice.stage(), world.bob.stage()) else {
        panic!("not ready")
    };
    assert_eq!(alice.keys.current.expose(), bob.keys.current.expose());
    assert_eq!(alice.picture, bob.picture);
    assert_eq!((alice.peer_layer, bob.peer_layer), (144, 144));
    assert!(!alice.verified);
}

#[test]
fn the_row_is_committed_before_the_request_and_the_request_repeats_unchanged() {
    let mut world = World::connected();
    world.alice.command(Command::Start { user: BOB, user_hash: 9 });
    assert!(matches!(world.alice.stage(), Stage::Asking(_)));
    let config = world.alice.calls.pop_front().unwrap();
    world.serve(ALICE, &config);
    assert!(matches!(world.alice.stage(), Stage::Requesting(_)));
    let first = world.alice.calls.pop_front().unwrap();
    world.alice.crash();
    let second = world.alice.calls.pop_front().unwrap();
    assert!(matches!(first, Call::RequestEncryption { .. }));
    assert!(first == second, "the same random_id and g_a after a crash");
}

#[test]
fn a_duplicate_request_after_a_crash_waits_and_completes() {
    let mut world = asked();
    let acceptance = acceptance(&mut world);
    let mut late = World::connected();
    std::mem::swap(&mut late.alice, &mut world.alice);
    // The crash came before the answer was stored: the stage is still Requesting.
    let chat = late.alice.only_chat();
    let Stage::Waiting(waiting) = late.alice.stage().clone() else { panic!("not waiting") };
    late.alice.store.chats.get_mut(&chat).unwrap().stage =
        Stage::Requesting(subrosa::secret::chat::Requesting { user_hash: 9, offer: waiting.offer });
    late.alice.crash();
    let call = late.alice.calls.pop_front().unwrap();
    late.alice.answer(&call, Err(rpc(400, "RANDOM_ID_DUPLICATE")));
    assert!(matches!(late.alice.stage(), Stage::Waiting(_)));
    late.alice.update(acceptance);
    assert!(matches!(late.alice.stage(), Stage::Ready(_)));
}

#[test]
fn the_acceptance_may_overtake_the_answer() {
    let mut world = World::connected();
    world.alice.command(Command::Start { user: BOB, user_hash: 9 });
    let config = world.alice.calls.pop_front().unwrap();
    world.serve(ALICE, &config);
    let request = world.alice.calls.pop_front().unwrap();
    // The server carries it out; its answer is lost for a while.
    let stored = world.alice.store.chats.clone();
    world.serve(ALICE, &request);
    let acceptance = acceptance(&mut world);
    world.alice.store.chats = stored;
    world.alice.crash();
    assert!(matches!(world.alice.stage(), Stage::Requesting(_)));
    world.alice.update(acceptance);
    assert!(matches!(world.alice.stage(), Stage::Ready(_)));
    let id = world.alice.only_chat();
    world.alice.answer(
        &request,
        Ok(Answer::Chat(EncryptedChat::Waiting {
            id,
            access_hash: 1,
            date: 1,
            admin: ALICE,
            participant: BOB,
        })),
    );
    assert!(matches!(world.alice.stage(), Stage::Ready(_)), "a late answer takes nothing back");
}

#[test]
fn messages_that_come_before_the_key_are_kept_and_shown_after_it() {
    let mut world = asked();
    let acceptance = acceptance(&mut world);
    let bob_chat = world.bob.only_chat();
    // Bob hears of his own acceptance first and writes at once.
    let EncryptedChat::Chat { key_fingerprint, .. } = &acceptance else { panic!() };
    let Stage::Waiting(waiting) = world.alice.stage() else { panic!() };
    let own = EncryptedChat::Chat {
        id: bob_chat,
        access_hash: 22,
        date: 5,
        admin: ALICE,
        participant: BOB,
        g_a_or_b: waiting.offer.public().to_vec(),
        key_fingerprint: *key_fingerprint,
    };
    world.bob.update(own);
    world.bob.command(say(bob_chat, "first"));
    world.settle();
    assert!(world.alice.texts().is_empty());
    assert_eq!(world.alice.store.held.len(), 2, "the layer notice and the text");
    world.alice.crash();
    world.alice.update(acceptance);
    world.settle();
    assert_eq!(world.alice.texts(), ["first"]);
    assert!(world.alice.store.held.is_empty());
}

#[test]
fn a_public_value_out_of_range_is_refused() {
    for value in [vec![], vec![0], vec![1], KNOWN_PRIME.to_vec(), vec![0xff; 300], vec![0x7f; 200]] {
        let mut world = asked();
        let EncryptedChat::Chat { id, access_hash, date, admin, participant, key_fingerprint, .. } =
            acceptance(&mut world)
        else {
            panic!()
        };
        world.alice.update(EncryptedChat::Chat {
            id,
            access_hash,
            date,
            admin,
            participant,
            g_a_or_b: value,
            key_fingerprint,
        });
        assert_eq!(closing(&world.alice), &Closing::Refused(PeerFault::PublicValue));
        assert!(matches!(
            world.alice.calls.pop_front(),
            Some(Call::DiscardEncryption { delete_history: false, .. })
        ));
    }
}

#[test]
fn a_request_with_a_public_value_out_of_range_is_refused_on_accepting() {
    let mut world = World::connected();
    world.bob.update(EncryptedChat::Requested {
        id: ChatId(-5),
        access_hash: 22,
        date: 1,
        admin: ALICE,
        participant: BOB,
        g_a: vec![2; 100],
    });
    world.bob.command(Command::Accept(ChatId(-5)));
    let config = world.bob.calls.pop_front().unwrap();
    world.serve(BOB, &config);
    assert_eq!(closing(&world.bob), &Closing::Refused(PeerFault::PublicValue));
}

#[test]
fn another_fingerprint_is_refused_and_said() {
    let mut world = asked();
    let EncryptedChat::Chat { id, access_hash, date, admin, participant, g_a_or_b, key_fingerprint } =
        acceptance(&mut world)
    else {
        panic!()
    };
    let key_fingerprint = key_fingerprint ^ 1;
    world.alice.update(EncryptedChat::Chat {
        id,
        access_hash,
        date,
        admin,
        participant,
        g_a_or_b,
        key_fingerprint,
    });
    let Closing::Refused(fault @ PeerFault::Fingerprint { ours, theirs }) = closing(&world.alice) else {
        panic!("{:?}", closing(&world.alice))
    };
    assert_eq!(ours.to_i64() ^ 1, theirs.to_i64());
    assert!(fault.to_string().contains(&ours.to_string()));
    let shown = world.alice.events.iter().any(
        |event| matches!(event, Event::Chat(view) if matches!(view.state, ChatState::Closed(Closing::Refused(_)))),
    );
    assert!(shown);
}

#[test]
fn an_acceptance_in_somebody_elses_name_is_refused() {
    for (admin, participant) in [(ALICE, UserId(303)), (UserId(303), BOB)] {
        let mut world = asked();
        let EncryptedChat::Chat { id, access_hash, date, g_a_or_b, key_fingerprint, .. } =
            acceptance(&mut world)
        else {
            panic!()
        };
        world.alice.update(EncryptedChat::Chat {
            id,
            access_hash,
            date,
            admin,
            participant,
            g_a_or_b,
            key_fingerprint,
        });
        assert_eq!(closing(&world.alice), &Closing::Refused(PeerFault::Participant));
    }
}

#[test]
fn the_acceptor_notices_a_changed_public_value() {
    let mut world = asked();
    let EncryptedChat::Chat { id, key_fingerprint, .. } = acceptance(&mut world) else { panic!() };
    world.bob.update(EncryptedChat::Chat {
        id,
        access_hash: 22,
        date: 1,
        admin: ALICE,
        participant: BOB,
        g_a_or_b: vec![3; 256],
        key_fingerprint,
    });
    assert_eq!(closing(&world.bob), &Closing::Refused(PeerFault::ChangedPublicValue));
}

#[test]
fn a_ready_chat_takes_no_other_key() {
    let mut world = World::ready();
    let before = world.alice.stage().clone();
    world.alice.update(EncryptedChat::Chat {
        id: world.alice.only_chat(),
        access_hash: 11,
        date: 1,
        admin: ALICE,
        participant: BOB,
        g_a_or_b: vec![5; 256],
        key_fingerprint: 77,
    });
    assert_eq!(world.alice.stage(), &before);
}

#[test]
fn requests_that_are_not_for_us_are_ignored() {
    let mut world = World::connected();
    for (id, admin, participant) in
        [(ChatId(1), ALICE, UserId(303)), (ChatId(2), BOB, BOB), (ChatId(0), ALICE, BOB)]
    {
        world.bob.update(EncryptedChat::Requested {
            id,
            access_hash: 1,
            date: 1,
            admin,
            participant,
            g_a: vec![3; 256],
        });
    }
    assert!(world.bob.store.chats.is_empty());
}

#[test]
fn a_declined_request_tells_both_sides() {
    let mut world = asked();
    let chat = world.bob.only_chat();
    world.bob.command(Command::Decline(chat));
    world.settle();
    assert_eq!(closing(&world.alice), &Closing::DeclinedByPeer);
    assert_eq!(closing(&world.bob), &Closing::DeclinedByUs);
}

#[test]
fn a_left_request_stays_acceptable() {
    let mut world = asked();
    let chat = world.bob.only_chat();
    world.bob.command(Command::Leave(chat));
    world.bob.crash();
    assert!(world.bob.calls.is_empty(), "nothing is said to the server");
    world.bob.command(Command::Accept(chat));
    world.settle();
    assert!(matches!(world.alice.stage(), Stage::Ready(_)));
}

#[test]
fn a_request_taken_elsewhere_closes_quietly() {
    let mut world = asked();
    let id = world.bob.only_chat();
    world.bob.update(EncryptedChat::Discarded { id, history_deleted: false });
    assert_eq!(closing(&world.bob), &Closing::TakenOrWithdrawn);
    assert!(world.bob.calls.is_empty(), "no discard is sent");
}

#[test]
fn already_accepted_waits_for_the_update_that_tells_by_whom() {
    let mut world = asked();
    let chat = world.bob.only_chat();
    world.bob.command(Command::Accept(chat));
    let config = world.bob.calls.pop_front().unwrap();
    world.serve(BOB, &config);
    let accept = world.bob.calls.pop_front().unwrap();
    world.bob.answer(&accept, Err(rpc(400, "ENCRYPTION_ALREADY_ACCEPTED")));
    assert!(matches!(world.bob.stage(), Stage::Accepting(_)));
    assert!(world.bob.calls.is_empty(), "not asked again in a loop");
    world.bob.update(EncryptedChat::Discarded { id: chat, history_deleted: false });
    assert_eq!(closing(&world.bob), &Closing::TakenOrWithdrawn);
}

#[test]
fn an_acceptance_whose_answer_was_lost_is_proven_by_the_first_message() {
    let mut world = asked();
    let acceptance = acceptance(&mut world);
    world.bob.crash();
    world.alice.update(acceptance);
    let notice = world.alice.calls.pop_front().unwrap();
    world.serve(ALICE, &notice);
    world.bob.calls.clear();
    world.settle();
    assert!(matches!(world.bob.stage(), Stage::Ready(_)));
}

#[test]
fn the_first_refusal_of_the_server_says_what_it_means() {
    for (name, words) in
        [("USER_ID_INVALID", "does not know this person"), ("USER_IS_BLOCKED", "has blocked you")]
    {
        let mut world = World::connected();
        world.alice.command(Command::Start { user: BOB, user_hash: 9 });
        let config = world.alice.calls.pop_front().unwrap();
        world.serve(ALICE, &config);
        let request = world.alice.calls.pop_front().unwrap();
        world.alice.answer(&request, Err(rpc(400, name)));
        let Closing::Failed(fault) = closing(&world.alice) else { panic!() };
        assert!(fault.to_string().contains(words), "{fault}");
        assert!(world.alice.calls.is_empty());
    }
}

#[test]
fn a_flood_wait_is_waited_out_and_the_same_request_goes_out() {
    let mut world = World::connected();
    world.alice.command(Command::Start { user: BOB, user_hash: 9 });
    let config = world.alice.calls.pop_front().unwrap();
    world.serve(ALICE, &config);
    let request = world.alice.calls.pop_front().unwrap();
    let flood = CallError::Rpc { code: 420, name: "FLOOD_WAIT".into(), value: Some(42) };
    world.alice.answer(&request, Err(flood));
    assert!(world.alice.calls.is_empty());
    assert_eq!(world.alice.wake_at, Some(world.alice.now_ms + 42_000));
    world.alice.handle(Input::Online);
    assert!(world.alice.calls.is_empty(), "a new connection does not shorten what the server ordered");
    world.alice.pass(42_000);
    world.alice.handle(Input::Wake);
    assert!(world.alice.calls.pop_front().unwrap() == request);
}

#[test]
fn unsafe_parameters_are_refused_and_not_cached() {
    let mut composite = KNOWN_PRIME.to_vec();
    composite[255] ^= 2;
    let cases = [
        (2, KNOWN_PRIME.to_vec(), ConfigFault::Generator(2)),
        (3, vec![0x7f; 256], ConfigFault::PrimeLength),
        (4, composite, ConfigFault::NotSafePrime),
    ];
    for (g, p, fault) in cases {
        let mut world = World::connected();
        world.alice.command(Command::Start { user: BOB, user_hash: 9 });
        let config = world.alice.calls.pop_front().unwrap();
        world.alice.answer(&config, Ok(Answer::DhConfig { g, p, version: 9, random: vec![] }));
        assert_eq!(closing(&world.alice), &Closing::Failed(LocalFault::DhConfig(fault)));
        assert_eq!(world.alice.store.dh, None);
    }
}

#[test]
fn not_modified_with_nothing_cached_is_asked_once_more_and_then_an_error() {
    let mut world = World::connected();
    world.alice.command(Command::Start { user: BOB, user_hash: 9 });
    for _ in 0..2 {
        let config = world.alice.calls.pop_front().unwrap();
        assert!(matches!(config, Call::GetDhConfig { version: 0, .. }));
        world.alice.answer(&config, Ok(Answer::DhConfigNotModified { random: vec![] }));
    }
    assert_eq!(closing(&world.alice), &Closing::Failed(LocalFault::NoDhConfig));
}

#[test]
fn a_second_chat_with_the_same_person_is_not_started() {
    let mut world = asked();
    world.alice.command(Command::Start { user: BOB, user_hash: 9 });
    assert_eq!(world.alice.store.chats.len(), 1);
    assert_eq!(
        world.alice.events.last(),
        Some(&Event::Trouble { chat: None, trouble: Trouble::AlreadyThere })
    );
}

#[test]
fn what_is_offline_goes_out_when_there_is_a_connection() {
    let mut world = World::new();
    world.alice.command(Command::Start { user: BOB, user_hash: 9 });
    assert!(world.alice.calls.is_empty());
    world.alice.handle(Input::Online);
    assert!(matches!(world.alice.calls.front(), Some(Call::GetDhConfig { .. })));
    world.alice.calls.clear();
    world.alice.handle(Input::Offline);
    world.alice.handle(Input::Online);
    assert!(matches!(world.alice.calls.front(), Some(Call::GetDhConfig { .. })));
}

#[test]
fn while_a_prime_is_tested_nothing_is_asked_again_not_even_on_a_new_connection() {
    let mut machine = Machine::restore(ALICE, Snapshot::default());
    let now = Moment { unix_ms: 0, mono_ms: 0 };
    let mut rng = rand::rng();
    let mut effects = |input| machine.handle(input, now, &mut rng).effects;
    effects(Input::Online);
    effects(Input::Command(Command::Start { user: BOB, user_hash: 9 }));
    let mut p = KNOWN_PRIME.to_vec();
    p[255] ^= 2;
    let answer = Answer::DhConfig { g: 4, p: p.clone(), version: 9, random: vec![] };
    let asked = effects(Input::Answer { to: CallKey::DhConfig, outcome: Ok(answer) });
    assert!(matches!(asked.as_slice(), [Effect::CheckPrime { p: tested }] if *tested == p), "{asked:?}");
    effects(Input::Offline);
    assert!(effects(Input::Online).is_empty());
    let closed = effects(Input::Prime(PrimeVerdict { p, good: false }));
    let said = |effect: &Effect| matches!(effect, Effect::Event(Event::Chat(view)) if matches!(view.state, ChatState::Closed(_)));
    assert!(closed.iter().any(said), "{closed:?}");
}
