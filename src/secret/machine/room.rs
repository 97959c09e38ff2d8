//! One chat in memory: its row, what it has sent and not seen confirmed, and what waits.
//!
//! The rows beside the chat are bounded: unconfirmed messages by the peer's patience, parked ones by the gap limit, held ones by
//! a number below.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::turn::Turn;
use crate::secret::chat::{Chat, Closed, Ready, Stage};
use crate::secret::fault::{Closing, LocalFault, PeerFault, Trouble};
use crate::secret::picture::KeyPicture;
use crate::secret::record::{Held, Outgoing, Parked};
use crate::secret::step::{Call, Change, Event};
use crate::secret::timer::Mortals;

/// Sealed messages kept for a chat whose key is not there yet. A peer may write a few lines before we hear that it accepted.
pub(super) const MAX_HELD: usize = 100;

/// And their bytes: nobody has proven to have sealed them.
pub(super) const MAX_HELD_BYTES: usize = 4 << 20;

#[derive(Debug)]
pub(super) struct Room {
    pub chat: Chat,
    /// By raw out number.
    pub outgoing: BTreeMap<i32, Outgoing>,
    /// By the peer's raw out number.
    pub parked: BTreeMap<i32, Parked>,
    pub held: Vec<Held>,
    /// Every `random_id` in use or deleted; ids of own actions only as long as this run lasts.
    pub known: HashSet<i64>,
    /// Sealed messages in a row that could not be opened, in this run.
    pub unopened: u32,
    /// The message whose send is in flight.
    pub sending: Option<i64>,
    /// The same, if its content was destroyed meanwhile.
    pub superseded: Option<i64>,
    /// The newest date that the server gave to an own message, in this run.
    pub last_sent: i32,
    /// Own messages that the peer confirmed before the server had answered, in this run.
    pub undated: HashSet<i64>,
    /// What is said before a closed chat is discarded, in this run.
    pub last_word: Option<Call>,
    /// Halves of the key that the server did not take, in this run.
    pub refused_halves: u32,
    /// How often the server lost parts of a message's file, in this run.
    pub lost_files: HashMap<i64, u32>,
    /// When the hole was asked for, on the clock that only rises, in this run.
    pub asked_mono_ms: Option<u64>,
    /// Messages with a self-destruct clock, or that wait to be listened to.
    pub mortals: Mortals,
    /// Lines about the chat, which the peer cannot delete.
    pub lines: HashSet<i64>,
    /// When the peer read what it was last told to have read (unix seconds), in this run.
    pub read_at: Option<i32>,
    /// How far the server was ever told that the user has seen messages, in this run.
    pub told_seen: i32,
    /// When the peer was last told that the user types, on the clock that only rises, and whether it still thinks so.
    pub typing: Option<(u64, bool)>,
    /// Whoever asked for the chat is to be reported; in this run.
    pub reported: bool,
    /// Ids of messages that never came, remembered as deleted in this run.
    pub foretold: usize,
    /// When a peer that speaks a newer language was last told our layer, in this run.
    pub told_layer_ms: Option<i64>,
}

impl Room {
    pub fn new(chat: Chat) -> Room {
        Room {
            chat,
            outgoing: BTreeMap::new(),
            parked: BTreeMap::new(),
            held: Vec::new(),
            known: HashSet::new(),
            unopened: 0,
            sending: None,
            superseded: None,
            last_sent: 0,
            undated: HashSet::new(),
            last_word: None,
            refused_halves: 0,
            lost_files: HashMap::new(),
            asked_mono_ms: None,
            mortals: Mortals::default(),
            lines: HashSet::new(),
            read_at: None,
            told_seen: 0,
            typing: None,
            reported: false,
            foretold: 0,
            told_layer_ms: None,
        }
    }

    pub fn ready(&self) -> Option<&Ready> {
        match &self.chat.stage {
            Stage::Ready(ready) => Some(ready),
            _ => None,
        }
    }

    pub fn ready_mut(&mut self) -> Option<&mut Ready> {
        match &mut self.chat.stage {
            Stage::Ready(ready) => Some(ready),
            _ => None,
        }
    }

    pub fn closed(&self) -> bool {
        matches!(self.chat.stage, Stage::Closed(_))
    }

    /// The key picture, if there ever was a key, and whether it was verified.
    fn picture(&self) -> (Option<KeyPicture>, bool) {
        match &self.chat.stage {
            Stage::Ready(ready) => (Some(ready.picture), ready.verified),
            Stage::Closed(closed) => (closed.picture, closed.verified),
            _ => (None, false),
        }
    }

    /// Ends the chat: the key and everything unsent are destroyed. `discard` tells the server, with or without the history.
    pub fn close(&mut self, closing: Closing, discard: Option<bool>, turn: &mut Turn<'_>) {
        if self.closed() {
            return;
        }
        turn.touch(self);
        let (picture, verified) = self.picture();
        let missing = self.missing().filter(|&count| count > 0);
        let history_gone = super::history_deleted(&closing) || discard == Some(true);
        self.chat.stage = Stage::Closed(Closed { closing, picture, verified, discard });
        if let Some(missing) = missing {
            turn.trouble(self.chat.id, Trouble::NeverCame { missing, waiting: self.parked.len() });
        }
        // What never left says so: it will not be sent any more.
        for row in std::mem::take(&mut self.outgoing).into_values().filter(|row| row.rewritable && !row.told)
        {
            let (chat, random_id) = (self.chat.id, row.random_id);
            turn.change(Change::Failed { chat, random_id });
            turn.event(Event::Failed { chat, random_id, reason: LocalFault::ChatOver });
        }
        self.parked.clear();
        self.held.clear();
        turn.change(Change::Dropped(self.chat.id));
        if history_gone {
            self.forget_history(turn);
        }
    }

    /// Closes the chat over a fault of the peer, and tells the server.
    pub fn refuse(&mut self, fault: PeerFault, turn: &mut Turn<'_>) {
        self.close(Closing::Refused(fault), Some(false), turn);
    }

    /// Destroys the history stored so far.
    pub fn forget_history(&mut self, turn: &mut Turn<'_>) {
        self.mortals.clear();
        self.lines.clear();
        turn.change(Change::HistoryGone(self.chat.id));
        turn.event(Event::HistoryGone(self.chat.id));
    }

    /// The handshake call that the state asks for.
    pub fn handshake_call(&self) -> Option<Call> {
        let chat = self.chat.id;
        match &self.chat.stage {
            Stage::Requesting(requesting) => Some(Call::RequestEncryption {
                user: self.chat.user,
                user_hash: requesting.user_hash,
                chat,
                g_a: requesting.offer.public().to_vec(),
            }),
            Stage::Accepting(accepting) => Some(Call::AcceptEncryption {
                chat,
                access_hash: self.chat.access_hash,
                g_b: accepting.g_b.clone(),
                key_fingerprint: accepting.key.fingerprint().to_i64(),
            }),
            Stage::Closed(Closed { discard: Some(delete_history), .. }) => {
                Some(Call::DiscardEncryption { chat, delete_history: *delete_history })
            }
            _ => None,
        }
    }
}
