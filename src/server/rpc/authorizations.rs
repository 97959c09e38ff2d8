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
use super::{chats, password, presence};
use crate::server::store::{Authorization, ChatState, DeviceRow};

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
    let authorizations = all.iter().map(|one| listed(turn, one, me)).collect::<Result<_, _>>()?;
    Ok(types::account::Authorizations { authorization_ttl_days: 365, authorizations }.into())
}

fn listed(turn: &Turn<'_>, one: &Authorization, me: &Authorization) -> Result<enums::Authorization, Fault> {
    let current = one.auth_key_id == me.parent.unwrap_or(me.auth_key_id);
    let device = device(turn, one.auth_key_id)?;
    Ok(types::Authorization {
        current,
        encrypted_requests_disabled: one.requests_disabled,
        hash: if current { 0 } else { one.hash },
        date_created: one.created,
        date_active: turn.store.last_active(one.auth_key_id)?,
        ..device
    }
    .into())
}

/// What the client behind a key says it is. There are no names of applications here, only their numbers.
pub(super) fn device(turn: &Turn<'_>, auth_key_id: i64) -> Result<types::Authorization, Fault> {
    let device = turn.store.device(auth_key_id)?.unwrap_or_default();
    let app_name = if device.api_id == 0 { String::new() } else { format!("Application {}", device.api_id) };
    Ok(types::Authorization {
        current: false,
        official_app: false,
        password_pending: false,
        encrypted_requests_disabled: false,
        call_requests_disabled: true,
        unconfirmed: false,
        hash: 0,
        platform: platform(&device.system_version).to_owned(),
        device_model: device.model,
        system_version: device.system_version,
        api_id: device.api_id,
        app_name,
        app_version: device.app_version,
        date_created: 0,
        date_active: 0,
        ip: device.ip,
        country: String::new(),
        region: String::new(),
    })
}

/// Clients do not say it by itself; the version of the system begins with it, or contains it.
fn platform(system_version: &str) -> &'static str {
    const PLATFORMS: [(&str, &str); 8] = [
        ("android", "Android"),
        ("sdk", "Android"),
        ("ios", "iOS"),
        ("mac", "macOS"),
        ("darwin", "macOS"),
        ("windows", "Windows"),
        ("linux", "Linux"),
        ("ubuntu", "Linux"),
    ];
    let version = system_version.to_lowercase();
    let found = PLATFORMS.iter().find(|(word, _)| version.contains(word));
    found.map_or("", |(_, name)| name)
}

/// Keeps what a client says of itself; every connection begins with it, and most say the same as before.
pub(super) fn note_device(turn: &mut Turn<'_>, device: &DeviceRow) -> Result<(), Fault> {
    if turn.store.device(turn.auth_key_id)?.as_ref() != Some(device) {
        turn.store.put_device(turn.auth_key_id, device)?;
    }
    Ok(())
}

/// Hash 0 means the caller's own authorization.
pub(super) fn change_authorization(
    turn: &mut Turn<'_>,
    me: &Authorization,
    request: ChangeAuthorizationSettings,
) -> Result<bool, Fault> {
    let all = turn.store.authorizations_of(me.user_id)?;
    let meant = |one: &&Authorization| match request.hash {
        0 => one.auth_key_id == me.parent.unwrap_or(me.auth_key_id),
        hash => one.hash == hash,
    };
    let one = all.iter().find(meant).ok_or_else(|| bad("HASH_INVALID"))?;
    if let Some(disabled) = request.encrypted_requests_disabled {
        turn.store.set_requests_disabled(one.auth_key_id, disabled)?;
    }
    Ok(true)
}

/// Ends one of the caller's other authorizations, even if it was only promised to whoever shows a token; for one's own there is
/// `auth.logOut`.
pub(super) fn reset_authorization(
    turn: &mut Turn<'_>,
    me: &Authorization,
    request: ResetAuthorization,
) -> Result<bool, Fault> {
    if turn.passing.tokens.withdraw(me.user_id, Some(request.hash)) {
        return Ok(true);
    }
    let own = me.parent.unwrap_or(me.auth_key_id);
    let all = turn.store.authorizations_of(me.user_id)?;
    let one = all.iter().find(|one| one.hash == request.hash && one.auth_key_id != own);
    revoke(turn, one.ok_or_else(|| bad("HASH_INVALID"))?)?;
    Ok(true)
}

/// Ends all of the caller's authorizations but this one, and those that are promised.
pub(super) fn reset_authorizations(
    turn: &mut Turn<'_>,
    me: &Authorization,
    _: ResetAuthorizations,
) -> Result<bool, Fault> {
    turn.passing.tokens.withdraw(me.user_id, None);
    for one in turn.store.authorizations_of(me.user_id)? {
        if one.auth_key_id != me.parent.unwrap_or(me.auth_key_id) {
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

/// Ends an authorization, those that were imported from it, and every secret chat of theirs: nobody could read them again.
pub(super) fn end(turn: &mut Turn<'_>, one: &Authorization) -> Result<(), Fault> {
    for imported in turn.store.imported_from(one.auth_key_id)? {
        end(turn, &imported)?;
    }
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

/// An account with a password is deleted by whoever knows it.
pub(super) fn delete_account(
    turn: &mut Turn<'_>,
    me: &Authorization,
    request: DeleteAccount,
) -> Result<bool, Fault> {
    let given = request.password.unwrap_or(enums::InputCheckPasswordSrp::InputCheckPasswordEmpty);
    password::verify(turn, me.user_id, given)?;
    delete(turn, me.user_id)?;
    Ok(true)
}

/// Leaves nothing of an account but its id. Its accepted chats stay as they are: the other end learns from its next message that nobody
/// is there, and keeps what it has. Its requests are withdrawn, and those to it declined.
pub(super) fn delete(turn: &mut Turn<'_>, user_id: i64) -> Result<(), Fault> {
    let watchers = turn.store.watchers(user_id)?;
    for one in turn.store.authorizations_of(user_id)? {
        let imported = turn.store.imported_from(one.auth_key_id)?;
        for one in imported.iter().chain([&one]) {
            withdraw_requests(turn, one)?;
            turn.store.remove_authorization(one.auth_key_id)?;
            part(turn, one, DEACTIVATED)?;
        }
    }
    turn.store.delete_user(user_id)?;
    chats::decline_all(turn, user_id)?;
    tell(turn, &watchers, user_id)
}

fn withdraw_requests(turn: &mut Turn<'_>, one: &Authorization) -> Result<(), Fault> {
    for chat in turn.store.chats_bound_to(one.auth_key_id)? {
        if chat.state == ChatState::Requested {
            chats::discard(turn, Some(one.auth_key_id), chat, false)?;
        }
    }
    Ok(())
}

/// Has everybody who has a user as a contact look at them again.
pub(super) fn tell_watchers(turn: &mut Turn<'_>, user_id: i64) -> Result<(), Fault> {
    let watchers = turn.store.watchers(user_id)?;
    tell(turn, &watchers, user_id)
}

fn tell(turn: &mut Turn<'_>, watchers: &[i64], user_id: i64) -> Result<(), Fault> {
    for &watcher in watchers {
        if let Some(viewer) = turn.store.authorization(watcher)? {
            let update = types::UpdateUser { user_id }.into();
            turn.push_with_users(watcher, viewer.user_id, update, &[user_id])?;
        }
    }
    Ok(())
}
