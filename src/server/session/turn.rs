//! What one packet of the client does to its session: judged, opened, and each message brought to where it belongs.
//!
//! The order of the checks is the protocol's: clock and salt for the packet, then id and sequence number for each message. What is not
//! accepted is answered with the code that says why, so that an honest client can mend it and send again. A packet that came before and
//! now comes over a connection which the session does not know is only acknowledged, or has to be said anew: it may be anybody's copy.

use std::time::Duration;

use grammers_tl_types::{Identifiable, RawVec, Serializable, enums, functions, types};

use super::super::reader::Reader;
use super::super::rpc::RpcError;
use super::again;
use super::history::{self, State, bad};
use super::numbers::Kind;
use super::parcel::{self, GZIP_PACKED, MSG_CONTAINER, Message};
use super::request::Cargo;
use super::salts::Salts;
use super::{Held, MAX_FILE_ANSWER, Reaction, Readiness, Session, Work, error, request, rpc_result};

/// Requests of one session that are being worked on or wait.
pub(super) const MAX_RUNNING: usize = 128;
/// What a request takes of the budgets beside its bytes: its records here and its clock.
const REQUEST_OVERHEAD: usize = 1024;
/// What all compressed messages of one packet may swell to together: twice what an uncompressed one may hold.
const MAX_INFLATED: usize = 2 << 20;
/// What one packet may have sent again, bytes: less than is kept of answers, whatever the packet repeats.
const MAX_REPEATED: usize = 2 << 20;
/// Ids in one acknowledgement, state or resend request.
const MAX_IDS: usize = 8192;
/// Ids whose messages are sent again on one request.
const MAX_RESENT: usize = 64;
/// The longest delay, in seconds, after which a client may have its connection closed.
const MAX_DISCONNECT_DELAY: i32 = 3600;

/// The handling of one packet.
pub(super) struct Turn<'a> {
    session: &'a mut Session,
    /// The session has been reached that way before.
    known_way: bool,
    salts: &'a Salts,
    now: Duration,
    pub(super) reaction: Reaction,
    /// What is left of [`MAX_INFLATED`].
    inflatable: usize,
    /// What is left of [`MAX_REPEATED`].
    repeatable: usize,
}

impl<'a> Turn<'a> {
    pub(super) fn new(
        session: &'a mut Session,
        known_way: bool,
        salts: &'a Salts,
        now: Duration,
    ) -> Turn<'a> {
        let reaction = Reaction::default();
        Turn { session, known_way, salts, now, reaction, inflatable: MAX_INFLATED, repeatable: MAX_REPEATED }
    }
}

