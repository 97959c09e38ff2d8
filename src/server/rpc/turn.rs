//! One request at work: the store within its transaction, the clock, the generator, and the updates it causes.
//!
//! Handlers get this and nothing else, so that what a method can touch is seen in one place. Pushes are collected, not
//! sent: they leave with the outcome, after the commit.

use grammers_tl_types::{Serializable, enums, types};
use rand::rngs::StdRng;
use rand::{Rng, RngExt};

use super::centres::Centres;
use super::fault::{Fault, migrate};
use super::passing::Passing;
use super::recent::RecentCodes;
use super::troubles::Troubles;
use super::{Push, people};
use crate::server::depot::Depot;
use crate::server::store::Store;

pub(super) struct Turn<'a> {
    pub store: &'a Store,
    pub depot: &'a Depot,
    pub rng: &'a mut StdRng,
    pub recent_codes: &'a mut RecentCodes,
    pub troubles: &'a mut Troubles,
    pub passing: &'a mut Passing,
    pub auth_key_id: i64,
    pub centres: &'a Centres,
    /// Unix seconds.
    pub now: i32,
    pub pushes: Vec<Push>,
    /// A sign-in code to announce: phone and code.
    pub code: Option<(String, String)>,
}

impl Turn<'_> {
    /// A hash that cannot be guessed, never 0.
    pub fn fresh_hash(&mut self) -> i64 {
        self.rng.random_range(1..=i64::MAX)
    }

    /// Refuses what has to be asked in the data centre where the account with this number lives: `what` is `PHONE` or `USER`.
    pub fn at_home(&self, phone: &str, what: &str) -> Result<(), Fault> {
        self.store.home(phone)?.map_or(Ok(()), |dc| Err(migrate(what, dc)))
    }

    /// The data centre in which files are said to lie.
    pub fn files_dc(&self) -> i32 {
        self.passing.files_dc.unwrap_or(self.centres.id)
    }

    /// Fails if the operator makes trouble for whoever signs in with this number.
    pub fn untroubled(&mut self, phone: &str, method: u32) -> Result<(), Fault> {
        self.troubles.take_of(phone, method).map_or(Ok(()), |error| Err(Fault::Refused(error)))
    }

    /// Bytes for whoever asked for them.
    pub fn fresh_bytes<const N: usize>(&mut self) -> Vec<u8> {
        let mut bytes = vec![0; N];
        self.rng.fill_bytes(&mut bytes);
        bytes
    }

    /// Pushes an update that names nobody the client might not know.
    pub fn push(&mut self, auth_key_id: i64, update: enums::Update) {
        let updates = enums::Updates::UpdateShort(types::UpdateShort { update, date: self.now });
        self.pushes.push(Push { auth_key_id, updates: updates.to_bytes() });
    }

    /// Pushes an update with the people it names, as `viewer` (the user of that authorization) sees them.
    pub fn push_with_users(
        &mut self,
        auth_key_id: i64,
        viewer: i64,
        update: enums::Update,
        user_ids: &[i64],
    ) -> Result<(), Fault> {
        let users = people::users(self, viewer, user_ids)?;
        let updates = updates(vec![update], users, self.now);
        self.pushes.push(Push { auth_key_id, updates: updates.to_bytes() });
        Ok(())
    }
}

/// A container that is applied when it comes (`seq = 0`).
pub(super) fn updates(updates: Vec<enums::Update>, users: Vec<enums::User>, date: i32) -> enums::Updates {
    enums::Updates::Updates(types::Updates { updates, users, chats: Vec::new(), date, seq: 0 })
}
