//! The machine: all secret chats of the account, and the one function through which anything happens to them.
//!
//! [`Machine::handle`] takes an input and gives a [`Step`]. Calls are not remembered but *derived*: what has to be asked of the
//! server follows from the stored state (`wanted`), less what is in flight or resting. So a restart, a lost
//! connection and an ordinary turn are the same case, and nothing that was once decided is forgotten. The machine in memory is
//! a copy of the vault; when a commit fails it is thrown away and restored.

mod answers;
mod clocks;
mod commands;
mod files;
mod handshake;
mod inbox;
mod outbox;
mod peer;
mod rekey;
mod room;
mod turn;

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use rand::CryptoRng;

use self::room::Room;
use self::turn::Turn;
use super::chat::{Reply, Stage};
use super::exchange::{ConstantTime, Exponentiation};
use super::fault::Closing;
use super::record::{ChatId, DhCache, Marks, Moment, PrimeVerdict, Snapshot, UserId};
use super::step::{Batch, Call, CallKey, ChatState, ChatView, Effect, EncryptedChat, Input, Slot, Step};
use super::timer::Clock;

/// How many bytes of server randomness are asked for; it is mixed into our own.
const RANDOM_LENGTH: i32 = 256;

/// All chats of the account and its committed place in the streams.
#[derive(Debug)]
pub struct Machine {
    me: UserId,
    marks: Marks,
    dh: Option<DhCache>,
    primes: Vec<PrimeVerdict>,
    rooms: BTreeMap<ChatId, Room>,
    online: bool,
    in_flight: HashMap<Slot, CallKey>,
    resting: HashMap<Slot, Rest>,
    /// Calls whose outcome only an update can tell; not repeated in this run.
    left_open: HashSet<CallKey>,
    /// How far the server's queue was acknowledged in this run.
    acknowledged: i32,
    /// Parameters whose prime is being tested.
    vetting: Option<handshake::Vetted>,
    /// `dhConfigNotModified` came though nothing was cached; the second time is an error.
    empty_handed: bool,
    arithmetic: Arc<dyn Exponentiation>,
    /// By it messages destroy themselves.
    clock: Clock,
    /// How far the wall clock is from ours, as the countdowns were told last.
    apart_ms: Option<i64>,
}

/// A call that failed for now.
#[derive(Clone, Copy, Debug)]
struct Rest {
    /// On the clock that only rises: a wall clock set back must not lengthen a pause.
    until_mono_ms: u64,
    failures: u32,
    /// Ordered by the server: a new connection does not shorten it.
    ordered: bool,
}

impl Machine {
    /// The machine as the vault remembers it.
    pub fn restore(me: UserId, snapshot: Snapshot) -> Machine {
        let mut rooms: BTreeMap<ChatId, Room> =
            snapshot.chats.into_iter().map(|chat| (chat.id, Room::new(chat))).collect();
        for row in snapshot.outgoing {
            if let Some(room) = rooms.get_mut(&row.chat) {
                if !row.told {
                    room.doubtful.insert(row.random_id);
                }
                room.outgoing.insert(row.number, row);
            }
        }
        for row in snapshot.parked {
            if let Some(room) = rooms.get_mut(&row.chat) {
                room.parked.insert(row.number, row);
            }
        }
        for row in snapshot.held {
            if let Some(room) = rooms.get_mut(&row.chat) {
                room.held.push(row);
            }
        }
        for (chat, random_id) in snapshot.known {
            if let Some(room) = rooms.get_mut(&chat) {
                room.known.insert(random_id);
            }
        }
        for (chat, random_id, mortal) in snapshot.mortals {
            if let Some(room) = rooms.get_mut(&chat) {
                room.mortals.insert(random_id, mortal);
            }
        }
        for (chat, random_id) in snapshot.lines {
            if let Some(room) = rooms.get_mut(&chat) {
                room.lines.insert(random_id);
            }
        }
        Machine {
            me,
            marks: snapshot.marks,
            dh: snapshot.dh,
            primes: snapshot.primes,
            rooms,
            online: false,
            in_flight: HashMap::new(),
            resting: HashMap::new(),
            left_open: HashSet::new(),
            acknowledged: 0,
            vetting: None,
            empty_handed: false,
            arithmetic: Arc::new(ConstantTime),
            clock: Clock::resumed(snapshot.clock_ms),
            apart_ms: None,
        }
    }

    /// The same machine with another arithmetic than [`ConstantTime`], for simulations.
    pub fn with_exponentiation(self, arithmetic: Arc<dyn Exponentiation>) -> Machine {
        Machine { arithmetic, ..self }
    }

