//! How long to wait before dialling again.
//!
//! Each failure doubles the wait up to a minute, and half of it is left to chance: after a server's restart its clients must
//! not come back in step. Chance is an argument, so the rule is tested without waiting.

use std::time::Duration;

use rand::{Rng, RngExt};

/// The wait after the first failure.
const FIRST: Duration = Duration::from_secs(1);

/// No wait is longer: a person who looks at the screen should see an attempt within a minute.
pub const LONGEST: Duration = Duration::from_secs(60);

/// A connection that lived this long was a good one: the next failure starts from the beginning.
pub const PROVEN: Duration = Duration::from_secs(60);

/// Counts failures in a row.
#[derive(Clone, Copy, Debug, Default)]
pub struct Backoff {
    failures: u32,
}

impl Backoff {
    /// The next wait: `min(60 s, 1 s * 2^failures)` times a number in `0.5..1.0`.
    pub fn next(&mut self, rng: &mut impl Rng) -> Duration {
        let doubled = FIRST.saturating_mul(2_u32.saturating_pow(self.failures)).min(LONGEST);
        self.failures = self.failures.saturating_add(1);
        doubled.mul_f64(rng.random_range(0.5..1.0))
    }

    /// A connection has been up for `lived`.
    pub fn lived(&mut self, lived: Duration) {
        if lived >= PROVEN {
            self.failures = 0;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_up_to_a_minute() {
        let mut rng = rand::rng();
        let mut backoff = Backoff::default();
        for full in [1, 2, 4, 8, 16, 32, 60, 60, 60] {
            let wait = backoff.next(&mut rng);
            assert!(wait >= Duration::from_secs(full) / 2, "{wait:?} of {full}");
            assert!(wait < Duration::from_secs(full), "{wait:?} of {full}");
        }
        for _ in 0..100 {
            assert!(backoff.next(&mut rng) <= LONGEST);
        }
    }

    #[test]
    fn only_a_proven_connection_starts_over() {
        let mut rng = rand::rng();
        let mut backoff = Backoff::default();
        for _ in 0..6 {
            backoff.next(&mut rng);
        }
        backoff.lived(PROVEN - Duration::from_secs(1));
        assert!(backoff.next(&mut rng) >= LONGEST / 2);
        backoff.lived(PROVEN);
        assert!(backoff.next(&mut rng) < Duration::from_secs(1));
    }
}
