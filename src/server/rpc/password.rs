//! Two-step verification: the password that an account may ask for beside the code.
//!
//! The server never sees a password: it keeps a verifier, shows a challenge with every `account.getPassword`, and checks the proof that
//! answers it (`mtproto::srp` has the arithmetic). A challenge is good for one proof, wrong proofs are counted, and after a few of them
//! nothing is looked at for a while; of right ones only what they cost is (`effort`). What can be done about a forgotten one is in
//! `recovery`.

use std::collections::HashMap;

use grammers_tl_types::functions::account::{GetPassword, GetPasswordSettings, UpdatePasswordSettings};
use grammers_tl_types::functions::auth::CheckPassword;
use grammers_tl_types::{enums, types};
use rand::Rng;
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use super::fault::{Fault, bad, counted, flood_wait, internal};
use super::numbers::{GENERATOR, PRIME};
use super::sign_in;
use super::turn::Turn;
use super::wire::Ignored;
use crate::mtproto::srp::server::Challenge;
use crate::mtproto::srp::{Algo, SrpFault, Verifier};
use crate::server::store::{Authorization, PasswordRow};

/// A challenge is good for this long, seconds: a person types in the meantime.
const CHALLENGE_LIFETIME: i32 = 15 * 60;
/// Whoever has shown a code may give the password for this long, seconds.
pub(super) const HALF_SIGNED_IN_LIFETIME: i32 = 60 * 60;
/// So many wrong passwords...
const MAX_WRONG: i32 = 5;
/// ...within so many seconds, and the rest of them has to be waited for.
const WRONG_PERIOD: i32 = 300;
/// What a client adds to the first salt: at least so many bytes, and at most.
const OWN_SALT: std::ops::RangeInclusive<usize> = 8..=64;
/// Bytes of the server's part of the salts.
const SALT1_LEN: usize = 8;
const SALT2_LEN: usize = 16;
/// Powers of big numbers that a challenge takes, and the check of its answer.
const CHALLENGE_POWERS: u32 = 1;
const CHECK_POWERS: u32 = 2;
/// Characters of a hint.
const MAX_HINT: usize = 255;

/// The challenges that wait for a proof, one per key: the last one it asked for. Forgotten with the process.
#[derive(Default)]
pub(super) struct Challenges(HashMap<i64, Pending>);

struct Pending {
    srp_id: i64,
    user_id: i64,
    /// Of the password that it is for.
    version: i64,
    made: i32,
    challenge: Challenge,
}

impl Pending {
    /// Whether it can be given out once more.
    fn is_fresh(&self, row: &PasswordRow, now: i32) -> bool {
        let age = now.saturating_sub(self.made);
        self.user_id == row.user_id && self.version == row.version && age <= CHALLENGE_LIFETIME / 2
    }
}

impl Challenges {
    /// Forgets what is too old to be answered.
    pub fn expire(&mut self, now: i32) {
        self.0.retain(|_, pending| now.saturating_sub(pending.made) <= CHALLENGE_LIFETIME);
    }
}

pub(super) fn get_password(
    turn: &mut Turn<'_>,
    user_id: i64,
    _: GetPassword,
) -> Result<enums::account::Password, Fault> {
    let row = turn.store.password(user_id)?;
    let (mut current_algo, mut srp_b, mut srp_id) = (None, None, None);
    if let Some(row) = &row {
        let pending = match turn.passing.challenges.0.remove(&turn.auth_key_id) {
            // It costs computing, and nobody has tried it yet.
            Some(pending) if pending.is_fresh(row, turn.now) => pending,
            _ => challenge(turn, row)?,
        };
        srp_b = Some(pending.challenge.public().to_vec());
        srp_id = Some(pending.srp_id);
        current_algo = Some(wire_algo(algo(row)));
        turn.passing.challenges.0.insert(turn.auth_key_id, pending);
    }
    Ok(types::account::Password {
        has_recovery: row.is_some() && turn.passing.recovery.is_possible(user_id),
        has_secure_values: false,
        has_password: row.is_some(),
        current_algo,
        srp_b,
        srp_id,
        hint: row.map(|row| row.hint).filter(|hint| !hint.is_empty()),
        email_unconfirmed_pattern: None,
        new_algo: wire_algo(new_algo(turn, user_id)),
        new_secure_algo: enums::SecurePasswordKdfAlgo::Unknown,
        secure_random: turn.fresh_bytes::<256>(),
        pending_reset_date: None,
        login_email_pattern: None,
    }
    .into())
}

pub(super) fn check_password(
    turn: &mut Turn<'_>,
    user_id: i64,
    request: CheckPassword,
) -> Result<enums::auth::Authorization, Fault> {
    verify(turn, user_id, request.password)?;
    sign_in::authorize(turn, user_id, None)
}

