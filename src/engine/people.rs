//! The people: the contact list, who is blocked and who is there, finding somebody, and what the user does about them.
//!
//! The rows of the vault are the truth that is told at start; here they are kept so. What the server describes is taken as it comes,
//! but for one thing that it never says with a person: whether they are blocked. That comes in a list and in updates of its own, and is
//! carried over. That somebody was there is news for the screen and not worth a write of its own: it is stored with the next one.

use std::collections::{HashMap, HashSet};

use super::actor::Actor;
use super::blocks::Asked;
use super::errands::{Done, connected};
use super::event::Event;
use super::whom::Whom;
use crate::cloud::account;
use crate::cloud::blocked::{self, Blocked};
use crate::cloud::contacts::{self as cloud, ContactList};
use crate::cloud::fault::CloudError;
use crate::cloud::link::Link;
use crate::cloud::updates::Change;
use crate::secret::record::{Person, PersonKind, Presence, UserId};
use crate::secret::step::CallError;
use crate::vault::VaultError;

/// How many people a search by words may bring.
const FOUND_AT_MOST: i32 = 20;

const WITH_ONESELF: &str = "this is you: a secret chat is with somebody else";
const WITH_A_BOT: &str = "this is a bot: bots hold no keys, so no secret chat can be had with one";
const WITH_NOBODY: &str = "this account is deleted: nobody is there for a secret chat";
const WITH_SOMEBODY_BLOCKED: &str = "you have blocked them: unblock them first, then ask for a secret chat";
const STRANGER: &str = "nobody known by that number: find them first";

/// What an errand about people has come back with.
#[derive(Debug)]
pub(super) enum News {
    Contacts(Result<Option<ContactList>, CloudError>),
    Statuses(Result<Vec<(UserId, Presence)>, CloudError>),
    BlockedList {
        asked: Asked,
        outcome: Result<Blocked, CloudError>,
    },
    Found {
        query: String,
        outcome: Result<Vec<Person>, CloudError>,
    },
    Blocked {
        user: UserId,
        blocked: bool,
        outcome: Result<(), CloudError>,
    },
    Renamed(Result<Person, CloudError>),
    /// Put on the contact list, or taken off it.
    Listed {
        user: UserId,
        contact: bool,
        outcome: Result<Vec<Person>, CloudError>,
    },
}

impl Actor {
    /// Everything about people that a new connection has to ask for.
    pub(super) fn get_acquainted(&mut self) {
        self.fetch_contacts();
        let asked = self.blocks.ask();
        self.people_errand(move |link| async move {
            News::BlockedList { asked, outcome: blocked::blocked(&link).await }
        });
    }

    /// Asks for the contact list, unless it is still the one that is stored.
    pub(super) fn fetch_contacts(&self) {
        let listed = self.people.values().filter(|person| person.contact).map(|person| person.id);
        let hash = match self.vault.saved_numbers() {
            Ok(saved) => saved.map_or(0, |saved| cloud::list_hash(saved, listed)),
            Err(fault) => {
                self.tell(Event::Refused(fault.to_string()));
                0
            }
        };
        self.people_errand(move |link| async move { News::Contacts(cloud::list(&link, hash).await) });
    }

    pub(super) fn find(&self, query: String) {
        self.people_errand(|link| async move {
            let outcome = search(&link, query.trim()).await;
            News::Found { query, outcome }
        });
    }

    /// Puts somebody on the contact list or takes them off it.
    pub(super) fn list_contact(&self, user: UserId, contact: bool) {
        let Some(person) = self.known(user) else { return };
        self.people_deed(move |link| async move {
            let outcome = async {
                connected(&link).await?;
                if contact { cloud::add(&link, &person).await } else { cloud::delete(&link, &person).await }
            };
            News::Listed { user, contact, outcome: outcome.await }
        });
    }

    pub(super) fn import_contact(&self, phone: String, name: String) {
        self.people_deed(move |link| async move {
            let outcome = async {
                connected(&link).await?;
                cloud::import(&link, &phone, &name, "").await
            };
            News::Found { query: format!("+{phone}"), outcome: outcome.await.map(|person| vec![person]) }
        });
    }

    pub(super) fn set_username(&self, username: String) {
        self.people_deed(move |link| async move {
            let outcome = async {
                connected(&link).await?;
                account::set_username(&link, &username).await
            };
            News::Renamed(outcome.await)
        });
    }

