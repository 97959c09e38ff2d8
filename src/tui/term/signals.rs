//! Signals: told to end, continued after a stop, another size.
//!
//! They are received through the runtime, so that what follows is ordinary code and not a signal handler. SIGTSTP is left to the
//! kernel: Ctrl+Z is a key here, and a stop from outside must stop at once.

use std::io;

use tokio::signal::unix::{self, SignalKind};

/// What a signal means here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signal {
    /// SIGTERM, SIGINT, SIGHUP.
    Terminate,
    /// SIGCONT.
    Continued,
    /// SIGWINCH.
    Resized,
}

/// The signals that are listened to, from its making to the end of the process.
#[derive(Debug)]
pub struct Signals {
    terminate: unix::Signal,
    interrupt: unix::Signal,
    hang_up: unix::Signal,
    continued: unix::Signal,
    resized: unix::Signal,
}

impl Signals {
    /// Starts listening; needs a runtime with I/O.
    pub fn listen() -> io::Result<Signals> {
        Ok(Signals {
            terminate: unix::signal(SignalKind::terminate())?,
            interrupt: unix::signal(SignalKind::interrupt())?,
            hang_up: unix::signal(SignalKind::hangup())?,
            continued: unix::signal(continued())?,
            resized: unix::signal(SignalKind::window_change())?,
        })
    }

    /// The next one. Equal signals that came together are one. Nothing is lost if the future is dropped.
    pub async fn next(&mut self) -> Signal {
        tokio::select! {
            _ = self.terminate.recv() => Signal::Terminate,
            _ = self.interrupt.recv() => Signal::Terminate,
            _ = self.hang_up.recv() => Signal::Terminate,
            _ = self.continued.recv() => Signal::Continued,
            _ = self.resized.recv() => Signal::Resized,
        }
    }
}

fn continued() -> SignalKind {
    SignalKind::from_raw(rustix::process::Signal::CONT.as_raw())
}
