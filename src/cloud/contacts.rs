//! The contact list, blocking and unblocking, and finding people: a @name, a phone number, a search.
//!
//! The list is long and seldom changes: what is known of it goes along as a hash, and the server answers with the whole list or with
//! nothing. Who is there comes in a list of its own; so does who is blocked ([`blocked`](super::blocked)).

use grammers_tl_types::{enums, functions, types};

use super::encrypted::input_user;
use super::fault::CloudError;
use super::link::{CALL_LIMIT, Link};
pub use super::people::phone_digits;
use super::people::{persons, presence};
use crate::secret::record::{Person, Presence, UserId};
use crate::secret::step::CallError;

/// The contact list as the server has it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ContactList {
    pub people: Vec<Person>,
    /// Saved phone numbers that nobody signed up with; they count in the hash.
    pub saved: i32,
}

/// The account's contact list; `None` if it is still the one with this hash. 0 asks for the list in any case.
pub async fn list(link: &Link, hash: i64) -> Result<Option<ContactList>, CloudError> {
    match link.invoke(&functions::contacts::GetContacts { hash }, CALL_LIMIT).await? {
        enums::contacts::Contacts::Contacts(contacts) => {
            Ok(Some(ContactList { people: persons(contacts.users), saved: contacts.saved_count }))
        }
        enums::contacts::Contacts::NotModified if hash != 0 => Ok(None),
        enums::contacts::Contacts::NotModified => Err(CloudError::Unexpected("a list that was never sent")),
    }
}

/// By what the server knows a contact list: these numbers and people, whatever their order.
pub fn list_hash(saved: i32, people: impl IntoIterator<Item = UserId>) -> i64 {
    let mut ids: Vec<i64> = people.into_iter().map(|id| id.0).collect();
    ids.sort_unstable();
    let numbers = std::iter::once(i64::from(saved)).chain(ids);
    numbers
        .fold(0_u64, |hash, number| {
            let hash = hash ^ (hash >> 21);
            let hash = hash ^ (hash << 35);
            let hash = hash ^ (hash >> 4);
            hash.wrapping_add(number.cast_unsigned())
        })
        .cast_signed()
}

/// Who of the contacts is there or was, without the list.
pub async fn statuses(link: &Link) -> Result<Vec<(UserId, Presence)>, CloudError> {
    let statuses = link.invoke(&functions::contacts::GetStatuses {}, CALL_LIMIT).await?;
    let one = |status| {
        let enums::ContactStatus::Status(status) = status;
        (UserId(status.user_id), presence(status.status))
    };
    Ok(statuses.into_iter().map(one).collect())
}

/// Who is called `@username`; the `@` is optional.
///
/// # Errors
/// [`CloudError::NoSuchPerson`], and [`CloudError::NoPerson`] when the name belongs to a group or a channel.
pub async fn by_username(link: &Link, username: &str) -> Result<Person, CloudError> {
    let username = username.trim().trim_start_matches('@');
    let call = functions::contacts::ResolveUsername { username: username.into(), referer: None };
    resolved(link.invoke(&call, CALL_LIMIT).await, || format!("@{username}"))
}

/// Who has this phone number, and lets it be known.
pub async fn by_phone(link: &Link, phone: &str) -> Result<Person, CloudError> {
    let phone = phone_digits(phone);
    let call = functions::contacts::ResolvePhone { phone: phone.clone() };
    resolved(link.invoke(&call, CALL_LIMIT).await, || format!("+{phone}"))
}

/// Adds a phone number to the contact list, and whoever has it.
pub async fn import(
    link: &Link,
    phone: &str,
    first_name: &str,
    last_name: &str,
) -> Result<Person, CloudError> {
    let phone = phone_digits(phone);
    let contact = types::InputPhoneContact {
        client_id: 0,
        phone: phone.clone(),
        first_name: first_name.into(),
        last_name: last_name.into(),
        note: None,
    };
    let contacts = vec![enums::InputContact::InputPhoneContact(contact)];
    let call = functions::contacts::ImportContacts { contacts };
    let enums::contacts::ImportedContacts::Contacts(imported) = link.invoke(&call, CALL_LIMIT).await?;
    let person = persons(imported.users).into_iter().next();
    person.ok_or_else(|| CloudError::NoSuchPerson(format!("+{phone}")))
}

