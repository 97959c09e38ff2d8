//! Seeing to it that messages destroy themselves in time: before history is told, after a suspension, and to the last reading.
//!
//! The machine knows when; but it has to be asked. A timer stands still in a suspended machine, so while messages wait to burn the
//! two clocks are compared now and then. Nothing here runs while no message waits.

use std::time::Duration;

use tokio::sync::mpsc;
use tokio::time::Instant;

use super::actor::Actor;
use crate::secret::record::Moment;
use crate::secret::step::Input;
use crate::vault::VaultError;

/// So long after a suspension may a message be seen that should be gone.
const LOOK_EVERY: Duration = Duration::from_secs(2);

/// Clocks that differ by more than this between two looks have parted; a countdown shows whole seconds.
const JUMP: Duration = Duration::from_secs(1);

impl Actor {
    /// What should be gone is gone before anything is told. Nobody has been told of it yet, so nobody is told that it went.
    pub(super) fn burn_first(&mut self) -> Result<(), VaultError> {
        let news = std::mem::replace(&mut self.news, mpsc::unbounded_channel().0);
        let burnt = self.step(Input::Wake);
        self.news = news;
        burnt
    }

    /// Wakes the machine if a message should be gone by now; while the disk refuses, the pause between attempts is kept.
    pub(super) fn burn_overdue(&mut self) -> Result<(), VaultError> {
        if self.failed_commits == 0 && self.machine.overdue(self.now()) {
            self.step(Input::Wake)
        } else {
            Ok(())
        }
    }

    /// At the end: from here on the stored reading of the self-destruct clock is the last one.
    pub(super) fn store_clock(&mut self) -> Result<(), VaultError> {
        if self.machine.clocks_run() { self.step(Input::Wake) } else { Ok(()) }
    }

    /// While messages wait to destroy themselves the clocks are compared now and then: a timer does not notice a suspension.
    pub(super) fn next_look(&self) -> Option<Instant> {
        self.machine.clocks_run().then(|| Instant::now() + LOOK_EVERY)
    }

    pub(super) fn look_at_clocks(&mut self) -> Result<(), VaultError> {
        let now = self.now();
        let before = self.looked.replace(now);
        if before.is_some_and(|before| parted(before, now)) { self.step(Input::Wake) } else { Ok(()) }
    }
}

/// Whether the machine was suspended between two looks, or somebody set the time.
fn parted(before: Moment, now: Moment) -> bool {
    let by_wall = i128::from(now.unix_ms) - i128::from(before.unix_ms);
    let by_mono = i128::from(now.mono_ms) - i128::from(before.mono_ms);
    (by_wall - by_mono).unsigned_abs() > JUMP.as_millis()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_suspension_and_a_clock_that_was_set_are_noticed() {
        let at = |unix_ms, mono_ms| Moment { unix_ms, mono_ms };
        assert!(!parted(at(10_000, 5_000), at(12_000, 7_000)));
        assert!(!parted(at(10_000, 5_000), at(12_900, 7_000)), "clocks are disciplined a little");
        assert!(parted(at(10_000, 5_000), at(72_000, 7_000)), "asleep for a minute");
        assert!(parted(at(10_000, 5_000), at(8_000, 7_000)), "set back");
        assert!(parted(at(i64::MIN, 0), at(i64::MAX, 0)));
    }
}
