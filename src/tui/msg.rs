//! What can happen to the screen, and what it can want done.
//!
//! Both are data, so that a test can type, resize and receive without a terminal and see every wish that follows.

use std::ffi::OsString;
use std::path::PathBuf;

use crossterm::event::KeyEvent;

use super::model::Preview;
use crate::engine::{self, ChatId};

/// Something happened.
#[derive(Clone, Debug)]
pub enum Msg {
    Key(KeyEvent),
    Paste(String),
    /// Columns and rows.
    Resize(u16, u16),
    /// The terminal got or lost the keyboard.
    Focus(bool),
    Engine(Box<engine::Event>),
    /// A signal asks the program to end.
    Terminate,
    /// Back from the background: everything has to be drawn anew.
    Resumed,
    /// Something on the screen is no longer true: time has passed.
    Moment,
    /// How the path that was written could go on: whole paths, folders with a slash at their end.
    Completed {
        typed: String,
        candidates: Vec<String>,
    },
    /// What was pasted is the path of a file that is there.
    IsFile(String),
    /// The picture of a message's file has been decoded.
    Preview {
        chat: ChatId,
        random_id: i64,
        preview: Preview,
    },
    /// Something outside of the program could not be done; a sentence.
    Trouble(String),
}

/// Something is to be done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    Engine(engine::Command),
    /// To the clipboard.
    Copy(String),
    /// Ctrl+Z: give the terminal back and stop.
    Suspend,
    /// Draw everything, whatever is thought to be on the screen.
    Redraw,
    /// Something arrived that the user may want to know of; no text of messages in it.
    Notify(String),
    /// Look how this path could go on, and come back with [`Msg::Completed`].
    Complete(String),
    /// Come back with [`Msg::IsFile`] if this is the path of a file.
    Probe(String),
    /// Decode the picture of a message's file, and come back with [`Msg::Preview`].
    Preview {
        chat: ChatId,
        random_id: i64,
        picture: Picture,
    },
    /// Hand a file or an address to the program that the system has for it.
    Launch(OsString),
}

/// What the picture of a file can be decoded from, the better one first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Picture {
    /// The photo itself, which lies here.
    pub file: Option<PathBuf>,
    /// The small JPEG that came with the message.
    pub thumb: Option<Vec<u8>>,
}
