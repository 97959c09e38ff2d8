//! When to ask whether the server is still there.
//!
//! A dead connection looks like a quiet one, for a quarter of an hour if nobody asks. So the link pings at a slow rhythm with a
//! deadline, and at once when the machine has slept: timers stand still in a suspended machine, and then the two clocks
//! disagree. Nothing else ticks.

use std::time::{Duration, SystemTime};

use tokio::time::Instant;

/// Clocks that differ by more than this have seen a suspension (or somebody set the time).
const JUMP: Duration = Duration::from_secs(5);

/// The rhythm of pings on one connection.
pub struct Pulse {
    every: Duration,
    within: Duration,
    next: Instant,
    /// Until when the pong of the ping in flight has to be there.
    pong_by: Option<Instant>,
    wall: SystemTime,
    mono: Instant,
}

impl Pulse {
    /// `every`: between a pong and the next ping; `within`: how long a pong may take.
    pub fn new(every: Duration, within: Duration) -> Self {
        let mono = Instant::now();
        Pulse { every, within, next: mono + every, pong_by: None, wall: SystemTime::now(), mono }
    }

    /// When something has to be done: a ping is due, or a pong overdue.
    pub fn due(&self) -> Instant {
        self.pong_by.unwrap_or(self.next)
    }

    /// The moment of [`Pulse::due`] has come: true if it was a pong's.
    pub fn overdue(&self) -> bool {
        self.pong_by.is_some()
    }

    /// A ping leaves.
    pub fn pinged(&mut self) {
        self.pong_by = Some(Instant::now() + self.within);
    }

    /// The pong came.
    pub fn ponged(&mut self) {
        self.pong_by = None;
        self.next = Instant::now() + self.every;
    }

    /// Whether the machine slept (or the clock was set) since this was asked last.
    pub fn woke(&mut self) -> bool {
        let (wall, mono) = (SystemTime::now(), Instant::now());
        let by_mono = mono.saturating_duration_since(self.mono);
        let apart = match wall.duration_since(self.wall) {
            Ok(by_wall) => by_wall.abs_diff(by_mono),
            Err(backwards) => backwards.duration() + by_mono,
        };
        (self.wall, self.mono) = (wall, mono);
        apart > JUMP
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ping_is_due_then_its_pong() {
        let mut pulse = Pulse::new(Duration::from_secs(25), Duration::from_secs(10));
        let first = pulse.due();
        assert!(!pulse.overdue());
        pulse.pinged();
        assert!(pulse.overdue());
        assert!(pulse.due() < first);
        pulse.ponged();
        assert!(!pulse.overdue());
        assert!(pulse.due() >= first);
    }

    #[test]
    fn sleep_is_noticed_once() {
        let mut pulse = Pulse::new(Duration::from_secs(25), Duration::from_secs(10));
        assert!(!pulse.woke());
        pulse.wall -= Duration::from_secs(3600);
        assert!(pulse.woke());
        assert!(!pulse.woke());
        pulse.wall += Duration::from_secs(3600);
        assert!(pulse.woke());
    }
}
