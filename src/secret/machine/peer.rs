//! What the peer says and asks for, once its turn has come: the effect of each message on history and chat.
//!
//! By now a message is authentic and in its place; what it asks for may still be nonsense. So each action is bounded, names only
//! what it may name, and what breaks the chat's rules is a [`PeerFault`].

use std::collections::HashSet;

use super::room::Room;
use super::turn::Turn;
use crate::secret::content::{Action, Said};
use crate::secret::fault::PeerFault;
use crate::secret::layer;
use crate::secret::record::{Body, Direction, Message, Parked};
use crate::secret::step::{Change, Event};

/// Ids of unknown messages that one delete action makes us remember, so that a late arrival is not shown. More is abuse.
const MAX_UNKNOWN_DELETED: usize = 1000;

/// As many in all are remembered in one run of the program.
const MAX_FORETOLD: usize = 10_000;

/// A peer with a newer language is told our layer at most once a day.
const TELL_LAYER_EVERY_MS: i64 = 24 * 3600 * 1000;

impl Room {
    pub fn obey_peer(
        &mut self,
        action: Action,
        random_id: i64,
        row: &Parked,
        turn: &mut Turn<'_>,
    ) -> Result<(), PeerFault> {
        match action {
            Action::NotifyLayer(named) => {
                if let Some(ready) = self.ready_mut() {
                    ready.peer_layer = layer::announced(ready.peer_layer, named);
                }
            }
            Action::DeleteMessages(random_ids) => self.deleted_by_peer(random_ids, turn),
            Action::FlushHistory => {
                self.destroy_unconfirmed(|_| true, turn);
                self.forget_history(turn);
            }
            Action::SetTimer(seconds) => {
                if let Some(ready) = self.ready_mut() {
                    ready.ttl = seconds;
                }
                self.show(random_id, row.date, Said::new(Body::TimerSet(seconds)), turn);
            }
            Action::Resend { start, end } if !row.executed => self.resend(start, end, turn)?,
            Action::RequestKey { .. }
            | Action::AcceptKey { .. }
            | Action::CommitKey { .. }
            | Action::AbortKey { .. } => self.rekey(action, turn)?,
            Action::ReadMessages(random_ids) => self.opened_by_peer(&random_ids, turn),
            Action::ScreenshotMessages(_) => {
                self.show(random_id, row.date, Said::new(Body::Screenshot), turn);
            }
            Action::Resend { .. } | Action::Noop | Action::Typing => {}
        }
        Ok(())
    }

    /// A message appears in the history, unless its id is 0 or known: then only the counters have moved.
    pub fn show(&mut self, random_id: i64, date: i32, said: Said, turn: &mut Turn<'_>) {
        if random_id == 0 || !self.known.insert(random_id) {
            return;
        }
        self.unseen_from(date);
        let Said { body, ttl, silent, reply_to, album, via_bot } = said;
        let new = Message::new(self.chat.id, random_id, Direction::In, date, body);
        let message = Message { ttl, silent, reply_to, album, via_bot, ..new };
        self.keep_in_mind(&message);
        turn.change(Change::Message(message.clone()));
        turn.event(Event::Message(message));
    }

    /// Dates are whole seconds: a message of the second that was told as seen is not covered by that, so seeing it is told again.
    fn unseen_from(&mut self, date: i32) {
        if let Some(ready) = self.ready_mut()
            && ready.seen == ready.seen_told
            && date <= ready.seen
        {
            ready.seen = date.saturating_sub(1);
            ready.seen_told = ready.seen;
        }
    }

    fn deleted_by_peer(&mut self, random_ids: Vec<i64>, turn: &mut Turn<'_>) {
        let chat = self.chat.id;
        let mut wanted: HashSet<i64> = random_ids.into_iter().collect();
        wanted.retain(|id| !self.lines.contains(id));
        self.destroy_unconfirmed(|id| wanted.contains(&id), turn);
        let mut left = MAX_UNKNOWN_DELETED.min(MAX_FORETOLD.saturating_sub(self.foretold));
        let random_ids: Vec<i64> = wanted
            .into_iter()
            .filter(|id| {
                let foretold = !self.known.contains(id) && left > 0;
                left -= usize::from(foretold);
                self.foretold += usize::from(foretold);
                foretold || self.known.contains(id)
            })
            .collect();
        if random_ids.is_empty() {
            return;
        }
        self.known.extend(&random_ids);
        self.forget(&random_ids);
        turn.change(Change::Deleted { chat, random_ids: random_ids.clone() });
        turn.event(Event::Deleted { chat, random_ids });
    }

    pub fn tell_layer(&mut self, turn: &mut Turn<'_>) {
        let now = turn.now.unix_ms;
        if self.told_layer_ms.is_none_or(|told| now - told >= TELL_LAYER_EVERY_MS) {
            self.told_layer_ms = Some(now);
            self.act(Action::NotifyLayer(layer::OWN), turn);
        }
    }
}
