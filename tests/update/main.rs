//! The behaviour of the screen: keys and news in, model and effects out.
//!
//! Every test types into a model that was built from the engine's news alone, as in the program; none looks at how a command is made.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod account;
mod arrivals;
mod composer;
mod content;
mod conversation;
mod dsl;
mod files;
mod hints;
mod list;
mod moments;
mod newcomers;
mod patience;
mod popups;
mod random;
mod signed_out;
mod starting;
mod username;
mod visitor;
mod welcome;
