//! The loop of the screen: wait for the first thing, take what else is ready, draw once.
//!
//! Terminal, engine and signals meet here and nowhere else. Nothing in it waits but the one place that waits for all of them, so
//! that no key waits for the network or the disk; what is taken between two frames is bounded on either side, so that neither a
//! flood of news nor a flood of keys starves the other; and a frame is drawn only after something has happened. Time passing is something only
//! if what is on the screen says so: the last frame names the moment at which it will no longer be true, and without one there is no clock.

mod outside;
mod source;

use std::path::PathBuf;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crossterm::event::Event as Input;
use jiff::tz::TimeZone;
use ratatui::Terminal;
use ratatui::layout::Size;

pub use source::{Coming, Promise, promise};

use self::outside::Outside;
use self::source::Source;
use super::model::{Ending, Model, Toast};
use super::msg::{Effect, Msg};
use super::term::{Guard, Inputs, Look, Seat, Signal, Signals, Surface, TermFault};
use super::theme::Theme;
use super::{update, view};
use crate::engine::{Connection, Engine, Event};
use crate::system::in_words;

/// Keys taken between two frames. Keys come first in every round.
const KEYS_PER_FRAME: usize = 128;

/// News taken between two frames: the stored state of a large account is told in few frames.
const NEWS_PER_FRAME: usize = 1024;

/// A sleep is measured by a clock that stands still while the machine is suspended, so no sleep is long.
const LONGEST_SLEEP: Duration = Duration::from_secs(60);

/// Why the screen did not come up, or ended by itself.
#[derive(Debug, thiserror::Error)]
pub enum RunFault {
    #[error(transparent)]
    Term(#[from] TermFault),
    #[error("the engine stopped: {0}")]
    Engine(String),
    #[error("the runtime could not be started: {}", in_words(.0))]
    Runtime(std::io::Error),
}

impl From<std::io::Error> for RunFault {
    fn from(error: std::io::Error) -> Self {
        RunFault::Term(TermFault::Io(error))
    }
}

/// Shows the engine's account until the user leaves, then ends the engine and waits for it. The terminal is given back on every way
/// out. Meant for the main thread.
///
/// # Errors
/// The terminal cannot be used, or the engine stopped by itself.
pub fn run(engine: Engine, profile: &str, look: Look) -> Result<(), RunFault> {
    start(Source::here(engine), profile, look, None, None)
}

/// As [`run`], with an engine that is still being made: the first frame is up before it is there, with `words` on it.
///
/// # Errors
/// As [`run`]; and what was promised could not be made.
pub fn run_promised(coming: Coming, words: &str, profile: &str, look: Look) -> Result<(), RunFault> {
    start(Source::coming(coming), profile, look, Some(words), None)
}

/// As [`run_promised`], on a terminal that another screen has taken before.
///
/// # Errors
/// As [`run_promised`].
pub fn go_on(seat: Seat, coming: Coming, words: &str, profile: &str, look: Look) -> Result<(), RunFault> {
    start(Source::coming(coming), profile, look, Some(words), Some(seat))
}

fn start(
    source: Source,
    profile: &str,
    look: Look,
    awaited: Option<&str>,
    seat: Option<Seat>,
) -> Result<(), RunFault> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_io()
        .enable_time()
        .build()
        .map_err(RunFault::Runtime)?;
    runtime.block_on(async {
        let mut screen = Screen::open(source, profile, look, seat)?;
        if let Some(words) = awaited {
            screen.announce(words);
        }
        let lived = screen.live().await;
        let Screen { guard, source, model, .. } = screen;
        // The terminal first: the engine may have something to finish.
        drop(guard);
        drop(source);
        lived?;
        match model.ending {
            Some(Ending::Engine(why)) => Err(RunFault::Engine(why)),
            Some(Ending::Wanted) | None => Ok(()),
        }
    })
}

/// Everything that the loop has in hand.
struct Screen {
    model: Model,
    theme: Theme,
    terminal: Terminal<Surface>,
    guard: Guard,
    inputs: Inputs,
    signals: Signals,
    source: Source,
    outside: Outside,
    /// When the last frame is no longer true, unix milliseconds.
    until: Option<i64>,
    /// What is said until the first news comes.
    awaited: Option<Toast>,
    /// Something happened since the last frame.
    dirty: bool,
}

impl Screen {
    fn open(source: Source, profile: &str, look: Look, seat: Option<Seat>) -> Result<Screen, RunFault> {
        let signals = Signals::listen()?;
        let used = seat.is_some();
        let Seat { guard, inputs } = seat.map_or_else(|| Seat::take(look), Ok)?;
        let mut terminal = Terminal::new(guard.surface()?)?;
        if used {
            terminal.clear()?;
        }
        // The same for both: the terminal may have another by now, and whoever measures next compares with one of them.
        let Size { width, height } = terminal.size()?;
        let mut model = Model::new(profile, (width, height), now_ms(), TimeZone::system());
        model.home = std::env::var_os("HOME").filter(|home| !home.is_empty()).map(PathBuf::from);
        let outside = Outside::new(model.home.clone());
        let theme = look.theme();
        let (awaited, until, dirty) = (None, None, true);
        Ok(Screen { model, theme, terminal, guard, inputs, signals, source, outside, until, awaited, dirty })
    }