/// There is nothing to show: no mail address, no passport.
pub(super) fn get_password_settings(
    turn: &mut Turn<'_>,
    me: &Authorization,
    request: GetPasswordSettings,
) -> Result<enums::account::PasswordSettings, Fault> {
    verify(turn, me.user_id, request.password)?;
    Ok(types::account::PasswordSettings { email: None, secure_settings: None }.into())
}

/// Sets, changes or removes the password; whoever has one must prove it.
pub(super) fn update_password_settings(
    turn: &mut Turn<'_>,
    me: &Authorization,
    request: UpdatePasswordSettings,
) -> Result<bool, Fault> {
    // What cannot be done is refused before the proof is spent.
    let row = wanted(turn, me.user_id, request.new_settings)?;
    verify(turn, me.user_id, request.password)?;
    turn.passing.recovery.void(me.user_id);
    match row {
        Some(row) => turn.store.put_password(&row)?,
        None => turn.store.remove_password(me.user_id)?,
    }
    Ok(true)
}

/// The password that somebody wants to have from now on; `None`: none.
pub(super) fn wanted(
    turn: &mut Turn<'_>,
    user_id: i64,
    settings: enums::account::PasswordInputSettings,
) -> Result<Option<PasswordRow>, Fault> {
    let enums::account::PasswordInputSettings::Settings(new) = settings;
    if new.email.is_some_and(|email| !email.is_empty()) {
        return Err(bad("EMAIL_NOT_ALLOWED"));
    }
    let (algo, hash) = match (new.new_algo, new.new_password_hash, new.new_secure_settings) {
        (Some(algo), Some(hash), None) => (algo, Zeroizing::new(hash)),
        (None, None, None) => return Err(bad("NEW_SETTINGS_EMPTY")),
        _ => return Err(bad("NEW_SETTINGS_INVALID")),
    };
    match algo {
        // No hash is no password. Some clients send along the algorithm that they would have used.
        _ if hash.is_empty() => Ok(None),
        enums::PasswordKdfAlgo::Unknown => Err(bad("NEW_SETTINGS_INVALID")),
        enums::PasswordKdfAlgo::Sha256Sha256Pbkdf2Hmacsha512iter100000Sha256ModPow(algo) => {
            new_row(turn, user_id, algo, &hash, new.hint.unwrap_or_default()).map(Some)
        }
    }
}

fn new_row(
    turn: &mut Turn<'_>,
    user_id: i64,
    chosen: types::PasswordKdfAlgoSha256Sha256Pbkdf2Hmacsha512iter100000Sha256ModPow,
    hash: &[u8],
    hint: String,
) -> Result<PasswordRow, Fault> {
    let offered = new_algo(turn, user_id);
    let own = chosen.salt1.strip_prefix(&offered.salt1[..]);
    if own.is_none_or(|own| !OWN_SALT.contains(&own.len())) || chosen.salt2 != offered.salt2 {
        return Err(bad("NEW_SALT_INVALID"));
    }
    if chosen.g != offered.g || chosen.p != offered.p || hint.chars().count() > MAX_HINT {
        return Err(bad("NEW_SETTINGS_INVALID"));
    }
    let verifier = Verifier::from_bytes(hash, &offered).map_err(|_| bad("NEW_SETTINGS_INVALID"))?;
    Ok(PasswordRow {
        user_id,
        salt1: chosen.salt1,
        salt2: chosen.salt2,
        verifier: verifier.expose().to_vec(),
        hint,
        version: turn.fresh_hash(),
        wrong: 0,
        wrong_since: 0,
    })
}

/// Whether the caller knows the password of this user, if there is one.
pub(super) fn verify(
    turn: &mut Turn<'_>,
    user_id: i64,
    given: enums::InputCheckPasswordSrp,
) -> Result<(), Fault> {
    let row = turn.store.password(user_id)?;
    let (row, proof) = match (row, given) {
        (None, enums::InputCheckPasswordSrp::InputCheckPasswordEmpty) => return Ok(()),
        (Some(_), enums::InputCheckPasswordSrp::InputCheckPasswordEmpty) => {
            return Err(bad("PASSWORD_HASH_INVALID"));
        }
        (None, enums::InputCheckPasswordSrp::Srp(_)) => return Err(bad("SRP_PASSWORD_CHANGED")),
        (Some(row), enums::InputCheckPasswordSrp::Srp(proof)) => (row, proof),
    };
    let wrong = patience(turn, &row)?;
    turn.passing.efforts.afford(user_id, CHECK_POWERS, turn.now)?;
    let pending = take_challenge(turn, user_id, proof.srp_id)?;
    if pending.version != row.version {
        return Err(bad("SRP_PASSWORD_CHANGED"));
    }
    turn.passing.efforts.spend(user_id, CHECK_POWERS, turn.now);
    let algo = algo(&row);
    let verifier = Verifier::from_bytes(&row.verifier, &algo).map_err(unusable)?;
    match pending.challenge.check(&verifier, &algo, &proof.a, &proof.m1) {
        Ok(true) => Ok(turn.store.set_wrong_passwords(user_id, 0, 0)?),
        Ok(false) => count_wrong(turn, &row, wrong, "PASSWORD_HASH_INVALID"),
        Err(SrpFault::ClientValue) => count_wrong(turn, &row, wrong, "SRP_A_INVALID"),
        Err(fault) => Err(unusable(fault)),
    }
}

