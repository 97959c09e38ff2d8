//! One session of a client: judges its messages, answers the service ones, and hands requests on exactly once.
//!
//! Pure: a message and the time go in; messages to send and requests to execute come out. A session outlives its connections, which
//! is why it knows them by number only; [`super::live`] binds it to one, encrypts and sends. What is kept until the client acknowledges
//! it is in `answers` and `notices`, the rules for sending it again in `again`.

mod again;
mod answers;
pub mod history;
mod kept;
mod notices;
pub mod numbers;
pub mod parcel;
pub mod request;
pub mod salts;
mod turn;

use std::time::Duration;

use grammers_tl_types::{Identifiable, Serializable, enums, types};

use self::answers::Answers;
use self::history::{Beginning, History, State};
use self::kept::Kept;
use self::notices::Notices;
use self::numbers::{Kind, Numbers};
use self::parcel::Message;
use self::request::Introduction;
use self::salts::Salts;
use self::turn::Turn;
use super::budget::{Allowance, Share};
use super::reader::Reader;
use super::rpc::RpcError;
use crate::mtproto::cipher;

const RPC_RESULT: u32 = 0xf35c_6d01;
/// Answers from this size on are compressed if that makes them smaller.
const COMPRESS_FROM: usize = 1024;
/// Client libraries of this protocol abort on a longer message; nothing the server says comes near.
const MAX_ANSWER: usize = 1_000_000;
/// Except a part of a file, whose length the client has chosen.
const MAX_FILE_ANSWER: usize = (1 << 20) + 64;

/// A request to execute. [`Session::answer`] must follow, once.
#[derive(Debug)]
pub struct Work {
    pub msg_id: i64,
    /// The client has said that it speaks this layer.
    pub layer: Option<i32>,
    pub method: Vec<u8>,
    /// What it takes of the budgets until it is executed.
    pub share: Share,
    /// The share is for the answer too, and to be kept until that is written.
    pub covers_answer: bool,
}

/// How a packet came.
#[derive(Clone, Copy, Debug)]
pub struct Way {
    /// The connection, by number.
    pub line: u64,
    /// The session has been reached over it before.
    pub known: bool,
}

/// What has to happen after an input.
#[derive(Debug, Default)]
pub struct Reaction {
    /// The packet is the newest that the session has taken: what the session says from now on goes over the way that it came.
    pub leads: bool,
    /// To be sent together, in this order.
    pub messages: Vec<Message>,
    pub works: Vec<Work>,
    /// Requests that now wait for others; [`Session::expire`] is due for each after [`WAIT_LIMIT`].
    pub held: Vec<i64>,
    /// Close the connection if this does not come again in so many seconds.
    pub disconnect_after: Option<Duration>,
    /// Sessions of the same key to forget; [`Session::destroyed`] answers each.
    pub destroy: Vec<i64>,
    /// The key itself is to be destroyed; [`Session::key_destroyed`] answers.
    pub destroy_key: bool,
    /// Reasons, for the log, why something was not accepted.
    pub faults: Vec<String>,
    /// What the client says it is; to be noted before the works are executed.
    pub device: Option<Introduction>,
}

/// Messages, and bytes of them, that travel in one container; a longer message travels alone.
const MAX_TOGETHER: usize = 100;
const MAX_TOGETHER_LEN: usize = 256 * 1024;

/// How long a request waits for those it wants to come after.
pub const WAIT_LIMIT: Duration = Duration::from_secs(10);

struct Held {
    work: Work,
    after: Vec<i64>,
}

/// State of one session.
pub struct Session {
    unique_id: i64,
    /// Nothing from before is taken.
    beginning: Beginning,
    announced: bool,
    wants_updates: bool,
    numbers: Numbers,
    history: History,
    answers: Answers,
    notices: Notices,
    /// The connection that it is bound to, by number.
    line: Option<u64>,
    /// Something kept may have to be sent again.
    undelivered: bool,
    held: Vec<Held>,
    running: usize,
    allowance: Allowance,
}

impl Session {
    /// `unique_id` is random; `allowance` bounds the requests that wait.
    pub fn new(unique_id: i64, beginning: Beginning, allowance: Allowance) -> Session {
        Session {
            unique_id,
            beginning,
            announced: false,
            wants_updates: false,
            numbers: Numbers::default(),
            history: History::default(),
            answers: Answers::default(),
            notices: Notices::default(),
            line: None,
            undelivered: false,
            held: Vec::new(),
            running: 0,
            allowance,
        }
    }

