//! The conversation: order, holes, repetitions, deletions, and what waits.

use subrosa::secret::chat::Stage;
use subrosa::secret::fault::{Closing, Trouble};
use subrosa::secret::record::*;
use subrosa::secret::step::*;

use crate::world::{ALICE, Device, World, say};

fn counters(device: &Device) -> subrosa::secret::sequence::Counters {
    match device.stage() {
        Stage::Ready(ready) => ready.counters,
        other => panic!("not ready: {other:?}"),
    }
}

#[test]
fn text_flows_both_ways_in_order() {
    let mut world = World::ready();
    let chat = world.alice.only_chat();
    for n in 0..20 {
        world.alice.command(say(chat, &format!("a{n}")));
        world.bob.command(say(chat, &format!("b{n}")));
    }
    world.settle();
    assert_eq!(world.bob.texts(), (0..20).map(|n| format!("a{n}")).collect::<Vec<_>>());
    assert_eq!(world.alice.texts(), (0..20).map(|n| format!("b{n}")).collect::<Vec<_>>());
    assert!(
        world
            .alice
            .store
            .messages
            .iter()
            .filter(|m| m.direction == Direction::Out)
            .all(|m| m.delivery == Delivery::Sent)
    );
}

#[test]
fn one_send_is_in_flight_per_chat() {
    let mut world = World::ready();
    let chat = world.alice.only_chat();
    for n in 0..5 {
        world.alice.command(say(chat, &format!("{n}")));
    }
    assert_eq!(world.alice.calls.len(), 1);
}

#[test]
fn what_was_not_answered_is_sent_again_after_a_crash_under_the_same_id() {
    let mut world = World::ready();
    let chat = world.alice.only_chat();
    world.alice.command(say(chat, "once"));
    let Some(Call::SendEncrypted { random_id, .. }) = world.alice.calls.pop_front() else { panic!() };
    world.alice.crash();
    let Some(Call::SendEncrypted { random_id: again, .. }) = world.alice.calls.front() else { panic!() };
    assert_eq!(*again, random_id);
    world.settle();
    assert_eq!(world.bob.texts(), ["once"]);
}

#[test]
fn a_message_delivered_twice_is_shown_once() {
    let mut world = World::ready();
    let chat = world.alice.only_chat();
    world.withhold = true;
    world.alice.command(say(chat, "hello"));
    world.settle();
    let message = world.to_bob.pop_front().unwrap();
    world.bob.deliver(message.clone());
    world.bob.crash();
    world.bob.deliver(message);
    assert_eq!(world.bob.texts(), ["hello"]);
}

#[test]
fn swapped_messages_are_put_in_order_and_the_hole_is_asked_for_once() {
    let mut world = World::ready();
    let chat = world.alice.only_chat();
    world.withhold = true;
    for words in ["one", "two", "three"] {
        world.alice.command(say(chat, words));
    }
    world.settle();
    let one = world.to_bob.pop_front().unwrap();
    let two = world.to_bob.pop_front().unwrap();
    let three = world.to_bob.pop_front().unwrap();
    world.bob.deliver(three);
    world.bob.deliver(two);
    world.bob.crash();
    assert!(world.bob.texts().is_empty());
    assert_eq!(world.bob.store.parked.len(), 2);
    world.bob.deliver(one);
    assert_eq!(world.bob.texts(), ["one", "two", "three"]);
    assert!(world.bob.store.parked.is_empty());
    let asked: Vec<i32> = world
        .bob
        .events
        .iter()
        .filter_map(|event| match event {
            Event::Missing { count, .. } => Some(*count),
            _ => None,
        })
        .collect();
    assert_eq!(asked, [2, 0], "asked for once, and then healed");
    assert!(world.bob.events.contains(&Event::Missing { chat, count: 0 }));
}

#[test]
fn a_lost_message_is_resent_from_what_is_stored() {
    let mut world = World::ready();
    let chat = world.alice.only_chat();
    world.withhold = true;
    for words in ["lost", "lost too", "arrives"] {
        world.alice.command(say(chat, words));
    }
    world.settle();
    world.to_bob.drain(..2);
    world.alice.crash();
    world.withhold = false;
    world.settle();
    assert_eq!(world.bob.texts(), ["lost", "lost too", "arrives"]);
}

#[test]
fn holes_on_both_sides_heal() {
    let mut world = World::ready();
    let chat = world.alice.only_chat();
    world.withhold = true;
    for n in 0..3 {
        world.alice.command(say(chat, &format!("a{n}")));
        world.bob.command(say(chat, &format!("b{n}")));
        world.settle();
    }
    world.to_bob.pop_front();
    world.to_alice.pop_front();
    world.withhold = false;
    world.settle();
    assert_eq!(world.bob.texts(), ["a0", "a1", "a2"]);
    assert_eq!(world.alice.texts(), ["b0", "b1", "b2"]);
}

