//! The gate before the update streams: what is next, what was there already, and when something is missing.
//!
//! The server numbers what it pushes (`pts`, `qts`, `seq`), and only what the owner has *committed* counts here: the gate gives
//! out a batch together with the marks that follow it, and moves on when it is told that they are durable. It never waits for
//! a hole to close by itself: a hole means asking for the difference, which brings everything. So it errs to one side only. A
//! repeat is normal and handled idempotently behind it; a loss is not. The date in particular moves with a difference alone,
//! because the server repeats an unnumbered `updateEncryption` to a client whose date is older, and a live update with a later
//! date says nothing about an earlier one that was lost.
//!
//! ```text
//! the link is Online, or tells a Gap     ask -> invoke -> difference -> commit -> committed -> as Next says
//! the link passes Updates on             offer -> Batch: commit -> committed | Difference: ask | Nothing
//! ```

use grammers_tl_types::{enums, functions};

use super::encrypted;
use super::people::{active, persons, presence};
use crate::secret::record::{ChatId, Marks, Person, UserId};
use crate::secret::step::{Batch, EncryptedMessage, MessagesRead};

pub use super::people::Change;

/// A server that says "too long" this often in a row is asked for its state instead.
const MAX_TOO_LONG: u8 = 5;

/// The gate; one per account, rebuilt from the stored marks.
#[derive(Debug)]
pub struct Gate {
    marks: Marks,
    asking: bool,
    /// Something was pushed while a difference was under way: it may or may not be in it.
    missed: bool,
    too_long: u8,
}

/// What to do with a pushed update.
#[derive(Debug, PartialEq, Eq)]
pub enum Verdict {
    /// To be committed; then [`Gate::committed`].
    Batch(Box<Inbound>),
    Nothing,
    /// Something is missing: send [`Gate::ask`].
    Difference,
}

/// What a difference amounts to.
#[derive(Debug, PartialEq, Eq)]
pub struct Fetched {
    /// To be committed in one transaction; then [`Gate::committed`].
    pub inbound: Inbound,
    pub next: Next,
}

/// What follows the commit of a difference.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// All is here.
    Done,
    /// Send [`Gate::ask`] again.
    Again,
    /// The server does not get to the end: send `updates.getState` and give its answer to [`Gate::state`].
    State,
}

/// Everything of one push or one difference that this program uses.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Inbound {
    pub batch: Batch,
    pub people: Vec<Person>,
    /// In the order in which they were told.
    pub changes: Vec<(UserId, Change)>,
    /// The contact list is another one; it has to be asked for.
    pub contacts_reset: bool,
    pub logins: Vec<NewLogin>,
}

/// The account was entered on another device; the strings are hostile text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewLogin {
    /// Unix seconds.
    pub date: Option<i32>,
    pub device: Option<String>,
    pub location: Option<String>,
}

impl Gate {
    /// From the stored marks.
    pub fn new(marks: Marks) -> Self {
        Gate { marks, asking: false, missed: false, too_long: 0 }
    }

    pub fn marks(&self) -> Marks {
        self.marks
    }

    /// What was given out up to these marks is durable.
    pub fn committed(&mut self, marks: Marks) {
        self.marks = marks;
    }

    /// The request for everything after the committed marks. Until its answer (or [`Gate::failed`]) pushes are held off: the
    /// difference has them, or is asked for again.
    pub fn ask(&mut self) -> functions::updates::GetDifference {
        self.asking = true;
        self.missed = false;
        functions::updates::GetDifference {
            // The server takes 0 for a malformed request; nothing that this program shows hangs on pts.
            pts: self.marks.pts.max(1),
            pts_limit: None,
            pts_total_limit: None,
            date: self.marks.date,
            qts: self.marks.qts,
            qts_limit: None,
        }
    }

    /// Something may have been missed: a difference under way has to be asked for again.
    pub fn doubt(&mut self) {
        self.missed |= self.asking;
    }

    /// The request had no answer. It has to be sent again once the link is online.
    pub fn failed(&mut self) {
        self.asking = false;
    }

    /// Places a push.
    pub fn offer(&mut self, updates: enums::Updates) -> Verdict {
        if self.asking {
            self.missed = true;
            return Verdict::Nothing;
        }
        use enums::Updates as Push;
        match updates {
            Push::TooLong => Verdict::Difference,
            Push::UpdateShort(push) => self.place(vec![push.update], vec![], None),
            Push::Updates(push) => self.place(push.updates, push.users, Some((push.seq, push.seq))),
            Push::Combined(push) => self.place(push.updates, push.users, Some((push.seq_start, push.seq))),
            // Messages of ordinary chats in short forms.
            Push::UpdateShortMessage(push) => self.count(push.pts, push.pts_count),
            Push::UpdateShortChatMessage(push) => self.count(push.pts, push.pts_count),
            Push::UpdateShortSentMessage(push) => self.count(push.pts, push.pts_count),
        }
    }

