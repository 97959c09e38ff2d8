//! What the two do to each other's history, what the account suffers, and what the user is told of it.

use subrosa::secret::chat::Stage;
use subrosa::secret::content::{Action, Content, Said};
use subrosa::secret::fault::{Closing, PeerFault, Trouble};
use subrosa::secret::record::*;
use subrosa::secret::sequence::Counters;
use subrosa::secret::step::*;

use crate::world::{BOB, Device, World, say};

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
