//! A session bound to a key and, most of the time, to a connection: what it wants sent is encrypted and queued here.
//!
//! Packets come from a connection's task, answers and updates from the desk's thread. One lock per session makes numbering,
//! encrypting and queueing one step, so that nothing overtakes. It is never held while waiting.
//!
//! A client may reach one session over several connections at a time: the one over which it said something new last is written to, and
//! when that is gone, another. What it has said before, sent once more, changes nothing of this, whoever sends it.

use std::net::IpAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::budget::{Allowance, Share};
use super::clock;
use super::desk::{Desk, Origin};
use super::outbox::Outbox;
use super::rpc::RpcError;
use super::session::history::Beginning;
use super::session::request::Introduction;
use super::session::salts::Salts;
use super::session::{Reaction, Session, WAIT_LIMIT, Way, Work};
use super::store::DeviceRow;
use super::temporary::{Identity, Temporary};
use crate::mtproto::auth_key::AuthKey;
use crate::mtproto::cipher::{self, Direction};

/// A session of one authorization key.
pub struct LiveSession {
    id: i64,
    key: Arc<Keyring>,
    beginning: Beginning,
    state: Mutex<State>,
}

/// An authorization key and the salts that go with it.
pub struct Keyring {
    pub key: AuthKey,
    pub id: i64,
    pub salts: Salts,
    /// For the requests of all its sessions.
    pub allowance: Allowance,
    /// What is more to know of a temporary key.
    temporary: Option<Arc<Temporary>>,
    destroyed: AtomicBool,
}

impl Keyring {
    /// A permanent key without `temporary`, or else that one.
    pub fn new(
        key: AuthKey,
        salts: Salts,
        allowance: Allowance,
        temporary: Option<Arc<Temporary>>,
    ) -> Keyring {
        Keyring { id: key.id(), key, salts, allowance, temporary, destroyed: AtomicBool::new(false) }
    }

    pub fn identity(&self) -> Identity {
        match &self.temporary {
            Some(temporary) => Identity::Temporary(temporary.clone()),
            None => Identity::Permanent(self.id),
        }
    }

    /// The permanent key as which this one counts; its own id until it is bound.
    pub fn authorization(&self) -> i64 {
        self.temporary.as_ref().and_then(|temporary| temporary.bound_to()).unwrap_or(self.id)
    }

    /// Whether it is no longer a key; `now` in unix seconds.
    pub fn is_void(&self, now: i32) -> bool {
        self.destroyed.load(Ordering::Acquire)
            || self.temporary.as_ref().is_some_and(|temporary| temporary.is_void(now))
    }

    /// From now on it is no key.
    pub fn note_destroyed(&self) {
        self.destroyed.store(true, Ordering::Release);
    }
}

struct State {
    session: Session,
    /// The connections that the client uses it over; the last one is written to.
    lines: Vec<Outbox>,
    /// When it was last used, for choosing which to forget.
    used: Duration,
}

/// What the connection has to do after a packet.
#[derive(Debug, Default)]
pub struct Followup {
    /// The client has said something new, in order.
    pub leads: bool,
    pub disconnect_after: Option<Duration>,
    pub destroy: Vec<i64>,
    /// The key itself is to be destroyed.
    pub destroy_key: bool,
    pub faults: Vec<String>,
}

impl LiveSession {
    pub fn new(id: i64, key: Arc<Keyring>, beginning: Beginning) -> LiveSession {
        let session = Session::new(rand::random(), beginning, key.allowance.of_session());
        LiveSession {
            id,
            key,
            beginning,
            state: Mutex::new(State { session, lines: Vec::new(), used: clock::now() }),
        }
    }

    /// Takes a packet that came from an address over the connection behind `outbox`, to which this session then turns if it is new.
    pub fn receive(
        self: &Arc<Self>,
        message: cipher::Message,
        from: IpAddr,
        outbox: &Outbox,
        desk: &Desk,
    ) -> Followup {
        let now = clock::now();
        let mut reaction = {
            let mut state = self.lock();
            state.used = now;
            let line = outbox.connection();
            let known = state.lines.iter().any(|known| known.connection() == line);
            let way = Way { line, known };
            let mut reaction = state.session.receive(message, way, &self.key.salts, now);
            if reaction.leads {
                state.lines.retain(|other| other.connection() != line);
                state.lines.push(outbox.clone());
            }
            self.send_over(outbox, &mut state, &mut reaction, None, now);
            reaction
        };
        let followup = Followup {
            leads: reaction.leads,
            disconnect_after: reaction.disconnect_after,
            destroy: std::mem::take(&mut reaction.destroy),
            destroy_key: reaction.destroy_key,
            faults: std::mem::take(&mut reaction.faults),
        };
        if let Some(device) = reaction.device.take() {
            let Introduction { api_id, model, system_version, app_version } = device;
            let device = DeviceRow { api_id, model, system_version, app_version, ip: from.to_string() };
            desk.introduce(self.key.identity(), device);
        }
        self.hand_on(reaction, desk);
        followup
    }

