//! Self-destruct: a clock that never runs back, and what is kept in mind of every message that waits for it.
//!
//! A message promises to live no longer than its time after it was read. So its clock must not be held up by setting the
//! computer's: deadlines are points on a clock of our own, which follows the wall clock forward but never back, and whose
//! reading is stored while a deadline depends on it. When a message's clock starts depends on what the message is and who wrote
//! it, so that much of each mortal message stays in memory; what it says does not.

use std::collections::{BTreeMap, BTreeSet};

use super::message::{Body, Delivery, Direction, Kind, Message};
use super::record::Moment;

/// Content with a time up to this (seconds) is protected if it is a picture, a film or a sound: shown only while held open,
/// and its time begins when it is opened.
pub const PROTECTED_TTL: i32 = 60;

/// The longest that a message is kept from burning by its own duration, seconds: one year, like the longest timer.
const MAX_LIFETIME: i32 = 365 * 24 * 60 * 60;

/// The clock of the deadlines, in milliseconds. It agrees with the wall clock until that is set back; then it goes on by itself.
#[derive(Clone, Copy, Debug)]
pub struct Clock {
    ms: i64,
    /// The reading of the rising clock at the last look; `None` before the first one in this process.
    mono_ms: Option<u64>,
}

impl Clock {
    /// The clock of a program that starts again; `stored_ms` is its last stored reading.
    pub fn resumed(stored_ms: i64) -> Clock {
        Clock { ms: stored_ms, mono_ms: None }
    }

    /// Reads it: never less than before, never behind the wall clock, and never slower than time passes.
    pub fn read(&mut self, now: Moment) -> i64 {
        self.ms = self.at(now);
        self.mono_ms = Some(now.mono_ms);
        self.ms
    }

    /// What it would show, without a look at it.
    pub fn at(&self, now: Moment) -> i64 {
        let passed = self.mono_ms.map_or(0, |before| now.mono_ms.saturating_sub(before));
        let passed = i64::try_from(passed).unwrap_or(i64::MAX);
        self.ms.saturating_add(passed).max(now.unix_ms)
    }

    /// Sets it by the wall clock: for when no deadline depends on it, so that a wall clock that was ahead by mistake does not
    /// count against messages to come.
    pub fn set(&mut self, now: Moment) -> i64 {
        self.ms = now.unix_ms;
        self.mono_ms = Some(now.mono_ms);
        self.ms
    }
}

/// Whether a message is to be shown only while it is held open.
pub fn is_protected(message: &Message) -> bool {
    (1..=PROTECTED_TTL).contains(&message.ttl) && kind(&message.body).is_some_and(is_seen_or_heard)
}

/// Whether a message is listened to: a voice message or a video note, of which its writer learns that it was opened.
pub fn is_spoken(message: &Message) -> bool {
    matches!(kind(&message.body), Some(Kind::Voice { .. } | Kind::Video { round: true, .. }))
}

fn is_seen_or_heard(kind: &Kind) -> bool {
    match kind {
        Kind::Photo { .. }
        | Kind::Video { .. }
        | Kind::Animation { .. }
        | Kind::Voice { .. }
        | Kind::Audio { .. } => true,
        Kind::Sticker { .. } | Kind::Document => false,
    }
}

fn kind(body: &Body) -> Option<&Kind> {
    match body {
        Body::File(file) => Some(&file.kind),
        _ => None,
    }
}

/// Seconds that a message lives once its clock has started; 0 if it has none. A reader gets to the end of a sound or a film.
fn lifetime(message: &Message) -> i32 {
    let ttl = message.ttl.clamp(0, MAX_LIFETIME);
    match (kind(&message.body), message.direction) {
        (Some(kind), Direction::In) if ttl > 0 && kind.duration() > 0 => {
            ttl.max(kind.duration().saturating_add(1)).min(MAX_LIFETIME)
        }
        _ => ttl,
    }
}

/// A message whose clock will start or runs, or of which its writer is still to learn that it was listened to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mortal {
    pub direction: Direction,
    /// Unix seconds, as in the history.
    pub date: i32,
    /// Seconds from the start of its clock to its end; 0 if it has no clock.
    pub lifetime: i32,
    pub protected: bool,
    pub spoken: bool,
    pub opened: bool,
    /// The server has it: only then may the clock of an own message start.
    pub sent: bool,
    /// The end, on the [`Clock`]; `None` while the message's clock does not run.
    pub destruct_ms: Option<i64>,
}

impl Mortal {
    /// What is to be kept in mind of a message; `None` if nothing.
    pub fn of(message: &Message) -> Option<Mortal> {
        if message.body.is_service() || message.delivery == Delivery::Failed {
            return None;
        }
        let mortal = Mortal {
            direction: message.direction,
            date: message.date,
            lifetime: lifetime(message),
            protected: is_protected(message),
            spoken: is_spoken(message),
            opened: message.opened,
            sent: message.delivery != Delivery::Queued,
            destruct_ms: message.destruct_ms,
        };
        mortal.matters().then_some(mortal)
    }

    /// Whether anything can still come of it.
    fn matters(&self) -> bool {
        self.lifetime > 0 || (self.spoken && !self.opened)
    }

    /// Whether opening it means something: to its clock or to its writer.
    pub fn can_be_opened(&self) -> bool {
        (self.protected || self.spoken) && !self.opened
    }

    /// Whether its clock starts by its being read rather than opened, and has not yet.
    pub fn starts_when_read(&self) -> bool {
        self.lifetime > 0 && !self.protected && self.destruct_ms.is_none()
    }
}

