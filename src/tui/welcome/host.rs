//! What the program around the welcome does for it: everything that needs a disk.
//!
//! The screen must not see a vault, and nothing that takes longer than a key press may run on its thread. So the composition root
//! implements [`Host`], the loop calls it on threads of their own, and every answer is a sentence or the thing that was asked for.

use crate::engine::entrance::{Entrance, Hidden};
use crate::engine::{Engine, ServerProfile};

/// The key of a server of one's own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServerKey {
    pub pem: String,
    /// Where it was read, for the errors.
    pub source: String,
    pub fingerprint: u64,
}

/// How the key of a profile is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Keeping {
    Passphrase(Hidden),
    /// In a file that only the user can read.
    KeyFile,
}

/// Which profile is to be signed in, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    /// A checked name. The profile is made if there is none.
    pub profile: String,
    pub keeping: Keeping,
    pub server: ServerProfile,
}

/// A profile that was opened.
pub enum Opened {
    Engine(Box<Engine>),
    /// It has no account: a sign-in was broken off.
    Unfinished,
}

/// The composition root, as the welcome sees it. Every call blocks (making a key from a passphrase takes a fraction of a second), and every
/// error is a sentence for the user.
pub trait Host: Send + Sync + 'static {
    /// The key in the file that was named, or in the PEM text that was pasted.
    ///
    /// # Errors
    /// It cannot be read, or is no public key.
    fn server_key(&self, typed: &str) -> Result<ServerKey, String>;

    /// Makes the profile, or opens it if it is there without an account, and begins to sign it in.
    ///
    /// # Errors
    /// The disk, a wrong passphrase, a profile that has an account already.
    fn enter(&self, plan: &Plan) -> Result<Entrance, String>;

    /// Opens a profile that is there.
    ///
    /// # Errors
    /// Above all a wrong passphrase, or another process that has it.
    fn open(&self, profile: &str, keeping: &Keeping) -> Result<Opened, String>;

    /// The engine behind a sign-in that is done.
    ///
    /// # Errors
    /// Those of the engine's start.
    fn engine(&self, entrance: Entrance) -> Result<Engine, String>;
}
