//! Two machines, a server that only passes things on, and a store that knows nothing but commits.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::collections::VecDeque;

use rand::SeedableRng;
use rand::rngs::StdRng;
use subrosa::secret::chat::Stage;
use subrosa::secret::content::{self, Content};
use subrosa::secret::envelope;
use subrosa::secret::exchange::KNOWN_PRIME;
use subrosa::secret::machine::Machine;
use subrosa::secret::record::*;
use subrosa::secret::step::*;

use crate::store::Store;

pub const ALICE: UserId = UserId(101);
pub const BOB: UserId = UserId(202);

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

    /// Time goes by on both clocks, and the device wakes if that was asked for.
    pub fn sleep(&mut self, ms: u64) {
        self.pass(ms);
        if self.wake_at.is_some_and(|at| at <= self.now_ms) {
            self.wake_at = None;
            self.handle(Input::Wake);
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

    /// Killed, and started again when the wall clock shows another time; nothing has happened since.
    pub fn restart_at(&mut self, now_ms: i64) {
        self.machine = Machine::restore(self.me, self.store.snapshot());
        self.calls.clear();
        self.events.clear();
        self.wake_at = None;
        (self.now_ms, self.mono_ms) = (now_ms, 0);
    }

    /// A message as if it had been written or received before, for content that is hard to come by.
    pub fn plant(&mut self, message: Message) {
        self.store.messages.push(message);
        self.crash();
    }

    /// A message of this device's chat, sealed with the real key as a peer with a free hand would make it: the `n`th after
    /// what it has really written.
    pub fn forge(&self, n: i32, random_id: i64, content: &Content) -> EncryptedMessage {
        let Stage::Ready(ready) = self.stage() else { panic!("not ready") };
        let mut counters = ready.counters;
        counters.my_out += n;
        let chat = &self.store.chats[&self.only_chat()];
        let header = counters.write(chat.side, 144);
        let rng = &mut StdRng::seed_from_u64(7);
        let payload = content::write(header, random_id, content, rng);
        let bytes = envelope::seal(&ready.keys.current, chat.side, &payload, rng);
        EncryptedMessage { random_id, chat: chat.id, date: 1_700_000_500, bytes, file: None }
    }

    /// The stored message of this id.
    pub fn message(&self, random_id: i64) -> Option<&Message> {
        self.store.messages.iter().find(|message| message.random_id == random_id)
    }

    /// What was told since this was asked last.
    pub fn news(&mut self) -> Vec<Event> {
        std::mem::take(&mut self.events)
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

    /// The same with a server that delivers only what it likes.
    pub fn settle_without(&mut self, passes: impl Fn(&EncryptedMessage) -> bool) {
        while !(self.alice.calls.is_empty()
            && self.bob.calls.is_empty()
            && self.to_alice.is_empty()
            && self.to_bob.is_empty())
        {
            let withhold = std::mem::replace(&mut self.withhold, true);
            self.settle();
            self.withhold = withhold;
            for message in std::mem::take(&mut self.to_bob).into_iter().filter(&passes) {
                self.bob.deliver(message);
            }
            for message in std::mem::take(&mut self.to_alice).into_iter().filter(&passes) {
                self.alice.deliver(message);
            }
        }
    }

    fn sides(&mut self, caller: UserId) -> (&mut Device, &mut Device) {
        if caller == ALICE { (&mut self.alice, &mut self.bob) } else { (&mut self.bob, &mut self.alice) }
    }

    /// Serves the oldest call of one side, and nothing else.
    pub fn serve_next(&mut self, caller: UserId) {
        let call = self.sides(caller).0.calls.pop_front().expect("a call");
        self.serve(caller, &call);
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
            Call::ReportEncryptedSpam { .. } => here.answer(call, Ok(Answer::Done)),
            Call::SetEncryptedTyping { typing: false, .. } => {}
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
