//! Line mode: the messenger as plain lines, for screen readers, for pipes, and for terminals that can do nothing else.
//!
//! A line in is a command or something to say; an event is a line out. The grammar is in [`parse`], apart from everything that acts
//! on it, so that it can be tested word by word.

pub mod names;
pub mod parse;
