//! Whatever is dropped is over: no thread of an engine, an entrance or a server outlives it.
//!
//! SQLCipher and OpenSSL clear their memory when a process ends. A thread that still uses a database at that moment is torn out of
//! it, and the process ends by a signal, with an image of its memory on the disk where that is the custom. So the owners wait.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod house;

use std::process::{Command as Process, Output};

use house::{House, PATIENCE};
use subrosa::engine::entrance::{self, EntranceEvent};
use subrosa::engine::{self, Engine, Event};
use tokio::time::timeout;

/// As many that all end at once leave a process that does not wait little chance.
const CROWD: usize = 8;

/// How often a process is ended.
const ENDS: usize = 4;

async fn until_restored(engine: &mut Engine) {
    let restored = async { while engine.events.recv().await.unwrap() != Event::Restored {} };
    timeout(PATIENCE, restored).await.expect("a profile that is read");
}

#[tokio::test]
async fn an_engine_that_is_dropped_has_closed_its_profile() {
    let mut house = House::open().await;
    let folder = house.move_in("Ada", "9996610001", "ada").await;
    for _ in 0..20 {
        let mut engine = engine::start(engine::open_throwaway(&folder).unwrap()).unwrap();
        until_restored(&mut engine).await;
        // Somebody may hold the way to it longer than the engine is wanted.
        let handle = engine.handle.clone();
        drop(engine);
        assert!(!handle.send(engine::Command::Quit), "there is nobody to give it to");
    }
}

#[tokio::test]
async fn an_entrance_that_is_dropped_has_closed_its_profile() {
    let house = House::open().await;
    let folder = house.home.path().join("ada");
    let mut vault = engine::create_throwaway(&folder).unwrap();
    for _ in 0..20 {
        let mut entrance = entrance::open(vault, house.profile(), false).unwrap();
        while !matches!(entrance.events.recv().await.unwrap(), EntranceEvent::Stage(_)) {}
        drop(entrance);
        vault = engine::open_throwaway(&folder).unwrap();
    }
}

#[tokio::test]
async fn a_server_that_is_dropped_has_closed_its_database() {
    let mut home = tempfile::tempdir().unwrap();
    for _ in 0..20 {
        home = House::kept_in(home).await.home;
    }
}

#[tokio::test]
#[ignore = "run by another test, in a process of its own"]
async fn a_house_full_of_people() {
    let mut house = House::kept_in(tempfile::tempdir().unwrap()).await;
    let mut crowd = Vec::new();
    for number in 0..CROWD {
        let phone = format!("99966100{number:02}");
        let folder = house.move_in("Ada", &phone, number.to_string()).await;
        crowd.push(engine::start(engine::open_throwaway(&folder).unwrap()).unwrap());
    }
    for engine in &mut crowd {
        until_restored(engine).await;
    }
}

#[test]
fn a_process_ends_well_in_the_middle_of_everything() {
    for end in 0..ENDS {
        let mut again = Process::new(std::env::current_exe().unwrap());
        again.args(["--exact", "a_house_full_of_people", "--ignored"]);
        let Output { status, stdout, stderr } = again.output().unwrap();
        let told = [stdout, stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).concat();
        assert!(status.success(), "end {end}: {status}\n{told}");
        assert!(told.contains("1 passed"), "end {end}: {told}");
    }
}
