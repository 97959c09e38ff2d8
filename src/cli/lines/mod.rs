//! Line mode: the messenger as plain lines, for screen readers, for pipes, and for terminals that can do nothing else.
//!
//! A line in is a command or something to say; an event is a line out. The grammar is in [`parse`] and the sentences in [`show`],
//! apart from everything that acts on them, so that both can be tested word by word; [`book`] remembers who and what was named.

pub mod book;
mod input;
pub mod names;
pub mod parse;
mod run;
pub mod show;

pub use run::{LinesFault, run};
