//! Text from strangers, made safe for a terminal, and measured in the cells it will take there.
//!
//! Names, titles, messages and error texts come from the network, and a terminal obeys what it prints: a name may carry an escape
//! sequence that writes to the clipboard, a bidirectional override that turns `gpj.exe` around, forty accents on one letter, or
//! letters that nobody can see. Every string from outside passes [`safe_line`] or [`safe_text`] before it reaches a cell, a
//! line of output, a title or a clipboard. What is dangerous is *shown*, not silently swallowed, wherever it would have had a
//! visible place (`ESC` becomes `␛`, an unknown character `�`); what is invisible by nature is dropped. Since the control
//! character in front of it is gone, the rest of an escape sequence is left as the harmless letters it is made of.
//!
//! [`width`] and [`fit`] measure exactly as ratatui lays out: cluster by cluster. Clusters whose width terminals dispute (emoji with
//! a variation selector, keycaps, skin tones, joined families) do not survive [`safe_text`]: each becomes the plain characters
//! that every terminal counts alike. One exception is left, since it is how a living language is written: ratatui gives the
//! subscript consonants of Khmer no cell of their own, and some terminals do.

mod cells;
mod classes;
mod marks;
mod rich;
mod safe;
mod wrap;

pub use cells::{fit, head, width};
pub use marks::cells_of;
pub use rich::{Block, Format, Frame, Look, Run, Special, rich};
pub use safe::{safe_line, safe_text};
pub use wrap::{and_more, wrap, wrap_ranges};
