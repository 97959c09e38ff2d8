//! Who is online, and who is told.
//!
//! A user is online while one of their authorizations said so within the last minutes. The change is pushed to those who
//! have the user as a contact and are not blocked; it is never stored, a missed one is found with the next list of users.

use grammers_tl_types::functions::account::UpdateStatus;
use grammers_tl_types::{enums, types};

use super::fault::Fault;
use super::turn::Turn;
use crate::server::store::Authorization;

/// How long one `account.updateStatus` keeps a user online, seconds; clients repeat it every 120.
const ONLINE_PERIOD: i32 = 300;

/// How far back the rough words reach, seconds: "recently", "within a week", "within a month"; then it is long ago.
const RECENTLY: i32 = 3 * DAY;
const WEEK: i32 = 7 * DAY;
const MONTH: i32 = 30 * DAY;
const DAY: i32 = 24 * 60 * 60;

pub(super) fn update_status(
    turn: &mut Turn<'_>,
    me: &Authorization,
    request: UpdateStatus,
) -> Result<bool, Fault> {
    let until = if request.offline { 0 } else { turn.now.saturating_add(ONLINE_PERIOD) };
    set(turn, me, until)?;
    Ok(true)
}

/// The caller's last connection has gone: they are no longer online there.
pub(super) fn gone(turn: &mut Turn<'_>) -> Result<(), Fault> {
    match turn.store.authorization(turn.auth_key_id)? {
        Some(me) => leave(turn, &me),
        None => Ok(()),
    }
}

/// A user is no longer online under this authorization.
pub(super) fn leave(turn: &mut Turn<'_>, one: &Authorization) -> Result<(), Fault> {
    set(turn, one, 0)
}

fn set(turn: &mut Turn<'_>, me: &Authorization, online_until: i32) -> Result<(), Fault> {
    if online_until == 0 && !matches!(exactly(turn, me.user_id)?, enums::UserStatus::Online(_)) {
        return Ok(());
    }
    let before = to_others(turn, me.user_id)?;
    turn.store.set_presence(me.auth_key_id, online_until, turn.now)?;
    tell_change(turn, me.user_id, &before)
}

/// From now on others are told exactly when a user was online, or only roughly.
pub(super) fn hide(turn: &mut Turn<'_>, user_id: i64, hides: bool) -> Result<(), Fault> {
    let before = to_others(turn, user_id)?;
    turn.store.set_hides_presence(user_id, hides)?;
    tell_change(turn, user_id, &before)
}

/// Whether others are told only roughly.
pub(super) fn is_hidden(turn: &Turn<'_>, user_id: i64) -> Result<bool, Fault> {
    Ok(turn.store.user(user_id)?.is_some_and(|row| row.hides_presence))
}

fn tell_change(turn: &mut Turn<'_>, user_id: i64, before: &enums::UserStatus) -> Result<(), Fault> {
    let status = to_others(turn, user_id)?;
    if status != *before {
        let update = types::UpdateUserStatus { user_id, status };
        for watcher in turn.store.watchers(user_id)? {
            turn.push(watcher, update.clone().into());
        }
    }
    Ok(())
}

/// The status of a user at this moment, as `viewer` may know it.
pub(super) fn seen_by(turn: &Turn<'_>, viewer: i64, user_id: i64) -> Result<enums::UserStatus, Fault> {
    if viewer == user_id { exactly(turn, user_id) } else { to_others(turn, user_id) }
}

/// Who hides when they were online is told roughly to have been there, in the words that clients have for it.
fn to_others(turn: &Turn<'_>, user_id: i64) -> Result<enums::UserStatus, Fault> {
    let exact = exactly(turn, user_id)?;
    if !is_hidden(turn, user_id)? {
        return Ok(exact);
    }
    let seen = match exact {
        enums::UserStatus::Offline(offline) => offline.was_online,
        _ => turn.now,
    };
    let by_me = false;
    let ago = turn.now.saturating_sub(seen);
    Ok(if ago <= RECENTLY {
        types::UserStatusRecently { by_me }.into()
    } else if ago <= WEEK {
        types::UserStatusLastWeek { by_me }.into()
    } else if ago <= MONTH {
        types::UserStatusLastMonth { by_me }.into()
    } else {
        enums::UserStatus::Empty
    })
}

fn exactly(turn: &Turn<'_>, user_id: i64) -> Result<enums::UserStatus, Fault> {
    let (online_until, was_online) = turn.store.presence(user_id)?;
    Ok(if online_until > turn.now {
        types::UserStatusOnline { expires: online_until }.into()
    } else {
        types::UserStatusOffline { was_online: was_online.max(online_until) }.into()
    })
}
