//! Two cores against each other, with a hostile network between them and a disk that may be pulled out at any moment.
//!
//! One seed is one conversation: a handshake, some seventy texts both ways, deletions, readings, at least one change of the key,
//! and faults: crashes between any two steps, before and after the commit; connections that break with calls of unknown outcome;
//! messages that are dropped, damaged, cut, doubled, swapped, delayed, reflected, replayed and forged; refusals, floods, and clocks
//! that jump. Then it must come to rest with both sides agreeing.
//!
//! ```text
//! SUBROSA_DUEL_SEEDS=100000 cargo test --release --test duel    so many seeds
//! SUBROSA_DUEL_FROM=7                                           beginning with this one
//! SUBROSA_DUEL_STORY=7                                          one seed, told
//! ```

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "duel/device.rs"]
mod device;
#[path = "duel/faults.rs"]
mod faults;
#[path = "duel/pool.rs"]
mod pool;
#[path = "duel/rest.rs"]
mod rest;
#[path = "duel/server.rs"]
mod server;
#[path = "core/store.rs"]
mod store;
#[path = "duel/users.rs"]
mod users;
#[path = "duel/world.rs"]
mod world;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use device::Tally;
use world::World;

const SEEDS: u64 = 2_000;

fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok().map(|text| text.parse().expect("a number"))
}

/// Plays one seed; what went wrong, if anything.
fn play(world: &mut World) -> Result<(), String> {
    match catch_unwind(AssertUnwindSafe(|| world.play())) {
        Ok(outcome) => outcome,
        Err(panic) => {
            let words = panic.downcast_ref::<String>().map(String::as_str);
            Err(format!("a panic: {}", words.or(panic.downcast_ref::<&str>().copied()).unwrap_or("?")))
        }
    }
}

fn tell(seed: u64) -> String {
    let mut world = World::new(seed, true);
    let outcome = play(&mut world);
    let story = world.story().join("\n");
    match outcome {
        Ok(()) => format!("seed {seed}\n{story}\nall is well"),
        Err(fault) => format!("seed {seed}\n{story}\nFAILED: {fault}"),
    }
}

#[test]
fn whatever_happens_nothing_is_lost_or_shown_twice() {
    if let Some(seed) = number("SUBROSA_DUEL_STORY") {
        println!("{}", tell(seed));
        assert_eq!(play(&mut World::new(seed, false)), Ok(()));
        return;
    }
    let first = number("SUBROSA_DUEL_FROM").unwrap_or(0);
    let seeds = number("SUBROSA_DUEL_SEEDS").unwrap_or(SEEDS);
    let (next, failed) = (AtomicU64::new(first), AtomicBool::new(false));
    let (tally, failures) = (Mutex::new(Tally::new()), Mutex::new(Vec::new()));
    let workers = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        for _ in 0..workers {
            scope.spawn(|| {
                let mut mine = Tally::new();
                while !failed.load(Ordering::Relaxed) {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if seed >= first + seeds {
                        break;
                    }
                    let mut world = World::new(seed, false);
                    if let Err(fault) = play(&mut world) {
                        failures.lock().unwrap().push((seed, fault));
                        failed.store(true, Ordering::Relaxed);
                    }
                    *mine.entry("seeds").or_default() += 1;
                    *mine.entry("turns").or_default() += u64::from(world.turns);
                    *mine.entry("deaths").or_default() +=
                        world.devices.iter().map(|device| u64::from(device.deaths)).sum::<u64>();
                    *mine.entry("chats closed on purpose").or_default() +=
                        u64::from(world.closed_by.is_some());
                    for (what, count) in world.tally {
                        *mine.entry(what).or_default() += count;
                    }
                }
                let mut all = tally.lock().unwrap();
                mine.into_iter().for_each(|(what, count)| *all.entry(what).or_default() += count);
            });
        }
    });
    let mut lines: Vec<_> = tally.into_inner().unwrap().into_iter().collect();
    lines.sort_unstable();
    println!("{lines:?}");
    let mut failures = failures.into_inner().unwrap();
    failures.sort();
    if let Some((seed, fault)) = failures.first() {
        panic!("{}\n\nreplay it with SUBROSA_DUEL_STORY={seed}: {fault}", tell(*seed));
    }
}
