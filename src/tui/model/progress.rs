//! How far a file has come, and how fast.
//!
//! The engine says how many bytes are done; the pace is what was done since the transfer was first seen running, so that it needs no
//! clock between two pieces of news.

use crate::engine::Transfer;

/// A transfer as far as the screen has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Progress {
    pub transfer: Transfer,
    /// Unix milliseconds and bytes when it began to run.
    start: Option<(i64, u64)>,
    /// Unix milliseconds at the last news.
    now_ms: i64,
}

/// Less than this is no measure of a pace, milliseconds.
const SHORTEST: i64 = 500;

impl Progress {
    /// News of a transfer that was known as `before`, if it was.
    pub fn new(transfer: Transfer, before: Option<&Progress>, now_ms: i64) -> Progress {
        let start = match transfer {
            Transfer::Running { done, .. } => {
                Some(before.and_then(|before| before.start).unwrap_or((now_ms, done)))
            }
            _ => None,
        };
        Progress { transfer, start, now_ms }
    }

    /// Bytes in a second, once that can be told.
    pub fn pace(&self) -> Option<u64> {
        let (Transfer::Running { done, .. }, Some((since, first))) = (&self.transfer, self.start) else {
            return None;
        };
        let elapsed = u64::try_from(self.now_ms.saturating_sub(since)).ok()?;
        let moved = done.saturating_sub(first);
        (elapsed >= SHORTEST as u64 && moved > 0).then(|| moved.saturating_mul(1000) / elapsed)
    }

    /// Seconds until it is done at this pace.
    pub fn left(&self) -> Option<u64> {
        let Transfer::Running { done, size } = self.transfer else { return None };
        Some(size.saturating_sub(done).div_ceil(self.pace()?.max(1)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn running(done: u64, before: Option<&Progress>, now_ms: i64) -> Progress {
        Progress::new(Transfer::Running { done, size: 10_000 }, before, now_ms)
    }

    #[test]
    fn the_pace_is_that_of_this_run() {
        let first = running(4_000, None, 1_000);
        assert_eq!((first.pace(), first.left()), (None, None));
        let second = running(6_000, Some(&first), 3_000);
        assert_eq!((second.pace(), second.left()), (Some(1_000), Some(4)));
        let paused = Progress::new(Transfer::Paused { done: 6_000, size: 10_000 }, Some(&second), 9_000);
        assert_eq!(paused.pace(), None);
        assert_eq!(running(6_000, Some(&paused), 9_000).pace(), None, "it begins anew");
    }

    #[test]
    fn a_clock_that_was_set_back_measures_nothing() {
        let first = running(0, None, 9_000);
        assert_eq!(running(100, Some(&first), 1_000).pace(), None);
    }
}
