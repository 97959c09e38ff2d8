//! The list of one's authorizations, and how they end from elsewhere: revoked by another device, or with the account.
//!
//! Who is signed out so is told at once, by the one update that makes a client ask what it has missed; the question is answered with the
//! reason, and so is everything else it asks under that key, until somebody signs in with it again.

use grammers_tl_types::functions::account::{
    ChangeAuthorizationSettings, DeleteAccount, GetAuthorizations, ResetAuthorization,
};
use grammers_tl_types::functions::auth::ResetAuthorizations;
use grammers_tl_types::{Serializable, enums, types};

use super::Push;
use super::fault::{Fault, bad};
use super::turn::Turn;
use super::{chats, presence};
use crate::server::store::{Authorization, ChatState};

/// Ended from another device.
const REVOKED: &str = "SESSION_REVOKED";
/// The account is no more.
const DEACTIVATED: &str = "USER_DEACTIVATED";

pub(super) fn get_authorizations(
    turn: &mut Turn<'_>,
    me: &Authorization,
    _: GetAuthorizations,
) -> Result<enums::account::Authorizations, Fault> {
    let all = turn.store.authorizations_of(me.user_id)?;
    let authorizations = all.iter().map(|one| authorization(one, me)).collect();
    Ok(types::account::Authorizations { authorization_ttl_days: 365, authorizations }.into())
}

/// What a client says of its device stays with the transport; the list tells authorizations apart by date and hash.
fn authorization(one: &Authorization, me: &Authorization) -> enums::Authorization {
    let current = one.auth_key_id == me.auth_key_id;
    types::Authorization {
        current,
        official_app: false,
        password_pending: false,
        encrypted_requests_disabled: one.requests_disabled,
        call_requests_disabled: true,
        unconfirmed: false,
        hash: if current { 0 } else { one.hash },
        device_model: String::new(),
        platform: String::new(),
        system_version: String::new(),
        api_id: 0,
        app_name: String::new(),
        app_version: String::new(),
        date_created: one.created,
        date_active: one.created,
        ip: String::new(),
        country: String::new(),
        region: String::new(),
    }
    .into()
}

/// Hash 0 means the caller's own authorization.
pub(super) fn change_authorization(
    turn: &mut Turn<'_>,
    me: &Authorization,
    request: ChangeAuthorizationSettings,
) -> Result<bool, Fault> {
    let all = turn.store.authorizations_of(me.user_id)?;
    let meant = |one: &&Authorization| match request.hash {
        0 => one.auth_key_id == me.auth_key_id,
        hash => one.hash == hash,
    };
    let one = all.iter().find(meant).ok_or_else(|| bad("HASH_INVALID"))?;
    if let Some(disabled) = request.encrypted_requests_disabled {
        turn.store.set_requests_disabled(one.auth_key_id, disabled)?;
    }
    Ok(true)
}

/// Ends one of the caller's other authorizations; for one's own there is `auth.logOut`.
pub(super) fn reset_authorization(
    turn: &mut Turn<'_>,
    me: &Authorization,
    request: ResetAuthorization,
) -> Result<bool, Fault> {
    let all = turn.store.authorizations_of(me.user_id)?;
    let one = all.iter().find(|one| one.hash == request.hash && one.auth_key_id != me.auth_key_id);
    revoke(turn, one.ok_or_else(|| bad("HASH_INVALID"))?)?;
    Ok(true)
}

/// Ends all of the caller's authorizations but this one.
pub(super) fn reset_authorizations(
    turn: &mut Turn<'_>,
    me: &Authorization,
    _: ResetAuthorizations,
) -> Result<bool, Fault> {
    for one in turn.store.authorizations_of(me.user_id)? {
        if one.auth_key_id != me.auth_key_id {
            revoke(turn, &one)?;
        }
    }
    Ok(true)
}

/// Ends an authorization, with its secret chats, against the will of whoever uses it.
pub(super) fn revoke(turn: &mut Turn<'_>, one: &Authorization) -> Result<(), Fault> {
    end(turn, one)?;
    part(turn, one, REVOKED)
}

/// Ends an authorization and every secret chat of it: nobody could read them again.
pub(super) fn end(turn: &mut Turn<'_>, one: &Authorization) -> Result<(), Fault> {
    chats::discard_all(turn, one)?;
    presence::leave(turn, one)?;
    turn.store.remove_authorization(one.auth_key_id)?;
    Ok(())
}

/// Notes why an authorization has ended, and tells whoever used it that there is something to ask.
fn part(turn: &mut Turn<'_>, one: &Authorization, reason: &str) -> Result<(), Fault> {
    turn.store.note_revoked(one.auth_key_id, reason)?;
    turn.pushes.push(Push { auth_key_id: one.auth_key_id, updates: enums::Updates::TooLong.to_bytes() });
    Ok(())
}

pub(super) fn delete_account(
    turn: &mut Turn<'_>,
    me: &Authorization,
    _: DeleteAccount,
) -> Result<bool, Fault> {
    delete(turn, me.user_id)?;
    Ok(true)
}

/// Leaves nothing of an account but its id. Its accepted chats stay as they are: the other end learns from its next message that nobody
/// is there, and keeps what it has. Its requests are withdrawn, and those to it declined.
pub(super) fn delete(turn: &mut Turn<'_>, user_id: i64) -> Result<(), Fault> {
    let watchers = turn.store.watchers(user_id)?;
    for one in turn.store.authorizations_of(user_id)? {
        for chat in turn.store.chats_bound_to(one.auth_key_id)? {
            if chat.state == ChatState::Requested {
                chats::discard(turn, Some(one.auth_key_id), chat, false)?;
            }
        }
        turn.store.remove_authorization(one.auth_key_id)?;
        part(turn, &one, DEACTIVATED)?;
    }
    turn.store.delete_user(user_id)?;
    chats::decline_all(turn, user_id)?;
    for watcher in watchers {
        if let Some(viewer) = turn.store.authorization(watcher)? {
            let update = types::UpdateUser { user_id }.into();
            turn.push_with_users(watcher, viewer.user_id, update, &[user_id])?;
        }
    }
    Ok(())
}
