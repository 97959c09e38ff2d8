//! How many bytes may be kept at a time: for one session, for all sessions of a key, for all keys together.
//!
//! A request that waits, for its turn or for another request, is memory that a stranger has the server keep. Counting requests does not
//! bound it, for they are of very different length; so each takes a share of three budgets, one within the other, and gives it back by
//! being dropped, whatever becomes of it. Parts of files, which are as long as all messages of an hour, have budgets of their own, so
//! that a file never keeps a message waiting. These are for members, keys that somebody is signed in with: whoever makes keys and no
//! more has no files here, and shall not keep the room for them from others.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

/// Of one session: some sixteen requests of the greatest length, and more short ones than may run at once.
const SESSION_LIMIT: usize = 1 << 20;
/// Of all sessions of an authorization key.
const KEY_LIMIT: usize = 4 << 20;
/// Of everybody.
const SERVER_LIMIT: usize = 64 << 20;

/// The same for parts of files on their way in or out. A session: eight of the greatest length that may be asked for, and some room.
const SESSION_FREIGHT: usize = 12 << 20;
const KEY_FREIGHT: usize = 24 << 20;
const SERVER_FREIGHT: usize = 96 << 20;

/// What one may have kept: of requests, and of parts of files. Cheap to clone; the clones are one.
#[derive(Clone, Debug)]
pub struct Allowance {
    pub requests: Arc<Budget>,
    freight: Arc<Budget>,
    /// Whether somebody is signed in with the key; one for all its sessions.
    member: Arc<AtomicBool>,
}

impl Allowance {
    pub fn of_server() -> Allowance {
        Allowance {
            requests: Budget::whole(SERVER_LIMIT),
            freight: Budget::whole(SERVER_FREIGHT),
            member: Arc::default(),
        }
    }

    pub fn of_key(&self, member: bool) -> Allowance {
        Allowance { member: Arc::new(AtomicBool::new(member)), ..self.part(KEY_LIMIT, KEY_FREIGHT) }
    }

    /// `self` is that of a key.
    pub fn of_session(&self) -> Allowance {
        self.part(SESSION_LIMIT, SESSION_FREIGHT)
    }

    /// What parts of files take their shares of; `None` for a stranger.
    pub fn freight(&self) -> Option<&Arc<Budget>> {
        self.is_member().then_some(&self.freight)
    }

    /// Whether somebody is signed in with the key.
    pub fn is_member(&self) -> bool {
        self.member.load(Ordering::Relaxed)
    }

    /// Somebody is now signed in with the key, or nobody.
    pub fn set_member(&self, member: bool) {
        self.member.store(member, Ordering::Relaxed);
    }

    fn part(&self, requests: usize, freight: usize) -> Allowance {
        Allowance {
            requests: Budget::part(&self.requests, requests),
            freight: Budget::part(&self.freight, freight),
            member: self.member.clone(),
        }
    }
}

/// A limit, perhaps within a greater one.
#[derive(Debug)]
pub struct Budget {
    limit: usize,
    taken: AtomicUsize,
    within: Option<Arc<Budget>>,
}

/// Bytes taken from a budget and all around it, until it is dropped.
#[derive(Debug)]
pub struct Share {
    budget: Arc<Budget>,
    len: usize,
}

impl Budget {
    fn whole(limit: usize) -> Arc<Budget> {
        Arc::new(Budget { limit, taken: AtomicUsize::new(0), within: None })
    }

    fn part(whole: &Arc<Budget>, limit: usize) -> Arc<Budget> {
        Arc::new(Budget { limit, taken: AtomicUsize::new(0), within: Some(whole.clone()) })
    }

    /// So many bytes; `None`, and nothing taken, if this budget or one around it has not so many left.
    pub fn take(self: &Arc<Budget>, len: usize) -> Option<Share> {
        self.reserve(len).then(|| Share { budget: self.clone(), len })
    }

    fn reserve(&self, len: usize) -> bool {
        if self.taken.fetch_add(len, Ordering::Relaxed).saturating_add(len) <= self.limit
            && self.within.as_ref().is_none_or(|whole| whole.reserve(len))
        {
            return true;
        }
        self.taken.fetch_sub(len, Ordering::Relaxed);
        false
    }

    fn give_back(&self, len: usize) {
        self.taken.fetch_sub(len, Ordering::Relaxed);
        if let Some(whole) = &self.within {
            whole.give_back(len);
        }
    }

    #[cfg(test)]
    pub fn taken(&self) -> usize {
        self.taken.load(Ordering::Relaxed)
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        self.budget.give_back(self.len);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_takes_more_than_any_budget_around_them() {
        let everybody = Allowance::of_server();
        let server = &everybody.requests;
        let mut shares = Vec::new();
        for _key in 0..20 {
            let client = everybody.of_key(false);
            let key = &client.requests;
            for _session in 0..64 {
                let session = client.of_session().requests;
                let before = shares.len();
                while let Some(share) = session.take(60_000) {
                    shares.push(share);
                }
                assert!(
                    session.taken() <= SESSION_LIMIT && (shares.len() - before) * 60_000 == session.taken()
                );
            }
            assert!(key.taken() <= KEY_LIMIT && key.take(KEY_LIMIT).is_none());
        }
        assert!(server.taken() > SERVER_LIMIT - KEY_LIMIT && server.taken() <= SERVER_LIMIT);
        shares.clear();
        assert_eq!(server.taken(), 0);
    }
}
