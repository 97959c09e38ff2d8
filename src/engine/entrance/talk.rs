//! The thread behind the entrance: commands in, stages out.
//!
//! One step at a time: a command, the server's answer, the next stage. Commands that come while a step is under way wait for their turn,
//! but giving up does not. A QR code on the screen is the one stage with a clock: it is renewed when it expires. It is not asked about in
//! between, for every answer is another code, and the picture would change under the camera; what can lose the word that it was scanned
//! is a connection that breaks, and after each of those it is asked.

use std::collections::VecDeque;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use tokio::sync::mpsc;
use tokio::time::Instant;

use super::passage::{Next, Passage};
use super::{EntranceCommand, EntranceEvent, Stage};
use crate::cloud::fault::CloudError;
use crate::cloud::refusal::Refusal;
use crate::engine::sign_in::SignInError;
use crate::engine::thread::{self, Thread};
use crate::engine::{Engine, EngineError, ServerProfile};
use crate::secret::step::CallError;
use crate::vault::Vault;

/// A QR code is not asked for more often, whatever the server or this clock say of its age.
const RENEWED_AFTER: Duration = Duration::from_secs(2);

/// After a question about a QR code that was not answered.
const ASK_AGAIN: Duration = Duration::from_secs(5);

/// The way to a sign-in under way. When it is dropped the sign-in is given up.
#[derive(Clone, Debug)]
pub struct Door {
    commands: mpsc::UnboundedSender<EntranceCommand>,
}

impl Door {
    /// Says something; false if the entrance has ended.
    pub fn send(&self, command: EntranceCommand) -> bool {
        self.commands.send(command).is_ok()
    }
}

/// A sign-in under way. Dropped, it quits and has closed its profile.
pub struct Entrance {
    pub door: Door,
    pub events: mpsc::UnboundedReceiver<EntranceEvent>,
    thread: Thread<Option<Vault>>,
}

/// Begins to sign an open profile in at a server. It dials at once and tells the first stage.
///
/// # Errors
/// The profile belongs to another server or is signed in already (unless `again`), the server's key cannot be used.
pub fn open(vault: Vault, server: ServerProfile, again: bool) -> Result<Entrance, SignInError> {
    server.check()?;
    super::passage::former(&vault, &server, again)?;
    let (commands, taken) = mpsc::unbounded_channel();
    let (told, events) = mpsc::unbounded_channel();
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(SignInError::Thread)?;
    let work = move || {
        thread::run(runtime, async {
            match Passage::begin(vault, server, again, Some(told.clone())) {
                Ok(passage) => Talk::new(told, taken).run(passage).await,
                Err(fault) => {
                    let _ = told.send(EntranceEvent::Failed(fault.to_string()));
                    None
                }
            }
        })
    };
    let weak = commands.downgrade();
    let quit = move || drop(weak.upgrade().map(|commands| commands.send(EntranceCommand::Quit)));
    let thread = Thread::start("entrance", quit, work).map_err(SignInError::Thread)?;
    Ok(Entrance { door: Door { commands }, events, thread })
}

impl Entrance {
    /// Waits until it has ended and starts the engine on the profile it signed in, which is kept open all the while.
    ///
    /// # Errors
    /// Those of [`crate::engine::start_saving_in`].
    pub fn engine(self, files: Option<std::path::PathBuf>) -> Result<Engine, EngineError> {
        drop(self.door);
        let vault = self.thread.join().ok().flatten().ok_or(EngineError::NotSignedIn)?;
        crate::engine::start_saving_in(vault, files)
    }
}

/// Where the conversation stands.
#[derive(Clone, Debug, PartialEq, Eq)]
enum At {
    Phone,
    /// `stale`: the code that was sent is of no use any more.
    Code {
        stale: bool,
    },
    Qr(Shown),
    Password,
    Recovery,
    Terms,
    Name,
}

/// A QR code on the screen.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Shown {
    link: super::Hidden,
    /// When it is asked about next.
    ask_at: Instant,
}

/// Why there is no next stage.
enum Stop {
    /// Nobody wants it any more.
    GivenUp,
    Fault(SignInError),
}

impl<E: Into<SignInError>> From<E> for Stop {
    fn from(fault: E) -> Self {
        Stop::Fault(fault.into())
    }
}

struct Talk {
    told: mpsc::UnboundedSender<EntranceEvent>,
    commands: mpsc::UnboundedReceiver<EntranceCommand>,
    /// What was said while a step was under way.
    waiting: VecDeque<EntranceCommand>,
    at: At,
}

impl Talk {
    fn new(
        told: mpsc::UnboundedSender<EntranceEvent>,
        commands: mpsc::UnboundedReceiver<EntranceCommand>,
    ) -> Talk {
        Talk { told, commands, waiting: VecDeque::new(), at: At::Phone }
    }

