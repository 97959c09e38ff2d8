//! What is typed and pasted, read by a thread of its own.
//!
//! Not crossterm's event stream: the stream reads on the thread that polls it, and a sequence that has begun and not ended (a
//! paste without its end, sent by mistake or on purpose) would block that read, and with it signals, the engine and the screen. Here it
//! blocks nobody. The thread is never joined: it waits in a read that only the end of the process ends.

use std::io;

use crossterm::event::{Event, read};
use tokio::sync::mpsc;

/// Events read ahead of the loop; more wait in the terminal's own queue.
const READ_AHEAD: usize = 256;

/// Events of the terminal, in order. It closes when the terminal cannot be read any more.
pub type Inputs = mpsc::Receiver<Event>;

/// Starts reading; the terminal has to be in raw mode already.
///
/// # Errors
/// The thread cannot be started.
pub fn read_inputs() -> io::Result<Inputs> {
    let (sender, inputs) = mpsc::channel(READ_AHEAD);
    std::thread::Builder::new().name("input".into()).spawn(move || {
        while let Ok(event) = read() {
            if sender.blocking_send(event).is_err() {
                return;
            }
        }
    })?;
    Ok(inputs)
}
