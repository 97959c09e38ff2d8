//! Telegram's users as [`Person`]s, in one place.
//!
//! A user comes with many answers and often incomplete. Only a full one becomes a person: a `min` user has no access hash that
//! works elsewhere, and storing it would overwrite one that does. Strings are passed on as they came; they are hostile text.

use grammers_tl_types::{enums, types};

use crate::secret::record::{Person, PersonKind, Presence, UserId};

/// What an update says of somebody who is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    Presence(Presence),
    Name { first_name: String, last_name: String, username: Option<String> },
    Phone(Option<String>),
    Blocked(bool),
}

impl Change {
    /// The person as they are after it.
    pub fn made_to(self, person: &Person) -> Person {
        let person = person.clone();
        match self {
            Change::Presence(presence) => Person { presence, ..person },
            Change::Name { first_name, last_name, username } => {
                Person { first_name, last_name, username, ..person }
            }
            Change::Phone(phone) => Person { phone, ..person },
            Change::Blocked(blocked) => Person { blocked, ..person },
        }
    }
}

/// All that can be persons among the users.
pub fn persons(users: Vec<enums::User>) -> Vec<Person> {
    users.into_iter().filter_map(person).collect()
}

/// `None` for empty and `min` users. Whether a person is blocked is not said with a user, but in a list of its own.
pub fn person(user: enums::User) -> Option<Person> {
    let enums::User::User(user) = user else { return None };
    if user.min {
        return None;
    }
    let kind = match (user.deleted, user.bot) {
        (true, _) => PersonKind::Deleted,
        (false, true) => PersonKind::Bot,
        (false, false) => PersonKind::Human,
    };
    Some(Person {
        id: UserId(user.id),
        // A deleted account comes without; nothing is ever asked of it.
        access_hash: match kind {
            PersonKind::Deleted => user.access_hash.unwrap_or_default(),
            PersonKind::Human | PersonKind::Bot => user.access_hash?,
        },
        blocked: false,
        kind,
        username: username(&user),
        first_name: user.first_name.unwrap_or_default(),
        last_name: user.last_name.unwrap_or_default(),
        phone: user.phone,
        contact: user.contact,
        presence: user.status.map(presence).unwrap_or_default(),
    })
}

/// The plain username, else the first active one of several.
fn username(user: &types::User) -> Option<String> {
    user.username.clone().or_else(|| active(user.usernames.iter().flatten()))
}

/// The first of several usernames that leads to its owner.
pub fn active<'u>(usernames: impl IntoIterator<Item = &'u enums::Username>) -> Option<String> {
    let mut names = usernames.into_iter().map(|enums::Username::Username(name)| name);
    names.find(|name| name.active).map(|name| name.username.clone())
}

/// A phone number as servers take it: people write it with plus, spaces and brackets.
pub fn phone_digits(phone: &str) -> String {
    phone.chars().filter(char::is_ascii_digit).collect()
}

pub fn presence(status: enums::UserStatus) -> Presence {
    match status {
        enums::UserStatus::Empty => Presence::Unknown,
        enums::UserStatus::Online(online) => Presence::Online { until: online.expires },
        enums::UserStatus::Offline(offline) => Presence::LastSeen(offline.was_online),
        enums::UserStatus::Recently(_) => Presence::Recently,
        enums::UserStatus::LastWeek(_) => Presence::LastWeek,
        enums::UserStatus::LastMonth(_) => Presence::LastMonth,
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use grammers_tl_types::Deserializable;

    /// A user with nothing but an identifier and an access hash: `user#b1b8cc83 flags flags2 id access_hash`.
    pub fn bare_user(id: i64) -> types::User {
        let mut bytes = 0xb1b8_cc83_u32.to_le_bytes().to_vec();
        bytes.extend(1_u32.to_le_bytes());
        bytes.extend(0_u32.to_le_bytes());
        bytes.extend(id.to_le_bytes());
        bytes.extend(77_i64.to_le_bytes());
        match enums::User::from_bytes(&bytes) {
            Ok(enums::User::User(user)) => user,
            other => panic!("not a user: {other:?}"),
        }
    }

    fn name(username: &str, active: bool) -> enums::Username {
        enums::Username::Username(types::Username {
            editable: true,
            active,
            deletable: false,
            expired: false,
            username: username.into(),
        })
    }

    #[test]
    fn a_user_becomes_a_person() {
        let user = types::User {
            first_name: Some("Ada".into()),
            usernames: Some(vec![name("old", false), name("ada", true)]),
            phone: Some("4912".into()),
            contact: true,
            status: Some(enums::UserStatus::Offline(types::UserStatusOffline { was_online: 9 })),
            ..bare_user(5)
        };
        let expected = Person {
            id: UserId(5),
            access_hash: 77,
            first_name: "Ada".into(),
            last_name: String::new(),
            username: Some("ada".into()),
            phone: Some("4912".into()),
            contact: true,
            blocked: false,
            kind: PersonKind::Human,
            presence: Presence::LastSeen(9),
        };
        assert_eq!(person(enums::User::User(user)), Some(expected));
    }

    #[test]
    fn a_phone_number_is_its_digits() {
        assert_eq!(phone_digits("+49 (170) 12-34"), "491701234");
        assert_eq!(phone_digits("none"), "");
    }

    #[test]
    fn the_plain_username_goes_first() {
        let usernames = Some(vec![name("second", true)]);
        let user = types::User { username: Some("first".into()), usernames, ..bare_user(5) };
        assert_eq!(username(&user).as_deref(), Some("first"));
    }

    #[test]
    fn who_is_no_person_is_left_out() {
        let users = vec![
            types::User { min: true, ..bare_user(1) },
            types::User { access_hash: None, ..bare_user(4) },
            bare_user(5),
        ];
        let mut users: Vec<enums::User> = users.into_iter().map(enums::User::User).collect();
        users.push(enums::User::Empty(types::UserEmpty { id: 6 }));
        let ids: Vec<i64> = persons(users).iter().map(|person| person.id.0).collect();
        assert_eq!(ids, [5]);
    }
}