    /// Takes the answer to [`Gate::ask`].
    pub fn difference(&mut self, difference: enums::updates::Difference) -> Fetched {
        use enums::updates::Difference;
        self.asking = false;
        let too_long = self.too_long;
        self.too_long = 0;
        let again = if self.missed { Next::Again } else { Next::Done };
        match difference {
            Difference::Empty(empty) => {
                let marks = Marks { date: empty.date.max(self.marks.date), seq: empty.seq, ..self.marks };
                Fetched { inbound: Inbound::at(marks), next: again }
            }
            Difference::Difference(all) => {
                let marks = self.adopt(all.state);
                let inbound =
                    Inbound::fetched(marks, all.other_updates, all.new_encrypted_messages, all.users);
                Fetched { inbound, next: again }
            }
            Difference::Slice(part) => {
                let marks = self.adopt(part.intermediate_state);
                // A slice that leads nowhere would be asked for for ever.
                let next = if marks == self.marks { again } else { Next::Again };
                let inbound =
                    Inbound::fetched(marks, part.other_updates, part.new_encrypted_messages, part.users);
                Fetched { inbound, next }
            }
            // It brings no encrypted messages, whatever is queued: qts stays, and the next answer has them.
            Difference::TooLong(jump) => {
                self.too_long = too_long.saturating_add(1);
                let marks = Marks { pts: jump.pts.max(1), ..self.marks };
                let next = if self.too_long < MAX_TOO_LONG { Next::Again } else { Next::State };
                Fetched { inbound: Inbound::at(marks), next }
            }
        }
    }

    /// Takes the answer to `updates.getState` after [`Next::State`]: everything but a stored qts, behind which messages wait.
    pub fn state(&mut self, state: enums::updates::State) -> Inbound {
        self.too_long = 0;
        let adopted = self.adopt(state);
        let qts = if self.marks.qts > 0 { self.marks.qts } else { adopted.qts };
        Inbound::at(Marks { qts, ..adopted })
    }

    /// The server's numbers; none of them makes a stored one 0.
    fn adopt(&self, state: enums::updates::State) -> Marks {
        let enums::updates::State::State(state) = state;
        let or = |new: i32, old: i32| if new > 0 { new } else { old };
        Marks {
            pts: or(state.pts, self.marks.pts),
            qts: or(state.qts, self.marks.qts),
            seq: state.seq,
            date: or(state.date, self.marks.date),
        }
    }

    fn place(
        &self,
        updates: Vec<enums::Update>,
        users: Vec<enums::User>,
        seq: Option<(i32, i32)>,
    ) -> Verdict {
        let mut marks = self.marks;
        if let Some((start, end)) = seq.filter(|(start, _)| *start != 0) {
            if start > marks.seq.saturating_add(1) {
                return Verdict::Difference;
            }
            // What carries an old seq is placed all the same: its numbers, and the idempotent rest, keep repeats harmless.
            marks.seq = marks.seq.max(end);
        }
        let mut sorted = Sorted::of(updates);
        if sorted.reset || !sorted.count_in(&mut marks) {
            return Verdict::Difference;
        }
        let Some(messages) = sorted.messages_in(&mut marks) else { return Verdict::Difference };
        let inbound = sorted.into_inbound(marks, messages, users);
        self.give(inbound)
    }

    /// An event of an ordinary chat: counted, not shown.
    fn count(&self, pts: i32, pts_count: i32) -> Verdict {
        let mut marks = self.marks;
        if advance(&mut marks.pts, pts, pts_count) {
            self.give(Inbound::at(marks))
        } else {
            Verdict::Difference
        }
    }

    fn give(&self, inbound: Inbound) -> Verdict {
        if inbound == Inbound::at(self.marks) { Verdict::Nothing } else { Verdict::Batch(Box::new(inbound)) }
    }
}

impl Inbound {
    fn at(marks: Marks) -> Self {
        Inbound { batch: Batch { marks, ..Batch::default() }, ..Inbound::default() }
    }

    /// The content of a difference, whose messages have no numbers of their own. Messages among the other updates do not belong
    /// there; they are taken behind the rest rather than lost.
    fn fetched(
        marks: Marks,
        other: Vec<enums::Update>,
        messages: Vec<enums::EncryptedMessage>,
        users: Vec<enums::User>,
    ) -> Self {
        let mut sorted = Sorted::of(other);
        let mut messages: Vec<EncryptedMessage> = messages.into_iter().map(encrypted::message).collect();
        messages.extend(sorted.messages.drain(..).map(|(_, message)| message));
        sorted.into_inbound(marks, messages, users)
    }
}

