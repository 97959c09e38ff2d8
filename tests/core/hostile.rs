//! Clumsy and hostile orders of events: nothing lost, nothing twice, nobody left waiting.

use subrosa::secret::chat::Stage;
use subrosa::secret::fault::Closing;
use subrosa::secret::record::*;
use subrosa::secret::step::*;

use crate::world::{ALICE, BOB, World, say};

/// Alice has written two messages, of which only the second arrived; Bob's request for the first is on its way.
fn with_a_hole() -> (World, ChatId) {
    let mut world = World::ready();
    let chat = world.alice.only_chat();
    world.withhold = true;
    for words in ["lost", "arrives"] {
        world.alice.command(say(chat, words));
    }
    world.settle();
    world.to_bob.pop_front();
    let arrives = world.to_bob.pop_front().unwrap();
    world.bob.deliver(arrives);
    world.settle();
    (world, chat)
}

/// The peer says goodbye and closes while we are away: one difference brings both.
#[test]
fn last_words_before_a_discard_in_one_difference_are_shown() {
    let mut world = World::ready();
    let chat = world.alice.only_chat();
    world.withhold = true;
    world.alice.command(say(chat, "goodbye"));
    world.settle();
    let message = world.to_bob.pop_front().unwrap();
    let marks = Marks { qts: world.bob.store.marks.qts + 1, ..world.bob.store.marks };
    let chats = vec![EncryptedChat::Discarded { id: chat, history_deleted: false }];
    world.bob.handle(Input::Batch(Batch { chats, messages: vec![message], marks, ..Batch::default() }));
    assert_eq!(world.bob.texts(), ["goodbye"]);
}

/// A Resend arrives while a later message is in flight.
#[test]
fn one_send_in_flight_when_a_resend_arrives() {
    let (mut world, chat) = with_a_hole();
    world.alice.command(say(chat, "third"));
    let third = world.alice.calls.pop_front().unwrap(); // in flight, unanswered
    let resend = world.to_alice.pop_front().unwrap();
    world.alice.deliver(resend);
    let more: Vec<_> = world.alice.calls.iter().filter(|c| matches!(c, Call::SendEncrypted { .. })).collect();
    let flood = CallError::Rpc { code: 420, name: "FLOOD_WAIT".into(), value: Some(60) };
    let count = more.len();
    world.alice.answer(&third, Err(flood));
    assert_eq!(count, 0, "a second send left while the first was in flight");
}

/// The answer of the message in flight is not understood once a Resend came between.
#[test]
fn the_answer_counts_though_a_resend_came_between() {
    let (mut world, chat) = with_a_hole();
    world.alice.command(say(chat, "third"));
    let third = world.alice.calls.pop_front().unwrap();
    let resend = world.to_alice.pop_front().unwrap();
    world.alice.deliver(resend);
    world.alice.answer(&third, Ok(Answer::Sent { date: 5, file: None }));
    let row = world.alice.store.messages.iter().find(|m| m.body == Body::Text("third".into())).unwrap();
    assert_eq!(row.delivery, Delivery::Sent);
}

/// The request is withdrawn while its call hangs; the call is carried out after the discard was answered.
#[test]
fn a_withdrawn_request_that_the_server_takes_late_is_discarded_again() {
    let mut world = World::connected();
    world.alice.command(Command::Start { user: BOB, user_hash: 9 });
    let config = world.alice.calls.pop_front().unwrap();
    world.serve(ALICE, &config);
    let request = world.alice.calls.pop_front().unwrap();
    let chat = world.alice.only_chat();
    world.alice.command(Command::Close { chat, delete_history: false });
    let discard = world.alice.calls.pop_front().unwrap();
    let unknown = CallError::Rpc { code: 400, name: "ENCRYPTION_ID_INVALID".into(), value: None };
    world.alice.answer(&discard, Err(unknown));
    world.serve(ALICE, &request); // the link's own repetition reaches the server now
    let again = world.alice.calls.iter().any(|c| matches!(c, Call::DiscardEncryption { .. }));
    assert!(again, "Bob sees a request that nobody will ever answer");
}

