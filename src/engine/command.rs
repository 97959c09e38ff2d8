//! What a front end can ask of the engine.
//!
//! Commands never wait: the answer, if there is one, comes as an [`Event`](super::Event). What needs the server and finds no
//! connection is kept by the core (chats and messages) or refused in words (searches).

use std::fmt;
use std::path::PathBuf;

use super::entrance::Hidden;
use crate::secret::record::{ChatId, Draft, Text, UserId};

/// One wish of the user.
#[derive(Clone, PartialEq, Eq)]
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
        draft: Box<Draft>,
    },
    /// Send a file of this machine.
    SendFile {
        chat: ChatId,
        path: PathBuf,
        /// As it is, not as the photo, video or voice message that it could be shown as.
        as_document: bool,
        caption: Text,
        reply_to: Option<i64>,
        silent: bool,
    },
    /// Fetch the file of a message, or go on with it.
    Download {
        chat: ChatId,
        random_id: i64,
    },
    /// Stop sending or fetching a file for now; what is done is kept.
    PauseTransfer {
        chat: ChatId,
        random_id: i64,
    },
    /// Go on with what was paused or failed.
    ResumeTransfer {
        chat: ChatId,
        random_id: i64,
    },
    /// Give up sending (the message goes, too) or fetching a file.
    CancelTransfer {
        chat: ChatId,
        random_id: i64,
    },
    /// The user opens what a message holds: the clock of protected content starts, and its writer is told.
    OpenContent {
        chat: ChatId,
        random_id: i64,
    },
    /// Change the key now.
    ChangeKey(ChatId),
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
    /// What the user began to write; kept soon, an empty one forgotten.
    KeepDraft {
        chat: ChatId,
        text: String,
    },
    /// Take a closed chat off the list.
    Dismiss(ChatId),
    /// Block somebody: they can neither ask for chats nor write any more.
    Block(UserId),
    Unblock(UserId),
    /// Tell the server that whoever asked for this chat sends spam.
    Report(ChatId),
    /// Take somebody off the contact list.
    DeleteContact(UserId),
    /// List the devices that are signed in to the account.
    Devices,
    /// Whether secret chats may be asked for on a device; 0 is this one.
    Receive {
        device: i64,
        receive: bool,
    },
    /// Sign a device out; never this one.
    EndDevice(i64),
    /// Sign this device out, closing its open chats first if they are to be discarded; otherwise they die without a word.
    SignOut {
        discard: bool,
    },
    /// Go through this proxy from now on, written as a link; with an empty one the profile has none of its own, and the environment's counts.
    SetProxy(Hidden),
    /// Somebody is at this front end, or has left it: others see us online or not.
    Active(bool),
    /// Dial now instead of waiting out the back-off.
    Dial,
    /// Finish what is being written and stop.
    Quit,
}

/// What a person writes is printed nowhere; the verb and the chat are enough to follow.
impl fmt::Debug for Command {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Command::RefreshContacts => f.write_str("RefreshContacts"),
            Command::Find(_) => f.write_str("Find(..)"),
            Command::SetUsername(_) => f.write_str("SetUsername(..)"),
            Command::AddContact(user) => write!(f, "AddContact({user})"),
            Command::Import { .. } => f.write_str("Import(..)"),
            Command::Start(user) => write!(f, "Start({user})"),
            Command::Accept(chat) => write!(f, "Accept({chat})"),
            Command::Decline(chat) => write!(f, "Decline({chat})"),
            Command::Leave(chat) => write!(f, "Leave({chat})"),
            Command::Say { chat, .. } => write!(f, "Say({chat}, ..)"),
            Command::SendFile { chat, .. } => write!(f, "SendFile({chat}, ..)"),
            Command::Download { chat, random_id } => write!(f, "Download({chat}, {random_id})"),
            Command::PauseTransfer { chat, random_id } => write!(f, "PauseTransfer({chat}, {random_id})"),
            Command::ResumeTransfer { chat, random_id } => write!(f, "ResumeTransfer({chat}, {random_id})"),
            Command::CancelTransfer { chat, random_id } => write!(f, "CancelTransfer({chat}, {random_id})"),
            Command::OpenContent { chat, random_id } => write!(f, "OpenContent({chat}, {random_id})"),
            Command::ChangeKey(chat) => write!(f, "ChangeKey({chat})"),
            Command::Seen(chat) => write!(f, "Seen({chat})"),
            Command::SetTimer { chat, seconds } => write!(f, "SetTimer({chat}, {seconds})"),
            Command::Delete { chat, random_ids } => write!(f, "Delete({chat}, {random_ids:?})"),
            Command::Flush(chat) => write!(f, "Flush({chat})"),
            Command::Close { chat, delete_history } => write!(f, "Close({chat}, {delete_history})"),
            Command::Verify { chat, verified } => write!(f, "Verify({chat}, {verified})"),
            Command::Typing { chat, typing } => write!(f, "Typing({chat}, {typing})"),
            Command::History { chat, before, limit } => write!(f, "History({chat}, {before:?}, {limit})"),
            Command::KeepDraft { chat, .. } => write!(f, "KeepDraft({chat}, ..)"),
            Command::Dismiss(chat) => write!(f, "Dismiss({chat})"),
            Command::Block(user) => write!(f, "Block({user})"),
            Command::Unblock(user) => write!(f, "Unblock({user})"),
            Command::Report(chat) => write!(f, "Report({chat})"),
            Command::DeleteContact(user) => write!(f, "DeleteContact({user})"),
            Command::Devices => f.write_str("Devices"),
            Command::Receive { receive, .. } => write!(f, "Receive(.., {receive})"),
            Command::EndDevice(_) => f.write_str("EndDevice(..)"),
            Command::SignOut { discard } => write!(f, "SignOut({discard})"),
            Command::SetProxy(_) => f.write_str("SetProxy(..)"),
            Command::Active(active) => write!(f, "Active({active})"),
            Command::Dial => f.write_str("Dial"),
            Command::Quit => f.write_str("Quit"),
        }
    }
}
