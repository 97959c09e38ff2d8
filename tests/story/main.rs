//! What people do with the program, as real processes on a real socket: the server, two or three of them at line mode, kills and restarts.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod account;
mod errors;
mod hostile;
#[path = "../process/mod.rs"]
mod process;
mod requests;
mod restarts;
mod scene;
mod sentences;
mod signing_in;
mod talk;
mod ways;
