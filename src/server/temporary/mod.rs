//! Temporary authorization keys: made like permanent ones, good for a while, and bound to a permanent key before they can do anything.
//!
//! They give a client forward secrecy towards the server, so they are kept in memory alone: no copy of the disk tells what was said
//! under them. A key that has expired, was overwritten, or was forgotten with a restart is unknown; the client is told so and makes
//! another. What comes under a bound key is done as its permanent key's authorization, which also gets its updates there.
//!
//! The protocol's documents have a new binding overwrite the one before. Clients keep several connections, each with a temporary key of
//! its own, and would overwrite each other without end; so some are kept for each permanent key, and the oldest is overwritten.

pub mod binding;

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicI32, AtomicI64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use grammers_tl_types::Identifiable;
use grammers_tl_types::functions::{auth, help};

use super::reader::Reader;
use super::rpc::{Caller, RpcError};
use crate::mtproto::auth_key::AuthKey;

/// Keys kept at a time, some hundred bytes each. Anybody can make them.
const MAX_KEYS: usize = 4096;
/// Keys bound to one permanent key at a time: a connection for messages and a handful for files.
const MAX_BOUND: usize = 16;
/// Keys that one `auth.dropTempAuthKeys` may leave: a client names those of its connections, some of which may be gone.
const MAX_SPARED: usize = 4 * MAX_BOUND;

/// One temporary key; shared by the table and whoever uses it.
pub struct Temporary {
    key: AuthKey,
    id: i64,
    /// Its place among all that were made.
    number: u64,
    /// Unix seconds.
    expires_at: AtomicI32,
    /// The permanent key it is bound to; 0 while it is not. No key has the id 0.
    bound_to: AtomicI64,
    dropped: AtomicBool,
}

impl Temporary {
    pub fn key(&self) -> &AuthKey {
        &self.key
    }

    /// The permanent key it is bound to.
    pub fn bound_to(&self) -> Option<i64> {
        Some(self.bound_to.load(Ordering::Acquire)).filter(|&id| id != 0)
    }

    /// Whether it is no longer a key; `now` in unix seconds.
    pub fn is_void(&self, now: i32) -> bool {
        self.dropped.load(Ordering::Acquire) || self.expires_at.load(Ordering::Acquire) <= now
    }
}

/// Under which key a request came.
#[derive(Clone)]
pub enum Identity {
    Permanent(i64),
    Temporary(Arc<Temporary>),
}

impl Identity {
    /// The permanent key behind it, if there is one.
    pub fn permanent(&self) -> Option<Caller> {
        let auth_key_id = match self {
            Identity::Permanent(id) => Some(*id),
            Identity::Temporary(temporary) => temporary.bound_to(),
        };
        auth_key_id.map(|auth_key_id| Caller { auth_key_id })
    }

    /// As whom a bare method is executed. Under a temporary key that is not bound, little is.
    pub fn caller(&self, method: &[u8]) -> Result<Caller, RpcError> {
        match (self.permanent(), self) {
            (Some(caller), _) => Ok(caller),
            (None, Identity::Temporary(temporary)) if is_open(method) => {
                Ok(Caller { auth_key_id: temporary.id })
            }
            (None, _) => Err(RpcError { code: 401, name: "AUTH_KEY_PERM_EMPTY".to_string() }),
        }
    }
}

fn is_open(method: &[u8]) -> bool {
    let id = Reader::new(method).u32();
    matches!(id, Some(help::GetConfig::CONSTRUCTOR_ID | help::GetNearestDc::CONSTRUCTOR_ID))
}

/// Whether a method binds the key it comes under.
pub fn is_binding(method: &[u8]) -> bool {
    Reader::new(method).u32() == Some(auth::BindTempAuthKey::CONSTRUCTOR_ID)
}

/// The keys that `auth.dropTempAuthKeys` leaves; `None` for another method, or a malformed one.
pub fn spared(method: &[u8]) -> Option<Vec<i64>> {
    let mut reader = Reader::new(method);
    let is_meant = reader.u32() == Some(auth::DropTempAuthKeys::CONSTRUCTOR_ID);
    let spared = reader.longs(MAX_SPARED).filter(|_| is_meant)?;
    reader.rest().is_empty().then_some(spared)
}

/// Why a key was not bound.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BindFault {
    /// To another permanent key it is, already.
    AlreadyBound,
    /// It was dropped meanwhile.
    Gone,
}

/// All temporary keys.
#[derive(Default)]
pub struct TemporaryKeys {
    table: Mutex<Table>,
}

#[derive(Default)]
struct Table {
    keys: HashMap<i64, Arc<Temporary>>,
    /// The keys bound to a permanent one, in the order of binding.
    bound: HashMap<i64, Vec<Arc<Temporary>>>,
    made: u64,
}

