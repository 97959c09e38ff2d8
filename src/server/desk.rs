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
use super::rpc::{Caller, CodeCallback, Data, Push, Rpc, RpcError, RpcOpenError};
use crate::mtproto::auth_key::AuthKey;

/// Deserializing large schema types takes much stack without optimisation.
const STACK_LEN: usize = 16 * 1024 * 1024;

/// Takes what a method came to, and whether somebody is now signed in with the key it came under.
type Done = Box<dyn FnOnce(Result<Vec<u8>, RpcError>, bool) + Send>;
/// What whoever runs the server does to its state; the updates that it causes.
pub type Management = Box<dyn FnOnce(&mut Rpc, i32) -> rusqlite::Result<Vec<Push>> + Send>;
/// Where the updates that methods cause are brought to.
pub type Router = Box<dyn Fn(&Push) + Send>;
/// Whether a connection uses the key with this id.
pub type InUse = Box<dyn Fn(i64) -> bool + Send>;

enum Job {
    Answer { caller: Caller, method: Vec<u8>, done: Done },
    Find { id: i64, reply: oneshot::Sender<Option<FoundKey>> },
    Keep { key: AuthKey, reply: oneshot::Sender<bool> },
    Offline { auth_key_id: i64 },
    Manage { work: Management, reply: oneshot::Sender<rusqlite::Result<()>> },
    Stop,
}

/// A key that a client made here.
pub struct FoundKey {
    pub key: AuthKey,
    /// Whether somebody is signed in with it.
    pub member: bool,
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
    #[error("the thread that owns the database failed unexpectedly; this is a fault of the program")]
    Ended,
}

