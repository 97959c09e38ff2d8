//! The client's first look at what a server sends.

#[path = "../../src/cloud/inspector.rs"]
pub mod inspector;
#[path = "../../src/cloud/nesting/mod.rs"]
pub mod nesting;
#[path = "../../src/cloud/parcel.rs"]
pub mod parcel;

pub use subrosa::cloud::session;
