//! What an authorization that was away is told: events by date, messages by qts, in slices, after a crash.

use grammers_tl_types::{Serializable, enums, functions, types};

use crate::world::*;

fn read(world: &mut World, key: i64, peer: enums::InputEncryptedChat, max_date: i32) -> Result<bool, String> {
    world.call(key, &functions::messages::ReadEncryptedHistory { peer, max_date })
}

fn chats(difference: &types::updates::Difference) -> Vec<enums::EncryptedChat> {
    difference.other_updates.iter().map(chat_of).collect()
}

#[test]
fn a_request_is_repeated_by_date_with_the_people() {
    let mut world = World::with_cast();
    world.now += 10;
    world.request(ADA, BOOLE_PHONE, 7).unwrap();
    for date in [0, START + 9, START + 10] {
        let missed = world.missed(BOOLE, date, 1);
        assert!(matches!(&chats(&missed)[..], [enums::EncryptedChat::Requested(chat)] if chat.id == 7));
        assert_eq!(missed.users.len(), 2);
    }
    assert!(matches!(world.difference(BOOLE, START + 11, 1), enums::updates::Difference::Empty(_)));
    let enums::updates::State::State(state) = world.missed(BOOLE, START, 1).state;
    assert_eq!((state.pts, state.qts, state.seq, state.date), (1, 1, 0, START + 10));
    assert!(matches!(world.difference(ADA, START, 1), enums::updates::Difference::Empty(_)));
}

#[test]
fn everybody_concerned_learns_the_present_state() {
    let mut world = World::with_cast();
    world.live_chat(7);
    assert!(
        matches!(&chats(&world.missed(ADA, START, 1))[..], [enums::EncryptedChat::Chat(c)] if c.g_a_or_b == g(2))
    );
    assert!(
        matches!(&chats(&world.missed(BOOLE, START, 1))[..], [enums::EncryptedChat::Chat(c)] if c.g_a_or_b == g(1))
    );
    assert_eq!(chats(&world.missed(BOOLE_2, START, 1)), [discarded(7, false)]);

    world.now += 5;
    world.discard(BOOLE, 7, true).unwrap();
    world.now += 5;
    assert_eq!(chats(&world.missed(ADA, START + 1, 1)), [discarded(7, true)]);
    assert_eq!(chats(&world.missed(BOOLE_2, START + 1, 1)), [discarded(7, false)]);
    assert!(matches!(world.difference(ADA, START + 6, 1), enums::updates::Difference::Empty(_)));
}

#[test]
fn readings_are_repeated_until_the_clients_date_is_past_them() {
    let mut world = World::with_cast();
    let chat = world.live_chat(7);
    world.now += 20;
    assert!(read(&mut world, BOOLE, chat.as_boole(), START + 3).unwrap());
    let first: enums::Update =
        types::UpdateEncryptedMessagesRead { chat_id: 7, max_date: START + 3, date: START + 20 }.into();
    assert_eq!(world.pushed(ADA), std::slice::from_ref(&first));
    world.now += 20;
    assert!(read(&mut world, BOOLE, chat.as_boole(), i32::MAX).unwrap());
    let second: enums::Update =
        types::UpdateEncryptedMessagesRead { chat_id: 7, max_date: START + 40, date: START + 40 }.into();
    assert_eq!(world.pushed(ADA), std::slice::from_ref(&second), "never in the future");

    assert_eq!(world.missed(ADA, START + 1, 1).other_updates, [first.clone(), second.clone()]);
    assert_eq!(world.missed(ADA, START + 20, 1).other_updates, [first, second.clone()]);
    assert_eq!(world.missed(ADA, START + 21, 1).other_updates, std::slice::from_ref(&second));
    assert_eq!(world.missed(ADA, START + 1, 1).other_updates, [second], "what was passed is forgotten");

    assert_eq!(read(&mut world, BOOLE, chat.as_boole(), 0).unwrap_err(), "400 MAX_DATE_INVALID");
    assert_eq!(read(&mut world, BOOLE_2, chat.as_boole(), 1).unwrap_err(), "400 CHAT_ID_INVALID");
}

