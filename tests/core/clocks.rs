//! Self-destruct on both sides: what starts a clock, what it survives, and what is left when it ends.

use rand::SeedableRng;
use rand::rngs::StdRng;
use subrosa::secret::chat::{Side, Stage};
use subrosa::secret::content::{self, Content, Said};
use subrosa::secret::message::{Attachment, FileSecret, Kind};
use subrosa::secret::record::*;
use subrosa::secret::step::*;

use crate::world::{BOB, Device, World, say};

const PHOTO: Kind = Kind::Photo { width: 1, height: 1 };
const ID: i64 = 4711;

fn voice(duration: i32) -> Kind {
    Kind::Voice { duration, waveform: Vec::new() }
}

fn file(chat: ChatId, kind: Kind, ttl: i32, direction: Direction) -> Message {
    let body = Body::File(Box::new(Attachment {
        kind,
        name: String::new(),
        mime: String::new(),
        size: 1,
        caption: Text::default(),
        thumb: None,
        secret: FileSecret::new([0; 32], [0; 32]),
        place: None,
    }));
    Message { ttl, ..Message::new(chat, ID, direction, 1_700_000_002, body) }
}

/// A chat in which Alice has sent a file to Bob, who has not looked at it.
fn with_file(kind: Kind, ttl: i32) -> World {
    let mut world = World::ready();
    let chat = world.alice.only_chat();
    let own = file(chat, kind.clone(), ttl, Direction::Out);
    world.alice.plant(Message { delivery: Delivery::Sent, ..own });
    world.bob.plant(file(chat, kind, ttl, Direction::In));
    world.settle();
    world
}

/// A chat in which Alice has sent Bob a text that lives so long, who has not seen it.
fn with_text(ttl: i32) -> (World, i64) {
    let mut world = World::ready();
    let chat = world.alice.only_chat();
    world.alice.command(Command::SetTimer { chat, seconds: ttl });
    world.alice.command(say(chat, "burn after reading"));
    world.settle();
    let random_id = world.alice.store.messages.last().unwrap().random_id;
    world.alice.news();
    world.bob.news();
    (world, random_id)
}

fn see_all(device: &mut Device) {
    let max_date = device.store.messages.iter().map(|message| message.date).max().unwrap();
    device.command(Command::Seen { chat: device.only_chat(), max_date });
}

fn ends(device: &Device, random_id: i64) -> Option<i64> {
    device.message(random_id).unwrap().destruct_ms
}

fn burnt(chat: ChatId, random_id: i64) -> Event {
    Event::Deleted { chat, random_ids: vec![random_id] }
}

/// The device has the message until `ms` from now, and not a millisecond longer.
fn lives_for(device: &mut Device, random_id: i64, ms: u64) {
    device.sleep(ms - 1);
    assert!(device.message(random_id).is_some(), "gone too early");
    device.sleep(1);
    assert_eq!(device.message(random_id), None, "still there");
    assert!(device.store.deleted.contains(&(device.only_chat(), random_id)));
    let chat = device.only_chat();
    assert!(device.events.contains(&burnt(chat, random_id)));
}

#[test]
fn an_incoming_text_burns_from_the_moment_it_is_seen() {
    let (mut world, id) = with_text(10);
    world.bob.sleep(3_600_000);
    assert_eq!(ends(&world.bob, id), None, "nobody has seen it");
    see_all(&mut world.bob);
    let (chat, at_ms) = (world.bob.only_chat(), world.bob.now_ms + 10_000);
    assert!(world.bob.events.contains(&Event::Destruct { chat, random_id: id, at_ms }));
    assert_eq!(world.bob.wake_at, Some(at_ms));
    let calls = world.bob.calls.len();
    lives_for(&mut world.bob, id, 10_000);
    assert_eq!(world.bob.calls.len(), calls, "nothing is sent for it");
    assert_eq!(world.bob.store.messages.len(), 1, "the timer's line stays");
}

#[test]
fn an_own_text_burns_from_the_moment_the_peer_has_read_it() {
    let (mut world, id) = with_text(10);
    world.alice.sleep(3_600_000);
    assert_eq!(ends(&world.alice, id), None);
    let read_at = world.alice.now_ms / 1000;
    // The notice took four seconds to come.
    world.alice.pass(4_000);
    world.date = i32::try_from(read_at).unwrap() - 1;
    see_all(&mut world.bob);
    world.settle();
    assert_eq!(ends(&world.alice, id), Some(read_at * 1000 + 10_000));
    lives_for(&mut world.alice, id, 6_000);
}

