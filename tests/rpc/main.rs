//! The server's methods, driven by serialised requests without a socket.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod authorizations;
mod chats;
mod contacts;
mod depot;
mod difference;
mod files;
mod hostile;
mod queue;
mod residents;
mod sign_in;
mod store;
mod uploads;
mod world;