impl TemporaryKeys {
    /// Keeps a new key until `expires_at`, or until there are too many; both times in unix seconds.
    pub fn add(&self, key: AuthKey, expires_at: i32, now: i32) -> Arc<Temporary> {
        let mut table = self.lock();
        if table.keys.len() >= MAX_KEYS {
            table.make_room(now);
        }
        table.made += 1;
        let temporary = Arc::new(Temporary {
            id: key.id(),
            key,
            number: table.made,
            expires_at: AtomicI32::new(expires_at),
            bound_to: AtomicI64::new(0),
            dropped: AtomicBool::new(false),
        });
        table.keys.insert(temporary.id, temporary.clone());
        temporary
    }

    /// The key with this id, unless it has expired.
    pub fn find(&self, id: i64, now: i32) -> Option<Arc<Temporary>> {
        let mut table = self.lock();
        let found = table.keys.get(&id)?.clone();
        if found.is_void(now) {
            table.drop_key(id);
            return None;
        }
        Some(found)
    }

    /// Binds a key; from then on it ends at `expires_at` if that is earlier than its own end.
    pub fn bind(&self, temporary: &Arc<Temporary>, permanent: i64, expires_at: i32) -> Result<(), BindFault> {
        let mut table = self.lock();
        match temporary.bound_to() {
            _ if temporary.dropped.load(Ordering::Acquire) => return Err(BindFault::Gone),
            Some(other) if other != permanent => return Err(BindFault::AlreadyBound),
            Some(_) => return Ok(()),
            None => {}
        }
        temporary.expires_at.fetch_min(expires_at, Ordering::AcqRel);
        temporary.bound_to.store(permanent, Ordering::Release);
        let bound = table.bound.entry(permanent).or_default();
        bound.push(temporary.clone());
        if bound.len() > MAX_BOUND {
            let oldest = bound.first().map(|oldest| oldest.id);
            table.drop_keys(oldest);
        }
        Ok(())
    }

    /// The ids of the keys that are bound to a permanent one and have not expired; `now` in unix seconds.
    pub fn bound_to(&self, permanent: i64, now: i32) -> Vec<i64> {
        let table = self.lock();
        let bound = table.bound.get(&permanent).into_iter().flatten();
        bound.filter(|temporary| !temporary.is_void(now)).map(|temporary| temporary.id).collect()
    }

    /// Forgets a key; false if it was not there.
    pub fn remove(&self, id: i64) -> bool {
        self.lock().drop_key(id)
    }

    /// Forgets the keys that are bound to a permanent one, except these.
    pub fn drop_bound(&self, permanent: i64, spared: &[i64]) {
        let mut table = self.lock();
        let bound = table.bound.get(&permanent).into_iter().flatten().map(|temporary| temporary.id);
        let dropped: Vec<i64> = bound.filter(|id| !spared.contains(id)).collect();
        table.drop_keys(dropped);
    }

    /// A permanent key is no more, and neither are those bound to it.
    pub fn permanent_is_gone(&self, permanent: i64) {
        let mut table = self.lock();
        let bound = table.bound.remove(&permanent).unwrap_or_default();
        table.drop_keys(bound.iter().map(|temporary| temporary.id));
    }

