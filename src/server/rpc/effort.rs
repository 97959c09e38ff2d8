//! What the passwords of one account may have computed.
//!
//! A challenge is one power of a big number and its check two more, four milliseconds each time on the one thread that executes methods
//! for everybody. Wrong proofs are counted on the disk; right ones are not wrong, so whoever knows the password, or has a hundred keys to
//! ask for a challenge with, could go on for ever. Counted in memory by account, and forgotten after a minute: that is as long as it
//! costs anybody anything.

use std::collections::HashMap;

use super::fault::{Fault, flood_wait};

/// So many powers within [`PERIOD`]: ten rounds, more than any person or client needs, and a fraction of a second of computing.
const MAX_POWERS: u32 = 30;
/// Seconds.
const PERIOD: i32 = 60;

/// Powers computed lately, by account: since when, and how many.
#[derive(Default)]
pub(super) struct Efforts(HashMap<i64, (i32, u32)>);

impl Efforts {
    /// Fails while an account has no room for so many.
    pub fn afford(&self, user_id: i64, powers: u32, now: i32) -> Result<(), Fault> {
        match self.0.get(&user_id) {
            Some(&(since, spent)) if rest(since, now) > 0 && spent + powers > MAX_POWERS => {
                Err(flood_wait(rest(since, now)))
            }
            _ => Ok(()),
        }
    }

    /// So many are computed now.
    pub fn spend(&mut self, user_id: i64, powers: u32, now: i32) {
        let (since, spent) = self.0.entry(user_id).or_insert((now, 0));
        if rest(*since, now) <= 0 {
            (*since, *spent) = (now, 0);
        }
        *spent = spent.saturating_add(powers);
    }

    /// Forgets what no longer counts.
    pub fn expire(&mut self, now: i32) {
        self.0.retain(|_, (since, _)| rest(*since, now) > 0);
    }
}

fn rest(since: i32, now: i32) -> i32 {
    since.saturating_add(PERIOD).saturating_sub(now)
}
