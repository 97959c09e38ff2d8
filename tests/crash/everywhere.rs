//! Death before and after every commit of a whole conversation, on both sides, and sometimes once more on the way back.

use std::time::Instant;

use crate::pair::Pair;
use crate::person::Role;
use crate::process::world::World;

/// A conversation has more commits than this on either side; if one ends before, then the variable is not obeyed.
const DEATHS_AT_LEAST: u32 = 30;

/// Where a process that has come back dies again; beyond these it is an ordinary conversation.
const SECOND_DEATHS: [&str; 8] =
    ["before:1", "after:1", "before:2", "after:2", "before:3", "after:3", "before:4", "after:4"];

/// Every how manyth death is followed by another one, unless all are.
const SECOND_DEATH_EVERY: usize = 4;

/// Of the commits behind this one each series tries every so manyth, another one each, unless all are tried.
const ALL_UP_TO: u32 = 10;
const EVERY: u32 = 8;

/// Dies at every commit, and has every death followed by every second one, which takes a quarter of an hour.
const ALL: &str = "SUBROSA_CRASH_ALL";

/// Conversations are numbered, so that each has people of its own.
const NUMBERS_APART: u32 = 10_000;

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
        let threads: Vec<_> = (1..)
            .zip(series)
            .map(|(number, (victim, edge))| {
                let mut series = Series { world: &world, victim, edge, number: number * NUMBERS_APART };
                scope.spawn(move || series.die_everywhere())
            })
            .collect();
        for thread in threads {
            let deaths = thread.join().unwrap();
            assert!(deaths >= DEATHS_AT_LEAST, "only {deaths} deaths");
        }
    });
}

/// All conversations in which one side dies on one edge of its commits.
struct Series<'a> {
    world: &'a World,
    victim: Role,
    edge: &'static str,
    number: u32,
}

impl Series<'_> {
    /// Dies at the first commit, at the second, and so on, until a conversation ends before the commit comes.
    fn die_everywhere(&mut self) -> u32 {
        let series = self.number / NUMBERS_APART;
        for commit in (1..).filter(|&commit| is_tried(commit, series)) {
            let fate = format!("{}:{commit}", self.edge);
            if self.converse(&[&fate]) == 0 {
                return commit;
            }
            for second in second_deaths(commit as usize) {
                self.converse(&[&fate, second]);
            }
        }
        0
    }

    /// One conversation with these deaths in it; how many there were.
    fn converse(&mut self, fates: &[&str]) -> u32 {
        let began = Instant::now();
        self.number += 1;
        let owned: Vec<String> = fates.iter().map(|&fate| fate.to_owned()).collect();
        let mut pair = Pair::new(self.world, self.number, self.victim, &owned);
        pair.play_and_verify();
        let deaths = pair.person(self.victim).deaths;
        println!("{:?} dies at {fates:?}: {deaths} deaths, {:?}", self.victim, began.elapsed());
        pair.originator.program.quit();
        pair.recipient.program.quit();
        deaths
    }
}

/// All commits of the handshake and the first words, and behind them those whose turn it is in this series.
fn is_tried(commit: u32, series: u32) -> bool {
    commit <= ALL_UP_TO || (commit + series).is_multiple_of(EVERY) || all()
}

fn all() -> bool {
    std::env::var_os(ALL).is_some()
}

/// The second deaths that follow the one at a commit: all, or now and then one, another each time.
fn second_deaths(commit: usize) -> Vec<&'static str> {
    if all() {
        return SECOND_DEATHS.to_vec();
    }
    let chosen = SECOND_DEATHS.get(commit / SECOND_DEATH_EVERY % SECOND_DEATHS.len()).copied();
    chosen.filter(|_| commit.is_multiple_of(SECOND_DEATH_EVERY)).into_iter().collect()
}
