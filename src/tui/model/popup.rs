//! What can stand over the panes: menus, questions, lists, and the little form for a file.
//!
//! A popup is data like everything else in the model, and holds what it was opened with: a question still speaks of the message it was
//! asked about when another one has arrived meanwhile.

use std::ffi::OsString;

use super::Open;
use crate::engine::entrance::Hidden;
use crate::engine::{ChatId, Draft, UserId};

/// The one thing over everything else. It takes all keys; Esc leaves it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Popup {
    Menu(Menu),
    Confirm(Confirm),
    /// The key of a chat, to compare.
    Key(ChatId),
    /// All keys, scrolled by lines.
    Help(u16),
    /// The self-destruct timer of a chat; the selected of [`TIMERS`].
    Timer {
        chat: ChatId,
        selected: usize,
    },
    /// What is known of a person and the chat with them, scrolled by lines.
    Info {
        of: Open,
        skipped: u16,
    },
    /// The addresses in a message.
    Links {
        links: Vec<Link>,
        selected: usize,
    },
    /// A file that is here, and what can be done with it.
    File {
        chat: ChatId,
        random_id: i64,
        /// Its small preview, once it has been decoded.
        preview: Option<Preview>,
    },
    /// The path of a file to send.
    Attach(Attach),
    /// The devices of the account.
    Devices {
        selected: usize,
    },
    /// The way to the server, and what it waits for.
    Connection,
    /// The link of a proxy, as far as it is written; it may hold a password.
    Proxy(Hidden),
    /// The username that is wanted, as far as it is written.
    Username(String),
    /// The question before this device is signed out, with its two ways.
    SignOut,
}

/// An address in a message: the words that lead to it, and where they lead.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// Made safe; empty if the address stands for itself.
    pub words: String,
    /// As it came.
    pub target: String,
}

/// A small picture, as red, green and blue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Preview {
    /// Rows from top to bottom, all of one length.
    pub rows: Vec<Vec<[u8; 3]>>,
}

/// A file that is about to be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attach {
    pub chat: ChatId,
    /// As the user writes it: `~` and relative paths are theirs.
    pub path: String,
    pub as_document: bool,
    pub silent: bool,
    /// What the path could go on with, as the last completion found it: whole paths.
    pub candidates: Vec<String>,
    /// Which of them Tab has put in.
    pub chosen: Option<usize>,
}

/// Timers that Telegram's apps offer, seconds.
pub const TIMERS: [i32; 11] = [0, 1, 2, 5, 10, 15, 30, 60, 3_600, 86_400, 604_800];

/// A menu at the row it speaks of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Menu {
    pub of: Open,
    pub items: Vec<MenuItem>,
    pub selected: usize,
}

/// What a menu offers; its words and letter are in `words` and in the keymap.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MenuItem {
    StartSecretChat,
    AddContact,
    Accept,
    Decline,
    Leave,
    ShowKey,
    SetTimer,
    CloseKeeping,
    CloseDeleting,
    CancelRequest,
    TryAgain,
    Dismiss,
    Block,
    Unblock,
    Report,
    Info,
    ChangeKey,
    DeleteContact,
    Devices,
    Connection,
    SignOut,
    Username,
}

/// A question that names object and effect. Enter does nothing; `y` does it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Confirm {
    /// The sentence.
    pub question: String,
    pub act: Act,
}

/// What is done when a question is answered by yes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Act {
    Close {
        chat: ChatId,
        delete_history: bool,
    },
    CancelRequest(ChatId),
    Decline(ChatId),
    /// Off the list, with what was said in it.
    Dismiss(ChatId),
    DeleteMessages {
        chat: ChatId,
        random_ids: Vec<i64>,
    },
    Block(UserId),
    /// Before a secret chat can be asked for.
    Unblock(UserId),
    DeleteContact(UserId),
    GiveUpUsername,
    /// Sign another device out.
    EndDevice(i64),
    /// Tell the server that whoever asked for this chat sends spam.
    Report(ChatId),
    /// Send without what the peer's app cannot show.
    SayWithout {
        chat: ChatId,
        draft: Box<Draft>,
    },
    /// Hand a file or an address to the program that the system has for it.
    Launch(OsString),
    /// Show what destroys itself so many seconds later.
    OpenContent {
        chat: ChatId,
        random_id: i64,
    },
    CancelTransfer {
        chat: ChatId,
        random_id: i64,
    },
}
