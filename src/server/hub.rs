//! Who is here: the keys in use, their sessions, and how many connections each has.
//!
//! It routes updates to every session of an authorization, knows when the last connection of one has gone, and bounds how many
//! sessions anyone can make the server remember. An authorization may have several keys in use: a permanent one, and temporary ones
//! that are bound to it.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::budget::Allowance;
use super::clock;
use super::live::{Keyring, LiveSession};
use super::rpc::Push;
use super::session::history::Beginning;
use super::temporary::TemporaryKeys;

/// Sessions remembered per key. A client has one or two; it makes a new one for each start.
const MAX_SESSIONS: usize = 64;
/// And of a key that nobody is signed in with: anybody can make such keys, and each session keeps what it has answered.
const MAX_STRANGE_SESSIONS: usize = 8;
/// Connections at a time with one key. A client has two or three; whoever has more is after the room of others.
const MAX_CONNECTIONS: usize = 64;
/// How long a session without a connection is remembered, so that a client that comes back finds its answers.
const REMEMBER: Duration = Duration::from_secs(15 * 60);

/// All keys in use.
pub struct Hub {
    pub temporary: Arc<TemporaryKeys>,
    rooms: Mutex<HashMap<i64, Room>>,
    allowance: Allowance,
    opened: Instant,
}

struct Room {
    keyring: Arc<Keyring>,
    sessions: HashMap<i64, Arc<LiveSession>>,
    connections: usize,
    /// The highest id that a session took which is forgotten: whoever has recorded what it took may not have it done again.
    forgotten: i64,
}

impl Room {
    fn forget(&mut self, session_id: i64) -> Option<Arc<LiveSession>> {
        let session = self.sessions.remove(&session_id)?;
        self.forgotten = self.forgotten.max(session.newest());
        Some(session)
    }
}

impl Default for Hub {
    fn default() -> Hub {
        Hub {
            temporary: Arc::default(),
            rooms: Mutex::default(),
            allowance: Allowance::of_server(),
            opened: Instant::now(),
        }
    }
}

impl Hub {
    /// What a key that comes into use may have kept of its requests; `member`: somebody is signed in with it.
    pub fn allowance(&self, member: bool) -> Allowance {
        self.allowance.of_key(member)
    }

    /// A connection begins to use a key that is already in use; `None` if it is not.
    pub fn enter(&self, key_id: i64) -> Option<Arc<Keyring>> {
        let mut rooms = self.lock();
        let room = rooms.get_mut(&key_id)?;
        room.connections += 1;
        Some(room.keyring.clone())
    }

    /// A connection begins to use a key. If another was quicker, what that one brought is used.
    pub fn enter_with(&self, keyring: Keyring) -> Arc<Keyring> {
        let mut rooms = self.lock();
        let room = rooms.entry(keyring.id).or_insert_with(|| Room {
            keyring: Arc::new(keyring),
            sessions: HashMap::new(),
            connections: 0,
            forgotten: 0,
        });
        room.connections += 1;
        room.keyring.clone()
    }

    /// Whether a key is used by a connection, was a short while ago, or has temporary ones that are bound to it.
    pub fn knows(&self, key_id: i64) -> bool {
        self.lock().contains_key(&key_id)
            || !self.temporary.bound_to(key_id, clock::unix_seconds()).is_empty()
    }

    /// Whether a key is used by more connections than it may be.
    pub fn is_crowded(&self, key_id: i64) -> bool {
        self.lock().get(&key_id).is_some_and(|room| room.connections > MAX_CONNECTIONS)
    }

    /// A connection no longer uses a key; yields the authorization whose last connection it was.
    pub fn leave(&self, key_id: i64, connection: u64) -> Option<i64> {
        // What it may not have delivered is sealed anew for another: not while everybody waits for the rooms.
        self.sessions([key_id]).iter().for_each(|session| session.detach(connection));
        let now = clock::now();
        let mut rooms = self.lock();
        let room = rooms.get_mut(&key_id)?;
        room.connections = room.connections.saturating_sub(1);
        let authorization = room.keyring.authorization();
        for room in rooms.values_mut() {
            room.sessions
                .retain(|_, session| session.idle_since().is_none_or(|since| now < since + REMEMBER));
        }
        rooms.retain(|_, room| room.connections > 0 || !room.sessions.is_empty());
        let remains =
            rooms.values().any(|room| room.connections > 0 && room.keyring.authorization() == authorization);
        (!remains).then_some(authorization)
    }

    /// The session with this id, made if need be; `None` if the key has too many in use or is not in use.
    pub fn session(&self, key_id: i64, session_id: i64) -> Option<Arc<LiveSession>> {
        let mut rooms = self.lock();
        let room = rooms.get_mut(&key_id)?;
        if let Some(session) = room.sessions.get(&session_id) {
            return Some(session.clone());
        }
        let most = if room.keyring.allowance.is_member() { MAX_SESSIONS } else { MAX_STRANGE_SESSIONS };
        if room.sessions.len() >= most {
            // Those that nothing came of go first: anybody can have one made, by what they recorded long ago. But not one the first packet
            // of which is just being taken.
            let idle = |(id, session): (&i64, &Arc<LiveSession>)| {
                let is_real = session.newest() > 0 || Arc::strong_count(session) > 1;
                Some((is_real, session.idle_since()?, *id))
            };
            let (_, _, oldest) = room.sessions.iter().filter_map(idle).min()?;
            room.forget(oldest);
        }
        let beginning = Beginning { opened: self.opened, forgotten: room.forgotten };
        let session = Arc::new(LiveSession::new(session_id, room.keyring.clone(), beginning));
        room.sessions.insert(session_id, session.clone());
        Some(session)
    }

    /// Forgets a session of an authorization, under whichever of its keys it is, and all that it kept; false if there was none.
    pub fn destroy(&self, authorization: i64, session_id: i64) -> bool {
        let mut destroyed = Vec::new();
        for room in self.lock().values_mut().filter(|room| room.keyring.authorization() == authorization) {
            destroyed.extend(room.forget(session_id));
        }
        destroyed.iter().for_each(|session| session.end());
        !destroyed.is_empty()
    }

    /// Brings updates to every session of an authorization.
    pub fn route(&self, push: &Push) {
        let now = clock::unix_seconds();
        let temporary = self.temporary.bound_to(push.auth_key_id, now);
        let sessions = self.sessions(temporary.into_iter().chain([push.auth_key_id]));
        sessions.iter().for_each(|session| session.push(&push.updates));
    }

    /// The sessions of these keys.
    fn sessions(&self, keys: impl IntoIterator<Item = i64>) -> Vec<Arc<LiveSession>> {
        let rooms = self.lock();
        let rooms = keys.into_iter().filter_map(|id| rooms.get(&id));
        rooms.flat_map(|room| room.sessions.values().cloned()).collect()
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<i64, Room>> {
        self.rooms.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
