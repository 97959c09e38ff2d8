//! How many bytes of requests may be kept at a time: by one session, by all sessions of a key, by all keys together.
//!
//! A request that waits, for its turn or for another request, is memory that a stranger has the server keep. Counting requests does not
//! bound it, for they are of very different length; so each takes a share of three budgets, one within the other, and gives it back by
//! being dropped, whatever becomes of it.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Of one session: some sixteen requests of the greatest length, and more short ones than may run at once.
const SESSION_LIMIT: usize = 1 << 20;
/// Of all sessions of an authorization key.
const KEY_LIMIT: usize = 4 << 20;
/// Of everybody.
const SERVER_LIMIT: usize = 64 << 20;

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
    pub fn of_server() -> Arc<Budget> {
        Arc::new(Budget { limit: SERVER_LIMIT, taken: AtomicUsize::new(0), within: None })
    }

    pub fn of_key(server: &Arc<Budget>) -> Arc<Budget> {
        Budget::part(server, KEY_LIMIT)
    }

    pub fn of_session(key: &Arc<Budget>) -> Arc<Budget> {
        Budget::part(key, SESSION_LIMIT)
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
        let server = Budget::of_server();
        let mut shares = Vec::new();
        for _key in 0..20 {
            let key = Budget::of_key(&server);
            for _session in 0..64 {
                let session = Budget::of_session(&key);
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
