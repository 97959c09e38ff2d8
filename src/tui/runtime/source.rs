//! Where news comes from and wishes go: an engine that runs, or one that is still being made.
//!
//! A demo takes a few seconds to set its stage, and a screen that shows nothing for so long looks broken. So the screen may be up
//! before its engine; what is wanted meanwhile is kept and handed over.

use tokio::sync::oneshot;

use crate::engine::{Command, Engine, Event};

/// What a promise brings: an engine, or the sentence that says why there is none.
pub type Outcome = Result<Engine, String>;

/// An engine that is on its way.
#[derive(Debug)]
pub struct Coming(oneshot::Receiver<Outcome>);

/// The other end: to be kept once, from any thread.
#[derive(Debug)]
pub struct Promise(oneshot::Sender<Outcome>);

impl Promise {
    /// Hands the outcome over. If the screen has gone meanwhile, the engine is ended and waited for.
    pub fn keep(self, outcome: Outcome) {
        if let Err(Ok(engine)) = self.0.send(outcome) {
            finish(engine);
        }
    }
}

/// A promise and what was promised.
pub fn promise() -> (Promise, Coming) {
    let (sender, receiver) = oneshot::channel();
    (Promise(sender), Coming(receiver))
}

/// The ends that nobody has given a reason for.
const NO_REASON: &str =
    "it ended without giving a reason, which is a fault in this program; please report it";

/// The one place that knows whether there is an engine. However it ends, by a panic too, the engine is ended and waited for: a
/// process that ended under it would end it in the middle of a write.
pub(super) struct Source(State);

enum State {
    Coming {
        outcome: oneshot::Receiver<Outcome>,
        /// Wanted before there was an engine.
        wanted: Vec<Command>,
    },
    Here(Engine),
    /// The end has been told; nothing follows.
    Over(Option<Engine>),
}

impl Source {
    pub fn here(engine: Engine) -> Source {
        Source(State::Here(engine))
    }

    pub fn coming(Coming(outcome): Coming) -> Source {
        Source(State::Coming { outcome, wanted: Vec::new() })
    }

    /// The next news; an end without a word is told as one. Nothing is lost if the future is dropped.
    pub async fn next(&mut self) -> Event {
        loop {
            match &mut self.0 {
                State::Coming { outcome, .. } => {
                    let outcome = outcome.await.unwrap_or_else(|_| Err(NO_REASON.into()));
                    if let Err(why) = self.arrived(outcome) {
                        return Event::Stopped(Some(why));
                    }
                }
                State::Here(engine) => match engine.events.recv().await {
                    Some(event) => return event,
                    None => {
                        self.over();
                        return Event::Stopped(Some(NO_REASON.into()));
                    }
                },
                State::Over(_) => std::future::pending().await,
            }
        }
    }

    /// News that is there already.
    pub fn ready(&mut self) -> Option<Event> {
        match &mut self.0 {
            State::Here(engine) => engine.events.try_recv().ok(),
            State::Coming { .. } | State::Over(_) => None,
        }
    }

    /// Passes a wish on. An engine that has stopped says so itself.
    pub fn send(&mut self, command: Command) {
        match &mut self.0 {
            State::Coming { wanted, .. } => wanted.push(command),
            State::Here(engine) => {
                engine.handle.send(command);
            }
            State::Over(_) => {}
        }
    }

    fn arrived(&mut self, outcome: Outcome) -> Result<(), String> {
        match std::mem::replace(&mut self.0, State::Over(None)) {
            State::Coming { wanted, .. } => {
                let engine = outcome?;
                for command in wanted {
                    engine.handle.send(command);
                }
                self.0 = State::Here(engine);
            }
            other => self.0 = other,
        }
        Ok(())
    }

    fn over(&mut self) {
        self.0 = match std::mem::replace(&mut self.0, State::Over(None)) {
            State::Here(engine) => State::Over(Some(engine)),
            other => other,
        };
    }
}

impl Drop for Source {
    fn drop(&mut self) {
        match std::mem::replace(&mut self.0, State::Over(None)) {
            State::Here(engine) | State::Over(Some(engine)) => finish(engine),
            State::Coming { mut outcome, .. } => {
                outcome.close();
                if let Ok(Ok(engine)) = outcome.try_recv() {
                    finish(engine);
                }
            }
            State::Over(None) => {}
        }
    }
}

fn finish(engine: Engine) {
    engine.handle.send(Command::Quit);
    // A panic in there was kept by the panic hook.
    let _ = engine.thread.join();
}
