//! One seed played: two devices, a server, a deck of faults, and a user on each side who writes, deletes, reads and re-keys.
//!
//! Whatever happens is drawn from the seed's one generator, so a seed is a story that can be told again word by word. While the
//! storm lasts anything may happen; then the faults end, both sides come to rest, and what they have must agree.

use std::collections::{BTreeSet, VecDeque};

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use subrosa::secret::chat::{Reply, Stage};
use subrosa::secret::record::*;
use subrosa::secret::step::*;

use crate::device::{Device, Tally};
use crate::faults::{CallFault, Fault};
use crate::server::{Mischief, Server};

const USERS: [UserId; 2] = [UserId(101), UserId(202)];

/// Texts that the two write in a seed, at least this many in all.
const TEXTS: std::ops::Range<usize> = 60..84;

const FAULTS: std::ops::Range<usize> = 5..12;

/// One seed in so many ends with somebody closing the chat in the middle of it.
const CLOSES_ONE_IN: u32 = 24;

/// Turns after which a storm that cannot blow itself out is a failure of its own.
const LONGEST_STORM: u32 = 20_000;

pub struct World {
    pub devices: [Device; 2],
    pub server: Server,
    pub rng: StdRng,
    /// Texts still to be written by each.
    pub to_say: [u32; 2],
    /// Every text that was ever stored as own, in order, by side.
    pub composed: [Vec<(i64, String)>; 2],
    /// Arrivals of each side, so far.
    pub arrived: [usize; 2],
    /// The turns at which faults come, the next one first.
    pub deck: VecDeque<(u32, Fault)>,
    pub network: VecDeque<Mischief>,
    pub calls: VecDeque<CallFault>,
    /// Messages that the server has carried out.
    pub executed: BTreeSet<i64>,
    pub deleted: BTreeSet<i64>,
    /// Texts written while a self-destruct timer was set.
    pub mortal: BTreeSet<i64>,
    /// Timers are set in this seed.
    pub timers: bool,
    /// Who closes the chat, and at which turn.
    pub close_at: Option<(usize, u32)>,
    pub closed_by: Option<usize>,
    pub rekeys_wanted: u32,
    pub turns: u32,
    pub tally: Tally,
    pub story: Option<Vec<String>>,
}

impl World {
    pub fn new(seed: u64, tell: bool) -> World {
        let mut rng = StdRng::seed_from_u64(seed);
        let texts = u32::try_from(rng.random_range(TEXTS)).unwrap_or(60);
        let ours = rng.random_range(15..texts - 15);
        let faults = rng.random_range(FAULTS);
        let mut deck: Vec<(u32, Fault)> =
            (0..faults).map(|_| (rng.random_range(0..900), Fault::draw(&mut rng))).collect();
        deck.push((rng.random_range(100..500), Fault::BothRekey));
        deck.sort_by_key(|(turn, _)| *turn);
        let close_at = (rng.random_range(0..CLOSES_ONE_IN) == 0)
            .then(|| (rng.random_range(0..2), rng.random_range(50..900)));
        let rng_timers = rng.random_range(0..3) == 0;
        World {
            devices: [Device::new(USERS[0], rng.random()), Device::new(USERS[1], rng.random())],
            server: Server::new(USERS),
            rng,
            to_say: [ours, texts - ours],
            composed: Default::default(),
            arrived: [0; 2],
            deck: deck.into(),
            network: VecDeque::new(),
            calls: VecDeque::new(),
            executed: BTreeSet::new(),
            deleted: BTreeSet::new(),
            mortal: BTreeSet::new(),
            timers: rng_timers,
            close_at,
            closed_by: None,
            rekeys_wanted: 0,
            turns: 0,
            tally: Tally::new(),
            story: tell.then(Vec::new),
        }
    }

    pub fn story(&mut self) -> Vec<String> {
        self.story.take().unwrap_or_default()
    }

    pub fn tell(&mut self, line: impl FnOnce(&World) -> String) {
        if self.story.is_some() {
            let line = format!("{:>5}  {}", self.turns, line(self));
            self.story.as_mut().into_iter().for_each(|story| story.push(line.clone()));
        }
    }