/// A late refusal of a call whose state is left long since.
#[test]
fn a_late_refusal_of_accept_does_not_close_a_ready_chat() {
    let mut world = World::ready();
    let chat = world.bob.only_chat();
    let refused = CallError::Rpc { code: 400, name: "CHAT_ID_INVALID".into(), value: None };
    world.bob.handle(Input::Answer { to: CallKey::Accept(chat), outcome: Err(refused) });
    assert!(matches!(world.bob.stage(), Stage::Ready(_)));
}

/// The server asks to wait; another receivedQueue leaves at the next message.
#[test]
fn flood_wait_holds_for_the_call_not_for_its_argument() {
    let mut machine = subrosa::secret::machine::Machine::restore(BOB, Snapshot::default());
    let now = Moment { unix_ms: 0, mono_ms: 0 };
    let mut rng = rand::rng();
    machine.handle(Input::Online, now, &mut rng);
    let batch = |qts| Input::Batch(Batch { marks: Marks { qts, ..Marks::default() }, ..Batch::default() });
    machine.handle(batch(1), now, &mut rng);
    let flood = CallError::Rpc { code: 420, name: "FLOOD_WAIT".into(), value: Some(60) };
    machine.handle(Input::Answer { to: CallKey::Queue(1), outcome: Err(flood) }, now, &mut rng);
    let step = machine.handle(batch(2), now, &mut rng);
    assert!(!step.effects.iter().any(|e| matches!(e, Effect::Acknowledge { .. })));
}

/// An oversized envelope for a chat that waits.
#[test]
fn an_envelope_that_cannot_open_is_not_held() {
    let mut world = World::connected();
    world.alice.command(Command::Start { user: BOB, user_hash: 9 });
    world.settle();
    let chat = world.alice.only_chat();
    world.alice.deliver(EncryptedMessage {
        random_id: 1,
        chat,
        date: 1,
        bytes: vec![0; 10 << 20],
        file: None,
    });
    world.alice.deliver(EncryptedMessage { random_id: 2, chat, date: 1, bytes: vec![0; 7], file: None });
    assert_eq!(world.alice.store.held.len(), 0);
}

/// A request with a public value of any size is kept.
#[test]
fn a_request_with_an_impossible_public_value_is_not_stored() {
    let mut world = World::connected();
    let request = EncryptedChat::Requested {
        id: ChatId(5),
        access_hash: 1,
        date: 1,
        admin: ALICE,
        participant: BOB,
        g_a: vec![1; 4 << 20],
    };
    world.bob.update(request);
    let size = world.bob.store.chats.values().next().map_or(0, |chat| match &chat.stage {
        Stage::Requested(r) => r.g_a.len(),
        _ => 0,
    });
    assert!(size <= 256, "{size} bytes stored");
}

/// The user deletes a message whose send is in flight; the server refuses the original for good.
#[test]
fn a_refusal_of_the_original_does_not_close_the_chat_when_it_is_a_placeholder_by_now() {
    let mut world = World::ready();
    let chat = world.alice.only_chat();
    world.alice.command(say(chat, "too long"));
    let call = world.alice.calls.pop_front().unwrap();
    let Call::SendEncrypted { random_id, .. } = call else { panic!() };
    world.alice.command(Command::Delete { chat, random_ids: vec![random_id] });
    let refused = CallError::Rpc { code: 400, name: "DATA_TOO_LONG".into(), value: None };
    world.alice.answer(&call, Err(refused));
    assert!(matches!(world.alice.stage(), Stage::Ready(_)));
}

/// Two readings at once.
#[test]
fn one_read_in_flight() {
    let mut world = World::ready();
    let chat = world.alice.only_chat();
    world.alice.command(Command::Seen { chat, max_date: 10 });
    world.alice.command(Command::Seen { chat, max_date: 20 });
    assert_eq!(world.alice.calls.len(), 1);
}

/// The reading overtakes the answer of the send.
#[test]
fn a_reading_that_overtakes_the_answer_is_kept() {
    let mut world = World::ready();
    let chat = world.alice.only_chat();
    world.alice.command(say(chat, "quick"));
    let call = world.alice.calls.pop_front().unwrap();
    let reads = vec![MessagesRead { chat, max_date: i32::MAX, date: 9 }];
    let marks = world.alice.store.marks;
    world.alice.handle(Input::Batch(Batch { reads, marks, ..Batch::default() }));
    world.alice.answer(&call, Ok(Answer::Sent { date: 1_700_000_100, file: None }));
    let row = world.alice.store.messages.iter().find(|m| m.direction == Direction::Out).unwrap();
    assert_eq!(row.delivery, Delivery::Read);
}

