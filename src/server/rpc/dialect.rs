//! The layer each client speaks: noted when it says so, and what leaves for it is put into that layer.
//!
//! As on Telegram, the layer belongs to the auth key, is remembered with it, and holds for updates and answers alike until the client
//! names another one. Who has never named one is taken for a client of our own layer.

use super::fault::{Fault, internal};
use super::turn::Turn;
use super::{Caller, Outcome, Push, Rpc};
use crate::server::layers;

impl Rpc {
    /// The client behind a key speaks this layer: what leaves for it from now on is of that one.
    pub fn speaks(&mut self, caller: Caller, layer: i32) {
        let noted = match self.store.layer(caller.auth_key_id) {
            Ok(known) if known == Some(layer) => Ok(()),
            Ok(_) => self.store.set_layer(caller.auth_key_id, layer),
            Err(error) => Err(error),
        };
        if let Err(error) = noted {
            tracing::error!(%error, "the layer of a client cannot be noted");
        }
    }

    /// As [`Rpc::perform`], with everything that leaves in the layer of whom it goes to.
    pub(super) fn transact(
        &mut self,
        caller: Caller,
        now: i32,
        work: impl FnOnce(&mut Turn<'_>) -> Result<Vec<u8>, Fault>,
    ) -> Result<Outcome, rusqlite::Error> {
        let Outcome { result, pushes } = self.perform(caller, now, work)?;
        let result = match result {
            Ok(object) => self.put(caller.auth_key_id, object)?.ok_or_else(internal),
            Err(error) => Err(error),
        };
        let mut rewritten = Vec::with_capacity(pushes.len());
        for Push { auth_key_id, updates } in pushes {
            let updates = self.put(auth_key_id, updates)?;
            rewritten.extend(updates.map(|updates| Push { auth_key_id, updates }));
        }
        Ok(Outcome { result, pushes: rewritten })
    }

    /// An object in the layer of the client behind a key; `None` if that cannot be done.
    fn put(&self, auth_key_id: i64, object: Vec<u8>) -> Result<Option<Vec<u8>>, rusqlite::Error> {
        let Some(layer) = self.store.layer(auth_key_id)? else { return Ok(Some(object)) };
        let rewritten = layers::rewrite(layer, object);
        if let Err(error) = &rewritten {
            tracing::error!(%error, layer, "something cannot be said in the layer of a client");
        }
        Ok(rewritten.ok())
    }
}
