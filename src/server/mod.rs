//! The embedded Telegram-compatible server.
pub mod rpc;
pub mod store;
