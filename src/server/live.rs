//! A session bound to a key and, most of the time, to a connection: what it wants sent is encrypted and queued here.
//!
//! Packets come from a connection's task, answers and updates from the desk's thread. One lock per session makes numbering,
//! encrypting and queueing one step, so that nothing overtakes. It is never held while waiting.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::budget::{Allowance, Share};
use super::clock;
use super::desk::Desk;
use super::outbox::Outbox;
use super::rpc::{Caller, RpcError};
use super::session::salts::Salts;
use super::session::{Reaction, Session, WAIT_LIMIT, Work};
use crate::mtproto::auth_key::AuthKey;
use crate::mtproto::cipher::{self, Direction};

/// A session of one authorization key.
pub struct LiveSession {
    id: i64,
    key: Arc<Keyring>,
    state: Mutex<State>,
}

/// An authorization key and the salts that go with it.
pub struct Keyring {
    pub key: AuthKey,
    pub id: i64,
    pub salts: Salts,
    /// For the requests of all its sessions.
    pub allowance: Allowance,
}

struct State {
    session: Session,
    outbox: Option<Outbox>,
    /// When it was last used, for choosing which to forget.
    used: Duration,
}

/// What the connection has to do after a packet.
#[derive(Debug, Default)]
pub struct Followup {
    pub disconnect_after: Option<Duration>,
    pub destroy: Vec<i64>,
    pub faults: Vec<String>,
}

impl LiveSession {
    pub fn new(id: i64, key: Arc<Keyring>) -> LiveSession {
        let session = Session::new(rand::random(), key.allowance.of_session());
        LiveSession { id, key, state: Mutex::new(State { session, outbox: None, used: clock::now() }) }
    }

    /// Takes a packet that came over the connection behind `outbox`, which this session then answers to.
    pub fn receive(self: &Arc<Self>, message: cipher::Message, outbox: &Outbox, desk: &Desk) -> Followup {
        let now = clock::now();
        let mut reaction = {
            let mut state = self.lock();
            state.used = now;
            state.outbox = Some(outbox.clone());
            let mut reaction = state.session.receive(message, &self.key.salts, now);
            self.send(&mut state, &mut reaction, None, now);
            reaction
        };
        let followup = Followup {
            disconnect_after: reaction.disconnect_after,
            destroy: std::mem::take(&mut reaction.destroy),
            faults: std::mem::take(&mut reaction.faults),
        };
        self.hand_on(reaction, desk);
        followup
    }

    /// Tells the client whether a session it wanted destroyed was there.
    pub fn destroyed(&self, session_id: i64, existed: bool) {
        let now = clock::now();
        let mut state = self.lock();
        let mut reaction = state.session.destroyed(session_id, existed, now);
        self.send(&mut state, &mut reaction, None, now);
    }

    /// Sends updates, if the client wants them and is connected.
    pub fn push(&self, updates: &[u8]) {
        let now = clock::now();
        let mut state = self.lock();
        if state.outbox.is_some() {
            let mut reaction = state.session.push(updates, now);
            self.send(&mut state, &mut reaction, None, now);
        }
    }

    /// The connection with this number is gone.
    pub fn detach(&self, connection: u64) {
        let mut state = self.lock();
        if state.outbox.as_ref().is_some_and(|outbox| outbox.connection() == connection) {
            state.outbox = None;
            state.used = clock::now();
        }
    }

    /// When it was last used, if no connection is bound to it now.
    pub fn idle_since(&self) -> Option<Duration> {
        let state = self.lock();
        state.outbox.is_none().then_some(state.used)
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
        for Work { msg_id, method, share, covers_answer } in works {
            let caller = Caller { auth_key_id: self.key.id };
            let (live, next_desk) = (self.clone(), desk.clone());
            let done = Box::new(move |result: Result<Vec<u8>, RpcError>, member| {
                live.key.allowance.set_member(member);
                // A refusal is short, and whoever is refused shall not keep room from others by not reading it.
                let share = Some(share).filter(|_| covers_answer && result.is_ok());
                live.react(&next_desk, share, |session, now| session.answer(msg_id, result, now));
            });
            desk.answer(caller, method, done);
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

    /// Encrypts and queues what a reaction sends; without a connection it is only remembered as an answer. A share that covers the first
    /// of its messages is kept until that is on its way.
    fn send(&self, state: &mut State, reaction: &mut Reaction, mut share: Option<Share>, now: Duration) {
        let Some(outbox) = &state.outbox else { return };
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
