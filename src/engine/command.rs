//! What a front end can ask of the engine.
//!
//! Commands never wait: the answer, if there is one, comes as an [`Event`](super::Event). What needs the server and finds no
//! connection is kept by the core (chats and messages) or refused in words (searches).

use crate::secret::record::{ChatId, UserId};

/// One wish of the user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// Fetch the contact list anew.
    RefreshContacts,
    /// Find somebody: `@name`, a phone number, or words of a name.
    Find(String),
    /// Take a public username, by which others find us; empty gives it up.
    SetUsername(String),
    /// Put somebody who was found on the contact list.
    AddContact(UserId),
    /// Put a phone number on the contact list, under a name.
    Import {
        /// Digits, country code first.
        phone: String,
        name: String,
    },
    /// Start a secret chat with somebody the engine has named.
    Start(UserId),
    Accept(ChatId),
    Decline(ChatId),
    /// Leave a request for another device.
    Leave(ChatId),
    Say {
        chat: ChatId,
        text: String,
    },
    /// The user has seen everything that has arrived in the chat.
    Seen(ChatId),
    /// Set the self-destruct timer for new messages, in seconds; 0 is off.
    SetTimer {
        chat: ChatId,
        seconds: i32,
    },
    /// Delete messages on both sides.
    Delete {
        chat: ChatId,
        random_ids: Vec<i64>,
    },
    /// Delete the history on both sides, keeping the chat.
    Flush(ChatId),
    Close {
        chat: ChatId,
        delete_history: bool,
    },
    /// The user compared the key pictures, or takes it back.
    Verify {
        chat: ChatId,
        verified: bool,
    },
    Typing {
        chat: ChatId,
        typing: bool,
    },
    /// Read messages of a chat: the newest `limit` before row `before`, or the newest of all.
    History {
        chat: ChatId,
        before: Option<i64>,
        limit: u32,
    },
    /// Dial now instead of waiting out the back-off.
    Dial,
    /// Finish what is being written and stop.
    Quit,
}
