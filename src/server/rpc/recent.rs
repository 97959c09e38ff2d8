//! How many sign-in codes were sent within the last minute, to whom they matter: one key, and everybody.
//!
//! Codes are the one thing that a stranger can have the server do for others and for the log of whoever runs it, so the numbers they
//! are sent to may be limited one by one and still not be enough. It is forgotten with the process: a restart costs more than a minute's
//! codes.

use std::collections::VecDeque;

/// Within so many seconds...
const PERIOD: i32 = 60;
/// ...codes asked for under one auth key,
const MAX_PER_KEY: usize = 10;
/// and under all of them.
const MAX_IN_ALL: usize = 1000;

/// The codes of the last minute: when each was sent, and the key it was asked for under. Oldest first.
#[derive(Debug, Default)]
pub(super) struct RecentCodes(VecDeque<(i32, i64)>);

impl RecentCodes {
    /// Counts one more code; an error is the number of seconds until there may be one, and nothing is counted. `now` never goes back.
    pub fn count(&mut self, auth_key_id: i64, now: i32) -> Result<(), i32> {
        while self.0.front().is_some_and(|(sent, _)| sent.saturating_add(PERIOD) <= now) {
            self.0.pop_front();
        }
        let mut own = self.0.iter().filter(|(_, key)| *key == auth_key_id);
        let oldest_own = own.clone().next().filter(|_| own.by_ref().count() >= MAX_PER_KEY);
        let oldest = self.0.front().filter(|_| self.0.len() >= MAX_IN_ALL);
        if let Some((sent, _)) = oldest_own.or(oldest) {
            return Err(sent.saturating_add(PERIOD).saturating_sub(now));
        }
        self.0.push_back((now, auth_key_id));
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_and_everybody_have_their_limit() {
        let mut codes = RecentCodes::default();
        for n in 0..10 {
            assert_eq!(codes.count(1, 1000 + n), Ok(()));
        }
        assert_eq!(codes.count(1, 1009), Err(51));
        for n in 10..1000 {
            assert_eq!(codes.count(n, 1010), Ok(()), "{n}");
        }
        assert_eq!(codes.count(100, 1015), Err(45));
        assert_eq!(codes.count(100, 1059), Err(1));
        assert_eq!(codes.count(100, 1060), Ok(()));
        assert_eq!(codes.count(1, 1060), Err(1));
        assert_eq!(codes.count(1, 1061), Ok(()));
    }
}