#[test]
fn a_deleted_unconfirmed_message_is_resent_as_the_placeholder() {
    let mut world = World::ready();
    let chat = world.alice.only_chat();
    world.withhold = true;
    world.alice.command(say(chat, "regretted"));
    world.settle();
    let random_id = world.alice.store.messages.last().unwrap().random_id;
    world.to_bob.clear();
    world.alice.command(Command::Delete { chat, random_ids: vec![random_id] });
    assert!(world.alice.store.messages.is_empty());
    for row in world.alice.store.outgoing.values() {
        assert!(!row.payload.windows(9).any(|part| part == b"regretted"), "the content is destroyed");
    }
    world.withhold = false;
    world.settle();
    assert!(world.bob.texts().is_empty());
    assert_eq!(counters(&world.bob).my_in, counters(&world.alice).my_out);
}

#[test]
fn delete_and_flush_reach_the_other_side() {
    let mut world = World::ready();
    let chat = world.alice.only_chat();
    for words in ["one", "two"] {
        world.alice.command(say(chat, words));
    }
    world.settle();
    let first = world.bob.store.messages[0].random_id;
    world.alice.command(Command::Delete { chat, random_ids: vec![first] });
    world.settle();
    assert_eq!(world.bob.texts(), ["two"]);
    world.bob.command(Command::Flush(chat));
    world.settle();
    assert!(world.alice.store.messages.is_empty() && world.bob.store.messages.is_empty());
    assert!(matches!(world.alice.stage(), Stage::Ready(_)));
}

#[test]
fn the_timer_is_set_for_both_and_carried_by_later_messages() {
    let mut world = World::ready();
    let chat = world.alice.only_chat();
    world.alice.command(Command::SetTimer { chat, seconds: 60 });
    world.settle();
    world.bob.command(say(chat, "burns"));
    world.settle();
    assert_eq!(world.alice.store.messages.last().unwrap().ttl, 60);
    let Stage::Ready(bob) = world.bob.stage() else { panic!() };
    assert_eq!(bob.ttl, 60);
    assert!(
        world.bob.store.messages.iter().any(|m| m.body == Body::TimerSet(60) && m.direction == Direction::In)
    );
}

#[test]
fn reading_is_told_and_marks_the_messages() {
    let mut world = World::ready();
    let chat = world.alice.only_chat();
    world.alice.command(say(chat, "read me"));
    world.settle();
    let max_date = world.bob.store.messages[0].date;
    world.bob.command(Command::Seen { chat, max_date });
    world.settle();
    assert_eq!(world.bob.store.messages[0].delivery, Delivery::Seen);
    assert_eq!(world.alice.store.messages[0].delivery, Delivery::Read);
    world.bob.crash();
    assert!(world.bob.calls.is_empty(), "told once");
}

#[test]
fn a_message_of_a_second_that_was_read_is_told_as_read_too() {
    let mut world = World::ready();
    let chat = world.alice.only_chat();
    for text in ["one", "two"] {
        world.alice.command(say(chat, text));
        world.settle();
        let max_date = world.bob.store.messages.last().unwrap().date;
        world.bob.command(Command::Seen { chat, max_date });
        world.settle();
        assert!(
            world.alice.store.messages.iter().all(|message| message.delivery == Delivery::Read),
            "{text}"
        );
        // The next one is dated within the same second.
        world.date = max_date - 1;
    }
    let dates: Vec<i32> = world.bob.store.messages.iter().map(|message| message.date).collect();
    assert_eq!(dates[0], dates[1], "or this tests nothing");
}

#[test]
fn what_was_read_before_its_answer_came_is_marked_when_it_comes() {
    let mut world = World::ready();
    let chat = world.alice.only_chat();
    world.alice.command(say(chat, "read me"));
    let call = world.alice.calls.pop_front().unwrap();
    let read = MessagesRead { chat, max_date: 7, date: 7 };
    let batch = |marks| Input::Batch(Batch { reads: vec![read], marks, ..Batch::default() });
    world.alice.handle(batch(world.alice.machine.marks()));
    assert_eq!(world.alice.store.messages[0].delivery, Delivery::Queued, "the server has not answered");
    world.alice.answer(&call, Ok(Answer::Sent { date: 7, file: None }));
    assert_eq!(world.alice.store.messages[0].delivery, Delivery::Read);

    world.alice.command(say(chat, "and me"));
    let call = world.alice.calls.pop_front().unwrap();
    world.alice.handle(batch(world.alice.machine.marks()));
    world.alice.answer(&call, Ok(Answer::Sent { date: 8, file: None }));
    assert_eq!(world.alice.store.messages[1].delivery, Delivery::Sent, "it was read up to an earlier date");
}

