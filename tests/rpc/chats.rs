//! The life of a secret chat between authorizations, and every error that belongs to it.

use grammers_tl_types::{enums, functions, types};

use crate::world::*;

fn dh(world: &mut World, version: i32, random_length: i32) -> Result<enums::messages::DhConfig, String> {
    world.call(ADA, &functions::messages::GetDhConfig { version, random_length })
}

#[test]
fn the_group_comes_once_and_randomness_every_time() {
    let mut world = World::with_cast();
    let enums::messages::DhConfig::Config(config) = dh(&mut world, 0, 256).unwrap() else {
        panic!("not modified?");
    };
    assert_eq!((config.g, config.p.len(), config.random.len()), (3, 256, 256));
    assert_eq!(config.p[..4], [0xc7, 0x1c, 0xae, 0xb9]);
    let enums::messages::DhConfig::NotModified(again) = dh(&mut world, config.version, 0).unwrap() else {
        panic!("sent again?");
    };
    assert_eq!(again.random.len(), 256);
    assert_ne!(again.random, config.random);
    assert!(matches!(dh(&mut world, config.version + 1, 256), Ok(enums::messages::DhConfig::Config(_))));
    for length in [-1, 1025, i32::MAX] {
        assert_eq!(dh(&mut world, 0, length).unwrap_err(), "400 RANDOM_LENGTH_INVALID");
    }
}

#[test]
fn two_authorizations_agree() {
    let mut world = World::with_cast();
    let ada = world.by_phone(ADA, ADA_PHONE).id;
    let boole = world.by_phone(ADA, BOOLE_PHONE).id;
    let enums::EncryptedChat::Waiting(waiting) = world.request(ADA, BOOLE_PHONE, -5).unwrap() else {
        panic!("not waiting");
    };
    assert_eq!((waiting.id, waiting.date), (-5, START));
    assert_eq!((waiting.admin_id, waiting.participant_id), (ada, boole));
    assert_eq!(world.pushed(ADA), []);
    assert_eq!(world.pushed(CURIE), []);

    let mut hashes = Vec::new();
    for key in [BOOLE, BOOLE_2, BOOLE_3] {
        let updates = world.pushed(key);
        assert_eq!(updates.len(), 1);
        let enums::EncryptedChat::Requested(requested) = chat_of(&updates[0]) else {
            panic!("not requested: {updates:?}");
        };
        assert_eq!((requested.id, requested.g_a.clone()), (-5, g(1)));
        assert_eq!((requested.admin_id, requested.participant_id), (ada, boole));
        assert_ne!(requested.access_hash, waiting.access_hash);
        hashes.push(requested.access_hash);
    }

    world.now += 10;
    let enums::EncryptedChat::Chat(mine) = world.accept(BOOLE_2, -5, hashes[1]).unwrap() else {
        panic!("not accepted");
    };
    assert_eq!((mine.g_a_or_b, mine.key_fingerprint), (g(1), 77));
    assert_eq!((mine.access_hash, mine.date), (hashes[1], START));

    let updates = world.pushed(ADA);
    let enums::Update::Encryption(update) = &updates[0] else { panic!("{updates:?}") };
    assert_eq!(update.date, START + 10);
    let enums::EncryptedChat::Chat(theirs) = &update.chat else { panic!("{updates:?}") };
    assert_eq!((theirs.g_a_or_b.clone(), theirs.key_fingerprint), (g(2), 77));
    assert_eq!(theirs.access_hash, waiting.access_hash);
    assert_eq!((theirs.admin_id, theirs.participant_id), (ada, boole));

    assert_eq!(world.pushed(BOOLE_2), [], "the answer has told it");
    for key in [BOOLE, BOOLE_3] {
        assert_eq!(world.pushed(key).iter().map(chat_of).collect::<Vec<_>>(), [discarded(-5, false)]);
    }
    assert_eq!(world.accept(BOOLE, -5, hashes[0]).unwrap_err(), "400 ENCRYPTION_ALREADY_ACCEPTED");
    assert_eq!(world.pushed(BOOLE), [], "it has lost and knows it");
    assert_eq!(world.discard(BOOLE, -5, false).unwrap_err(), "400 ENCRYPTION_ALREADY_ACCEPTED");
}

#[test]
fn the_pushed_chat_names_both_people() {
    let mut world = World::with_cast();
    let boole = input(&world.by_phone(ADA, BOOLE_PHONE));
    let request = functions::messages::RequestEncryption { user_id: boole, random_id: 8, g_a: g(1) };
    let outcome = world.rpc().answer(
        subrosa::server::rpc::Caller { auth_key_id: ADA },
        &grammers_tl_types::Serializable::to_bytes(&request),
        START,
    );
    let push = outcome.pushes.iter().find(|push| push.auth_key_id == BOOLE).unwrap();
    let enums::Updates::Updates(updates) = whole(&push.updates) else { panic!("no container") };
    let people: Vec<types::User> = updates.users.into_iter().map(user).collect();
    let ada = people.iter().find(|person| !person.is_self).unwrap();
    assert_eq!(ada.first_name.as_deref(), Some("Ada"));
    let ask = functions::users::GetUsers { id: vec![input(ada)] };
    assert_eq!(user(world.call(BOOLE, &ask).unwrap()[0].clone()).id, ada.id, "by the hash just told");
}