    /// Takes one decrypted packet; what it causes at once goes back the way that it came.
    ///
    /// The session itself goes that way only if the packet is taken and newer than all before it. Anybody can record a packet and send it
    /// once more over a connection of their own, or hold it back for a while: nothing that was said may turn the output aside. What has to
    /// be sent again then goes first, unless the packet acknowledges it.
    pub fn receive(&mut self, packet: cipher::Message, way: Way, salts: &Salts, now: Duration) -> Reaction {
        let (msg_id, before) = (packet.msg_id, self.line);
        let newest = msg_id > self.history.newest();
        if newest || way.known {
            self.line = Some(way.line);
        }
        let mut turn = Turn::new(self, way.known, salts, now);
        turn.take_packet(packet.salt, Message { msg_id, seq_no: packet.seq_no, body: packet.body });
        let mut reaction = turn.reaction;
        reaction.leads = newest && self.history.state(msg_id).is_some();
        if !reaction.leads {
            self.line = before;
            return reaction;
        }
        if !way.known {
            // The client may have lost its other connections without our knowing.
            self.lose_others(way.line);
        }
        let mut again = self.send_again(now).messages;
        again.append(&mut reaction.messages);
        Reaction { messages: again, ..reaction }
    }

    /// The highest id of the client's that it has taken; 0 before any.
    pub fn newest(&self) -> i64 {
        self.history.newest()
    }

    /// The outcome of a [`Work`]: the serialised boxed result, or the error.
    pub fn answer(&mut self, msg_id: i64, result: Result<Vec<u8>, RpcError>, now: Duration) -> Reaction {
        let state = match &result {
            Ok(body) if is_file(body) => State::Served,
            Ok(_) => State::Succeeded,
            Err(_) => State::Failed,
        };
        let dropped = self.history.state(msg_id) == Some(State::Dropped);
        self.history.set(msg_id, state);
        self.running = self.running.saturating_sub(1);
        let body = if dropped {
            rpc_result(msg_id, enums::RpcDropAnswer::RpcAnswerDroppedRunning.to_bytes())
        } else {
            rpc_result(msg_id, result_body(result))
        };
        let mut reaction = Reaction::default();
        let answer = self.content(Kind::Answer, body, now);
        if state != State::Served {
            self.keep_answer(msg_id, &answer);
        }
        reaction.messages.push(answer);
        self.release(&mut reaction, now);
        reaction
    }

    /// Updates that the server sends unasked; nothing if the client did not ask for any. They are kept until they are acknowledged.
    pub fn push(&mut self, updates: &[u8], now: Duration) -> Reaction {
        let mut reaction = Reaction::default();
        if self.wants_updates {
            reaction.messages.push(self.notice(updates.to_vec(), now));
        }
        reaction
    }

    /// A request has waited for [`WAIT_LIMIT`]; nothing happens if it no longer waits.
    pub fn expire(&mut self, msg_id: i64, now: Duration) -> Reaction {
        match self.held.iter().position(|held| held.work.msg_id == msg_id) {
            Some(at) => {
                self.held.remove(at);
                self.answer(msg_id, Err(error(400, "MSG_WAIT_TIMEOUT")), now)
            }
            None => Reaction::default(),
        }
    }

    /// Whether a session that the client asked to destroy was there.
    pub fn destroyed(&mut self, session_id: i64, existed: bool, now: Duration) -> Reaction {
        let answer = if existed {
            enums::DestroySessionRes::DestroySessionOk(types::DestroySessionOk { session_id })
        } else {
            enums::DestroySessionRes::DestroySessionNone(types::DestroySessionNone { session_id })
        };
        let message = self.service(answer.to_bytes(), now);
        Reaction { messages: vec![message], ..Reaction::default() }
    }

    /// What became of the key that the client asked to destroy: `None` if that failed, or else whether it was there.
    pub fn key_destroyed(&mut self, existed: Option<bool>, now: Duration) -> Reaction {
        let answer = match existed {
            Some(true) => enums::DestroyAuthKeyRes::DestroyAuthKeyOk,
            Some(false) => enums::DestroyAuthKeyRes::DestroyAuthKeyNone,
            None => enums::DestroyAuthKeyRes::DestroyAuthKeyFail,
        };
        let message = self.service(answer.to_bytes(), now);
        Reaction { messages: vec![message], ..Reaction::default() }
    }

