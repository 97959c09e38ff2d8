//! The server between the two: chats, a queue with qts for each device, and no key.
//!
//! It does what an honest server does with a call; its malice (what it drops, swaps, repeats, damages, reflects) is asked of the
//! [`Mischief`] of the seed at the moment at which a message enters a queue.

use std::collections::VecDeque;

use subrosa::secret::exchange::KNOWN_PRIME;
use subrosa::secret::record::*;
use subrosa::secret::step::*;

/// What happens to a message on its way into the queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mischief {
    None,
    Drop,
    /// One bit, somewhere.
    Damage(u32),
    /// Cut off at the end.
    Truncate,
    Twice,
    /// Before the one that was queued last.
    Swap,
    /// Kept back until this many others were queued.
    Delay(u8),
    /// Back to its writer.
    Reflect,
    /// An old one is queued beside it.
    Replay(u32),
    /// Bytes that nobody sealed, under the right fingerprint.
    Forge,
}

/// Something of a chat that happened, as `updateEncryption` or `updateEncryptedMessagesRead`.
#[derive(Clone)]
pub enum News {
    Chat(EncryptedChat),
    Read(MessagesRead),
}

#[derive(Default)]
pub struct Mailbox {
    /// Not acknowledged yet, ascending.
    pub queue: VecDeque<(i32, EncryptedMessage)>,
    pub last_qts: i32,
    pub news: Vec<News>,
    delayed: Vec<(u8, EncryptedMessage)>,
}

struct Talk {
    id: ChatId,
    g_a: Vec<u8>,
    accepted: bool,
    discarded: bool,
}

pub struct Server {
    pub boxes: [Mailbox; 2],
    users: [UserId; 2],
    talk: Option<Talk>,
    /// Every envelope that ever came, to be replayed.
    seen: Vec<(usize, EncryptedMessage)>,
    /// The server's clock, unix seconds.
    pub date: i32,
}

impl Server {
    pub fn new(users: [UserId; 2]) -> Server {
        Server { boxes: Default::default(), users, talk: None, seen: Vec::new(), date: 1_700_000_000 }
    }

    fn chat_for(&self, who: usize, talk: &Talk, g: Vec<u8>, key_fingerprint: i64) -> EncryptedChat {
        EncryptedChat::Chat {
            id: talk.id,
            access_hash: 11 + who as i64,
            date: self.date,
            admin: self.users[0],
            participant: self.users[1],
            g_a_or_b: g,
            key_fingerprint,
        }
    }

    fn refusal(name: &str) -> Result<Answer, CallError> {
        Err(CallError::Rpc { code: 400, name: name.into(), value: None })
    }

    /// Carries out a call of user `who` (0 or 1).
    pub fn serve(&mut self, who: usize, call: &Call, mischief: Mischief) -> Result<Answer, CallError> {
        self.date += 1;
        let other = 1 - who;
        match call {
            Call::GetDhConfig { version: 4, .. } => Ok(Answer::DhConfigNotModified { random: vec![7; 256] }),
            Call::GetDhConfig { .. } => {
                Ok(Answer::DhConfig { g: 3, p: KNOWN_PRIME.to_vec(), version: 4, random: vec![7; 256] })
            }
            Call::RequestEncryption { chat, g_a, user, .. } => {
                if self.talk.is_some() {
                    return Server::refusal("RANDOM_ID_DUPLICATE");
                }
                let talk = Talk { id: *chat, g_a: g_a.clone(), accepted: false, discarded: false };
                self.talk = Some(talk);
                let (id, date, admin, participant) = (*chat, self.date, self.users[who], *user);
                let asked = EncryptedChat::Requested {
                    id,
                    access_hash: 12,
                    date,
                    admin,
                    participant,
                    g_a: g_a.clone(),
                };
                self.boxes[other].news.push(News::Chat(asked));
                Ok(Answer::Chat(EncryptedChat::Waiting { id, access_hash: 11, date, admin, participant }))
            }
            Call::AcceptEncryption { g_b, key_fingerprint, .. } => {
                let Some(talk) = self.talk.take() else { return Server::refusal("CHAT_ID_INVALID") };
                let outcome = match &talk {
                    Talk { discarded: true, .. } => Server::refusal("ENCRYPTION_ALREADY_DECLINED"),
                    Talk { accepted: true, .. } => Server::refusal("ENCRYPTION_ALREADY_ACCEPTED"),
                    _ => {
                        let theirs = self.chat_for(other, &talk, g_b.clone(), *key_fingerprint);
                        let ours = self.chat_for(who, &talk, talk.g_a.clone(), *key_fingerprint);
                        self.boxes[other].news.push(News::Chat(theirs));
                        self.boxes[who].news.push(News::Chat(ours.clone()));
                        Ok(Answer::Chat(ours))
                    }
                };
                self.talk = Some(Talk { accepted: true, ..talk });
                outcome
            }
            Call::DiscardEncryption { delete_history, .. } => {
                let Some(talk) = &mut self.talk else { return Server::refusal("ENCRYPTION_ID_INVALID") };
                if talk.discarded {
                    return Server::refusal("ENCRYPTION_ALREADY_DECLINED");
                }
                talk.discarded = true;
                let gone = EncryptedChat::Discarded { id: talk.id, history_deleted: *delete_history };
                self.boxes[other].news.push(News::Chat(gone));
                Ok(Answer::Done)
            }
            Call::SendEncrypted { chat, random_id, data, .. } => {
                if self.talk.as_ref().is_none_or(|talk| talk.discarded) {
                    return Server::refusal("ENCRYPTION_DECLINED");
                }
                let (random_id, mut date) = (*random_id, self.date);
                let queued = self.boxes[other].queue.iter().find(|(_, old)| old.random_id == random_id);
                if let Some((_, old)) = queued {
                    date = old.date;
                } else {
                    let bytes = data.clone();
                    let message = EncryptedMessage { random_id, chat: *chat, date, bytes, file: None };
                    self.take_in(other, message, mischief);
                }
                Ok(Answer::Sent { date, file: None })
            }
            Call::ReadEncryptedHistory { chat, max_date, .. } => {
                let read = MessagesRead { chat: *chat, max_date: *max_date, date: self.date };
                self.boxes[other].news.push(News::Read(read));
                Ok(Answer::Done)
            }
            Call::SetEncryptedTyping { .. } | Call::ReportEncryptedSpam { .. } => Ok(Answer::Done),
        }
    }

