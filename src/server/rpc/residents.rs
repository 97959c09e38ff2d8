//! What whoever runs the server does to its people: makes accounts and acquaintances, ends what they have, makes trouble for them.
//!
//! A demonstration and a test want a town with people in it, of whom only a few ever do anything. What nobody can bring about by a
//! method (having been online last Monday) is written here; everything else about these accounts is as if they had signed up. A test also
//! wants what no honest method brings about on a day: an account that is gone, a device that is shut out, a server that is busy.

use rand::RngExt;

use grammers_tl_types::Serializable;

use super::fault::Fault;
use super::turn::{Turn, updates};
use super::{Caller, Delivery, Push, Rpc, Trouble, authorizations, login_tokens, people};

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
}

/// Nobody's request: it comes under no auth key.
const OWNER: Caller = Caller { auth_key_id: 0 };

impl Rpc {
    /// Makes these accounts: all of them, or none. `now` is unix seconds.
    ///
    /// # Errors
    /// A phone number or username that is taken, and whatever else the database refuses.
    pub fn settle(&mut self, residents: &[Resident], now: i32) -> Result<Vec<Push>, rusqlite::Error> {
        self.manage(now, |turn| residents.iter().try_for_each(|resident| settle(turn, resident)))
    }

    /// Puts people on somebody's contact list, by the names they gave themselves, and tells the devices of that somebody. All are
    /// named by their phone numbers; who does not exist is left out.
    ///
    /// # Errors
    /// Whatever the database refuses.
    pub fn introduce(&mut self, whom: &[String], to: &str, now: i32) -> Result<Vec<Push>, rusqlite::Error> {
        self.manage(now, |turn| introduce(turn, whom, to))
    }

    /// Ends every authorization of whoever has this phone number, as if another device of theirs had asked for it.
    ///
    /// # Errors
    /// `QueryReturnedNoRows` if nobody has it, and whatever the database refuses.
    pub fn revoke(&mut self, phone: &str, now: i32) -> Result<Vec<Push>, rusqlite::Error> {
        let user_id = self.user_id(phone)?;
        self.manage(now, |turn| {
            let all = turn.store.authorizations_of(user_id)?;
            all.iter().try_for_each(|one| authorizations::revoke(turn, one))
        })
    }

    /// Deletes the account with this phone number, as `account.deleteAccount` does.
    ///
    /// # Errors
    /// As [`Rpc::revoke`].
    pub fn delete_account(&mut self, phone: &str, now: i32) -> Result<Vec<Push>, rusqlite::Error> {
        let user_id = self.user_id(phone)?;
        self.manage(now, |turn| authorizations::delete(turn, user_id))
    }

    /// The account with this phone number is a bot's from now on.
    ///
    /// # Errors
    /// As [`Rpc::revoke`].
    pub fn make_bot(&mut self, phone: &str, now: i32) -> Result<Vec<Push>, rusqlite::Error> {
        let user_id = self.user_id(phone)?;
        self.manage(now, |turn| {
            turn.store.set_bot(user_id)?;
            authorizations::tell_watchers(turn, user_id)
        })
    }

    /// Puts somebody on the list of those whom `by` has blocked. Both are named by their phone numbers.
    ///
    /// # Errors
    /// As [`Rpc::revoke`].
    pub fn block(&mut self, whom: &str, by: &str, now: i32) -> Result<Vec<Push>, rusqlite::Error> {
        let (user_id, owner) = (self.user_id(whom)?, self.user_id(by)?);
        self.manage(now, |turn| Ok(turn.store.put_block(owner, user_id, turn.now)?))
    }

    /// Whether others are told only roughly when the account with this phone number was online.
    ///
    /// # Errors
    /// As [`Rpc::revoke`].
    pub fn hide_presence(
        &mut self,
        phone: &str,
        hides: bool,
        now: i32,
    ) -> Result<Vec<Push>, rusqlite::Error> {
        let user_id = self.user_id(phone)?;
        self.manage(now, |turn| Ok(turn.store.set_hides_presence(user_id, hides)?))
    }