    /// Packs what a reaction sends into as few messages as may be.
    pub fn pack(&mut self, messages: Vec<Message>, now: Duration) -> Vec<Message> {
        let mut packed = Vec::new();
        let mut together: Vec<Message> = Vec::new();
        let mut len = 0;
        for message in messages {
            if together.len() == MAX_TOGETHER || len + message.body.len() > MAX_TOGETHER_LEN {
                packed.extend(self.join(std::mem::take(&mut together), now));
                len = 0;
            }
            len += message.body.len();
            together.push(message);
        }
        packed.extend(self.join(together, now));
        packed
    }

    fn join(&mut self, mut together: Vec<Message>, now: Duration) -> Option<Message> {
        if together.len() > 1 {
            Some(self.service(parcel::container(&together), now))
        } else {
            together.pop()
        }
    }

    /// Sends, fails or keeps waiting those who wait for others.
    fn release(&mut self, reaction: &mut Reaction, now: Duration) {
        let mut failed = Vec::new();
        for held in std::mem::take(&mut self.held) {
            match self.readiness(&held.after) {
                Readiness::Ready => reaction.works.push(held.work),
                Readiness::Failed => failed.push(held.work.msg_id),
                Readiness::Waiting => self.held.push(held),
            }
        }
        for msg_id in failed {
            let more = self.answer(msg_id, Err(error(400, "MSG_WAIT_FAILED")), now);
            reaction.messages.extend(more.messages);
            reaction.works.extend(more.works);
        }
    }

    fn readiness(&self, after: &[i64]) -> Readiness {
        let states: Vec<_> = after.iter().map(|&msg_id| self.history.state(msg_id)).collect();
        if states.contains(&Some(State::Failed)) {
            Readiness::Failed
        } else if states.iter().all(|state| matches!(state, Some(State::Succeeded | State::Served))) {
            Readiness::Ready
        } else {
            Readiness::Waiting
        }
    }

    fn keep_answer(&mut self, request: i64, answer: &Message) {
        self.answers.keep(request, self.keepsake(answer));
        self.undelivered |= self.line.is_none();
    }

    /// What is kept of a message that is said now.
    fn keepsake(&self, message: &Message) -> Kept {
        Kept::new(message.clone(), self.line)
    }

    /// A message that the client must acknowledge.
    fn content(&mut self, kind: Kind, body: Vec<u8>, now: Duration) -> Message {
        Message { msg_id: self.numbers.msg_id(kind, now), seq_no: self.numbers.seq_no(true), body }
    }

    /// A message that needs no acknowledgement.
    fn service(&mut self, body: Vec<u8>, now: Duration) -> Message {
        Message { msg_id: self.numbers.msg_id(Kind::Answer, now), seq_no: self.numbers.seq_no(false), body }
    }
}

enum Readiness {
    Ready,
    Waiting,
    Failed,
}

fn error(code: i32, name: &str) -> RpcError {
    RpcError { code, name: name.to_string() }
}

/// The object inside `rpc_result`: the result, compressed if that pays, or the error.
fn result_body(result: Result<Vec<u8>, RpcError>) -> Vec<u8> {
    match result {
        // Ciphertext cannot be compressed; trying would cost the most where there is the most.
        Ok(body) if is_file(&body) && body.len() <= MAX_FILE_ANSWER => body,
        Ok(body) if body.len() > MAX_ANSWER => result_body(Err(error(500, "ANSWER_TOO_LONG"))),
        Ok(body) if body.len() >= COMPRESS_FROM => {
            let packed = parcel::gzip_packed(&body);
            if packed.len() < body.len() { packed } else { body }
        }
        Ok(body) => body,
        Err(RpcError { code, name }) => {
            enums::RpcError::Error(types::RpcError { error_code: code, error_message: name }).to_bytes()
        }
    }
}

/// Whether a result is a part of a file. Reading it again changes nothing, so it need not be kept, and is too long for it.
fn is_file(result: &[u8]) -> bool {
    Reader::new(result).u32() == Some(types::upload::File::CONSTRUCTOR_ID)
}

fn rpc_result(req_msg_id: i64, object: Vec<u8>) -> Vec<u8> {
    let mut body = RPC_RESULT.to_bytes();
    req_msg_id.serialize(&mut body);
    body.extend(object);
    body
}

#[cfg(test)]
mod tests;
