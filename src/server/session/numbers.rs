//! The numbers that the server gives its own messages: ids that follow the clock, and sequence numbers.
//!
//! A client orders and verifies by them: ids must grow, tell answers from notifications by their low bits, and lie near the present;
//! an odd sequence number asks for an acknowledgement.

use std::time::Duration;

/// What a message from the server is; its number is the low two bits of the id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Caused by a message of the client.
    Answer = 1,
    /// Sent unasked.
    Notification = 3,
}

/// Gives out ids and sequence numbers of one session.
#[derive(Debug, Default)]
pub struct Numbers {
    last_id: i64,
    content_messages: i32,
}

impl Numbers {
    /// The next id; `now` is the time since 1970.
    pub fn msg_id(&mut self, kind: Kind, now: Duration) -> i64 {
        let at_clock = clock_id(now) | kind as i64;
        let after_last = ((self.last_id >> 2) + 1) << 2 | kind as i64;
        self.last_id = at_clock.max(after_last);
        self.last_id
    }

    /// The next sequence number: odd for content, which must be acknowledged.
    pub fn seq_no(&mut self, content: bool) -> i32 {
        let even = self.content_messages.wrapping_mul(2);
        if !content {
            return even;
        }
        self.content_messages = self.content_messages.wrapping_add(1);
        even.wrapping_add(1)
    }
}

/// Seconds in the upper half, their fraction in the lower; the low two bits are clear.
fn clock_id(now: Duration) -> i64 {
    let fraction = (u64::from(now.subsec_nanos()) << 32) / 1_000_000_000;
    ((now.as_secs() << 32) | (fraction & !3)) as i64
}

/// The time, in seconds since 1970, that an id claims to be from.
pub fn seconds_of(msg_id: i64) -> i64 {
    msg_id >> 32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_grow_even_if_the_clock_does_not() {
        let mut numbers = Numbers::default();
        let now = Duration::new(1_700_000_000, 999_999_999);
        let mut last = 0;
        for kind in [Kind::Answer, Kind::Answer, Kind::Notification, Kind::Answer, Kind::Notification] {
            let id = numbers.msg_id(kind, now);
            assert!(id > last);
            assert_eq!(id & 3, kind as i64);
            last = id;
        }
        assert!(numbers.msg_id(Kind::Answer, Duration::from_secs(1)) > last);
        assert!((seconds_of(last) - 1_700_000_000).abs() <= 1);
    }

    #[test]
    fn sequence_numbers_count_content() {
        let mut numbers = Numbers::default();
        let given = [true, false, true, true, false].map(|content| numbers.seq_no(content));
        assert_eq!(given, [1, 2, 3, 5, 6]);
    }
}
