//! What a session remembers of the client's messages: which ids came, with which sequence numbers, and what became of them.
//!
//! It is what makes a repeated message harmless and an out-of-order one visible. The memory is bounded; below its floor nothing is known
//! any more, and the client is told so instead of being served twice.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use super::numbers;

/// Messages remembered per session.
const MAX_REMEMBERED: usize = 1024;
/// How far, in seconds, an id may lie behind or ahead of the server's clock.
const MAX_BEHIND: i64 = 300;
const MAX_AHEAD: i64 = 30;
/// By how many seconds a good clock may be slow: clients set theirs by whole seconds.
const MAX_SLOW: i64 = 2;

/// The protocol's codes for a message that was not accepted.
pub mod bad {
    pub const ID_TOO_LOW: i32 = 16;
    pub const ID_TOO_HIGH: i32 = 17;
    pub const ID_BITS: i32 = 18;
    pub const CONTAINER_REPEATED: i32 = 19;
    pub const TOO_OLD: i32 = 20;
    pub const SEQ_TOO_LOW: i32 = 32;
    pub const SEQ_TOO_HIGH: i32 = 33;
    pub const EVEN_EXPECTED: i32 = 34;
    pub const ODD_EXPECTED: i32 = 35;
    pub const SALT: i32 = 48;
    pub const CONTAINER: i32 = 64;
}

/// What became of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// Nothing more is to come: a container, an acknowledgement, a service message.
    Taken,
    /// A request that is being worked on, or waits for another.
    Running,
    /// As [`State::Running`], but the client no longer wants the answer.
    Dropped,
    Succeeded,
    /// As [`State::Succeeded`], with an answer that is not kept: a repeat is executed again.
    Served,
    Failed,
}

#[derive(Debug)]
struct Entry {
    /// `None` for a container: clients number it before or after what it carries.
    seq_no: Option<i32>,
    state: State,
}

/// The received messages of one session.
#[derive(Debug, Default)]
pub struct History {
    entries: BTreeMap<i64, Entry>,
    /// The highest id that was forgotten.
    floor: i64,
}

/// Judges the id of a whole packet against the clock.
pub fn judge_time(msg_id: i64, now: Duration) -> Result<(), i32> {
    let ahead = numbers::seconds_of(msg_id) - now.as_secs() as i64;
    if msg_id & 3 != 0 {
        Err(bad::ID_BITS)
    } else if ahead < -MAX_BEHIND {
        Err(bad::ID_TOO_LOW)
    } else if ahead > MAX_AHEAD {
        Err(bad::ID_TOO_HIGH)
    } else {
        Ok(())
    }
}

/// Where the memory of a session begins.
#[derive(Clone, Copy, Debug)]
pub struct Beginning {
    /// When the server began to remember what comes; of a clock that nobody sets, for one that was set back would shut everybody out.
    pub opened: Instant,
    /// The highest id that those sessions of the same key took which are forgotten.
    pub forgotten: i64,
}

impl Beginning {
    /// Judges the id of a whole packet: of what was sent before nobody knows any more whether it was taken, so it may be a copy. An
    /// honest client is told to look at its clock and sends it once more.
    pub fn judge(&self, msg_id: i64, now: Duration) -> Result<(), i32> {
        let since = now.saturating_sub(self.opened.elapsed()).as_secs() as i64;
        let is_before = since - numbers::seconds_of(msg_id) > MAX_SLOW || msg_id <= self.forgotten;
        if is_before { Err(bad::ID_TOO_LOW) } else { Ok(()) }
    }
}

impl History {
    pub fn state(&self, msg_id: i64) -> Option<State> {
        self.entries.get(&msg_id).map(|entry| entry.state)
    }

    /// The highest id that came; 0 before any.
    pub fn newest(&self) -> i64 {
        self.entries.keys().next_back().map_or(self.floor, |&last| last.max(self.floor))
    }

    /// Judges an id that is not known: its bits and its age.
    pub fn judge_id(&self, msg_id: i64) -> Result<(), i32> {
        if msg_id & 3 != 0 {
            Err(bad::ID_BITS)
        } else if msg_id <= self.floor {
            Err(bad::TOO_OLD)
        } else {
            Ok(())
        }
    }

    /// Judges a message that is not known: its id, and its sequence number against its neighbours'.
    pub fn judge(&self, msg_id: i64, seq_no: i32) -> Result<(), i32> {
        self.judge_id(msg_id)?;
        let odd = seq_no & 1 == 1;
        let too_low = |other: i32| other > seq_no || odd && other == seq_no;
        let too_high = |other: i32| other < seq_no || odd && other == seq_no;
        if self.entries.range(..msg_id).any(|(_, entry)| entry.seq_no.is_some_and(too_low)) {
            return Err(bad::SEQ_TOO_LOW);
        }
        if self.entries.range(msg_id..).any(|(_, entry)| entry.seq_no.is_some_and(too_high)) {
            return Err(bad::SEQ_TOO_HIGH);
        }
        Ok(())
    }

