//! Server salts: eight bytes that change every hour and that each message of a client must carry.
//!
//! They are computed from the authorization key and the hour, so nothing has to be stored and a restart changes nothing. The salt
//! that both sides derive in the key exchange is good for the first hour.

use std::time::Duration;

use grammers_tl_types::types::FutureSalt;
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use crate::mtproto::auth_key::AuthKey;

/// Seconds after which the current salt changes.
const PERIOD: u64 = 3600;
/// Seconds for which a salt is still taken after its period.
const GRACE: u64 = 1800;
/// The most that one request may ask for.
const MAX_FUTURE: i32 = 64;
/// Clients ask again at once, for ever, if they are given fewer.
const MIN_FUTURE: i32 = 2;

/// The salts of one authorization key.
pub struct Salts {
    secret: Zeroizing<[u8; 32]>,
    /// From the key exchange, and the second of 1970 until which it is taken.
    first: Option<(i64, u64)>,
}

impl Salts {
    pub fn new(key: &AuthKey) -> Salts {
        let digest = Sha256::new().chain_update(b"server salts").chain_update(key.expose()).finalize();
        Salts { secret: Zeroizing::new(digest.into()), first: None }
    }

    /// As [`Salts::new`], right after the exchange that derived `first`.
    pub fn of_new_key(key: &AuthKey, first: i64, now: Duration) -> Salts {
        Salts { first: Some((first, now.as_secs() + PERIOD)), ..Salts::new(key) }
    }

    pub fn current(&self, now: Duration) -> i64 {
        self.of_period(now.as_secs() / PERIOD)
    }

    pub fn accepts(&self, salt: i64, now: Duration) -> bool {
        let seconds = now.as_secs();
        let period = seconds / PERIOD;
        let early = salt == self.of_period(period + 1) && seconds % PERIOD >= PERIOD - GRACE;
        let late = salt == self.of_period(period.saturating_sub(1)) && seconds % PERIOD < GRACE;
        let first = self.first.is_some_and(|(first, until)| salt == first && seconds < until);
        salt == self.of_period(period) || early || late || first
    }

    /// The current salt and those that follow, at least two and at most 64.
    pub fn future(&self, count: i32, now: Duration) -> Vec<FutureSalt> {
        let period = now.as_secs() / PERIOD;
        let count = count.clamp(MIN_FUTURE, MAX_FUTURE) as u64;
        (period..period + count)
            .map(|period| FutureSalt {
                valid_since: (period * PERIOD) as i32,
                valid_until: ((period + 1) * PERIOD + GRACE) as i32,
                salt: self.of_period(period),
            })
            .collect()
    }

    fn of_period(&self, period: u64) -> i64 {
        let digest: [u8; 32] = Sha256::new()
            .chain_update(self.secret.as_slice())
            .chain_update(period.to_le_bytes())
            .finalize()
            .into();
        let mut salt = [0; 8];
        salt.copy_from_slice(&digest[..8]);
        i64::from_le_bytes(salt)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key() -> AuthKey {
        AuthKey::new(&[3; 256])
    }

    #[test]
    fn a_salt_holds_for_its_hour_and_half_an_hour_more() {
        let salts = Salts::new(&key());
        let start = Duration::from_secs(PERIOD * 400_000);
        let salt = salts.current(start);
        let at = |seconds: u64| salts.accepts(salt, start + Duration::from_secs(seconds));
        assert!(at(0) && at(PERIOD - 1) && at(PERIOD + GRACE - 1));
        assert!(!at(PERIOD + GRACE));
        assert!(!salts.accepts(salt ^ 1, start));
        assert_eq!(Salts::new(&key()).current(start), salt);
        assert_ne!(Salts::new(&AuthKey::new(&[4; 256])).current(start), salt);
    }

    #[test]
    fn future_salts_come_true() {
        let salts = Salts::new(&key());
        let now = Duration::from_secs(PERIOD * 400_000 + 5);
        for (asked, given) in [(-1, 2), (0, 2), (1, 2), (5, 5), (64, 64), (1000, 64)] {
            let future = salts.future(asked, now);
            assert_eq!(future.len(), given);
            for salt in future {
                let middle = (i64::from(salt.valid_since) + i64::from(salt.valid_until)) as u64 / 2;
                assert!(salts.accepts(salt.salt, Duration::from_secs(middle)));
            }
        }
    }

    #[test]
    fn the_salt_of_the_exchange_holds_for_an_hour() {
        let now = Duration::from_secs(1_000_000);
        let salts = Salts::of_new_key(&key(), 77, now);
        assert!(salts.accepts(77, now + Duration::from_secs(PERIOD - 1)));
        assert!(!salts.accepts(77, now + Duration::from_secs(PERIOD)));
        assert!(!Salts::new(&key()).accepts(77, now));
    }
}
