//! Who is here: the keys in use, their sessions, and how many connections each has.
//!
//! It routes updates to every live session of an authorization, knows when the last connection of one has gone, and bounds how many
//! sessions anyone can make the server remember.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::budget::Allowance;
use super::clock;
use super::live::{Keyring, LiveSession};
use super::rpc::Push;

/// Sessions remembered per key. A client has one or two; it makes a new one for each start.
const MAX_SESSIONS: usize = 64;
/// Connections at a time with one key. A client has two or three; whoever has more is after the room of others.
const MAX_CONNECTIONS: usize = 64;
/// How long a session without a connection is remembered, so that a client that comes back finds its answers.
const REMEMBER: Duration = Duration::from_secs(15 * 60);

/// All keys in use.
pub struct Hub {
    rooms: Mutex<HashMap<i64, Room>>,
    allowance: Allowance,
}

struct Room {
    keyring: Arc<Keyring>,
    sessions: HashMap<i64, Arc<LiveSession>>,
    connections: usize,
}

impl Default for Hub {
    fn default() -> Hub {
        Hub { rooms: Mutex::default(), allowance: Allowance::of_server() }
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
        });
        room.connections += 1;
        room.keyring.clone()
    }

    /// Whether a key is used by a connection, or was a short while ago.
    pub fn knows(&self, key_id: i64) -> bool {
        self.lock().contains_key(&key_id)
    }

    /// Whether a key is used by more connections than it may be.
    pub fn is_crowded(&self, key_id: i64) -> bool {
        self.lock().get(&key_id).is_some_and(|room| room.connections > MAX_CONNECTIONS)
    }

    /// A connection no longer uses a key; true if it was the last one.
    pub fn leave(&self, key_id: i64, connection: u64) -> bool {
        let now = clock::now();
        let mut rooms = self.lock();
        let Some(room) = rooms.get_mut(&key_id) else { return false };
        room.connections = room.connections.saturating_sub(1);
        room.sessions.values().for_each(|session| session.detach(connection));
        let last = room.connections == 0;
        for room in rooms.values_mut() {
            room.sessions
                .retain(|_, session| session.idle_since().is_none_or(|since| now < since + REMEMBER));
        }
        rooms.retain(|_, room| room.connections > 0 || !room.sessions.is_empty());
        last
    }

    /// The session with this id, made if need be; `None` if the key has too many in use or is not in use.
    pub fn session(&self, key_id: i64, session_id: i64) -> Option<Arc<LiveSession>> {
        let mut rooms = self.lock();
        let room = rooms.get_mut(&key_id)?;
        if let Some(session) = room.sessions.get(&session_id) {
            return Some(session.clone());
        }
        if room.sessions.len() >= MAX_SESSIONS {
            let idle = room.sessions.iter().filter_map(|(id, session)| Some((session.idle_since()?, *id)));
            let (_, oldest) = idle.min()?;
            room.sessions.remove(&oldest);
        }
        let session = Arc::new(LiveSession::new(session_id, room.keyring.clone()));
        room.sessions.insert(session_id, session.clone());
        Some(session)
    }

    /// Forgets a session of a key; false if there was none.
    pub fn destroy(&self, key_id: i64, session_id: i64) -> bool {
        self.lock().get_mut(&key_id).is_some_and(|room| room.sessions.remove(&session_id).is_some())
    }

    /// Brings updates to every connected session of an authorization.
    pub fn route(&self, push: &Push) {
        let sessions: Vec<_> = match self.lock().get(&push.auth_key_id) {
            Some(room) => room.sessions.values().cloned().collect(),
            None => return,
        };
        sessions.iter().for_each(|session| session.push(&push.updates));
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<i64, Room>> {
        self.rooms.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