    pub fn count(&mut self, what: &'static str) {
        *self.tally.entry(what).or_default() += 1;
    }

    /// The whole seed.
    pub fn play(&mut self) -> Result<(), String> {
        self.devices[0].command(Command::Start { user: USERS[1], user_hash: 9 })?;
        while self.storming() {
            self.turns += 1;
            if self.turns > LONGEST_STORM {
                return Err("the storm does not end".into());
            }
            self.faults()?;
            self.turn()?;
            self.answer_request(1)?;
        }
        self.tell(|_| "the faults are over".into());
        self.devices.iter_mut().for_each(|device| device.doom = None);
        self.network.clear();
        self.calls.clear();
        self.server.release();
        self.come_to_rest()?;
        // If no change of the key came through in the storm, one is made now.
        if self.devices.iter().all(|device| device.ready().is_some_and(|ready| ready.keys.changes == 0)) {
            (0..2).try_for_each(|who| self.rekey(who))?;
            self.come_to_rest()?;
        }
        self.all_is_read()?;
        let changes = self.devices[0].ready().map(|ready| ready.keys.changes);
        if changes == Some(0) {
            return Err("the key was never changed".into());
        }
        *self.tally.entry("changes of the key").or_default() += u64::from(changes.unwrap_or(0));
        Ok(())
    }

    fn storming(&self) -> bool {
        let over = self.devices.iter().any(|device| matches!(device.stage(), Some(Stage::Closed(_))));
        !over && (self.to_say != [0, 0] || !self.deck.is_empty())
    }

    fn faults(&mut self) -> Result<(), String> {
        while let Some((_, fault)) = self.deck.pop_front_if(|(turn, _)| *turn <= self.turns) {
            self.tell(|_| format!("FAULT {fault:?}"));
            self.count(kind(fault));
            match fault {
                Fault::Crash(who, steps, death) => self.devices[who].doom = Some((steps, death)),
                Fault::Disconnect(who) => self.disconnect(who)?,
                Fault::Network(mischief) => self.network.push_back(mischief),
                Fault::Call(fault) => self.calls.push_back(fault),
                Fault::Clock(who, by) => self.devices[who].wall_ahead_ms += by,
                Fault::BothRekey => (0..2).try_for_each(|who| self.rekey(who))?,
            }
        }
        if let Some((who, turn)) = self.close_at
            && turn <= self.turns
            && let Some(chat) = self.devices[who].chat()
        {
            self.close_at = None;
            self.tell(|_| format!("{} closes the chat", name(who)));
            self.devices[who].command(Command::Close { chat, delete_history: false })?;
            if matches!(self.devices[who].stage(), Some(Stage::Closed(_))) {
                self.closed_by = Some(who);
            }
        }
        Ok(())
    }

    /// One thing happens to one of the two.
    fn turn(&mut self) -> Result<(), String> {
        let who = self.rng.random_range(0..2);
        match self.rng.random_range(0..100) {
            _ if !self.devices[who].online => self.connect(who),
            0..=34 => self.serve_one(who),
            35..=64 => self.deliver(who),
            65..=82 => self.write(who),
            83..=90 => self.do_something(who),
            91..=93 => self.acknowledge(who),
            _ => self.pass_time(),
        }
    }

    fn connect(&mut self, who: usize) -> Result<(), String> {
        self.tell(|_| format!("{} connects", name(who)));
        self.devices[who].online = true;
        self.devices[who].handle(Input::Online)
    }

    fn disconnect(&mut self, who: usize) -> Result<(), String> {
        // What was under way was carried out or not.
        for call in std::mem::take(&mut self.devices[who].calls) {
            if self.rng.random() {
                let _ = self.carry_out(who, &call);
            }
        }
        self.devices[who].acknowledging = None;
        self.devices[who].online = false;
        self.devices[who].handle(Input::Offline)
    }

    fn carry_out(&mut self, who: usize, call: &Call) -> Result<Answer, CallError> {
        let mischief = match call {
            Call::SendEncrypted { random_id, .. } => {
                self.executed.insert(*random_id);
                self.count("envelopes");
                self.network.pop_front().unwrap_or(Mischief::None)
            }
            _ => Mischief::None,
        };
        if mischief != Mischief::None {
            self.tell(|_| format!("the network: {mischief:?}"));
        }
        self.server.serve(who, call, mischief)
    }

