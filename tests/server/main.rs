//! The server as strangers see it: bytes on a TCP connection.
//!
//! The client here is written for these tests and believes nothing: it can do everything a real one does, and everything a
//! real one would never do.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod accounts;
mod client;
mod exchange;
mod files;
mod framing;
mod hostile;
mod layers;
mod library;
#[cfg(target_os = "linux")]
mod memory;
mod redelivery;
mod replays;
mod requests;
mod service;
mod stage;
mod temporary;