    /// Until somebody is signed in, or nobody wants to be.
    async fn run(mut self, mut passage: Passage) -> Option<Vault> {
        self.enter(At::Phone, Stage::Phone);
        loop {
            let next = match self.hear(&mut passage).await {
                Heard::Command(EntranceCommand::Quit) | Heard::Nothing => return None,
                Heard::Command(command) => self.obey(command, &mut passage).await,
                Heard::TimeToAsk => self.look_at_token(&mut passage).await,
            };
            match next {
                Ok(true) => return Some(passage.into_vault()),
                Ok(false) => {}
                Err(Stop::GivenUp) => return None,
                Err(Stop::Fault(SignInError::Vault(fault))) => {
                    self.tell(EntranceEvent::Failed(fault.to_string()));
                    return None;
                }
                Err(Stop::Fault(fault)) => {
                    self.refuse(&fault);
                    // Somebody else was let in and left again: what was asked for went with them.
                    let is_over = matches!(fault, SignInError::OtherAccount(_)) && passage.code().is_none();
                    if is_over && self.at != At::Phone {
                        self.enter(At::Phone, Stage::Phone);
                    }
                }
            }
        }
    }

    /// Waits for the next thing to do.
    async fn hear(&mut self, passage: &mut Passage) -> Heard {
        if let Some(command) = self.waiting.pop_front() {
            return Heard::Command(command);
        }
        loop {
            let ask_at = match &self.at {
                // Without a connection nothing is asked; the back-off decides when there is one.
                At::Qr(_) if !passage.way().is_online() => None,
                At::Qr(_) if passage.way().token_accepted => return Heard::TimeToAsk,
                At::Qr(shown) => Some(shown.ask_at),
                _ => None,
            };
            tokio::select! {
                command = self.commands.recv() => {
                    return command.map_or(Heard::Nothing, Heard::Command);
                }
                event = passage.way().next() => if event.is_none() {
                    return Heard::Nothing;
                },
                () = sleep_until(ask_at) => return Heard::TimeToAsk,
            }
        }
    }

    /// Carries a command out; true once somebody is signed in.
    async fn obey(&mut self, command: EntranceCommand, passage: &mut Passage) -> Result<bool, Stop> {
        let next = match (command, &self.at) {
            (EntranceCommand::Dial, _) => {
                passage.way().poke();
                return Ok(false);
            }
            (EntranceCommand::Restart, _) => {
                self.during(passage.cancel()).await?;
                self.enter(At::Phone, Stage::Phone);
                return Ok(false);
            }
            (EntranceCommand::Phone(phone), _) => self.during(passage.send_code(&phone)).await?,
            (EntranceCommand::Qr, _) => self.during(passage.token()).await?,
            (EntranceCommand::Resend, At::Code { stale }) => {
                let stale = *stale;
                let Some(sent) = passage.code() else { return Err(SignInError::NoCode.into()) };
                if stale {
                    self.during(passage.send_code(&sent.phone)).await?
                } else if let Some(until) = too_soon(&sent, unix_ms()) {
                    self.tell(EntranceEvent::Refused {
                        sentence: TOO_SOON.to_owned(),
                        until_unix_ms: Some(until),
                    });
                    return Ok(false);
                } else {
                    self.during(passage.resend()).await?
                }
            }
            (EntranceCommand::Code(code), At::Code { .. }) => self.during(passage.try_code(&code)).await?,
            (EntranceCommand::Password(password), At::Password | At::Recovery) => {
                self.during(passage.try_password(&password)).await?
            }
            (EntranceCommand::Forgot, At::Password | At::Recovery) => self.during(passage.forgot()).await?,
            (EntranceCommand::Code(code), At::Recovery) => self.during(passage.recover(&code)).await?,
            (EntranceCommand::Agree, At::Terms) => Ok(Next::Name),
            (EntranceCommand::Name { first, last }, At::Name) => {
                self.during(passage.sign_up(&first, &last)).await?
            }
            (EntranceCommand::Quit, _) => return Err(Stop::GivenUp),
            (_, at) => {
                let sentence = out_of_place(at).to_owned();
                self.tell(EntranceEvent::Refused { sentence, until_unix_ms: None });
                return Ok(false);
            }
        };
        Ok(self.go_on(next?))
    }

    /// Tells the next stage; true at the end.
    fn go_on(&mut self, next: Next) -> bool {
        match next {
            Next::Code(sent) => self.enter(At::Code { stale: false }, Stage::Code(sent)),
            Next::Name => self.enter(At::Name, Stage::Name),
            Next::Password { hint } => self.enter(At::Password, Stage::Password { hint }),
            Next::Recovery { mail } => self.enter(At::Recovery, Stage::Recovery { mail }),
            Next::Terms(terms) => self.enter(At::Terms, Stage::Terms(terms)),
            Next::Token { link, expires } => {
                let expires_unix_ms = i64::from(expires).saturating_mul(1000);
                let shown = Shown { link: link.clone(), ask_at: next_ask(expires_unix_ms) };
                self.enter(At::Qr(shown), Stage::Qr { link, expires_unix_ms });
            }
            Next::Done(me) => {
                self.tell(EntranceEvent::Stage(Stage::Done(me)));
                return true;
            }
        }
        false
    }

