//! What is sent again, unasked: content that the client has not acknowledged and that may not have arrived.
//!
//! The rules. Results of requests, updates, and the news that a session is new are content; each is kept until it is acknowledged,
//! within bounds. When a client says something new over a connection that its session has not seen, all that is kept goes over that one,
//! under its old id and sequence number, before anything new. When one of several connections ends, what went over that one goes over
//! another. A message is given up when it has become too old for clients to take, or was sent some times to no effect: of a result then
//! remains that the same request, sent again, is answered with it; of an update, that the client is told to ask what it missed. What is too
//! much for one time is named instead, so that the client may ask for it. Parts of files are not kept: the same request reads them again.

use std::time::Duration;

use grammers_tl_types::{Serializable, enums, types};

use super::numbers::Kind;
use super::parcel::Message;
use super::{Reaction, Session};

/// What is sent again at a time, bytes; less than may wait for one connection.
const MAX_AT_ONCE: usize = 2 << 20;

impl Session {
    /// What it says goes over the connection with this number, or is kept for the next.
    pub fn bind(&mut self, line: Option<u64>) {
        self.line = line;
    }

    /// What went over the connection with this number may be lost.
    pub fn lose(&mut self, line: u64) {
        self.answers.all().for_each(|(_, kept)| kept.lose(line));
        self.notices.all().for_each(|kept| kept.lose(line));
        self.undelivered = true;
    }

    /// What went over any other connection may be lost.
    pub(super) fn lose_others(&mut self, line: u64) {
        self.answers.all().for_each(|(_, kept)| kept.lose_unless(line));
        self.notices.all().for_each(|kept| kept.lose_unless(line));
        self.undelivered = true;
    }

    /// Sends again what is due, if there is a connection to take it.
    pub fn send_again(&mut self, now: Duration) -> Reaction {
        let mut reaction = Reaction::default();
        if self.line.is_none() || !std::mem::take(&mut self.undelivered) {
            return reaction;
        }
        self.notices.give_up(now);
        let answers = self.answers.all().map(|(request, kept)| (Some(request), kept));
        let notices = self.notices.all().map(|kept| (None, kept));
        let mut named = Vec::new();
        let mut left = MAX_AT_ONCE;
        for (request, kept) in answers.chain(notices) {
            if !kept.is_undelivered() || kept.is_spent(now) {
                continue;
            }
            kept.note_sent(self.line);
            match left.checked_sub(kept.message.body.len()) {
                Some(rest) => {
                    left = rest;
                    reaction.messages.push(kept.message.clone());
                }
                None => named.push(name(request, &kept.message)),
            }
        }
        reaction.messages.sort_by_key(|message| message.msg_id);
        let named = named.into_iter().map(|info| self.service(info.to_bytes(), now));
        reaction.messages.extend(named.collect::<Vec<_>>());
        if self.notices.take_loss() && self.wants_updates {
            reaction.messages.push(self.notice(enums::Updates::TooLong.to_bytes(), now));
        }
        reaction
    }

    /// A message of ours by its own id, if it is still kept.
    pub(super) fn held(&self, id: i64) -> Option<&Message> {
        self.answers.by_id(id).or_else(|| self.notices.by_id(id).map(|kept| &kept.message))
    }

    /// The answer to a request, if it is still kept.
    pub(super) fn answer_to(&self, request: i64) -> Option<&Message> {
        self.answers.to_request(request)
    }

    /// A kept message goes over the present connection once more.
    pub(super) fn note_sent(&mut self, id: i64) {
        let line = self.line;
        let kept = self.answers.by_id_mut(id).or_else(|| self.notices.by_id_mut(id));
        kept.into_iter().for_each(|kept| kept.note_sent(line));
    }

    /// The client has received the message with this id.
    pub(super) fn acknowledge(&mut self, id: i64) {
        self.answers.acknowledge(id);
        self.notices.remove(id);
    }

    /// An update, or that the session is new, kept until it is acknowledged.
    pub(super) fn notice(&mut self, body: Vec<u8>, now: Duration) -> Message {
        let message = self.content(Kind::Notification, body, now);
        self.notices.keep(self.keepsake(&message));
        self.undelivered |= self.line.is_none();
        message
    }
}

/// Names a message instead of sending it: the answer to a request, or an update.
pub(super) fn name(request: Option<i64>, message: &Message) -> enums::MsgDetailedInfo {
    let (answer_msg_id, bytes) = (message.msg_id, message.body.len() as i32);
    match request {
        Some(msg_id) => types::MsgDetailedInfo { msg_id, answer_msg_id, bytes, status: 0 }.into(),
        None => types::MsgNewDetailedInfo { answer_msg_id, bytes, status: 0 }.into(),
    }
}
