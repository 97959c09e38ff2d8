//! Rows 12 to 21: lies while the key is being made.

use subrosa::secret::exchange::{ConfigFault, KNOWN_PRIME};
use subrosa::secret::fault::{LocalFault, PeerFault};
use subrosa::secret::record::*;
use subrosa::secret::step::*;

use super::*;
use crate::world::{ALICE, BOB};

/// Alice has asked, Bob has accepted; what the server will tell Alice.
fn accepted() -> (World, EncryptedChat) {
    let mut world = World::connected();
    world.alice.command(Command::Start { user: BOB, user_hash: 9 });
    world.settle();
    let chat = world.bob.only_chat();
    world.bob.command(Command::Accept(chat));
    let config = world.bob.calls.pop_front().unwrap();
    world.serve(BOB, &config);
    let Some(Call::AcceptEncryption { chat: id, g_b, key_fingerprint, .. }) = world.bob.calls.pop_front()
    else {
        panic!("no acceptance")
    };
    let (admin, participant) = (ALICE, BOB);
    let told = EncryptedChat::Chat {
        id,
        access_hash: 11,
        date: 5,
        admin,
        participant,
        g_a_or_b: g_b,
        key_fingerprint,
    };
    (world, told)
}

/// The same with one field changed.
fn altered(
    told: &EncryptedChat,
    change: impl FnOnce(&mut Vec<u8>, &mut i64, &mut UserId, &mut UserId),
) -> EncryptedChat {
    let mut told = told.clone();
    if let EncryptedChat::Chat { g_a_or_b, key_fingerprint, admin, participant, .. } = &mut told {
        change(g_a_or_b, key_fingerprint, admin, participant);
    }
    told
}

fn number(power: u32, minus: u8) -> Vec<u8> {
    let mut value = vec![0u8; 256];
    value[255 - power as usize / 8] = 1 << (power % 8);
    let mut borrow = minus;
    for byte in value.iter_mut().rev() {
        let (next, under) = byte.overflowing_sub(borrow);
        (*byte, borrow) = (next, u8::from(under));
    }
    value
}

#[test]
fn row_12_a_man_in_the_middle_shows_in_the_key_pictures() {
    let mut world = World::connected();
    world.alice.command(Command::Start { user: BOB, user_hash: 9 });
    world.settle();
    let chat = world.bob.only_chat();
    // The server puts its own half into the request, and answers Alice with its own half as well.
    let params = subrosa::secret::exchange::Params::from_stored(3, &KNOWN_PRIME).unwrap();
    let (to_bob, to_alice) = (params.offer(&[], &mut rng()), params.offer(&[1], &mut rng()));
    let row = world.bob.store.chats.get_mut(&chat).unwrap();
    let Stage::Requested(requested) = &mut row.stage else { panic!() };
    let g_a = std::mem::replace(&mut requested.g_a, to_bob.public().to_vec());
    world.bob.crash();
    world.bob.command(Command::Accept(chat));
    let config = world.bob.calls.pop_front().unwrap();
    world.serve(BOB, &config);
    let Some(Call::AcceptEncryption { key_fingerprint, .. }) = world.bob.calls.pop_front() else { panic!() };
    let chat_of = |access_hash, g_a_or_b: Vec<u8>, key_fingerprint| EncryptedChat::Chat {
        id: chat,
        access_hash,
        date: 5,
        admin: ALICE,
        participant: BOB,
        g_a_or_b,
        key_fingerprint,
    };
    world.bob.update(chat_of(22, to_bob.public().to_vec(), key_fingerprint));
    let half = to_alice.public().to_vec();
    let with_alice = to_alice.finish(&g_a).unwrap();
    world.alice.update(chat_of(11, half, with_alice.fingerprint().to_i64()));
    let (alice, bob) = (ready(&world.alice), ready(&world.bob));
    assert_ne!(alice.picture, bob.picture, "only the comparison can tell");
    assert!(!alice.verified && !bob.verified, "and nothing claims that it was made");
    let shown = |device: &Device| device.machine.views().next().unwrap().key.is_some();
    assert!(shown(&world.alice) && shown(&world.bob), "both can compare");
}

#[test]
fn row_13_public_values_out_of_range_end_the_chat_without_a_key() {
    let mut p_minus_1 = KNOWN_PRIME.to_vec();
    p_minus_1[255] -= 1;
    let values =
        [vec![0], vec![1], p_minus_1, KNOWN_PRIME.to_vec(), number(1984, 1), Vec::new(), vec![0x55; 300]];
    for value in values {
        let (mut world, told) = accepted();
        world.alice.update(altered(&told, |g, _, _, _| g.clone_from(&value)));
        refused(&world.alice, &PeerFault::PublicValue);

        let mut world = World::connected();
        let (id, admin, participant) = (ChatId(7), ALICE, BOB);
        let g_a = value.clone();
        let request = EncryptedChat::Requested { id, access_hash: 1, date: 1, admin, participant, g_a };
        world.bob.update(request);
        if world.bob.store.chats.is_empty() {
            assert!(value.is_empty() || value.len() > 256, "only an impossible request is not even shown");
            continue;
        }
        world.bob.command(Command::Accept(id));
        let config = world.bob.calls.pop_front().unwrap();
        world.serve(BOB, &config);
        refused(&world.bob, &PeerFault::PublicValue);
    }
}

#[test]
fn row_14_an_altered_fingerprint_ends_the_chat_and_is_told() {
    let (mut world, told) = accepted();
    world.alice.update(altered(&told, |_, fingerprint, _, _| *fingerprint ^= 1 << 40));
    let Stage::Closed(closed) = world.alice.stage() else { panic!() };
    let Closing::Refused(fault @ PeerFault::Fingerprint { ours, theirs }) = &closed.closing else { panic!() };
    assert_eq!(ours.to_i64() ^ theirs.to_i64(), 1 << 40);
    refused(&world.alice, fault);
}

