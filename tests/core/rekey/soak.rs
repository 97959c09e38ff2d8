//! Conversations on a bad day: losses, copies, disorder and crashes while both sides change keys as they like.

use std::collections::VecDeque;

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use subrosa::secret::step::*;

use super::peer::{keys, ready};
use super::powers::{draw_from_the_pool, ready_world};
use crate::world::{ALICE, BOB, Device, World, say};

struct Day {
    world: World,
    chance: StdRng,
    said: [Vec<String>; 2],
    story: Vec<String>,
}

impl Day {
    fn new(seed: u64) -> Day {
        Day {
            world: ready_world(),
            chance: StdRng::seed_from_u64(seed),
            said: [vec![], vec![]],
            story: vec![],
        }
    }

    fn device(&mut self, alice: bool) -> &mut Device {
        if alice { &mut self.world.alice } else { &mut self.world.bob }
    }

    fn crash(&mut self, alice: bool) {
        self.device(alice).crash();
        draw_from_the_pool(self.device(alice));
    }

    fn one_thing(&mut self) {
        let alice: bool = self.chance.random();
        let chat = self.world.alice.only_chat();
        let what = self.chance.random_range(0..100);
        self.story.push(format!("{}{what}", if alice { 'a' } else { 'b' }));
        match what {
            0..25 => {
                let words = format!("{}", self.said[usize::from(alice)].len());
                self.said[usize::from(alice)].push(words.clone());
                self.device(alice).command(say(chat, &words));
            }
            25..30 => self.device(alice).command(Command::ChangeKey(chat)),
            30..33 => self.crash(alice),
            33..36 => {
                let device = self.device(alice);
                device.handle(Input::Offline);
                device.calls.clear();
                device.handle(Input::Online);
            }
            36..65 => self.serve(alice),
            _ => self.deliver(alice),
        }
    }

    /// The server takes a call; its answer may be lost, with or without the process.
    fn serve(&mut self, alice: bool) {
        let Some(call) = self.device(alice).calls.pop_front() else { return };
        let fate = self.chance.random_range(0..10);
        if fate < 8 {
            return self.world.serve(if alice { ALICE } else { BOB }, &call);
        }
        if let Call::SendEncrypted { chat, random_id, data, .. } = call.clone() {
            let message =
                EncryptedMessage { random_id, chat, date: self.world.date, bytes: data, file: None };
            self.queue(!alice).push_back(message);
        }
        if fate == 8 {
            self.crash(alice);
        } else {
            self.device(alice).pass(2_000);
            self.device(alice).answer(&call, Err(CallError::Lost));
            self.device(alice).pass(2_000);
            self.device(alice).handle(Input::Wake);
        }
    }

    fn queue(&mut self, to_alice: bool) -> &mut VecDeque<EncryptedMessage> {
        if to_alice { &mut self.world.to_alice } else { &mut self.world.to_bob }
    }

    /// A message arrives: mostly the first, mostly once.
    fn deliver(&mut self, alice: bool) {
        let (fate, turn) = (self.chance.random_range(0..20), self.chance.random_range(0..4));
        let waiting = self.queue(alice);
        let Some(message) =
            waiting.remove(if fate == 0 { turn.min(waiting.len().saturating_sub(1)) } else { 0 })
        else {
            return;
        };
        match fate {
            1 => return,
            2 => waiting.push_back(message.clone()),
            _ => {}
        }
        self.device(alice).deliver(message);
    }

    /// The network is good again: all is delivered, and holes are asked for as after every long silence.
    fn ends(mut self) -> u32 {
        let chat = self.world.alice.only_chat();
        for round in 0..8 {
            for alice in [true, false] {
                let device = self.device(alice);
                device.pass(2 * 3600 * 1000);
                device.handle(Input::Offline);
                device.calls.clear();
                device.handle(Input::Online);
                device.command(say(chat, &format!("good night {round}")));
                self.said[usize::from(alice)].push(format!("good night {round}"));
            }
            self.world.settle();
        }
        let (alice, bob) = (&self.world.alice, &self.world.bob);
        assert_eq!(bob.texts(), self.said[1]);
        assert_eq!(alice.texts(), self.said[0]);
        assert_eq!(keys(alice).current, keys(bob).current);
        assert_eq!(keys(alice).changes, keys(bob).changes);
        assert_eq!(ready(alice).picture, ready(bob).picture);
        for device in [alice, bob] {
            assert!(!keys(device).changing());
            assert!(device.store.outgoing.values().all(|row| row.answered));
            assert!(device.store.parked.is_empty());
        }
        keys(bob).changes
    }
}

/// More with `SUBROSA_REKEY_DAYS`.
#[test]
fn bad_days_end_well() {
    let days = std::env::var("SUBROSA_REKEY_DAYS").ok().and_then(|days| days.parse().ok()).unwrap_or(150);
    let mut changes = 0;
    for seed in 0..days {
        let mut day = Day::new(seed);
        for _ in 0..250 {
            day.one_thing();
        }
        let story = day.story.join(" ");
        let ended = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| day.ends()));
        changes += ended.unwrap_or_else(|_| panic!("day {seed}: {story}"));
    }
    assert!(changes > days as u32, "{changes} changes");
}
