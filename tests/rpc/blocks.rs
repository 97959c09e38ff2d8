//! The list of those who are blocked, and what they no longer can.

use grammers_tl_types::{enums, functions, types};

use crate::world::*;

fn peer(user: &types::User) -> enums::InputPeer {
    types::InputPeerUser { user_id: user.id, access_hash: user.access_hash.unwrap() }.into()
}

fn block(user: &types::User) -> functions::contacts::Block {
    functions::contacts::Block { my_stories_from: false, id: peer(user) }
}

fn blocked(world: &mut World, key: i64, offset: i32, limit: i32) -> (Option<i32>, Vec<(i64, i32)>) {
    let request = functions::contacts::GetBlocked { my_stories_from: false, offset, limit };
    let (count, blocked, users) = match world.call(key, &request).unwrap() {
        enums::contacts::Blocked::Blocked(all) => (None, all.blocked, all.users),
        enums::contacts::Blocked::Slice(some) => (Some(some.count), some.blocked, some.users),
    };
    assert_eq!(users.len(), blocked.len());
    let rows = blocked.into_iter().map(|enums::PeerBlocked::Blocked(row)| match row.peer_id {
        enums::Peer::User(peer) => (peer.user_id, row.date),
        other => panic!("no user: {other:?}"),
    });
    (count, rows.collect())
}

#[test]
fn the_list_tells_whom_and_since_when() {
    let mut world = World::with_cast();
    let (ada, curie) = (world.by_phone(BOOLE, ADA_PHONE), world.by_phone(BOOLE, CURIE_PHONE));
    assert_eq!(blocked(&mut world, BOOLE, 0, 100), (None, vec![]));
    world.call(BOOLE, &block(&ada)).unwrap();
    world.now += 10;
    world.call(BOOLE, &block(&curie)).unwrap();
    world.now += 10;
    world.call(BOOLE, &block(&ada)).unwrap();

    let rows = vec![(curie.id, START + 10), (ada.id, START)];
    assert_eq!(blocked(&mut world, BOOLE_2, 0, 100), (None, rows.clone()), "blocked once, at the first time");
    assert_eq!(blocked(&mut world, BOOLE, 0, 1), (Some(2), rows[..1].to_vec()));
    assert_eq!(blocked(&mut world, BOOLE, 1, 1), (Some(2), rows[1..].to_vec()));
    assert_eq!(blocked(&mut world, BOOLE, -1, i32::MAX), (None, rows));
    assert_eq!(blocked(&mut world, ADA, 0, 100), (None, vec![]), "a list of one's own");

    world.call(BOOLE, &functions::contacts::Unblock { my_stories_from: false, id: peer(&curie) }).unwrap();
    assert_eq!(blocked(&mut world, BOOLE, 0, 100), (None, vec![(ada.id, START)]));
}

#[test]
fn every_device_of_the_one_who_blocks_is_told_and_nobody_else() {
    let mut world = World::with_cast();
    let ada = world.by_phone(BOOLE, ADA_PHONE);
    let told = |blocked| {
        let peer_id = types::PeerUser { user_id: ada.id }.into();
        vec![types::UpdatePeerBlocked { blocked, blocked_my_stories_from: false, peer_id }.into()]
    };
    world.call(BOOLE, &block(&ada)).unwrap();
    for key in [BOOLE, BOOLE_2, BOOLE_3] {
        assert_eq!(world.pushed(key), told(true), "{key:x}");
    }
    assert_eq!(world.pushed(ADA), []);
    world.call(BOOLE_2, &functions::contacts::Unblock { my_stories_from: false, id: peer(&ada) }).unwrap();
    assert_eq!(world.pushed(BOOLE), told(false));
    assert_eq!(world.pushed(ADA), []);
}

