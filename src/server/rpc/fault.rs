//! What a method can fail with: an error the client is told by name, or a failure of the store.
//!
//! The names are the wire's own, fixed by the protocol; a client acts on them. A failure of the store is nobody's business
//! outside: the client hears `INTERNAL` and may repeat, the log has the reason.

use std::io;

use super::super::store::StoreOpenError;
use crate::system::in_words;

/// An error in the wire's terms: `code` as in HTTP, `name` in capitals, a number at its end where one belongs.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{code} {name}")]
pub struct RpcError {
    pub code: i32,
    pub name: String,
}

/// Why the server's state cannot be opened or written.
#[derive(Debug, thiserror::Error)]
pub enum RpcOpenError {
    #[error(transparent)]
    Store(#[from] StoreOpenError),
    #[error("the operating system gives no randomness: {0}")]
    Randomness(String),
    #[error("the server's folder for files cannot be used ({}): mend its permissions, or move away what is in its place", in_words(.0))]
    Depot(io::Error),
    #[error("the server's database cannot be written: {0}; look at the disk's space and permissions")]
    Write(#[from] rusqlite::Error),
}

/// How a method ends when it does not succeed.
#[derive(Debug)]
pub(super) enum Fault {
    /// The client is told; nothing was done. Handlers refuse before they push; what is pushed nevertheless reminds the
    /// caller of how things stand.
    Refused(RpcError),
    /// The client is told, and what was written (the count of wrong codes) stays.
    Counted(RpcError),
    /// The disk's fault or ours; nothing was done.
    Store(rusqlite::Error),
    /// As [`Fault::Store`], for the bytes of files.
    Depot(io::Error),
}

impl From<io::Error> for Fault {
    fn from(error: io::Error) -> Fault {
        Fault::Depot(error)
    }
}

impl From<rusqlite::Error> for Fault {
    fn from(error: rusqlite::Error) -> Fault {
        Fault::Store(error)
    }
}

fn error(code: i32, name: &str) -> RpcError {
    RpcError { code, name: name.to_owned() }
}

/// 400: the request cannot be right as it is.
pub(super) fn bad(name: &str) -> Fault {
    Fault::Refused(error(400, name))
}

/// 400, keeping what was written.
pub(super) fn counted(name: &str) -> Fault {
    Fault::Counted(error(400, name))
}

/// 401: the auth key is not signed in, or no longer: the name says which.
pub(super) fn unauthorized(name: &str) -> Fault {
    Fault::Refused(error(401, name))
}

/// 401: the code was right, which is kept, and the password is missing.
pub(super) fn password_needed() -> Fault {
    Fault::Counted(error(401, "SESSION_PASSWORD_NEEDED"))
}

/// 303: the same again at the data centre with this id.
pub(super) fn migrate(what: &str, dc: i32) -> Fault {
    Fault::Refused(error(303, &format!("{what}_MIGRATE_{dc}")))
}

/// 403: right, but not permitted.
pub(super) fn forbidden(name: &str) -> Fault {
    Fault::Refused(error(403, name))
}

/// 406: right, but there is nothing left to do for it.
pub(super) fn not_acceptable(name: &str) -> Fault {
    Fault::Refused(error(406, name))
}

/// 420: the same again after so many seconds.
pub(super) fn flood_wait(seconds: i32) -> Fault {
    Fault::Refused(RpcError { code: 420, name: format!("FLOOD_WAIT_{seconds}") })
}

/// 500: not the client's fault; the same again later.
pub(super) fn internal() -> RpcError {
    error(500, "INTERNAL")
}