    /// Tells the client whether a session it wanted destroyed was there.
    pub fn destroyed(&self, session_id: i64, existed: bool) {
        self.tell(|session, now| session.destroyed(session_id, existed, now));
    }

    /// Tells the client what became of the key it wanted destroyed: `None` if that failed, or else whether it was there.
    pub fn key_destroyed(&self, existed: Option<bool>) {
        self.tell(|session, now| session.key_destroyed(existed, now));
    }

    /// Sends updates, if the client wants them; without a connection they wait for the next one.
    pub fn push(&self, updates: &[u8]) {
        self.tell(|session, now| session.push(updates, now));
    }

    /// The connection with this number is gone; what it may not have delivered goes over another, if there is one.
    pub fn detach(&self, connection: u64) {
        let now = clock::now();
        let mut state = self.lock();
        let before = state.lines.len();
        state.lines.retain(|line| line.connection() != connection);
        if state.lines.len() == before {
            return;
        }
        state.used = now;
        let next = state.lines.last().map(Outbox::connection);
        state.session.lose(connection);
        state.session.bind(next);
        let mut reaction = state.session.send_again(now);
        self.send(&mut state, &mut reaction, None, now);
    }

    /// The client has destroyed this session: nothing more comes of it.
    pub fn end(&self) {
        let mut state = self.lock();
        state.lines.clear();
        let forgotten = state.session.newest().max(self.beginning.forgotten);
        let beginning = Beginning { forgotten, ..self.beginning };
        state.session = Session::new(rand::random(), beginning, self.key.allowance.of_session());
    }

    fn tell(&self, act: impl FnOnce(&mut Session, Duration) -> Reaction) {
        let now = clock::now();
        let mut state = self.lock();
        let mut reaction = act(&mut state.session, now);
        self.send(&mut state, &mut reaction, None, now);
    }

    /// The highest id of the client's that it has taken; 0 before any.
    pub fn newest(&self) -> i64 {
        self.lock().session.newest()
    }

    /// When it was last used, if no connection is bound to it now.
    pub fn idle_since(&self) -> Option<Duration> {
        let state = self.lock();
        state.lines.is_empty().then_some(state.used)
    }

    /// Brings requests to the desk and starts the clocks of those that wait.
    fn hand_on(self: &Arc<Self>, reaction: Reaction, desk: &Desk) {
        for msg_id in reaction.held {
            let (live, desk) = (self.clone(), desk.clone());
            tokio::spawn(async move {
                tokio::time::sleep(WAIT_LIMIT).await;
                live.react(&desk, None, |session, now| session.expire(msg_id, now));
            });
        }
        self.submit(reaction.works, desk);
    }

    fn submit(self: &Arc<Self>, works: Vec<Work>, desk: &Desk) {
        for Work { msg_id, layer, method, share, covers_answer } in works {
            let origin = Origin { key: self.key.identity(), session_id: self.id, msg_id };
            if let Some(layer) = layer {
                desk.note_layer(self.key.identity(), layer);
            }
            let (live, next_desk) = (self.clone(), desk.clone());
            let done = Box::new(move |result: Result<Vec<u8>, RpcError>, member| {
                live.key.allowance.set_member(member);
                // A refusal is short, and whoever is refused shall not keep room from others by not reading it.
                let share = Some(share).filter(|_| covers_answer && result.is_ok());
                live.react(&next_desk, share, |session, now| session.answer(msg_id, result, now));
            });
            desk.answer(origin, method, done);
        }
    }

    fn react(
        self: &Arc<Self>,
        desk: &Desk,
        share: Option<Share>,
        act: impl FnOnce(&mut Session, Duration) -> Reaction,
    ) {
        let now = clock::now();
        let works = {
            let mut state = self.lock();
            let mut reaction = act(&mut state.session, now);
            self.send(&mut state, &mut reaction, share, now);
            reaction.works
        };
        self.submit(works, desk);
    }

    /// Encrypts and queues what a reaction sends; without a connection the session keeps what must not be lost. A share that covers the first
    /// of its messages is kept until that is on its way.
    fn send(&self, state: &mut State, reaction: &mut Reaction, share: Option<Share>, now: Duration) {
        if let Some(outbox) = state.lines.last().cloned() {
            self.send_over(&outbox, state, reaction, share, now);
        }
    }

    /// As [`LiveSession::send`], over this connection.
    fn send_over(
        &self,
        outbox: &Outbox,
        state: &mut State,
        reaction: &mut Reaction,
        mut share: Option<Share>,
        now: Duration,
    ) {
        for message in state.session.pack(std::mem::take(&mut reaction.messages), now) {
            let message = cipher::Message {
                salt: self.key.salts.current(now),
                session_id: self.id,
                msg_id: message.msg_id,
                seq_no: message.seq_no,
                body: message.body,
            };
            outbox.send(
                cipher::seal(&self.key.key, Direction::ToClient, &message, &mut rand::rng()),
                share.take(),
            );
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // A panic elsewhere leaves a session whole: every change to it is made by one call.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
