//! Where news comes from and wishes go: an engine that runs, or one that is still being made.
//!
//! A demo takes a few seconds to set its stage, and a screen that shows nothing for so long looks broken. So the screen may be up
//! before its engine; what is wanted meanwhile is kept and handed over.

use tokio::sync::oneshot;

use crate::engine::{Command, Engine, Event};
use crate::tui::errands::Errands;

/// What a promise brings: an engine, or the sentence that says why there is none.
pub type Outcome = Result<Engine, String>;

/// An engine that is on its way.
#[derive(Debug)]
pub struct Coming {
    outcome: oneshot::Receiver<Outcome>,
    /// Who brings it, if it is to be waited for.
    errands: Errands,
}

impl Coming {
    /// One that these errands bring, after everything else they have to do.
    pub fn by(mut errands: Errands, bring: impl FnOnce() -> Outcome + Send + 'static) -> Coming {
        let (promise, Coming { outcome, .. }) = promise();
        errands.then(move || promise.keep(bring()));
        Coming { outcome, errands }
    }
}

/// The other end: to be kept once, from any thread.
#[derive(Debug)]
pub struct Promise(oneshot::Sender<Outcome>);

impl Promise {
    /// Hands the outcome over. If the screen has gone meanwhile, the engine is ended and waited for.
    pub fn keep(self, outcome: Outcome) {
        drop(self.0.send(outcome));
    }
}

/// A promise and what was promised.
pub fn promise() -> (Promise, Coming) {
    let (sender, outcome) = oneshot::channel();
    (Promise(sender), Coming { outcome, errands: Errands::default() })
}

/// The ends that nobody has given a reason for.
const NO_REASON: &str =
    "it ended without giving a reason, which is a fault in this program; please report it";

/// The one place that knows whether there is an engine. However it ends, by a panic too, the engine is ended and waited for, and so
/// is one that is still on its way.
pub(super) struct Source {
    state: State,
    /// Waited for after the engine, and after an outcome that nobody wants any more can go nowhere.
    _errands: Errands,
}

enum State {
    Coming {
        outcome: oneshot::Receiver<Outcome>,
        /// Wanted before there was an engine.
        wanted: Vec<Command>,
    },
    Here(Engine),
    /// The end has been told; nothing follows.
    Over,
}

impl Source {
    pub fn here(engine: Engine) -> Source {
        Source { state: State::Here(engine), _errands: Errands::default() }
    }

    pub fn coming(Coming { outcome, errands }: Coming) -> Source {
        Source { state: State::Coming { outcome, wanted: Vec::new() }, _errands: errands }
    }

    /// The next news; an end without a word is told as one. Nothing is lost if the future is dropped.
    pub async fn next(&mut self) -> Event {
        loop {
            match &mut self.state {
                State::Coming { outcome, .. } => {
                    let outcome = outcome.await.unwrap_or_else(|_| Err(NO_REASON.into()));
                    if let Err(why) = self.arrived(outcome) {
                        return Event::Stopped(Some(why));
                    }
                }
                State::Here(engine) => match engine.events.recv().await {
                    Some(event) => return event,
                    None => {
                        self.state = State::Over;
                        return Event::Stopped(Some(NO_REASON.into()));
                    }
                },
                State::Over => std::future::pending().await,
            }
        }
    }

    /// News that is there already.
    pub fn ready(&mut self) -> Option<Event> {
        match &mut self.state {
            State::Here(engine) => engine.events.try_recv().ok(),
            State::Coming { .. } | State::Over => None,
        }
    }

    /// Passes a wish on. An engine that has stopped says so itself.
    pub fn send(&mut self, command: Command) {
        match &mut self.state {
            State::Coming { wanted, .. } => wanted.push(command),
            State::Here(engine) => {
                engine.handle.send(command);
            }
            State::Over => {}
        }
    }

    fn arrived(&mut self, outcome: Outcome) -> Result<(), String> {
        match std::mem::replace(&mut self.state, State::Over) {
            State::Coming { wanted, .. } => {
                let engine = outcome?;
                for command in wanted {
                    engine.handle.send(command);
                }
                self.state = State::Here(engine);
            }
            other => self.state = other,
        }
        Ok(())
    }
}
