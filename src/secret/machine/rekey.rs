//! Changing the key of a chat while it goes on: when it is begun, what the peer's steps lead to, and the last word when it fails.
//!
//! The table itself is [`Keys`](crate::secret::rekey::Keys)'s. What it says is queued like any message, in the commit that stores
//! the state it belongs to; the sends are derived from that, so no crash can part a key from what was said about it.

use super::room::Room;
use super::turn::Turn;
use crate::secret::content::{self, Action, Content};
use crate::secret::envelope;
use crate::secret::fault::{PeerFault, Trouble};
use crate::secret::layer;
use crate::secret::rekey::{Broken, Phase};
use crate::secret::step::{Call, KeyState};

impl Room {
    /// A step of the key exchange that the peer has taken.
    pub fn rekey(&mut self, action: Action, turn: &mut Turn<'_>) -> Result<(), PeerFault> {
        turn.touch(self);
        let Some(ready) = self.ready_mut() else { return Ok(()) };
        let means = turn.means(&ready.params, ready.counters.my_out);
        match ready.keys.step(action, means) {
            Ok(Some(Action::Noop)) if self.something_follows() => Ok(()),
            Ok(Some(reply)) => {
                self.act(reply, turn);
                Ok(())
            }
            Ok(None) => Ok(()),
            Err(Broken { fault, tell }) => {
                if let Some(exchange_id) = tell {
                    self.last_word(Action::AbortKey { exchange_id }, turn);
                }
                Err(fault.into())
            }
        }
    }

    /// Whether our newest message is still to go out, and so certainly under the new key (the lowest one may be on its way already).
    ///
    /// It must be the newest: the peer gives up the previous key with the first message under the new one, and what it then loses
    /// of ours it finds by the number of a later message.
    fn something_follows(&self) -> bool {
        let newest = self.ready().map(|ready| ready.counters.my_out - 1);
        let last = self.outgoing.values().filter(|row| !row.answered).skip(1).last();
        last.is_some_and(|row| Some(row.number) == newest)
    }

    /// The user wants another key now.
    pub fn change_key(&mut self, turn: &mut Turn<'_>) -> Result<(), Trouble> {
        match self.ready().map(|ready| &ready.keys.phase) {
            None => return Err(Trouble::NotReady),
            Some(Phase::Requested { .. } | Phase::Accepted { .. }) => return Err(Trouble::KeyChanging),
            Some(Phase::Switched { .. }) => return Err(Trouble::KeyJustChanged),
            Some(Phase::Settled) if self.missing().is_some() => return Err(Trouble::Incomplete),
            Some(Phase::Settled) => {}
        }
        self.request_key(turn);
        Ok(())
    }

    /// Gives up a change that got no answer and begins one that is due; behind a hole neither, for what is missing may be the
    /// answer. Time is only believed on a connection that has delivered what was waiting.
    pub fn renew_key(&mut self, told_anew: bool, turn: &mut Turn<'_>) {
        if self.missing().is_some() {
            return;
        }
        let now_s = turn.now.unix_s();
        let Some(ready) = self.ready() else { return };
        if ready.keys.overdue(now_s).is_some() {
            turn.touch(self);
            if let Some(abort) = self.ready_mut().and_then(|ready| ready.keys.give_up()) {
                self.act(abort, turn);
            }
        }
        if self.ready().is_some_and(|ready| ready.keys.due(now_s)) {
            self.request_key(turn);
        }
        if told_anew || turn.has_touched(self.chat.id) {
            self.wake_when_due(turn);
        }
    }

    fn wake_when_due(&self, turn: &mut Turn<'_>) {
        let due_at = self.ready().and_then(|ready| ready.keys.due_at());
        let left_s = due_at.map(|at| at.saturating_sub(turn.now.unix_s())).filter(|&left| left > 0);
        if let Some(left_s) = left_s {
            turn.wake_in(u64::from(left_s.unsigned_abs()) * 1000);
        }
    }

    fn request_key(&mut self, turn: &mut Turn<'_>) {
        turn.touch(self);
        let Some(ready) = self.ready_mut() else { return };
        let means = turn.means(&ready.params, ready.counters.my_out);
        if let Some(request) = ready.keys.request(means) {
            self.act(request, turn);
        }
    }

    /// Seals an action that is to be the last message of a chat about to be closed. Only if nothing is queued before it: behind a
    /// hole nobody would hear it. It is not repeated after a crash; that the chat is discarded says the same, less politely.
    fn last_word(&mut self, action: Action, turn: &mut Turn<'_>) {
        if self.next_to_send().is_some() {
            return;
        }
        let random_id = self.fresh_random_id(turn);
        let (chat, side, access_hash) = (self.chat.id, self.chat.side, self.chat.access_hash);
        let Some(ready) = self.ready_mut() else { return };
        let number = ready.counters.my_out;
        let header = ready.counters.write(side, layer::usable(ready.peer_layer));
        let payload = content::write(header, random_id, &Content::Action(action), turn.rng);
        let data = envelope::seal(ready.keys.seals(number), side, &payload, turn.rng);
        let (service, silent, file) = (true, false, None);
        self.last_word =
            Some(Call::SendEncrypted { chat, access_hash, random_id, data, service, silent, file });
    }

    /// What can be told of the key in use.
    pub fn key_state(&self) -> Option<KeyState> {
        let keys = &self.ready()?.keys;
        Some(KeyState {
            changes: keys.changes,
            since: keys.since,
            uses: keys.uses(),
            changing: keys.changing(),
        })
    }
}