/// The mortal messages of one chat by `random_id`, and the ends of those whose clocks run.
#[derive(Debug, Default)]
pub struct Mortals {
    all: BTreeMap<i64, Mortal>,
    ends: BTreeSet<(i64, i64)>,
}

impl Mortals {
    pub fn insert(&mut self, random_id: i64, mortal: Mortal) {
        self.remove(random_id);
        if let Some(end) = mortal.destruct_ms {
            self.ends.insert((end, random_id));
        }
        self.all.insert(random_id, mortal);
    }

    pub fn remove(&mut self, random_id: i64) {
        if let Some(end) = self.all.remove(&random_id).and_then(|mortal| mortal.destruct_ms) {
            self.ends.remove(&(end, random_id));
        }
    }

    pub fn clear(&mut self) {
        self.all.clear();
        self.ends.clear();
    }

    pub fn get(&self, random_id: i64) -> Option<Mortal> {
        self.all.get(&random_id).copied()
    }

    /// Those that fit, by `random_id`.
    pub fn which(&self, fits: impl Fn(&Mortal) -> bool) -> Vec<i64> {
        self.all.iter().filter(|(_, mortal)| fits(mortal)).map(|(&random_id, _)| random_id).collect()
    }

    /// Changes one; it is forgotten if nothing can come of it any more.
    pub fn change(&mut self, random_id: i64, change: impl FnOnce(&mut Mortal)) {
        if let Some(mut mortal) = self.get(random_id) {
            change(&mut mortal);
            self.remove(random_id);
            if mortal.matters() {
                self.insert(random_id, mortal);
            }
        }
    }

    /// The ends of the running clocks, soonest first, with the `random_id`s.
    pub fn ends(&self) -> impl Iterator<Item = (i64, i64)> {
        self.ends.iter().copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::secret::message::{Attachment, FileSecret, Text};
    use crate::secret::record::ChatId;

    fn at(unix_ms: i64, mono_ms: u64) -> Moment {
        Moment { unix_ms, mono_ms }
    }

    #[test]
    fn the_clock_follows_forward_and_never_back() {
        let mut clock = Clock::resumed(1_000);
        assert_eq!(clock.read(at(500, 0)), 1_000, "the wall clock was set back while the program was off");
        assert_eq!(clock.read(at(600, 100)), 1_100);
        assert_eq!(clock.read(at(5_000, 200)), 5_000, "forward at once");
        assert_eq!(clock.read(at(-9, 300)), 5_100, "back while on: time passes all the same");
        assert_eq!(clock.at(at(-9, 400)), 5_200);
        assert_eq!(clock.read(at(0, 250)), 5_100, "a rising clock that fell is no time");
        assert_eq!(clock.set(at(7, 500)), 7);
        assert_eq!(Clock::resumed(i64::MAX).read(at(0, 9)), i64::MAX);
    }

    fn file(kind: Kind, ttl: i32, direction: Direction) -> Message {
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
        Message { ttl, ..Message::new(ChatId(1), 1, direction, 7, body) }
    }

    fn voice(duration: i32) -> Kind {
        Kind::Voice { duration, waveform: Vec::new() }
    }

    #[test]
    fn protected_is_decided_on_the_timer_as_it_was_set() {
        let photo = Kind::Photo { width: 1, height: 1 };
        for (kind, ttl, protected) in [
            (photo.clone(), 1, true),
            (photo.clone(), 60, true),
            (photo.clone(), 61, false),
            (photo, 0, false),
            (voice(100), 60, true),
            (Kind::Video { width: 1, height: 1, duration: 9, round: true }, 5, true),
            (Kind::Animation { width: 1, height: 1, duration: 0 }, 5, true),
            (Kind::Audio { duration: 3, title: String::new(), performer: String::new() }, 5, true),
            (Kind::Document, 5, false),
            (Kind::Sticker { emoji: String::new() }, 5, false),
        ] {
            assert_eq!(is_protected(&file(kind, ttl, Direction::In)), protected, "{ttl}");
        }
        let text = Message { ttl: 5, ..Message::new(ChatId(1), 1, Direction::In, 7, Body::text("x")) };
        assert!(!is_protected(&text));
    }

    #[test]
    fn a_reader_gets_to_the_end_of_a_sound() {
        let life = |duration, ttl, direction| {
            Mortal::of(&file(voice(duration), ttl, direction)).map(|mortal| mortal.lifetime)
        };
        assert_eq!(life(90, 10, Direction::In), Some(91));
        assert_eq!(life(90, 10, Direction::Out), Some(10));
        assert_eq!(life(3, 10, Direction::In), Some(10));
        assert_eq!(life(-3, 10, Direction::In), Some(10));
        assert_eq!(life(i32::MAX, 10, Direction::In), Some(MAX_LIFETIME));
        assert_eq!(life(90, 0, Direction::In), Some(0), "no timer: only listened to");
    }

    #[test]
    fn what_nothing_can_come_of_is_not_kept_in_mind() {
        let message = file(voice(3), 0, Direction::In);
        assert_eq!(Mortal::of(&Message { opened: true, ..message.clone() }), None);
        let failed = Message { delivery: Delivery::Failed, ttl: 5, ..message.clone() };
        assert_eq!(Mortal::of(&failed), None);
        assert_eq!(Mortal::of(&file(Kind::Document, 0, Direction::In)), None);
        let mut mortals = Mortals::default();
        mortals.insert(1, Mortal::of(&message).unwrap());
        mortals.change(1, |mortal| mortal.opened = true);
        assert_eq!(mortals.get(1), None);
    }
}
