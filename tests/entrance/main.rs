//! Signing in, from the first word to a running engine, through the project's own server on a real socket.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod account;
mod codes;
mod gone;
#[allow(dead_code)]
#[path = "../files/line.rs"]
mod line;
mod passwords;
mod people;
mod profiles;
mod stage;
#[allow(dead_code)]
#[path = "../cloud/stub.rs"]
mod stub;
mod tokens;
mod travel;
mod troubles;
