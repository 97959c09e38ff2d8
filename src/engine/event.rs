//! What the engine tells a front end.
//!
//! Everything a screen shows comes this way and in the order in which it became durable; at start the whole picture is told
//! once, ending with [`Event::Restored`]. Strings that come from the network are as hostile as they came.

use std::path::PathBuf;

pub use crate::cloud::authorizations::Device;
use crate::secret::record::{ChatId, Message, Person, UserId};
use crate::secret::step::Event as ChatEvent;

/// One piece of news.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// Who we are.
    Me(Person),
    /// People that are new or have changed: contacts, those met in a search, those who ask.
    People(Vec<Person>),
    /// The answer to a search; an empty one follows an [`Event::Refused`] that says why.
    Found {
        query: String,
        people: Vec<UserId>,
    },
    /// What became of a chat or a message.
    Chat(ChatEvent),
    /// Unseen messages of a chat, told at start.
    Unseen {
        chat: ChatId,
        count: u32,
    },
    /// A piece of history, oldest first, each message with its row number.
    History {
        chat: ChatId,
        messages: Vec<(i64, Message)>,
    },
    /// What the user began to write in a chat, told at start.
    Draft {
        chat: ChatId,
        text: String,
    },
    /// The chat is not to be listed any more. Chats dismissed before are not told at all.
    Dismissed(ChatId),
    /// How far the file of a message has come.
    Transfer {
        chat: ChatId,
        random_id: i64,
        transfer: Transfer,
    },
    /// The devices that are signed in to the account, the own one first.
    Devices(Vec<Device>),
    /// This device is not signed in any more; history stays readable. What ended it, as a sentence.
    SignedOut(String),
    /// The proxy is another one, as it may be shown; none.
    Proxy(Option<String>),
    /// Somebody is blocked now.
    Blocked(UserId),
    /// Somebody is not blocked any more.
    Unblocked(UserId),
    /// The newest message of a chat, told at start.
    Last(Message),
    /// The stored state has been told.
    Restored,
    /// The account was entered on another device, which the user should know about.
    NewLogin {
        device: Option<String>,
        location: Option<String>,
    },
    Connection(Connection),
    /// A command could not be carried out; a sentence for the user.
    Refused(String),
    /// The engine has stopped and why; nothing follows.
    Stopped(Option<String>),
}

/// How far a file has come, on its way to the server or from it. Sizes are bytes of the plain file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Transfer {
    Running {
        done: u64,
        size: u64,
    },
    Paused {
        done: u64,
        size: u64,
    },
    /// It stopped, and why; it can be resumed.
    Failed(String),
    /// An own file is with the server; a fetched one lies here under its name.
    Done {
        path: Option<PathBuf>,
    },
    /// Given up: nothing is left of it.
    Cancelled,
}

/// The state of the way to the server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Connection {
    Offline,
    Connecting,
    /// Connected; what was missed is being fetched.
    Syncing,
    Online,
    /// The next attempt comes at this time (unix milliseconds), and why the last one failed.
    Waiting {
        until_unix_ms: i64,
        reason: String,
    },
    /// No further attempt is made until somebody does something; a sentence that says what.
    Refused(String),
}
