//! What the account suffers: pauses, errors, people who are gone, and an authorization that ends.

use subrosa::secret::chat::Stage;
use subrosa::secret::fault::{Closing, LocalFault, Trouble};
use subrosa::secret::record::*;
use subrosa::secret::sequence::Counters;
use subrosa::secret::step::*;

use crate::world::{ALICE, BOB, Device, World, say};

fn counters(device: &Device) -> Counters {
    match device.stage() {
        Stage::Ready(ready) => ready.counters,
        other => panic!("not ready: {other:?}"),
    }
}

fn closing(device: &Device) -> &Closing {
    match device.stage() {
        Stage::Closed(closed) => &closed.closing,
        other => panic!("not closed: {other:?}"),
    }
}

fn refused(code: i32, name: &str, value: Option<u32>) -> Result<Answer, CallError> {
    Err(CallError::Rpc { code, name: name.into(), value })
}

fn troubles(device: &Device) -> Vec<Trouble> {
    let trouble = |event: &Event| match event {
        Event::Trouble { trouble, .. } => Some(trouble.clone()),
        _ => None,
    };
    device.events.iter().filter_map(trouble).collect()
}

/// A ready chat in which Alice has said something.
fn said(words: &[&str]) -> World {
    let mut world = World::ready();
    let chat = world.alice.only_chat();
    for words in words {
        world.alice.command(say(chat, words));
    }
    world.settle();
    world
}

#[test]
fn row_46_pauses_in_the_middle_of_a_burst_keep_order_and_numbers() {
    let mut world = World::ready();
    let chat = world.alice.only_chat();
    let words: Vec<String> = (0..6).map(|n| format!("{n}")).collect();
    for words in &words {
        world.alice.command(say(chat, words));
    }
    let errors =
        [(420, "FLOOD_WAIT", Some(3)), (400, "MSG_WAIT_FAILED", None), (500, "MSG_WAIT_TIMEOUT", None)];
    for (code, name, value) in errors {
        let call = world.alice.calls.pop_front().unwrap();
        world.alice.answer(&call, refused(code, name, value));
        assert!(world.alice.calls.is_empty(), "nothing overtakes it");
        world.alice.sleep(60_000);
        let again = world.alice.calls.front().expect("it goes out again");
        assert_eq!(again.key(), call.key(), "the same one");
        world.serve_next(ALICE);
    }
    world.settle();
    assert_eq!(world.bob.texts(), words);
    assert_eq!(counters(&world.alice).my_out, counters(&world.bob).my_in);
    assert!(world.alice.store.messages.iter().all(|message| message.delivery == Delivery::Sent));
}

#[test]
fn a_flood_wait_says_until_when() {
    let mut world = World::ready();
    let chat = world.alice.only_chat();
    world.alice.command(say(chat, "x"));
    let call = world.alice.calls.pop_front().unwrap();
    world.alice.answer(&call, refused(420, "FLOOD_WAIT", Some(42)));
    let until_ms = world.alice.now_ms + 42_000;
    assert_eq!(troubles(&world.alice), [Trouble::Flood { seconds: 42, until_ms }]);
    assert_eq!(world.alice.wake_at, Some(until_ms));
    world.alice.sleep(41_999);
    world.alice.handle(Input::Offline);
    world.alice.handle(Input::Online);
    assert!(world.alice.calls.is_empty(), "a new connection does not shorten it");
    world.alice.sleep(1);
    assert_eq!(world.alice.calls.len(), 1);
}

#[test]
fn server_errors_are_waited_out_longer_and_longer() {
    let mut world = World::ready();
    let chat = world.alice.only_chat();
    world.alice.command(say(chat, "x"));
    for pause in [1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000] {
        let call = world.alice.calls.pop_front().unwrap();
        world.alice.answer(&call, refused(500, "INTERNAL", None));
        world.alice.sleep(pause - 1);
        assert!(world.alice.calls.is_empty());
        world.alice.sleep(1);
        assert_eq!(world.alice.calls.len(), 1, "after {pause}");
    }
    world.settle();
    assert_eq!(world.bob.texts(), ["x"]);
    assert_eq!(troubles(&world.alice), [], "nothing the user could do");
}

#[test]
fn what_is_written_offline_goes_out_in_order() {
    let mut world = World::ready();
    let chat = world.alice.only_chat();
    world.alice.handle(Input::Offline);
    for n in 0..5 {
        world.alice.command(say(chat, &format!("{n}")));
    }
    world.alice.command(Command::SetTimer { chat, seconds: 9 });
    world.alice.command(say(chat, "5"));
    assert!(world.alice.calls.is_empty());
    world.alice.crash();
    assert_eq!(world.alice.calls.len(), 1, "one in flight");
    world.settle();
    assert_eq!(world.bob.texts(), ["0", "1", "2", "3", "4", "5"]);
    let ttls: Vec<i32> = world.bob.store.messages.iter().map(|message| message.ttl).collect();
    assert_eq!(ttls, [0, 0, 0, 0, 0, 0, 9], "the timer in its place");
}

