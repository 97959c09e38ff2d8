//! The loop of the welcome: wait for the first thing, take what else is ready, draw once.
//!
//! The same bones as the messenger's loop, and the terminal that it takes is handed on: whoever signs in here is in the messenger with
//! the next frame. What the host does runs off this thread, one thing after the other. An entrance holds the profile until it has
//! ended, so it is an errand too to end one: whoever wants the profile next waits for that.

use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crossterm::event::Event as Input;
use jiff::tz::TimeZone;
use ratatui::Terminal;
use ratatui::layout::Size;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use zeroize::Zeroizing;

use super::host::{Host, Opened};
use super::model::{Ending, Given, Model};
use super::update::{self, Account, Effect, Msg};
use super::view;
use crate::engine::Engine;
use crate::engine::entrance::{Entrance, EntranceEvent};
use crate::tui::errands::Errands;
use crate::tui::runtime::{Coming, RunFault};
use crate::tui::term::{Look, Seat, Signal, Signals, Surface};
use crate::tui::theme::Theme;

/// Keys taken between two frames.
const KEYS_PER_FRAME: usize = 128;

/// A sleep is measured by a clock that stands still while the machine is suspended, so no sleep is long.
const LONGEST_SLEEP: Duration = Duration::from_secs(60);

/// The end of an entrance that said nothing.
const NO_REASON: &str =
    "the sign-in ended without giving a reason, which is a fault in this program; please report it";

/// What the user wants now.
pub enum Outcome {
    /// To go; the terminal is given back.
    Left,
    /// The demo.
    Demo(Seat),
    /// The messenger on this profile, whose engine is on its way.
    Messenger { seat: Seat, profile: String, coming: Coming },
}

/// Shows the welcome until the user is signed in or leaves. Meant for the main thread.
///
/// # Errors
/// The terminal cannot be used.
pub fn run(host: Arc<dyn Host>, given: Given, look: Look) -> Result<Outcome, RunFault> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_io()
        .enable_time()
        .build()
        .map_err(RunFault::Runtime)?;
    let mut screen = runtime.block_on(async { Screen::open(host, given, look) })?;
    runtime.block_on(screen.live())?;
    Ok(screen.end())
}

/// What a thread of the host's brings.
enum Answer {
    Msg(Msg),
    Entered(Result<Entrance, String>),
    Opened(Result<Opened, String>),
}

/// Everything that the loop has in hand.
struct Screen {
    host: Arc<dyn Host>,
    model: Model,
    theme: Theme,
    terminal: Terminal<Surface>,
    seat: Seat,
    signals: Signals,
    answers: UnboundedReceiver<Answer>,
    sender: UnboundedSender<Answer>,
    entrance: Option<Entrance>,
    errands: Errands,
    engine: Option<Engine>,
    /// When the last frame is no longer true, Unix milliseconds.
    until: Option<i64>,
    /// Something happened since the last frame.
    dirty: bool,
}

impl Screen {
    fn open(host: Arc<dyn Host>, given: Given, look: Look) -> Result<Screen, RunFault> {
        let signals = Signals::listen()?;
        let seat = Seat::take(look)?;
        let terminal = Terminal::new(seat.guard.surface()?)?;
        // The same for both: the terminal may have another by now, and whoever measures next compares with one of them.
        let Size { width, height } = terminal.size()?;
        let model = Model::new(given, (width, height), now_ms(), TimeZone::system());
        let (sender, answers) = unbounded_channel();
        let (theme, until, dirty) = (look.theme(), None, true);
        let (entrance, errands, engine) = (None, Errands::default(), None);
        Ok(Screen {
            host,
            model,
            theme,
            terminal,
            seat,
            signals,
            answers,
            sender,
            entrance,
            errands,
            engine,
            until,
            dirty,
        })
    }

    async fn live(&mut self) -> Result<(), RunFault> {
        self.draw()?;
        while self.model.ending.is_none() {
            self.wait().await?;
            for _ in 0..KEYS_PER_FRAME {
                let Ok(input) = self.seat.inputs.try_recv() else { break };
                self.typed(input)?;
            }
            self.draw()?;
        }
        Ok(())
    }

    /// Sleeps until something happens and takes it.
    async fn wait(&mut self) -> Result<(), RunFault> {
        tokio::select! {
            biased;
            signal = self.signals.next() => self.signalled(signal),
            input = self.seat.inputs.recv() => match input {
                Some(input) => self.typed(input),
                None => Err(std::io::Error::from(std::io::ErrorKind::UnexpectedEof).into()),
            },
            Some(answer) = self.answers.recv() => self.answered(answer),
            event = told(&mut self.entrance) => self.tell(Msg::Entrance(event)),
            () = come(self.until) => self.tell(Msg::Moment),
        }
    }

