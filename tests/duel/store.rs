//! What a device has on its disk: the sum of its commits, and the machine that a restart makes of it.

use std::collections::{BTreeMap, BTreeSet};

use subrosa::secret::chat::Chat;
use subrosa::secret::record::*;
use subrosa::secret::step::{Change, Commit};

/// The disk of one device. History keeps the order of arrival.
#[derive(Default)]
pub struct Store {
    pub chats: BTreeMap<ChatId, Chat>,
    pub messages: Vec<Message>,
    pub outgoing: BTreeMap<(ChatId, i32), Outgoing>,
    pub parked: BTreeMap<(ChatId, i32), Parked>,
    pub held: Vec<Held>,
    pub deleted: BTreeSet<(ChatId, i64)>,
    pub dh: Option<DhCache>,
    pub primes: Vec<PrimeVerdict>,
    pub marks: Marks,
}

impl Store {
    /// One transaction. What the vault's constraints would refuse is refused here, too.
    pub fn apply(&mut self, commit: &Commit) -> Result<(), String> {
        commit.changes.iter().try_for_each(|change| self.apply_one(change))
    }

    fn apply_one(&mut self, change: &Change) -> Result<(), String> {
        match change {
            Change::Chat(chat) => {
                self.chats.insert(chat.id, (**chat).clone());
            }
            Change::Message(message) => self.insert(message)?,
            Change::Sent { chat, random_id, date } => self.each(*chat, |message| {
                if message.random_id == *random_id && message.delivery == Delivery::Queued {
                    message.delivery = Delivery::Sent;
                    message.date = *date;
                }
            }),
            Change::Failed { chat, random_id } => self.each(*chat, |message| {
                if message.random_id == *random_id {
                    message.delivery = Delivery::Failed;
                }
            }),
            Change::ReadByPeer { chat, max_date } => self.each(*chat, |message| {
                if message.delivery == Delivery::Sent && message.date <= *max_date {
                    message.delivery = Delivery::Read;
                }
            }),
            Change::SeenByUser { chat, max_date } => self.each(*chat, |message| {
                if message.delivery == Delivery::Unseen && message.date <= *max_date {
                    message.delivery = Delivery::Seen;
                }
            }),
            Change::Deleted { chat, random_ids } => {
                self.messages.retain(|m| m.chat != *chat || !random_ids.contains(&m.random_id));
                self.deleted.extend(random_ids.iter().map(|id| (*chat, *id)));
            }
            Change::HistoryGone(chat) => {
                let gone = self.messages.iter().filter(|m| m.chat == *chat).map(|m| (*chat, m.random_id));
                self.deleted.extend(gone);
                self.messages.retain(|m| m.chat != *chat);
            }
            Change::Outgoing(row) => {
                self.outgoing.insert((row.chat, row.number), row.clone());
            }
            Change::Confirmed { chat, below } => {
                self.outgoing.retain(|(c, number), _| c != chat || number >= below);
            }
            Change::Dropped(chat) => {
                self.outgoing.retain(|(c, _), _| c != chat);
                self.parked.retain(|(c, _), _| c != chat);
                self.held.retain(|held| held.chat != *chat);
            }
            Change::Parked(row) => {
                self.parked.insert((row.chat, row.number), row.clone());
            }
            Change::Unparked { chat, number } => {
                self.parked.remove(&(*chat, *number)).ok_or("what was unparked had not been parked")?;
            }
            Change::Held(held) => self.held.push(held.clone()),
            Change::Unheld(chat) => self.held.retain(|held| held.chat != *chat),
            Change::Dh(dh) => self.dh = Some(dh.clone()),
            Change::Prime(verdict) => self.primes.push(verdict.clone()),
            Change::Marks(marks) => self.marks = *marks,
        }
        Ok(())
    }

    /// A message that was deleted does not come back; one that is there is not stored a second time.
    fn insert(&mut self, message: &Message) -> Result<(), String> {
        let id = (message.chat, message.random_id);
        if self.deleted.contains(&id) {
            return Ok(());
        }
        if self.messages.iter().any(|old| (old.chat, old.random_id) == id) {
            return Err(format!("message {} is stored twice", message.random_id));
        }
        self.messages.push(message.clone());
        Ok(())
    }

    fn each(&mut self, chat: ChatId, change: impl Fn(&mut Message)) {
        self.messages.iter_mut().filter(|message| message.chat == chat).for_each(change);
    }

    /// What a restart finds.
    pub fn snapshot(&self) -> Snapshot {
        let known = self.messages.iter().map(|m| (m.chat, m.random_id));
        Snapshot {
            marks: self.marks,
            dh: self.dh.clone(),
            primes: self.primes.clone(),
            chats: self.chats.values().cloned().collect(),
            outgoing: self.outgoing.values().cloned().collect(),
            parked: self.parked.values().cloned().collect(),
            held: self.held.clone(),
            known: known.chain(self.deleted.iter().copied()).collect(),
        }
    }
}
