//! The table of a key change: what each of the four actions does in each state, on both sides.
//!
//! ```text
//! A: Settled --RequestKey--> Requested --AcceptKey / CommitKey--> Switched --message under the new key--> Settled
//! B: Settled --RequestKey / AcceptKey--> Accepted --CommitKey / Noop--> Switched --message under the new key--> Settled
//! ```
//!
//! All four are numbered messages, so they arrive in order and once. Every function takes a step whole: the returned action is
//! queued in the commit that stores the new state, so a key or an exponent is durable before anything about it is said.

use rand::CryptoRng;

use super::{Keys, Phase, REST_USES, RekeyFault};
use crate::secret::content::Action;
use crate::secret::exchange::{Exponentiation, Offer, Params};
use crate::secret::key::{Fingerprint, SharedKey};

/// Halves drawn before it is believed that none makes another key than the one in use. A working generator needs one.
const MAX_DRAWS: u32 = 16;

/// What a step needs from outside the keys.
pub struct Means<'a> {
    /// The chat's parameters: those of its first key, for life.
    pub params: &'a Params,
    pub arithmetic: &'a dyn Exponentiation,
    pub rng: &'a mut dyn CryptoRng,
    /// Unix seconds.
    pub now_s: i32,
    /// The number of our next message.
    pub next_number: i32,
}

impl Means<'_> {
    fn offer(&mut self) -> Offer {
        self.params.offer_by(self.arithmetic, &[], self.rng)
    }
}

/// A step that the chat does not survive; `tell` is the exchange to be aborted with the last message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Broken {
    pub fault: RekeyFault,
    pub tell: Option<i64>,
}

impl Broken {
    fn telling(exchange_id: i64, fault: RekeyFault) -> Broken {
        Broken { fault, tell: Some(exchange_id) }
    }
}

/// What we say to a step, if anything.
type Reply = Result<Option<Action>, Broken>;

impl Keys {
    /// Begins a change. Only when nothing is under way: anything else is left as it is.
    pub fn request(&mut self, mut means: Means<'_>) -> Option<Action> {
        if !matches!(self.phase, Phase::Settled) {
            return None;
        }
        let offer = Box::new(means.offer());
        let g_a = offer.public().to_vec();
        let mut exchange_id = [0; 8];
        means.rng.fill_bytes(&mut exchange_id);
        let exchange_id = i64::from_le_bytes(exchange_id);
        self.phase = Phase::Requested { exchange_id, offer, at: means.now_s, uses: self.uses() };
        Some(Action::RequestKey { exchange_id, g_a })
    }

    /// Gives up the exchange that we asked for.
    pub fn give_up(&mut self) -> Option<Action> {
        let Phase::Requested { exchange_id, .. } = self.phase else { return None };
        self.phase = Phase::Settled;
        self.refused = Some(exchange_id);
        Some(Action::AbortKey { exchange_id })
    }

    /// A step that the peer has taken, in its order. An action of another kind changes nothing.
    pub fn step(&mut self, action: Action, means: Means<'_>) -> Reply {
        match action {
            Action::RequestKey { exchange_id, g_a } => self.requested(exchange_id, &g_a, means),
            Action::AcceptKey { exchange_id, g_b, key_fingerprint } => {
                self.accepted(exchange_id, &g_b, key_fingerprint, &means)
            }
            Action::CommitKey { exchange_id, key_fingerprint } => {
                self.committed(exchange_id, key_fingerprint, &means)
            }
            Action::AbortKey { exchange_id } => {
                self.aborted(exchange_id);
                Ok(None)
            }
            _ => Ok(None),
        }
    }

    /// RequestKey. Of two that cross, the one with the larger signed id counts; equal ones are both void.
    ///
    /// While two keys are held an honest peer cannot ask: it would do so under the new key, and that destroys the previous one.
    fn requested(&mut self, exchange_id: i64, g_a: &[u8], means: Means<'_>) -> Reply {
        match &self.phase {
            Phase::Settled => {}
            Phase::Requested { exchange_id: ours, .. } if *ours > exchange_id => return Ok(None),
            Phase::Requested { exchange_id: ours, .. } => {
                let equal = *ours == exchange_id;
                self.phase = Phase::Settled;
                if equal {
                    return Ok(None);
                }
            }
            Phase::Accepted { .. } | Phase::Switched { .. } => {
                return Err(Broken { fault: RekeyFault::OutOfTurn, tell: None });
            }
        }
        self.accept(exchange_id, g_a, means)
    }

