//! The methods of the server: one serialised request in, its answer and the updates for others out.
//!
//! This is a room without sockets. The transport unwraps containers and layers, hands over the bare method with the auth key
//! it came under, and carries answer and pushes away; what is true of users, contacts and secret chats is decided here. Each
//! request is one transaction, and nothing of its outcome (not even a sign-in code) leaves before that is durable.
//!
//! Updates carry `seq = 0` throughout: such a container is applied when it comes and takes no part in gap detection. What
//! must not be lost has a number of its own (qts) or is repeated by date; `pts` never moves, for there are no cloud messages.

mod authorizations;
mod blank;
mod blocks;
mod centres;
mod chats;
mod codes;
mod contacts;
mod delivery;
mod dialect;
mod dispatch;
mod effort;
mod empty;
mod fault;
mod files;
mod help;
mod keys;
mod login_tokens;
mod messages;
mod numbers;
mod passing;
mod password;
mod people;
mod presence;
mod privacy;
mod recent;
mod recovery;
mod residents;
mod sign_in;
mod terms;
mod troubles;
mod turn;
mod updates;
mod uploads;
mod wire;

use std::net::SocketAddr;
use std::path::PathBuf;

use rand::rngs::{StdRng, SysRng};
use rand::{Rng, SeedableRng, TryRng};

use super::depot::Depot;
use super::store::{DeviceRow, Store};
pub use centres::{Centres, DataCentre};
pub use delivery::Delivery;
use fault::Fault;
pub use fault::{RpcError, RpcOpenError};
use passing::Passing;
use recent::RecentCodes;
pub use residents::Resident;
pub use terms::Terms;
pub use troubles::Trouble;
use troubles::Troubles;
use turn::Turn;

/// Where the state lives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Data {
    /// Gone with the process.
    Memory,
    /// A folder of the server's own; made if it is missing, locked for one process.
    Folder(PathBuf),
}

/// Who asks: the auth key a request came under.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Caller {
    pub auth_key_id: i64,
}

/// A serialised boxed `Updates` for every live session of an authorization, to be delivered in this order. Losing one is
/// harmless: `updates.getDifference` has it, unless it is about typing or presence.
#[derive(Clone, Debug, PartialEq)]
pub struct Push {
    pub auth_key_id: i64,
    pub updates: Vec<u8>,
}

/// What a request came to.
#[derive(Clone, Debug, PartialEq)]
pub struct Outcome {
    /// The serialised boxed return value of the method.
    pub result: Result<Vec<u8>, RpcError>,
    pub pushes: Vec<Push>,
}

/// Told every sign-in code: the phone number in digits, and the code as the person would type it.
pub type CodeCallback = Box<dyn Fn(&str, &str) + Send>;

/// Old things are looked for this often, seconds.
const CLEANING_PERIOD: i32 = 60;

/// Keys that nobody signed in with are kept for so long after their last use, seconds: anybody can make them.
const KEY_LIFETIME: i32 = 24 * 60 * 60;

/// They are looked for this often, and their use is known as exactly, seconds.
const FORGETTING_PERIOD: i32 = 60 * 60;

/// The server's state and its methods. Every call blocks on the disk: give it a thread of its own.
pub struct Rpc {
    store: Store,
    depot: Depot,
    rng: StdRng,
    centres: Centres,
    on_code: CodeCallback,
    /// The latest date given out. Dates never go back, though the system's clock may: a client would miss what is dated
    /// before its own last date.
    clock: i32,
    recent_codes: RecentCodes,
    troubles: Troubles,
    passing: Passing,
    next_cleaning: i32,
    next_forgetting: i32,
}

impl Rpc {
    /// `address` is what `help.getConfig` tells clients to dial, whichever data centre they look for.
    pub fn open(data: &Data, address: SocketAddr, on_code: CodeCallback) -> Result<Rpc, RpcOpenError> {
        Rpc::open_as(data, Centres::alone(address), on_code)
    }