#[test]
fn a_reading_in_the_future_is_one_of_now() {
    let (mut world, id) = with_text(10);
    world.date = 1_800_000_000;
    see_all(&mut world.bob);
    world.settle();
    lives_for(&mut world.alice, id, 10_000);
}

#[test]
fn a_reading_of_long_ago_burns_at_once() {
    let (mut world, id) = with_text(10);
    world.alice.pass(600_000);
    see_all(&mut world.bob);
    world.settle();
    assert_eq!(world.alice.message(id), None);
    let chat = world.alice.only_chat();
    assert!(world.alice.events.contains(&burnt(chat, id)));
}

#[test]
fn protected_content_burns_on_both_sides_from_its_opening() {
    let mut world = with_file(PHOTO, 10);
    let chat = world.bob.only_chat();
    see_all(&mut world.bob);
    world.settle();
    assert_eq!((ends(&world.bob, ID), ends(&world.alice, ID)), (None, None), "seen is not opened");
    world.alice.pass(5_000);
    world.bob.pass(5_000);
    world.bob.command(Command::OpenContent { chat, random_id: ID });
    world.bob.command(Command::OpenContent { chat, random_id: ID });
    assert_eq!(world.bob.calls.len(), 1, "told once");
    world.settle();
    for device in [&world.alice, &world.bob] {
        assert!(device.message(ID).unwrap().opened);
        assert_eq!(ends(device, ID), Some(device.now_ms + 10_000));
        assert_eq!(device.events.iter().filter(|e| **e == Event::Opened { chat, random_id: ID }).count(), 1);
    }
    lives_for(&mut world.alice, ID, 10_000);
    lives_for(&mut world.bob, ID, 10_000);
}

#[test]
fn nobody_opens_what_they_wrote_themselves() {
    for kind in [PHOTO, voice(3)] {
        let mut world = with_file(kind, 10);
        let chat = world.alice.only_chat();
        world.alice.command(Command::OpenContent { chat, random_id: ID });
        assert!(world.alice.calls.is_empty(), "looking at one's own picture tells nobody");
        let claimed = Content::Action(content::Action::ReadMessages(vec![ID]));
        let forged = world.alice.forge(0, 5, &claimed);
        world.bob.deliver(forged);
        for device in [&world.alice, &world.bob] {
            assert_eq!((device.message(ID).unwrap().opened, ends(device, ID)), (false, None));
        }
    }
}

#[test]
fn a_picture_with_a_long_timer_is_not_protected() {
    let mut world = with_file(PHOTO, 61);
    let chat = world.bob.only_chat();
    world.bob.command(Command::OpenContent { chat, random_id: ID });
    assert!(world.bob.calls.is_empty() && !world.bob.message(ID).unwrap().opened);
    see_all(&mut world.bob);
    world.settle();
    lives_for(&mut world.bob, ID, 61_000);
    assert!(ends(&world.alice, ID).is_some(), "read, so it burns there too");
}

#[test]
fn a_sound_is_heard_to_its_end_by_its_reader() {
    let mut world = with_file(voice(30), 10);
    let chat = world.bob.only_chat();
    world.bob.command(Command::OpenContent { chat, random_id: ID });
    world.settle();
    lives_for(&mut world.bob, ID, 31_000);
    lives_for(&mut world.alice, ID, 10_000);
}

#[test]
fn listening_is_told_even_without_a_timer() {
    for kind in [voice(3), Kind::Video { width: 1, height: 1, duration: 3, round: true }] {
        let mut world = with_file(kind, 0);
        let chat = world.bob.only_chat();
        world.bob.command(Command::OpenContent { chat, random_id: ID });
        world.settle();
        world.bob.command(Command::OpenContent { chat, random_id: ID });
        assert!(world.bob.calls.is_empty(), "told once");
        for device in [&mut world.alice, &mut world.bob] {
            assert!(device.message(ID).unwrap().opened);
            assert_eq!(ends(device, ID), None);
            device.sleep(86_400_000);
            assert!(device.message(ID).is_some());
            device.crash();
        }
        world.bob.command(Command::OpenContent { chat, random_id: ID });
        assert!(world.bob.calls.is_empty(), "nor after a restart");
    }
}