    /// What became of the QR code. Nobody asked, so what changes nothing is not told.
    async fn look_at_token(&mut self, passage: &mut Passage) -> Result<bool, Stop> {
        let At::Qr(shown) = &self.at else { return Ok(false) };
        let before = shown.link.clone();
        match self.during(passage.token()).await? {
            Ok(Next::Token { link, expires }) if link == before => {
                let ask_at = next_ask(i64::from(expires).saturating_mul(1000));
                self.at = At::Qr(Shown { link, ask_at });
                Ok(false)
            }
            Ok(next) => Ok(self.go_on(next)),
            Err(SignInError::Cloud(fault)) if is_passing(&fault) => {
                tracing::info!(%fault, "a QR code could not be asked about");
                let pause = match fault {
                    CloudError::Flood { seconds } => Duration::from_secs(seconds.into()),
                    _ => ASK_AGAIN,
                };
                self.at = At::Qr(Shown { link: before, ask_at: Instant::now() + pause });
                Ok(false)
            }
            Err(fault) => {
                self.refuse(&fault);
                self.enter(At::Phone, Stage::Phone);
                Ok(false)
            }
        }
    }

    /// Takes a step, listening meanwhile for whoever wants none of it any more.
    async fn during<T>(&mut self, step: impl Future<Output = T>) -> Result<T, Stop> {
        let mut step = std::pin::pin!(step);
        loop {
            tokio::select! {
                done = &mut step => return Ok(done),
                command = self.commands.recv() => match command {
                    None | Some(EntranceCommand::Quit) => return Err(Stop::GivenUp),
                    Some(command) => self.waiting.push_back(command),
                },
            }
        }
    }

    fn enter(&mut self, at: At, stage: Stage) {
        self.at = at;
        self.tell(EntranceEvent::Stage(stage));
    }

    fn refuse(&mut self, fault: &SignInError) {
        if let (SignInError::Cloud(CloudError::CodeExpired), At::Code { stale }) = (fault, &mut self.at) {
            *stale = true;
            self.tell(EntranceEvent::CodeExpired);
        }
        let until_unix_ms = match fault {
            SignInError::Cloud(CloudError::Flood { seconds }) => {
                Some(unix_ms().saturating_add(i64::from(*seconds).saturating_mul(1000)))
            }
            _ => None,
        };
        self.tell(EntranceEvent::Refused { sentence: fault.to_string(), until_unix_ms });
    }

    /// The front end may have gone; then the commands' end is heard next.
    fn tell(&self, event: EntranceEvent) {
        let _ = self.told.send(event);
    }
}

enum Heard {
    Command(EntranceCommand),
    TimeToAsk,
    /// Nobody is there any more.
    Nothing,
}

const TOO_SOON: &str = "the server sends no further code yet: wait until it is time";

/// When the code may be asked for again, if not yet.
fn too_soon(sent: &super::CodeSent, now: i64) -> Option<i64> {
    sent.next.map(|(_, from)| from).filter(|&from| from > now)
}

fn out_of_place(at: &At) -> &'static str {
    match at {
        At::Phone => "no code is on its way: give the phone number first",
        At::Code { .. } => "the code is wanted first",
        At::Qr(_) => "the QR code is waiting to be scanned: restart to sign in by phone number",
        At::Password => "the password is wanted first",
        At::Recovery => "the code of the e-mail is wanted first, or the password after all",
        At::Terms => "the terms of service are to be agreed to first",
        At::Name => "a name is wanted first",
    }
}

/// Whether asking again later may help without anybody's doing.
fn is_passing(fault: &CloudError) -> bool {
    matches!(
        fault,
        CloudError::Flood { .. }
            | CloudError::SignIn(Refusal::StaleToken)
            | CloudError::Call(CallError::Lost)
            | CloudError::NoServer { .. }
            | CloudError::TimedOut { .. }
            | CloudError::Disconnected { .. }
            | CloudError::TooManyConnections { .. }
            | CloudError::Overrun
            | CloudError::Crashed
            | CloudError::Offline
    )
}

/// When the code expires.
fn next_ask(expires_unix_ms: i64) -> Instant {
    let left = u64::try_from(expires_unix_ms.saturating_sub(unix_ms())).unwrap_or(0);
    Instant::now() + Duration::from_millis(left).max(RENEWED_AFTER)
}

fn unix_ms() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}

async fn sleep_until(when: Option<Instant>) {
    match when {
        Some(when) => tokio::time::sleep_until(when).await,
        None => std::future::pending().await,
    }
}
