//! The real binary on a real terminal: what a person sees, and how the terminal is left.
//!
//! Every test runs the program in a pseudo-terminal and reads its output through a terminal emulator. Only what is on the screen is
//! asserted, and the modes of the terminal; nothing inside the program is looked at.

mod hidden;
mod jobs;
mod manners;
mod plays;
mod restart;
mod screen;
mod stories;
mod storm;
mod town;
mod welcome;
