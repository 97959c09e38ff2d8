//! A terminal that shows nothing of what is typed, from the first hidden question to the last answer.
//!
//! Echo is not switched per question: who knows what is asked next types it ahead, and a terminal that echoes between two hidden
//! questions shows it. So there is one silence for the whole conversation, interrupted only for what may be seen. It ends on every way
//! out: its guard is dropped at the end, by an error and by a panic, and a signal is waited for by a thread that gives the terminal back
//! before the process goes. Lines are still edited by the terminal itself, so that what it holds is thrown away by one call.

use std::io::{self, IsTerminal, Stdin, Write};
use std::os::fd::AsFd;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use rustix::termios::{
    LocalModes, OptionalActions, QueueSelector, SpecialCodeIndex, Termios, tcflush, tcgetattr, tcsetattr,
};
use tokio::runtime::{Builder, Runtime};
use tokio::signal::unix::{Signal, SignalKind, signal};

/// The character of a key that is switched off.
const NO_KEY: u8 = 0;

/// What a shell adds to the number of the signal that ended a program.
const BY_SIGNAL: i32 = 128;

/// While one of these is held, the terminal on standard input shows nothing of what is typed. Without a terminal it does nothing.
#[must_use]
pub struct Quiet(());

impl Quiet {
    /// Silences the terminal, unless it is silent already.
    ///
    /// # Errors
    /// The terminal cannot be set.
    pub fn begin() -> io::Result<Quiet> {
        let mut kept = kept();
        if kept.guards == 0 && io::stdin().is_terminal() {
            if !kept.watched {
                watch()?;
                kept.watched = true;
            }
            kept.silence = Some(Silence::keep(io::stdin())?);
        }
        kept.guards += 1;
        Ok(Quiet(()))
    }
}

impl Drop for Quiet {
    fn drop(&mut self) {
        let mut kept = kept();
        kept.guards -= 1;
        if kept.guards == 0 {
            kept.silence = None;
        }
    }
}

/// Lets the terminal show what is typed while something is asked that may be seen. What was typed unseen does not become its answer; within
/// one such while, what is typed ahead stays as visible as it is, and answers the next question.
pub fn aloud<T>(work: impl FnOnce() -> T) -> T {
    /// Also if the work panics.
    struct Again;
    impl Drop for Again {
        fn drop(&mut self) {
            kept().less_aloud();
        }
    }
    kept().more_aloud();
    let _again = Again;
    work()
}

/// Throws away what was typed before anybody asked: it must not become an answer.
pub fn forget_typed() {
    if let Some(silence) = &kept().silence {
        silence.forget_typed();
    }
}

/// From now on somebody else answers to signals, while the terminal is not silent.
pub fn leave_signals() {
    LEFT.store(true, Ordering::Relaxed);
}

/// The silence of this process, if there is one.
struct Kept {
    guards: usize,
    /// How many interruptions are within each other.
    aloud: usize,
    watched: bool,
    silence: Option<Silence<Stdin>>,
}

impl Kept {
    fn more_aloud(&mut self) {
        self.aloud += 1;
        if let Some(silence) = self.silence.as_ref().filter(|_| self.aloud == 1) {
            silence.pause();
        }
    }

    fn less_aloud(&mut self) {
        self.aloud -= 1;
        if let Some(silence) = self.silence.as_ref().filter(|_| self.aloud == 0) {
            silence.resume();
        }
    }
}

static KEPT: Mutex<Kept> = Mutex::new(Kept { guards: 0, aloud: 0, watched: false, silence: None });

static LEFT: AtomicBool = AtomicBool::new(false);

fn kept() -> MutexGuard<'static, Kept> {
    KEPT.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A terminal that is silent until this is dropped.
struct Silence<T: AsFd> {
    terminal: T,
    before: Termios,
    silent: Termios,
}

impl<T: AsFd> Silence<T> {
    fn keep(terminal: T) -> io::Result<Silence<T>> {
        let before = tcgetattr(&terminal)?;
        let mut silent = before.clone();
        silent.local_modes.remove(LocalModes::ECHO | LocalModes::ECHONL);
        silent.local_modes.insert(LocalModes::ICANON | LocalModes::ISIG);
        // Stopped, it would leave a silent terminal to the shell.
        silent.special_codes[SpecialCodeIndex::VSUSP] = NO_KEY;
        tcsetattr(&terminal, OptionalActions::Now, &silent)?;
        Ok(Silence { terminal, before, silent })
    }