impl Desk {
    /// Opens the office on a thread of its own.
    pub async fn open(
        data: Data,
        address: SocketAddr,
        on_code: CodeCallback,
        route: Router,
        in_use: InUse,
    ) -> Result<(Desk, JoinHandle<()>), DeskFault> {
        let (jobs, queue) = mpsc::channel();
        let (opened, outcome) = oneshot::channel();
        let work = move || match Rpc::open(&data, address, on_code) {
            Ok(rpc) => {
                let _ = opened.send(Ok(()));
                run(rpc, &queue, &route, &in_use);
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

    /// The key with this id; `None` if it is unknown. An error says nothing about the key: the client must not be told to drop it.
    pub async fn find_key(&self, id: i64) -> Result<Option<FoundKey>, DeskFault> {
        let (reply, found) = oneshot::channel();
        self.post(Job::Find { id, reply });
        found.await.map_err(|_| DeskFault::Ended)
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

fn run(mut rpc: Rpc, queue: &mpsc::Receiver<Job>, route: &Router, in_use: &InUse) {
    while let Ok(job) = queue.recv() {
        guard("cleaning", || rpc.forget_keys(in_use, clock::unix_seconds()));
        match job {
            Job::Answer { caller, method, done } => {
                let result = guard("a method", || answer(&mut rpc, caller, &method, route));
                let member = rpc.is_signed_in(caller);
                guard("an answer", || done(result.unwrap_or_else(|| Err(internal())), member));
            }
            Job::Stop => return,
            // Whoever waits for a reply learns from its absence.
            other => drop(guard("a task", || perform(&mut rpc, other, route))),
        }
    }
}

/// A fault in one job must not take the server down with it: everybody else would wait for ever. What the panic says stays out of
/// the log, for it may hold anything.
fn guard<T>(what: &str, job: impl FnOnce() -> T) -> Option<T> {
    let done = catch_unwind(AssertUnwindSafe(job)).ok();
    if done.is_none() {
        tracing::error!("{what} panicked; this is a fault of the server");
    }
    done
}

fn answer(rpc: &mut Rpc, caller: Caller, method: &[u8], route: &Router) -> Result<Vec<u8>, RpcError> {
    let outcome = rpc.answer(caller, method, clock::unix_seconds());
    outcome.pushes.iter().for_each(route);
    outcome.result
}

fn perform(rpc: &mut Rpc, job: Job, route: &Router) {
    match job {
        Job::Find { id, reply } => {
            let key = rpc.auth_key(id, clock::unix_seconds()).map(|mut bytes| {
                let key = AuthKey::new(&bytes);
                zeroize::Zeroize::zeroize(&mut bytes);
                FoundKey { key, member: rpc.is_signed_in(Caller { auth_key_id: id }) }
            });
            let _ = reply.send(key);
        }
        Job::Keep { key, reply } => {
            let kept = rpc.keep_auth_key(key.id(), key.expose(), clock::unix_seconds());
            if let Err(error) = &kept {
                tracing::error!("a new authorization key cannot be stored: {error}");
            }
            let _ = reply.send(kept.is_ok());
        }
        Job::Offline { auth_key_id } => {
            rpc.offline(auth_key_id, clock::unix_seconds()).iter().for_each(route);
        }
        Job::Manage { work, reply } => {
            let pushes = work(rpc, clock::unix_seconds());
            let _ = reply.send(pushes.map(|pushes| pushes.iter().for_each(route)));
        }
        Job::Answer { .. } | Job::Stop => {}
    }
}

fn internal() -> RpcError {
    RpcError { code: 500, name: "INTERNAL".to_string() }
}

#[cfg(test)]
mod tests {
    use grammers_tl_types::{Serializable, functions};

    use super::*;

    async fn ask(desk: &Desk) -> Result<Vec<u8>, RpcError> {
        let (reply, result) = oneshot::channel();
        let caller = Caller { auth_key_id: 1 };
        let done = Box::new(move |result, _| drop(reply.send(result)));
        desk.answer(caller, functions::help::GetNearestDc {}.to_bytes(), done);
        result.await.unwrap()
    }

    #[tokio::test]
    async fn a_panic_is_the_end_of_its_job_only() {
        let route = Box::new(|_: &Push| panic!("on the way"));
        let address = "127.0.0.1:1".parse().unwrap();
        let (desk, thread) =
            Desk::open(Data::Memory, address, Box::new(|_, _| ()), route, Box::new(|_| false)).await.unwrap();
        let push = || Push { auth_key_id: 1, updates: Vec::new() };
        let routed = desk.manage(Box::new(move |_, _| Ok(vec![push()]))).await;
        assert!(matches!(routed, Err(DeskFault::Ended)));
        assert!(ask(&desk).await.is_ok());
        assert!(desk.manage(Box::new(|_, _| panic!("at work"))).await.is_err());
        assert!(ask(&desk).await.is_ok());
        let caller = Caller { auth_key_id: 1 };
        desk.answer(caller, Vec::new(), Box::new(|_, _| panic!("at the end")));
        assert!(ask(&desk).await.is_ok());
        desk.stop();
        assert!(thread.join().is_ok());
    }

    #[tokio::test]
    async fn a_method_that_panics_is_answered() {
        let address = "127.0.0.1:1".parse().unwrap();
        let on_code = Box::new(|_: &str, _: &str| panic!("no ear"));
        let (desk, thread) =
            Desk::open(Data::Memory, address, on_code, Box::new(|_| ()), Box::new(|_| false)).await.unwrap();
        let settings = grammers_tl_types::types::CodeSettings {
            allow_flashcall: false,
            current_number: false,
            allow_app_hash: false,
            allow_missed_call: false,
            allow_firebase: false,
            unknown_number: false,
            logout_tokens: None,
            token: None,
            app_sandbox: None,
        };
        let request = functions::auth::SendCode {
            phone_number: "+1 555 0001".into(),
            api_id: 1,
            api_hash: String::new(),
            settings: settings.into(),
        };
        let (reply, result) = oneshot::channel();
        let done = Box::new(move |result, _| drop(reply.send(result)));
        desk.answer(Caller { auth_key_id: 1 }, request.to_bytes(), done);
        assert_eq!(result.await.unwrap(), Err(internal()));
        assert!(ask(&desk).await.is_ok());
        desk.stop();
        assert!(thread.join().is_ok());
    }
}
