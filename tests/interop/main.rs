//! Clients that others wrote, over TCP, against the real `subrosa serve` and our own engine.
//!
//! What we and our own server agree on could be wrong together; these clients read the protocol's documents on their own. Each
//! runs in a Python process on a lead (`python/base.py`), our side is the engine with nothing left out, and a test asserts what
//! both of them saw. The packages come from `requirements.txt`; where they are missing the tests say so and are skipped.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod files;
mod foreign;
mod keys;
mod ours;
mod pair;
#[path = "../process/mod.rs"]
mod process;
mod python;
mod talk;
mod telethon;
mod tg_secret;
