//! The machine between two devices: the handshake, the conversation, and what happens when things break.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod account;
mod actions;
mod adversary;
mod clocks;
mod content;
mod handshake;
mod hostile;
mod messages;
mod overlooked;
mod rekey;
mod rules;
mod store;
mod world;