/// The answer of a send is lost, and before it is repeated the peer confirms the message: it was sent, and must not wait for ever.
#[test]
fn what_the_peer_confirms_was_sent_though_no_answer_came() {
    let mut world = World::ready();
    let chat = world.alice.only_chat();
    world.alice.command(say(chat, "heard"));
    let call = world.alice.calls.pop_front().unwrap();
    let Call::SendEncrypted { random_id, data, .. } = call.clone() else { panic!() };
    world.alice.answer(&call, Err(CallError::Lost));
    world.bob.deliver(EncryptedMessage { random_id, chat, date: 3, bytes: data, file: None });
    world.bob.command(say(chat, "I heard you"));
    world.settle();
    assert_eq!(world.alice.texts(), ["I heard you"]);
    assert_eq!(world.alice.store.messages[0].delivery, Delivery::Sent);
    assert!(
        world
            .alice
            .events
            .iter()
            .any(|event| matches!(event, Event::Sent { random_id: id, .. } if *id == random_id))
    );
    assert!(world.alice.store.outgoing.is_empty());
}

#[test]
fn closing_with_history_empties_both_sides() {
    let mut world = World::ready();
    let chat = world.alice.only_chat();
    world.alice.command(say(chat, "gone soon"));
    world.settle();
    world.alice.command(Command::Close { chat, delete_history: true });
    world.settle();
    let Stage::Closed(bob) = world.bob.stage() else { panic!() };
    assert_eq!(bob.closing, Closing::ByPeer { history_deleted: true });
    let Stage::Closed(alice) = world.alice.stage() else { panic!() };
    assert_eq!((&alice.closing, alice.discard), (&Closing::ByUs, None));
    assert!(world.bob.store.messages.is_empty() && world.alice.store.messages.is_empty());
    assert!(world.alice.store.outgoing.is_empty());
}

#[test]
fn a_discard_is_repeated_until_answered() {
    let mut world = World::ready();
    let chat = world.alice.only_chat();
    world.alice.command(Command::Close { chat, delete_history: false });
    let first = world.alice.calls.pop_front().unwrap();
    world.alice.crash();
    let second = world.alice.calls.pop_front().unwrap();
    assert!(first == second);
    let done = CallError::Rpc { code: 400, name: "ENCRYPTION_ALREADY_DECLINED".into(), value: None };
    world.alice.answer(&second, Err(done));
    world.alice.crash();
    assert!(world.alice.calls.is_empty());
}

#[test]
fn a_refused_text_fails_visibly_and_leaves_no_hole() {
    let mut world = World::ready();
    let chat = world.alice.only_chat();
    world.alice.command(say(chat, "refused"));
    let call = world.alice.calls.pop_front().unwrap();
    let refused = CallError::Rpc { code: 400, name: "DATA_TOO_LONG".into(), value: None };
    world.alice.answer(&call, Err(refused));
    assert_eq!(world.alice.store.messages[0].delivery, Delivery::Failed);
    world.alice.command(say(chat, "next"));
    world.settle();
    assert_eq!(world.bob.texts(), ["next"]);
    assert!(world.bob.store.parked.is_empty());
    let marked = world.alice.events.iter().filter(|event| matches!(event, Event::Sent { .. })).count();
    assert_eq!(marked, 1, "the placeholder in the failed one's place marks nothing");
}

#[test]
fn a_peer_that_has_gone_closes_the_chat_on_send() {
    let mut world = World::ready();
    let chat = world.alice.only_chat();
    world.alice.command(say(chat, "anybody?"));
    let call = world.alice.calls.pop_front().unwrap();
    let gone = CallError::Rpc { code: 400, name: "ENCRYPTION_DECLINED".into(), value: None };
    world.alice.answer(&call, Err(gone));
    let Stage::Closed(closed) = world.alice.stage() else { panic!() };
    assert_eq!(closed.closing, Closing::ByPeer { history_deleted: false });
    assert_eq!(closed.discard, None);
}

#[test]
fn a_lost_connection_sends_the_same_message_again() {
    let mut world = World::ready();
    let chat = world.alice.only_chat();
    world.alice.command(say(chat, "through the storm"));
    let call = world.alice.calls.pop_front().unwrap();
    // The server has it, the answer is lost.
    let Call::SendEncrypted { random_id, data, .. } = &call else { panic!() };
    world.to_bob.push_back(EncryptedMessage {
        random_id: *random_id,
        chat,
        date: 3,
        bytes: data.clone(),
        file: None,
    });
    world.alice.handle(Input::Offline);
    world.alice.handle(Input::Online);
    world.settle();
    assert_eq!(world.bob.texts(), ["through the storm"]);
    assert_eq!(world.alice.me, ALICE);
}

#[test]
fn too_long_and_empty_texts_are_refused_before_a_number_is_spent() {
    let mut world = World::ready();
    let chat = world.alice.only_chat();
    let before = counters(&world.alice).my_out;
    world.alice.command(say(chat, &"🌹".repeat(2049)));
    world.alice.command(say(chat, " \n "));
    let troubles: Vec<_> = world
        .alice
        .events
        .iter()
        .filter_map(|event| match event {
            Event::Trouble { trouble, .. } => Some(trouble.clone()),
            _ => None,
        })
        .collect();
    assert_eq!(troubles, [Trouble::TooLong(4098), Trouble::Empty]);
    assert_eq!(counters(&world.alice).my_out, before);
}