    /// Makes trouble for an account. It is gone with the process, and never on the disk.
    ///
    /// # Errors
    /// As [`Rpc::revoke`].
    pub fn trouble(&mut self, trouble: Trouble) -> Result<(), rusqlite::Error> {
        self.troubles.add(self.user_id(&trouble.phone)?, trouble);
        Ok(())
    }

    /// From now on codes for this number (digits) travel in these ways, one after another; none at all: as without this call. It is
    /// forgotten with the process.
    pub fn deliver_codes(&mut self, phone: &str, ways: Vec<Delivery>) {
        if ways.is_empty() {
            self.passing.ways.remove(phone);
        } else {
            self.passing.ways.insert(phone.to_owned(), ways);
        }
    }

    /// From now on files are said to lie in this data centre, whoever asks; `None`: in this one. It is forgotten with the process.
    pub fn place_files(&mut self, dc: Option<i32>) {
        self.passing.files_dc = dc;
    }

    /// The account with this number (digits), which need not exist, lives in another data centre; `None`: here.
    ///
    /// # Errors
    /// Whatever the database refuses.
    pub fn move_account(&mut self, phone: &str, dc: Option<i32>, now: i32) -> Result<(), rusqlite::Error> {
        self.manage(now, |turn| Ok(turn.store.set_home(phone, dc)?)).map(drop)
    }

    /// A login token that another data centre gave out was accepted by the account with this phone number: `auth.importLoginToken` signs
    /// in with it here. It is forgotten with the process.
    ///
    /// # Errors
    /// As [`Rpc::revoke`].
    pub fn honour_login_token(
        &mut self,
        token: Vec<u8>,
        phone: &str,
        now: i32,
    ) -> Result<(), rusqlite::Error> {
        let user_id = self.user_id(phone)?;
        self.manage(now, |turn| {
            login_tokens::honour(turn, token, user_id);
            Ok(())
        })
        .map(drop)
    }

    fn user_id(&self, phone: &str) -> Result<i64, rusqlite::Error> {
        let user = self.store.user_by_phone(phone)?;
        user.map(|user| user.id).ok_or(rusqlite::Error::QueryReturnedNoRows)
    }

    fn manage(
        &mut self,
        now: i32,
        work: impl FnOnce(&mut Turn<'_>) -> Result<(), Fault>,
    ) -> Result<Vec<Push>, rusqlite::Error> {
        let outcome = self.transact(OWNER, now, |turn| work(turn).map(|()| Vec::new()))?;
        Ok(outcome.pushes)
    }
}

fn settle(turn: &mut Turn<'_>, resident: &Resident) -> Result<(), Fault> {
    let id = turn.store.add_user(&resident.phone, &resident.first_name, &resident.last_name)?;
    turn.store.set_username(id, resident.username.as_deref())?;
    // A device that is somewhere else: presence hangs on one, and requests reach it without being answered.
    let (device, hash, seen) = (turn.rng.random(), turn.fresh_hash(), resident.seen.min(turn.now));
    turn.store.add_authorization(device, id, hash, seen)?;
    turn.store.set_presence(device, resident.seen, seen)?;
    Ok(())
}

fn introduce(turn: &mut Turn<'_>, whom: &[String], to: &str) -> Result<(), Fault> {
    let Some(owner) = turn.store.user_by_phone(to)? else { return Ok(()) };
    let mut ids = Vec::new();
    for phone in whom {
        if let Some(person) = turn.store.user_by_phone(phone)? {
            turn.store.put_contact(owner.id, person.id, &person.first_name, &person.last_name)?;
            ids.push(person.id);
        }
    }
    let users = people::users(turn, owner.id, &ids)?;
    let news = updates(Vec::new(), users, turn.now).to_bytes();
    for device in turn.store.authorizations_of(owner.id)? {
        turn.pushes.push(Push { auth_key_id: device.auth_key_id, updates: news.clone() });
    }
    Ok(())
}
