//! Who is connected, and who has to go when there is no room.
//!
//! Anybody can open connections and say nothing. So a connection counts as a stranger's until a message came under a key that the server
//! knows; when the house is full, the stranger who has been here longest makes room, and whoever is known stays.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Weak};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::Instant;

/// Between two warnings that there is no room.
const WARNING_PERIOD: Duration = Duration::from_secs(60);

/// One connection, as long as somebody holds this.
#[derive(Debug)]
pub struct Guest {
    pub number: u64,
    known: AtomicBool,
    sent_away: Notify,
}

impl Guest {
    /// A message came that only the holder of a key can have written.
    pub fn introduce(&self) {
        self.known.store(true, Ordering::Relaxed);
    }

    /// Completes when this connection has to make room.
    pub async fn sent_away(&self) {
        self.sent_away.notified().await;
    }
}

/// All connections, in the order in which they came.
#[derive(Debug)]
pub struct Lobby {
    room: usize,
    guests: BTreeMap<u64, Weak<Guest>>,
    last_number: u64,
    next_warning: Option<Instant>,
}

impl Lobby {
    /// For so many connections at a time.
    pub fn with_room_for(room: usize) -> Lobby {
        Lobby { room, guests: BTreeMap::new(), last_number: 0, next_warning: None }
    }

    /// Somebody connects; `None` if all room is taken by those who are known.
    pub fn admit(&mut self) -> Option<Arc<Guest>> {
        self.guests.retain(|_, guest| guest.strong_count() > 0);
        if self.guests.len() >= self.room && !self.make_room() {
            return None;
        }
        self.last_number += 1;
        let guest =
            Guest { number: self.last_number, known: AtomicBool::new(false), sent_away: Notify::new() };
        let guest = Arc::new(guest);
        self.guests.insert(guest.number, Arc::downgrade(&guest));
        Some(guest)
    }

    /// Sends the oldest stranger away; false if there is none.
    pub fn make_room(&mut self) -> bool {
        let strangers = self.guests.iter().filter_map(|(number, guest)| Some((*number, guest.upgrade()?)));
        let oldest = strangers.into_iter().find(|(_, guest)| !guest.known.load(Ordering::Relaxed));
        let Some((number, guest)) = oldest else { return false };
        self.guests.remove(&number);
        guest.sent_away.notify_one();
        true
    }

    /// Whether the log is to hear that there is no room: now and then, not for every one who is turned away.
    pub fn may_warn(&mut self, now: Instant) -> bool {
        let due = self.next_warning.is_none_or(|next| next <= now);
        if due {
            self.next_warning = Some(now + WARNING_PERIOD);
        }
        due
    }
}

#[cfg(test)]
mod tests {
    use tokio::time::timeout;

    use super::*;

    async fn is_sent_away(guest: &Guest) -> bool {
        timeout(Duration::ZERO, guest.sent_away()).await.is_ok()
    }

    #[tokio::test]
    async fn the_oldest_stranger_makes_room() {
        let mut lobby = Lobby::with_room_for(3);
        let [known, old, young] = [0; 3].map(|_| lobby.admit().unwrap());
        known.introduce();
        let next = lobby.admit().unwrap();
        assert!(is_sent_away(&old).await);
        assert!(!is_sent_away(&known).await && !is_sent_away(&young).await);
        young.introduce();
        next.introduce();
        assert!(lobby.admit().is_none(), "all who are here are known");
        drop(known);
        assert!(lobby.admit().is_some());
    }

    #[test]
    fn warnings_are_seldom() {
        let (mut lobby, now) = (Lobby::with_room_for(1), Instant::now());
        assert!(lobby.may_warn(now));
        assert!(!lobby.may_warn(now + WARNING_PERIOD / 2));
        assert!(lobby.may_warn(now + WARNING_PERIOD));
    }
}
