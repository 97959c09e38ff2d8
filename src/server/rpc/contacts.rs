//! Contacts: one's own list, and finding people by number, username or name.
//!
//! A list holds people by the names its owner gave them. Numbers that nobody signed up with are not kept.

use grammers_tl_types::functions::contacts::{
    DeleteByPhones, GetContactIds, GetContacts, GetStatuses, ResolvePhone, ResolveUsername, Search,
};
use grammers_tl_types::{enums, types};

use super::fault::{Fault, bad, forbidden};
use super::turn::{Turn, updates};
use super::wire::{AddContact, Ignored, ImportContacts, PhoneContact, PlainSearch, Users};
use super::{people, presence};
use crate::server::store::{Authorization, UserRow};

/// People in one list, so that it fits into one message; as many may be blocked.
pub(super) const MAX_CONTACTS: i64 = 1_000;

/// Numbers that one `contacts.importContacts` looks at; the others are to be imported later.
const MAX_IMPORT: usize = 500;

/// People in one `contacts.deleteContacts`.
const MAX_DELETE: usize = 500;

/// Results of a search.
const MAX_FOUND: i32 = 50;

/// Letters a search must have.
const MIN_QUERY: usize = 3;

/// The hash is not looked at: the whole list comes every time.
///
/// A client reckons it from the ids alone, so it says nothing of a username, of a name that another device has given, or of an account
/// that was deleted. Those who are here can be told when it happens; nothing keeps it for those who were away, and to tell them that
/// the list is not modified would leave them with what was true once.
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
        let person = turn.store.user(row.user_id)?.filter(|person| !person.deleted && !person.bot);
        if person.is_some() && !turn.store.has_blocked(row.user_id, me.user_id)? {
            let status = presence::seen_by(turn, me.user_id, row.user_id)?;
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
    let ImportContacts(mut given) = request;
    let mut retry_contacts: Vec<i64> =
        given.drain(given.len().min(MAX_IMPORT)..).map(|contact| contact.client_id).collect();
    let mut imported = Vec::new();
    let mut ids = Vec::new();
    for contact in given {
        let client_id = contact.client_id;
        match import(turn, me, &contact)? {
            Import::Done(user_id) => {
                imported.push(types::ImportedContact { user_id, client_id }.into());
                ids.push(user_id);
            }
            Import::Nobody => {}
            Import::NoRoom => retry_contacts.push(client_id),
        }
    }
    let users = people::users(turn, me.user_id, &ids)?;
    let popular_invites = Vec::new();
    Ok(types::contacts::ImportedContacts { imported, popular_invites, retry_contacts, users }.into())
}

/// What importing one number came to.
enum Import {
    /// This user has it.
    Done(i64),
    Nobody,
    NoRoom,
}

/// A contact without a name gets the one they gave themselves.
fn import(turn: &Turn<'_>, me: &Authorization, given: &PhoneContact) -> Result<Import, Fault> {
    let Some(found) = by_phone(turn, &given.phone)?.filter(|found| found.id != me.user_id) else {
        return Ok(Import::Nobody);
    };
    if !has_room(turn, me, &found)? {
        return Ok(Import::NoRoom);
    }
    keep(turn, me, &found, &given.first_name, &given.last_name)?;
    Ok(Import::Done(found.id))
}

/// The number of a bot's account is nobody's business.
fn by_phone(turn: &Turn<'_>, phone: &str) -> Result<Option<UserRow>, Fault> {
    let Some(phone) = people::phone(phone) else { return Ok(None) };
    Ok(turn.store.user_by_phone(&phone)?.filter(|row| !row.bot))
}

fn keep(turn: &Turn<'_>, me: &Authorization, row: &UserRow, first: &str, last: &str) -> Result<(), Fault> {
    let named = !first.trim().is_empty() || !last.trim().is_empty();
    let (first, last) = if named { (first, last) } else { (&*row.first_name, &*row.last_name) };
    let first = if first.trim().is_empty() { "" } else { people::first_name(first)? };
    turn.store.put_contact(me.user_id, row.id, first, people::last_name(last)?)?;
    Ok(())
}

