//! Messages on their way: who may send, what is kept, what acknowledges it, and when a repeat is one.

use grammers_tl_types::{enums, functions, types};

use crate::world::*;

const WEEK: i32 = 7 * 24 * 3600;

fn received(world: &mut World, key: i64, max_qts: i32) -> Result<Vec<i64>, String> {
    world.call(key, &functions::messages::ReceivedQueue { max_qts })
}

fn as_boole(chat: LiveChat, random_id: i64, data: Vec<u8>) -> functions::messages::SendEncrypted {
    functions::messages::SendEncrypted { silent: false, peer: chat.as_boole(), random_id, data }
}

fn message(chat_id: i32, random_id: i64, date: i32, bytes: Vec<u8>) -> enums::EncryptedMessage {
    let file = enums::EncryptedFile::Empty;
    types::EncryptedMessage { random_id, chat_id, date, bytes, file }.into()
}

#[test]
fn messages_are_numbered_for_the_other_end() {
    let mut world = World::with_cast();
    let chat = world.live_chat(7);
    assert_eq!(world.send(chat, 1, envelope(1)).unwrap(), START);
    world.now += 1;
    let service =
        functions::messages::SendEncryptedService { peer: chat.as_ada(), random_id: 2, data: envelope(2) };
    world.call(ADA, &service).unwrap();

    let first = types::UpdateNewEncryptedMessage { message: message(7, 1, START, envelope(1)), qts: 2 };
    let (random_id, chat_id, date) = (2, 7, START + 1);
    let second = types::UpdateNewEncryptedMessage {
        message: types::EncryptedMessageService { random_id, chat_id, date, bytes: envelope(2) }.into(),
        qts: 3,
    };
    assert_eq!(world.pushed(BOOLE), [first.into(), second.into()]);
    assert_eq!(world.pushed(BOOLE_2), []);
    assert_eq!(world.pushed(ADA), []);
    assert_eq!(world.state(BOOLE).qts, 3);
    assert_eq!((world.state(ADA).qts, world.state(BOOLE_2).qts), (1, 1));

    world.send_as(BOOLE, as_boole(chat, 9, envelope(9))).unwrap();
    assert_eq!(world.state(ADA).qts, 2);
}

#[test]
fn a_send_is_checked() {
    let mut world = World::with_cast();
    let chat = world.live_chat(7);
    for length in [0, 7, 23, 24, 39, 41, 55] {
        assert_eq!(world.send(chat, 1, vec![0; length]).unwrap_err(), "400 DATA_INVALID", "{length}");
    }
    world.send(chat, 1, vec![0; 40]).unwrap();
    assert_eq!(world.send(chat, 2, vec![0; 24 + 48 * 1024]).unwrap_err(), "400 DATA_TOO_LONG");

    let wrong = LiveChat { ada: chat.ada + 1, ..chat };
    assert_eq!(world.send(wrong, 2, envelope(1)).unwrap_err(), "400 CHAT_ID_INVALID");
    let unknown = LiveChat { id: 8, ..chat };
    assert_eq!(world.send(unknown, 2, envelope(1)).unwrap_err(), "400 CHAT_ID_INVALID");
    let swapped = LiveChat { ada: chat.boole, ..chat };
    assert_eq!(world.send(swapped, 2, envelope(1)).unwrap_err(), "400 CHAT_ID_INVALID");
    for stranger in [BOOLE_2, CURIE] {
        let error = world.send_as(stranger, as_boole(chat, 2, envelope(1))).unwrap_err();
        assert_eq!(error, "400 CHAT_ID_INVALID");
    }

    let enums::EncryptedChat::Waiting(waiting) = world.request(ADA, BOOLE_PHONE, 9).unwrap() else {
        panic!("not waiting");
    };
    let early = LiveChat { id: 9, ada: waiting.access_hash, boole: 0 };
    assert_eq!(world.send(early, 2, envelope(1)).unwrap_err(), "400 CHAT_ID_INVALID");
}