#[test]
fn what_was_not_sent_or_failed_has_no_clock() {
    let (mut world, _) = with_text(10);
    let chat = world.alice.only_chat();
    world.alice.command(say(chat, "refused"));
    world.alice.command(say(chat, "queued"));
    let call = world.alice.calls.pop_front().unwrap();
    let [.., refused, queued] = &world.alice.store.messages[..] else { panic!() };
    let (refused, queued) = (refused.random_id, queued.random_id);
    world.alice.answer(&call, Err(CallError::Rpc { code: 400, name: "DATA_TOO_LONG".into(), value: None }));
    let reads = vec![MessagesRead { chat, max_date: i32::MAX, date: 1_700_000_000 }];
    let marks = world.alice.store.marks;
    world.alice.handle(Input::Batch(Batch { reads, marks, ..Batch::default() }));
    assert_eq!((ends(&world.alice, refused), ends(&world.alice, queued)), (None, None));
    world.alice.sleep(86_400_000);
    assert!(world.alice.message(refused).is_some() && world.alice.message(queued).is_some());
    world.alice.crash();
    assert_eq!((ends(&world.alice, refused), ends(&world.alice, queued)), (None, None));
}

#[test]
fn a_message_that_was_read_before_its_answer_came_burns_from_then() {
    let (mut world, _) = with_text(10);
    let chat = world.alice.only_chat();
    world.alice.command(say(chat, "overtaken"));
    let id = world.alice.store.messages.last().unwrap().random_id;
    let call = world.alice.calls.pop_front().unwrap();
    let date = i32::try_from(world.alice.now_ms / 1000).unwrap();
    let reads = vec![MessagesRead { chat, max_date: date, date }];
    let marks = world.alice.store.marks;
    world.alice.handle(Input::Batch(Batch { reads, marks, ..Batch::default() }));
    assert_eq!(ends(&world.alice, id), None, "not sent yet, for all we know");
    world.alice.pass(3_000);
    world.alice.answer(&call, Ok(Answer::Sent { date, file: None }));
    lives_for(&mut world.alice, id, 7_000);
}

#[test]
fn content_that_was_opened_before_its_answer_came_burns_when_it_comes() {
    let mut world = with_file(PHOTO, 10);
    let chat = world.bob.only_chat();
    // The same picture, but the server has not answered for it.
    world.alice.store.messages.pop();
    let Stage::Ready(ready) = &mut world.alice.store.chats.get_mut(&chat).unwrap().stage else { panic!() };
    let (number, header) = (ready.counters.my_out, ready.counters.write(Side::Originator, 144));
    let photo = Content::Message(Said::new(Body::text("photo")));
    let payload = content::write(header, ID, &photo, &mut StdRng::seed_from_u64(3));
    let (service, silent, rewritable, answered, file_there) = (false, false, true, false, None);
    world.alice.store.outgoing.insert(
        (chat, number),
        Outgoing {
            chat,
            number,
            random_id: ID,
            payload,
            service,
            silent,
            file: file_there,
            rewritable,
            answered,
            told: answered,
        },
    );
    world.alice.plant(file(chat, PHOTO, 10, Direction::Out));
    let call = world.alice.calls.pop_front().unwrap();
    world.bob.command(Command::OpenContent { chat, random_id: ID });
    world.serve_next(BOB);
    let opened = world.to_alice.pop_front().unwrap();
    world.alice.deliver(opened);
    assert!(world.alice.message(ID).unwrap().opened);
    assert_eq!(ends(&world.alice, ID), None, "not sent, for all we know");
    world.alice.pass(2_000);
    world.alice.answer(&call, Ok(Answer::Sent { date: 1_700_000_002, file: None }));
    lives_for(&mut world.alice, ID, 10_000);
}

