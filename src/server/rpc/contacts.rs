//! Contacts: one's own list, and finding people by number, username or name.
//!
//! A list holds people by the names its owner gave them. Numbers that nobody signed up with are not kept.

use grammers_tl_types::functions::contacts::{
    GetContacts, GetStatuses, ResolvePhone, ResolveUsername, Search,
};
use grammers_tl_types::{enums, types};

use super::fault::{Fault, bad, flood_wait};
use super::turn::{Turn, updates};
use super::wire::{AddContact, BlockPeer, ImportContacts, PhoneContact, Users};
use super::{people, presence};
use crate::server::store::{Authorization, UserRow};

/// People in one list, so that it fits into one message; as many may be blocked.
const MAX_CONTACTS: i64 = 1_000;

/// Numbers in one `contacts.importContacts`.
const MAX_IMPORT: usize = 500;

/// People in one `contacts.deleteContacts`.
const MAX_DELETE: usize = 500;

/// Results of a search.
const MAX_FOUND: i32 = 50;

/// Letters a search must have.
const MIN_QUERY: usize = 3;

/// The hash is not looked at: the whole list comes every time.
pub(super) fn get_contacts(
    turn: &mut Turn<'_>,
    me: &Authorization,
    _: GetContacts,
) -> Result<enums::contacts::Contacts, Fault> {
    let rows = turn.store.contacts_of(me.user_id)?;
    let ids: Vec<i64> = rows.iter().map(|row| row.user_id).collect();
    let contacts = rows.iter().map(|row| types::Contact { user_id: row.user_id, mutual: row.mutual }.into());
    let contacts = contacts.collect();
    let users = people::users(turn, me.user_id, &ids)?;
    Ok(types::contacts::Contacts { contacts, saved_count: 0, users }.into())
}

pub(super) fn get_statuses(
    turn: &mut Turn<'_>,
    me: &Authorization,
    _: GetStatuses,
) -> Result<Vec<enums::ContactStatus>, Fault> {
    let mut statuses = Vec::new();
    for row in turn.store.contacts_of(me.user_id)? {
        if !turn.store.has_blocked(row.user_id, me.user_id)? {
            let status = presence::status(turn, row.user_id)?;
            statuses.push(types::ContactStatus { user_id: row.user_id, status }.into());
        }
    }
    Ok(statuses)
}

pub(super) fn import_contacts(
    turn: &mut Turn<'_>,
    me: &Authorization,
    request: ImportContacts,
) -> Result<enums::contacts::ImportedContacts, Fault> {
    let ImportContacts(given) = request;
    if given.len() > MAX_IMPORT {
        return Err(bad("LIMIT_INVALID"));
    }
    check_room(turn, me, given.len())?;
    let mut imported = Vec::new();
    let mut ids = Vec::new();
    for contact in given {
        if let Some(user_id) = import(turn, me, &contact)? {
            imported.push(types::ImportedContact { user_id, client_id: contact.client_id }.into());
            ids.push(user_id);
        }
    }
    let users = people::users(turn, me.user_id, &ids)?;
    let (popular_invites, retry_contacts) = (Vec::new(), Vec::new());
    Ok(types::contacts::ImportedContacts { imported, popular_invites, retry_contacts, users }.into())
}

/// The id of whoever has that number; a contact without a name gets the one they gave themselves.
fn import(turn: &Turn<'_>, me: &Authorization, given: &PhoneContact) -> Result<Option<i64>, Fault> {
    let Some(phone) = people::phone(&given.phone) else { return Ok(None) };
    let found = turn.store.user_by_phone(&phone)?.filter(|found| found.id != me.user_id);
    let Some(found) = found else { return Ok(None) };
    keep(turn, me, &found, &given.first_name, &given.last_name)?;
    Ok(Some(found.id))
}

fn keep(turn: &Turn<'_>, me: &Authorization, row: &UserRow, first: &str, last: &str) -> Result<(), Fault> {
    let named = !first.trim().is_empty() || !last.trim().is_empty();
    let (first, last) = if named { (first, last) } else { (&*row.first_name, &*row.last_name) };
    let first = if first.trim().is_empty() { "" } else { people::first_name(first)? };
    turn.store.put_contact(me.user_id, row.id, first, people::last_name(last)?)?;
    Ok(())
}

fn check_room(turn: &Turn<'_>, me: &Authorization, more: usize) -> Result<(), Fault> {
    let after = turn.store.contact_count(me.user_id)?.saturating_add(more as i64);
    if after > MAX_CONTACTS { Err(bad("CONTACTS_TOO_MUCH")) } else { Ok(()) }
}

