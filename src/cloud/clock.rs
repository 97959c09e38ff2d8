//! The wall clock, as the protocol counts it.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Now, in seconds since 1970.
pub(super) fn unix_now() -> i32 {
    i32::try_from(since_1970().as_secs()).unwrap_or(i32::MAX)
}

/// The moment after a wait, in milliseconds since 1970.
pub(super) fn unix_ms_in(wait: Duration) -> i64 {
    i64::try_from(since_1970().saturating_add(wait).as_millis()).unwrap_or(i64::MAX)
}

/// A clock before 1970 stands still there.
fn since_1970() -> Duration {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default()
}