#[test]
fn a_repeat_is_dropped_while_the_original_waits() {
    let mut world = World::with_cast();
    let chat = world.live_chat(7);
    world.send(chat, 1, envelope(1)).unwrap();
    world.pushed(BOOLE);
    world.now += 50;
    assert_eq!(world.send(chat, 1, envelope(1)).unwrap(), START, "the first date");
    assert_eq!(world.pushed(BOOLE), []);
    assert_eq!(world.state(BOOLE).qts, 2);
    world.send_as(BOOLE, as_boole(chat, 1, envelope(3))).unwrap();
    assert_eq!(world.pushed(ADA).len(), 1, "the other end's message of that name is another");

    received(&mut world, BOOLE, 2).unwrap();
    assert_eq!(world.send(chat, 1, envelope(1)).unwrap(), START + 50);
    assert_eq!(world.pushed(BOOLE).len(), 1, "after the acknowledgement it is delivered again");
    assert_eq!(world.state(BOOLE).qts, 3);
}

#[test]
fn an_acknowledgement_deletes_up_to_its_qts() {
    let mut world = World::with_cast();
    let chat = world.live_chat(7);
    for id in 1..=3 {
        world.send(chat, id, envelope(id as u8)).unwrap();
    }
    for wrong in [5, i32::MAX, -1] {
        assert_eq!(received(&mut world, BOOLE, wrong).unwrap_err(), "400 MAX_QTS_INVALID", "{wrong}");
    }
    assert_eq!(received(&mut world, BOOLE, 3).unwrap(), [0_i64; 0]);
    let missed = world.missed(BOOLE, world.now + 1, 1);
    assert_eq!(missed.new_encrypted_messages, [message(7, 3, START, envelope(3))]);
}

#[test]
fn the_qts_of_a_difference_acknowledges_too() {
    let mut world = World::with_cast();
    let chat = world.live_chat(7);
    for id in 1..=3 {
        world.send(chat, id, envelope(id as u8)).unwrap();
    }
    let ids = |difference: &types::updates::Difference| -> Vec<i64> {
        let id = |message: &enums::EncryptedMessage| match message {
            enums::EncryptedMessage::Message(message) => message.random_id,
            enums::EncryptedMessage::Service(message) => message.random_id,
        };
        difference.new_encrypted_messages.iter().map(id).collect()
    };
    let date = world.now + 1;
    assert_eq!(ids(&world.missed(BOOLE, date, 1)), [1, 2, 3]);
    assert_eq!(ids(&world.missed(BOOLE, date, 1)), [1, 2, 3], "asked twice, answered twice");
    assert_eq!(ids(&world.missed(BOOLE, date, 3)), [3]);
    assert_eq!(ids(&world.missed(BOOLE, date, 1)), [3], "what was acknowledged is gone");
    let enums::updates::State::State(state) = world.missed(BOOLE, date, 99).state;
    assert_eq!(state.qts, 4);
    assert_eq!(ids(&world.missed(BOOLE, date, 1)), [3], "a qts never given out acknowledges nothing");
    assert!(matches!(world.difference(BOOLE, date, 4), enums::updates::Difference::Empty(_)));
}

#[test]
fn messages_expire_after_a_week_and_the_client_learns_the_number() {
    let mut world = World::with_cast();
    let chat = world.live_chat(7);
    world.send(chat, 1, envelope(1)).unwrap();
    world.now += WEEK;
    world.send(chat, 2, envelope(2)).unwrap();
    let missed = world.missed(BOOLE, world.now + 1, 1);
    assert_eq!(missed.new_encrypted_messages.len(), 2);
    world.now += 61;
    let missed = world.missed(BOOLE, world.now + 1, 1);
    assert_eq!(missed.new_encrypted_messages, [message(7, 2, START + WEEK, envelope(2))]);
    world.now += WEEK + 1;
    let missed = world.missed(BOOLE, world.now + 1, 1);
    assert_eq!(missed.new_encrypted_messages, []);
    let enums::updates::State::State(state) = missed.state;
    assert_eq!(state.qts, 3);
}

#[test]
fn a_full_queue_is_the_senders_to_wait_for() {
    let mut world = World::with_cast();
    let chat = world.live_chat(7);
    for id in 1..=10_000 {
        world.send(chat, id, vec![0; 40]).unwrap();
    }
    assert_eq!(world.send(chat, 10_001, vec![0; 40]).unwrap_err(), "420 FLOOD_WAIT_300");
    assert_eq!(world.send(chat, 1, vec![0; 40]).unwrap(), START, "a repeat needs no room");
    received(&mut world, BOOLE, 2).unwrap();
    world.send(chat, 10_001, vec![0; 40]).unwrap();
}