    /// As one data centre among others.
    pub fn open_as(data: &Data, centres: Centres, on_code: CodeCallback) -> Result<Rpc, RpcOpenError> {
        let mut seed = [0; 32];
        SysRng.try_fill_bytes(&mut seed).map_err(|error| RpcOpenError::Randomness(error.to_string()))?;
        let mut rng = StdRng::from_seed(seed);
        let mut secret = [0; 32];
        rng.fill_bytes(&mut secret);
        let store = match data {
            Data::Memory => Store::in_memory(secret)?,
            Data::Folder(folder) => Store::in_folder(folder, secret)?,
        };
        // Whoever has the database has the folder beside it.
        let depot = match data {
            Data::Memory => Depot::temporary(),
            Data::Folder(folder) => Depot::in_folder(folder),
        };
        let depot = depot.map_err(RpcOpenError::Depot)?;
        sweep(&store, &depot)?;
        let clock = store.latest_date()?;
        Ok(Rpc {
            store,
            depot,
            rng,
            centres,
            on_code,
            clock,
            recent_codes: RecentCodes::default(),
            troubles: Troubles::default(),
            passing: Passing::default(),
            next_cleaning: 0,
            next_forgetting: 0,
        })
    }

    /// Answers one bare method (no invokeWith..., no initConnection around it). `now` is unix seconds.
    pub fn answer(&mut self, caller: Caller, request: &[u8], now: i32) -> Outcome {
        self.clean(now);
        tracing::trace!(method = dispatch::name(request), "a request");
        let outcome = self.transact(caller, now, |turn| dispatch::dispatch(turn, request));
        let outcome = outcome.unwrap_or_else(|error| {
            tracing::error!(%error, "the server's database failed");
            Outcome { result: Err(fault::internal()), pushes: Vec::new() }
        });
        if let Err(error) = &outcome.result {
            // Whoever is refused may ask again as often as they like: not for a log that is kept.
            tracing::debug!(method = dispatch::name(request), %error, "a request is refused");
        }
        outcome
    }

    /// Whether somebody is signed in under this key.
    pub fn is_signed_in(&self, caller: Caller) -> bool {
        let authorization = self.store.authorization(caller.auth_key_id);
        authorization.is_ok_and(|authorization| authorization.is_some())
    }

    /// The key of that id, if a client ever made it here; it counts as used now.
    pub fn auth_key(&mut self, id: i64, now: i32) -> Option<[u8; 256]> {
        if let Err(error) = self.store.note_use(id, now.saturating_sub(FORGETTING_PERIOD), now) {
            tracing::error!(%error, "the use of an auth key cannot be noted");
        }
        self.store.auth_key(id).unwrap_or_else(|error| {
            tracing::error!(%error, "an auth key cannot be read");
            None
        })
    }

    /// Removes the keys that are not signed in and that no connection has begun to use for `KEY_LIFETIME`, but not those still
    /// `in_use`: whoever signs in with one of these must find it again. Looks now and then, however often it is called.
    pub fn forget_keys(&mut self, in_use: &dyn Fn(i64) -> bool, now: i32) {
        if now < self.next_forgetting {
            return;
        }
        self.next_forgetting = now.saturating_add(FORGETTING_PERIOD);
        if let Err(error) = self.forget(in_use, now.saturating_sub(KEY_LIFETIME)) {
            tracing::error!(%error, "auth keys that nobody uses cannot be removed");
        }
    }

    fn forget(&mut self, in_use: &dyn Fn(i64) -> bool, before: i32) -> rusqlite::Result<()> {
        let transaction = self.store.begin()?;
        for id in self.store.idle_keys(before)?.into_iter().filter(|&id| !in_use(id)) {
            self.store.remove_auth_key(id)?;
        }
        self.store.forget_keyless()?;
        transaction.commit()
    }

    /// Keeps a new key; when this returns, it survives a restart.
    pub fn keep_auth_key(&mut self, id: i64, key: &[u8; 256], now: i32) -> Result<(), RpcOpenError> {
        Ok(self.store.keep_auth_key(id, key, now)?)
    }

