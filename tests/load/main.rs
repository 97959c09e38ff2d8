//! Many at once: clients that are connected together, every pair of them with a secret chat, and nothing lost and nothing twice.
//!
//! The clients are whole engines, each on its own thread with a profile on the disk; the server is the built binary in a process of its
//! own, so that its memory is its own too. With every run of the tests a few of them play; the full size is run by name:
//! `cargo test --release --test load -- --ignored --nocapture`.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
#![cfg(target_os = "linux")]

mod client;
mod house;

use std::time::Instant;

use tokio::task::JoinSet;

use client::{Client, Pair};
use house::{House, memory};

/// What each client says to the other one of its pair.
const MESSAGES: usize = 50;

/// Clients that sign in at the same time: each is an exchange of keys, and the server has other things to do, too.
const AT_ONCE: usize = 8;

#[test]
fn a_house_full_of_people_talks_in_pairs() {
    play(20);
}

#[test]
#[ignore = "takes minutes and some gigabytes; run it alone, by name"]
fn two_hundred_people_talk_in_pairs() {
    play(200);
}

/// So many clients, an even number.
fn play(clients: usize) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    tokio::task::LocalSet::new().block_on(&runtime, async {
        let house = House::open();
        let empty = (memory("self"), memory(house.process()));
        println!(
            "{clients} clients, {MESSAGES} messages each; at first {} MiB here, {} MiB there",
            empty.0, empty.1
        );

        let moment = Instant::now();
        let everybody = move_in(&house, clients).await;
        report("signed in and connected", moment, &house);
        assert_eq!(house.connections(), clients, "all are connected at once");

        let moment = Instant::now();
        let pairs = every(pairs(everybody), Pair::agree).await;
        report("every pair has a chat", moment, &house);

        let moment = Instant::now();
        let pairs = every(pairs, |pair| pair.talk(MESSAGES)).await;
        let seconds = moment.elapsed().as_secs_f64();
        report("all is said and heard", moment, &house);
        println!("{:.0} messages a second", (clients * MESSAGES) as f64 / seconds);
        assert_eq!(house.connections(), clients, "nobody was lost on the way");

        let pairs = every(pairs, |pair| pair.look_back(MESSAGES)).await;
        assert_eq!(pairs.len(), clients / 2);
        every(pairs, Pair::leave).await;
    });
}

async fn move_in(house: &House, clients: usize) -> Vec<Client> {
    let mut everybody = Vec::new();
    let mut arriving = JoinSet::new();
    for number in 0..clients {
        arriving.spawn_local(Client::move_in(house.entrance(), number));
        if arriving.len() == AT_ONCE {
            everybody.push(arriving.join_next().await.unwrap().unwrap());
        }
    }
    while let Some(arrived) = arriving.join_next().await {
        everybody.push(arrived.unwrap());
    }
    everybody.sort_by_key(|client| client.number);
    everybody
}

fn pairs(everybody: Vec<Client>) -> Vec<Pair> {
    let mut everybody = everybody.into_iter();
    let pair = || Some(Pair::new(everybody.next()?, everybody.next()?));
    std::iter::from_fn(pair).collect()
}

/// Has all pairs do something at the same time.
async fn every<T: 'static, F: Future<Output = T> + 'static>(
    pairs: Vec<Pair>,
    act: impl Fn(Pair) -> F,
) -> Vec<T> {
    let mut busy = JoinSet::new();
    pairs.into_iter().for_each(|pair| drop(busy.spawn_local(act(pair))));
    let mut done = Vec::new();
    while let Some(one) = busy.join_next().await {
        done.push(one.unwrap());
    }
    done
}

fn report(what: &str, since: Instant, house: &House) {
    let (here, there) = (memory("self"), memory(house.process()));
    println!("{what} after {:.1} s; {here} MiB here, {there} MiB there", since.elapsed().as_secs_f64());
}
