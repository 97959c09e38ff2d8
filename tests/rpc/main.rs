//! The server's methods, driven by serialised requests without a socket.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod authorizations;
mod blocks;
mod centres;
mod chats;
mod codes;
mod contacts;
mod depot;
mod devices;
mod difference;
mod empty;
mod files;
mod hostile;
mod kinds;
mod layers;
mod login_tokens;
mod password;
mod privacy;
mod queue;
mod recovery;
mod residents;
mod sign_in;
mod store;
mod tl;
mod uploads;
mod world;
