//! A terminal with the program in it: keys go in, and the screen is waited for.
//!
//! A thread feeds what the program prints to the emulator and wakes whoever waits; waiting ends when the screen shows what was
//! expected, or fails with the screen as it stood. Nothing sleeps.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::io::{Read, Write};
use std::num::NonZeroU16;
use std::path::Path;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Condvar, Mutex, MutexGuard};
use std::time::{Duration, Instant};

use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};
use rustix::process::{Pid, Signal, kill_process};
use rustix::termios::LocalModes;

/// Nothing takes this long, even on a machine that is busy with other tests.
const PATIENCE: Duration = Duration::from_secs(20);

pub const ENTER: &str = "\r";
pub const ESC: &str = "\x1b";
pub const TAB: &str = "\t";
pub const CTRL_C: &str = "\x03";
pub const CTRL_K: &str = "\x0b";
pub const CTRL_L: &str = "\x0c";
pub const CTRL_Q: &str = "\x11";
pub const CTRL_Z: &str = "\x1a";
pub const F1: &str = "\x1bOP";
pub const F12: &str = "\x1b[24~";

/// What every sequence begins with.
const ESCAPE: u8 = 0x1b;

/// What [`Start::shell`] says when it waits for a line.
pub const PROMPT: &str = "shell$ ";

/// What the terminal was told besides cells.
#[derive(Default)]
pub struct Extras {
    pub title: Option<String>,
    /// In base64, as it was sent.
    pub clipboard: Vec<String>,
}

impl vt100::Callbacks for Extras {
    fn set_window_title(&mut self, _: &mut vt100::Screen, title: &[u8]) {
        self.title = Some(String::from_utf8_lossy(title).into_owned());
    }

    fn copy_to_clipboard(&mut self, _: &mut vt100::Screen, _: &[u8], data: &[u8]) {
        self.clipboard.push(String::from_utf8_lossy(data).into_owned());
    }
}

struct Seen {
    parser: vt100::Parser<Extras>,
    /// Words that are watched for, and whether they were on the screen at any time since.
    watched: Vec<(String, bool)>,
    /// Everything that came, for what the emulator does not keep.
    bytes: Vec<u8>,
    /// Nothing more will come.
    ended: bool,
}

impl Seen {
    /// Takes what the program printed. While something is watched for, every frame in it is looked at: several may come at once, and what
    /// is on the screen for a moment is on none but the ones between.
    fn take(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
        if self.watched.iter().all(|(_, met)| *met) {
            self.parser.process(bytes);
            return;
        }
        // A frame begins and ends with a sequence.
        for piece in bytes.split_inclusive(|byte| *byte == ESCAPE) {
            self.parser.process(piece);
            let contents = self.parser.screen().contents();
            for (words, met) in &mut self.watched {
                *met |= contents.contains(words.as_str());
            }
        }
    }
}

/// The program in its terminal; killed at the latest when it is dropped.
pub struct Screen {
    seen: Arc<(Mutex<Seen>, Condvar)>,
    master: Box<dyn MasterPty + Send>,
    writer: Writer,
    child: Box<dyn Child + Send + Sync>,
}

/// How to start the program.
pub struct Start {
    command: CommandBuilder,
    size: (u16, u16),
}

impl Start {
    /// The binary with these arguments and a data folder, and nothing of the tester's own settings.
    pub fn binary(home: &Path, arguments: &[&str]) -> Start {
        let mut start = Start::program(home, env!("CARGO_BIN_EXE_subrosa"));
        start.command.args(arguments);
        start
    }

    /// A shell as a person has one, which can stop and continue jobs.
    pub fn shell(home: &Path) -> Start {
        let mut start = Start::program(home, "sh");
        start.command.arg("-i");
        start.env("PS1", PROMPT).env("ENV", "")
    }

    fn program(home: &Path, program: &str) -> Start {
        let mut command = CommandBuilder::new(program);
        let path = std::env::var_os("PATH").unwrap_or_default();
        command.env_clear();
        command.env("PATH", path);
        command.env("HOME", home);
        command.env("SUBROSA_HOME", home);
        command.env("TMPDIR", home);
        command.env("TERM", "xterm-256color");
        command.env("LANG", "C.UTF-8");
        command.env("TZ", "UTC");
        command.cwd(home);
        Start { command, size: (80, 24) }
    }

    pub fn env(mut self, name: &str, value: &str) -> Start {
        self.command.env(name, value);
        self
    }

    /// Columns and rows.
    pub fn size(mut self, columns: u16, rows: u16) -> Start {
        self.size = (columns, rows);
        self
    }