/// One more wrong password; what is no proof at all counts as one.
fn count_wrong(turn: &Turn<'_>, row: &PasswordRow, wrong: i32, error: &str) -> Result<(), Fault> {
    let since = if wrong == 0 { turn.now } else { row.wrong_since };
    turn.store.set_wrong_passwords(row.user_id, wrong.saturating_add(1), since)?;
    Err(counted(error))
}

/// Wrong passwords that still count; an error while there are too many.
fn patience(turn: &Turn<'_>, row: &PasswordRow) -> Result<i32, Fault> {
    let rest = row.wrong_since.saturating_add(WRONG_PERIOD).saturating_sub(turn.now);
    match row.wrong {
        _ if rest <= 0 => Ok(0),
        wrong if wrong >= MAX_WRONG => Err(flood_wait(rest)),
        wrong => Ok(wrong),
    }
}

/// The challenge that a proof answers, which is spent by it. One that it does not answer stays: making them costs computing.
fn take_challenge(turn: &mut Turn<'_>, user_id: i64, srp_id: i64) -> Result<Pending, Fault> {
    let (key, now) = (turn.auth_key_id, turn.now);
    let challenges = &mut turn.passing.challenges.0;
    let is_answered = challenges.get(&key).is_some_and(|pending| {
        let age = now.saturating_sub(pending.made);
        pending.srp_id == srp_id && pending.user_id == user_id && age <= CHALLENGE_LIFETIME
    });
    let pending = if is_answered { challenges.remove(&key) } else { None };
    pending.ok_or_else(|| bad("SRP_ID_INVALID"))
}

fn challenge(turn: &mut Turn<'_>, row: &PasswordRow) -> Result<Pending, Fault> {
    turn.passing.efforts.afford(row.user_id, CHALLENGE_POWERS, turn.now)?;
    turn.passing.efforts.spend(row.user_id, CHALLENGE_POWERS, turn.now);
    let algo = algo(row);
    let verifier = Verifier::from_bytes(&row.verifier, &algo).map_err(unusable)?;
    loop {
        let mut b = Zeroizing::new([0; 256]);
        turn.rng.fill_bytes(&mut b[..]);
        match Challenge::new(&verifier, &algo, &b) {
            Ok(challenge) => {
                let (srp_id, made) = (turn.fresh_hash(), turn.now);
                let (user_id, version) = (row.user_id, row.version);
                return Ok(Pending { srp_id, user_id, version, made, challenge });
            }
            // Once in 2^63 times.
            Err(SrpFault::Exponent) => {}
            Err(fault) => return Err(unusable(fault)),
        }
    }
}

/// What was checked when it was stored does not compute.
fn unusable(fault: SrpFault) -> Fault {
    tracing::error!(%fault, "a stored password cannot be used");
    Fault::Refused(internal())
}

fn algo(row: &PasswordRow) -> Algo {
    Algo { salt1: row.salt1.clone(), salt2: row.salt2.clone(), g: GENERATOR, p: PRIME.to_vec() }
}

/// What a client makes a new password with, after adding to the first salt. It is always the same for one user, so that nothing has to
/// be remembered.
fn new_algo(turn: &Turn<'_>, user_id: i64) -> Algo {
    let salt = |which: &[u8], len| {
        let digest = Sha256::new()
            .chain_update(turn.store.secret())
            .chain_update(which)
            .chain_update(user_id.to_le_bytes());
        digest.finalize().iter().copied().take(len).collect()
    };
    let (salt1, salt2) = (salt(b"salt 1", SALT1_LEN), salt(b"salt 2", SALT2_LEN));
    Algo { salt1, salt2, g: GENERATOR, p: PRIME.to_vec() }
}

fn wire_algo(Algo { salt1, salt2, g, p }: Algo) -> enums::PasswordKdfAlgo {
    types::PasswordKdfAlgoSha256Sha256Pbkdf2Hmacsha512iter100000Sha256ModPow { salt1, salt2, g, p }.into()
}

/// Nobody's password goes by waiting for it.
pub(super) fn no_reset(turn: &mut Turn<'_>, user_id: i64, _: Ignored) -> Result<bool, Fault> {
    let any = turn.store.password(user_id)?.is_some();
    Err(bad(if any { "PASSWORD_RECOVERY_NA" } else { "PASSWORD_EMPTY" }))
}
