//! The demonstration: a server in this process, you signed in on it, and a cast of people to have secret chats with.
//!
//! A newcomer is to see every state that a secret chat can be in, within a minute and without an account. Nothing of it is staged
//! on the screen: the cast are engines like the user's own (and one raw client that cheats), and all that passes between them and
//! the user goes over TCP through the same server and the same checks as anything else. Nothing of it outlives the [`Stage`] either:
//! the server lives in memory, every profile in one temporary folder.
//!
//! ```text
//! cast       who there is, and what each of them does        stage      the thread that holds server and cast
//! script     what somebody does when something happens       player     an engine that follows a script
//! accounts   signing in on the demo's server                 tamperer   the one who falsifies the exchange
//! photo      what the cast sends when a photo is asked for
//! ```

mod accounts;
mod cast;
mod photo;
mod player;
mod script;
mod stage;
mod tamperer;

pub use stage::{Progress, Stage};

use crate::engine::{Engine, EngineError, SignInError};
use crate::server::ServeError;
use crate::system::in_words;

/// A demonstration under way: the user's own engine, and everything around it.
///
/// The stage has to be kept for as long as the engine is used, and is dropped after it.
#[derive(Debug)]
pub struct Demo {
    pub engine: Engine,
    pub stage: Stage,
}

/// Why there is no demonstration.
#[derive(Debug, thiserror::Error)]
pub enum DemoFault {
    #[error(
        "no temporary folder can be made for the demo ({}): check that there is space, or set TMPDIR to another folder",
        in_words(.0)
    )]
    Folder(std::io::Error),
    #[error("the demo's thread could not be started: {}", in_words(.0))]
    Thread(std::io::Error),
    #[error("the demo's server does not start: {0}")]
    Server(#[from] ServeError),
    #[error("nobody can be signed in on the demo's server: {0}")]
    SignIn(#[from] SignInError),
    #[error(transparent)]
    Engine(#[from] EngineError),
    #[error("the demo's server gave no sign-in code; this is a fault of the program")]
    NoCode,
    #[error("the demo's thread ended unexpectedly; this is a fault of the program")]
    Ended,
}

/// Starts the server, signs the user in, and returns; the cast arrives behind it, one after the other.
///
/// The contact list is complete with the engine's first contact list. Must not be called on a thread that runs async tasks: it
/// blocks for a fraction of a second.
///
/// # Errors
/// No temporary folder, no thread, no free port.
pub fn start() -> Result<Demo, DemoFault> {
    stage::open()
}
