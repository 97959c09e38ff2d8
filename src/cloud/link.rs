//! The handle to a server: a supervised connection that comes back by itself, and calls with a time-out.
//!
//! A task of its own runs one connection after the other and tells its state and everything that arrives through one channel.
//! The connection itself is a second task: if it dies, by an error or by a panic in a dependency, only it is lost. A call that
//! finds no connection is answered at once, nothing queues behind a dead server: the owner knows which calls bear
//! repeating and starts them again when the link is [`LinkState::Online`].

use std::sync::Arc;
use std::time::Duration;

use grammers_tl_types::{RemoteCall, enums};
use tokio::sync::{mpsc, oneshot, watch};
use tokio::time::{Instant, sleep, timeout};
use zeroize::Zeroizing;

use super::backoff::{Backoff, LONGEST};
use super::clock::unix_ms_in;
use super::connection;
use super::fault::CloudError;
use super::nesting;
use super::proxy::Proxy;
use super::server_keys::ServerKeys;
use super::session::Session;
use crate::secret::step::CallError;

/// Calls on their way to the connection; more wait in their callers, under the callers' time-outs.
const CALL_QUEUE: usize = 64;

/// The longest request, bytes; the layer below takes no more than a megabyte.
const MAX_REQUEST: usize = 1_000_000;

/// What signs in is shorter than this: a buffer that does not grow leaves nothing behind that is not wiped.
const SHORT_REQUEST: usize = 512;

/// A good capacity for the channel of events: a burst of pushes while a difference is stored fits in.
pub const EVENT_CAPACITY: usize = 1024;

/// A time-out for calls that the server answers from memory.
pub const CALL_LIMIT: Duration = Duration::from_secs(15);

/// The time-out of `updates.getDifference`, whose answer may be long.
pub const DIFFERENCE_LIMIT: Duration = Duration::from_secs(30);

/// What the link needs to know.
#[derive(Clone, Debug)]
pub struct LinkConfig {
    /// `host:port`.
    pub address: String,
    /// Number of the data centre there.
    pub dc_id: i32,
    pub keys: ServerKeys,
    /// What stands between here and there.
    pub proxy: Option<Proxy>,
    /// The key of an earlier run; without one a new key is made.
    pub session: Option<Session>,
    /// The application's number at Telegram (my.telegram.org); other servers ignore it.
    pub api_id: i32,
    pub timing: Timing,
}

/// How long things may take.
#[derive(Clone, Copy, Debug)]
pub struct Timing {
    pub dial: Duration,
    /// For the whole key exchange.
    pub exchange: Duration,
    /// For the first call of a connection.
    pub greeting: Duration,
    /// From a pong to the next ping.
    pub ping_every: Duration,
    pub pong_within: Duration,
}

impl Default for Timing {
    fn default() -> Self {
        Timing {
            dial: Duration::from_secs(10),
            exchange: Duration::from_secs(15),
            greeting: Duration::from_secs(15),
            ping_every: Duration::from_secs(25),
            pong_within: Duration::from_secs(10),
        }
    }
}

/// Where the link stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LinkState {
    /// Not started, or shut down.
    Offline,
    Connecting,
    /// Calls are taken. Whatever was missed has to be fetched now (`updates.getDifference`).
    Online,
    /// The next attempt is at this time, milliseconds since 1970, unless somebody pokes.
    Waiting {
        until_unix_ms: i64,
        why: CloudError,
    },
    /// Somebody has to do something. It is tried again all the same, once a minute: a status that a stranger on the path can
    /// forge must not end a client for good.
    Refused(CloudError),
}

/// What the link tells, in the order in which it happened.
#[derive(Debug)]
pub enum LinkEvent {
    State(LinkState),
    /// As it came, for the [gate](super::updates::Gate).
    Updates(Box<enums::Updates>),
    /// Something may have been missed on a living connection: fetch the difference.
    Gap,
    /// The key is new, or salt or clock changed: to be stored.
    Session(Session),
}

/// What a connection is asked to do.
pub(super) enum Job {
    Call(Request),
    /// Look whether the server is there.
    Ping,
}

