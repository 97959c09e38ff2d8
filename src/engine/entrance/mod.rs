//! The entrance: everything between a profile without an account and an engine that runs on it, as a conversation.
//!
//! A front end gives an [`EntranceCommand`] and is answered by exactly one [`Stage`] or [`EntranceEvent::Refused`]; what the server does on
//! its own (a QR code that was scanned, a connection that breaks) comes without being asked for. It runs on a thread of its own
//! like the engine, so a screen and a plain prompt can both drive it and neither ever waits for the network. What it ends with
//! is the open profile, from which the engine is started without asking for the passphrase again.

pub(super) mod passage;
mod talk;
mod way;

use std::fmt;

use zeroize::Zeroizing;

pub use talk::{Door, Entrance, open};

use super::event::Connection;
pub use crate::cloud::sign_in::{Delivery, NextDelivery};
pub use crate::cloud::terms::Terms;
use crate::secret::record::Person;

/// Something typed that nobody may see: wiped when dropped, silent in Debug.
#[derive(Clone, PartialEq, Eq)]
pub struct Hidden(Zeroizing<String>);

impl Hidden {
    /// Takes the text over; the caller's buffer should never have been moved or grown.
    pub fn new(text: String) -> Hidden {
        Hidden(Zeroizing::new(text))
    }

    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl From<Zeroizing<String>> for Hidden {
    fn from(text: Zeroizing<String>) -> Hidden {
        Hidden(text)
    }
}

impl fmt::Debug for Hidden {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Hidden(..)")
    }
}

/// What a front end says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EntranceCommand {
    /// Send a code to this number.
    Phone(String),
    /// The code that came.
    Code(Hidden),
    /// Send the code once more, the next way.
    Resend,
    /// Back to the number: a code on its way is given up.
    Restart,
    /// The password of two-step verification.
    Password(Hidden),
    /// The password is forgotten: send a code to the account's mail address, or send another.
    Forgot,
    /// To the terms of service. [`EntranceCommand::Restart`] declines them, and no account is made.
    Agree,
    /// The name of a new account.
    Name { first: String, last: String },
    /// Sign in by a QR code that a signed-in device scans.
    Qr,
    /// Dial now instead of waiting out the back-off.
    Dial,
    /// Give up; nothing is kept but the empty profile.
    Quit,
}

/// What the entrance tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EntranceEvent {
    Connection(Connection),
    /// Where it stands: what is wanted next.
    Stage(Stage),
    /// The code that was sent is of no use any more; when it is asked for again, another one is sent at once.
    CodeExpired,
    /// The last command did not help; the stage stays as it is.
    Refused {
        /// A sentence: what happened and what to do.
        sentence: String,
        /// Nothing will be taken before this time, Unix milliseconds.
        until_unix_ms: Option<i64>,
    },
    /// It cannot go on, and why; nothing follows.
    Failed(String),
}

/// What is wanted of the user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stage {
    /// A phone number, or [`EntranceCommand::Qr`].
    Phone,
    Code(CodeSent),
    /// A signed-in device is to scan this; a new one comes when it expires.
    Qr {
        /// `tg://login?token=...`: whoever has it before it expires can let this device in, so it is shown and not kept.
        link: Hidden,
        /// Unix milliseconds.
        expires_unix_ms: i64,
    },
    /// The password of two-step verification.
    Password {
        /// What the user once wrote to be reminded; hostile text, may be empty.
        hint: String,
    },
    /// The password is forgotten, and a code went to this mail address, as far as the server shows it (hostile text). Signing in by it
    /// takes the password away; the password itself is still taken, too.
    Recovery {
        mail: String,
    },
    /// The number has no account, and whoever makes one is to agree to this first.
    Terms(Terms),
    /// The number has no account: a name makes one.
    Name,
    /// Signed in and stored: [`Entrance::engine`].
    Done(Box<Person>),
}

/// A code is on its way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CodeSent {
    /// The number as the server has it: digits, country code first.
    pub phone: String,
    pub by: Delivery,
    /// Characters of the code, where the server says so.
    pub length: Option<u8>,
    /// How it would be sent next, and from when on (Unix milliseconds) that may be asked for.
    pub next: Option<(NextDelivery, i64)>,
}
