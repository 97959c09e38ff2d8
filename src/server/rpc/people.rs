//! People: how a user looks to another, and what one may change about oneself.
//!
//! A user is named on the wire by id and access hash. The hash is derived from the two who are concerned and a secret of the
//! server, so it differs for every viewer and needs no table; a request with a wrong one knows nobody.

use grammers_tl_types::functions::account::{CheckUsername, UpdateProfile, UpdateUsername};
use grammers_tl_types::{enums, types};
use sha2::{Digest, Sha256};

use super::fault::{Fault, bad};
use super::turn::Turn;
use super::wire::{OneUser, UserRef, Users};
use super::{blank, presence};
use crate::server::store::{Authorization, UserRow};

/// What a bot can do is not described here, so it never changes; a bot is told by having such a number at all.
const BOT_INFO_VERSION: i32 = 1;

/// Users in one `users.getUsers`.
const MAX_USERS: usize = 100;

/// Characters of a first or last name.
const MAX_NAME: usize = 64;

/// Characters of the text about oneself.
const MAX_ABOUT: usize = 70;

pub(super) fn get_users(
    turn: &mut Turn<'_>,
    me: &Authorization,
    request: Users,
) -> Result<Vec<enums::User>, Fault> {
    let Users(wanted) = request;
    if wanted.len() > MAX_USERS {
        return Err(bad("LIMIT_INVALID"));
    }
    wanted
        .into_iter()
        .map(|wanted| match find(turn, me, wanted)? {
            Some(row) => view(turn, me.user_id, row),
            None => Ok(types::UserEmpty { id: named_id(wanted) }.into()),
        })
        .collect()
}

fn named_id(user: UserRef) -> i64 {
    if let UserRef::Other { id, .. } = user { id } else { 0 }
}

pub(super) fn get_full_user(
    turn: &mut Turn<'_>,
    me: &Authorization,
    request: OneUser,
) -> Result<enums::users::UserFull, Fault> {
    let row = resolve(turn, me, request.0)?;
    let mut full = blank::full_user(row.id);
    full.about = Some(row.about.clone()).filter(|about| !about.is_empty());
    full.blocked = turn.store.has_blocked(me.user_id, row.id)?;
    let users = vec![view(turn, me.user_id, row)?];
    Ok(types::users::UserFull { full_user: full.into(), chats: Vec::new(), users }.into())
}

pub(super) fn check_username(
    turn: &mut Turn<'_>,
    me: &Authorization,
    request: CheckUsername,
) -> Result<bool, Fault> {
    check_username_form(&request.username)?;
    let holder = turn.store.user_by_username(&request.username)?;
    Ok(holder.is_none_or(|holder| holder.id == me.user_id))
}

/// An empty username removes it.
pub(super) fn update_username(
    turn: &mut Turn<'_>,
    me: &Authorization,
    request: UpdateUsername,
) -> Result<enums::User, Fault> {
    let wanted = Some(request.username.as_str()).filter(|wanted| !wanted.is_empty());
    if own_row(turn, me)?.username.as_deref() == wanted {
        return Err(bad("USERNAME_NOT_MODIFIED"));
    }
    if let Some(wanted) = wanted {
        check_username_form(wanted)?;
        let holder = turn.store.user_by_username(wanted)?;
        if holder.is_some_and(|holder| holder.id != me.user_id) {
            return Err(bad("USERNAME_OCCUPIED"));
        }
    }
    turn.store.set_username(me.user_id, wanted)?;
    known_user(turn, me.user_id, me.user_id)
}

pub(super) fn update_profile(
    turn: &mut Turn<'_>,
    me: &Authorization,
    request: UpdateProfile,
) -> Result<enums::User, Fault> {
    let mut row = own_row(turn, me)?;
    if let Some(first) = &request.first_name {
        row.first_name = first_name(first)?.to_owned();
    }
    if let Some(last) = &request.last_name {
        row.last_name = last_name(last)?.to_owned();
    }
    if let Some(about) = request.about {
        if about.chars().count() > MAX_ABOUT {
            return Err(bad("ABOUT_TOO_LONG"));
        }
        row.about = about;
    }
    turn.store.set_profile(row.id, &row.first_name, &row.last_name, &row.about)?;
    view(turn, me.user_id, row)
}

fn own_row(turn: &Turn<'_>, me: &Authorization) -> Result<UserRow, Fault> {
    turn.store.user(me.user_id)?.ok_or_else(|| bad("USER_ID_INVALID"))
}

/// The person a request names, if they exist and the access hash is the caller's own.
pub(super) fn find(turn: &Turn<'_>, me: &Authorization, user: UserRef) -> Result<Option<UserRow>, Fault> {
    let id = match user {
        UserRef::Empty => return Ok(None),
        UserRef::Me => me.user_id,
        UserRef::Other { id, access_hash } if access_hash == user_hash(turn, me.user_id, id) => id,
        UserRef::Other { .. } => return Ok(None),
    };
    Ok(turn.store.user(id)?)
}