    fn announce(&mut self, words: &str) {
        self.awaited = Some(Toast { words: words.to_owned(), trouble: false });
        self.model.toast.clone_from(&self.awaited);
        self.model.connection = Connection::Connecting;
    }

    async fn live(&mut self) -> Result<(), RunFault> {
        self.measure()?;
        self.draw()?;
        while self.model.ending.is_none() {
            self.wait().await?;
            self.drain()?;
            self.draw()?;
        }
        Ok(())
    }

    /// Sleeps until something happens and takes it.
    async fn wait(&mut self) -> Result<(), RunFault> {
        tokio::select! {
            biased;
            signal = self.signals.next() => self.signalled(signal),
            input = self.inputs.recv() => match input {
                Some(input) => self.typed(input),
                // Nothing can be typed any more, not even the wish to leave.
                None => Err(std::io::Error::from(std::io::ErrorKind::UnexpectedEof).into()),
            },
            event = self.source.next() => self.told(event),
            answer = self.outside.next() => self.tell(answer),
            () = come(self.until) => self.tell(Msg::Moment),
        }
    }

    /// Takes what else is ready, without waiting.
    fn drain(&mut self) -> Result<(), RunFault> {
        for _ in 0..KEYS_PER_FRAME {
            let Ok(input) = self.inputs.try_recv() else { break };
            self.typed(input)?;
        }
        for _ in 0..NEWS_PER_FRAME {
            let Some(event) = self.source.ready() else { break };
            self.told(event)?;
        }
        Ok(())
    }

    fn told(&mut self, event: Event) -> Result<(), RunFault> {
        if self.awaited.take().is_some_and(|said| self.model.toast.as_ref() == Some(&said)) {
            self.model.toast = None;
        }
        self.tell(Msg::Engine(Box::new(event)))
    }

    fn typed(&mut self, input: Input) -> Result<(), RunFault> {
        #[cfg(debug_assertions)]
        panic_if_wanted(&input);
        match input {
            Input::Key(key) => self.tell(Msg::Key(key)),
            Input::Paste(text) => self.tell(Msg::Paste(text)),
            Input::FocusGained => self.tell(Msg::Focus(true)),
            Input::FocusLost => self.tell(Msg::Focus(false)),
            Input::Resize(..) => self.measure(),
            Input::Mouse(_) => Ok(()),
        }
    }

    fn signalled(&mut self, signal: Signal) -> Result<(), RunFault> {
        match signal {
            Signal::Terminate => self.tell(Msg::Terminate),
            Signal::Resized => self.measure(),
            Signal::Continued => {
                self.guard.retake()?;
                self.resumed()
            }
        }
    }

    fn resumed(&mut self) -> Result<(), RunFault> {
        self.measure()?;
        self.tell(Msg::Resumed)
    }

    /// Asks the system for the size, whatever a report said: of many reports only the last is still true.
    fn measure(&mut self) -> Result<(), RunFault> {
        let size = self.guard.size();
        if size == self.model.size {
            return Ok(());
        }
        self.terminal.backend_mut().resize(size);
        self.tell(Msg::Resize(size.0, size.1))
    }

    fn tell(&mut self, msg: Msg) -> Result<(), RunFault> {
        self.dirty = true;
        update::update(&mut self.model, msg, now_ms())
            .into_iter()
            .try_for_each(|effect| self.carry_out(effect))
    }

    fn carry_out(&mut self, effect: Effect) -> Result<(), RunFault> {
        match effect {
            Effect::Engine(command) => self.source.send(command),
            Effect::Copy(text) => self.guard.copy(&text)?,
            Effect::Notify(_) => self.guard.ring()?,
            Effect::Complete(typed) => self.outside.complete(typed),
            Effect::Probe(path) => self.outside.probe(path),
            Effect::Preview { chat, random_id, picture } => self.outside.preview(chat, random_id, picture),
            Effect::Launch(target) => self.outside.launch(target),
            Effect::Redraw => self.terminal.clear()?,
            Effect::Suspend => {
                self.guard.suspend()?;
                self.resumed()?;
            }
        }
        Ok(())
    }

    fn draw(&mut self) -> Result<(), RunFault> {
        if std::mem::take(&mut self.dirty) {
            let Screen { terminal, model, theme, until, .. } = self;
            terminal.draw(|frame| *until = view::draw(model, theme, frame))?;
        }
        Ok(())
    }
}

/// Waits for a moment of the wall clock; without one, for ever. A clock that jumps is noticed within [`LONGEST_SLEEP`].
async fn come(moment: Option<i64>) {
    let Some(moment) = moment else { return std::future::pending().await };
    loop {
        let left = u64::try_from(moment.saturating_sub(now_ms())).unwrap_or_default();
        if left == 0 {
            return;
        }
        tokio::time::sleep(Duration::from_millis(left).min(LONGEST_SLEEP)).await;
    }
}

fn now_ms() -> i64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(now.as_millis()).unwrap_or(i64::MAX)
}

/// A debug build with `SUBROSA_PANIC` set panics on F12, for whoever wants to see that the terminal comes back.
#[cfg(debug_assertions)]
#[expect(clippy::panic, reason = "the point of it")]
fn panic_if_wanted(input: &Input) {
    use crossterm::event::KeyCode;
    let pressed = matches!(input, Input::Key(key) if key.code == KeyCode::F(12));
    if pressed && std::env::var_os("SUBROSA_PANIC").is_some() {
        panic!("wanted");
    }
}