    pub fn run(self) -> Screen {
        let pair = native_pty_system().openpty(pty_size(self.size)).unwrap();
        let child = pair.slave.spawn_command(self.command).unwrap();
        drop(pair.slave);
        let (rows, columns) = cells(self.size);
        let parser = vt100::Parser::new_with_callbacks(rows, columns, 0, Extras::default());
        let seen = Seen { parser, watched: Vec::new(), bytes: Vec::new(), ended: false };
        let seen = Arc::new((Mutex::new(seen), Condvar::new()));
        read_all(pair.master.try_clone_reader().unwrap(), Arc::clone(&seen));
        let writer = Writer::new(pair.master.take_writer().unwrap());
        Screen { seen, master: pair.master, writer, child }
    }
}

impl Screen {
    /// Types, as bytes of a terminal. A program that has died does not hear it.
    pub fn send(&mut self, keys: &str) {
        let written = self.writer.write(keys.as_bytes());
        assert!(written, "the program takes no keys any more. The screen:\n{}\n", self.contents());
    }

    /// Pastes, as a terminal does it for a program that asked for the brackets.
    pub fn paste(&mut self, text: &str) {
        self.send(&format!("\x1b[200~{text}\x1b[201~"));
    }

    pub fn wait_for(&self, text: &str) -> String {
        self.wait(&format!("{text:?} did not appear"), |screen| {
            let contents = screen.contents();
            contents.contains(text).then_some(contents)
        })
    }

    /// From now on every frame is looked at for these words: see [`Screen::wait_met`].
    pub fn watch_for(&self, text: &str) {
        let mut seen = self.lock();
        let there = seen.parser.screen().contents().contains(text);
        seen.watched.push((text.to_owned(), there));
    }

    /// Waits until these words were on the screen since they are watched for, be it for a moment.
    pub fn wait_met(&self, text: &str) {
        self.wait_seen(&format!("{text:?} was never there"), |seen| {
            seen.watched.iter().any(|(words, met)| *met && words == text).then_some(())
        });
    }

    pub fn wait_gone(&self, text: &str) {
        self.wait(&format!("{text:?} did not go"), |screen| {
            (!screen.contents().contains(text)).then_some(())
        });
    }

    /// Waits until the screen gives something.
    pub fn wait<T>(&self, otherwise: &str, mut look: impl FnMut(&vt100::Screen) -> Option<T>) -> T {
        self.wait_seen(otherwise, |seen| look(seen.parser.screen()))
    }

    /// Waits until a sequence was sent to the terminal so many times.
    pub fn wait_sent(&self, sequence: &str, times: usize) {
        self.wait_seen(&format!("{sequence:?} was not sent {times} times"), |seen| {
            let sent = String::from_utf8_lossy(&seen.bytes);
            (sent.matches(sequence).count() >= times).then_some(())
        });
    }

    fn wait_seen<T>(&self, otherwise: &str, mut look: impl FnMut(&Seen) -> Option<T>) -> T {
        let end = Instant::now() + PATIENCE;
        let mut seen = self.lock();
        loop {
            if let Some(found) = look(&seen) {
                return found;
            }
            let left = end.saturating_duration_since(Instant::now());
            if seen.ended || left.is_zero() {
                let (ended, contents) = (seen.ended, seen.parser.screen().contents());
                drop(seen);
                let state = if ended { "the program has ended" } else { "the program goes on" };
                panic!("{otherwise}; {state}. The screen:\n{contents}\n");
            }
            seen = self.seen.1.wait_timeout(seen, left).unwrap().0;
        }
    }

    /// Columns and rows.
    pub fn resize(&self, columns: u16, rows: u16) {
        let (height, width) = cells((columns, rows));
        self.lock().parser.set_size(height, width);
        self.master.resize(pty_size((columns, rows))).unwrap();
    }

    pub fn contents(&self) -> String {
        self.lock().parser.screen().contents()
    }

    /// Everything that was ever sent to the terminal.
    pub fn transcript(&self) -> String {
        String::from_utf8_lossy(&self.lock().bytes).into_owned()
    }

    /// What the terminal was told besides cells.
    pub fn extras<T>(&self, look: impl Fn(&Extras) -> T) -> T {
        look(self.lock().parser.callbacks())
    }

    /// Everything that is on the terminal is forgotten; only what is drawn from now on is on it.
    pub fn wipe(&self) {
        self.lock().parser.process(b"\x1b[2J");
    }

    pub fn alive(&mut self) -> bool {
        self.child.try_wait().unwrap().is_none()
    }

