//! The terminal front end: what a person sees, and how text from strangers is made fit to be seen.
//!
//! This room knows the engine's public types and nothing behind them, so that no mistake on a screen can touch a key, a file
//! or a socket. [`text`] and [`view`] are pure functions: the same input gives the same cells, which is what makes whole
//! screens testable.

pub mod commands;
pub mod errands;
pub mod formatted;
pub mod keys;
pub mod model;
pub mod msg;
pub mod rows;
pub mod runtime;
pub mod term;
pub mod text;
pub mod theme;
pub mod update;
pub mod view;
pub mod welcome;
pub mod words;
