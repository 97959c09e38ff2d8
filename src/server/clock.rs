//! The wall clock, read at the edges of the room and nowhere else.
//!
//! Message ids, salts and the office all speak of seconds since 1970; a clock before that reads as 0.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Time since 1970.
pub fn now() -> Duration {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default()
}

/// Whole seconds since 1970, as the protocol has them.
pub fn unix_seconds() -> i32 {
    i32::try_from(now().as_secs()).unwrap_or(i32::MAX)
}
