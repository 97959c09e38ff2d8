//! The server's methods, driven by serialised requests without a socket.

mod chats;
mod contacts;
mod difference;
mod hostile;
mod queue;
mod residents;
mod sign_in;
mod store;
mod world;