    fn take_in(&mut self, to: usize, message: EncryptedMessage, mischief: Mischief) {
        self.seen.push((to, message.clone()));
        match mischief {
            Mischief::None => self.queue(to, message),
            Mischief::Drop => {}
            Mischief::Damage(where_to) => {
                let mut bytes = message.bytes.clone();
                let bit = where_to as usize % (bytes.len() * 8);
                bytes[bit / 8] ^= 1 << (bit % 8);
                self.queue(to, EncryptedMessage { bytes, ..message });
            }
            Mischief::Truncate => {
                let bytes = message.bytes[..message.bytes.len() - 16].to_vec();
                self.queue(to, EncryptedMessage { bytes, ..message });
            }
            Mischief::Twice => {
                self.queue(to, message.clone());
                self.queue(to, message);
            }
            Mischief::Swap => {
                self.queue(to, message);
                let queue = &mut self.boxes[to].queue;
                if let [.., (_, before), (_, last)] = queue.make_contiguous() {
                    std::mem::swap(before, last);
                }
            }
            Mischief::Delay(others) => self.boxes[to].delayed.push((others, message)),
            Mischief::Reflect => {
                self.queue(to, message.clone());
                self.queue(1 - to, message);
            }
            Mischief::Replay(which) => {
                self.queue(to, message);
                let (before, old) = self.seen[which as usize % self.seen.len()].clone();
                self.queue(before, old);
            }
            Mischief::Forge => {
                let mut bytes = message.bytes.clone();
                bytes.iter_mut().skip(8).for_each(|byte| *byte = byte.wrapping_mul(31).wrapping_add(7));
                self.queue(
                    to,
                    EncryptedMessage { bytes, random_id: message.random_id ^ 1, ..message.clone() },
                );
                self.queue(to, message);
            }
        }
    }

    fn queue(&mut self, to: usize, message: EncryptedMessage) {
        let mailbox = &mut self.boxes[to];
        mailbox.push(message);
        let mut ripe = Vec::new();
        mailbox.delayed.retain_mut(|(left, message)| {
            *left = left.saturating_sub(1);
            if *left == 0 {
                ripe.push(message.clone());
            }
            *left > 0
        });
        ripe.into_iter().for_each(|message| mailbox.push(message));
    }

    /// What was kept back comes now.
    pub fn release(&mut self) {
        for mailbox in &mut self.boxes {
            let delayed = std::mem::take(&mut mailbox.delayed);
            delayed.into_iter().for_each(|(_, message)| mailbox.push(message));
        }
    }

    /// `messages.receivedQueue`.
    pub fn received(&mut self, who: usize, qts: i32) {
        self.boxes[who].queue.retain(|(at, _)| *at > qts);
    }
}

impl Mailbox {
    fn push(&mut self, message: EncryptedMessage) {
        self.last_qts += 1;
        self.queue.push_back((self.last_qts, message));
    }

    /// What `updates.getDifference` gives to a device at these marks, at most so many messages.
    pub fn difference(&self, marks: Marks, limit: usize) -> Batch {
        let past = usize::try_from(marks.date).unwrap_or(0);
        let mut batch = Batch { marks, ..Batch::default() };
        for news in self.news.iter().skip(past) {
            match news {
                News::Chat(chat) => batch.chats.push(chat.clone()),
                News::Read(read) => batch.reads.push(*read),
            }
        }
        let new = self.queue.iter().filter(|(qts, _)| *qts > marks.qts).take(limit);
        for (qts, message) in new {
            batch.messages.push(message.clone());
            batch.marks.qts = *qts;
        }
        batch.marks.date = i32::try_from(self.news.len()).unwrap_or(i32::MAX);
        batch
    }

    /// One piece of news by itself, as the socket brings it: the date does not move, so it may come again.
    pub fn live(&self, which: usize, marks: Marks) -> Batch {
        let mut batch = Batch { marks, ..Batch::default() };
        match self.news.get(which) {
            Some(News::Chat(chat)) => batch.chats.push(chat.clone()),
            Some(News::Read(read)) => batch.reads.push(*read),
            None => {}
        }
        batch
    }

    /// The newest place: after it there is nothing to fetch.
    pub fn drained(&self, marks: Marks) -> bool {
        let all = i32::try_from(self.news.len()).unwrap_or(i32::MAX);
        marks.date >= all && self.queue.iter().all(|(qts, _)| *qts <= marks.qts)
    }
}
