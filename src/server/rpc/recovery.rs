//! A forgotten password, and the code by which it is taken away or replaced.
//!
//! The code goes to a mail address of the account. No mail is sent here: whoever runs the server says which account has an address, and is
//! told the code as with any other. Whoever asks has shown a code for the number already, so the limits are those of one guesser: they are
//! for an account, whatever key is used.

use std::collections::HashMap;

use grammers_tl_types::functions::auth::{CheckRecoveryPassword, RecoverPassword, RequestPasswordRecovery};
use grammers_tl_types::{enums, types};
use rand::RngExt;

use super::fault::{Fault, bad, counted, flood_wait};
use super::turn::Turn;
use super::{Rpc, password, sign_in};

/// A code is good for this long, seconds: mail may be slow.
const CODE_LIFETIME: i32 = 60 * 60;
/// Seconds between two of them.
const PAUSE: i32 = 60;
/// So many wrong ones spend it.
const MAX_ATTEMPTS: u32 = 5;
/// So many wrong ones, whichever code they were for, and there is no other code until the last has expired.
const MAX_GUESSES: u32 = 15;

/// Forgotten with the process.
#[derive(Default)]
pub(super) struct Recovery {
    /// Mail addresses, by user.
    addresses: HashMap<i64, String>,
    /// What was sent there last.
    codes: HashMap<i64, Sent>,
}

struct Sent {
    code: String,
    at: i32,
    wrong: u32,
    /// Wrong ones that were given for it and for those before it.
    guesses: u32,
}

impl Sent {
    /// Seconds until there may be another.
    fn rest(&self, now: i32) -> i32 {
        let pause = if self.guesses < MAX_GUESSES { PAUSE } else { CODE_LIFETIME };
        self.at.saturating_add(pause).saturating_sub(now)
    }
}

impl Recovery {
    pub fn is_possible(&self, user_id: i64) -> bool {
        self.addresses.contains_key(&user_id)
    }

    /// What was sent is of no use any more.
    pub fn void(&mut self, user_id: i64) {
        if let Some(sent) = self.codes.get_mut(&user_id) {
            sent.wrong = MAX_ATTEMPTS;
        }
    }

    /// Forgets what is too old to be used.
    pub fn expire(&mut self, now: i32) {
        self.codes.retain(|_, sent| now.saturating_sub(sent.at) <= CODE_LIFETIME);
    }
}

impl Rpc {
    /// The password of the account with this phone number (digits) can be recovered by a code to this address; `None`: it cannot.
    ///
    /// # Errors
    /// `QueryReturnedNoRows` if nobody has it, and whatever the database refuses.
    pub fn set_recovery_address(
        &mut self,
        phone: &str,
        address: Option<String>,
    ) -> Result<(), rusqlite::Error> {
        let user = self.store.user_by_phone(phone)?.ok_or(rusqlite::Error::QueryReturnedNoRows)?;
        self.passing.recovery.void(user.id);
        let addresses = &mut self.passing.recovery.addresses;
        match address {
            Some(address) => addresses.insert(user.id, address),
            None => addresses.remove(&user.id),
        };
        Ok(())
    }
}

pub(super) fn request(
    turn: &mut Turn<'_>,
    user_id: i64,
    _: RequestPasswordRecovery,
) -> Result<enums::auth::PasswordRecovery, Fault> {
    let address = address(turn, user_id)?;
    let former = turn.passing.recovery.codes.get(&user_id);
    if let Some(rest) = former.map(|sent| sent.rest(turn.now)).filter(|&rest| rest > 0) {
        return Err(flood_wait(rest));
    }
    let guesses = former.map_or(0, |sent| sent.guesses);
    turn.recent_codes.count(turn.auth_key_id, turn.now).map_err(flood_wait)?;
    let phone = turn.store.user(user_id)?.map(|user| user.phone).unwrap_or_default();
    let code = format!("{:06}", turn.rng.random_range(0..1_000_000));
    let sent = Sent { code: code.clone(), at: turn.now, wrong: 0, guesses };
    turn.passing.recovery.codes.insert(user_id, sent);
    turn.code = Some((phone, code));
    Ok(types::auth::PasswordRecovery { email_pattern: pattern(&address) }.into())
}

pub(super) fn check(
    turn: &mut Turn<'_>,
    user_id: i64,
    request: CheckRecoveryPassword,
) -> Result<bool, Fault> {
    address(turn, user_id)?;
    verify(turn, user_id, &request.code)?;
    Ok(true)
}

/// Signs in and takes the password away, or puts the one in its place that comes along.
pub(super) fn recover(
    turn: &mut Turn<'_>,
    user_id: i64,
    request: RecoverPassword,
) -> Result<enums::auth::Authorization, Fault> {
    address(turn, user_id)?;
    let row = match request.new_settings {
        Some(settings) => password::wanted(turn, user_id, settings)?,
        None => None,
    };
    verify(turn, user_id, &request.code)?;
    turn.passing.recovery.codes.remove(&user_id);
    match row {
        Some(row) => turn.store.put_password(&row)?,
        None => turn.store.remove_password(user_id)?,
    }
    sign_in::authorize(turn, user_id, None)
}

fn address(turn: &Turn<'_>, user_id: i64) -> Result<String, Fault> {
    if turn.store.password(user_id)?.is_none() {
        return Err(bad("PASSWORD_EMPTY"));
    }
    let address = turn.passing.recovery.addresses.get(&user_id).cloned();
    address.ok_or_else(|| bad("PASSWORD_RECOVERY_NA"))
}

fn verify(turn: &mut Turn<'_>, user_id: i64, given: &str) -> Result<(), Fault> {
    if given.is_empty() {
        return Err(bad("CODE_EMPTY"));
    }
    let now = turn.now;
    let sent = turn.passing.recovery.codes.get_mut(&user_id);
    let living = |sent: &&mut Sent| sent.wrong < MAX_ATTEMPTS && now.saturating_sub(sent.at) <= CODE_LIFETIME;
    let sent = sent.filter(living).ok_or_else(|| bad("PASSWORD_RECOVERY_EXPIRED"))?;
    if sent.code == given {
        return Ok(());
    }
    sent.wrong += 1;
    sent.guesses = sent.guesses.saturating_add(1);
    Err(counted("CODE_INVALID"))
}

/// What of an address may be shown to whoever asks: `a***@example.org`.
fn pattern(address: &str) -> String {
    let (name, host) = address.split_once('@').unwrap_or((address, ""));
    let first: String = name.chars().take(1).collect();
    format!("{first}***@{host}")
}