    /// Answers a request. A key that is named like the one in use could not be told from it: another half is drawn.
    fn accept(&mut self, exchange_id: i64, g_a: &[u8], mut means: Means<'_>) -> Reply {
        for _ in 0..MAX_DRAWS {
            let offer = means.offer();
            let g_b = offer.public().to_vec();
            let pending = offer
                .finish_by(means.arithmetic, g_a)
                .map_err(|_| Broken::telling(exchange_id, RekeyFault::PublicValue))?;
            let key_fingerprint = pending.fingerprint();
            if key_fingerprint != self.current.fingerprint() {
                self.phase = Phase::Accepted { exchange_id, pending };
                return Ok(Some(Action::AcceptKey { exchange_id, g_b, key_fingerprint }));
            }
        }
        Err(Broken::telling(exchange_id, RekeyFault::SameKey))
    }

    /// AcceptKey: makes the key and commits to it. CommitKey is the next message and the last one under the previous key.
    fn accepted(&mut self, exchange_id: i64, g_b: &[u8], theirs: Fingerprint, means: &Means<'_>) -> Reply {
        let offer = match std::mem::replace(&mut self.phase, Phase::Settled) {
            Phase::Requested { exchange_id: ours, offer, .. } if ours == exchange_id => offer,
            other => {
                self.phase = other;
                return Ok(self.foreign(exchange_id));
            }
        };
        let broken = |fault| Broken::telling(exchange_id, fault);
        let key = offer.finish_by(means.arithmetic, g_b).map_err(|_| broken(RekeyFault::PublicValue))?;
        let ours = key.fingerprint();
        if ours != theirs {
            return Err(broken(RekeyFault::Fingerprint { ours, theirs }));
        }
        if ours == self.current.fingerprint() {
            return Err(broken(RekeyFault::SameKey));
        }
        self.switch(key, means.next_number, means.now_s);
        Ok(Some(Action::CommitKey { exchange_id, key_fingerprint: ours }))
    }

    /// CommitKey: the peer uses the new key from here on, and so do we. Noop lets it know, if nothing else does.
    fn committed(&mut self, exchange_id: i64, theirs: Fingerprint, means: &Means<'_>) -> Reply {
        let pending = match std::mem::replace(&mut self.phase, Phase::Settled) {
            Phase::Accepted { exchange_id: ours, pending } if ours == exchange_id => pending,
            other => {
                self.phase = other;
                return Ok(self.foreign(exchange_id));
            }
        };
        let ours = pending.fingerprint();
        if ours != theirs {
            return Err(Broken { fault: RekeyFault::Fingerprint { ours, theirs }, tell: None });
        }
        self.switch(pending, -1, means.now_s);
        Ok(Some(Action::Noop))
    }

    /// AbortKey: whatever was under way is forgotten, with its secrets; of another exchange it means nothing.
    fn aborted(&mut self, exchange_id: i64) {
        if self.under_way() == Some(exchange_id) {
            self.phase = Phase::Settled;
            self.rest_until = self.uses().saturating_add(REST_USES);
        }
    }

    fn switch(&mut self, key: SharedKey, through: i32, now_s: i32) {
        let previous = std::mem::replace(&mut self.current, key);
        self.phase = Phase::Switched { previous, through };
        self.since = now_s;
        self.written = 0;
        self.read = 0;
        self.changes = self.changes.saturating_add(1);
        self.rest_until = 0;
    }

    fn under_way(&self) -> Option<i64> {
        match self.phase {
            Phase::Requested { exchange_id, .. } | Phase::Accepted { exchange_id, .. } => Some(exchange_id),
            Phase::Settled | Phase::Switched { .. } => None,
        }
    }

    /// AcceptKey or CommitKey of an exchange that we are not in. It is answered once; what is wrong with our own is ignored,
    /// since breaking that off could leave the two sides with different keys.
    fn foreign(&mut self, exchange_id: i64) -> Option<Action> {
        if self.under_way() == Some(exchange_id) || self.refused == Some(exchange_id) {
            return None;
        }
        self.refused = Some(exchange_id);
        Some(Action::AbortKey { exchange_id })
    }
}