    pub fn record_container(&mut self, msg_id: i64) {
        self.insert(msg_id, Entry { seq_no: None, state: State::Taken });
    }

    pub fn record(&mut self, msg_id: i64, seq_no: i32, state: State) {
        self.insert(msg_id, Entry { seq_no: Some(seq_no), state });
    }

    /// Remembers a message, and forgets the oldest if there are too many.
    fn insert(&mut self, msg_id: i64, entry: Entry) {
        self.entries.insert(msg_id, entry);
        while self.entries.len() > MAX_REMEMBERED {
            if let Some((oldest, _)) = self.entries.pop_first() {
                self.floor = self.floor.max(oldest);
            }
        }
    }

    /// Changes what became of a message, if it is still remembered.
    pub fn set(&mut self, msg_id: i64, state: State) {
        if let Some(entry) = self.entries.get_mut(&msg_id) {
            entry.state = state;
        }
    }

    /// One byte about a message, as `msgs_state_info` has it.
    pub fn status(&self, msg_id: i64) -> u8 {
        const UNKNOWN: u8 = 1;
        const NOT_RECEIVED: u8 = 2;
        const NOT_YET_RECEIVED: u8 = 3;
        const RECEIVED: u8 = 4;
        const NEEDS_NO_ACK: u8 = 16;
        const PROCESSING: u8 = 32;
        const ANSWERED: u8 = 64;
        match self.state(msg_id) {
            Some(State::Taken) => RECEIVED | NEEDS_NO_ACK,
            Some(State::Running | State::Dropped) => RECEIVED | PROCESSING,
            Some(State::Succeeded | State::Served | State::Failed) => RECEIVED | PROCESSING | ANSWERED,
            // A message of ours is not one that we receive.
            None if msg_id & 3 != 0 || msg_id <= self.floor => UNKNOWN,
            None if self.entries.keys().next_back().is_some_and(|&last| msg_id < last) => NOT_RECEIVED,
            None => NOT_YET_RECEIVED,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn judges_by_the_clock() {
        let now = Duration::from_secs(1_700_000_000);
        let id = |seconds: i64| (1_700_000_000 + seconds) << 32;
        assert_eq!(judge_time(id(0), now), Ok(()));
        assert_eq!(judge_time(id(-300), now), Ok(()));
        assert_eq!(judge_time(id(-301), now), Err(16));
        assert_eq!(judge_time(id(30), now), Ok(()));
        assert_eq!(judge_time(id(31), now), Err(17));
        assert_eq!(judge_time(id(0) | 1, now), Err(18));
    }

    #[test]
    fn judges_by_the_beginning() {
        let now = Duration::new(1_700_000_000, 999_999_999);
        let id = |seconds: i64| (1_700_000_000 + seconds) << 32;
        let beginning = Beginning { opened: Instant::now(), forgotten: 0 };
        assert_eq!([-9, -2, 0, 5].map(|at| beginning.judge(id(at), now)), [Err(16), Ok(()), Ok(()), Ok(())]);
        let set_back = now - Duration::from_secs(3600);
        assert_eq!([-3609, -3600].map(|at| beginning.judge(id(at), set_back)), [Err(16), Ok(())]);
        let beginning = Beginning { forgotten: id(3), ..beginning };
        assert_eq!([id(3), id(3) + 4].map(|id| beginning.judge(id, now)), [Err(16), Ok(())]);
    }

    #[test]
    fn judges_sequence_numbers_by_neighbours() {
        let mut history = History::default();
        history.record(40, 3, State::Taken);
        history.record(80, 4, State::Taken);
        history.record(120, 7, State::Taken);
        assert_eq!(history.judge(160, 9), Ok(()));
        assert_eq!(history.judge(160, 8), Ok(()));
        assert_eq!(history.judge(160, 7), Err(32));
        assert_eq!(history.judge(160, 6), Err(32));
        assert_eq!(history.judge(100, 5), Ok(()));
        assert_eq!(history.judge(100, 4), Ok(()));
        assert_eq!(history.judge(100, 7), Err(33));
        assert_eq!(history.judge(100, 8), Err(33));
        assert_eq!(history.judge(161, 9), Err(18));
        history.record_container(200);
        assert_eq!(history.judge(240, 9), Ok(()));
    }

    #[test]
    fn forgets_the_oldest_and_says_so() {
        let mut history = History::default();
        for i in 1..=MAX_REMEMBERED as i64 + 2 {
            history.record(i * 4, 0, State::Taken);
        }
        assert_eq!(history.state(8), None);
        assert_eq!(history.judge(8, 0), Err(20));
        assert_eq!(history.state(12), Some(State::Taken));
    }

    #[test]
    fn tells_the_status_of_messages() {
        let mut history = History::default();
        history.record(40, 0, State::Taken);
        history.record(48, 1, State::Running);
        assert_eq!([40, 44, 48, 52].map(|id| history.status(id)), [20, 2, 36, 3]);
        history.set(48, State::Succeeded);
        assert_eq!(history.status(48), 100);
        assert_eq!([41, 55].map(|id| history.status(id)), [1, 1]);
    }
}
