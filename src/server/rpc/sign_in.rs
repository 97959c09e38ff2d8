//! Signing in by phone and code, and signing out.
//!
//! A number that is not known signs up after the right code. Wrong codes are counted even though the request fails, and a
//! handful of them spends the code. Signing out ends every secret chat of the authorization: nobody could read them again.

use grammers_tl_types::functions::account::GetPassword;
use grammers_tl_types::functions::auth::{CancelCode, LogOut, ResendCode, SendCode, SignIn, SignUp};
use grammers_tl_types::{enums, types};
use rand::RngExt;
use std::fmt::Write;

use super::authorizations::end;
use super::fault::{Fault, bad, counted, flood_wait};
use super::people;
use super::turn::Turn;
use crate::server::store::{Authorization, Code};

/// A code is good for this long, seconds.
pub(super) const CODE_LIFETIME: i32 = 300;

/// Digits of a code.
const CODE_LEN: usize = 5;

/// So many wrong codes spend it.
const MAX_ATTEMPTS: i32 = 5;

/// Codes for one number within a minute.
const MAX_CODES_PER_MINUTE: i64 = 10;

pub(super) fn send_code(turn: &mut Turn<'_>, request: SendCode) -> Result<enums::auth::SentCode, Fault> {
    let phone = people::phone(&request.phone_number).ok_or_else(|| bad("PHONE_NUMBER_INVALID"))?;
    send(turn, phone)
}

pub(super) fn resend_code(turn: &mut Turn<'_>, request: ResendCode) -> Result<enums::auth::SentCode, Fault> {
    let code = find_code(turn, &request.phone_number, &request.phone_code_hash)?;
    turn.store.remove_code(&code.hash)?;
    send(turn, code.phone)
}

pub(super) fn cancel_code(turn: &mut Turn<'_>, request: CancelCode) -> Result<bool, Fault> {
    let code = find_code(turn, &request.phone_number, &request.phone_code_hash)?;
    turn.store.remove_code(&code.hash)?;
    Ok(true)
}

fn send(turn: &mut Turn<'_>, phone: String) -> Result<enums::auth::SentCode, Fault> {
    if turn.store.codes_sent(&phone, turn.now.saturating_sub(60))? >= MAX_CODES_PER_MINUTE {
        return Err(flood_wait(60));
    }
    turn.recent_codes.count(turn.auth_key_id, turn.now).map_err(flood_wait)?;
    let code: String = (0..CODE_LEN).map(|_| char::from(turn.rng.random_range(b'0'..=b'9'))).collect();
    let hash = turn.fresh_bytes::<16>().iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    });
    turn.store.add_code(&hash, &phone, &code, turn.now)?;
    turn.code = Some((phone, code));
    let r#type = types::auth::SentCodeTypeApp { length: CODE_LEN as i32 }.into();
    Ok(types::auth::SentCode { r#type, phone_code_hash: hash, next_type: None, timeout: None }.into())
}

/// The live code of that number and hash.
fn find_code(turn: &Turn<'_>, phone: &str, hash: &str) -> Result<Code, Fault> {
    let phone = people::phone(phone).ok_or_else(|| bad("PHONE_NUMBER_INVALID"))?;
    if hash.is_empty() {
        return Err(bad("PHONE_CODE_HASH_EMPTY"));
    }
    let code = turn.store.code(hash)?.filter(|code| code.phone == phone);
    code.filter(|code| code.attempts < MAX_ATTEMPTS && turn.now.saturating_sub(code.created) <= CODE_LIFETIME)
        .ok_or_else(|| bad("PHONE_CODE_EXPIRED"))
}

pub(super) fn sign_in(turn: &mut Turn<'_>, request: SignIn) -> Result<enums::auth::Authorization, Fault> {
    let code = find_code(turn, &request.phone_number, &request.phone_code_hash)?;
    let given = request.phone_code.filter(|given| !given.is_empty());
    let given = given.ok_or_else(|| bad("PHONE_CODE_EMPTY"))?;
    if given != code.code {
        turn.store.count_attempt(&code.hash)?;
        return Err(counted("PHONE_CODE_INVALID"));
    }
    match turn.store.user_by_phone(&code.phone)? {
        Some(user) => {
            turn.store.remove_code(&code.hash)?;
            authorize(turn, user.id)
        }
        None => {
            turn.store.confirm_code(&code.hash)?;
            Ok(types::auth::AuthorizationSignUpRequired { terms_of_service: None }.into())
        }
    }
}

pub(super) fn sign_up(turn: &mut Turn<'_>, request: SignUp) -> Result<enums::auth::Authorization, Fault> {
    let code = find_code(turn, &request.phone_number, &request.phone_code_hash)?;
    if !code.confirmed {
        return Err(bad("PHONE_CODE_INVALID"));
    }
    if turn.store.user_by_phone(&code.phone)?.is_some() {
        return Err(bad("PHONE_NUMBER_OCCUPIED"));
    }
    let first_name = people::first_name(&request.first_name)?;
    let last_name = people::last_name(&request.last_name)?;
    turn.store.remove_code(&code.hash)?;
    let user_id = turn.store.add_user(&code.phone, first_name, last_name)?;
    authorize(turn, user_id)
}

/// Binds the auth key to the user; who was signed in under it before is signed out.
fn authorize(turn: &mut Turn<'_>, user_id: i64) -> Result<enums::auth::Authorization, Fault> {
    let present = turn.store.authorization(turn.auth_key_id)?;
    if present.as_ref().is_none_or(|present| present.user_id != user_id) {
        if let Some(former) = present {
            end(turn, &former)?;
        }
        let hash = turn.fresh_hash();
        turn.store.add_authorization(turn.auth_key_id, user_id, hash, turn.now)?;
    }
    let user = people::known_user(turn, user_id, user_id)?;
    Ok(types::auth::Authorization {
        setup_password_required: false,
        otherwise_relogin_days: None,
        tmp_sessions: None,
        future_auth_token: None,
        user,
    }
    .into())
}

pub(super) fn log_out(
    turn: &mut Turn<'_>,
    me: &Authorization,
    _: LogOut,
) -> Result<enums::auth::LoggedOut, Fault> {
    end(turn, me)?;
    Ok(types::auth::LoggedOut { future_auth_token: None }.into())
}

/// Two-step verification does not exist here.
pub(super) fn get_password(
    turn: &mut Turn<'_>,
    _: &Authorization,
    _: GetPassword,
) -> Result<enums::account::Password, Fault> {
    Ok(types::account::Password {
        has_recovery: false,
        has_secure_values: false,
        has_password: false,
        current_algo: None,
        srp_b: None,
        srp_id: None,
        hint: None,
        email_unconfirmed_pattern: None,
        new_algo: enums::PasswordKdfAlgo::Unknown,
        new_secure_algo: enums::SecurePasswordKdfAlgo::Unknown,
        secure_random: turn.fresh_bytes::<256>(),
        pending_reset_date: None,
        login_email_pattern: None,
    }
    .into())
}
