//! The welcome: the first start, and everything up to the moment when there is an account to show.
//!
//! It is a screen of its own, smaller than the messenger: one question at a time, each with the sentence that says why it is asked.
//! As there, [`update`](update::update) and [`view`] are pure, and only [`runtime`] meets the terminal, the entrance and the program
//! around it. What needs a disk (profiles, keys) is asked of the [`Host`](host::Host), which the composition root is: the screen
//! never sees a vault. What is typed and hidden lives in buffers that never move and are wiped.
//!
//! ```text
//! check      what is typed, checked          field      a line that is typed into, hidden or not
//! model      the page, and what was chosen   keys       which key means what on which page
//! update     what follows                    view       what is seen; qr draws a link for a phone's camera
//! host       what the program does for it    runtime    the loop
//! terms      a long text that is read
//! ```

pub mod check;
pub mod field;
pub mod host;
pub mod keys;
pub mod model;
pub mod qr;
pub mod runtime;
pub mod terms;
pub mod update;
pub mod view;
