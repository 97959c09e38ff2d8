//! One turn of the machine: what is collected between an input and its step.
//!
//! Chats are named when they change, not written at once: however many messages a batch brings, each changed chat is one row
//! of the commit, and the front ends hear of it only if what they can see has changed.

use std::collections::BTreeMap;
use std::sync::Arc;

use rand::CryptoRng;

use super::clocks::on_the_wall;
use super::room::Room;
use crate::secret::exchange::{Exponentiation, Offer, Params, PublicValueFault};
use crate::secret::fault::Trouble;
use crate::secret::key::SharedKey;
use crate::secret::record::{ChatId, Marks, Moment};
use crate::secret::rekey::Means;
use crate::secret::step::{Change, ChatView, Commit, Effect, Event, KeyState, Step};

/// The step under construction, with the time and the randomness of the turn.
pub(super) struct Turn<'a> {
    pub now: Moment,
    /// The reading of the clock that never runs back.
    pub own_ms: i64,
    pub rng: &'a mut dyn CryptoRng,
    arithmetic: Arc<dyn Exponentiation>,
    changes: Vec<Change>,
    effects: Vec<Effect>,
    /// Changed chats, with what could be seen of them before; `None` for new ones.
    touched: BTreeMap<ChatId, Option<ChatView>>,
    marks: Option<Marks>,
    wake_at: Option<i64>,
    /// Whether the clock is stored with a commit, and whether it is worth one of its own.
    clock: Option<bool>,
}

impl<'a> Turn<'a> {
    pub fn new(
        now: Moment,
        own_ms: i64,
        rng: &'a mut dyn CryptoRng,
        arithmetic: Arc<dyn Exponentiation>,
    ) -> Self {
        Turn {
            now,
            own_ms,
            rng,
            arithmetic,
            changes: Vec::new(),
            effects: Vec::new(),
            touched: BTreeMap::new(),
            marks: None,
            wake_at: None,
            clock: None,
        }
    }

    /// The chat is about to change.
    pub fn touch(&mut self, room: &Room) {
        self.touched.entry(room.chat.id).or_insert_with(|| Some(room.view()));
    }

    /// Whether the chat is new or has changed in this turn.
    pub fn has_touched(&self, chat: ChatId) -> bool {
        self.touched.contains_key(&chat)
    }

    /// The chat is new.
    pub fn born(&mut self, chat: ChatId) {
        self.touched.insert(chat, None);
    }

    pub fn change(&mut self, change: Change) {
        self.changes.push(change);
    }

    pub fn effect(&mut self, effect: Effect) {
        self.effects.push(effect);
    }

    pub fn event(&mut self, event: Event) {
        self.effects.push(Effect::Event(event));
    }

    pub fn trouble(&mut self, chat: impl Into<Option<ChatId>>, trouble: Trouble) {
        self.event(Event::Trouble { chat: chat.into(), trouble });
    }

    /// Random bytes.
    pub fn random<const N: usize>(&mut self) -> [u8; N] {
        let mut bytes = [0; N];
        self.rng.fill_bytes(&mut bytes);
        bytes
    }

    /// A half of a key, with a fresh exponent.
    pub fn offer(&mut self, params: &Params, server_random: &[u8]) -> Offer {
        params.offer_by(&*self.arithmetic, server_random, self.rng)
    }

    /// The key that our half and the other one make.
    pub fn finish_offer(&self, offer: Offer, peer_public: &[u8]) -> Result<SharedKey, PublicValueFault> {
        offer.finish_by(&*self.arithmetic, peer_public)
    }

    /// What a step of a key change needs; the next own message has this number.
    pub fn means<'b>(&'b mut self, params: &'b Params, next_number: i32) -> Means<'b> {
        let now_s = self.now.unix_s();
        Means { params, arithmetic: &*self.arithmetic, rng: self.rng, now_s, next_number }
    }

    pub fn marks(&mut self, marks: Marks) {
        self.marks = Some(marks);
    }

    pub fn wake_in(&mut self, ms: u64) {
        let unix_ms = self.now.unix_ms.saturating_add(i64::try_from(ms).unwrap_or(i64::MAX));
        self.wake_at = Some(self.wake_at.map_or(unix_ms, |earlier| earlier.min(unix_ms)));
    }

    /// The reading of the clock is stored with the commit, if there is one or `alone`.
    pub fn store_clock(&mut self, alone: bool) {
        self.clock = Some(alone);
    }

    /// A message's clock runs out at this reading of ours: told on the wall clock of now.
    pub fn countdown(&mut self, chat: ChatId, random_id: i64, end_ms: i64) {
        let at_ms = on_the_wall(end_ms, self.own_ms, self.now);
        self.event(Event::Destruct { chat, random_id, at_ms });
    }

    /// The step: rows of changed chats first, so that what belongs to a chat follows it; marks last.
    pub fn finish(self, rooms: &BTreeMap<ChatId, Room>) -> Step {
        let mut changes = Vec::new();
        let mut effects = Vec::new();
        for (id, before) in self.touched {
            let Some(room) = rooms.get(&id) else { continue };
            let view = room.view();
            if !before.is_some_and(|before| looks_the_same(&before, &view)) {
                effects.push(Effect::Event(Event::Chat(view)));
            }
            changes.push(Change::Chat(Box::new(room.chat.clone())));
        }
        changes.extend(self.changes);
        if self.clock.is_some_and(|alone| alone || !changes.is_empty() || self.marks.is_some()) {
            changes.push(Change::Clock(self.own_ms));
        }
        changes.extend(self.marks.map(Change::Marks));
        effects.extend(self.effects);
        effects.extend(self.wake_at.map(|unix_ms| Effect::WakeAt { unix_ms }));
        let commit = (!changes.is_empty()).then_some(Commit { changes });
        Step { commit, effects }
    }
}

/// Whether a screen may stay as it is. How often a key was used changes with every message; it is told along with other news.
fn looks_the_same(before: &ChatView, after: &ChatView) -> bool {
    let uses = after.key_state.map_or(0, |state| state.uses);
    let key_state = before.key_state.map(|state| KeyState { uses, ..state });
    ChatView { key_state, ..before.clone() } == *after
}
