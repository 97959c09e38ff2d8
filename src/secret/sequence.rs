//! Sequence numbers.
//!
//! Stub.
use serde::{Deserialize, Serialize};

/// Counters of one chat; all raw (plain 0, 1, 2 ...).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counters {
    /// Messages we created.
    pub my_out: i32,
    /// Messages of the peer processed in order.
    pub my_in: i32,
    /// How many of ours the peer has confirmed.
    pub his_in: i32,
    /// The highest layer field accepted.
    pub layer_seen: i32,
    /// The last raw number of the newest hole that was asked for, -1 for none.
    pub resend_end: i32,
}

/// A request to resend that the peer cannot want.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
pub enum ResendFault {
    #[error("the range is malformed")]
    Range,
}
