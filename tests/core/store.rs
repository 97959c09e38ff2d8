//! A disk that knows nothing but commits: what they add up to, and the snapshot that a restart finds.

use std::collections::{BTreeMap, BTreeSet};

use subrosa::secret::chat::Chat;
use subrosa::secret::record::*;
use subrosa::secret::step::*;
use subrosa::secret::timer::Mortal;

/// What the commits add up to; a machine restored from it is the machine after a crash.
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
    pub clock_ms: i64,
}

impl Store {
    pub fn apply(&mut self, commit: &Commit) {
        for change in &commit.changes {
            match change {
                Change::Chat(chat) => {
                    self.chats.insert(chat.id, (**chat).clone());
                }
                Change::Message(message) => self.insert(message),
                Change::Sent { chat, random_id, date } => self.each(*chat, |message| {
                    let ours = matches!(message.delivery, Delivery::Queued | Delivery::Sent);
                    if message.random_id == *random_id && ours {
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
                Change::Opened { chat, random_id } => self.one(*chat, *random_id).opened = true,
                Change::Destruct { chat, random_id, at_ms } => {
                    self.one(*chat, *random_id).destruct_ms = Some(*at_ms);
                }
                Change::Clock(ms) => self.clock_ms = *ms,
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
                    self.each(*chat, |message| {
                        if message.delivery == Delivery::Queued {
                            message.delivery = Delivery::Failed;
                        }
                    });
                    self.outgoing.retain(|(c, _), _| c != chat);
                    self.parked.retain(|(c, _), _| c != chat);
                    self.held.retain(|held| held.chat != *chat);
                }
                Change::Parked(row) => {
                    self.parked.insert((row.chat, row.number), row.clone());
                }
                Change::Unparked { chat, number } => {
                    self.parked.remove(&(*chat, *number)).expect("what is unparked was parked");
                }
                Change::Held(held) => self.held.push(held.clone()),
                Change::Unheld(chat) => self.held.retain(|held| held.chat != *chat),
                Change::Dh(dh) => self.dh = Some(dh.clone()),
                Change::Prime(verdict) => self.primes.push(verdict.clone()),
                Change::Marks(marks) => self.marks = *marks,
                Change::Upload(_) | Change::Uploaded { .. } | Change::UploadAgain { .. } => {}
                Change::Placed { chat, random_id, place } => self.each(*chat, |message| {
                    if let Body::File(file) = &mut message.body
                        && message.random_id == *random_id
                    {
                        file.place = Some(place.clone());
                    }
                }),
            }
        }
    }

    /// A message that was deleted does not come back; one that is there is not stored a second time.
    fn insert(&mut self, message: &Message) {
        let id = (message.chat, message.random_id);
        if self.deleted.contains(&id) {
            return;
        }
        let twice = self.messages.iter().any(|old| (old.chat, old.random_id) == id);
        assert!(!twice, "a message is stored twice");
        self.messages.push(message.clone());
    }

    fn each(&mut self, chat: ChatId, change: impl Fn(&mut Message)) {
        self.messages.iter_mut().filter(|message| message.chat == chat).for_each(change);
    }

    fn one(&mut self, chat: ChatId, random_id: i64) -> &mut Message {
        let named = |message: &&mut Message| (message.chat, message.random_id) == (chat, random_id);
        self.messages.iter_mut().find(named).expect("what a change names is stored")
    }

    /// What the machine keeps in mind of the messages.
    fn mortals(&self) -> Vec<(ChatId, i64, Mortal)> {
        let mortal = |m: &Message| Some((m.chat, m.random_id, Mortal::of(m)?));
        self.messages.iter().filter_map(mortal).collect()
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
            clock_ms: self.clock_ms,
            mortals: self.mortals(),
            lines: self
                .messages
                .iter()
                .filter(|m| m.body.is_service())
                .map(|m| (m.chat, m.random_id))
                .collect(),
        }
    }
}
