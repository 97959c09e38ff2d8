//! People who are there without ever having signed in: accounts made by whoever runs the server.
//!
//! A demonstration and a test want a town with people in it, of whom only a few ever do anything. What nobody can bring about by a
//! method (having been online last Monday) is written here; everything else about these accounts is as if they had signed up.

use rand::RngExt;

use super::{Rpc, RpcOpenError};

/// One account.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Resident {
    /// Digits, country code first; nobody else has it.
    pub phone: String,
    pub first_name: String,
    pub last_name: String,
    pub username: Option<String>,
    /// Unix seconds: when they were online last; in the future, until when they are online.
    pub seen: i32,
    /// Phone numbers of the residents on their contact list, by the names these gave themselves.
    pub contacts: Vec<String>,
}

impl Rpc {
    /// Makes these accounts: all of them, or none. `now` is unix seconds.
    ///
    /// # Errors
    /// A phone number or username that is taken, and whatever else the database refuses.
    pub fn settle(&mut self, residents: &[Resident], now: i32) -> Result<(), RpcOpenError> {
        let transaction = self.store.begin()?;
        let mut ids = Vec::new();
        for resident in residents {
            let id = self.store.add_user(&resident.phone, &resident.first_name, &resident.last_name)?;
            self.store.set_username(id, resident.username.as_deref())?;
            // A device that is somewhere else: presence hangs on one, and requests reach it without being answered.
            let device = self.rng.random();
            self.store.add_authorization(
                device,
                id,
                self.rng.random_range(1..=i64::MAX),
                resident.seen.min(now),
            )?;
            self.store.set_presence(device, resident.seen, resident.seen.min(now))?;
            ids.push(id);
        }
        for (resident, &id) in residents.iter().zip(&ids) {
            for phone in &resident.contacts {
                if let Some(known) = self.store.user_by_phone(phone)? {
                    self.store.put_contact(id, known.id, &known.first_name, &known.last_name)?;
                }
            }
        }
        Ok(transaction.commit()?)
    }
}
