//! What can happen to the screen, and what it can want done.
//!
//! Both are data, so that a test can type, resize and receive without a terminal and see every wish that follows.

use crossterm::event::KeyEvent;

use crate::engine;

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
}
