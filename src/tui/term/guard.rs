//! The guard: the terminal is ours while it lives, and the shell's again afterwards.
//!
//! What was switched on is remembered in one place of the process rather than in the guard, because a panic has to undo it
//! from the panic hook, before the first word is printed. Undoing twice does nothing, so every way out may do it.

use std::fs::File;
use std::io::{self, IsTerminal, Write};
use std::os::fd::AsFd;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread::ThreadId;

use crossterm::clipboard::CopyToClipboard;
use crossterm::cursor::{MoveTo, Show};
use crossterm::event::{
    DisableBracketedPaste, DisableFocusChange, EnableBracketedPaste, EnableFocusChange,
    KeyboardEnhancementFlags, PopKeyboardEnhancementFlags, PushKeyboardEnhancementFlags,
};
use crossterm::style::{Attribute, SetAttribute};
use crossterm::terminal::{
    Clear, ClearType, EnterAlternateScreen, LeaveAlternateScreen, SetTitle, disable_raw_mode, enable_raw_mode,
};
use crossterm::{Command, queue};
use rustix::process::{Signal, kill_current_process_group};
use rustix::termios::{QueueSelector, tcflush, tcgetwinsize};

use super::{Look, Surface, TermFault, panics};

/// The pane's title. Never a name or a text: titles are seen over shoulders and stay in logs.
const TITLE: &str = "subrosa";

/// The size of a terminal that does not know it.
const USUAL_SIZE: (u16, u16) = (80, 24);

/// Puts the title on the terminal's own stack, or takes it back from there (xterm's window operations; unknown ones are ignored).
const PUSH_TITLE: &[u8] = b"\x1b[22;2t";
const POP_TITLE: &[u8] = b"\x1b[23;2t";

/// What is switched on, and by which thread.
struct Held {
    by: ThreadId,
    keyboard: bool,
}

static HELD: Mutex<Option<Held>> = Mutex::new(None);

fn held() -> MutexGuard<'static, Option<Held>> {
    HELD.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The thread that has the terminal, if one has.
pub(super) fn holder() -> Option<ThreadId> {
    held().as_ref().map(|held| held.by)
}

/// Whether there is a terminal that can show a screen; asked before anything else is.
///
/// # Errors
/// Standard input or output is no terminal, or it is one that knows no cursor.
pub fn usable() -> Result<(), TermFault> {
    if !io::stdin().is_terminal() || !io::stdout().is_terminal() {
        return Err(TermFault::NoTerminal);
    }
    match std::env::var("TERM") {
        Ok(term) if term == "dumb" => Err(TermFault::Dumb(term)),
        _ => Ok(()),
    }
}

/// The terminal, taken over. Dropping it gives the terminal back.
#[derive(Debug)]
pub struct Guard {
    tty: File,
    keyboard: bool,
}

impl Guard {
    /// Raw mode, the alternate screen, bracketed paste, focus reports and a title.
    ///
    /// # Errors
    /// There is no usable terminal, or it refuses.
    pub fn enter(look: Look) -> Result<Guard, TermFault> {
        usable()?;
        panics::stand_by();
        let guard = Guard { tty: tty()?, keyboard: look.keyboard };
        guard.take()?;
        Ok(guard)
    }

    /// Something to paint on, with this terminal behind it.
    pub fn surface(&self) -> io::Result<Surface> {
        Ok(Surface::new(self.tty.try_clone()?, self.size()))
    }

    /// Columns and rows now, at least one of each.
    pub fn size(&self) -> (u16, u16) {
        match tcgetwinsize(&self.tty) {
            Ok(size) if size.ws_col > 0 && size.ws_row > 0 => (size.ws_col, size.ws_row),
            _ => USUAL_SIZE,
        }
    }

    /// Hands text to the terminal for its clipboard (OSC 52). Whether it takes it, it does not say.
    pub fn copy(&mut self, text: &str) -> io::Result<()> {
        self.send(CopyToClipboard::to_clipboard_from(text))
    }

    /// The bell: the terminal or tmux decides whether that is a sound, a mark or nothing.
    pub fn ring(&mut self) -> io::Result<()> {
        self.tty.write_all(b"\x07")
    }

    /// Gives the terminal back, stops the process group as Ctrl+Z does, and takes the terminal again when it is continued.
    ///
    /// The group, because a shell waits for all of a job to stop. SIGTSTP and not SIGSTOP, because the kernel ignores it where no
    /// shell is there to continue the job; then this returns at once.
    pub fn suspend(&mut self) -> io::Result<()> {
        give_back();
        kill_current_process_group(Signal::TSTP)?;
        self.take()
    }

    /// Takes the terminal again after somebody else may have changed it.
    pub fn retake(&mut self) -> io::Result<()> {
        give_back();
        self.take()
    }

    fn take(&self) -> io::Result<()> {
        // Said before it is done: half of it must be undone too.
        *held() = Some(Held { by: std::thread::current().id(), keyboard: self.keyboard });
        enable_raw_mode()?;
        let mut modes = Vec::new();
        // Cleared, because whoever was killed here before has left their screen behind.
        queue!(modes, EnterAlternateScreen, Clear(ClearType::All), MoveTo(0, 0))?;
        queue!(modes, EnableBracketedPaste, EnableFocusChange)?;
        modes.extend_from_slice(PUSH_TITLE);
        queue!(modes, SetTitle(TITLE))?;
        if self.keyboard {
            let flags = KeyboardEnhancementFlags::DISAMBIGUATE_ESCAPE_CODES;
            queue!(modes, PushKeyboardEnhancementFlags(flags))?;
        }
        (&self.tty).write_all(&modes)
    }

    fn send(&mut self, command: impl Command) -> io::Result<()> {
        let mut bytes = Vec::new();
        queue!(bytes, command)?;
        self.tty.write_all(&bytes)
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        forget_typed(&self.tty);
        give_back();
    }
}

/// Undoes everything that is switched on; nothing if nothing is. Where a step fails there is no terminal any more to be restored.
fn give_back() {
    let Some(held) = held().take() else { return };
    let mut modes = Vec::new();
    if held.keyboard {
        let _ = queue!(modes, PopKeyboardEnhancementFlags);
    }
    let _ = queue!(modes, DisableFocusChange, DisableBracketedPaste, SetAttribute(Attribute::Reset));
    modes.extend_from_slice(POP_TITLE);
    let _ = queue!(modes, Show, LeaveAlternateScreen);
    // Not through `std::io::stdout`, whose lock a panicking thread may hold.
    let _ = tty().and_then(|mut tty| tty.write_all(&modes));
    let _ = disable_raw_mode();
}

/// The way out from the panic hook.
pub(super) fn give_back_for_good() {
    if let Ok(tty) = tty() {
        forget_typed(&tty);
    }
    give_back();
}

/// Drops what was typed and not read: the rest of a paste must not be carried out by the shell.
fn forget_typed(tty: &File) {
    let _ = tcflush(tty, QueueSelector::IFlush);
}

/// Standard output without the buffer and the lock of the standard library.
fn tty() -> io::Result<File> {
    io::stdout().as_fd().try_clone_to_owned().map(File::from)
}
