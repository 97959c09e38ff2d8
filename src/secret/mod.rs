//! The core: Telegram's secret-chat protocol as a pure, synchronous state machine.
//!
//! Nothing here reads a clock, opens a socket or touches a file; time and randomness are arguments. The machine takes an
//! [`Input`](step::Input) and gives a [`Step`](step::Step), so every rule of the protocol can be tested, replayed and simulated
//! without waiting for anything. The rooms around it (vault, cloud, engine) exist to carry out what it says.

pub mod chat;
pub mod content;
pub mod envelope;
pub mod exchange;
pub mod fault;
pub mod file;
pub mod key;
pub mod layer;
pub mod machine;
pub mod message;
pub mod picture;
pub mod record;
pub mod rekey;
pub mod sequence;
pub mod step;
pub mod timer;
pub mod wire;