/// As [`find`], for methods that cannot go on without them.
pub(super) fn resolve(turn: &Turn<'_>, me: &Authorization, user: UserRef) -> Result<UserRow, Fault> {
    find(turn, me, user)?.ok_or_else(|| bad("USER_ID_INVALID"))
}

/// As [`resolve`], for methods that make no sense with oneself.
pub(super) fn resolve_other(turn: &Turn<'_>, me: &Authorization, user: UserRef) -> Result<UserRow, Fault> {
    let row = resolve(turn, me, user)?;
    if row.id == me.user_id { Err(bad("USER_ID_INVALID")) } else { Ok(row) }
}

/// The access hash by which `viewer` names the user `id`.
fn user_hash(turn: &Turn<'_>, viewer: i64, id: i64) -> i64 {
    let digest = Sha256::new()
        .chain_update(turn.store.secret())
        .chain_update(viewer.to_le_bytes())
        .chain_update(id.to_le_bytes())
        .finalize();
    let (hash, _) = digest.split_at(8);
    hash.iter().rev().fold(0, |value, byte| value << 8 | i64::from(*byte))
}

/// Those of these users that exist, as `viewer` sees them, each once.
pub(super) fn users(turn: &Turn<'_>, viewer: i64, ids: &[i64]) -> Result<Vec<enums::User>, Fault> {
    let mut ids = ids.to_vec();
    ids.sort_unstable();
    ids.dedup();
    ids.into_iter().map(|id| known_user(turn, viewer, id)).collect()
}

/// A user whose id comes from our own tables.
pub(super) fn known_user(turn: &Turn<'_>, viewer: i64, id: i64) -> Result<enums::User, Fault> {
    match turn.store.user(id)? {
        Some(row) => view(turn, viewer, row),
        None => Ok(types::UserEmpty { id }.into()),
    }
}

/// A person as `viewer` sees them: by the viewer's own names for them, and without what they keep from the viewer.
pub(super) fn view(turn: &Turn<'_>, viewer: i64, row: UserRow) -> Result<enums::User, Fault> {
    if row.deleted {
        let access_hash = Some(user_hash(turn, viewer, row.id));
        let contact = turn.store.contact(viewer, row.id)?.is_some();
        return Ok(types::User { deleted: true, contact, access_hash, ..blank::user(row.id) }.into());
    }
    let is_self = viewer == row.id;
    let contact = turn.store.contact(viewer, row.id)?;
    let blocked = turn.store.has_blocked(row.id, viewer)?;
    let mut user = blank::user(row.id);
    user.is_self = is_self;
    user.contact = contact.is_some();
    user.mutual_contact = contact.as_ref().is_some_and(|contact| contact.mutual);
    user.access_hash = Some(user_hash(turn, viewer, row.id));
    user.username = row.username;
    user.bot = row.bot;
    user.bot_info_version = row.bot.then_some(BOT_INFO_VERSION);
    user.phone = Some(row.phone).filter(|_| is_self || user.contact && !row.bot);
    user.status = if blocked || row.bot { None } else { Some(presence::seen_by(turn, viewer, row.id)?) };
    let (first_name, last_name) = match contact {
        Some(contact) => (contact.first_name, contact.last_name),
        None => (row.first_name, row.last_name),
    };
    user.first_name = Some(first_name);
    user.last_name = Some(last_name).filter(|last_name| !last_name.is_empty());
    Ok(user.into())
}

/// A phone number as its digits; `None` if it cannot be one.
pub(super) fn phone(text: &str) -> Option<String> {
    let kept: String = text.chars().filter(|c| !matches!(c, '+' | ' ' | '-' | '(' | ')')).collect();
    let plausible = (5..=15).contains(&kept.len()) && kept.bytes().all(|byte| byte.is_ascii_digit());
    plausible.then_some(kept)
}

pub(super) fn first_name(text: &str) -> Result<&str, Fault> {
    let name = text.trim();
    let fits = (1..=MAX_NAME).contains(&name.chars().count());
    if fits { Ok(name) } else { Err(bad("FIRSTNAME_INVALID")) }
}

/// May be empty.
pub(super) fn last_name(text: &str) -> Result<&str, Fault> {
    let name = text.trim();
    if name.chars().count() <= MAX_NAME { Ok(name) } else { Err(bad("LASTNAME_INVALID")) }
}

/// 5 to 32 letters, digits and underscores, beginning with a letter.
fn check_username_form(username: &str) -> Result<(), Fault> {
    let fits = (5..=32).contains(&username.len())
        && username.starts_with(|c: char| c.is_ascii_alphabetic())
        && username.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    if fits { Ok(()) } else { Err(bad("USERNAME_INVALID")) }
}
