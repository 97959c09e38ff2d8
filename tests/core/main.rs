//! The machine between two devices: the handshake, the conversation, and what happens when things break.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod adversary;
mod handshake;
mod hostile;
mod messages;
mod rules;
mod world;