/// Updates by kind, chats before all; the numbered ones in the order of their numbers.
#[derive(Default)]
struct Sorted {
    inbound: Inbound,
    /// With their qts.
    messages: Vec<(i32, EncryptedMessage)>,
    /// pts and pts_count.
    counts: Vec<(i32, i32)>,
    /// The server changed its numbers.
    reset: bool,
}

impl Sorted {
    fn of(updates: Vec<enums::Update>) -> Self {
        let mut sorted = Sorted::default();
        updates.into_iter().for_each(|update| sorted.take(update));
        sorted.messages.sort_by_key(|(qts, _)| *qts);
        sorted.counts.sort_by_key(|(pts, count)| (pts.saturating_sub(*count), *pts));
        sorted
    }

    fn take(&mut self, update: enums::Update) {
        use enums::Update;
        let batch = &mut self.inbound.batch;
        match update {
            Update::Encryption(update) => {
                batch.chats.push(encrypted::chat(update.chat));
            }
            Update::NewEncryptedMessage(update) => {
                self.messages.push((update.qts, encrypted::message(update.message)));
            }
            Update::EncryptedMessagesRead(update) => batch.reads.push(MessagesRead {
                chat: ChatId(update.chat_id),
                max_date: update.max_date,
                date: update.date,
            }),
            Update::EncryptedChatTyping(update) => batch.typing.push(ChatId(update.chat_id)),
            Update::UserStatus(update) => {
                self.change(update.user_id, Change::Presence(presence(update.status)));
            }
            Update::UserName(update) => {
                let username = active(&update.usernames);
                let (first_name, last_name) = (update.first_name, update.last_name);
                self.change(update.user_id, Change::Name { first_name, last_name, username });
            }
            Update::UserPhone(update) => {
                let phone = Some(update.phone).filter(|phone| !phone.is_empty());
                self.change(update.user_id, Change::Phone(phone));
            }
            Update::PeerBlocked(update) => {
                if let enums::Peer::User(peer) = update.peer_id {
                    self.change(peer.user_id, Change::Blocked(update.blocked));
                }
            }
            Update::ContactsReset => self.inbound.contacts_reset = true,
            Update::NewAuthorization(update) => self.inbound.logins.push(NewLogin {
                date: update.date,
                device: update.device,
                location: update.location,
            }),
            Update::PtsChanged => self.reset = true,
            Update::NewMessage(update) => self.counts.push((update.pts, update.pts_count)),
            Update::DeleteMessages(update) => self.counts.push((update.pts, update.pts_count)),
            Update::EditMessage(update) => self.counts.push((update.pts, update.pts_count)),
            Update::ReadHistoryInbox(update) => self.counts.push((update.pts, update.pts_count)),
            Update::ReadHistoryOutbox(update) => self.counts.push((update.pts, update.pts_count)),
            Update::ReadMessagesContents(update) => self.counts.push((update.pts, update.pts_count)),
            Update::WebPage(update) => self.counts.push((update.pts, update.pts_count)),
            Update::FolderPeers(update) => self.counts.push((update.pts, update.pts_count)),
            Update::PinnedMessages(update) => self.counts.push((update.pts, update.pts_count)),
            _ => {}
        }
    }

    fn change(&mut self, user: i64, change: Change) {
        self.inbound.changes.push((UserId(user), change));
    }

    /// Counts ordinary events into pts; false at a hole.
    fn count_in(&self, marks: &mut Marks) -> bool {
        self.counts.iter().all(|&(pts, count)| advance(&mut marks.pts, pts, count))
    }

    /// The messages that are next, in order; `None` at a hole or a number that cannot be.
    fn messages_in(&mut self, marks: &mut Marks) -> Option<Vec<EncryptedMessage>> {
        let mut next = Vec::new();
        for (qts, message) in self.messages.drain(..) {
            // A qts of 0 is "not known yet": only a difference can tell.
            if qts <= 0 || marks.qts <= 0 || qts > marks.qts.saturating_add(1) {
                return None;
            }
            if qts > marks.qts {
                marks.qts = qts;
                next.push(message);
            }
        }
        Some(next)
    }

    fn into_inbound(self, marks: Marks, messages: Vec<EncryptedMessage>, users: Vec<enums::User>) -> Inbound {
        let batch = Batch { messages, marks, ..self.inbound.batch };
        Inbound { batch, people: persons(users), ..self.inbound }
    }
}

/// Moves a counter by an event that takes `count` numbers and ends at `to`; false at a hole.
fn advance(counter: &mut i32, to: i32, count: i32) -> bool {
    if to <= *counter {
        return true;
    }
    let fits = *counter > 0 && count >= 0 && counter.checked_add(count) == Some(to);
    if fits {
        *counter = to;
    }
    fits
}

#[cfg(test)]
#[path = "updates_tests.rs"]
mod tests;

#[cfg(test)]
#[path = "updates_model.rs"]
mod model;