#[test]
fn a_restarted_server_has_lost_nothing_it_answered() {
    let folder = tempfile::tempdir().unwrap();
    let mut world = World::in_folder(folder.path());
    world.enter_cast();
    let chat = world.live_chat(7);
    world.now += 5;
    world.send(chat, 1, envelope(1)).unwrap();
    world.send(chat, 2, envelope(2)).unwrap();
    read(&mut world, BOOLE, chat.as_boole(), START + 5).unwrap();
    world.request(CURIE, ADA_PHONE, 8).unwrap();
    let boole_for_ada = world.by_phone(ADA, BOOLE_PHONE);

    let after_the_crash = after_a_crash(folder.path());
    let mut world = World::in_folder(after_the_crash.path());
    world.now = START + 60;
    assert_eq!(world.by_phone(ADA, BOOLE_PHONE).access_hash, boole_for_ada.access_hash);
    let missed = world.missed(BOOLE, START + 5, 1);
    let ids: Vec<i64> = missed
        .new_encrypted_messages
        .iter()
        .map(|message| match message {
            enums::EncryptedMessage::Message(message) => message.random_id,
            enums::EncryptedMessage::Service(_) => panic!("no service message was sent"),
        })
        .collect();
    assert_eq!(ids, [1, 2]);
    assert_eq!(world.send(chat, 2, envelope(2)).unwrap(), START + 5, "still known as a repeat");
    let missed = world.missed(ADA, START + 5, 1);
    assert!(matches!(&missed.other_updates[..], [
        enums::Update::Encryption(chat),
        enums::Update::EncryptedMessagesRead(read),
    ] if matches!(&chat.chat, enums::EncryptedChat::Requested(chat) if chat.id == 8) && read.chat_id == 7));

    world.send(chat, 3, envelope(3)).unwrap();
    assert_eq!(world.state(BOOLE).qts, 4, "numbers go on");
}

#[test]
fn dates_never_go_back() {
    let folder = tempfile::tempdir().unwrap();
    let mut world = World::in_folder(folder.path());
    world.enter_cast();
    world.now += 1000;
    world.request(ADA, BOOLE_PHONE, 7).unwrap();
    world.now -= 500;
    assert_eq!(world.state(BOOLE).date, START + 1000);
    drop(world);
    let mut world = World::in_folder(folder.path());
    world.request(ADA, BOOLE_PHONE, 8).unwrap();
    assert_eq!(chats(&world.missed(BOOLE, START + 1000, 1)).len(), 2);
}

/// Follows slices as a client does and returns how many there were.
fn follow(
    world: &mut World,
    key: i64,
    mut date: i32,
    mut qts: i32,
    mut each: impl FnMut(&types::updates::DifferenceSlice),
) -> usize {
    for slices in 0.. {
        assert!(slices < 100, "it comes to an end");
        let difference = world.difference(key, date, qts);
        assert!(difference.to_bytes().len() < 400 * 1024);
        let (slice, last) = match difference {
            enums::updates::Difference::Slice(slice) => (slice, false),
            enums::updates::Difference::Difference(difference) => {
                let slice = types::updates::DifferenceSlice {
                    new_messages: difference.new_messages,
                    new_encrypted_messages: difference.new_encrypted_messages,
                    other_updates: difference.other_updates,
                    chats: difference.chats,
                    users: difference.users,
                    intermediate_state: difference.state,
                };
                (slice, true)
            }
            other => panic!("unexpected {other:?}"),
        };
        each(&slice);
        let enums::updates::State::State(state) = &slice.intermediate_state;
        (date, qts) = (state.date, state.qts);
        if last {
            return slices + 1;
        }
    }
    0
}

#[test]
fn many_messages_come_in_slices_in_order() {
    let mut world = World::with_cast();
    let chat = world.live_chat(7);
    for id in 1..=50 {
        world.send(chat, id, vec![id as u8; 24 + 16 * 1024]).unwrap();
    }
    let mut ids = Vec::new();
    let date = world.now + 1;
    let slices = follow(&mut world, BOOLE, date, 1, |slice| {
        ids.extend(slice.new_encrypted_messages.iter().map(|message| match message {
            enums::EncryptedMessage::Message(message) => message.random_id,
            enums::EncryptedMessage::Service(_) => panic!("no service message was sent"),
        }));
    });
    assert_eq!(ids, (1..=50).collect::<Vec<i64>>());
    assert_eq!(slices, 4);
}

#[test]
fn many_requests_come_in_slices_before_any_message() {
    let mut world = World::with_cast();
    let chat = world.live_chat(-7);
    world.send(chat, 1, envelope(1)).unwrap();
    for id in 1..=1000 {
        world.now = START + 1 + id / 100;
        // More than anybody may ask for in a day.
        let key = if id == 1000 { CURIE } else { ADA };
        let boole = input(&world.by_phone(key, BOOLE_PHONE));
        let request = functions::messages::RequestEncryption { user_id: boole, random_id: id, g_a: g(1) };
        world.call(key, &request).unwrap();
    }
    let mut seen = std::collections::BTreeSet::new();
    let slices = follow(&mut world, BOOLE, START, 1, |slice| {
        seen.extend(slice.other_updates.iter().map(|update| match chat_of(update) {
            enums::EncryptedChat::Requested(chat) => chat.id,
            enums::EncryptedChat::Chat(chat) => chat.id,
            other => panic!("unexpected {other:?}"),
        }));
        assert!(slice.new_encrypted_messages.is_empty() || seen.len() == 1001);
    });
    assert_eq!(seen.len(), 1001);
    assert_eq!(slices, 3);
}