/// Who is on the list already takes no more room.
fn has_room(turn: &Turn<'_>, me: &Authorization, row: &UserRow) -> Result<bool, Fault> {
    let known = turn.store.contact(me.user_id, row.id)?.is_some();
    Ok(known || turn.store.contact_count(me.user_id)? < MAX_CONTACTS)
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
    if !has_room(turn, me, &row)? {
        return Err(bad("CONTACTS_TOO_MUCH"));
    }
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

pub(super) fn delete_by_phones(
    turn: &mut Turn<'_>,
    me: &Authorization,
    request: DeleteByPhones,
) -> Result<bool, Fault> {
    if request.phones.len() > MAX_DELETE {
        return Err(bad("LIMIT_INVALID"));
    }
    for phone in &request.phones {
        if let Some(row) = by_phone(turn, phone)? {
            turn.store.remove_contact(me.user_id, row.id)?;
        }
    }
    Ok(true)
}

/// The hash is not looked at, as in [`get_contacts`].
pub(super) fn get_contact_ids(
    turn: &mut Turn<'_>,
    me: &Authorization,
    _: GetContactIds,
) -> Result<Vec<i32>, Fault> {
    // The method is older than long ids, and has none for whoever has one.
    let rows = turn.store.contacts_of(me.user_id)?;
    Ok(rows.iter().filter_map(|row| i32::try_from(row.user_id).ok()).collect())
}

/// Numbers of people who are not here are not kept, so there is nothing to forget, to rate or to celebrate.
pub(super) fn nothing_saved(_: &mut Turn<'_>, _: &Authorization, _: Ignored) -> Result<bool, Fault> {
    Ok(true)
}

/// What was saved is only for those who take their data away, which is not done here.
pub(super) fn get_saved(_: &mut Turn<'_>, _: &Authorization, _: Ignored) -> Result<bool, Fault> {
    Err(forbidden("TAKEOUT_REQUIRED"))
}

pub(super) fn get_top_peers(
    _: &mut Turn<'_>,
    _: &Authorization,
    _: Ignored,
) -> Result<enums::contacts::TopPeers, Fault> {
    Ok(enums::contacts::TopPeers::Disabled)
}

pub(super) fn get_birthdays(
    _: &mut Turn<'_>,
    _: &Authorization,
    _: Ignored,
) -> Result<enums::contacts::ContactBirthdays, Fault> {
    Ok(types::contacts::ContactBirthdays { contacts: Vec::new(), users: Vec::new() }.into())
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
    let row = by_phone(turn, &request.phone)?.ok_or_else(|| bad("PHONE_NOT_OCCUPIED"))?;
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

/// One's own contacts by the beginning of any of their names, others by the beginning of their username. There are no channels.
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
    let is_wanted = |row: &UserRow| !row.deleted && (row.bot || !request.bots) && !request.broadcasts;
    let mut mine = Vec::new();
    for contact in turn.store.contacts_of(me.user_id)? {
        let Some(row) = turn.store.user(contact.user_id)?.filter(is_wanted) else { continue };
        let username = row.username.unwrap_or_default();
        let names = [&contact.first_name, &contact.last_name, &username];
        if names.iter().any(|name| name.to_lowercase().starts_with(&query)) {
            mine.push(contact.user_id);
        }
    }
    mine.truncate(limit as usize);
    let others = turn.store.users_by_username_prefix(&query, limit)?;
    let others: Vec<i64> = others
        .iter()
        .filter(|row| is_wanted(row))
        .map(|row| row.id)
        .filter(|id| !mine.contains(id))
        .collect();
    let users = people::users(turn, me.user_id, &[mine.as_slice(), others.as_slice()].concat())?;
    let (my_results, results) = (peers(&mine), peers(&others));
    Ok(types::contacts::Found { my_results, results, chats: Vec::new(), users }.into())
}

/// As [`search`], as clients of older layers ask for it.
pub(super) fn search_plainly(
    turn: &mut Turn<'_>,
    me: &Authorization,
    request: PlainSearch,
) -> Result<enums::contacts::Found, Fault> {
    let PlainSearch { q, limit } = request;
    search(turn, me, Search { broadcasts: false, bots: false, q, limit })
}

fn peers(ids: &[i64]) -> Vec<enums::Peer> {
    ids.iter().map(|&user_id| types::PeerUser { user_id }.into()).collect()
}
