//! Whole screens, compared cell by cell: every state of a secret chat, the main screens at every size, every theme.
//!
//! The models are built by hand, since a model is plain data; the time and the zone are fixed. A changed screen is accepted with
//! `INSTA_UPDATE=always cargo test --test screens`, and then read.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod account;
mod content;
mod hostile;
mod newcomers;
mod popups;
mod sizes;
mod stage;
mod states;
mod themes;
mod welcome;