/// The clock is set back by a day while a call rests for a second.
#[test]
fn a_rest_does_not_grow_with_the_clock() {
    let mut world = World::ready();
    let chat = world.alice.only_chat();
    world.alice.command(say(chat, "hello"));
    let call = world.alice.calls.pop_front().unwrap();
    world.alice.answer(&call, Err(CallError::Lost));
    world.alice.now_ms -= 86_400_000;
    world.alice.pass(60_000);
    world.alice.handle(Input::Wake);
    assert_eq!(world.alice.calls.len(), 1);
}

/// DH_G_A_INVALID: the protocol says: draw a new a.
#[test]
fn a_refused_half_is_drawn_again() {
    let mut world = World::connected();
    world.alice.command(Command::Start { user: BOB, user_hash: 9 });
    let config = world.alice.calls.pop_front().unwrap();
    world.serve(ALICE, &config);
    let request = world.alice.calls.pop_front().unwrap();
    let refused = CallError::Rpc { code: 400, name: "DH_G_A_INVALID".into(), value: None };
    world.alice.answer(&request, Err(refused));
    world.settle();
    assert!(matches!(world.alice.stage(), Stage::Waiting(_)), "another half went out");
}

/// A server that refuses every half is believed in the end.
#[test]
fn a_half_refused_twice_fails_with_its_meaning() {
    let mut world = World::connected();
    world.alice.command(Command::Start { user: BOB, user_hash: 9 });
    for _ in 0..2 {
        let config = world.alice.calls.pop_front().unwrap();
        world.serve(ALICE, &config);
        let request = world.alice.calls.pop_front().unwrap();
        let refused = CallError::Rpc { code: 400, name: "DH_G_A_INVALID".into(), value: None };
        world.alice.answer(&request, Err(refused));
    }
    let Stage::Closed(closed) = world.alice.stage() else { panic!() };
    let Closing::Failed(fault) = &closed.closing else { panic!() };
    assert!(fault.to_string().contains("half of the key"), "{fault}");
}

/// The authorization is gone: every chat ends, nothing is sent any more, the history stays.
#[test]
fn signing_out_ends_every_chat_and_keeps_its_history() {
    let mut world = World::ready();
    let chat = world.alice.only_chat();
    world.alice.command(say(chat, "before"));
    world.settle();
    world.alice.handle(Input::SignedOut);
    let Stage::Closed(closed) = world.alice.stage() else { panic!() };
    assert_eq!((&closed.closing, closed.discard), (&Closing::SignedOut, None));
    assert_eq!(world.alice.store.messages.len(), 1);
    world.alice.handle(Input::Online);
    assert!(world.alice.calls.is_empty());
}

/// A hole whose resent copies were lost too is asked for again after an hour, on a new connection.
#[test]
fn an_old_hole_is_asked_for_again() {
    let (mut world, chat) = with_a_hole();
    world.to_alice.clear();
    world.bob.handle(Input::Online);
    assert!(world.bob.calls.is_empty(), "not before its time");
    world.bob.pass(2 * 3_600_000);
    world.bob.handle(Input::Online);
    assert_eq!(world.bob.machine.missing().collect::<Vec<_>>(), [(chat, 1)]);
    world.withhold = false;
    world.settle();
    assert_eq!(world.bob.texts(), ["lost", "arrives"]);
}

/// The server answers with another chat: ours is withdrawn.
#[test]
fn a_foreign_answer_to_a_request_is_followed_by_a_discard() {
    let mut world = World::connected();
    world.alice.command(Command::Start { user: BOB, user_hash: 9 });
    let config = world.alice.calls.pop_front().unwrap();
    world.serve(ALICE, &config);
    let request = world.alice.calls.pop_front().unwrap();
    world.alice.answer(&request, Ok(Answer::Chat(EncryptedChat::Empty { id: ChatId(1) })));
    assert!(world.alice.calls.iter().any(|c| matches!(c, Call::DiscardEncryption { .. })));
}
