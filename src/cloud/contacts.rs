//! Finding people: the contact list, a @name, a phone number, a search; and adding them to the list.

use grammers_tl_types::{enums, functions, types};

use super::encrypted::input_user;
use super::fault::CloudError;
use super::link::{CALL_LIMIT, Link};
use super::people::{persons, phone_digits};
use crate::secret::record::Person;
use crate::secret::step::CallError;

/// The account's contact list.
pub async fn list(link: &Link) -> Result<Vec<Person>, CloudError> {
    match link.invoke(&functions::contacts::GetContacts { hash: 0 }, CALL_LIMIT).await? {
        enums::contacts::Contacts::Contacts(contacts) => Ok(persons(contacts.users)),
        enums::contacts::Contacts::NotModified => Err(CloudError::Unexpected("a list that was never sent")),
    }
}

/// Who is called `@username`; the `@` is optional.
///
/// # Errors
/// [`CloudError::NoSuchPerson`], also when the name belongs to a group, a channel or a bot.
pub async fn by_username(link: &Link, username: &str) -> Result<Person, CloudError> {
    let username = username.trim().trim_start_matches('@');
    let call = functions::contacts::ResolveUsername { username: username.into(), referer: None };
    resolved(link.invoke(&call, CALL_LIMIT).await, || format!("@{username}"))
}

/// Who has this phone number, and lets it be known.
pub async fn by_phone(link: &Link, phone: &str) -> Result<Person, CloudError> {
    let call = functions::contacts::ResolvePhone { phone: phone_digits(phone) };
    resolved(link.invoke(&call, CALL_LIMIT).await, || phone.trim().into())
}

/// Adds a phone number to the contact list, and whoever has it.
pub async fn import(
    link: &Link,
    phone: &str,
    first_name: &str,
    last_name: &str,
) -> Result<Person, CloudError> {
    let contact = types::InputPhoneContact {
        client_id: 0,
        phone: phone_digits(phone),
        first_name: first_name.into(),
        last_name: last_name.into(),
        note: None,
    };
    let contacts = vec![enums::InputContact::InputPhoneContact(contact)];
    let call = functions::contacts::ImportContacts { contacts };
    let enums::contacts::ImportedContacts::Contacts(imported) = link.invoke(&call, CALL_LIMIT).await?;
    let person = persons(imported.users).into_iter().next();
    person.ok_or_else(|| CloudError::NoSuchPerson(phone.trim().into()))
}

/// Adds somebody to the contact list under the name given there; the own phone number is not shown to them.
pub async fn add(link: &Link, person: &Person) -> Result<(), CloudError> {
    let call = functions::contacts::AddContact {
        add_phone_privacy_exception: false,
        id: input_user(person.id, person.access_hash),
        first_name: person.first_name.clone(),
        last_name: person.last_name.clone(),
        phone: String::new(),
        note: None,
    };
    link.invoke(&call, CALL_LIMIT).await?;
    Ok(())
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
            let enums::Peer::User(user) = found.peer else { return Err(CloudError::NoSuchPerson(asked())) };
            let person = persons(found.users).into_iter().find(|person| person.id.0 == user.user_id);
            person.ok_or_else(|| CloudError::NoSuchPerson(asked()))
        }
        Err(CallError::Rpc { code: 400, .. }) => Err(CloudError::NoSuchPerson(asked())),
        Err(error) => Err(error.into()),
    }
}
