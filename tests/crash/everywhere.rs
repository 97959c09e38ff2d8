//! Death before and after every commit of a whole conversation, on both sides.

use std::time::Instant;

use crate::pair::Pair;
use crate::person::Role;
use crate::process::world::World;

/// A conversation has more commits than this on either side; fewer deaths mean that the variable is not obeyed.
const DEATHS_AT_LEAST: u32 = 12;

/// Names are numbered, so that every conversation has people of its own.
const NUMBERS_APART: u32 = 1000;

#[test]
fn nothing_is_lost_wherever_either_side_dies() {
    let world = World::new();
    let series = [
        (Role::Originator, "before"),
        (Role::Originator, "after"),
        (Role::Recipient, "before"),
        (Role::Recipient, "after"),
    ];
    std::thread::scope(|scope| {
        let world = &world;
        let threads: Vec<_> = (1..)
            .zip(series)
            .map(|(number, (victim, edge))| {
                scope.spawn(move || die_everywhere(world, number * NUMBERS_APART, victim, edge))
            })
            .collect();
        for thread in threads {
            let deaths = thread.join().unwrap();
            assert!(deaths >= DEATHS_AT_LEAST, "only {deaths} deaths");
        }
    });
}

/// Dies at the first commit, at the second, and so on, until a conversation ends before the commit comes.
fn die_everywhere(world: &World, base: u32, victim: Role, edge: &str) -> u32 {
    for commit in 1.. {
        let began = Instant::now();
        let die_at = format!("{edge}:{commit}");
        let mut pair = Pair::new(world, base + commit, victim, Some(&die_at));
        let took = pair.play_and_verify();
        let deaths = pair.person(victim).deaths;
        println!("{victim:?} dies {die_at}: {deaths} deaths, {took:?} of {:?}", began.elapsed());
        if deaths == 0 {
            return commit - 1;
        }
        pair.originator.program.quit();
        pair.recipient.program.quit();
    }
    0
}
