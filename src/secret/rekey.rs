//! Perfect forward secrecy: the keys that a chat holds, when they are to be changed, and which of them seals and opens what.
//!
//! A chat has one key in use. While it is being changed there is a second one, pending or previous, and never a third:
//! [`Phase`] is a type per state, so that a secret exists exactly as long as its state does and is wiped with it. What the peer's
//! four actions do to the state is [`Keys::step`]; here is the rest, as pure functions of what is stored.

mod table;

use serde::{Deserialize, Serialize};

use super::exchange::Offer;
use super::key::{Fingerprint, SharedKey};

pub use table::{Broken, Means};

/// A key is changed when more messages than this were written and read under it.
pub const MAX_USES: u32 = 100;

/// And when it is older than this, provided that it sealed anything: one week.
pub const MAX_AGE_S: i32 = 7 * 24 * 3600;

/// A request is given up when this many messages, or one week, went by without an answer.
pub const PATIENCE_USES: u32 = 200;

/// After the peer broke off a change this many messages pass before the next is tried: it may not want one, or not be able to.
pub const REST_USES: u32 = 20;

/// A step of a key change that the peer cannot honestly take.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
pub enum RekeyFault {
    #[error("the other side's public value is out of range")]
    PublicValue,
    #[error("the new key is not the one that the other side claims (fingerprint {ours} against {theirs})")]
    Fingerprint { ours: Fingerprint, theirs: Fingerprint },
    #[error("the new key would be the one that it is to replace")]
    SameKey,
    #[error("the other side asks for another key while one is being agreed on")]
    OutOfTurn,
}

/// The keys of a ready chat, and where changing them stands.
#[derive(Clone, Debug, PartialEq)]
pub struct Keys {
    /// The key in use.
    pub current: SharedKey,
    pub phase: Phase,
    /// When the key in use was installed, unix seconds.
    pub since: i32,
    /// Messages written and read under the key in use; repetitions do not count.
    pub written: u32,
    pub read: u32,
    /// How often the key was changed.
    pub changes: u32,
    /// No change is begun by itself before the key in use has been used so often.
    pub rest_until: u32,
    /// The exchange that was last answered with AbortKey: it is answered once.
    pub refused: Option<i64>,
}

/// Where a change of the key stands.
#[derive(Clone, Debug, PartialEq)]
pub enum Phase {
    /// Nothing is under way; the key in use is the only one.
    Settled,
    /// We asked for a change: at this time (unix seconds), after this many uses.
    Requested { exchange_id: i64, offer: Box<Offer>, at: i32, uses: u32 },
    /// We answered the peer's request; the new key waits for its CommitKey.
    Accepted { exchange_id: i64, pending: SharedKey },
    /// The new key is in use; the previous one is held until the peer has used the new one. Own messages up to the number
    /// `through` (-1: none) are still sealed under the previous key.
    Switched { previous: SharedKey, through: i32 },
}

impl Keys {
    /// The keys of a chat that has just become ready.
    pub fn first(key: SharedKey, now_s: i32) -> Keys {
        Keys {
            current: key,
            phase: Phase::Settled,
            since: now_s,
            written: 0,
            read: 0,
            changes: 0,
            rest_until: 0,
            refused: None,
        }
    }

    /// The key under which the own message of this number goes out, for the first time or again.
    ///
    /// The one who commits seals all messages up to CommitKey itself under the previous key: the peer has the new one pending,
    /// but what comes in order before CommitKey is to be under the key it then uses. When the previous key is gone no such message
    /// can be wanted any more: it went because the peer used the new key, which the peer does only after it has processed
    /// CommitKey and so everything before it; the message that proved it confirmed them all.
    pub fn seals(&self, number: i32) -> &SharedKey {
        match &self.phase {
            Phase::Switched { previous, through } if number <= *through => previous,
            _ => &self.current,
        }
    }