    pub(super) fn set_blocked(&self, user: UserId, blocked: bool) {
        let Some(person) = self.known(user) else { return };
        self.people_deed(move |link| async move {
            let outcome = async {
                connected(&link).await?;
                if blocked {
                    cloud::block(&link, &person).await
                } else {
                    cloud::unblock(&link, &person).await
                }
            };
            News::Blocked { user, blocked, outcome: outcome.await }
        });
    }

    /// With whom a secret chat can be asked for; else the sentence that says why not has been told.
    pub(super) fn startable(&self, user: UserId) -> Option<Person> {
        let person = self.known(user)?;
        let reason = match person.kind {
            _ if user == self.me.id => WITH_ONESELF,
            PersonKind::Bot => WITH_A_BOT,
            PersonKind::Deleted => WITH_NOBODY,
            PersonKind::Human if person.blocked => WITH_SOMEBODY_BLOCKED,
            PersonKind::Human => return Some(person),
        };
        self.tell(Event::Refused(reason.into()));
        None
    }

    /// Somebody the engine has named; else it is told that there is nobody.
    fn known(&self, user: UserId) -> Option<Person> {
        let person = self.people.get(&user).cloned();
        if person.is_none() {
            self.tell(Event::Refused(STRANGER.into()));
        }
        person
    }