#[test]
fn a_request_is_checked() {
    let mut world = World::with_cast();
    let boole = input(&world.by_phone(ADA, BOOLE_PHONE));
    let request = |user_id: &enums::InputUser, random_id, g_a| functions::messages::RequestEncryption {
        user_id: user_id.clone(),
        random_id,
        g_a,
    };
    let mut short = g(1);
    short.truncate(248);
    let mut near_p = g(1);
    near_p.fill(0xff);
    for wrong in [vec![], vec![0; 256], vec![1], short, near_p, vec![0x5a; 257]] {
        assert_eq!(world.call(ADA, &request(&boole, 1, wrong)).unwrap_err(), "400 DH_G_A_INVALID");
    }
    let mut stripped = g(1);
    stripped.truncate(255);
    assert!(world.call(ADA, &request(&boole, 100, stripped)).is_ok(), "leading zeros are optional");

    let seen_by_curie = input(&world.by_phone(CURIE, BOOLE_PHONE));
    let own = input(&world.by_phone(ADA, ADA_PHONE));
    let myself = enums::InputUser::UserSelf;
    for nobody in [&seen_by_curie, &own, &myself, &enums::InputUser::Empty] {
        assert_eq!(world.call(ADA, &request(nobody, 1, g(1))).unwrap_err(), "400 USER_ID_INVALID");
    }
    assert_eq!(world.call(ADA, &request(&boole, 0, g(1))).unwrap_err(), "400 RANDOM_ID_INVALID");
    assert_eq!(world.pushed(BOOLE).len(), 1, "only the good one went out");
}

#[test]
fn a_repeated_request_is_a_duplicate_and_tells_how_things_stand() {
    let mut world = World::with_cast();
    world.request(ADA, BOOLE_PHONE, 7).unwrap();
    world.pushed(BOOLE);
    assert_eq!(world.request(ADA, BOOLE_PHONE, 7).unwrap_err(), "400 RANDOM_ID_DUPLICATE");
    assert!(matches!(chat_of(&world.pushed(ADA)[0]), enums::EncryptedChat::Waiting(chat) if chat.id == 7));
    assert_eq!(world.pushed(BOOLE), [], "one chat, told once");
    assert_eq!(world.request(CURIE, BOOLE_PHONE, 7).unwrap_err(), "400 RANDOM_ID_DUPLICATE");
    assert_eq!(world.pushed(CURIE), [], "not Curie's");
    world.discard(ADA, 7, false).unwrap();
    assert_eq!(world.request(ADA, BOOLE_PHONE, 7).unwrap_err(), "400 RANDOM_ID_DUPLICATE", "never again");
}

#[test]
fn an_acceptance_is_checked() {
    let mut world = World::with_cast();
    world.request(ADA, BOOLE_PHONE, 7).unwrap();
    let enums::EncryptedChat::Requested(requested) = chat_of(&world.pushed(BOOLE)[0]) else {
        panic!("not requested");
    };
    let hash = requested.access_hash;
    assert_eq!(world.accept(BOOLE, 7, hash + 1).unwrap_err(), "400 CHAT_ID_INVALID");
    assert_eq!(world.accept(BOOLE, 8, hash).unwrap_err(), "400 CHAT_ID_INVALID");
    assert_eq!(world.accept(CURIE, 7, hash).unwrap_err(), "400 CHAT_ID_INVALID");
    assert_eq!(world.accept(ADA, 7, hash).unwrap_err(), "400 CHAT_ID_INVALID");
    let request = functions::messages::AcceptEncryption {
        peer: types::InputEncryptedChat { chat_id: 7, access_hash: hash }.into(),
        g_b: vec![1],
        key_fingerprint: 1,
    };
    assert_eq!(world.call(BOOLE, &request).unwrap_err(), "400 DH_G_B_INVALID");
    assert_eq!(world.pushed(ADA), []);

    world.accept(BOOLE, 7, hash).unwrap();
    assert_eq!(world.accept(BOOLE, 7, hash).unwrap_err(), "400 ENCRYPTION_ALREADY_ACCEPTED");
    assert!(
        matches!(chat_of(&world.pushed(BOOLE)[0]), enums::EncryptedChat::Chat(chat) if chat.g_a_or_b == g(1))
    );

    world.request(ADA, BOOLE_PHONE, 9).unwrap();
    let enums::EncryptedChat::Requested(requested) = chat_of(&world.pushed(BOOLE)[0]) else {
        panic!("not requested");
    };
    world.discard(ADA, 9, false).unwrap();
    assert_eq!(world.accept(BOOLE, 9, requested.access_hash).unwrap_err(), "400 ENCRYPTION_ALREADY_DECLINED");
}

