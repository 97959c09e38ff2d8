//! The actor: one loop in which commands, the network, finished errands and the clock take turns.
//!
//! It runs on a thread of its own with a runtime of its own, so that a commit may block it without holding up a screen, and so
//! that steps are carried out one after the other by construction. It sleeps until something happens; nothing here ticks.

use std::collections::{HashMap, HashSet};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use tokio::sync::mpsc;

use super::account::Leaving;
use super::blocks::Blocks;
use super::command::Command;
use super::drafts::Drafts;
use super::errands::Done;
use super::event::Event;
use super::fate::Fate;
use super::server::branches;
use super::sync::Sync;
use super::thread::Thread;
use super::transfers::Transfers;
use crate::cloud::branches::Branches;
use crate::cloud::fault::CloudError;
use crate::cloud::link::{EVENT_CAPACITY, Link, LinkConfig, LinkEvent};
use crate::cloud::updates::Gate;
use crate::secret::machine::Machine;
use crate::secret::record::{Moment, Person, UserId};
use crate::secret::step::Input;
use crate::system::in_words;
use crate::vault::{Account, Vault, VaultError};

/// Why an engine could not be started.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    #[error(transparent)]
    Vault(#[from] VaultError),
    #[error(transparent)]
    Cloud(#[from] CloudError),
    #[error("this profile is not signed in: run `subrosa sign-in` first")]
    NotSignedIn,
    #[error("the engine's thread could not be started: {}", in_words(.0))]
    Thread(std::io::Error),
}

/// The way to a running engine. When every handle is gone the engine stops as by [`Command::Quit`].
#[derive(Clone, Debug)]
pub struct Handle {
    commands: mpsc::UnboundedSender<Command>,
}

impl Handle {
    /// Gives a command; false if the engine has stopped.
    pub fn send(&self, command: Command) -> bool {
        self.commands.send(command).is_ok()
    }

    /// Waits until the engine has stopped and its profile is closed.
    pub async fn stopped(&self) {
        self.commands.closed().await;
    }
}

/// A running engine: its handle, its events, and the thread to wait for at the end. Dropped, it stops as by [`Command::Quit`] and has
/// closed its profile.
#[derive(Debug)]
pub struct Engine {
    pub handle: Handle,
    pub events: mpsc::UnboundedReceiver<Event>,
    pub thread: Thread<()>,
}

/// Starts the engine on an open profile. One that was signed in and is no longer stays readable: nothing is dialled, and what needs
/// the server is refused in words.
///
/// # Errors
/// [`EngineError::NotSignedIn`] if the profile never had an account; whatever the vault says if it cannot be read.
pub fn start(vault: Vault) -> Result<Engine, EngineError> {
    start_saving_in(vault, None)
}

/// The same, with a folder for the files that are fetched; without one they lie in the profile.
///
/// # Errors
/// Those of [`start`].
pub fn start_saving_in(mut vault: Vault, files: Option<PathBuf>) -> Result<Engine, EngineError> {
    let account = vault.account()?.ok_or(EngineError::NotSignedIn)?;
    let me = account.me.clone().ok_or(EngineError::NotSignedIn)?;
    let link_config = super::server::link_config(&account)?;
    vault.read_again()?;
    let machine = Machine::restore(me.id, vault.load()?);
    let people = vault.people()?.into_iter().map(|person| (person.id, person)).collect();
    let (commands, taken) = mpsc::unbounded_channel();
    let (news, events) = mpsc::unbounded_channel();
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(EngineError::Thread)?;
    let transfers = Transfers::new(vault.folder(), files);
    let start = Start { vault, account, transfers, me, machine, people, link_config, commands: taken, news };
    let weak = commands.downgrade();
    let quit = move || drop(weak.upgrade().map(|commands| commands.send(Command::Quit)));
    let work = move || super::thread::run(runtime, async move { start.actor().run().await });
    let thread = Thread::start("engine", quit, work).map_err(EngineError::Thread)?;
    Ok(Engine { handle: Handle { commands }, events, thread })
}

/// What the actor is made of, carried to its thread; the link needs the runtime there.
struct Start {
    vault: Vault,
    transfers: Transfers,
    account: Account,
    me: Person,
    machine: Machine,
    people: HashMap<UserId, Person>,
    link_config: LinkConfig,
    commands: mpsc::UnboundedReceiver<Command>,
    news: mpsc::UnboundedSender<Event>,
}

impl Start {
    fn actor(self) -> Actor {
        let (told, link_events) = mpsc::channel(EVENT_CAPACITY);
        let link = match self.account.signed_in {
            true => Link::start(self.link_config.clone(), told),
            false => Link::none(),
        };
        let branches = branches(&link, &self.link_config, &self.account);
        let (done, finished) = mpsc::unbounded_channel();
        Actor {
            gate: Gate::new(self.machine.marks()),
            vault: self.vault,
            transfers: self.transfers,
            account: self.account,
            me: self.me,
            machine: self.machine,
            people: self.people,
            unstored: HashSet::new(),
            deeds: Arc::default(),
            blocks: Blocks::default(),
            link_config: self.link_config,
            link,
            branches,
            link_events,
            commands: self.commands,
            news: self.news,
            done,
            finished,
            generation: 0,
            sync: Sync::Offline,
            wake_at: None,
            differ_at: None,
            eager_left: super::sync::EAGER_TIMES,
            handshakes: 0,
            leaving: None,
            stated: false,
            failed_commits: 0,
            drafts: Drafts::default(),
            fate: Fate::read(),
            born: Instant::now(),
            looked: None,
            active: false,
        }
    }
}

/// Everything the engine is.
pub(super) struct Actor {
    pub vault: Vault,
    pub transfers: Transfers,
    pub account: Account,
    pub me: Person,
    pub machine: Machine,
    pub gate: Gate,
    pub people: HashMap<UserId, Person>,
    /// Of these it is not stored yet when they were there.
    pub unstored: HashSet<UserId>,
    /// Held by whoever carries out what the user does about people: one after the other.
    pub deeds: Arc<tokio::sync::Mutex<()>>,
    pub blocks: Blocks,
    pub link_config: LinkConfig,
    pub link: Link,
    /// Those of `link`.
    pub branches: Branches,
    link_events: mpsc::Receiver<LinkEvent>,
    /// Dropped after the vault is: that it is closed means that the profile is.
    commands: mpsc::UnboundedReceiver<Command>,
    pub news: mpsc::UnboundedSender<Event>,
    pub done: mpsc::UnboundedSender<Done>,
    pub finished: mpsc::UnboundedReceiver<Done>,
    /// Counts connections: what an earlier one left behind is told apart.
    pub generation: u64,
    pub sync: Sync,
    /// When the machine wants to be woken.
    pub wake_at: Option<tokio::time::Instant>,
    /// When the difference is asked for without occasion.
    pub differ_at: Option<tokio::time::Instant>,
    /// How often it is still asked for at short intervals because a handshake is pending.
    pub eager_left: u32,
    /// How many handshakes were pending when that was last planned.
    pub handshakes: usize,
    /// Signing out under way.
    pub leaving: Option<Leaving>,
    /// In this round the server's own statement of its state was taken already.
    pub stated: bool,
    /// Commits that failed in a row.
    pub failed_commits: u32,
    pub drafts: Drafts,
    pub fate: Fate,
    born: Instant,
    /// The clocks as they stood at the last look at both.
    pub looked: Option<Moment>,
    /// Somebody is at the front end, by what it said last.
    pub active: bool,
}

/// Whether the actor goes on.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Flow {
    On,
    Stop,
}