    fn pause(&self) {
        self.forget_typed();
        self.set(&self.before);
    }

    fn resume(&self) {
        self.set(&self.silent);
    }

    fn forget_typed(&self) {
        // A terminal that cannot do this has gone, and gives no answers either.
        let _ = tcflush(&self.terminal, QueueSelector::IFlush);
    }

    fn set(&self, modes: &Termios) {
        // Nothing better can be done where even this fails.
        let _ = tcsetattr(&self.terminal, OptionalActions::Now, modes);
    }
}

impl<T: AsFd> Drop for Silence<T> {
    fn drop(&mut self) {
        // The shell would take it for a command, and show and remember it.
        self.forget_typed();
        self.set(&self.before);
    }
}

/// Waits for the signals that end a process, on a thread of its own. It stays: who listens to a signal once has it for good.
fn watch() -> io::Result<()> {
    let runtime = Builder::new_current_thread().enable_all().build()?;
    let signals = Signals::listen(&runtime)?;
    std::thread::Builder::new().name("signals".into()).spawn(move || runtime.block_on(signals.obey()))?;
    Ok(())
}

struct Signals {
    interrupt: Signal,
    terminate: Signal,
    hang_up: Signal,
    quit: Signal,
}

impl Signals {
    fn listen(runtime: &Runtime) -> io::Result<Signals> {
        let _inside = runtime.enter();
        Ok(Signals {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
            hang_up: signal(SignalKind::hangup())?,
            quit: signal(SignalKind::quit())?,
        })
    }

    async fn obey(mut self) {
        loop {
            let kind = tokio::select! {
                _ = self.interrupt.recv() => SignalKind::interrupt(),
                _ = self.terminate.recv() => SignalKind::terminate(),
                _ = self.hang_up.recv() => SignalKind::hangup(),
                _ = self.quit.recv() => SignalKind::quit(),
            };
            end_by(kind);
        }
    }
}

/// Gives the terminal back and ends the process, as the signal would have.
fn end_by(kind: SignalKind) {
    let silence = kept().silence.take();
    if silence.is_none() && LEFT.load(Ordering::Relaxed) {
        return;
    }
    if silence.is_some() && kind == SignalKind::interrupt() {
        let _ = writeln!(io::stderr(), "\nsubrosa: cancelled");
    }
    drop(silence);
    std::process::exit(BY_SIGNAL + kind.as_raw_value());
}

#[cfg(test)]
mod tests {
    use super::*;
    use portable_pty::{PtyPair, PtySize, native_pty_system};
    use std::fs::File;

    fn terminal() -> (PtyPair, File) {
        let pair = native_pty_system().openpty(PtySize::default()).unwrap();
        let path = pair.master.tty_name().unwrap();
        (pair, File::options().read(true).write(true).open(path).unwrap())
    }

    fn echoes(terminal: &File) -> bool {
        tcgetattr(terminal).unwrap().local_modes.contains(LocalModes::ECHO)
    }

    #[test]
    fn a_silence_is_interrupted_and_ends_as_it_began() {
        let (_pair, terminal) = terminal();
        let before = tcgetattr(&terminal).unwrap();
        let silence = Silence::keep(&terminal).unwrap();
        assert!(!echoes(&terminal));
        silence.pause();
        assert!(echoes(&terminal));
        silence.resume();
        assert!(!echoes(&terminal));
        drop(silence);
        let after = tcgetattr(&terminal).unwrap();
        assert_eq!(format!("{after:?}"), format!("{before:?}"));
    }

    #[test]
    fn a_panic_ends_the_silence() {
        let (_pair, terminal) = terminal();
        let panicked = std::thread::scope(|scope| {
            let work = scope.spawn(|| {
                let _silence = Silence::keep(&terminal).unwrap();
                assert!(echoes(&terminal), "a fault");
            });
            work.join().is_err()
        });
        assert!(panicked && echoes(&terminal));
    }
}
