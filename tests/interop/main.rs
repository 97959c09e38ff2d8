//! Clients that others wrote, over TCP, against the real `subrosa serve` and our own engine.
//!
//! What we and our own server agree on could be wrong together; these clients read the protocol's documents on their own. Each
//! runs in a process on a lead (`python/base.py`, `node/driver.js`), our side is the engine with nothing left out, and a test asserts
//! what both of them saw: how people sign in and come back (`accounts`), and what they say to each other in a secret chat (`pair`). The
//! packages come from `requirements.txt` and `node/package-lock.json`; where they are missing the tests say so and are skipped.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod accounts;
mod coming_back;
mod device;
mod files;
mod foreign;
mod framings;
mod keys;
mod library;
mod node;
mod ours;
mod pair;
mod passwords;
#[path = "../process/mod.rs"]
mod process;
mod python;
mod relay;
mod request_encryption;
mod talk;
mod telethon;
mod tg_secret;
mod tokens;
mod two_devices;
