//! Storms: sizes that change faster than anybody can look, and keys that nobody meant.
//!
//! The storms are drawn from a fixed seed, so that one that broke something breaks it again.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use rustix::process::Signal;
use tempfile::TempDir;

use super::screen::{CTRL_L, Screen, Start};

const SEED: u64 = 0x5b_0a_20_a1;

const SIZES: usize = 200;

const ACTS: usize = 5_000;

fn demo(home: &TempDir) -> Screen {
    let screen = Start::binary(home.path(), &["demo"]).run();
    screen.wait_for("Basil");
    screen
}

#[test]
fn a_storm_of_sizes_ends_in_a_whole_screen() {
    let home = tempfile::tempdir().unwrap();
    let mut screen = demo(&home);
    let mut rng = StdRng::seed_from_u64(SEED);
    let mut sizes: Vec<(u16, u16)> =
        (0..SIZES).map(|_| (rng.random_range(1..=200), rng.random_range(1..=60))).collect();
    sizes[SIZES / 4] = (1, 1);
    sizes[SIZES / 2] = (1, 60);
    sizes[3 * SIZES / 4] = (200, 1);
    for (columns, rows) in sizes {
        screen.resize(columns, rows);
        screen.send("j");
    }
    screen.resize(80, 24);
    screen.wipe();
    screen.send(CTRL_L);
    screen.wait_for("Basil");
    screen.signal(Signal::TERM);
    assert_eq!(screen.end(), Ok(0));
    screen.assert_restored();
}

#[test]
fn one_cell_is_enough_to_stay_alive() {
    let home = tempfile::tempdir().unwrap();
    let mut screen = Start::binary(home.path(), &["demo"]).size(1, 1).run();
    screen.wait("no frame", |screen| screen.alternate_screen().then_some(()));
    screen.resize(80, 24);
    screen.wait_for("Basil");
    screen.signal(Signal::TERM);
    assert_eq!(screen.end(), Ok(0));
}

/// More than the terminal's queue holds, several times over, and again and again a beginning of a sequence.
#[test]
fn a_flood_of_keys_is_taken_to_its_end() {
    let home = tempfile::tempdir().unwrap();
    let mut screen = demo(&home);
    for round in 0..8 {
        screen.send(&"jk\x1b[A\x1b[B".repeat(2_000 + 37 * round));
    }
    screen.wipe();
    screen.send(CTRL_L);
    screen.wait_for("Basil");
    screen.signal(Signal::TERM);
    assert_eq!(screen.end(), Ok(0));
}

/// What a cat on the keyboard does: text, chords, arrows, pastes (of hostile bytes too), focus reports, sizes.
#[test]
fn five_thousand_random_acts_break_nothing() {
    let home = tempfile::tempdir().unwrap();
    let mut rng = StdRng::seed_from_u64(SEED);
    let mut screen = demo(&home);
    let mut starts = 1;
    for act in 0..ACTS {
        // A wish to leave may be among them.
        if act % 50 == 0 && !screen.alive() {
            left_in_order(&mut screen);
            screen = demo(&home);
            starts += 1;
        }
        act_at_random(&mut screen, &mut rng);
    }
    assert!(starts < ACTS / 50, "it was never there for long");
    if screen.alive() {
        screen.signal(Signal::TERM);
    }
    left_in_order(&mut screen);
}

fn left_in_order(screen: &mut Screen) {
    let code = screen.end();
    assert_eq!(code, Ok(0), "{}", screen.contents());
    screen.assert_restored();
    assert!(!screen.transcript().contains("a fault in this program"), "{}", screen.contents());
}

const SEQUENCES: &[&str] = &[
    "\r",
    "\t",
    "\x1b",
    "\x1b[Z",
    "\x7f",
    "\x1b[A",
    "\x1b[B",
    "\x1b[C",
    "\x1b[D",
    "\x1b[H",
    "\x1b[F",
    "\x1b[5~",
    "\x1b[6~",
    "\x1b[2~",
    "\x1b[3~",
    "\x1bOP",
    "\x1b[1;5C",
    "\x1b[1;3A",
    "\x1b\r",
    "\x1bm",
    "\x1bu",
    "\x1b[I",
    "\x1b[O",
    "\x1b[99;99;99",
    "\x1b[<0;1;1M",
    "\x0b",
    "\x14",
    "\x0e",
    "\x10",
    "\x0c",
    "\x1a",
    "\x15",
    "\x17",
];

const PASTES: &[&str] = &[
    "one line",
    "two\nlines",
    "\u{202e}turned\u{200d}\u{200d}\u{200d} and \u{1b}[31mcoloured\u{7}",
    "👩‍👩‍👧 山田太郎 नेहा e\u{301}\u{301}\u{301} \t end",
    "",
];

fn act_at_random(screen: &mut Screen, rng: &mut StdRng) {
    match rng.random_range(0..100) {
        // `q` leaves, and would too often.
        0..55 => match char::from(rng.random_range(b' '..=b'~')) {
            'q' => screen.send("Q"),
            key => screen.send(&key.to_string()),
        },
        55..60 => screen.send(["ö", "山", "👩", "\u{301}", "\u{feff}"][rng.random_range(0..5)]),
        60..92 => screen.send(SEQUENCES[rng.random_range(0..SEQUENCES.len())]),
        92..95 => {
            let paste = PASTES[rng.random_range(0..PASTES.len())];
            screen.paste(&paste.repeat(rng.random_range(1..200)));
        }
        95 => screen.resize(rng.random_range(1..=8), rng.random_range(1..=8)),
        _ => screen.resize(rng.random_range(20..=160), rng.random_range(5..=50)),
    }
}
