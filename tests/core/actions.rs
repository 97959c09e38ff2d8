//! What the two do to each other's history, what the account suffers, and what the user is told of it.

use subrosa::secret::chat::Stage;
use subrosa::secret::content::{Action, Content, Said};
use subrosa::secret::fault::{Closing, LocalFault, PeerFault, Trouble};
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

fn text(words: &str) -> Content {
    Content::Message(Said::new(Body::text(words)))
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

/// Bob obeys what Alice's key makes him.
fn ordered(world: &mut World, action: Action) {
    let message = world.alice.forge(0, 5, &Content::Action(action));
    world.bob.news();
    world.bob.deliver(message);
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
fn row_20_a_discard_with_history_closes_and_wipes() {
    let mut world = said(&["one", "two"]);
    let chat = world.bob.only_chat();
    world.bob.news();
    world.bob.update(EncryptedChat::Discarded { id: chat, history_deleted: true });
    assert_eq!(closing(&world.bob), &Closing::ByPeer { history_deleted: true });
    assert!(world.bob.store.messages.is_empty() && world.bob.store.outgoing.is_empty());
    assert!(world.bob.calls.is_empty());
    let news = world.bob.news();
    let [Event::Chat(view), Event::HistoryGone(gone)] = &news[..] else { panic!("{news:?}") };
    assert_eq!(view.state, ChatState::Closed(Closing::ByPeer { history_deleted: true }));
    assert_eq!(*gone, chat);
    world.bob.crash();
    assert!(world.bob.calls.is_empty(), "the server needs no telling");
}

#[test]
fn row_25_a_known_id_moves_the_counters_only() {
    let mut world = said(&["first"]);
    let known = world.bob.store.messages[0].clone();
    let message = world.alice.forge(0, known.random_id, &text("in its place"));
    world.bob.news();
    world.bob.deliver(message);
    assert_eq!(world.bob.store.messages, [known]);
    assert_eq!(counters(&world.bob).my_in, 3);
    assert_eq!(world.bob.news(), []);
}

#[test]
fn row_26_no_id_moves_the_counters_only() {
    let mut world = said(&["first"]);
    world.bob.news();
    for (n, content) in [
        text("nameless"),
        Content::Action(Action::SetTimer(5)),
        Content::Action(Action::ScreenshotMessages(vec![])),
    ]
    .iter()
    .enumerate()
    {
        let message = world.alice.forge(i32::try_from(n).unwrap(), 0, content);
        world.bob.deliver(message);
    }
    assert_eq!(world.bob.store.messages.len(), 1);
    assert_eq!(counters(&world.bob).my_in, 5);
    let Stage::Ready(ready) = world.bob.stage() else { panic!() };
    assert_eq!(ready.ttl, 5, "what it does counts, its line is not shown");
    assert!(!world.bob.events.iter().any(|event| matches!(event, Event::Message(_))));
}

#[test]
fn row_27_deleting_a_hundred_thousand_ids_is_bounded() {
    let mut world = said(&["goes", "stays"]);
    let (chat, doomed) = (world.bob.only_chat(), world.bob.store.messages[0].random_id);
    let mut ids: Vec<i64> = (1..=100_000).collect();
    ids.push(doomed);
    let began = std::time::Instant::now();
    ordered(&mut world, Action::DeleteMessages(ids));
    assert!(began.elapsed().as_secs() < 5);
    assert_eq!(world.bob.texts(), ["stays"]);
    assert_eq!(world.bob.store.deleted.len(), 1001, "and a thousand to come");
    assert!(world.bob.events.iter().any(|event| {
        matches!(event, Event::Deleted { chat: of, random_ids } if *of == chat && random_ids.contains(&doomed))
    }));
    // However often it is tried, the list of what may come does not grow without end.
    for n in 1..=20 {
        let from = i64::from(n) * 1_000_000;
        let action = Content::Action(Action::DeleteMessages((from..from + 2_000).collect()));
        let message = world.alice.forge(n, 6, &action);
        world.bob.deliver(message);
    }
    assert_eq!(world.bob.store.deleted.len(), 10_001);
    assert_eq!(counters(&world.bob).my_in, 24);
}

#[test]
fn a_message_deleted_before_it_came_is_not_shown() {
    let mut world = World::ready();
    ordered(&mut world, Action::DeleteMessages(vec![77]));
    world.bob.crash();
    let late = world.alice.forge(1, 77, &text("too late"));
    world.bob.deliver(late);
    assert!(world.bob.texts().is_empty());
    assert_eq!(counters(&world.bob).my_in, 3);
}

#[test]
fn row_28_a_peer_cannot_open_its_own_messages() {
    let mut world = World::ready();
    let chat = world.alice.only_chat();
    world.alice.command(Command::SetTimer { chat, seconds: 5 });
    world.alice.command(say(chat, "hers"));
    world.settle();
    let hers = world.bob.store.messages.last().unwrap().random_id;
    ordered(&mut world, Action::ReadMessages(vec![hers, 12345]));
    let message = world.bob.message(hers).unwrap();
    assert_eq!((message.opened, message.destruct_ms), (false, None));
    assert!(!world.bob.machine.clocks_run());
    assert_eq!(world.bob.news(), []);
}

#[test]
fn row_32_a_deleted_unconfirmed_message_is_resent_as_its_placeholder() {
    let mut world = World::ready();
    let chat = world.alice.only_chat();
    world.withhold = true;
    world.alice.command(say(chat, "regretted"));
    world.settle();
    let (number, random_id) = (1, world.alice.store.messages[0].random_id);
    let before = world.alice.store.outgoing[&(chat, number)].clone();
    world.to_bob.clear();
    world.alice.command(Command::Delete { chat, random_ids: vec![random_id] });
    world.settle();
    let lost = world.to_bob.drain(..).count();
    assert_eq!(lost, 1, "the delete action itself; it opens the hole");
    let after = world.alice.store.outgoing[&(chat, number)].clone();
    let read = |row: &Outgoing| subrosa::secret::content::read(&row.payload).unwrap();
    assert_eq!(read(&after).header, read(&before).header, "the same numbers");
    assert_eq!(read(&after).random_id, random_id);
    world.alice.command(say(chat, "later"));
    world.withhold = false;
    world.settle();
    assert_eq!(world.bob.texts(), ["later"]);
    assert!(world.bob.store.deleted.contains(&(chat, random_id)));
    assert_eq!(counters(&world.bob).my_in, counters(&world.alice).my_out);
}

#[test]
fn row_44_timers_beyond_reason_are_clamped() {
    for (sent, kept) in [(-5, 0), (i32::MIN, 0), (31_536_001, 31_536_000), (i32::MAX, 31_536_000)] {
        let mut world = World::ready();
        ordered(&mut world, Action::SetTimer(sent));
        let Stage::Ready(ready) = world.bob.stage() else { panic!() };
        assert_eq!(ready.ttl, kept);
        let [line] = &world.bob.store.messages[..] else { panic!() };
        assert_eq!((&line.body, line.ttl), (&Body::TimerSet(kept), 0));
        assert!(world.bob.events.contains(&Event::Message(line.clone())));
        // A message that claims such a time burns after the clamped one.
        let said = Said { ttl: sent, ..Said::new(Body::text("x")) };
        let message = world.alice.forge(1, 6, &Content::Message(said));
        world.bob.deliver(message);
        assert_eq!(world.bob.message(6).unwrap().ttl, kept);
    }
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
fn a_screenshot_is_a_line_that_its_writer_cannot_take_back() {
    let mut world = said(&["look"]);
    let chat = world.bob.only_chat();
    world.alice.command(Command::SetTimer { chat, seconds: 7 });
    world.settle();
    ordered(&mut world, Action::ScreenshotMessages(vec![1, 2]));
    let bodies: Vec<&Body> = world.bob.store.messages.iter().map(|message| &message.body).collect();
    assert_eq!(bodies[1..], [&Body::TimerSet(7), &Body::Screenshot]);
    world.bob.crash();
    let all: Vec<i64> = world.bob.store.messages.iter().map(|message| message.random_id).collect();
    let message = world.alice.forge(1, 6, &Content::Action(Action::DeleteMessages(all.clone())));
    world.bob.news();
    world.bob.deliver(message);
    assert_eq!(world.bob.store.messages.len(), 2, "the lines stay");
    assert_eq!(world.bob.news(), [Event::Deleted { chat, random_ids: vec![all[0]] }]);
    // The user may.
    world.bob.command(Command::Delete { chat, random_ids: all[1..].to_vec() });
    assert!(world.bob.store.messages.is_empty());
}

#[test]
fn a_flush_takes_what_came_before_it_and_nothing_else() {
    let mut world = said(&["before"]);
    let chat = world.bob.only_chat();
    world.bob.handle(Input::Offline);
    world.bob.command(say(chat, "queued"));
    let after = world.alice.forge(1, 6, &text("after"));
    world.bob.deliver(after);
    assert_eq!(world.bob.store.parked.len(), 1, "it came first and waits for the flush");
    ordered(&mut world, Action::FlushHistory);
    assert_eq!(world.bob.texts(), ["after"]);
    assert_eq!(world.bob.store.messages.len(), 1);
    for row in world.bob.store.outgoing.values() {
        assert!(!row.payload.windows(6).any(|part| part == b"queued"));
    }
    assert_eq!(world.bob.events.iter().filter(|event| **event == Event::HistoryGone(chat)).count(), 1);
    world.bob.handle(Input::Online);
    world.settle();
    assert!(world.alice.texts().is_empty(), "the placeholder takes its place");
    assert!(world.alice.store.parked.is_empty());
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
fn what_was_told_as_read_is_not_taken_back() {
    let mut world = said(&["one"]);
    let chat = world.bob.only_chat();
    let max_date = world.bob.store.messages[0].date;
    let dates = |device: &mut Device| -> Vec<i32> {
        let date = |call: &Call| match call {
            Call::ReadEncryptedHistory { max_date, .. } => *max_date,
            other => panic!("{other:?}"),
        };
        device.calls.iter().map(date).collect()
    };
    world.bob.command(Command::Seen { chat, max_date });
    world.bob.command(Command::Seen { chat, max_date: max_date + 9 });
    assert_eq!(dates(&mut world.bob), [max_date], "one in flight");
    world.serve_next(BOB);
    assert_eq!(dates(&mut world.bob), [max_date + 9], "then the newest");
    world.settle();
    world.bob.command(Command::Seen { chat, max_date });
    assert!(world.bob.calls.is_empty());
    // A message with an older date comes late: it is told by a date that takes nothing back.
    let message = world.alice.forge(0, 6, &text("late"));
    world.bob.deliver(EncryptedMessage { date: max_date - 1, ..message });
    world.bob.command(Command::Seen { chat, max_date });
    assert_eq!(dates(&mut world.bob), [max_date + 9]);
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

#[test]
fn a_hole_that_cannot_close_any_more_is_told() {
    let mut world = said(&["one"]);
    let chat = world.bob.only_chat();
    let ahead = world.alice.forge(2, 8, &text("ahead"));
    world.bob.news();
    world.bob.deliver(ahead);
    assert_eq!(world.bob.news(), [Event::Missing { chat, count: 2 }]);
    world.bob.crash();
    assert_eq!(world.bob.machine.missing().collect::<Vec<_>>(), [(chat, 2)], "known after a restart");
    let far = world.alice.forge(2_000, 9, &text("far"));
    world.bob.deliver(far);
    assert_eq!(closing(&world.bob), &Closing::Refused(PeerFault::Gap(2_000)));
    let news = world.bob.news();
    let [Event::Chat(view), Event::Trouble { chat: Some(of), trouble }] = &news[..] else {
        panic!("{news:?}")
    };
    assert_eq!(view.state, ChatState::Closed(Closing::Refused(PeerFault::Gap(2_000))));
    assert_eq!((*of, trouble), (chat, &Trouble::NeverCame { missing: 2, waiting: 1 }));
    assert_eq!(world.bob.machine.missing().count(), 0);
}
