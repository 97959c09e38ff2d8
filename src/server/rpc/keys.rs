//! The end of an authorization key: its sign-in, if there is one, and the key itself.
//!
//! A client that has logged out may want nothing of it left here. Both go in one transaction, so that no key is ever without its sign-in
//! or the other way round.

use super::authorizations::end;
use super::fault::{Fault, bad};
use super::{Caller, Push, Rpc};

impl Rpc {
    /// Destroys a key; `None` if it is unknown.
    pub fn destroy_auth_key(&mut self, id: i64, now: i32) -> Result<Option<Vec<Push>>, rusqlite::Error> {
        let outcome = self.transact(Caller { auth_key_id: id }, now, |turn| {
            if turn.store.auth_key(id)?.is_none() {
                return Err::<Vec<u8>, Fault>(bad("AUTH_KEY_INVALID"));
            }
            if let Some(me) = turn.store.authorization(id)? {
                end(turn, &me)?;
            }
            turn.store.remove_auth_key(id)?;
            Ok(Vec::new())
        })?;
        Ok(outcome.result.is_ok().then_some(outcome.pushes))
    }
}