    fn lock(&self) -> MutexGuard<'_, Table> {
        self.table.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Table {
    /// Drops what has expired; if that is nothing, the oldest key that is not bound, or else the oldest.
    fn make_room(&mut self, now: i32) {
        let expired: Vec<i64> = self.keys.values().filter(|key| key.is_void(now)).map(|key| key.id).collect();
        if expired.is_empty() {
            let oldest = self.keys.values().min_by_key(|key| (key.bound_to().is_some(), key.number));
            let oldest = oldest.map(|key| key.id);
            self.drop_keys(oldest);
        }
        self.drop_keys(expired);
    }

    fn drop_keys(&mut self, ids: impl IntoIterator<Item = i64>) {
        for id in ids {
            self.drop_key(id);
        }
    }

    fn drop_key(&mut self, id: i64) -> bool {
        let Some(temporary) = self.keys.remove(&id) else { return false };
        temporary.dropped.store(true, Ordering::Release);
        if let Some(permanent) = temporary.bound_to()
            && let Some(bound) = self.bound.get_mut(&permanent)
        {
            bound.retain(|other| other.id != id);
            if bound.is_empty() {
                self.bound.remove(&permanent);
            }
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use grammers_tl_types::{Serializable, functions};

    use super::*;

    const NOW: i32 = 1_800_000_000;

    fn key(n: usize) -> AuthKey {
        let mut bytes = [0; 256];
        bytes[..8].copy_from_slice(&n.to_le_bytes());
        AuthKey::new(&bytes)
    }

    #[test]
    fn a_key_holds_until_it_expires() {
        let keys = TemporaryKeys::default();
        let temporary = keys.add(key(1), NOW + 10, NOW);
        assert!(keys.find(temporary.id, NOW + 9).is_some() && !temporary.is_void(NOW + 9));
        assert!(temporary.is_void(NOW + 10) && keys.find(temporary.id, NOW + 10).is_none());
        let other = keys.add(key(2), NOW + 100, NOW);
        keys.bind(&other, 7, NOW + 50).unwrap();
        assert!(other.is_void(NOW + 50), "the binding ends earlier");
        assert_eq!((keys.bound_to(7, NOW + 49), keys.bound_to(7, NOW + 50)), (vec![other.id], vec![]));
        let third = keys.add(key(3), NOW + 100, NOW);
        keys.bind(&third, 7, NOW + 1000).unwrap();
        assert!(third.is_void(NOW + 100), "a binding makes no key last longer");
    }

    #[test]
    fn a_key_is_bound_once() {
        let keys = TemporaryKeys::default();
        let temporary = keys.add(key(1), NOW + 10, NOW);
        keys.bind(&temporary, 7, NOW + 10).unwrap();
        assert_eq!(keys.bind(&temporary, 8, NOW + 10), Err(BindFault::AlreadyBound));
        assert_eq!(keys.bind(&temporary, 7, NOW + 10), Ok(()));
        assert_eq!((keys.bound_to(7, NOW), keys.bound_to(8, NOW)), (vec![temporary.id], vec![]));
        assert!(keys.remove(temporary.id) && !keys.remove(temporary.id));
        assert!(temporary.is_void(NOW) && keys.bound_to(7, NOW).is_empty());
        assert_eq!(keys.bind(&temporary, 7, NOW + 10), Err(BindFault::Gone));
    }

    #[test]
    fn a_further_binding_overwrites_the_oldest() {
        let keys = TemporaryKeys::default();
        let all: Vec<_> = (0..=MAX_BOUND).map(|n| keys.add(key(n), NOW + 10, NOW)).collect();
        all.iter().for_each(|one| keys.bind(one, 7, NOW + 10).unwrap());
        assert_eq!(
            all.iter().filter(|one| one.is_void(NOW)).map(|one| one.id).collect::<Vec<_>>(),
            [all[0].id]
        );
        assert_eq!(keys.bound_to(7, NOW).len(), MAX_BOUND);
        keys.permanent_is_gone(7);
        assert!(all.iter().all(|one| one.is_void(NOW) && keys.find(one.id, NOW).is_none()));
        assert!(keys.lock().bound.is_empty());
    }

    #[test]
    fn only_what_is_spared_stays_bound() {
        let keys = TemporaryKeys::default();
        let all: Vec<_> = (0..4).map(|n| keys.add(key(n), NOW + 10, NOW)).collect();
        all[..3].iter().for_each(|one| keys.bind(one, 7, NOW + 10).unwrap());
        keys.bind(&all[3], 8, NOW + 10).unwrap();
        let request = functions::auth::DropTempAuthKeys { except_auth_keys: vec![all[1].id, 99] }.to_bytes();
        keys.drop_bound(7, &spared(&request).unwrap());
        let void: Vec<bool> = all.iter().map(|one| one.is_void(NOW)).collect();
        assert_eq!(void, [true, false, true, false], "another permanent key's stay");
        assert_eq!(keys.bound_to(7, NOW), [all[1].id]);
        assert_eq!(spared(&functions::help::GetConfig {}.to_bytes()), None);
        assert_eq!(spared(&[&request[..], &[0; 4]].concat()), None);
        let many = functions::auth::DropTempAuthKeys { except_auth_keys: vec![1; MAX_SPARED + 1] };
        assert_eq!(spared(&many.to_bytes()), None);
    }

    #[test]
    fn strangers_make_room_for_those_who_are_bound() {
        let keys = TemporaryKeys::default();
        let bound = keys.add(key(0), NOW + 10, NOW);
        keys.bind(&bound, 7, NOW + 10).unwrap();
        let oldest = keys.add(key(1), NOW + 10, NOW);
        for n in 2..=MAX_KEYS {
            keys.add(key(n), NOW + 10, NOW);
        }
        assert!(oldest.is_void(NOW) && !bound.is_void(NOW));
        assert_eq!(keys.lock().keys.len(), MAX_KEYS);
        keys.add(key(MAX_KEYS + 1), NOW + 30, NOW + 20);
        assert_eq!(keys.lock().keys.len(), 1, "whatever has expired goes first");
    }

    #[test]
    fn an_unbound_key_may_do_little() {
        let keys = TemporaryKeys::default();
        let temporary = keys.add(key(1), NOW + 10, NOW);
        let identity = Identity::Temporary(temporary.clone());
        let open = functions::help::GetConfig {}.to_bytes();
        let closed = functions::help::GetAppConfig { hash: 0 }.to_bytes();
        assert_eq!(identity.caller(&open).unwrap().auth_key_id, temporary.id);
        assert_eq!(identity.caller(&closed).unwrap_err().name, "AUTH_KEY_PERM_EMPTY");
        assert_eq!(identity.caller(&[1, 2]).unwrap_err().code, 401);
        keys.bind(&temporary, 7, NOW + 10).unwrap();
        assert_eq!(identity.caller(&closed).unwrap().auth_key_id, 7);
    }
}