    pub fn pid(&self) -> Pid {
        Pid::from_raw(i32::try_from(self.child.process_id().unwrap()).unwrap()).unwrap()
    }

    pub fn signal(&self, signal: Signal) {
        kill_process(self.pid(), signal).unwrap();
    }

    /// Waits for the end of the program; its exit code, or the name of the signal that ended it.
    pub fn end(&mut self) -> Result<u32, String> {
        let (seen, news) = &*self.seen;
        let guard = seen.lock().unwrap();
        let (guard, timeout) = news.wait_timeout_while(guard, PATIENCE, |seen| !seen.ended).unwrap();
        let contents = guard.parser.screen().contents();
        drop(guard);
        assert!(!timeout.timed_out(), "the program goes on:\n{contents}");
        let status = self.child.wait().unwrap();
        status.signal().map_or_else(|| Ok(status.exit_code()), |signal| Err(signal.to_owned()))
    }

    /// Whether the terminal is as a shell wants it: lines are edited and echoed by it, the cursor is visible, no mode is left on.
    #[track_caller]
    pub fn assert_restored(&self) {
        assert!(self.cooked(), "the terminal is still in raw mode");
        let seen = self.lock();
        let screen = seen.parser.screen();
        let contents = screen.contents();
        assert!(!screen.alternate_screen(), "the alternate screen is still there:\n{contents}");
        assert!(!screen.hide_cursor(), "the cursor is hidden:\n{contents}");
        assert!(!screen.bracketed_paste(), "pastes are still bracketed:\n{contents}");
        let text = String::from_utf8_lossy(&seen.bytes);
        assert_eq!(text.matches("\x1b[?1004h").count(), text.matches("\x1b[?1004l").count(), "focus reports");
        assert_eq!(text.matches("\x1b[22;2t").count(), text.matches("\x1b[23;2t").count(), "titles");
    }

    /// Waits until the terminal has stopped to show what is typed.
    pub fn wait_silent(&self) {
        let end = Instant::now() + PATIENCE;
        while self.cooked() {
            assert!(Instant::now() < end, "the terminal shows what is typed:\n{}", self.contents());
            std::thread::yield_now();
        }
    }

    /// The terminal edits and echoes lines.
    pub fn cooked(&self) -> bool {
        let modes = self.master.get_termios().unwrap().local_flags.bits();
        [LocalModes::ICANON, LocalModes::ECHO].iter().all(|mode| modes & mode.bits() != 0)
    }

    fn lock(&self) -> MutexGuard<'_, Seen> {
        self.seen.0.lock().unwrap()
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        if self.alive() {
            // The session: a shell's job goes with it.
            let _ = kill_process(self.pid(), Signal::HUP);
            let _ = kill_process(self.pid(), Signal::KILL);
            let _ = self.child.wait();
        }
    }
}

/// Writes on a thread of its own, so that a program that has stopped reading fails a test instead of holding it up.
struct Writer {
    bytes: Sender<Vec<u8>>,
    written: Receiver<()>,
}

impl Writer {
    fn new(mut writer: Box<dyn Write + Send>) -> Writer {
        let (bytes, taken) = channel::<Vec<u8>>();
        let (done, written) = channel();
        std::thread::spawn(move || {
            for bytes in taken {
                let _ = writer.write_all(&bytes);
                if done.send(()).is_err() {
                    return;
                }
            }
        });
        Writer { bytes, written }
    }

    /// Whether the terminal took it in time.
    fn write(&self, bytes: &[u8]) -> bool {
        self.bytes.send(bytes.to_vec()).is_ok() && self.written.recv_timeout(PATIENCE).is_ok()
    }
}

fn read_all(mut reader: Box<dyn Read + Send>, seen: Arc<(Mutex<Seen>, Condvar)>) {
    std::thread::spawn(move || {
        let mut buffer = [0; 16 * 1024];
        loop {
            // Linux says EIO when the last process has closed the terminal.
            let read = reader.read(&mut buffer).unwrap_or(0);
            let mut guard = seen.0.lock().unwrap();
            guard.take(&buffer[..read]);
            guard.ended = read == 0;
            drop(guard);
            seen.1.notify_all();
            if read == 0 {
                return;
            }
        }
    });
}

fn pty_size((cols, rows): (u16, u16)) -> PtySize {
    PtySize { rows, cols, pixel_width: 0, pixel_height: 0 }
}

/// Rows and columns, as the emulator wants them.
fn cells((columns, rows): (u16, u16)) -> (NonZeroU16, NonZeroU16) {
    (NonZeroU16::new(rows).unwrap(), NonZeroU16::new(columns).unwrap())
}
