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
mod plain;
#[path = "../process/mod.rs"]
mod process;
mod profiles;
mod recovery;
mod stage;
#[allow(dead_code)]
#[path = "../cloud/stub.rs"]
mod stub;
mod terms;
mod tokens;
mod travel;
mod troubles;