    fn typed(&mut self, input: Input) -> Result<(), RunFault> {
        match input {
            Input::Key(key) => self.tell(Msg::Key(key)),
            Input::Paste(text) => self.tell(Msg::Paste(Zeroizing::new(text))),
            Input::Resize(..) => self.measure(),
            Input::FocusGained | Input::FocusLost | Input::Mouse(_) => Ok(()),
        }
    }

    fn signalled(&mut self, signal: Signal) -> Result<(), RunFault> {
        match signal {
            Signal::Terminate => self.tell(Msg::Terminate),
            Signal::Resized => self.measure(),
            Signal::Continued => {
                self.seat.guard.retake()?;
                self.resumed()
            }
        }
    }

    fn resumed(&mut self) -> Result<(), RunFault> {
        self.measure()?;
        self.tell(Msg::Resumed)
    }

    fn measure(&mut self) -> Result<(), RunFault> {
        let size = self.seat.guard.size();
        if size == self.model.size {
            return Ok(());
        }
        self.terminal.backend_mut().resize(size);
        self.tell(Msg::Resize(size.0, size.1))
    }

    fn answered(&mut self, answer: Answer) -> Result<(), RunFault> {
        let msg = match answer {
            Answer::Msg(msg) => msg,
            Answer::Entered(outcome) => Msg::Entered(outcome.map(|entrance| self.entrance = Some(entrance))),
            Answer::Opened(Ok(Opened::Engine(engine))) => {
                self.engine = Some(*engine);
                Msg::Opened(Ok(Account::There))
            }
            Answer::Opened(Ok(Opened::Unfinished)) => Msg::Opened(Ok(Account::Missing)),
            Answer::Opened(Err(words)) => Msg::Opened(Err(words)),
        };
        self.tell(msg)
    }

    fn tell(&mut self, msg: Msg) -> Result<(), RunFault> {
        self.dirty = true;
        let effects = update::update(&mut self.model, msg, now_ms());
        effects.into_iter().try_for_each(|effect| self.carry_out(effect))
    }

    fn carry_out(&mut self, effect: Effect) -> Result<(), RunFault> {
        match effect {
            Effect::ReadKey(typed) => self.ask(move |host| {
                let answer = host.server_key(&typed);
                Answer::Msg(Msg::ServerKey { typed, answer })
            }),
            Effect::Enter(plan) => self.ask(move |host| Answer::Entered(host.enter(&plan))),
            Effect::Open { profile, keeping } => {
                self.ask(move |host| Answer::Opened(host.open(&profile, &keeping)));
            }
            Effect::Say(command) => {
                if let Some(entrance) = &self.entrance {
                    entrance.door.send(command);
                }
            }
            Effect::GiveUp => self.give_up(),
            Effect::Suspend => {
                self.seat.guard.suspend()?;
                self.resumed()?;
            }
            Effect::Redraw => self.terminal.clear()?,
        }
        Ok(())
    }

    /// Has the host do something, after a former entrance has let go of its profile.
    fn ask(&mut self, question: impl FnOnce(&dyn Host) -> Answer + Send + 'static) {
        let (host, sender) = (Arc::clone(&self.host), self.sender.clone());
        // Nobody waits any more if the screen has gone.
        self.errands.then(move || drop(sender.send(question(&*host))));
    }

    fn give_up(&mut self) {
        if let Some(entrance) = self.entrance.take() {
            self.errands.then(move || drop(entrance));
        }
    }

    fn draw(&mut self) -> Result<(), RunFault> {
        if std::mem::take(&mut self.dirty) {
            let Screen { terminal, model, theme, until, .. } = self;
            terminal.draw(|frame| *until = view::draw(model, theme, frame))?;
        }
        Ok(())
    }

    /// What follows, with the terminal in hand or given back.
    fn end(mut self) -> Outcome {
        let profile = self.model.profile().unwrap_or_default().to_owned();
        let (seat, host, errands) = (self.seat, self.host, self.errands);
        match (self.model.ending.take(), self.entrance.take(), self.engine.take()) {
            (Some(Ending::Demo), None, _) => {
                drop(errands);
                Outcome::Demo(seat)
            }
            (Some(Ending::SignedIn), Some(entrance), _) => {
                let coming = Coming::by(errands, move || host.engine(entrance));
                Outcome::Messenger { seat, profile, coming }
            }
            (Some(Ending::Opened), _, Some(engine)) => {
                let coming = Coming::by(errands, move || Ok(engine));
                Outcome::Messenger { seat, profile, coming }
            }
            (_, entrance, _) => {
                // The terminal first: the entrance may have something to finish.
                drop(seat);
                drop((entrance, errands));
                Outcome::Left
            }
        }
    }
}

/// The next news of an entrance; without one there is none.
async fn told(entrance: &mut Option<Entrance>) -> EntranceEvent {
    let Some(entrance) = entrance else { return std::future::pending().await };
    match entrance.events.recv().await {
        Some(event) => event,
        None => EntranceEvent::Failed(NO_REASON.into()),
    }
}

/// Waits for a moment of the wall clock; without one, for ever.
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
