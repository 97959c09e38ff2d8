//! Self-destruct clocks: when they start, and what happens when one ends.
//!
//! | | incoming message | own message |
//! |---|---|---|
//! | not protected | when the user has seen it | when the peer has read it, from the moment that the server names |
//! | protected | when the user opens it, which the peer is told | when the peer tells that it was opened |
//!
//! At the end each side destroys its own copy and says nothing. The machine looks at its clock before anything else, so whatever
//! wakes it, nothing is done with a message that should be gone; and a clock whose end came while nobody was awake ends first
//! thing after the start.

use std::collections::HashSet;

use super::Machine;
use super::room::Room;
use super::turn::Turn;
use crate::secret::content::Action;
use crate::secret::fault::Trouble;
use crate::secret::record::{Direction, Message, Moment};
use crate::secret::step::{Change, Event, MessagesRead};
use crate::secret::timer::{Clock, Mortal};

/// While a clock runs its reading is stored at least this often: so much may a kill and a wall clock set back cost together.
const STORE_EVERY_MS: u64 = 60_000;

/// The wall clock was set when it parts from ours by more than this; countdowns on a screen are whole seconds.
const NOTICED_MS: u64 = 1_000;

impl Machine {
    /// The self-destruct clock, to be kept over a restart from the vault in the same process.
    pub fn clock(&self) -> Clock {
        self.clock
    }

    /// Goes on with a clock that may be ahead of the stored one.
    #[must_use]
    pub fn with_clock(mut self, clock: Clock) -> Machine {
        self.clock = clock;
        self
    }

    /// Whether any message's clock runs.
    pub fn clocks_run(&self) -> bool {
        self.next_end().is_some()
    }

    /// Whether a message should be gone by now, so that the machine has to be woken before history is told.
    pub fn overdue(&self, now: Moment) -> bool {
        self.next_end().is_some_and(|end| end <= self.clock.at(now))
    }

    /// A message of the vault as front ends get it: the end of its clock on the wall clock of now. `None` if it should be gone.
    pub fn told(&self, message: Message, now: Moment) -> Option<Message> {
        let Some(end) = message.destruct_ms else { return Some(message) };
        let own_ms = self.clock.at(now);
        (end > own_ms).then(|| Message { destruct_ms: Some(on_the_wall(end, own_ms, now)), ..message })
    }

    /// Looks at the clock. While nothing depends on it, it follows the wall clock in both directions.
    pub(super) fn look_at_clock(&mut self, now: Moment) -> i64 {
        if self.clocks_run() { self.clock.read(now) } else { self.clock.set(now) }
    }

    /// Destroys what is due.
    pub(super) fn burn(&mut self, turn: &mut Turn<'_>) {
        for room in self.rooms.values_mut() {
            room.burn(turn);
        }
    }

    /// Tells the countdowns anew if the wall clock was set.
    pub(super) fn correct_countdowns(&mut self, turn: &mut Turn<'_>) {
        let apart = turn.now.unix_ms.saturating_sub(turn.own_ms);
        let before = *self.apart_ms.get_or_insert(apart);
        if before.abs_diff(apart) <= NOTICED_MS {
            return;
        }
        self.apart_ms = Some(apart);
        for room in self.rooms.values() {
            for (end, random_id) in room.mortals.ends() {
                turn.countdown(room.chat.id, random_id, end);
            }
        }
    }

    /// Plans the next look at the clock, and has its reading stored: with whatever is committed, and when woken for that.
    pub(super) fn wind(&self, woken: bool, turn: &mut Turn<'_>) {
        if let Some(end) = self.next_end() {
            let left = u64::try_from(end.saturating_sub(turn.own_ms)).unwrap_or(0);
            turn.wake_in(left.min(STORE_EVERY_MS));
            turn.store_clock(woken);
        }
    }

    fn next_end(&self) -> Option<i64> {
        self.rooms.values().filter_map(|room| Some(room.mortals.ends().next()?.0)).min()
    }
}

/// A reading of our clock as one of the wall clock of now.
pub(super) fn on_the_wall(end_ms: i64, own_ms: i64, now: Moment) -> i64 {
    end_ms.saturating_sub(own_ms).saturating_add(now.unix_ms)
}

impl Room {
    /// A message has come into the history: what has to be known of it later is kept in mind.
    pub fn keep_in_mind(&mut self, message: &Message) {
        if message.body.is_service() {
            self.lines.insert(message.random_id);
        }
        if let Some(mortal) = Mortal::of(message) {
            self.mortals.insert(message.random_id, mortal);
        }
    }

    /// Messages are gone from the history.
    pub fn forget(&mut self, random_ids: &[i64]) {
        for random_id in random_ids {
            self.mortals.remove(*random_id);
            self.lines.remove(random_id);
        }
    }

