//! Pictures of the model: pure functions from data to ratatui text and cells.
//!
//! Nothing here reads a clock, a terminal or a file, so that everything a person sees can be compared byte by byte in a test.

pub mod key;
