//! Sequence numbers: the counters of a chat, their form on the wire, and the verdict on every number that arrives.
//!
//! The two sides count their messages apart; on the wire a parity bit tells whose number it is, so that a reflected message is
//! noticed. The rules are pure functions of the counters: what is a replay, what is next, what waits behind a hole, and which
//! range may be asked for again. What breaks them is a [`PeerFault`] and ends the chat.

use std::ops::RangeInclusive;

use serde::{Deserialize, Serialize};

use super::chat::Side;
use super::content::Header;
use super::fault::PeerFault;

/// The farthest a number may be ahead of the next expected one, and the most messages parked behind a hole. Official clients
/// stop at 5 or never; a thousand survives a week of losses and bounds memory.
pub const MAX_GAP: i32 = 1000;

/// Counters of one chat; all raw (plain 0, 1, 2 ...).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Counters {
    /// Messages we created: the number of the next one.
    pub my_out: i32,
    /// Messages of the peer processed in order: the number expected next.
    pub my_in: i32,
    /// How many of ours the peer has confirmed.
    pub his_in: i32,
    /// The highest layer field accepted.
    pub layer_seen: i32,
    /// The last raw number of the newest hole that was asked for, -1 for none.
    pub resend_end: i32,
}

impl Default for Counters {
    fn default() -> Self {
        Counters { my_out: 0, my_in: 0, his_in: 0, layer_seen: 0, resend_end: -1 }
    }
}

/// Where an arriving message belongs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// Processed before: not to be looked at.
    Replay,
    /// The one expected.
    Next,
    /// Behind a hole.
    Ahead,
}

/// A request to resend that the peer cannot want.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
pub enum ResendFault {
    #[error("the range has the parity of the other side")]
    Parity,
    #[error("the range is negative or backwards")]
    Malformed,
    #[error("the range ends with messages that were never written")]
    FromTheFuture,
    #[error("the range is too long")]
    TooLong,
    #[error("a message of the range is no longer here")]
    Lost,
}

/// The parity bit of the `out_seq_no` that `writer` puts on the wire; its `in_seq_no` carries the other one.
fn out_parity(writer: Side) -> i32 {
    match writer {
        Side::Originator => 1,
        Side::Recipient => 0,
    }
}

impl Counters {
    /// The header of our next message at this layer, which then counts as written.
    pub fn write(&mut self, ours: Side, layer: i32) -> Header {
        let parity = out_parity(ours);
        let header =
            Header { layer, in_seq_no: 2 * self.my_in + (1 - parity), out_seq_no: 2 * self.my_out + parity };
        self.my_out += 1;
        header
    }

    /// Places an arriving message by its numbers alone and gives its raw out number.
    pub fn place(&self, ours: Side, header: &Header) -> Result<(i32, Place), PeerFault> {
        if header.out_seq_no < 0 || header.in_seq_no < 0 {
            return Err(PeerFault::NegativeNumber);
        }
        let parity = out_parity(ours.other());
        if header.out_seq_no % 2 != parity || header.in_seq_no % 2 != 1 - parity {
            return Err(PeerFault::Parity);
        }
        let number = header.out_seq_no / 2;
        let place = match number.cmp(&self.my_in) {
            std::cmp::Ordering::Less => Place::Replay,
            std::cmp::Ordering::Equal => Place::Next,
            std::cmp::Ordering::Greater if number - self.my_in > MAX_GAP => {
                return Err(PeerFault::Gap(i64::from(number - self.my_in)));
            }
            std::cmp::Ordering::Greater => Place::Ahead,
        };
        Ok((number, place))
    }

    /// Accepts the message that [`place`](Self::place) called next; `his_in` then tells what the peer has confirmed.
    pub fn accept(&mut self, header: &Header) -> Result<(), PeerFault> {
        let confirmed = header.in_seq_no / 2;
        if confirmed < self.his_in {
            return Err(PeerFault::NotMonotonic);
        }
        if confirmed > self.my_out {
            return Err(PeerFault::FromTheFuture);
        }
        if header.layer < self.layer_seen {
            return Err(PeerFault::LayerFell { from: self.layer_seen, to: header.layer });
        }
        self.my_in += 1;
        self.his_in = confirmed;
        self.layer_seen = header.layer;
        Ok(())
    }

    /// The hole before the lowest parked number, as the wire range of a Resend, unless it was asked for before.
    pub fn ask(&mut self, ours: Side, lowest_parked: i32) -> Option<(i32, i32)> {
        let last = lowest_parked - 1;
        if last < self.my_in || last <= self.resend_end {
            return None;
        }
        self.resend_end = last;
        let parity = out_parity(ours.other());
        Some((2 * self.my_in + parity, 2 * last + parity))
    }

    /// The raw numbers that a peer's Resend asks for, less what it has confirmed meanwhile.
    pub fn serve(&self, ours: Side, start: i32, end: i32) -> Result<RangeInclusive<i32>, ResendFault> {
        if start < 0 || end < start {
            return Err(ResendFault::Malformed);
        }
        let parity = out_parity(ours);
        if start % 2 != parity || end % 2 != parity {
            return Err(ResendFault::Parity);
        }
        let (first, last) = (start / 2, end / 2);
        if last >= self.my_out {
            return Err(ResendFault::FromTheFuture);
        }
        if last - first > MAX_GAP {
            return Err(ResendFault::TooLong);
        }
        Ok(first.max(self.his_in)..=last)
    }
}
