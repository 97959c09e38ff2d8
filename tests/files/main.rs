//! Files between two people, as engines in one process, through the project's own server on a real socket.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod both_ways;
mod centres;
mod disk;
mod ends;
mod fleeting;
mod hostile;
#[path = "../house/mod.rs"]
mod house;
mod interrupted;
mod line;
mod lost;
mod photos;
mod resident;
mod revoked;
mod stage;
#[allow(dead_code)]
#[path = "../core/store.rs"]
mod store;
#[allow(dead_code)]
#[path = "../core/world.rs"]
mod world;