#[test]
fn row_15_unsafe_parameters_are_not_used_and_not_kept() {
    let vectors: serde_json::Value =
        serde_json::from_str(include_str!("../../vectors/vectors.json")).unwrap();
    let mut short = KNOWN_PRIME.to_vec();
    short[0] = 0x7f;
    let mut even = KNOWN_PRIME.to_vec();
    even[255] &= 0xfe;
    assert!(
        vectors["dh_config_checks"].is_array(),
        "the pairs of the vectors are asserted with the exchange"
    );
    let cases = [
        (2, KNOWN_PRIME.to_vec(), ConfigFault::Generator(2)),
        (9, KNOWN_PRIME.to_vec(), ConfigFault::Generator(9)),
        (3, short, ConfigFault::PrimeLength),
        (4, even, ConfigFault::NotSafePrime),
    ];
    for (g, p, fault) in cases {
        let mut world = World::connected();
        // Something good is cached; it must stay.
        world.alice.store.dh = Some(DhCache { version: 4, g: 3, p: KNOWN_PRIME.to_vec() });
        world.alice.crash();
        world.alice.command(Command::Start { user: BOB, user_hash: 9 });
        let config = world.alice.calls.pop_front().unwrap();
        world.alice.answer(&config, Ok(Answer::DhConfig { g, p, version: 9, random: vec![] }));
        let Stage::Closed(closed) = world.alice.stage() else {
            panic!("{fault:?}: {:?}", world.alice.stage())
        };
        assert_eq!(closed.closing, Closing::Failed(LocalFault::DhConfig(fault)));
        assert_eq!(world.alice.store.dh.as_ref().map(|dh| dh.version), Some(4));
        let asked = world.alice.calls.iter().any(|call| matches!(call, Call::RequestEncryption { .. }));
        assert!(!asked, "nothing of it went out");
    }
}

#[test]
fn row_16_not_modified_without_a_cache_is_asked_again_and_then_an_error() {
    let mut world = World::connected();
    world.alice.command(Command::Start { user: BOB, user_hash: 9 });
    for _ in 0..2 {
        let config = world.alice.calls.pop_front().expect("asked");
        assert!(matches!(config, Call::GetDhConfig { version: 0, .. }));
        world.alice.answer(&config, Ok(Answer::DhConfigNotModified { random: vec![1; 256] }));
    }
    let Stage::Closed(closed) = world.alice.stage() else { panic!() };
    assert_eq!(closed.closing, Closing::Failed(LocalFault::NoDhConfig));
    assert!(world.alice.calls.is_empty(), "no third time");
    assert_eq!(world.alice.store.dh, None);
}

#[test]
fn row_17_a_ready_chat_takes_no_other_key() {
    let (mut world, _) = withheld();
    let (id, admin, participant) = (world.alice.only_chat(), ALICE, BOB);
    let g_a_or_b = number(2000, 0);
    let another = EncryptedChat::Chat {
        id,
        access_hash: 11,
        date: 1,
        admin,
        participant,
        g_a_or_b,
        key_fingerprint: 77,
    };
    for device in [&mut world.alice, &mut world.bob] {
        let (before, told) = (stored(device), device.events.len());
        device.update(another.clone());
        assert_eq!(stored(device), before);
        assert!(device.calls.is_empty() && device.events.len() == told);
    }
}

#[test]
fn row_18_requests_under_a_known_id_or_for_somebody_else_are_ignored() {
    let (mut world, chat) = withheld();
    let before = stored(&world.bob);
    for (id, admin, participant) in
        [(chat, ALICE, BOB), (chat, UserId(9), BOB), (ChatId(8), ALICE, UserId(9)), (ChatId(9), BOB, BOB)]
    {
        let g_a = number(2000, 0);
        world.bob.update(EncryptedChat::Requested { id, access_hash: 1, date: 1, admin, participant, g_a });
    }
    assert_eq!(stored(&world.bob), before, "and it is still the only one");
    assert!(world.bob.calls.is_empty());
}

#[test]
fn row_19_an_acceptance_by_somebody_else_ends_the_chat() {
    let (mut world, told) = accepted();
    world.alice.update(altered(&told, |_, _, _, participant| *participant = UserId(303)));
    refused(&world.alice, &PeerFault::Participant);
}

#[test]
fn row_21_what_comes_before_the_key_is_kept_and_read_after_it() {
    let (mut world, told) = accepted();
    let (id, admin, participant) = (world.bob.only_chat(), ALICE, BOB);
    let EncryptedChat::Chat { key_fingerprint, .. } = &told else { panic!() };
    let Stage::Waiting(waiting) = world.alice.stage() else { panic!() };
    let g_a_or_b = waiting.offer.public().to_vec();
    let key_fingerprint = *key_fingerprint;
    let own =
        EncryptedChat::Chat { id, access_hash: 22, date: 5, admin, participant, g_a_or_b, key_fingerprint };
    world.bob.update(own);
    world.bob.command(say(id, "early"));
    world.settle();
    assert!(world.alice.texts().is_empty());
    assert_eq!(world.alice.store.held.len(), 2, "the notice of the layer and the text");
    world.alice.crash();
    world.alice.update(told);
    world.settle();
    assert_eq!(world.alice.texts(), ["early"]);
    assert!(world.alice.store.held.is_empty());
    let shown =
        |event: &&Event| matches!(event, Event::Message(message) if message.direction == Direction::In);
    assert_eq!(world.alice.events.iter().filter(shown).count(), 1);
}
