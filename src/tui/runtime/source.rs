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
    /// Hands the outcome over. If the screen has gone meanwhile, the engine is dropped and stops.
    pub fn keep(self, outcome: Outcome) {
        let _ = self.0.send(outcome);
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

pub(super) enum Source {
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
    pub fn coming(Coming(outcome): Coming) -> Source {
        Source::Coming { outcome, wanted: Vec::new() }
    }

    /// The next news; an end without a word is told as one. Nothing is lost if the future is dropped.
    pub async fn next(&mut self) -> Event {
        loop {
            match self {
                Source::Coming { outcome, .. } => {
                    let outcome = outcome.await.unwrap_or_else(|_| Err(NO_REASON.into()));
                    if let Err(why) = self.arrived(outcome) {
                        return Event::Stopped(Some(why));
                    }
                }
                Source::Here(engine) => match engine.events.recv().await {
                    Some(event) => return event,
                    None => {
                        self.over();
                        return Event::Stopped(Some(NO_REASON.into()));
                    }
                },
                Source::Over(_) => std::future::pending().await,
            }
        }
    }

    /// News that is there already.
    pub fn ready(&mut self) -> Option<Event> {
        match self {
            Source::Here(engine) => engine.events.try_recv().ok(),
            Source::Coming { .. } | Source::Over(_) => None,
        }
    }

    /// Passes a wish on. An engine that has stopped says so itself.
    pub fn send(&mut self, command: Command) {
        match self {
            Source::Coming { wanted, .. } => wanted.push(command),
            Source::Here(engine) => {
                engine.handle.send(command);
            }
            Source::Over(_) => {}
        }
    }

    /// Ends the engine and waits until it has let go of the profile.
    pub fn finish(self) {
        if let Source::Here(engine) | Source::Over(Some(engine)) = self {
            engine.handle.send(Command::Quit);
            // A panic in there was kept by the panic hook.
            let _ = engine.thread.join();
        }
    }

    fn arrived(&mut self, outcome: Outcome) -> Result<(), String> {
        match std::mem::replace(self, Source::Over(None)) {
            Source::Coming { wanted, .. } => {
                let engine = outcome?;
                for command in wanted {
                    engine.handle.send(command);
                }
                *self = Source::Here(engine);
            }
            other => *self = other,
        }
        Ok(())
    }

    fn over(&mut self) {
        if let Source::Here(engine) = std::mem::replace(self, Source::Over(None)) {
            *self = Source::Over(Some(engine));
        }
    }
}