#[test]
fn the_whole_list_is_replaced_or_nothing_of_it() {
    let mut world = World::with_cast();
    let (ada, curie) = (world.by_phone(BOOLE, ADA_PHONE), world.by_phone(BOOLE, CURIE_PHONE));
    let set = |my_stories_from, id: Vec<enums::InputPeer>| functions::contacts::SetBlocked {
        my_stories_from,
        limit: id.len() as i32,
        id,
    };
    world.call(BOOLE, &block(&ada)).unwrap();
    world.pushed(BOOLE_2);
    world.now += 10;
    assert!(world.call(BOOLE, &set(false, vec![peer(&ada), peer(&curie), peer(&ada)])).unwrap());
    let both = vec![(curie.id, START + 10), (ada.id, START)];
    assert_eq!(blocked(&mut world, BOOLE, 0, 100), (None, both.clone()), "who was blocked stays so");
    let told = |user_id, blocked| {
        let peer_id = types::PeerUser { user_id }.into();
        vec![types::UpdatePeerBlocked { blocked, blocked_my_stories_from: false, peer_id }.into()]
    };
    assert_eq!(world.pushed(BOOLE_2), told(curie.id, true), "only what has changed");

    let wrong = types::InputPeerUser { user_id: ada.id, access_hash: 1 }.into();
    for whom in [wrong, enums::InputPeer::PeerSelf] {
        let error = world.call(BOOLE, &set(false, vec![peer(&ada), whom])).unwrap_err();
        assert_eq!(error, "400 PEER_ID_INVALID");
    }
    assert!(world.call(BOOLE, &set(true, vec![])).unwrap());
    assert_eq!(blocked(&mut world, BOOLE, 0, 100), (None, both));
    assert_eq!(world.pushed(BOOLE_2), []);

    assert!(world.call(BOOLE, &set(false, vec![peer(&curie)])).unwrap());
    assert_eq!(blocked(&mut world, BOOLE, 0, 100).1, [(curie.id, START + 10)]);
    assert_eq!(world.pushed(BOOLE_2), told(ada.id, false));
    assert!(world.call(BOOLE, &set(false, vec![])).unwrap());
    assert_eq!(blocked(&mut world, BOOLE, 0, 100).1, []);
    assert_eq!(world.call(BOOLE, &set(false, vec![peer(&ada); 1001])).unwrap_err(), "400 LIMIT_INVALID");
}

#[test]
fn the_list_of_those_who_see_no_stories_is_another() {
    let mut world = World::with_cast();
    let ada = world.by_phone(BOOLE, ADA_PHONE);
    let stories = functions::contacts::Block { my_stories_from: true, id: peer(&ada) };
    assert!(world.call(BOOLE, &stories).unwrap());
    assert_eq!(blocked(&mut world, BOOLE, 0, 100), (None, vec![]));
    world.call(BOOLE, &block(&ada)).unwrap();
    assert!(
        world.call(BOOLE, &functions::contacts::Unblock { my_stories_from: true, id: peer(&ada) }).unwrap()
    );
    assert_eq!(blocked(&mut world, BOOLE, 0, 100).1.len(), 1);
    let request = functions::contacts::GetBlocked { my_stories_from: true, offset: 0, limit: 100 };
    let answer = world.call(BOOLE, &request).unwrap();
    assert!(matches!(answer, enums::contacts::Blocked::Blocked(all) if all.blocked.is_empty()));
}

#[test]
fn the_blocked_are_not_seen_typing() {
    let mut world = World::with_cast();
    let chat = world.live_chat(3);
    let typing = functions::messages::SetEncryptedTyping { peer: chat.as_ada(), typing: true };
    world.call(ADA, &typing).unwrap();
    assert_eq!(world.pushed(BOOLE), [types::UpdateEncryptedChatTyping { chat_id: 3 }.into()]);
    let ada = world.by_phone(BOOLE, ADA_PHONE);
    world.call(BOOLE, &block(&ada)).unwrap();
    world.pushed(BOOLE);
    world.call(ADA, &typing).unwrap();
    assert_eq!(world.pushed(BOOLE), []);
    let back = functions::messages::SetEncryptedTyping { peer: chat.as_boole(), typing: true };
    world.call(BOOLE, &back).unwrap();
    assert_eq!(world.pushed(ADA).len(), 1, "it is one-sided");
}