    /// The committed place in the update streams.
    pub fn marks(&self) -> Marks {
        self.marks
    }

    /// Every chat as front ends see it.
    pub fn views(&self) -> impl Iterator<Item = ChatView> {
        self.rooms.values().map(Room::view)
    }

    /// Handshakes that wait for somebody: worth asking for the difference more often, since `updateEncryption` leaves no gap behind.
    pub fn handshakes_pending(&self) -> usize {
        let pending = |room: &&Room| {
            matches!(room.chat.stage, Stage::Requesting(_) | Stage::Waiting(_) | Stage::Accepting(_))
        };
        self.rooms.values().filter(pending).count()
    }

    /// Chats that are closed here and of which the server has not heard so yet.
    pub fn discards_pending(&self) -> usize {
        let pending =
            |room: &&Room| matches!(&room.chat.stage, Stage::Closed(closed) if closed.discard.is_some());
        self.rooms.values().filter(pending).count()
    }

    /// Chats that wait behind a hole, with the number of missing messages.
    pub fn missing(&self) -> impl Iterator<Item = (ChatId, i32)> {
        self.rooms.iter().filter_map(|(&id, room)| room.missing().map(|count| (id, count)))
    }

    /// Lets something happen.
    pub fn handle(&mut self, input: Input, now: Moment, rng: &mut dyn CryptoRng) -> Step {
        let told_anew = matches!(input, Input::Online | Input::Wake);
        let own_ms = self.look_at_clock(now);
        let mut turn = Turn::new(now, own_ms, rng, Arc::clone(&self.arithmetic));
        let woken = matches!(input, Input::Wake);
        self.burn(&mut turn);
        self.correct_countdowns(&mut turn);
        match input {
            Input::Command(command) => self.command(command, &mut turn),
            Input::Batch(batch) => self.batch(batch, &mut turn),
            Input::Answer { to, outcome } => self.answer(to, outcome, &mut turn),
            Input::Prime(verdict) => self.prime_tested(verdict, &mut turn),
            Input::Online => self.connected(&mut turn),
            Input::Offline => self.disconnected(),
            Input::SignedOut => self.signed_out(&mut turn),
            Input::Wake => {}
        }
        if self.online {
            self.rooms.values_mut().for_each(|room| room.renew_key(told_anew, &mut turn));
        }
        self.burn(&mut turn);
        self.pump(&mut turn);
        self.wind(woken, &mut turn);
        turn.finish(&self.rooms)
    }

    fn connected(&mut self, turn: &mut Turn<'_>) {
        self.disconnected();
        self.online = true;
        self.resting.retain(|_, rest| rest.ordered);
        for room in self.rooms.values_mut() {
            room.tell_own_layer(turn);
            room.ask_again(turn);
        }
    }

    fn signed_out(&mut self, turn: &mut Turn<'_>) {
        self.disconnected();
        for room in self.rooms.values_mut() {
            room.close(Closing::SignedOut, None, turn);
        }
    }

    fn disconnected(&mut self) {
        self.online = false;
        self.in_flight.clear();
        for room in self.rooms.values_mut() {
            room.doubtful.extend(room.sending.take());
        }
        if self.vetting.is_some() {
            self.in_flight.insert(Slot::DhConfig, CallKey::DhConfig);
        }
    }

    /// Chats before messages, or the first messages of a fresh chat would be lost; but ends after them, or its last ones would.
    fn batch(&mut self, batch: Batch, turn: &mut Turn<'_>) {
        let (ends, changes): (Vec<_>, Vec<_>) =
            batch.chats.into_iter().partition(|chat| matches!(chat, EncryptedChat::Discarded { .. }));
        for chat in changes {
            self.chat_update(chat, turn);
        }
        for message in batch.messages {
            self.encrypted_message(message, turn);
        }
        for chat in ends {
            self.chat_update(chat, turn);
        }
        for read in batch.reads {
            self.read_by_peer(read, turn);
        }
        for chat in batch.typing {
            self.typing(chat, turn);
        }
        if batch.marks != self.marks {
            self.marks = batch.marks;
            turn.marks(batch.marks);
        }
    }