/// A call on its way.
pub(super) struct Request {
    /// May hold a sign-in code.
    pub body: Zeroizing<Vec<u8>>,
    pub reply: oneshot::Sender<Result<Vec<u8>, CallError>>,
}

#[derive(Clone)]
struct Status {
    state: LinkState,
    jobs: Option<mpsc::Sender<Job>>,
}

/// The handle; clones share the link, and the link ends with the last of them.
#[derive(Clone)]
pub struct Link {
    status: watch::Receiver<Status>,
    poke: mpsc::Sender<()>,
}

impl Link {
    /// Starts the link on the current tokio runtime. Its events must be read: if the channel is full when updates arrive, the
    /// connection starts over.
    pub fn start(config: LinkConfig, events: mpsc::Sender<LinkEvent>) -> Link {
        Link::start_after(Duration::ZERO, config, events)
    }

    /// The same after a pause, which [`Link::poke`] cuts short: for an owner that could not store what the last link brought.
    pub fn start_after(pause: Duration, config: LinkConfig, events: mpsc::Sender<LinkEvent>) -> Link {
        let (status, status_seen) = watch::channel(Status { state: LinkState::Offline, jobs: None });
        let (poke, poked) = mpsc::channel(1);
        let session = watch::Sender::new(config.session.clone());
        let shared = Arc::new(Shared { config, session, status, events });
        tokio::spawn(supervise(shared, poked, pause));
        Link { status: status_seen, poke }
    }

    /// A link that dials nobody: of an account that was signed out.
    pub fn none() -> Link {
        let status = watch::channel(Status { state: LinkState::Offline, jobs: None }).1;
        Link { status, poke: mpsc::channel(1).0 }
    }

    /// Sends a call and waits for its answer. Dropping the future forgets the answer, not the call.
    ///
    /// # Errors
    /// [`CallError::Lost`] when there is no connection, when it broke, when `limit` ran out, or when the answer could not be
    /// read: the call may have been carried out. [`CallError::Rpc`] when the server refused.
    pub async fn invoke<R>(&self, call: &R, limit: Duration) -> Result<R::Return, CallError>
    where
        R: RemoteCall<Return: Send>,
    {
        let mut body = Zeroizing::new(Vec::with_capacity(SHORT_REQUEST));
        call.serialize(&mut *body);
        if body.len() > MAX_REQUEST {
            return Err(CallError::Rpc { code: 400, name: "REQUEST_TOO_LONG".into(), value: None });
        }
        let jobs = self.status.borrow().jobs.clone().ok_or(CallError::Lost)?;
        let Ok(answer) = timeout(limit, deliver(&jobs, body)).await else {
            // A server that swallows calls may be gone altogether.
            let _ = jobs.try_send(Job::Ping);
            return Err(CallError::Lost);
        };
        nesting::read(&answer?).map_err(|error| {
            tracing::warn!(%error, "an answer of the server cannot be read");
            CallError::Lost
        })
    }

    pub fn state(&self) -> LinkState {
        self.status.borrow().state.clone()
    }

    /// Waits until the link is online.
    ///
    /// # Errors
    /// Why the attempt under way failed; the link goes on trying all the same.
    pub async fn online(&self) -> Result<(), CloudError> {
        let mut status = self.status.clone();
        let settled =
            status.wait_for(|status| !matches!(status.state, LinkState::Offline | LinkState::Connecting));
        match settled.await.map(|status| status.state.clone()) {
            Ok(LinkState::Waiting { why, .. } | LinkState::Refused(why)) => Err(why),
            Ok(_) => Ok(()),
            Err(_) => Err(CloudError::Offline),
        }
    }

    /// Waits for as long as it takes to be online. False if the link has ended.
    pub async fn up(&self) -> bool {
        let mut status = self.status.clone();
        status.wait_for(|status| status.state == LinkState::Online).await.is_ok()
    }

    /// Skips a wait; on a living connection, looks whether the server is still there.
    pub fn poke(&self) {
        // A full channel holds a poke already.
        let _ = self.poke.try_send(());
    }
}

async fn deliver(jobs: &mpsc::Sender<Job>, body: Zeroizing<Vec<u8>>) -> Result<Vec<u8>, CallError> {
    let (reply, answer) = oneshot::channel();
    jobs.send(Job::Call(Request { body, reply })).await.map_err(|_| CallError::Lost)?;
    answer.await.unwrap_or(Err(CallError::Lost))
}

