//! Everybody who is known, and the contacts in the order of their names.
//!
//! The list is drawn after every key, and sorting thousands of names each time would be felt. So the order is kept here and changes with
//! the people alone; it cannot fall behind them, because they are reached through this type only.

use std::collections::{BTreeMap, BTreeSet};

use crate::engine::{Person, Presence, UserId};
use crate::tui::words;

/// The people, by id.
#[derive(Clone, Debug, Default)]
pub struct People {
    by_id: BTreeMap<UserId, Person>,
    /// The contacts by what they are called, in small letters.
    contacts: BTreeSet<(String, UserId)>,
}

impl People {
    pub fn get(&self, user: &UserId) -> Option<&Person> {
        self.by_id.get(user)
    }

    pub fn contains_key(&self, user: &UserId) -> bool {
        self.by_id.contains_key(user)
    }

    /// Inserts or replaces somebody.
    pub fn insert(&mut self, person: Person) {
        let place = place(&person);
        let before = self.by_id.get(&person.id).and_then(self::place);
        if before != place {
            if let Some(before) = before {
                self.contacts.remove(&before);
            }
            self.contacts.extend(place);
        }
        self.by_id.insert(person.id, person);
    }

    /// Whoever was online was last seen then, Unix seconds, or when that ran out.
    pub fn nobody_is_online(&mut self, now: i32) {
        for person in self.by_id.values_mut() {
            if let Presence::Online { until } = person.presence {
                person.presence = Presence::LastSeen(until.min(now));
            }
        }
    }

    /// How many are known.
    pub fn len(&self) -> usize {
        self.by_id.len()
    }

    pub fn is_empty(&self) -> bool {
        self.by_id.is_empty()
    }

    /// Everybody, ascending by id.
    pub fn values(&self) -> impl Iterator<Item = &Person> {
        self.by_id.values()
    }

    /// The contacts, by name.
    pub fn contacts(&self) -> impl Iterator<Item = UserId> {
        self.contacts.iter().map(|(_, user)| *user)
    }
}

impl FromIterator<Person> for People {
    fn from_iter<I: IntoIterator<Item = Person>>(people: I) -> People {
        let mut all = People::default();
        people.into_iter().for_each(|person| all.insert(person));
        all
    }
}

/// Where somebody stands among the contacts, if they are one.
fn place(person: &Person) -> Option<(String, UserId)> {
    person.contact.then(|| (words::name(person).to_lowercase(), person.id))
}
