//! The one thread on which methods are executed, one after another, and the way to it.
//!
//! The office behind it owns a database and is synchronous; a queue in front gives all connections one order of events. Updates
//! caused by a method are routed on this thread before its answer, so two methods' updates reach a client in the order of execution.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, mpsc};
use std::thread::JoinHandle;

use grammers_tl_types::Serializable;
use tokio::sync::oneshot;

use super::clock;
use super::rpc::{Caller, Centres, CodeCallback, Data, Push, Rpc, RpcError, RpcOpenError};
use super::store::DeviceRow;
use super::temporary::binding::{self, Circumstances};
use super::temporary::{self, BindFault, Identity, Temporary, TemporaryKeys};
use crate::mtproto::auth_key::AuthKey;
use crate::system::in_words;

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

/// Where a request came from.
pub struct Origin {
    pub key: Identity,
    pub session_id: i64,
    pub msg_id: i64,
}

enum Job {
    Answer { origin: Origin, method: Vec<u8>, done: Done },
    Find { id: i64, reply: oneshot::Sender<Option<FoundKey>> },
    Keep { key: AuthKey, reply: oneshot::Sender<bool> },
    Destroy { id: i64, reply: oneshot::Sender<rusqlite::Result<bool>> },
    Offline { auth_key_id: i64 },
    Introduce { key: Identity, device: DeviceRow },
    Layer { key: Identity, layer: i32 },
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
    #[error("the operating system gives no thread: {}", in_words(.0))]
    Thread(#[from] std::io::Error),
    #[error("the thread that owns the database failed unexpectedly; this is a fault of the program")]
    Ended,
}

impl Desk {
    /// Opens the office on a thread of its own, which also binds the `temporary` keys.
    pub async fn open(
        data: Data,
        centres: Centres,
        on_code: CodeCallback,
        route: Router,
        in_use: InUse,
        temporary: Arc<TemporaryKeys>,
    ) -> Result<(Desk, DeskThread), DeskFault> {
        let (jobs, queue) = mpsc::channel();
        let desk = Desk { jobs };
        let (opened, outcome) = oneshot::channel();
        let work = move || match Rpc::open_as(&data, centres, on_code) {
            Ok(rpc) => {
                let _ = opened.send(Ok(()));
                run(Office { rpc, temporary, route }, &queue, &in_use);
            }
            Err(error) => {
                let _ = opened.send(Err(error));
            }
        };
        let thread = std::thread::Builder::new().name("rpc".to_string()).stack_size(STACK_LEN).spawn(work)?;
        let thread = DeskThread { desk: desk.clone(), thread: Some(thread) };
        outcome.await.map_err(|_| DeskFault::Ended)??;
        Ok((desk, thread))
    }

    /// Executes a bare method; `done` is called on the desk's thread. After [`DeskThread::end`] it is never called.
    pub fn answer(&self, origin: Origin, method: Vec<u8>, done: Done) {
        self.post(Job::Answer { origin, method, done });
    }

