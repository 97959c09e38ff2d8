//! A terminal that shows nothing of what is typed, from the first hidden question to the last answer.
//!
//! Echo is not switched per question: who knows what is asked next types it ahead, and a terminal that echoes between two hidden
//! questions shows it. So there is one silence for the whole conversation, interrupted only for what may be seen. It ends on every way
//! out: its guard is dropped at the end, by an error and by a panic, and a signal is waited for by a thread that gives the terminal back
//! before the process goes. Lines are still edited by the terminal itself, so that what it holds is thrown away by one call.
//!
//! The terminal of somebody else is never touched: who does that from the background is stopped by the system, even while it ends.

use std::io::{self, IsTerminal, Stdin, Write};
use std::os::fd::AsFd;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use rustix::process::getpgrp;
use rustix::termios::{
    LocalModes, OptionalActions, QueueSelector, SpecialCodeIndex, Termios, tcflush, tcgetattr, tcgetpgrp,
    tcsetattr,
};
use signal_hook::low_level;
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
        if kept.guards == 0 && !kept.over && io::stdin().is_terminal() {
            if !kept.watched {
                wait_for_turn(io::stdin())?;
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

/// While this is held the process goes on. Afterwards the terminal is as it was, whatever another thread is still asking.
#[must_use]
pub struct Life;

impl Drop for Life {
    fn drop(&mut self) {
        drop(kept().end());
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
    /// The process is about to end; nobody is asked anything any more.
    over: bool,
    silence: Option<Silence<Stdin>>,
}

impl Kept {
    fn end(&mut self) -> Option<Silence<Stdin>> {
        self.over = true;
        self.silence.take()
    }

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

    /// After a stop: a shell leaves the terminal as it likes it.
    fn go_on(&self) {
        if let Some(silence) = self.silence.as_ref().filter(|_| self.aloud == 0) {
            silence.resume();
        }
    }
}

static KEPT: Mutex<Kept> =
    Mutex::new(Kept { guards: 0, aloud: 0, watched: false, over: false, silence: None });

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
        if is_in_front(&self.terminal) {
            // A terminal that cannot do this has gone, and gives no answers either.
            let _ = tcflush(&self.terminal, QueueSelector::IFlush);
        }
    }

    fn set(&self, modes: &Termios) {
        if is_in_front(&self.terminal) {
            // Nothing better can be done where even this fails.
            let _ = tcsetattr(&self.terminal, OptionalActions::Now, modes);
        }
    }
}

/// Whether the terminal is this job's and nobody else's. One that is not the shell's at all belongs to whoever has it open.
fn is_in_front(terminal: impl AsFd) -> bool {
    tcgetpgrp(terminal).map_or(true, |group| group == getpgrp())
}

/// Setting a terminal stops a job in the background until it is brought to the front. That happens here, where signals still end it.
fn wait_for_turn(terminal: impl AsFd) -> io::Result<()> {
    let modes = tcgetattr(&terminal)?;
    Ok(tcsetattr(&terminal, OptionalActions::Now, &modes)?)
}

impl<T: AsFd> Drop for Silence<T> {
    fn drop(&mut self) {
        // The shell would take it for a command, and show and remember it.
        self.forget_typed();
        self.set(&self.before);
    }
}

/// Waits for the signals that end a process or let it go on, on a thread of its own. It stays: who listens to a signal once has it for good.
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
    continued: Signal,
}

impl Signals {
    fn listen(runtime: &Runtime) -> io::Result<Signals> {
        let _inside = runtime.enter();
        Ok(Signals {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
            hang_up: signal(SignalKind::hangup())?,
            quit: signal(SignalKind::quit())?,
            continued: signal(SignalKind::from_raw(rustix::process::Signal::CONT.as_raw()))?,
        })
    }

    async fn obey(mut self) {
        loop {
            let kind = tokio::select! {
                _ = self.interrupt.recv() => SignalKind::interrupt(),
                _ = self.terminate.recv() => SignalKind::terminate(),
                _ = self.hang_up.recv() => SignalKind::hangup(),
                _ = self.quit.recv() => SignalKind::quit(),
                _ = self.continued.recv() => {
                    kept().go_on();
                    continue;
                }
            };
            end_by(kind);
        }
    }
}

/// Gives the terminal back and ends the process, as the signal would have: at once, for a profile may be open, and what the libraries
/// below do at an orderly end would pull it from under the thread that uses it.
fn end_by(kind: SignalKind) {
    let mut kept = kept();
    if kept.silence.is_none() && LEFT.load(Ordering::Relaxed) {
        return;
    }
    let silence = kept.end();
    drop(kept);
    if silence.is_some() && kind == SignalKind::interrupt() {
        let _ = writeln!(io::stderr(), "\nsubrosa: cancelled");
    }
    drop(silence);
    // An image of the memory, as some signals are to leave one, would hold what is secret.
    if kind != SignalKind::quit() {
        let _ = low_level::emulate_default_handler(kind.as_raw_value());
    }
    low_level::exit(BY_SIGNAL + kind.as_raw_value());
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