#[test]
fn an_end_that_came_while_the_program_was_off_comes_first() {
    let (mut world, id) = with_text(10);
    see_all(&mut world.bob);
    let now = world.bob.now_ms;
    world.bob.restart_at(now + 9_999);
    world.bob.handle(Input::Offline);
    assert!(world.bob.message(id).is_some());
    world.bob.restart_at(now + 10_000);
    let (chat, moment) = (world.bob.only_chat(), Moment { unix_ms: now + 10_000, mono_ms: 0 });
    assert!(world.bob.machine.overdue(moment));
    let message = world.bob.message(id).unwrap().clone();
    assert_eq!(world.bob.machine.told(message, moment), None, "not even if somebody asks first");
    // Whatever it is that happens.
    world.bob.command(say(chat, "good morning"));
    assert_eq!(world.bob.events.first(), Some(&burnt(chat, id)));
    assert_eq!(world.bob.message(id), None);
}

#[test]
fn row_41_a_clock_set_back_does_not_lengthen_a_life() {
    // Back by a year, while the program is off.
    let (mut world, id) = with_text(1);
    see_all(&mut world.bob);
    world.bob.restart_at(world.bob.now_ms - 31_536_000_000);
    world.bob.handle(Input::Wake);
    assert_eq!(world.bob.wake_at, Some(world.bob.now_ms + 1_000));
    lives_for(&mut world.bob, id, 1_000);

    // And while it is on, after half of the time.
    let (mut world, id) = with_text(10);
    see_all(&mut world.bob);
    world.bob.sleep(5_000);
    world.bob.now_ms -= 31_536_000_000;
    world.bob.news();
    world.bob.handle(Input::Wake);
    let (chat, at_ms) = (world.bob.only_chat(), world.bob.now_ms + 5_000);
    assert_eq!(
        world.bob.news(),
        [Event::Destruct { chat, random_id: id, at_ms }],
        "the countdown is told anew"
    );
    let moment = Moment { unix_ms: world.bob.now_ms, mono_ms: world.bob.mono_ms };
    let stored = world.bob.message(id).unwrap().clone();
    let told = world.bob.machine.told(stored, moment).unwrap();
    assert_eq!(told.destruct_ms, Some(at_ms), "and a history read now says the same");
    lives_for(&mut world.bob, id, 5_000);
}

#[test]
fn a_kill_and_a_clock_set_back_cost_a_minute_at_most() {
    let (mut world, id) = with_text(3_600);
    see_all(&mut world.bob);
    for _ in 0..3_030 {
        world.bob.sleep(1_000);
    }
    world.bob.restart_at(0);
    world.bob.handle(Input::Wake);
    // Nine and a half minutes were left; half a minute is given again.
    lives_for(&mut world.bob, id, 600_000);
}

#[test]
fn a_clock_set_forward_burns_at_once() {
    let (mut world, id) = with_text(10);
    see_all(&mut world.bob);
    world.bob.now_ms += 10_000;
    world.bob.handle(Input::Wake);
    assert_eq!(world.bob.message(id), None);
}

#[test]
fn a_clock_that_was_ahead_by_mistake_does_not_count_against_later_messages() {
    let (mut world, first) = with_text(10);
    let chat = world.alice.only_chat();
    see_all(&mut world.bob);
    world.bob.now_ms += 31_536_000_000;
    world.bob.handle(Input::Wake);
    world.bob.now_ms -= 31_536_000_000;
    assert_eq!(world.bob.message(first), None);
    world.alice.command(say(chat, "the second"));
    world.settle();
    let id = world.bob.store.messages.last().unwrap().random_id;
    see_all(&mut world.bob);
    assert_eq!(ends(&world.bob, id), Some(world.bob.now_ms + 10_000));
    let now = world.bob.now_ms;
    world.bob.restart_at(now + 10_000);
    world.bob.handle(Input::Wake);
    assert_eq!(world.bob.message(id), None, "the time it was off counts");
}