impl Actor {
    async fn run(mut self) {
        let fault = self.live().await.err();
        self.tell(Event::Stopped(fault.map(|fault| fault.to_string())));
    }

    async fn live(&mut self) -> Result<(), VaultError> {
        self.burn_first()?;
        self.tell_all()?;
        self.still_signed_out()?;
        self.mend_transfers()?;
        while self.turn().await? == Flow::On {}
        self.store_drafts();
        self.store_people();
        self.end_transfers().await?;
        self.store_clock()
    }

    /// Waits for the next thing and does it. An error is one after which memory and disk can no longer be brought together.
    async fn turn(&mut self) -> Result<Flow, VaultError> {
        self.burn_overdue()?;
        let wake = sleep_until(self.wake_at);
        let look = sleep_until(self.next_look());
        let differ = sleep_until(self.differ_at);
        let drafts = sleep_until(self.drafts.due);
        let transfers = sleep_until(self.transfers.wakes_at());
        tokio::select! {
            biased;
            // A server that never stops talking must not keep the user waiting.
            command = self.commands.recv() => match command {
                None | Some(Command::Quit) => return Ok(Flow::Stop),
                Some(command) => self.obey(command)?,
            },
            Some(done) = self.finished.recv() => self.errand_done(done)?,
            event = self.link_events.recv(), if self.account.signed_in => match event {
                Some(event) => self.link_told(event)?,
                None => self.dial_anew(Duration::ZERO),
            },
            () = wake => {
                self.wake_at = None;
                self.step(Input::Wake)?;
            }
            () = look => self.look_at_clocks()?,
            () = differ => self.differ(),
            () = drafts => self.store_drafts(),
            () = transfers => self.transfers_due()?,
        }
        Ok(Flow::On)
    }

    /// Throws the connection away and makes a new one; what it had not delivered is fetched again from the committed state.
    pub fn dial_anew(&mut self, pause: Duration) {
        let (told, link_events) = mpsc::channel(EVENT_CAPACITY);
        self.link = match self.account.signed_in {
            true => Link::start_after(pause, self.link_config.clone(), told),
            false => Link::none(),
        };
        self.branches = branches(&self.link, &self.link_config, &self.account);
        self.link_events = link_events;
        self.sync = Sync::Offline;
        self.generation += 1;
    }

    /// The front end may have gone; then nobody is told, and the commands' end stops the engine.
    pub fn tell(&self, event: Event) {
        let _ = self.news.send(event);
    }

    pub fn now(&self) -> Moment {
        let unix = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Moment {
            unix_ms: i64::try_from(unix.as_millis()).unwrap_or(i64::MAX),
            mono_ms: u64::try_from(self.born.elapsed().as_millis()).unwrap_or(u64::MAX),
        }
    }
}

async fn sleep_until(when: Option<tokio::time::Instant>) {
    match when {
        Some(when) => tokio::time::sleep_until(when).await,
        None => std::future::pending().await,
    }
}