    fn serve_one(&mut self, who: usize) -> Result<(), String> {
        let waiting = self.devices[who].calls.len();
        if waiting == 0 {
            return Ok(());
        }
        let which = self.rng.random_range(0..waiting);
        let call = self.devices[who].calls.swap_remove(which);
        let fault = self.calls.pop_front();
        let outcome = match fault {
            None => self.carry_out(who, &call),
            Some(CallFault::LostBefore) => Err(CallError::Lost),
            Some(CallFault::LostAfter) => {
                let _ = self.carry_out(who, &call);
                Err(CallError::Lost)
            }
            Some(CallFault::Flood(seconds)) => refusal(420, "FLOOD_WAIT", Some(seconds)),
            Some(CallFault::ServerError) => refusal(500, "INTERNAL", None),
            Some(CallFault::WaitFailed) => refusal(400, "MSG_WAIT_FAILED", None),
            Some(CallFault::Refused) if self.may_be_refused(who, &call) => refusal(400, "DATA_INVALID", None),
            Some(CallFault::Refused) => self.carry_out(who, &call),
        };
        self.tell(|_| format!("{}: {call:?} -> {}", name(who), brief(&outcome)));
        self.devices[who].handle(Input::Answer { to: call.key(), outcome })
    }

    /// An honest server refuses only what it has not carried out before; an action refused for good ends the chat, which is
    /// another story.
    fn may_be_refused(&self, who: usize, call: &Call) -> bool {
        let Call::SendEncrypted { random_id, .. } = call else { return false };
        let mut rows = self.devices[who].disk.outgoing.values();
        !self.executed.contains(random_id) && rows.any(|row| row.random_id == *random_id && row.rewritable)
    }

    fn acknowledge(&mut self, who: usize) -> Result<(), String> {
        let Some(qts) = self.devices[who].acknowledging.take() else { return Ok(()) };
        self.server.received(who, qts);
        self.devices[who].handle(Input::Answer { to: CallKey::Queue(qts), outcome: Ok(Answer::Done) })
    }

    /// A piece of the difference, or one piece of news by itself.
    fn deliver(&mut self, who: usize) -> Result<(), String> {
        let marks = self.devices[who].disk.marks;
        let mailbox = &self.server.boxes[who];
        if mailbox.drained(marks) {
            return Ok(());
        }
        let news = mailbox.news.len();
        let batch = if news > 0 && self.rng.random_range(0..6) == 0 {
            mailbox.live(self.rng.random_range(0..news), marks)
        } else {
            mailbox.difference(marks, self.rng.random_range(1..6))
        };
        self.take(who, batch)
    }

    fn take(&mut self, who: usize, batch: Batch) -> Result<(), String> {
        self.tell(|_| {
            let (chats, messages) = (batch.chats.len(), batch.messages.len());
            format!("{} gets {chats} chats, {messages} messages, up to qts {}", name(who), batch.marks.qts)
        });
        self.devices[who].handle(Input::Batch(batch))?;
        self.check_arrivals(who)
    }

    /// Bob says yes to whoever asks, and again if his device died over it.
    fn answer_request(&mut self, who: usize) -> Result<(), String> {
        let asked =
            matches!(self.devices[who].stage(), Some(Stage::Requested(it)) if it.reply != Reply::Accept);
        match self.devices[who].chat() {
            Some(chat) if asked => self.devices[who].command(Command::Accept(chat)),
            _ => Ok(()),
        }
    }

    /// Each text once, unchanged, in the order in which it was written, and nothing that was not written.
    fn check_arrivals(&mut self, who: usize) -> Result<(), String> {
        let came = self.devices[who].texts(Direction::In);
        let composed = &self.composed[1 - who];
        let mut from = 0;
        for (random_id, text) in &came {
            let at = composed[from..].iter().position(|(id, said)| id == random_id && said == text);
            from += 1 + at
                .ok_or_else(|| format!("{} shows {text:?}, out of order or never written", name(who)))?;
        }
        self.arrived[who] = came.len();
        Ok(())
    }

