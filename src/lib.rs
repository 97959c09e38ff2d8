pub mod cli;
pub mod cloud;
pub mod engine;
pub mod mtproto;
pub mod secret;
pub mod server;
pub mod tui;
pub mod vault;