    /// What goes to the client behind this key shall be of that layer; nothing happens under a temporary key that is not bound.
    pub fn note_layer(&self, key: Identity, layer: i32) {
        self.post(Job::Layer { key, layer });
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

    /// Destroys a permanent key, whoever is signed in with it, and the temporary ones that are bound to it; false if it is unknown.
    pub async fn destroy_key(&self, id: i64) -> Result<bool, DeskFault> {
        let (reply, destroyed) = oneshot::channel();
        self.post(Job::Destroy { id, reply });
        let outcome = destroyed.await.map_err(|_| DeskFault::Ended)?;
        Ok(outcome.map_err(RpcOpenError::from)?)
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

    /// What the client behind a key says it is; nothing happens under a temporary key that is not bound.
    pub fn introduce(&self, key: Identity, device: DeviceRow) {
        self.post(Job::Introduce { key, device });
    }

    fn stop(&self) {
        self.post(Job::Stop);
    }

    fn post(&self, job: Job) {
        // Fails only while the server stops; nobody waits for the outcome then.
        let _ = self.jobs.send(job);
    }
}

/// The thread itself. Dropped, it has done what was queued and closed the database: what still used one at the end of the process
/// would be torn out of it by the exit handlers of the libraries below.
pub struct DeskThread {
    desk: Desk,
    thread: Option<JoinHandle<()>>,
}

impl DeskThread {
    /// Waits for the end after what is queued; false if it ended by a panic.
    pub fn end(mut self) -> bool {
        self.wait()
    }

    fn wait(&mut self) -> bool {
        self.desk.stop();
        self.thread.take().is_none_or(|thread| thread.join().is_ok())
    }
}

impl Drop for DeskThread {
    fn drop(&mut self) {
        self.wait();
    }
}

fn run(mut office: Office, queue: &mpsc::Receiver<Job>, in_use: &InUse) {
    while let Ok(job) = queue.recv() {
        guard("cleaning", || office.rpc.forget_keys(in_use, clock::unix_seconds()));
        match job {
            Job::Answer { origin, method, done } => {
                let result = guard("a method", || office.answer(&origin, &method));
                let member = office.is_member(&origin.key);
                guard("an answer", || done(result.unwrap_or_else(|| Err(internal())), member));
            }
            Job::Stop => return,
            // Whoever waits for a reply learns from its absence.
            other => drop(guard("a task", || office.perform(other))),
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

/// What the thread owns.
struct Office {
    rpc: Rpc,
    temporary: Arc<TemporaryKeys>,
    route: Router,
}

impl Office {
    fn answer(&mut self, origin: &Origin, method: &[u8]) -> Result<Vec<u8>, RpcError> {
        if let Identity::Temporary(key) = &origin.key
            && temporary::is_binding(method)
        {
            return self.bind(key, origin, method);
        }
        let caller = origin.key.caller(method)?;
        if let Some(spared) = temporary::spared(method) {
            self.temporary.drop_bound(caller.auth_key_id, &spared);
            return Ok(true.to_bytes());
        }
        let outcome = self.rpc.answer(caller, method, clock::unix_seconds());
        outcome.pushes.iter().for_each(&self.route);
        outcome.result
    }

    /// `auth.bindTempAuthKey`, under the key that is to be bound.
    fn bind(&mut self, key: &Arc<Temporary>, origin: &Origin, method: &[u8]) -> Result<Vec<u8>, RpcError> {
        let now = clock::unix_seconds();
        let request = binding::Request::read(method).ok_or_else(|| bad("INPUT_REQUEST_INVALID"))?;
        let permanent = request.perm_auth_key_id;
        let proven = request.expires_at > now
            && self.find(permanent, now).is_some_and(|permanent| {
                let (session_id, msg_id) = (origin.session_id, origin.msg_id);
                let temp_auth_key_id = key.key().id();
                request.is_proven(&permanent, Circumstances { temp_auth_key_id, session_id, msg_id })
            });
        if !proven {
            return Err(bad("ENCRYPTED_MESSAGE_INVALID"));
        }
        self.temporary.bind(key, permanent, request.expires_at).map_err(|fault| match fault {
            BindFault::AlreadyBound => bad("TEMP_AUTH_KEY_ALREADY_BOUND"),
            BindFault::Gone => bad("TEMP_AUTH_KEY_EMPTY"),
        })?;
        Ok(true.to_bytes())
    }

    /// Whether somebody is signed in with the permanent key behind this one.
    fn is_member(&self, key: &Identity) -> bool {
        key.permanent().is_some_and(|caller| self.rpc.is_signed_in(caller))
    }

    fn find(&mut self, id: i64, now: i32) -> Option<AuthKey> {
        self.rpc.auth_key(id, now).map(|mut bytes| {
            let key = AuthKey::new(&bytes);
            zeroize::Zeroize::zeroize(&mut bytes);
            key
        })
    }

    fn destroy(&mut self, id: i64) -> rusqlite::Result<bool> {
        let outcome = self.rpc.destroy_auth_key(id, clock::unix_seconds())?;
        if let Some(pushes) = &outcome {
            self.temporary.permanent_is_gone(id);
            pushes.iter().for_each(&self.route);
        }
        Ok(outcome.is_some())
    }

    fn perform(&mut self, job: Job) {
        let now = clock::unix_seconds();
        match job {
            Job::Find { id, reply } => {
                let key = self.find(id, now);
                let member = self.rpc.is_signed_in(Caller { auth_key_id: id });
                let _ = reply.send(key.map(|key| FoundKey { key, member }));
            }
            Job::Keep { key, reply } => {
                let kept = self.rpc.keep_auth_key(key.id(), key.expose(), now);
                if let Err(error) = &kept {
                    tracing::error!("a new authorization key cannot be stored: {error}");
                }
                let _ = reply.send(kept.is_ok());
            }
            Job::Destroy { id, reply } => drop(reply.send(self.destroy(id))),
            Job::Offline { auth_key_id } => {
                self.rpc.offline(auth_key_id, now).iter().for_each(&self.route);
            }
            // Of a key that is forgotten without a trace on the disk, nothing is kept there.
            Job::Layer { key, layer } => {
                if let Some(caller) = key.permanent() {
                    self.rpc.speaks(caller, layer);
                }
            }
            Job::Introduce { key, device } => {
                if let Some(caller) = key.permanent() {
                    self.rpc.introduce_device(caller, &device, now);
                }
            }
            Job::Manage { work, reply } => {
                let pushes = work(&mut self.rpc, now);
                let _ = reply.send(pushes.map(|pushes| pushes.iter().for_each(&self.route)));
            }
            Job::Answer { .. } | Job::Stop => {}
        }
    }
}

fn bad(name: &str) -> RpcError {
    RpcError { code: 400, name: name.to_string() }
}

fn internal() -> RpcError {
    RpcError { code: 500, name: "INTERNAL".to_string() }
}

#[cfg(test)]
mod tests {
    use grammers_tl_types::functions;

    use super::*;

    fn origin() -> Origin {
        Origin { key: Identity::Permanent(1), session_id: 1, msg_id: 1 }
    }

    async fn open(on_code: CodeCallback, route: Router) -> (Desk, DeskThread) {
        let centres = Centres::alone("127.0.0.1:1".parse().unwrap());
        let in_use = Box::new(|_| false);
        Desk::open(Data::Memory, centres, on_code, route, in_use, Arc::default()).await.unwrap()
    }

    async fn ask(desk: &Desk) -> Result<Vec<u8>, RpcError> {
        let (reply, result) = oneshot::channel();
        let done = Box::new(move |result, _| drop(reply.send(result)));
        desk.answer(origin(), functions::help::GetNearestDc {}.to_bytes(), done);
        result.await.unwrap()
    }

    #[tokio::test]
    async fn a_panic_is_the_end_of_its_job_only() {
        let route = Box::new(|_: &Push| panic!("on the way"));
        let (desk, thread) = open(Box::new(|_, _| ()), route).await;
        let push = || Push { auth_key_id: 1, updates: Vec::new() };
        let routed = desk.manage(Box::new(move |_, _| Ok(vec![push()]))).await;
        assert!(matches!(routed, Err(DeskFault::Ended)));
        assert!(ask(&desk).await.is_ok());
        assert!(desk.manage(Box::new(|_, _| panic!("at work"))).await.is_err());
        assert!(ask(&desk).await.is_ok());
        desk.answer(origin(), Vec::new(), Box::new(|_, _| panic!("at the end")));
        assert!(ask(&desk).await.is_ok());
        assert!(thread.end());
    }

    #[tokio::test]
    async fn a_method_that_panics_is_answered() {
        let (desk, thread) = open(Box::new(|_, _| panic!("no ear")), Box::new(|_| ())).await;
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
        desk.answer(origin(), request.to_bytes(), done);
        assert_eq!(result.await.unwrap(), Err(internal()));
        assert!(ask(&desk).await.is_ok());
        assert!(thread.end());
    }
}
