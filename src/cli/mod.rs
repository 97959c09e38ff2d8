//! The command line: arguments, questions and the commands themselves.
//!
//! This is the composition root, the one room that may put engine, server and screen together. What can be decided without a network or
//! a terminal (arguments, the grammar of line mode, where files lie) is kept in small pure modules beside the commands.

pub mod args;
pub mod config;
pub mod host;
pub mod lines;
pub mod open;
pub mod paths;
pub mod profiles;
pub mod prompt;
pub mod quiet;
pub mod report;
pub mod serve;
pub mod sign_in;
pub mod tui;
