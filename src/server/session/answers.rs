//! The answers that the client has not acknowledged yet, kept to be repeated word for word.
//!
//! An answer may be lost with its connection; the client then sends its request again with the same id and must get the same answer,
//! not a second execution. A client that never acknowledges cannot make this grow: the oldest answers go first.

use std::collections::{BTreeMap, HashMap};

use super::kept::Kept;
use super::parcel::Message;

/// Answers kept per session, and their bytes together.
const MAX_KEPT: usize = 256;
const MAX_KEPT_BYTES: usize = 4 * 1024 * 1024;

/// Kept answers, by the request they belong to.
#[derive(Debug, Default)]
pub struct Answers {
    by_request: BTreeMap<i64, Kept>,
    requests: HashMap<i64, i64>,
    bytes: usize,
}

impl Answers {
    pub fn keep(&mut self, request: i64, answer: Kept) {
        self.remove(request);
        self.bytes += answer.message.body.len();
        self.requests.insert(answer.message.msg_id, request);
        self.by_request.insert(request, answer);
        while self.by_request.len() > MAX_KEPT || self.bytes > MAX_KEPT_BYTES {
            match self.by_request.keys().next().copied() {
                Some(oldest) => self.remove(oldest),
                None => return,
            };
        }
    }

    pub fn to_request(&self, request: i64) -> Option<&Message> {
        self.by_request.get(&request).map(|kept| &kept.message)
    }

    /// By the answer's own id.
    pub fn by_id(&self, answer: i64) -> Option<&Message> {
        self.to_request(*self.requests.get(&answer)?)
    }

    /// As [`Answers::by_id`].
    pub fn by_id_mut(&mut self, answer: i64) -> Option<&mut Kept> {
        self.by_request.get_mut(self.requests.get(&answer)?)
    }

    /// Every kept answer, with its request.
    pub fn all(&mut self) -> impl Iterator<Item = (i64, &mut Kept)> {
        self.by_request.iter_mut().map(|(&request, kept)| (request, kept))
    }

    /// The client has received the message with this id; nothing happens if it is no kept answer.
    pub fn acknowledge(&mut self, answer: i64) {
        if let Some(&request) = self.requests.get(&answer) {
            self.remove(request);
        }
    }

    pub fn remove(&mut self, request: i64) -> Option<Message> {
        let answer = self.by_request.remove(&request)?.message;
        self.requests.remove(&answer.msg_id);
        self.bytes -= answer.body.len();
        Some(answer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(msg_id: i64, len: usize) -> Message {
        Message { msg_id, seq_no: 1, body: vec![0; len] }
    }

    fn answer(msg_id: i64, len: usize) -> Kept {
        Kept::new(message(msg_id, len), None)
    }

    #[test]
    fn keeps_until_acknowledged() {
        let mut answers = Answers::default();
        answers.keep(4, answer(5, 8));
        answers.acknowledge(4);
        assert_eq!(answers.to_request(4), Some(&message(5, 8)));
        assert_eq!(answers.by_id(5), Some(&message(5, 8)));
        answers.acknowledge(5);
        assert_eq!(answers.to_request(4), None);
        assert_eq!(answers.by_id(5), None);
        assert_eq!(answers.bytes, 0);
    }

    #[test]
    fn the_oldest_go_first() {
        let mut answers = Answers::default();
        for i in 0..=MAX_KEPT as i64 {
            answers.keep(i * 4, answer(i * 4 + 1, 4));
        }
        assert!(answers.to_request(0).is_none() && answers.to_request(4).is_some());
        answers.keep(1 << 20, answer(1 << 21, MAX_KEPT_BYTES));
        assert_eq!(answers.by_request.len(), 1);
        answers.keep(1 << 22, answer(1 << 23, MAX_KEPT_BYTES + 1));
        assert!(answers.by_request.is_empty() && answers.requests.is_empty());
    }
}