/// The owner of the events is gone: the link has nobody to work for.
#[derive(Debug)]
pub(super) struct OwnerGone;

/// What the supervisor and its connections share.
pub(super) struct Shared {
    pub config: LinkConfig,
    session: watch::Sender<Option<Session>>,
    status: watch::Sender<Status>,
    events: mpsc::Sender<LinkEvent>,
}

impl Shared {
    pub fn session(&self) -> Option<Session> {
        self.session.borrow().clone()
    }

    /// A new or changed session: kept for the next connection and told.
    pub async fn learn(&self, session: Session) -> Result<(), OwnerGone> {
        self.session.send_replace(Some(session.clone()));
        self.tell(LinkEvent::Session(session)).await
    }

    /// The connection is ready for calls.
    pub async fn online(&self, jobs: mpsc::Sender<Job>) -> Result<(), OwnerGone> {
        self.status.send_replace(Status { state: LinkState::Online, jobs: Some(jobs) });
        self.tell(LinkEvent::State(LinkState::Online)).await
    }

    async fn enter(&self, state: LinkState) -> Result<(), OwnerGone> {
        self.status.send_replace(Status { state: state.clone(), jobs: None });
        self.tell(LinkEvent::State(state)).await
    }

    /// Waits before the next attempt, or until somebody pokes. False if the link is no longer wanted.
    async fn rest(&self, wait: Duration, why: CloudError, poked: &mut mpsc::Receiver<()>) -> bool {
        let state = if why.needs_a_person() {
            LinkState::Refused(why)
        } else {
            LinkState::Waiting { until_unix_ms: unix_ms_in(wait), why }
        };
        if self.enter(state).await.is_err() {
            return false;
        }
        tokio::select! {
            () = sleep(wait) => true,
            poke = poked.recv() => poke.is_some(),
            () = self.events.closed() => false,
        }
    }

    async fn tell(&self, event: LinkEvent) -> Result<(), OwnerGone> {
        self.events.send(event).await.map_err(|_| OwnerGone)
    }

    /// Passes on what arrived without waiting: a reader that does not keep up costs the connection, never an update.
    pub fn pass_on(&self, event: LinkEvent) -> Result<(), CloudError> {
        self.events.try_send(event).map_err(|_| CloudError::Overrun)
    }
}

/// One connection after the other, until nobody holds the handle or reads the events any more.
async fn supervise(shared: Arc<Shared>, mut poked: mpsc::Receiver<()>, pause: Duration) {
    let mut backoff = Backoff::default();
    let mut wanted = pause.is_zero() || shared.rest(pause, CloudError::Overrun, &mut poked).await;
    while wanted && shared.enter(LinkState::Connecting).await.is_ok() {
        let Some((ended, lived)) = live(&shared, &mut poked).await else { break };
        backoff.lived(lived);
        tracing::info!(%ended, "the connection ended");
        let wait = if ended.needs_a_person() { LONGEST } else { backoff.next(&mut rand::rng()) };
        wanted = shared.rest(wait, ended, &mut poked).await;
    }
    let _ = shared.enter(LinkState::Offline).await;
}

/// Runs one connection to its end: why it ended and how long it lived; `None` when the link is no longer wanted.
async fn live(shared: &Arc<Shared>, poked: &mut mpsc::Receiver<()>) -> Option<(CloudError, Duration)> {
    let started = Instant::now();
    let (jobs, taken) = mpsc::channel(CALL_QUEUE);
    let mut task = tokio::spawn(connection::run(shared.clone(), jobs.clone(), taken));
    let ended = loop {
        tokio::select! {
            ended = &mut task => break match ended {
                Ok(Ok(ended)) => ended,
                Ok(Err(OwnerGone)) => return None,
                Err(_) => CloudError::Crashed,
            },
            poke = poked.recv() => match poke {
                Some(()) => drop(jobs.try_send(Job::Ping)),
                None => {
                    task.abort();
                    return None;
                }
            },
        }
    };
    Some((ended, started.elapsed()))
}