#[test]
fn a_declined_request_is_gone_everywhere() {
    let mut world = World::with_cast();
    world.request(ADA, BOOLE_PHONE, 7).unwrap();
    for key in [BOOLE, BOOLE_2, BOOLE_3] {
        world.pushed(key);
    }
    assert!(world.discard(BOOLE_2, 7, false).unwrap());
    for key in [ADA, BOOLE, BOOLE_3] {
        assert_eq!(world.pushed(key).iter().map(chat_of).collect::<Vec<_>>(), [discarded(7, false)]);
    }
    assert_eq!(world.pushed(BOOLE_2), []);
    assert_eq!(world.discard(BOOLE_2, 7, false).unwrap_err(), "400 ENCRYPTION_ALREADY_DECLINED");
    assert_eq!(world.discard(ADA, 7, false).unwrap_err(), "400 ENCRYPTION_ALREADY_DECLINED");
}

#[test]
fn a_discard_passes_on_the_deletion_of_the_history() {
    let mut world = World::with_cast();
    let chat = world.live_chat(7);
    assert_eq!(world.discard(ADA, 0, false).unwrap_err(), "400 CHAT_ID_EMPTY");
    assert_eq!(world.discard(ADA, 8, false).unwrap_err(), "400 ENCRYPTION_ID_INVALID");
    assert_eq!(world.discard(CURIE, 7, true).unwrap_err(), "400 ENCRYPTION_ID_INVALID");
    world.enter(ADA_2, ADA_PHONE, "Ada");
    assert_eq!(world.discard(ADA_2, 7, true).unwrap_err(), "400 ENCRYPTION_ID_INVALID");

    assert!(world.discard(ADA, 7, true).unwrap());
    assert_eq!(world.pushed(BOOLE).iter().map(chat_of).collect::<Vec<_>>(), [discarded(7, true)]);
    assert_eq!(
        world.pushed(BOOLE_2).iter().map(chat_of).collect::<Vec<_>>(),
        [discarded(7, false)],
        "it never had a history"
    );
    assert_eq!(world.send(chat, 1, envelope(1)).unwrap_err(), "400 ENCRYPTION_DECLINED");
}

#[test]
fn requests_are_limited_by_day_and_while_unanswered() {
    let mut world = World::with_cast();
    let boole = input(&world.by_phone(ADA, BOOLE_PHONE));
    let request =
        |random_id| functions::messages::RequestEncryption { user_id: boole.clone(), random_id, g_a: g(1) };
    for id in 1..=1000 {
        world.call(ADA, &request(id)).unwrap();
    }
    assert_eq!(world.call(ADA, &request(1001)).unwrap_err(), "420 FLOOD_WAIT_3600");
    world.discard(ADA, 1, false).unwrap();
    assert_eq!(world.call(ADA, &request(1001)).unwrap_err(), "420 FLOOD_WAIT_3600", "discarded ones count");
    world.now += 24 * 60 * 60;
    world.call(ADA, &request(1001)).unwrap();
    assert_eq!(world.call(ADA, &request(1002)).unwrap_err(), "420 FLOOD_WAIT_3600", "so do unanswered ones");
    world.discard(ADA, 2, false).unwrap();
    world.call(ADA, &request(1002)).unwrap();
}

#[test]
fn typing_is_pushed_to_the_other_end_only() {
    let mut world = World::with_cast();
    let chat = world.live_chat(7);
    let typing = |peer, typing| functions::messages::SetEncryptedTyping { peer, typing };
    assert!(world.call(BOOLE, &typing(chat.as_boole(), true)).unwrap());
    assert_eq!(world.pushed(ADA), [types::UpdateEncryptedChatTyping { chat_id: 7 }.into()]);
    assert!(world.call(BOOLE, &typing(chat.as_boole(), false)).unwrap());
    assert_eq!(world.pushed(ADA), []);
    assert_eq!(world.call(BOOLE_2, &typing(chat.as_boole(), true)).unwrap_err(), "400 CHAT_ID_INVALID");
    assert_eq!(world.call(BOOLE, &typing(chat.as_ada(), true)).unwrap_err(), "400 CHAT_ID_INVALID");
    let spam = |peer| functions::messages::ReportEncryptedSpam { peer };
    assert!(world.call(BOOLE, &spam(chat.as_boole())).unwrap());
    assert_eq!(world.call(CURIE, &spam(chat.as_boole())).unwrap_err(), "400 CHAT_ID_INVALID");
}