#[test]
fn the_clock_is_stored_while_one_runs_and_only_then() {
    let (mut world, _) = with_text(600);
    let chat = world.bob.only_chat();
    assert_eq!(world.bob.store.clock_ms, 0);
    see_all(&mut world.bob);
    assert_eq!(world.bob.store.clock_ms, world.bob.now_ms, "with the start");
    world.bob.pass(10_000);
    world.bob.command(say(chat, "x"));
    assert_eq!(world.bob.store.clock_ms, world.bob.now_ms, "with any commit");
    world.bob.sleep(60_000);
    assert_eq!(world.bob.store.clock_ms, world.bob.now_ms, "every minute");
    world.bob.sleep(600_000);
    let last = world.bob.store.clock_ms;
    world.bob.pass(10_000);
    world.bob.command(say(chat, "y"));
    assert_eq!(world.bob.store.clock_ms, last, "nothing depends on it");
    let next = world.bob.wake_at.filter(|&at| at > world.bob.now_ms);
    assert!(
        next.is_none_or(|at| at > world.bob.now_ms + 86_400_000),
        "and nothing ticks but the age of the key"
    );
}

#[test]
fn unconfirmed_content_is_replaced_and_nothing_is_sent() {
    let (mut world, id) = with_text(10);
    see_all(&mut world.bob);
    world.settle();
    let kept = |device: &Device| {
        let of = |row: &&Outgoing| row.random_id == id;
        device.store.outgoing.values().find(of).map(|row| (row.number, row.payload.to_vec())).unwrap()
    };
    let (number, payload) = kept(&world.alice);
    assert!(payload.windows(18).any(|part| part == b"burn after reading"), "not confirmed yet");
    world.alice.sleep(10_000);
    let (still, payload) = kept(&world.alice);
    assert_eq!(still, number);
    assert!(!payload.windows(18).any(|part| part == b"burn after reading"));
    assert!(world.alice.calls.is_empty());
    let counters = |device: &Device| match device.stage() {
        Stage::Ready(ready) => ready.counters,
        other => panic!("{other:?}"),
    };
    assert_eq!(counters(&world.alice).my_out, counters(&world.bob).my_in, "no number was spent");
    world.alice.crash();
    assert_eq!(world.alice.message(id), None);
}

#[test]
fn the_soonest_end_wakes_first() {
    let (mut world, first) = with_text(100);
    let chat = world.alice.only_chat();
    world.alice.command(Command::SetTimer { chat, seconds: 5 });
    world.alice.command(say(chat, "short"));
    world.settle();
    let second = world.bob.store.messages.last().unwrap().random_id;
    see_all(&mut world.bob);
    assert_eq!(world.bob.wake_at, Some(world.bob.now_ms + 5_000));
    lives_for(&mut world.bob, second, 5_000);
    assert!(world.bob.message(first).is_some());
    assert_eq!(world.bob.wake_at, Some(world.bob.now_ms + 60_000), "a minute at most");
}

#[test]
fn a_closed_chat_burns_on() {
    let (mut world, id) = with_text(10);
    let chat = world.alice.only_chat();
    world.alice.command(Command::Close { chat, delete_history: false });
    world.settle();
    see_all(&mut world.bob);
    assert!(world.bob.calls.is_empty(), "nobody is told");
    lives_for(&mut world.bob, id, 10_000);

    let mut world = with_file(PHOTO, 10);
    world.alice.command(Command::Close { chat, delete_history: false });
    world.settle();
    world.bob.command(Command::OpenContent { chat, random_id: ID });
    assert!(world.bob.calls.is_empty());
    lives_for(&mut world.bob, ID, 10_000);
}

#[test]
fn what_was_deleted_does_not_burn_again() {
    for flush in [false, true] {
        let (mut world, id) = with_text(10);
        let chat = world.alice.only_chat();
        see_all(&mut world.bob);
        world.settle();
        let command =
            if flush { Command::Flush(chat) } else { Command::Delete { chat, random_ids: vec![id] } };
        world.alice.command(command);
        world.settle();
        for device in [&mut world.alice, &mut world.bob] {
            assert_eq!(device.message(id), None);
            device.news();
            device.sleep(10_000);
            assert_eq!(device.news(), []);
            assert!(!device.machine.clocks_run());
        }
    }
}

#[test]
fn a_late_repetition_does_not_bring_a_burnt_message_back() {
    let (mut world, id) = with_text(10);
    see_all(&mut world.bob);
    world.bob.sleep(10_000);
    let words = Said::new(Body::text("again"));
    let again = world.alice.forge(0, id, &Content::Message(words));
    world.bob.crash();
    world.bob.deliver(again);
    assert_eq!(world.bob.message(id), None);
    assert_eq!(world.bob.me, BOB);
}