    /// The held key of this name.
    pub fn opens(&self, named: Fingerprint) -> Option<&SharedKey> {
        let second = match &self.phase {
            Phase::Settled | Phase::Requested { .. } => None,
            Phase::Accepted { pending: key, .. } | Phase::Switched { previous: key, .. } => Some(key),
        };
        [Some(&self.current), second].into_iter().flatten().find(|key| key.fingerprint() == named)
    }

    /// An own message of this number was written.
    pub fn wrote(&mut self, number: i32) {
        let under_previous = matches!(&self.phase, Phase::Switched { through, .. } if number <= *through);
        self.written = self.written.saturating_add(u32::from(!under_previous));
    }

    /// A message that came under the key of this name was processed in its order. If that is the key in use, the peer has it, and
    /// everything sealed before it has arrived: the previous key is destroyed.
    pub fn processed(&mut self, under: Fingerprint) {
        if under != self.current.fingerprint() {
            return;
        }
        self.read = self.read.saturating_add(1);
        if matches!(self.phase, Phase::Switched { .. }) {
            self.phase = Phase::Settled;
        }
    }

    /// Messages written and read under the key in use.
    pub fn uses(&self) -> u32 {
        self.written.saturating_add(self.read)
    }

    /// A change is being negotiated.
    pub fn changing(&self) -> bool {
        matches!(self.phase, Phase::Requested { .. } | Phase::Accepted { .. })
    }

    /// Whether a change is to be begun now.
    pub fn due(&self, now_s: i32) -> bool {
        let worn = self.uses() > MAX_USES || self.ages() && now_s.saturating_sub(self.since) > MAX_AGE_S;
        matches!(self.phase, Phase::Settled) && worn && self.uses() >= self.rest_until
    }

    /// The exchange that we asked for and that got no answer in time.
    pub fn overdue(&self, now_s: i32) -> Option<i64> {
        match &self.phase {
            // The request itself is one of the uses.
            Phase::Requested { exchange_id, at, uses, .. }
                if self.uses().saturating_sub(*uses) > PATIENCE_USES
                    || now_s.saturating_sub(*at) > MAX_AGE_S =>
            {
                Some(*exchange_id)
            }
            _ => None,
        }
    }

    /// The second in which time alone makes something due, unix seconds.
    pub fn due_at(&self) -> Option<i32> {
        let start = match &self.phase {
            Phase::Settled if self.ages() && self.uses() >= self.rest_until => self.since,
            Phase::Requested { at, .. } => *at,
            _ => return None,
        };
        Some(start.saturating_add(MAX_AGE_S).saturating_add(1))
    }

    /// A key that never sealed anything does not wear out by lying about.
    fn ages(&self) -> bool {
        self.written > 0
    }
}

#[cfg(test)]
mod tests {
    use super::super::exchange::{KNOWN_PRIME, Params};
    use super::*;

    /// Whoever sleeps until a key is too old must be woken for it, and for nothing else.
    #[test]
    fn age_makes_something_due_in_one_second_and_in_no_other_case() {
        let mut keys = Keys::first(SharedKey::new(&[7; 256]), 1_000);
        assert_eq!(keys.due_at(), None, "it never sealed anything");
        keys.wrote(0);
        assert_eq!(keys.due_at(), Some(1_000 + MAX_AGE_S + 1));
        keys.rest_until = 2;
        assert_eq!(keys.due_at(), None, "it rests");
        keys.rest_until = 1;
        assert_eq!(keys.due_at(), Some(1_000 + MAX_AGE_S + 1));
        let params = Params::from_stored(3, &KNOWN_PRIME).unwrap();
        let offer = Box::new(params.offer(&[], &mut rand::rng()));
        keys.phase = Phase::Requested { exchange_id: 5, offer, at: 2_000, uses: 1 };
        assert_eq!(keys.due_at(), Some(2_000 + MAX_AGE_S + 1), "then it is given up");
        keys.phase = Phase::Accepted { exchange_id: 5, pending: SharedKey::new(&[8; 256]) };
        assert_eq!(keys.due_at(), None);
    }
}
