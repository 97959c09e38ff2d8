//! One device: a machine, its disk, its two clocks, and the calls it waits for.

use std::collections::{BTreeSet, HashMap};

use rand::SeedableRng;
use rand::rngs::StdRng;
use subrosa::secret::chat::{Ready, Stage};
use subrosa::secret::exchange::KNOWN_PRIME;
use subrosa::secret::machine::Machine;
use subrosa::secret::record::*;
use subrosa::secret::step::*;

use crate::pool;
use crate::store::Store;

/// Where the process dies within one step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Death {
    BeforeCommit,
    AfterCommit,
    /// After this many effects have left.
    AfterEffects(usize),
}

pub struct Device {
    pub me: UserId,
    pub machine: Machine,
    pub disk: Store,
    /// Calls under way at the server; a lost connection forgets them.
    pub calls: Vec<Call>,
    pub acknowledging: Option<i32>,
    pub online: bool,
    pub wake_at: Option<i64>,
    pub mono_ms: u64,
    /// What the wall clock is ahead of the steady one.
    pub wall_ahead_ms: i64,
    /// The next steps of this device end in a death, counted down by the steps before it.
    pub doom: Option<(u32, Death)>,
    pub deaths: u32,
    pub events: Vec<Event>,
    /// Fingerprints of keys that the disk once had and has no more.
    pub destroyed: BTreeSet<[u8; 8]>,
    held_keys: BTreeSet<[u8; 8]>,
    rng: StdRng,
}

impl Device {
    pub fn new(me: UserId, seed: u64) -> Device {
        Device {
            me,
            machine: pool::machine(me, Snapshot::default()),
            disk: Store::default(),
            calls: Vec::new(),
            acknowledging: None,
            online: false,
            wake_at: None,
            mono_ms: 0,
            wall_ahead_ms: 1_700_000_000_000,
            doom: None,
            deaths: 0,
            events: Vec::new(),
            destroyed: BTreeSet::new(),
            held_keys: BTreeSet::new(),
            rng: StdRng::seed_from_u64(seed),
        }
    }

    pub fn now(&self) -> Moment {
        Moment { unix_ms: self.mono_ms.cast_signed() + self.wall_ahead_ms, mono_ms: self.mono_ms }
    }

    /// One step to the letter of the durability rule, unless the process dies in it.
    pub fn handle(&mut self, input: Input) -> Result<(), String> {
        let step = self.machine.handle(input, self.now(), &mut self.rng);
        let death = self.death_in_this_step();
        if death == Some(Death::BeforeCommit) {
            return self.die();
        }
        if let Some(commit) = &step.commit {
            self.disk.apply(commit);
            self.note_keys();
        }
        if death == Some(Death::AfterCommit) {
            return self.die();
        }
        let survives = match death {
            Some(Death::AfterEffects(count)) => count,
            _ => usize::MAX,
        };
        let mut primes = Vec::new();
        for effect in step.effects.into_iter().take(survives) {
            match effect {
                Effect::Invoke(call) => {
                    self.check_call(&call)?;
                    self.calls.push(call);
                }
                Effect::Acknowledge { qts } if qts > self.disk.marks.qts => {
                    return Err(format!("acknowledged {qts} before it was stored"));
                }
                Effect::Acknowledge { qts } => self.acknowledging = Some(qts),
                Effect::CheckPrime { p } => primes.push(PrimeVerdict { good: p == KNOWN_PRIME, p }),
                Effect::Event(event) => self.events.push(event),
                Effect::WakeAt { unix_ms } => {
                    let earlier = self.wake_at.filter(|&at| at > self.now().unix_ms);
                    self.wake_at = Some(earlier.map_or(unix_ms, |earlier| earlier.min(unix_ms)));
                }
            }
        }
        if death.is_some() {
            return self.die();
        }
        primes.into_iter().try_for_each(|verdict| self.handle(Input::Prime(verdict)))
    }

    fn death_in_this_step(&mut self) -> Option<Death> {
        let (left, death) = self.doom?;
        if left > 0 {
            self.doom = Some((left - 1, death));
            return None;
        }
        self.doom = None;
        Some(death)
    }

    /// Only the disk is left. The process starts again without a connection; its steady clock begins anew, the wall clock goes on.
    fn die(&mut self) -> Result<(), String> {
        self.deaths += 1;
        self.wall_ahead_ms += self.mono_ms.cast_signed();
        self.mono_ms = 0;
        self.machine = pool::machine(self.me, self.disk.snapshot());
        self.calls.clear();
        self.acknowledging = None;
        self.online = false;
        self.wake_at = None;
        Ok(())
    }

    /// Nothing may leave under a key that was destroyed here.
    fn check_call(&self, call: &Call) -> Result<(), String> {
        let Call::SendEncrypted { data, .. } = call else { return Ok(()) };
        let named: [u8; 8] =
            data.get(..8).and_then(|bytes| bytes.try_into().ok()).ok_or("a short envelope")?;
        if self.destroyed.contains(&named) && !self.held_keys.contains(&named) {
            return Err("a message was sealed under a destroyed key".into());
        }
        if !self.held_keys.contains(&named) {
            return Err("a message was sealed under a key that is not on the disk".into());
        }
        Ok(())
    }

    fn note_keys(&mut self) {
        let now: BTreeSet<[u8; 8]> = self.disk.chats.values().flat_map(pool::keys_of).collect();
        let gone: Vec<[u8; 8]> = self.held_keys.difference(&now).copied().collect();
        self.destroyed.extend(gone);
        self.held_keys = now;
    }

    pub fn command(&mut self, command: Command) -> Result<(), String> {
        self.handle(Input::Command(command))
    }

    pub fn stage(&self) -> Option<&Stage> {
        self.disk.chats.values().next().map(|chat| &chat.stage)
    }

    pub fn chat(&self) -> Option<ChatId> {
        self.disk.chats.keys().next().copied()
    }

    pub fn ready(&self) -> Option<&Ready> {
        match self.stage() {
            Some(Stage::Ready(ready)) => Some(ready),
            _ => None,
        }
    }

    /// Texts of one direction in the order of the history, by `random_id`.
    pub fn texts(&self, direction: Direction) -> Vec<(i64, &str)> {
        let of = self.disk.messages.iter().filter(|message| message.direction == direction);
        of.filter_map(|message| Some((message.random_id, message.body.words()?.plain.as_str()))).collect()
    }
}

/// How often something was done, by name.
pub type Tally = HashMap<&'static str, u64>;
