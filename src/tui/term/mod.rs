//! The terminal: what it can do, taking it over, giving it back, and what comes in from it.
//!
//! A terminal is borrowed from the user's shell, so the one promise of this room is that it is given back as it was, whatever
//! happens: at the end, on a panic, on a signal that ends the program, and for as long as the program is stopped by Ctrl+Z. Everything
//! that knows an escape sequence is in here; the rest of the front end paints cells.

mod guard;
mod input;
mod look;
mod panics;
mod signals;
mod surface;

pub use guard::{Guard, usable};
pub use input::{Inputs, read_inputs};
pub use look::{Look, LookFault, Palette, Wish};
pub use panics::contained;
pub use signals::{Signal, Signals};
pub use surface::Surface;

use crate::system::in_words;

/// The terminal, taken over, and what is typed into it: one screen hands both to the next, since there is but one reader of the keys.
#[derive(Debug)]
pub struct Seat {
    pub guard: Guard,
    pub inputs: Inputs,
}

impl Seat {
    /// Takes the terminal and starts reading it.
    ///
    /// # Errors
    /// As [`Guard::enter`].
    pub fn take(look: Look) -> Result<Seat, TermFault> {
        let guard = Guard::enter(look)?;
        Ok(Seat { guard, inputs: read_inputs()? })
    }
}

/// Why the terminal cannot be used. Each sentence says what to do instead.
#[derive(Debug, thiserror::Error)]
pub enum TermFault {
    #[error(
        "standard input and output are not a terminal: use `subrosa lines`, which reads and writes plain lines"
    )]
    NoTerminal,
    #[error(
        "this terminal (TERM={0}) cannot show a screen: use `subrosa lines`, which needs no more than lines"
    )]
    Dumb(String),
    #[error("the terminal could not be used ({}): try `subrosa lines`", in_words(.0))]
    Io(#[from] std::io::Error),
}