    /// The user has seen all incoming messages up to a date.
    pub fn seen_up_to(&mut self, max_date: i32, turn: &mut Turn<'_>) {
        let seen = |mortal: &Mortal| {
            mortal.direction == Direction::In && mortal.starts_when_read() && mortal.date <= max_date
        };
        for random_id in self.mortals.which(seen) {
            self.start_clock(random_id, 0, turn);
        }
    }

    /// The peer has read all own messages up to a date; a reading in the future is one of now.
    pub fn read_up_to(&mut self, read: MessagesRead, turn: &mut Turn<'_>) {
        self.read_at = Some(read.date);
        let covered = |mortal: &Mortal| {
            mortal.direction == Direction::Out
                && mortal.sent
                && mortal.starts_when_read()
                && mortal.date <= read.max_date
        };
        for random_id in self.mortals.which(covered) {
            self.start_clock(random_id, since(read.date, turn.now), turn);
        }
    }

    /// The server has an own message. What the peer has done with it may have been told before.
    pub fn server_has(&mut self, random_id: i64, date: i32, turn: &mut Turn<'_>) {
        self.mortals.change(random_id, |mortal| {
            if !mortal.sent {
                mortal.date = date;
                mortal.sent = true;
            }
        });
        let Some(mortal) = self.mortals.get(random_id) else { return };
        let read = self.ready().is_some_and(|ready| ready.read_by_peer >= mortal.date);
        if mortal.starts_when_read() && read {
            let elapsed = self.read_at.map_or(0, |date| since(date, turn.now));
            self.start_clock(random_id, elapsed, turn);
        } else if mortal.protected && mortal.opened {
            self.start_clock(random_id, 0, turn);
        }
    }

    /// The user opens what an incoming message holds.
    pub fn open(&mut self, random_id: i64, turn: &mut Turn<'_>) -> Result<(), Trouble> {
        if !self.known.contains(&random_id) {
            return Err(Trouble::NoSuchMessage);
        }
        let incoming = |mortal: &Mortal| mortal.direction == Direction::In && mortal.can_be_opened();
        if self.mortals.get(random_id).as_ref().is_some_and(incoming) {
            self.opened(random_id, turn);
            if self.ready().is_some() {
                self.act(Action::ReadMessages(vec![random_id]), turn);
            }
        }
        Ok(())
    }

    /// The peer tells that it has opened messages. It can only have opened ours.
    pub fn opened_by_peer(&mut self, random_ids: &[i64], turn: &mut Turn<'_>) {
        for &random_id in random_ids {
            let ours = |mortal: &Mortal| mortal.direction == Direction::Out && mortal.can_be_opened();
            if self.mortals.get(random_id).as_ref().is_some_and(ours) {
                self.opened(random_id, turn);
            }
        }
    }

    fn opened(&mut self, random_id: i64, turn: &mut Turn<'_>) {
        let chat = self.chat.id;
        self.mortals.change(random_id, |mortal| mortal.opened = true);
        turn.change(Change::Opened { chat, random_id });
        turn.event(Event::Opened { chat, random_id });
        if self.mortals.get(random_id).is_some_and(|mortal| mortal.protected && mortal.sent) {
            self.start_clock(random_id, 0, turn);
        }
    }

    /// Starts the clock of a message that was read so many milliseconds ago, unless it runs.
    fn start_clock(&mut self, random_id: i64, elapsed_ms: i64, turn: &mut Turn<'_>) {
        let chat = self.chat.id;
        let Some(mortal) = self.mortals.get(random_id) else { return };
        if mortal.lifetime == 0 || mortal.destruct_ms.is_some() {
            return;
        }
        let lifetime_ms = i64::from(mortal.lifetime) * 1000;
        let at_ms = turn.own_ms.saturating_sub(elapsed_ms).saturating_add(lifetime_ms);
        self.mortals.change(random_id, |mortal| mortal.destruct_ms = Some(at_ms));
        turn.change(Change::Destruct { chat, random_id, at_ms });
        turn.countdown(chat, random_id, at_ms);
    }

    /// Destroys the messages whose time is over: content, and the copy that waits to be confirmed. Nobody is told but the user.
    fn burn(&mut self, turn: &mut Turn<'_>) {
        let due = |&(end, _): &(i64, i64)| end <= turn.own_ms;
        let random_ids: Vec<i64> =
            self.mortals.ends().take_while(due).map(|(_, random_id)| random_id).collect();
        if random_ids.is_empty() {
            return;
        }
        let doomed: HashSet<i64> = random_ids.iter().copied().collect();
        self.destroy_unconfirmed(|random_id| doomed.contains(&random_id), turn);
        self.forget(&random_ids);
        let chat = self.chat.id;
        turn.change(Change::Deleted { chat, random_ids: random_ids.clone() });
        turn.event(Event::Deleted { chat, random_ids });
    }
}

/// Milliseconds since a date (unix seconds); 0 if it is still to come.
fn since(date: i32, now: Moment) -> i64 {
    now.unix_ms.saturating_sub(i64::from(date) * 1000).max(0)
}
