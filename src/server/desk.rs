//! The one thread on which methods are executed, one after another, and the way to it.
//!
//! The office behind it owns a database and is synchronous; a queue in front gives all connections one order of events. Updates
//! caused by a method are routed on this thread before its answer, so two methods' updates reach a client in the order of execution.

use std::net::SocketAddr;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc;
use std::thread::JoinHandle;

use tokio::sync::oneshot;

use super::clock;
use super::rpc::{Caller, CodeCallback, Data, Outcome, Push, Rpc, RpcError, RpcOpenError};
use crate::mtproto::auth_key::AuthKey;

/// Deserializing large schema types takes much stack without optimisation.
const STACK_LEN: usize = 16 * 1024 * 1024;

type Done = Box<dyn FnOnce(Result<Vec<u8>, RpcError>) + Send>;
/// What whoever runs the server does to its state; the updates that it causes.
pub type Management = Box<dyn FnOnce(&mut Rpc, i32) -> rusqlite::Result<Vec<Push>> + Send>;
/// Where the updates that methods cause are brought to.
pub type Router = Box<dyn Fn(&Push) + Send>;

enum Job {
    Answer { caller: Caller, method: Vec<u8>, done: Done },
    Find { id: i64, reply: oneshot::Sender<Option<AuthKey>> },
    Keep { key: AuthKey, reply: oneshot::Sender<bool> },
    Offline { auth_key_id: i64 },
    Manage { work: Management, reply: oneshot::Sender<rusqlite::Result<()>> },
    Stop,
}

/// A handle to the thread; cheap to clone.
#[derive(Clone)]
pub struct Desk {
    jobs: mpsc::Sender<Job>,
}

/// Why the thread did not start.
#[derive(Debug, thiserror::Error)]
pub enum DeskFault {
    #[error(transparent)]
    Open(#[from] RpcOpenError),
    #[error("the operating system gives no thread: {0}")]
    Thread(#[from] std::io::Error),
    #[error("the thread that owns the database ended unexpectedly; this is a fault of the program")]
    Ended,
}

impl Desk {
    /// Opens the office on a thread of its own.
    pub async fn open(
        data: Data,
        address: SocketAddr,
        on_code: CodeCallback,
        route: Router,
    ) -> Result<(Desk, JoinHandle<()>), DeskFault> {
        let (jobs, queue) = mpsc::channel();
        let (opened, outcome) = oneshot::channel();
        let work = move || match Rpc::open(&data, address, on_code) {
            Ok(rpc) => {
                let _ = opened.send(Ok(()));
                run(rpc, &queue, &route);
            }
            Err(error) => {
                let _ = opened.send(Err(error));
            }
        };
        let thread = std::thread::Builder::new().name("rpc".to_string()).stack_size(STACK_LEN).spawn(work)?;
        outcome.await.map_err(|_| DeskFault::Ended)??;
        Ok((Desk { jobs }, thread))
    }

    /// Executes a bare method; `done` is called on the desk's thread. After [`Desk::stop`] it is never called.
    pub fn answer(&self, caller: Caller, method: Vec<u8>, done: Done) {
        self.post(Job::Answer { caller, method, done });
    }

    /// The key with this id; `None` if it is unknown.
    pub async fn find_key(&self, id: i64) -> Option<AuthKey> {
        let (reply, found) = oneshot::channel();
        self.post(Job::Find { id, reply });
        found.await.ok().flatten()
    }

    /// Stores a new key durably; false if that failed.
    pub async fn keep_key(&self, key: AuthKey) -> bool {
        let (reply, kept) = oneshot::channel();
        self.post(Job::Keep { key, reply });
        kept.await.unwrap_or(false)
    }

    /// Does something to the state, at the present time in unix seconds, and routes the updates that it causes.
    pub async fn manage(&self, work: Management) -> Result<(), DeskFault> {
        let (reply, managed) = oneshot::channel();
        self.post(Job::Manage { work, reply });
        let outcome = managed.await.map_err(|_| DeskFault::Ended)?;
        Ok(outcome.map_err(RpcOpenError::from)?)
    }

    /// The last connection of this authorization has gone.
    pub fn offline(&self, auth_key_id: i64) {
        self.post(Job::Offline { auth_key_id });
    }

    /// Lets the thread end after what is already queued.
    pub fn stop(&self) {
        self.post(Job::Stop);
    }

    fn post(&self, job: Job) {
        // Fails only while the server stops; nobody waits for the outcome then.
        let _ = self.jobs.send(job);
    }
}

fn run(mut rpc: Rpc, queue: &mpsc::Receiver<Job>, route: &Router) {
    while let Ok(job) = queue.recv() {
        match job {
            Job::Answer { caller, method, done } => {
                let outcome = answer(&mut rpc, caller, &method);
                outcome.pushes.iter().for_each(route);
                done(outcome.result);
            }
            Job::Find { id, reply } => {
                let key = rpc.auth_key(id).map(|mut bytes| {
                    let key = AuthKey::new(&bytes);
                    zeroize::Zeroize::zeroize(&mut bytes);
                    key
                });
                let _ = reply.send(key);
            }
            Job::Keep { key, reply } => {
                let kept = rpc.keep_auth_key(key.id(), key.expose());
                if let Err(error) = &kept {
                    tracing::error!("a new authorization key cannot be stored: {error}");
                }
                let _ = reply.send(kept.is_ok());
            }
            Job::Offline { auth_key_id } => {
                rpc.offline(auth_key_id, clock::unix_seconds()).iter().for_each(route)
            }
            Job::Manage { work, reply } => {
                let pushes = work(&mut rpc, clock::unix_seconds());
                let _ = reply.send(pushes.map(|pushes| pushes.iter().for_each(route)));
            }
            Job::Stop => return,
        }
    }
}

/// A fault in one method must not take the server down with it.
fn answer(rpc: &mut Rpc, caller: Caller, method: &[u8]) -> Outcome {
    let answered = catch_unwind(AssertUnwindSafe(|| rpc.answer(caller, method, clock::unix_seconds())));
    answered.unwrap_or_else(|_| {
        let constructor = super::reader::Reader::new(method).u32().unwrap_or_default();
        tracing::error!("the method {constructor:#010x} panicked; this is a fault of the server");
        let error = RpcError { code: 500, name: "INTERNAL".to_string() };
        Outcome { result: Err(error), pushes: Vec::new() }
    })
}
