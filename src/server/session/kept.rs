//! A message of the server that the client must acknowledge, kept until it does.
//!
//! It remembers over which connection it went, by number: what went over one that is gone may never have arrived.

use std::time::Duration;

use super::numbers;
use super::parcel::Message;

/// How old a message may be that is sent again unasked, seconds. Clients take one that is older than five minutes for an attack.
const MAX_AGE: u64 = 240;
/// How often it is sent, in all. A client that has it and cannot say so, or breaks on it, is not to be tried for ever.
const MAX_SENDINGS: u8 = 3;

#[derive(Debug)]
pub struct Kept {
    pub message: Message,
    /// The connection that it went over last; `None` if it must go again.
    line: Option<u64>,
    sendings: u8,
}

impl Kept {
    /// A new message, sent over this connection if there is one.
    pub fn new(message: Message, line: Option<u64>) -> Kept {
        Kept { message, line, sendings: line.is_some().into() }
    }

    pub fn is_undelivered(&self) -> bool {
        self.line.is_none()
    }

    /// What went over this connection may be lost.
    pub fn lose(&mut self, line: u64) {
        self.line = self.line.filter(|&own| own != line);
    }

    /// What went over any other connection may be lost.
    pub fn lose_unless(&mut self, line: u64) {
        self.line = self.line.filter(|&own| own == line);
    }

    /// It goes over this connection.
    pub fn note_sent(&mut self, line: Option<u64>) {
        self.line = line;
        self.sendings = self.sendings.saturating_add(1);
    }

    /// Whether it is not sent again unasked.
    pub fn is_spent(&self, now: Duration) -> bool {
        let since = u64::try_from(numbers::seconds_of(self.message.msg_id)).unwrap_or_default();
        self.sendings >= MAX_SENDINGS || since.saturating_add(MAX_AGE) < now.as_secs()
    }
}