    /// Sends every call that the state wants and that is neither in flight nor resting.
    fn pump(&mut self, turn: &mut Turn<'_>) {
        if !self.online {
            return;
        }
        for key in self.wanted() {
            if self.in_flight.contains_key(&key.slot()) || self.left_open.contains(&key) {
                continue;
            }
            let left =
                self.resting.get(&key.slot()).map(|rest| rest.until_mono_ms.saturating_sub(turn.now.mono_ms));
            if let Some(left) = left.filter(|&left| left > 0) {
                turn.wake_in(left);
                continue;
            }
            if let CallKey::Queue(qts) = key {
                turn.effect(Effect::Acknowledge { qts });
            } else if let Some(call) = self.call(key, turn) {
                turn.effect(Effect::Invoke(call));
            } else {
                continue;
            }
            self.in_flight.insert(key.slot(), key);
            if let CallKey::Send(id, random_id) = key
                && let Some(room) = self.rooms.get_mut(&id)
            {
                room.superseded = None;
                room.sending = Some(random_id);
            }
        }
    }

    /// The calls that follow from the state.
    fn wanted(&self) -> Vec<CallKey> {
        let mut wanted = Vec::new();
        if self.marks.qts > self.acknowledged {
            wanted.push(CallKey::Queue(self.marks.qts));
        }
        for (&id, room) in &self.rooms {
            match &room.chat.stage {
                Stage::Asking(_) => wanted.push(CallKey::DhConfig),
                Stage::Requested(requested) if requested.reply == Reply::Accept => {
                    wanted.push(CallKey::DhConfig);
                }
                Stage::Requesting(_) => wanted.push(CallKey::Request(id)),
                Stage::Accepting(_) => wanted.push(CallKey::Accept(id)),
                Stage::Closed(closed) if closed.discard.is_some() => {
                    let last_word = room.last_word.as_ref().map(Call::key);
                    wanted.push(last_word.unwrap_or(CallKey::Discard(id)));
                }
                Stage::Ready(ready) => {
                    wanted.extend(room.sendable().map(|row| CallKey::Send(id, row.random_id)));
                    if ready.seen > ready.seen_told {
                        wanted.push(CallKey::Read(id, ready.seen));
                    }
                }
                Stage::Waiting(_) | Stage::Requested(_) | Stage::Closed(_) => {}
            }
            if room.reported {
                wanted.push(CallKey::Report(id));
            }
        }
        wanted
    }

    /// The call of this name, built from the state; `None` if the state no longer has it.
    fn call(&self, key: CallKey, turn: &mut Turn<'_>) -> Option<Call> {
        match key {
            CallKey::DhConfig => Some(Call::GetDhConfig {
                version: self.dh.as_ref().map_or(0, |cache| cache.version),
                random_length: RANDOM_LENGTH,
            }),
            CallKey::Request(id) | CallKey::Accept(id) | CallKey::Discard(id) => {
                self.rooms.get(&id)?.handshake_call()
            }
            CallKey::Send(id, _) => {
                let room = self.rooms.get(&id)?;
                room.last_word.clone().or_else(|| room.send_call(turn))
            }
            CallKey::Read(id, max_date) => Some(Call::ReadEncryptedHistory {
                chat: id,
                access_hash: self.rooms.get(&id)?.chat.access_hash,
                max_date,
            }),
            CallKey::Report(id) => Some(Call::ReportEncryptedSpam {
                chat: id,
                access_hash: self.rooms.get(&id)?.chat.access_hash,
            }),
            CallKey::Typing(_) | CallKey::Queue(_) => None,
        }
    }
}

impl Room {
    /// The chat as front ends see it.
    fn view(&self) -> ChatView {
        let (state, ttl, key) = match &self.chat.stage {
            Stage::Asking(_) | Stage::Requesting(_) => (ChatState::Asking, 0, None),
            Stage::Waiting(_) => (ChatState::Waiting, 0, None),
            Stage::Requested(requested) => match requested.reply {
                Reply::Accept => (ChatState::Accepting, 0, None),
                Reply::Left => (ChatState::Requested { left: true }, 0, None),
                Reply::Undecided => (ChatState::Requested { left: false }, 0, None),
            },
            Stage::Accepting(_) => (ChatState::Accepting, 0, None),
            Stage::Ready(ready) => {
                (ChatState::Ready { verified: ready.verified }, ready.ttl, Some(ready.picture))
            }
            Stage::Closed(closed) => (ChatState::Closed(closed.closing.clone()), 0, closed.picture),
        };
        ChatView {
            id: self.chat.id,
            user: self.chat.user,
            ours: self.chat.side == super::chat::Side::Originator,
            date: self.chat.date,
            state,
            ttl,
            key,
            peer_layer: self.ready().map_or(super::layer::FLOOR, |ready| ready.peer_layer),
            key_state: self.key_state(),
        }
    }
}

/// Whether a chat that ended like this lost its history to the peer.
fn history_deleted(closing: &Closing) -> bool {
    matches!(closing, Closing::ByPeer { history_deleted: true })
}
