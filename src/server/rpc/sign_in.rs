//! Signing in by phone and code, and signing out.
//!
//! A number that is not known signs up after the right code. Wrong codes are counted even though the request fails, and a
//! handful of them spends the code. An account with a password is only half signed in by a code or a login token: the password completes
//! it. Signing out ends every secret chat of the authorization: nobody could read them again.

use grammers_tl_types::functions::auth::{LogOut, SignIn, SignUp};
use grammers_tl_types::{Identifiable, enums, types};

use super::authorizations::end;
use super::codes::find_code;
use super::delivery::Delivery;
use super::fault::{Fault, bad, counted, password_needed};
use super::people;
use super::terms;
use super::turn::Turn;
use crate::server::store::{Authorization, Code};

pub(super) fn sign_in(turn: &mut Turn<'_>, request: SignIn) -> Result<enums::auth::Authorization, Fault> {
    let code = find_code(turn, &request.phone_number, &request.phone_code_hash)?;
    turn.untroubled(&code.phone, SignIn::CONSTRUCTOR_ID)?;
    turn.at_home(&code.phone, "USER")?;
    let by_mail = match request.email_verification {
        Some(enums::EmailVerification::Code(mail)) => Some(mail.code),
        Some(_) => return Err(bad("EMAIL_VERIFICATION_INVALID")),
        None => None,
    };
    let given = by_mail.or(request.phone_code).filter(|given| !given.is_empty());
    let given = given.ok_or_else(|| bad("PHONE_CODE_EMPTY"))?;
    if !is_right(&code, &given) {
        turn.store.count_attempt(&code.hash)?;
        return Err(counted("PHONE_CODE_INVALID"));
    }
    match turn.store.user_by_phone(&code.phone)? {
        Some(user) => {
            turn.store.remove_code(&code.hash)?;
            admit(turn, user.id, None)
        }
        None => {
            turn.store.confirm_code(&code.hash)?;
            Ok(types::auth::AuthorizationSignUpRequired { terms_of_service: terms::required(turn) }.into())
        }
    }
}

fn is_right(code: &Code, given: &str) -> bool {
    Delivery::of_number(code.delivery).is_some_and(|delivery| delivery.is_code(&code.code, given))
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
    authorize(turn, user_id, None)
}

/// Signs in whoever has shown a code or a login token, or asks for the password first. `hash`: what the authorization is to be called,
/// if that is decided already.
pub(super) fn admit(
    turn: &mut Turn<'_>,
    user_id: i64,
    hash: Option<i64>,
) -> Result<enums::auth::Authorization, Fault> {
    if turn.store.password(user_id)?.is_none() {
        return authorize(turn, user_id, hash);
    }
    turn.store.put_half_signed_in(turn.auth_key_id, user_id, turn.now)?;
    Err(password_needed())
}

/// Binds the auth key to the user; who was signed in under it before is signed out.
pub(super) fn authorize(
    turn: &mut Turn<'_>,
    user_id: i64,
    hash: Option<i64>,
) -> Result<enums::auth::Authorization, Fault> {
    turn.store.remove_half_signed_in(turn.auth_key_id)?;
    let present = turn.store.authorization(turn.auth_key_id)?;
    if present.as_ref().is_none_or(|present| present.user_id != user_id || present.parent.is_some()) {
        if let Some(former) = present {
            end(turn, &former)?;
        }
        let hash = hash.unwrap_or_else(|| turn.fresh_hash());
        turn.store.add_authorization(turn.auth_key_id, user_id, hash, turn.now)?;
    }
    authorization(turn, user_id)
}

/// The answer to whoever is signed in now.
pub(super) fn authorization(turn: &Turn<'_>, user_id: i64) -> Result<enums::auth::Authorization, Fault> {
    Ok(types::auth::Authorization {
        setup_password_required: false,
        otherwise_relogin_days: None,
        tmp_sessions: None,
        future_auth_token: None,
        user: people::known_user(turn, user_id, user_id)?,
    }
    .into())
}

/// No token for a later sign-in without a code is given out: it would be a second password that a device keeps of an account which it has
/// left, to save a code that is free here.
pub(super) fn log_out(
    turn: &mut Turn<'_>,
    me: &Authorization,
    _: LogOut,
) -> Result<enums::auth::LoggedOut, Fault> {
    end(turn, me)?;
    Ok(types::auth::LoggedOut { future_auth_token: None }.into())
}