    /// What the user does about people is done in the order in which they asked for it.
    fn people_deed<F: Future<Output = News> + Send + 'static>(
        &self,
        work: impl FnOnce(Link) -> F + Send + 'static,
    ) {
        let turns = self.deeds.clone();
        self.people_errand(move |link| async move {
            let _turn = turns.lock().await;
            work(link).await
        });
    }

    fn people_errand<F: Future<Output = News> + Send + 'static>(&self, work: impl FnOnce(Link) -> F) {
        let work = work(self.link.clone());
        self.errand(async move { Done::People(work.await) });
    }

    /// An errand about people has come back.
    pub(super) fn people_came(&mut self, news: News) {
        match news {
            News::Contacts(Ok(Some(list))) => self.contacts_came(list),
            News::Contacts(Ok(None)) => {
                self.people_errand(|link| async move { News::Statuses(cloud::statuses(&link).await) });
            }
            News::Contacts(Err(CloudError::Call(CallError::Lost) | CloudError::Offline)) => {}
            News::Statuses(Ok(statuses)) => {
                let changes = statuses.into_iter().map(|(id, presence)| (id, Change::Presence(presence)));
                self.change_people(changes.collect());
            }
            News::BlockedList { asked, outcome } => {
                let newer = self.blocks.answered(asked);
                match outcome {
                    Ok(list) => self.blocked_came(list, newer),
                    Err(fault) => not_up_to_date(&fault),
                }
            }
            News::Found { query, outcome } => {
                let found = outcome.unwrap_or_else(|fault| {
                    self.tell(Event::Refused(fault.to_string()));
                    Vec::new()
                });
                let people = found.iter().map(|person| person.id).collect();
                self.meet(found);
                self.tell(Event::Found { query, people });
            }
            News::Listed { user, contact, outcome: Ok(described) } => {
                self.meet(described);
                self.alter(user, |person| person.contact = contact);
            }
            News::Renamed(Ok(me)) => self.meet(vec![me]),
            News::Blocked { user, blocked, outcome: Ok(()) } => {
                self.blocks.learn(user, blocked);
                self.alter(user, |person| person.blocked = blocked);
                self.tell(if blocked { Event::Blocked(user) } else { Event::Unblocked(user) });
            }
            News::Statuses(Err(fault)) => not_up_to_date(&fault),
            News::Contacts(Err(fault))
            | News::Renamed(Err(fault))
            | News::Blocked { outcome: Err(fault), .. }
            | News::Listed { outcome: Err(fault), .. } => self.tell(Event::Refused(fault.to_string())),
        }
    }

    fn contacts_came(&mut self, list: ContactList) {
        let listed: Vec<Person> =
            list.people.into_iter().map(|person| self.carried(Person { contact: true, ..person })).collect();
        let ids: HashSet<UserId> = listed.iter().map(|person| person.id).collect();
        let gone = self.people.values().filter(|person| person.contact && !ids.contains(&person.id));
        let gone: Vec<Person> = gone.map(|person| Person { contact: false, ..person.clone() }).collect();
        let news = listed.into_iter().chain(gone);
        let mut news: Vec<Person> =
            news.filter(|person| self.people.get(&person.id) != Some(person)).collect();
        news.sort_by_key(|person| person.id);
        let stored = self.vault.put_contact_list(&news, list.saved);
        self.stored(stored);
        self.take_note(news);
    }

    /// Takes in people who are new or have changed, as the server describes them, and tells of them.
    pub(super) fn meet(&mut self, people: Vec<Person>) {
        let people = people.into_iter().map(|person| self.carried(person)).collect();
        self.keep_people(people);
    }

    /// Takes in what has changed about people; of those who are not known nothing is kept.
    pub(super) fn change_people(&mut self, changes: Vec<(UserId, Change)>) {
        let mut changed: HashMap<UserId, Person> = HashMap::new();
        for (user, change) in changes {
            if let Some(person) = changed.get(&user).or_else(|| self.people.get(&user)) {
                let person = change.made_to(person);
                changed.insert(user, person);
            }
        }
        self.keep_people(changed.into_values().collect());
    }

    fn alter(&mut self, user: UserId, how: impl FnOnce(&mut Person)) {
        if let Some(mut person) = self.people.get(&user).cloned() {
            how(&mut person);
            self.keep_people(vec![person]);
        }
    }

    /// A person as the server describes them, with what it never says.
    fn carried(&self, person: Person) -> Person {
        match self.people.get(&person.id) {
            Some(known) => Person { blocked: known.blocked, ..person },
            None => person,
        }
    }

    /// Stores and tells whoever is new or has changed.
    fn keep_people(&mut self, people: Vec<Person>) {
        let mut news: Vec<Person> =
            people.into_iter().filter(|person| self.people.get(&person.id) != Some(person)).collect();
        if news.is_empty() {
            return;
        }
        news.sort_by_key(|person| person.id);
        let lasting = |person: &Person| {
            let known = self.people.get(&person.id);
            known.is_none_or(|known| Person { presence: person.presence, ..known.clone() } != *person)
        };
        if news.iter().any(lasting) {
            let late = self.unstored.drain().filter_map(|id| self.people.get(&id));
            let all: Vec<Person> = late.chain(&news).cloned().collect();
            let stored = self.vault.put_people(&all);
            self.stored(stored);
        } else {
            self.unstored.extend(news.iter().map(|person| person.id));
        }
        self.take_note(news);
    }

    /// Stores what was not worth a write of its own.
    pub(super) fn store_people(&mut self) {
        let people: Vec<Person> =
            self.unstored.drain().filter_map(|id| self.people.get(&id).cloned()).collect();
        if !people.is_empty() {
            let stored = self.vault.put_people(&people);
            self.stored(stored);
        }
    }

    /// Remembers and tells people who are stored.
    fn take_note(&mut self, news: Vec<Person>) {
        if news.is_empty() {
            return;
        }
        self.people.extend(news.iter().map(|person| (person.id, person.clone())));
        if let Some(me) = news.iter().find(|person| person.id == self.me.id) {
            self.me = me.clone();
            self.account.me = Some(me.clone());
            self.tell(Event::Me(me.clone()));
        }
        self.tell(Event::People(news));
    }

    /// What is not part of a commit and can be fetched again (people, the salt) may fail to be stored: it is said, and all goes on.
    pub(super) fn stored(&self, outcome: Result<(), VaultError>) {
        if let Err(fault) = outcome {
            self.tell(Event::Refused(fault.to_string()));
        }
    }
}

/// Nobody asked for it; the next connection asks again.
fn not_up_to_date(fault: &CloudError) {
    tracing::warn!(%fault, "what is known of people could not be brought up to date");
}

/// A @name and a phone number name one person; anything else is searched for.
async fn search(link: &Link, wanted: &str) -> Result<Vec<Person>, CloudError> {
    let whom = Whom::read(wanted)?;
    connected(link).await?;
    let found = match whom {
        Whom::Username(username) => vec![cloud::by_username(link, &username).await?],
        Whom::Phone(phone) => vec![cloud::by_phone(link, &phone).await?],
        Whom::Words(words) => cloud::search(link, &words, FOUND_AT_MOST).await?,
    };
    if found.is_empty() { Err(CloudError::NoSuchPerson(wanted.into())) } else { Ok(found) }
}