impl Turn<'_> {
    pub(super) fn take_packet(&mut self, salt: i64, message: Message) {
        let on_time = history::judge_time(message.msg_id, self.now)
            .and_then(|()| self.session.beginning.judge(message.msg_id, self.now));
        if let Err(code) = on_time {
            return self.reject(&message, code);
        }
        if !self.salts.accepts(salt, self.now) {
            return self.reject_salt(&message);
        }
        match self.session.history.state(message.msg_id).filter(|_| !self.known_way) {
            None => {}
            // Nothing is kept that could wait: a client asks for it anew, which whoever has recorded it cannot.
            Some(State::Served) => return self.reject_salt(&message),
            // A client that comes another way and says nothing new, or somebody who has recorded it: that it has arrived is all there is
            // to say. Its answer waits for something new to be said there.
            Some(_) => return self.say_received(message.msg_id),
        }
        match self.open(message) {
            Some(Parcel::One(message)) => {
                self.announce(message.msg_id);
                self.take(message);
            }
            Some(Parcel::Several(messages)) => {
                self.announce(messages.iter().map(|message| message.msg_id).min().unwrap_or_default());
                messages.into_iter().for_each(|message| self.take_inner(message));
            }
            None => {}
        }
    }

    /// Unpacks compression and container, each once; `None` if it was rejected.
    fn open(&mut self, message: Message) -> Option<Parcel> {
        let message = self.inflate(message)?;
        if constructor(&message.body) != MSG_CONTAINER {
            return Some(Parcel::One(message));
        }
        let code = match parcel::open_container(&message.body) {
            _ if self.session.history.state(message.msg_id).is_some() => bad::CONTAINER_REPEATED,
            _ if message.seq_no & 1 == 1 => bad::EVEN_EXPECTED,
            None => bad::CONTAINER,
            Some(messages) => match self.session.history.judge_id(message.msg_id) {
                Ok(()) => {
                    self.session.history.record_container(message.msg_id);
                    return Some(Parcel::Several(messages));
                }
                Err(code) => code,
            },
        };
        self.reject(&message, code);
        None
    }

    /// Replaces a compressed message by its content; the content may be a container, but not compressed again.
    fn inflate(&mut self, message: Message) -> Option<Message> {
        if constructor(&message.body) != GZIP_PACKED {
            return Some(message);
        }
        let mut reader = Reader::new(message.body.get(4..).unwrap_or_default());
        let body = reader.bytes().and_then(|packed| parcel::inflate(packed, &mut self.inflatable));
        match body.filter(|body| body.len() >= 4 && constructor(body) != GZIP_PACKED) {
            Some(body) => Some(Message { body, ..message }),
            None => {
                self.reject(&message, bad::CONTAINER);
                None
            }
        }
    }

    fn take_inner(&mut self, message: Message) {
        let Some(message) = self.inflate(message) else { return };
        if constructor(&message.body) == MSG_CONTAINER {
            return self.reject(&message, bad::CONTAINER);
        }
        self.take(message);
    }

    /// The first message of a session is told that the session is new: whatever was sent before is unknown here.
    fn announce(&mut self, first_msg_id: i64) {
        if std::mem::replace(&mut self.session.announced, true) {
            return;
        }
        let created = types::NewSessionCreated {
            first_msg_id,
            unique_id: self.session.unique_id,
            server_salt: self.salts.current(self.now),
        };
        let body = enums::NewSession::Created(created).to_bytes();
        let message = self.session.notice(body, self.now);
        self.reaction.messages.push(message);
    }

    fn take(&mut self, message: Message) {
        let known = self.session.history.state(message.msg_id);
        if known.is_none()
            && let Err(code) = self.session.history.judge(message.msg_id, message.seq_no)
        {
            return self.reject(&message, code);
        }
        if self.take_service(&message, known) {
            if known.is_none() {
                self.session.history.record(message.msg_id, message.seq_no, State::Taken);
            }
            return;
        }
        match known {
            None if message.seq_no & 1 == 0 => self.reject(&message, bad::ODD_EXPECTED),
            None => self.take_request(message),
            Some(State::Served) => self.take_request(message),
            Some(_) => self.repeat(message.msg_id),
        }
    }

    /// Service messages do no harm when repeated, except where `known` is asked; false if it is none.
    fn take_service(&mut self, message: &Message, known: Option<State>) -> bool {
        let mut reader = Reader::new(&message.body);
        let handled = match reader.u32().unwrap_or_default() {
            types::MsgsAck::CONSTRUCTOR_ID => reader.longs(MAX_IDS).map(|ids| self.acknowledge(&ids)),
            functions::Ping::CONSTRUCTOR_ID => reader.i64().map(|ping_id| self.pong(message.msg_id, ping_id)),
            functions::PingDelayDisconnect::CONSTRUCTOR_ID => {
                reader.i64().zip(reader.i32()).map(|(ping_id, delay)| {
                    let seconds = delay.clamp(1, MAX_DISCONNECT_DELAY);
                    self.reaction.disconnect_after = Some(Duration::from_secs(seconds.unsigned_abs().into()));
                    self.pong(message.msg_id, ping_id);
                })
            }
            functions::GetFutureSalts::CONSTRUCTOR_ID => {
                reader.i32().map(|count| self.future_salts(message.msg_id, count))
            }
            types::MsgsStateReq::CONSTRUCTOR_ID => {
                reader.longs(MAX_IDS).map(|ids| self.state_info(message.msg_id, &ids))
            }
            types::MsgResendReq::CONSTRUCTOR_ID => {
                reader.longs(MAX_IDS).map(|ids| self.resend(message.msg_id, &ids, Session::held))
            }
            types::MsgResendAnsReq::CONSTRUCTOR_ID => {
                reader.longs(MAX_IDS).map(|ids| self.resend(message.msg_id, &ids, Session::answer_to))
            }
            functions::DestroySession::CONSTRUCTOR_ID => {
                reader.i64().map(|session_id| self.reaction.destroy.push(session_id))
            }
            functions::DestroyAuthKey::CONSTRUCTOR_ID => {
                self.reaction.destroy_key = true;
                Some(())
            }
            functions::RpcDropAnswer::CONSTRUCTOR_ID => match known {
                None => reader.i64().map(|request| self.drop_answer(message.msg_id, request)),
                Some(_) => {
                    self.repeat(message.msg_id);
                    Some(())
                }
            },
            types::HttpWait::CONSTRUCTOR_ID
            | types::MsgsStateInfo::CONSTRUCTOR_ID
            | types::MsgsAllInfo::CONSTRUCTOR_ID
            | types::MsgDetailedInfo::CONSTRUCTOR_ID
            | types::MsgNewDetailedInfo::CONSTRUCTOR_ID => Some(()),
            _ => return false,
        };
        if handled.is_none() {
            self.reaction.faults.push(format!("service message {} is malformed", message.msg_id));
        }
        true
    }

    fn acknowledge(&mut self, ids: &[i64]) {
        ids.iter().for_each(|&id| self.session.acknowledge(id));
    }

    fn pong(&mut self, msg_id: i64, ping_id: i64) {
        self.say(enums::Pong::Pong(types::Pong { msg_id, ping_id }).to_bytes());
    }

    fn future_salts(&mut self, req_msg_id: i64, count: i32) {
        let salts = types::FutureSalts {
            req_msg_id,
            now: self.now.as_secs() as i32,
            salts: RawVec(self.salts.future(count, self.now)),
        };
        self.say(enums::FutureSalts::Salts(salts).to_bytes());
    }

    fn state_info(&mut self, req_msg_id: i64, ids: &[i64]) {
        let info = ids.iter().map(|&id| self.session.history.status(id)).collect();
        self.say(enums::MsgsStateInfo::Info(types::MsgsStateInfo { req_msg_id, info }).to_bytes());
    }

    /// Sends kept messages again as they were; if one is gone, the client is told the state of all instead.
    fn resend(&mut self, req_msg_id: i64, ids: &[i64], find: fn(&Session, i64) -> Option<&Message>) {
        let mut found = Vec::new();
        for &id in ids.iter().take(MAX_RESENT) {
            match find(self.session, id).filter(|kept| kept.body.len() <= self.repeatable) {
                Some(kept) => {
                    self.repeatable -= kept.body.len();
                    found.push(kept.clone());
                }
                None => return self.state_info(req_msg_id, ids),
            }
        }
        found.iter().for_each(|message| self.session.note_sent(message.msg_id));
        self.reaction.messages.extend(found);
    }

    fn drop_answer(&mut self, msg_id: i64, request: i64) {
        let history = &mut self.session.history;
        let outcome = match (history.state(request), self.session.answers.remove(request)) {
            (_, Some(answer)) => enums::RpcDropAnswer::RpcAnswerDropped(types::RpcAnswerDropped {
                msg_id: answer.msg_id,
                seq_no: answer.seq_no,
                bytes: answer.body.len() as i32,
            }),
            (Some(State::Running | State::Dropped), None) => {
                history.set(request, State::Dropped);
                enums::RpcDropAnswer::RpcAnswerDroppedRunning
            }
            _ => enums::RpcDropAnswer::RpcAnswerUnknown,
        };
        let body = rpc_result(msg_id, outcome.to_bytes());
        let answer = self.session.content(Kind::Answer, body, self.now);
        self.session.keep_answer(msg_id, &answer);
        self.reaction.messages.push(answer);
    }

    /// A request that came before: its answer again if it is kept, or what to ask for; else only that it has arrived.
    fn repeat(&mut self, msg_id: i64) {
        let Some(answer) = self.session.answer_to(msg_id).cloned() else {
            return self.say_received(msg_id);
        };
        self.session.note_sent(answer.msg_id);
        match self.repeatable.checked_sub(answer.body.len()) {
            Some(left) => {
                self.repeatable = left;
                self.reaction.messages.push(answer);
            }
            None => self.say(again::name(Some(msg_id), &answer).to_bytes()),
        }
    }

    fn take_request(&mut self, message: Message) {
        let Message { msg_id, seq_no, body } = message;
        self.session.history.record(msg_id, seq_no, State::Running);
        let full = self.session.running >= MAX_RUNNING;
        self.session.running += 1;
        let request = match request::unwrap(&body, &mut self.inflatable) {
            Ok(_) if full => return self.refuse(msg_id, error(420, "FLOOD_WAIT_1")),
            Ok(request) => request,
            Err(error) => return self.refuse(msg_id, error),
        };
        let allowance = &self.session.allowance;
        let freight = Some(request.cargo()).filter(|cargo| *cargo != Cargo::None).zip(allowance.freight());
        // To a stranger no part of a file is ever sent back.
        let covers_answer = matches!(freight, Some((Cargo::PartBack, _)));
        let budget = freight.map_or(&allowance.requests, |(_, freight)| freight);
        let Some(share) = budget.take(cost(&request, covers_answer)) else {
            return self.refuse(msg_id, error(420, "FLOOD_WAIT_1"));
        };
        self.session.wants_updates |= request.wants_updates;
        let readiness = self.session.readiness(&request.after);
        if let Readiness::Failed = readiness {
            return self.refuse(msg_id, error(400, "MSG_WAIT_FAILED"));
        }
        // Only with a request that keeps its share of the budgets: noting it is work, too.
        self.reaction.device = request.device.or(self.reaction.device.take());
        let work = Work { msg_id, layer: request.layer, method: request.method, share, covers_answer };
        if let Readiness::Ready = readiness {
            self.reaction.works.push(work);
        } else {
            self.session.held.push(Held { work, after: request.after });
            self.reaction.held.push(msg_id);
        }
    }

    /// Answers a request with an error without executing it.
    fn refuse(&mut self, msg_id: i64, error: RpcError) {
        self.reaction.faults.push(format!("request {msg_id} is refused: {}", error.name));
        let more = self.session.answer(msg_id, Err(error), self.now);
        self.reaction.messages.extend(more.messages);
        self.reaction.works.extend(more.works);
    }

    fn say_received(&mut self, msg_id: i64) {
        self.say(enums::MsgsAck::Ack(types::MsgsAck { msg_ids: vec![msg_id] }).to_bytes());
    }

    fn say(&mut self, body: Vec<u8>) {
        let message = self.session.service(body, self.now);
        self.reaction.messages.push(message);
    }

    fn reject(&mut self, message: &Message, error_code: i32) {
        self.reaction.faults.push(format!("message {} is not accepted: code {error_code}", message.msg_id));
        let notification = types::BadMsgNotification {
            bad_msg_id: message.msg_id,
            bad_msg_seqno: message.seq_no,
            error_code,
        };
        self.say(enums::BadMsgNotification::Notification(notification).to_bytes());
    }

    fn reject_salt(&mut self, message: &Message) {
        let notification = types::BadServerSalt {
            bad_msg_id: message.msg_id,
            bad_msg_seqno: message.seq_no,
            error_code: bad::SALT,
            new_server_salt: self.salts.current(self.now),
        };
        self.say(enums::BadMsgNotification::BadServerSalt(notification).to_bytes());
    }
}

enum Parcel {
    One(Message),
    Several(Vec<Message>),
}

/// The bytes that a request keeps while it waits, and a part of a file until it is written.
fn cost(request: &request::Request, covers_answer: bool) -> usize {
    let answer = if covers_answer { MAX_FILE_ANSWER } else { 0 };
    request.method.capacity() + request.after.capacity() * size_of::<i64>() + REQUEST_OVERHEAD + answer
}

fn constructor(body: &[u8]) -> u32 {
    Reader::new(body).u32().unwrap_or_default()
}
