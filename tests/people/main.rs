//! People as the engine keeps them: the contact list, who is blocked, who can hold a secret chat, through the project's own server.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod blocked;
mod changes;
mod crowd;
#[path = "../house/mod.rs"]
mod house;
mod refusals;
mod town;