    /// The last connection of this authorization has gone.
    pub fn offline(&mut self, auth_key_id: i64, now: i32) -> Vec<Push> {
        let caller = Caller { auth_key_id };
        let outcome = self.transact(caller, now, |turn| presence::gone(turn).map(|()| Vec::new()));
        outcome.map(|outcome| outcome.pushes).unwrap_or_else(|error| {
            tracing::error!(%error, "a presence cannot be written");
            Vec::new()
        })
    }

    /// What the client behind a key says it is, in `initConnection`.
    pub fn introduce_device(&mut self, caller: Caller, device: &DeviceRow, now: i32) {
        let noted =
            self.transact(caller, now, |turn| authorizations::note_device(turn, device).map(|()| Vec::new()));
        if let Err(error) = noted {
            tracing::error!(%error, "what a client says of itself cannot be written");
        }
    }

    /// One transaction around `work`; its pushes and its code come out only if it is durable.
    fn perform(
        &mut self,
        caller: Caller,
        now: i32,
        work: impl FnOnce(&mut Turn<'_>) -> Result<Vec<u8>, Fault>,
    ) -> Result<Outcome, rusqlite::Error> {
        self.clock = self.clock.max(now);
        let transaction = self.store.begin()?;
        let mut turn = Turn {
            store: &self.store,
            depot: &self.depot,
            rng: &mut self.rng,
            recent_codes: &mut self.recent_codes,
            troubles: &mut self.troubles,
            passing: &mut self.passing,
            auth_key_id: caller.auth_key_id,
            centres: &self.centres,
            now: self.clock,
            pushes: Vec::new(),
            code: None,
        };
        let result = match work(&mut turn) {
            Ok(body) => Ok(body),
            Err(Fault::Counted(error)) => Err(error),
            Err(Fault::Refused(error)) => {
                return Ok(Outcome { result: Err(error), pushes: turn.pushes });
            }
            Err(Fault::Store(error)) => return Err(error),
            Err(Fault::Depot(error)) => {
                tracing::error!(%error, "the server's folder for files failed");
                return Ok(Outcome { result: Err(fault::internal()), pushes: Vec::new() });
            }
        };
        let (pushes, code) = (turn.pushes, turn.code);
        transaction.commit()?;
        if let Some((phone, code)) = code {
            (self.on_code)(&phone, &code);
        }
        Ok(Outcome { result, pushes })
    }

    fn clean(&mut self, now: i32) {
        if now < self.next_cleaning {
            return;
        }
        self.next_cleaning = now.saturating_add(CLEANING_PERIOD);
        let queue = self.store.expire(now.saturating_sub(messages::QUEUE_LIFETIME));
        let codes = self.store.expire_codes(now.saturating_sub(codes::CODE_LIFETIME));
        let half = self.store.expire_half_signed_in(now.saturating_sub(password::HALF_SIGNED_IN_LIFETIME));
        self.passing.expire(now);
        if let Err(error) = queue.and(codes).and(half) {
            tracing::error!(%error, "what is too old cannot be removed");
        }
        let unfinished = now.saturating_sub(uploads::UPLOAD_LIFETIME);
        if let Err(error) = self.forget_files(unfinished, now.saturating_sub(files::FILE_LIFETIME)) {
            tracing::error!(%error, "files that are too old cannot be removed");
        }
    }

    fn forget_files(&mut self, unfinished_before: i32, sent_before: i32) -> Result<(), RpcOpenError> {
        let transaction = self.store.begin()?;
        let idle = self.store.idle_files(unfinished_before, sent_before)?;
        idle.iter().try_for_each(|&file| self.store.remove_file(file))?;
        transaction.commit()?;
        // What is left behind by a crash at this point goes with the next start.
        idle.iter().try_for_each(|&file| self.depot.remove(file)).map_err(RpcOpenError::Depot)
    }
}

/// Removes the bytes that no row tells of.
fn sweep(store: &Store, depot: &Depot) -> Result<(), RpcOpenError> {
    for file in depot.list().map_err(RpcOpenError::Depot)? {
        if !store.has_file(file)? {
            depot.remove(file).map_err(RpcOpenError::Depot)?;
        }
    }
    Ok(())
}