/// Adds somebody to the contact list under the name given there; the own phone number is not shown to them. How people look now.
pub async fn add(link: &Link, person: &Person) -> Result<Vec<Person>, CloudError> {
    let call = functions::contacts::AddContact {
        add_phone_privacy_exception: false,
        id: input_user(person.id, person.access_hash),
        first_name: person.first_name.clone(),
        last_name: person.last_name.clone(),
        phone: String::new(),
        note: None,
    };
    Ok(described(link.invoke(&call, CALL_LIMIT).await?))
}

/// Takes somebody off the contact list. How people look now.
pub async fn delete(link: &Link, person: &Person) -> Result<Vec<Person>, CloudError> {
    let id = vec![input_user(person.id, person.access_hash)];
    Ok(described(link.invoke(&functions::contacts::DeleteContacts { id }, CALL_LIMIT).await?))
}

/// The people that come with an answer.
fn described(updates: enums::Updates) -> Vec<Person> {
    match updates {
        enums::Updates::Updates(all) => persons(all.users),
        enums::Updates::Combined(all) => persons(all.users),
        _ => Vec::new(),
    }
}

/// Blocks somebody: the server keeps their requests and messages away.
pub async fn block(link: &Link, person: &Person) -> Result<(), CloudError> {
    let peer = types::InputPeerUser { user_id: person.id.0, access_hash: person.access_hash };
    let call = functions::contacts::Block { my_stories_from: false, id: enums::InputPeer::User(peer) };
    link.invoke(&call, CALL_LIMIT).await?;
    Ok(())
}

/// Takes a block back.
pub async fn unblock(link: &Link, person: &Person) -> Result<(), CloudError> {
    let peer = types::InputPeerUser { user_id: person.id.0, access_hash: person.access_hash };
    let call = functions::contacts::Unblock { my_stories_from: false, id: enums::InputPeer::User(peer) };
    link.invoke(&call, CALL_LIMIT).await?;
    Ok(())
}

/// At most `limit` people whose name or @name fits.
pub async fn search(link: &Link, words: &str, limit: i32) -> Result<Vec<Person>, CloudError> {
    let call = functions::contacts::Search { broadcasts: false, bots: false, q: words.trim().into(), limit };
    match link.invoke(&call, CALL_LIMIT).await {
        Ok(enums::contacts::Found::Found(found)) => Ok(persons(found.users)),
        // Too few letters to search by find nobody.
        Err(CallError::Rpc { code: 400, .. }) => Ok(Vec::new()),
        Err(error) => Err(error.into()),
    }
}

fn resolved(
    answer: Result<enums::contacts::ResolvedPeer, CallError>,
    asked: impl Fn() -> String,
) -> Result<Person, CloudError> {
    match answer {
        Ok(enums::contacts::ResolvedPeer::Peer(found)) => {
            let enums::Peer::User(user) = found.peer else { return Err(CloudError::NoPerson(asked())) };
            let person = persons(found.users).into_iter().find(|person| person.id.0 == user.user_id);
            person.ok_or_else(|| CloudError::NoSuchPerson(asked()))
        }
        Err(CallError::Rpc { code: 400, .. }) => Err(CloudError::NoSuchPerson(asked())),
        Err(error) => Err(error.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hash_of_a_list_does_not_hang_on_its_order() {
        let hash = |saved, ids: &[i64]| list_hash(saved, ids.iter().copied().map(UserId));
        assert_eq!(hash(0, &[]), 0);
        assert_eq!(hash(0, &[5]), 5);
        // 1, then 1 ^ 1 << 35 ^ (1 ^ 1 << 35) >> 4, and 2 more.
        assert_eq!(hash(1, &[2]), (1 | 1 << 35 | 1 << 31) + 2);
        assert_eq!(hash(3, &[9, 7, 8]), hash(3, &[7, 8, 9]));
        assert_ne!(hash(3, &[7, 8, 9]), hash(4, &[7, 8, 9]));
    }
}
