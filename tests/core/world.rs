//! Two machines, a server that only passes things on, and a store that knows nothing but commits.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use rand::SeedableRng;
use rand::rngs::StdRng;
use subrosa::secret::chat::{Chat, Stage};
use subrosa::secret::exchange::KNOWN_PRIME;
use subrosa::secret::machine::Machine;
use subrosa::secret::record::*;
use subrosa::secret::step::*;

pub const ALICE: UserId = UserId(101);
pub const BOB: UserId = UserId(202);

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
}

impl Store {
    fn apply(&mut self, commit: &Commit) {
        for change in &commit.changes {
            match change {
                Change::Chat(chat) => {
                    self.chats.insert(chat.id, (**chat).clone());
                }
                Change::Message(message) => {
                    assert!(
                        !self
                            .messages
                            .iter()
                            .any(|old| (old.chat, old.random_id) == (message.chat, message.random_id)),
                        "a message is stored twice"
                    );
                    self.messages.push(message.clone());
                }
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

    fn each(&mut self, chat: ChatId, change: impl Fn(&mut Message)) {
        self.messages.iter_mut().filter(|message| message.chat == chat).for_each(change);
    }

    fn snapshot(&self) -> Snapshot {
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

/// One device: a machine, what it has stored, and what it has said.
pub struct Device {
    pub me: UserId,
    pub machine: Machine,
    pub store: Store,
    pub events: Vec<Event>,
    pub calls: VecDeque<Call>,
    pub wake_at: Option<i64>,
    rng: StdRng,
    /// The wall clock.
    pub now_ms: i64,
    /// The clock that only rises.
    pub mono_ms: u64,
}

impl Device {
    fn new(me: UserId, seed: u64) -> Device {
        Device {
            me,
            machine: Machine::restore(me, Snapshot::default()),
            store: Store::default(),
            events: Vec::new(),
            calls: VecDeque::new(),
            wake_at: None,
            rng: StdRng::seed_from_u64(seed),
            now_ms: 1_700_000_000_000,
            mono_ms: 0,
        }
    }

    /// Handles an input to the letter of the durability rule: commit, then effects.
    pub fn handle(&mut self, input: Input) {
        let now = Moment { unix_ms: self.now_ms, mono_ms: self.mono_ms };
        let step = self.machine.handle(input, now, &mut self.rng);
        if let Some(commit) = &step.commit {
            self.store.apply(commit);
        }
        for effect in step.effects {
            match effect {
                Effect::Invoke(call) => self.calls.push_back(call),
                Effect::Acknowledge { qts } => {
                    assert!(qts <= self.store.marks.qts, "acknowledged before it was stored");
                    self.machine.handle(
                        Input::Answer { to: CallKey::Queue(qts), outcome: Ok(Answer::Done) },
                        now,
                        &mut self.rng,
                    );
                }
                Effect::CheckPrime { p } => {
                    let good = p == KNOWN_PRIME;
                    self.handle(Input::Prime(PrimeVerdict { p, good }));
                }
                Effect::Event(event) => self.events.push(event),
                Effect::WakeAt { unix_ms } => self.wake_at = Some(unix_ms),
            }
        }
    }

    /// Time goes by on both clocks.
    pub fn pass(&mut self, ms: u64) {
        self.now_ms += ms.cast_signed();
        self.mono_ms += ms;
    }

    pub fn command(&mut self, command: Command) {
        self.handle(Input::Command(command));
    }

    /// Killed and started again: only what was committed is left, and nothing is in flight.
    pub fn crash(&mut self) {
        self.machine = Machine::restore(self.me, self.store.snapshot());
        self.calls.clear();
        self.handle(Input::Online);
    }

    pub fn answer(&mut self, call: &Call, outcome: Result<Answer, CallError>) {
        self.handle(Input::Answer { to: call.key(), outcome });
    }

    pub fn deliver(&mut self, message: EncryptedMessage) {
        let marks = Marks { qts: self.store.marks.qts + 1, ..self.store.marks };
        self.handle(Input::Batch(Batch { messages: vec![message], marks, ..Batch::default() }));
    }

    pub fn update(&mut self, chat: EncryptedChat) {
        let chats = vec![chat];
        self.handle(Input::Batch(Batch { chats, marks: self.store.marks, ..Batch::default() }));
    }

    pub fn only_chat(&self) -> ChatId {
        assert_eq!(self.store.chats.len(), 1);
        *self.store.chats.keys().next().unwrap()
    }

    pub fn stage(&self) -> &Stage {
        &self.store.chats[&self.only_chat()].stage
    }

    pub fn texts(&self) -> Vec<String> {
        self.store
            .messages
            .iter()
            .filter_map(|message| match (&message.body, message.direction) {
                (Body::Text(text), Direction::In) => Some(text.plain.clone()),
                _ => None,
            })
            .collect()
    }
}

/// Both devices and the server between them, which keeps undelivered messages where a test can reach them.
pub struct World {
    pub alice: Device,
    pub bob: Device,
    pub to_alice: VecDeque<EncryptedMessage>,
    pub to_bob: VecDeque<EncryptedMessage>,
    g_a: Vec<u8>,
    /// The server's clock: the date of the call served last.
    pub date: i32,
    /// Messages stay in the queues instead of being delivered.
    pub withhold: bool,
}

impl World {
    pub fn new() -> World {
        World {
            alice: Device::new(ALICE, 1),
            bob: Device::new(BOB, 2),
            to_alice: VecDeque::new(),
            to_bob: VecDeque::new(),
            g_a: Vec::new(),
            date: 1_700_000_000,
            withhold: false,
        }
    }

    pub fn connected() -> World {
        let mut world = World::new();
        world.alice.handle(Input::Online);
        world.bob.handle(Input::Online);
        world
    }

    /// A chat that Alice started and Bob accepted, both ready, nothing under way.
    pub fn ready() -> World {
        let mut world = World::connected();
        world.alice.command(Command::Start { user: BOB, user_hash: 9 });
        world.settle();
        let chat = world.bob.only_chat();
        world.bob.command(Command::Accept(chat));
        world.settle();
        assert!(matches!(world.alice.stage(), Stage::Ready(_)));
        assert!(matches!(world.bob.stage(), Stage::Ready(_)));
        world
    }

    /// Serves calls and delivers until nobody has anything to say.
    pub fn settle(&mut self) {
        loop {
            if let Some(call) = self.alice.calls.pop_front() {
                self.serve(ALICE, &call);
            } else if let Some(call) = self.bob.calls.pop_front() {
                self.serve(BOB, &call);
            } else if !self.withhold && !self.to_alice.is_empty() {
                let message = self.to_alice.pop_front().unwrap();
                self.alice.deliver(message);
            } else if !self.withhold && !self.to_bob.is_empty() {
                let message = self.to_bob.pop_front().unwrap();
                self.bob.deliver(message);
            } else {
                return;
            }
        }
    }

    fn sides(&mut self, caller: UserId) -> (&mut Device, &mut Device) {
        if caller == ALICE { (&mut self.alice, &mut self.bob) } else { (&mut self.bob, &mut self.alice) }
    }

    /// What an honest server does with a call.
    pub fn serve(&mut self, caller: UserId, call: &Call) {
        self.date += 1;
        let date = self.date;
        let g_a_before = self.g_a.clone();
        let (here, there) = self.sides(caller);
        let waiting = |id, access_hash, admin, participant| EncryptedChat::Waiting {
            id,
            access_hash,
            date,
            admin,
            participant,
        };
        match call {
            Call::GetDhConfig { version: 4, .. } => {
                here.answer(call, Ok(Answer::DhConfigNotModified { random: vec![7; 256] }));
            }
            Call::GetDhConfig { .. } => {
                let p = KNOWN_PRIME.to_vec();
                here.answer(call, Ok(Answer::DhConfig { g: 3, p, version: 4, random: vec![7; 256] }));
            }
            Call::RequestEncryption { user, chat, g_a, .. } => {
                let (id, g_a) = (*chat, g_a.clone());
                here.answer(call, Ok(Answer::Chat(waiting(id, 11, caller, *user))));
                there.update(EncryptedChat::Requested {
                    id,
                    access_hash: 22,
                    date,
                    admin: caller,
                    participant: *user,
                    g_a: g_a.clone(),
                });
                self.g_a = g_a;
            }
            Call::AcceptEncryption { chat, g_b, key_fingerprint, .. } => {
                let agreed = |access_hash, g_a_or_b| EncryptedChat::Chat {
                    id: *chat,
                    access_hash,
                    date,
                    admin: ALICE,
                    participant: BOB,
                    g_a_or_b,
                    key_fingerprint: *key_fingerprint,
                };
                here.answer(call, Ok(Answer::Chat(agreed(22, g_a_before))));
                there.update(agreed(11, g_b.clone()));
            }
            Call::DiscardEncryption { chat, delete_history } => {
                here.answer(call, Ok(Answer::Done));
                there.update(EncryptedChat::Discarded { id: *chat, history_deleted: *delete_history });
            }
            Call::SendEncrypted { chat, random_id, data, .. } => {
                here.answer(call, Ok(Answer::Sent { date, file: None }));
                let message = EncryptedMessage {
                    random_id: *random_id,
                    chat: *chat,
                    date,
                    bytes: data.clone(),
                    file: None,
                };
                if caller == ALICE { &mut self.to_bob } else { &mut self.to_alice }.push_back(message);
            }
            Call::ReadEncryptedHistory { chat, max_date, .. } => {
                here.answer(call, Ok(Answer::Done));
                let reads = vec![MessagesRead { chat: *chat, max_date: *max_date, date }];
                let marks = there.store.marks;
                there.handle(Input::Batch(Batch { reads, marks, ..Batch::default() }));
            }
            Call::SetEncryptedTyping { chat, .. } => {
                let marks = there.store.marks;
                there.handle(Input::Batch(Batch { typing: vec![*chat], marks, ..Batch::default() }));
            }
        }
    }
}

pub fn say(chat: ChatId, text: &str) -> Command {
    Command::Send { chat, draft: Box::new(Body::text(text).into()) }
}
