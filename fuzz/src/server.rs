//! The server's reading of what clients send.

#[path = "../../src/server/budget.rs"]
pub mod budget;
#[path = "../../src/server/reader.rs"]
pub mod reader;
#[path = "../../src/server/session/mod.rs"]
pub mod session;

pub use subrosa::server::rpc;