#[test]
fn typing_is_said_every_five_seconds_and_its_end_once() {
    let mut world = World::ready();
    let chat = world.alice.only_chat();
    let type_on = |world: &mut World, typing| {
        world.alice.command(Command::Typing { chat, typing });
        world
            .alice
            .calls
            .drain(..)
            .map(|call| matches!(call, Call::SetEncryptedTyping { typing: true, .. }))
            .collect::<Vec<bool>>()
    };
    let nothing: Vec<bool> = vec![];
    assert_eq!(type_on(&mut world, false), nothing, "nobody thinks so");
    assert_eq!(type_on(&mut world, true), [true]);
    world.alice.pass(4_999);
    assert_eq!(type_on(&mut world, true), nothing);
    world.alice.pass(1);
    assert_eq!(type_on(&mut world, true), [true]);
    assert_eq!(type_on(&mut world, false), [false]);
    assert_eq!(type_on(&mut world, false), nothing);
    assert_eq!(type_on(&mut world, true), nothing, "not more often, stopped or not");
    world.alice.pass(5_000);
    world.alice.command(Command::Typing { chat, typing: true });
    world.settle();
    assert!(world.bob.events.contains(&Event::Typing(chat)));
    world.alice.handle(Input::Offline);
    world.alice.pass(5_000);
    assert_eq!(type_on(&mut world, true), nothing, "not kept for later");
}

#[test]
fn only_who_asked_can_be_reported() {
    let mut world = World::ready();
    let chat = world.bob.only_chat();
    world.alice.command(Command::Report(chat));
    assert_eq!(troubles(&world.alice), [Trouble::NotTheirs]);
    assert!(world.alice.calls.is_empty());
    world.bob.handle(Input::Offline);
    world.bob.command(Command::Report(chat));
    world.bob.handle(Input::Online);
    let call = world.bob.calls.front().unwrap().clone();
    assert!(call == Call::ReportEncryptedSpam { chat, access_hash: 22 });
    world.settle();
    assert!(world.bob.events.contains(&Event::Reported(chat)));
    assert!(world.bob.calls.is_empty());
    world.bob.command(Command::Report(chat));
    let call = world.bob.calls.pop_front().unwrap();
    world.bob.answer(&call, refused(400, "CHAT_ID_INVALID", None));
    assert!(matches!(troubles(&world.bob)[..], [Trouble::NotReported(LocalFault::Rpc { .. })]));
    assert!(world.bob.calls.is_empty());
}

#[test]
fn who_blocked_us_or_is_gone_fails_the_message_and_then_the_chat() {
    let cases = [
        (403, "USER_IS_BLOCKED", "this person has blocked you"),
        (403, "USER_DELETED", "this person has deleted their account"),
        (400, "INPUT_USER_DEACTIVATED", "this person has deleted their account"),
    ];
    for (code, name, words) in cases {
        let mut world = said(&["before"]);
        let chat = world.alice.only_chat();
        world.alice.command(say(chat, "hello?"));
        let id = world.alice.store.messages.last().unwrap().random_id;
        let call = world.alice.calls.pop_front().unwrap();
        world.alice.answer(&call, refused(code, name, None));
        assert_eq!(world.alice.message(id).unwrap().delivery, Delivery::Failed);
        let reason = LocalFault::Rpc { code, name: name.into() };
        assert_eq!(reason.to_string(), words);
        assert!(world.alice.events.contains(&Event::Failed { chat, random_id: id, reason: reason.clone() }));
        assert!(matches!(world.alice.stage(), Stage::Ready(_)), "its placeholder may get through");
        let placeholder = world.alice.calls.pop_front().unwrap();
        assert_eq!(placeholder.key(), CallKey::Send(chat, id));
        world.alice.answer(&placeholder, refused(code, name, None));
        assert_eq!(closing(&world.alice), &Closing::Failed(reason));
        assert_eq!(world.alice.store.messages.len(), 2, "the history stays");
    }
}

#[test]
fn a_lost_authorization_ends_the_chats_and_leaves_their_history() {
    let mut world = said(&["kept"]);
    let chat = world.bob.only_chat();
    world.alice.command(Command::SetTimer { chat, seconds: 5 });
    world.alice.command(say(chat, "burns"));
    world.settle();
    let max_date = world.bob.store.messages.last().unwrap().date;
    world.bob.command(Command::Seen { chat, max_date });
    world.bob.calls.clear();
    world.bob.handle(Input::SignedOut);
    assert_eq!(closing(&world.bob), &Closing::SignedOut);
    assert!(world.bob.calls.is_empty() && world.bob.store.outgoing.is_empty());
    assert_eq!(world.bob.texts(), ["kept", "burns"]);
    world.bob.sleep(5_000);
    assert_eq!(world.bob.texts(), ["kept"], "clocks do not ask who is signed in");
}

#[test]
fn a_request_taken_on_another_device_goes_quietly() {
    let mut world = World::connected();
    world.alice.command(Command::Start { user: BOB, user_hash: 9 });
    world.settle();
    let chat = world.bob.only_chat();
    world.bob.update(EncryptedChat::Discarded { id: chat, history_deleted: false });
    assert_eq!(closing(&world.bob), &Closing::TakenOrWithdrawn);
    assert!(world.bob.calls.is_empty(), "to discard would end the other device's chat");
    world.bob.command(Command::Accept(chat));
    assert_eq!(troubles(&world.bob), [Trouble::NotRequested]);

    // And while our acceptance is on its way.
    let mut world = World::connected();
    world.alice.command(Command::Start { user: BOB, user_hash: 9 });
    world.settle();
    let chat = world.bob.only_chat();
    world.bob.command(Command::Accept(chat));
    world.serve_next(BOB);
    let accept = world.bob.calls.pop_front().unwrap();
    assert!(matches!(accept, Call::AcceptEncryption { .. }));
    world.bob.answer(&accept, refused(400, "ENCRYPTION_ALREADY_ACCEPTED", None));
    world.bob.update(EncryptedChat::Discarded { id: chat, history_deleted: false });
    assert_eq!(closing(&world.bob), &Closing::TakenOrWithdrawn);
    assert!(world.bob.calls.is_empty());
}