pub(super) fn add_contact(
    turn: &mut Turn<'_>,
    me: &Authorization,
    request: AddContact,
) -> Result<enums::Updates, Fault> {
    let row = people::find(turn, me, request.user)?.filter(|row| row.id != me.user_id);
    let row = row.ok_or_else(|| bad("CONTACT_ID_INVALID"))?;
    if request.first_name.trim().is_empty() {
        return Err(bad("CONTACT_NAME_EMPTY"));
    }
    check_room(turn, me, 1)?;
    keep(turn, me, &row, &request.first_name, &request.last_name)?;
    let users = people::users(turn, me.user_id, &[row.id])?;
    Ok(updates(Vec::new(), users, turn.now))
}

pub(super) fn delete_contacts(
    turn: &mut Turn<'_>,
    me: &Authorization,
    request: Users,
) -> Result<enums::Updates, Fault> {
    let Users(given) = request;
    if given.len() > MAX_DELETE {
        return Err(bad("LIMIT_INVALID"));
    }
    let mut ids = Vec::new();
    for user in given {
        if let Some(row) = people::find(turn, me, user)? {
            turn.store.remove_contact(me.user_id, row.id)?;
            ids.push(row.id);
        }
    }
    let users = people::users(turn, me.user_id, &ids)?;
    Ok(updates(Vec::new(), users, turn.now))
}

pub(super) fn resolve_username(
    turn: &mut Turn<'_>,
    me: &Authorization,
    request: ResolveUsername,
) -> Result<enums::contacts::ResolvedPeer, Fault> {
    let username = request.username.trim_start_matches('@');
    if username.is_empty() {
        return Err(bad("USERNAME_INVALID"));
    }
    let row = turn.store.user_by_username(username)?.ok_or_else(|| bad("USERNAME_NOT_OCCUPIED"))?;
    resolved(turn, me, row)
}

pub(super) fn resolve_phone(
    turn: &mut Turn<'_>,
    me: &Authorization,
    request: ResolvePhone,
) -> Result<enums::contacts::ResolvedPeer, Fault> {
    let phone = people::phone(&request.phone).ok_or_else(|| bad("PHONE_NOT_OCCUPIED"))?;
    let row = turn.store.user_by_phone(&phone)?.ok_or_else(|| bad("PHONE_NOT_OCCUPIED"))?;
    resolved(turn, me, row)
}

fn resolved(
    turn: &Turn<'_>,
    me: &Authorization,
    row: UserRow,
) -> Result<enums::contacts::ResolvedPeer, Fault> {
    let peer = types::PeerUser { user_id: row.id }.into();
    let users = vec![people::view(turn, me.user_id, row)?];
    Ok(types::contacts::ResolvedPeer { peer, chats: Vec::new(), users }.into())
}

/// One's own contacts by the beginning of any of their names, others by the beginning of their username.
pub(super) fn search(
    turn: &mut Turn<'_>,
    me: &Authorization,
    request: Search,
) -> Result<enums::contacts::Found, Fault> {
    let query = request.q.trim().trim_start_matches('@').to_lowercase();
    if query.chars().count() < MIN_QUERY {
        return Err(bad("QUERY_TOO_SHORT"));
    }
    let limit = request.limit.clamp(1, MAX_FOUND);
    let mut mine = Vec::new();
    for contact in turn.store.contacts_of(me.user_id)? {
        let username = turn.store.user(contact.user_id)?.and_then(|row| row.username).unwrap_or_default();
        let names = [&contact.first_name, &contact.last_name, &username];
        if names.iter().any(|name| name.to_lowercase().starts_with(&query)) {
            mine.push(contact.user_id);
        }
    }
    mine.truncate(limit as usize);
    let others = turn.store.users_by_username_prefix(&query, limit)?;
    let others: Vec<i64> = others.iter().map(|row| row.id).filter(|id| !mine.contains(id)).collect();
    let users = people::users(turn, me.user_id, &[mine.as_slice(), others.as_slice()].concat())?;
    let (my_results, results) = (peers(&mine), peers(&others));
    Ok(types::contacts::Found { my_results, results, chats: Vec::new(), users }.into())
}

fn peers(ids: &[i64]) -> Vec<enums::Peer> {
    ids.iter().map(|&user_id| types::PeerUser { user_id }.into()).collect()
}

pub(super) fn block(turn: &mut Turn<'_>, me: &Authorization, request: BlockPeer) -> Result<bool, Fault> {
    let row = blockable(turn, me, &request)?;
    if turn.store.block_count(me.user_id)? >= MAX_CONTACTS {
        return Err(flood_wait(3600));
    }
    turn.store.put_block(me.user_id, row.id)?;
    Ok(true)
}

pub(super) fn unblock(turn: &mut Turn<'_>, me: &Authorization, request: BlockPeer) -> Result<bool, Fault> {
    let row = blockable(turn, me, &request)?;
    turn.store.remove_block(me.user_id, row.id)?;
    Ok(true)
}

fn blockable(turn: &Turn<'_>, me: &Authorization, request: &BlockPeer) -> Result<UserRow, Fault> {
    let row = people::find(turn, me, request.peer.0)?.filter(|row| row.id != me.user_id);
    row.ok_or_else(|| bad("PEER_ID_INVALID"))
}