    fn pass_time(&mut self) -> Result<(), String> {
        let ms = self.rng.random_range(1..20_000);
        self.pass(ms)
    }

    fn pass(&mut self, ms: u64) -> Result<(), String> {
        for device in &mut self.devices {
            device.mono_ms += ms;
            if device.wake_at.is_some_and(|at| at <= device.now().unix_ms) {
                device.wake_at = None;
                device.handle(Input::Wake)?;
            }
        }
        Ok(())
    }

    /// Both read everything; when the timers have run out, nothing that was to destroy itself is left anywhere.
    fn all_is_read(&mut self) -> Result<(), String> {
        for who in 0..2 {
            let seen = self.devices[who].disk.messages.iter().map(|message| message.date).max();
            if let (Some(chat), Some(max_date), true) =
                (self.devices[who].chat(), seen, self.devices[who].ready().is_some())
            {
                self.devices[who].command(Command::Seen { chat, max_date })?;
            }
        }
        self.settle()?;
        for _ in 0..3 {
            self.pass(60_000)?;
            self.settle()?;
        }
        crate::rest::burnt(self)
    }

    /// Without faults: everything is answered and delivered until nothing is left to do. What waits for a pause gets its time; a
    /// last text on each side shows holes at the very end; a long silence and a new connection make up for lost copies.
    fn come_to_rest(&mut self) -> Result<(), String> {
        for _ in 0..8 {
            self.settle()?;
            if crate::rest::at_rest(self) {
                return crate::rest::agree(self);
            }
            self.answer_request(1)?;
            for who in 0..2 {
                if self.devices[who].ready().is_some() {
                    self.say(who)?;
                }
            }
            self.settle()?;
            self.pass(2 * 3600 * 1000)?;
            for who in 0..2 {
                self.disconnect(who)?;
            }
        }
        Err(format!("the two do not come to rest: {}", crate::rest::unrest(self)))
    }

    fn settle(&mut self) -> Result<(), String> {
        for _ in 0..3000 {
            let mut busy = false;
            for who in 0..2 {
                if !self.devices[who].online {
                    self.connect(who)?;
                    busy = true;
                }
                while !self.devices[who].calls.is_empty() {
                    self.serve_one(who)?;
                    busy = true;
                }
                busy |= self.devices[who].acknowledging.is_some();
                self.acknowledge(who)?;
                let marks = self.devices[who].disk.marks;
                if !self.server.boxes[who].drained(marks) {
                    let batch = self.server.boxes[who].difference(marks, 50);
                    self.take(who, batch)?;
                    busy = true;
                }
            }
            if !busy && !self.wait_for_a_pause()? {
                return Ok(());
            }
        }
        Err("the two never stop talking".into())
    }

    /// Lets a pause go by that somebody was told to make; false if nobody waits.
    fn wait_for_a_pause(&mut self) -> Result<bool, String> {
        const LONGEST_MS: i64 = 300_000;
        let waits = self.devices.iter().filter_map(|device| Some(device.wake_at? - device.now().unix_ms));
        match waits.min().filter(|&left| left <= LONGEST_MS) {
            Some(left) => self.pass(u64::try_from(left.max(1)).unwrap_or(1)).map(|()| true),
            None => Ok(false),
        }
    }
}

pub fn name(who: usize) -> &'static str {
    ["Ada", "Bob"][who]
}

fn kind(fault: Fault) -> &'static str {
    match fault {
        Fault::Crash(..) => "crashes",
        Fault::Disconnect(_) => "broken connections",
        Fault::Network(_) => "damage by the network",
        Fault::Call(_) => "calls that failed",
        Fault::Clock(..) => "jumps of a clock",
        Fault::BothRekey => "re-keys by both at once",
    }
}

fn refusal(code: i32, name: &str, value: Option<u32>) -> Result<Answer, CallError> {
    Err(CallError::Rpc { code, name: name.into(), value })
}

fn brief(outcome: &Result<Answer, CallError>) -> String {
    match outcome {
        Ok(Answer::Sent { date, .. }) => format!("sent at {date}"),
        Ok(_) => "done".into(),
        Err(error) => error.to_string(),
    }
}
