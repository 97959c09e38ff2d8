//! The real program killed at every commit, on either side of it, in the middle of a conversation.
//!
//! A debug build ends itself where `SUBROSA_DIE_AT` says. The other side goes on, the one that died is started again, and the two
//! people ([`person`]) see to it that the conversation comes to its end. Then everything must be there, once and in order.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod everywhere;
mod moments;
mod pair;
mod person;
#[path = "../process/mod.rs"]
mod process;
