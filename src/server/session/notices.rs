//! What was sent unasked and the client has not acknowledged yet: updates, and that its session is new.
//!
//! They wait here while no connection is there to take them, too. A client that never acknowledges or never comes back cannot make this
//! grow: the oldest go first, and what remains of them is that something was lost. Then the client is told to ask for everything it
//! missed, which is what it would have to do without this.

use std::collections::BTreeMap;
use std::time::Duration;

use super::kept::Kept;

/// Updates kept per session, and their bytes together.
const MAX_KEPT: usize = 256;
const MAX_KEPT_BYTES: usize = 512 * 1024;

/// Kept updates, by their own id.
#[derive(Debug, Default)]
pub struct Notices {
    by_id: BTreeMap<i64, Kept>,
    bytes: usize,
    lost: bool,
}

impl Notices {
    pub fn keep(&mut self, notice: Kept) {
        self.bytes += notice.message.body.len();
        self.by_id.insert(notice.message.msg_id, notice);
        while self.by_id.len() > MAX_KEPT || self.bytes > MAX_KEPT_BYTES {
            let Some(oldest) = self.by_id.keys().next().copied() else { return };
            self.remove(oldest);
            self.lost = true;
        }
    }

    pub fn by_id(&self, id: i64) -> Option<&Kept> {
        self.by_id.get(&id)
    }

    pub fn by_id_mut(&mut self, id: i64) -> Option<&mut Kept> {
        self.by_id.get_mut(&id)
    }

    pub fn all(&mut self) -> impl Iterator<Item = &mut Kept> {
        self.by_id.values_mut()
    }

    /// The client has received the message with this id; nothing happens if it is no kept update.
    pub fn remove(&mut self, id: i64) {
        if let Some(removed) = self.by_id.remove(&id) {
            self.bytes -= removed.message.body.len();
        }
    }

    /// Forgets what did not arrive and is not sent again.
    pub fn give_up(&mut self, now: Duration) {
        let spent = |kept: &Kept| kept.is_undelivered() && kept.is_spent(now);
        let spent: Vec<i64> = self.by_id.iter().filter(|(_, kept)| spent(kept)).map(|(&id, _)| id).collect();
        self.lost |= !spent.is_empty();
        spent.into_iter().for_each(|id| self.remove(id));
    }

    /// Whether an update was forgotten since this was last asked.
    pub fn take_loss(&mut self) -> bool {
        std::mem::take(&mut self.lost)
    }
}

#[cfg(test)]
mod tests {
    use super::super::parcel::Message;
    use super::*;

    fn notice(msg_id: i64, len: usize) -> Kept {
        Kept::new(Message { msg_id, seq_no: 1, body: vec![0; len] }, None)
    }

    #[test]
    fn the_oldest_go_first_and_leave_a_trace() {
        let mut notices = Notices::default();
        for id in 0..MAX_KEPT as i64 {
            notices.keep(notice(id, 4));
        }
        assert!(!notices.take_loss());
        notices.keep(notice(MAX_KEPT as i64, 4));
        assert!(notices.by_id(0).is_none() && notices.by_id(1).is_some());
        assert!(notices.take_loss() && !notices.take_loss());
        notices.keep(notice(1 << 20, MAX_KEPT_BYTES));
        assert_eq!((notices.by_id.len(), notices.bytes), (1, MAX_KEPT_BYTES));
        notices.remove(1 << 20);
        assert_eq!(notices.bytes, 0);
    }
}
