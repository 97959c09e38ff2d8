//! Errands: what takes time and runs beside the actor, and what is done when it comes back.
//!
//! Calls, searches and the test of a prime run as tasks; each ends as a [`Done`] in the actor's queue. An errand that an earlier
//! connection lost says nothing: the machine was told of that connection's end already.

use std::future::Future;

use grammers_tl_types::enums;

use super::actor::Actor;
use super::event::Event;
use super::transfers::{self, SendFile};
use crate::cloud::calls::Repeat;
use crate::cloud::fault::CloudError;
use crate::cloud::link::Link;
use crate::cloud::{account, calls, contacts};
use crate::secret::exchange::is_safe_prime;
use crate::secret::file::Source;
use crate::secret::message::Attachment;
use crate::secret::record::{Person, PrimeVerdict, UserId};
use crate::secret::step::{Answer, Call, CallError, CallKey, Input};
use crate::vault::VaultError;

/// How many people a search by words may bring.
const FOUND_AT_MOST: i32 = 20;

/// An errand that has come back.
#[derive(Debug)]
pub(super) enum Done {
    Answer { generation: u64, to: CallKey, outcome: Result<Answer, CallError> },
    Difference { generation: u64, outcome: Box<Result<enums::updates::Difference, CallError>> },
    State { generation: u64, outcome: Result<enums::updates::State, CallError> },
    Prime(PrimeVerdict),
    Contacts(Result<Vec<Person>, CloudError>),
    Found { query: String, outcome: Result<Vec<Person>, CloudError> },
    Blocked { user: UserId, blocked: bool, outcome: Result<(), CloudError> },
    Renamed(Result<Person, CloudError>),
    Added { user: UserId, outcome: Result<(), CloudError> },
    Inspected { wish: SendFile, outcome: Box<Result<(Attachment, Source), String>> },
    Transfer { key: transfers::Key, news: transfers::News },
}

impl Actor {
    /// Runs something beside the actor; its outcome comes back through [`errand_done`](Self::errand_done).
    pub(super) fn errand(&self, work: impl Future<Output = Done> + Send + 'static) {
        let done = self.done.clone();
        tokio::spawn(async move {
            // The actor may have stopped meanwhile.
            let _ = done.send(work.await);
        });
    }

    pub(super) fn invoke(&self, call: Call) {
        let link = self.link.clone();
        if calls::repeat(&call) == Repeat::Never {
            // Nothing follows from its outcome.
            tokio::spawn(async move { calls::perform(&link, call).await });
            return;
        }
        let (generation, to) = (self.generation, call.key());
        self.errand(
            async move { Done::Answer { generation, to, outcome: calls::perform(&link, call).await } },
        );
    }

    pub(super) fn acknowledge(&self, qts: i32) {
        let (link, generation, to) = (self.link.clone(), self.generation, CallKey::Queue(qts));
        self.errand(async move {
            let outcome = calls::acknowledge(&link, qts).await.map(|()| Answer::Done);
            Done::Answer { generation, to, outcome }
        });
    }

    pub(super) fn check_prime(&self, p: Vec<u8>) {
        let done = self.done.clone();
        tokio::task::spawn_blocking(move || {
            let good = is_safe_prime(&p, &mut rand::rng());
            let _ = done.send(Done::Prime(PrimeVerdict { p, good }));
        });
    }

    pub(super) fn fetch_contacts(&self) {
        let link = self.link.clone();
        self.errand(async move { Done::Contacts(contacts::list(&link).await) });
    }

    pub(super) fn find(&self, query: String) {
        let link = self.link.clone();
        self.errand(async move {
            let outcome = search(&link, query.trim()).await;
            Done::Found { query, outcome }
        });
    }

    pub(super) fn add_contact(&self, person: Person) {
        let link = self.link.clone();
        self.errand(async move {
            let outcome = async {
                connected(&link).await?;
                contacts::add(&link, &person).await
            };
            Done::Added { user: person.id, outcome: outcome.await }
        });
    }

    pub(super) fn import_contact(&self, phone: String, name: String) {
        let link = self.link.clone();
        self.errand(async move {
            let outcome = async {
                connected(&link).await?;
                contacts::import(&link, &phone, &name, "").await
            };
            Done::Found { query: format!("+{phone}"), outcome: outcome.await.map(|person| vec![person]) }
        });
    }

    pub(super) fn set_username(&self, username: String) {
        let link = self.link.clone();
        self.errand(async move {
            let outcome = async {
                connected(&link).await?;
                account::set_username(&link, &username).await
            };
            Done::Renamed(outcome.await)
        });
    }

    pub(super) fn block(&self, person: Person, blocked: bool) {
        let link = self.link.clone();
        self.errand(async move {
            let outcome = async {
                connected(&link).await?;
                if blocked {
                    contacts::block(&link, &person).await
                } else {
                    contacts::unblock(&link, &person).await
                }
            };
            Done::Blocked { user: person.id, blocked, outcome: outcome.await }
        });
    }

    /// Says whether somebody is here. Nothing follows from its outcome; a new connection says it again.
    pub(super) fn tell_presence(&self) {
        if self.sync == super::sync::Sync::Online {
            let (link, active) = (self.link.clone(), self.active);
            tokio::spawn(async move { account::set_online(&link, active).await });
        }
    }

    /// An errand has come back.
    pub(super) fn errand_done(&mut self, done: Done) -> Result<(), VaultError> {
        match done {
            Done::Answer { generation, outcome: Err(CallError::Lost), .. }
                if generation != self.generation =>
            {
                Ok(())
            }
            Done::Answer { outcome: Err(fault), .. } if ends_authorization(&fault) => self.signed_out(&fault),
            Done::Answer { to, outcome, .. } => self.step(Input::Answer { to, outcome }),
            Done::Difference { generation, outcome } if generation == self.generation => {
                self.difference_came(*outcome)
            }
            Done::State { generation, outcome } if generation == self.generation => self.state_came(outcome),
            Done::Difference { .. } | Done::State { .. } => Ok(()),
            Done::Prime(verdict) => self.step(Input::Prime(verdict)),
            Done::Inspected { wish, outcome } => self.inspected(wish, *outcome),
            Done::Transfer { key, news } => self.transfer_news(key, news),
            other => {
                self.people_came(other);
                Ok(())
            }
        }
    }

    fn people_came(&mut self, done: Done) {
        match done {
            Done::Contacts(Ok(list)) => self.contacts_came(&list),
            Done::Found { query, outcome } => {
                let found = outcome.unwrap_or_else(|fault| {
                    self.tell(Event::Refused(fault.to_string()));
                    Vec::new()
                });
                let people = found.iter().map(|person| person.id).collect();
                self.meet(found);
                self.tell(Event::Found { query, people });
            }
            Done::Added { user, outcome: Ok(()) } => {
                if let Some(person) = self.people.get(&user).cloned() {
                    self.meet(vec![Person { contact: true, ..person }]);
                }
            }
            Done::Renamed(Ok(me)) => self.renamed(me),
            Done::Blocked { user, blocked: true, outcome: Ok(()) } => self.tell(Event::Blocked(user)),
            Done::Blocked { user, blocked: false, outcome: Ok(()) } => self.tell(Event::Unblocked(user)),
            Done::Contacts(Err(fault))
            | Done::Renamed(Err(fault))
            | Done::Blocked { outcome: Err(fault), .. }
            | Done::Added { outcome: Err(fault), .. } => {
                self.tell(Event::Refused(fault.to_string()));
            }
            Done::Answer { .. }
            | Done::Difference { .. }
            | Done::State { .. }
            | Done::Prime(_)
            | Done::Inspected { .. }
            | Done::Transfer { .. } => {}
        }
    }

    fn renamed(&mut self, me: Person) {
        self.account.me = Some(me.clone());
        let stored = self.vault.put_account(&self.account);
        self.stored(stored);
        self.people.insert(me.id, me.clone());
        self.me = me.clone();
        self.tell(Event::Me(me));
    }

    fn contacts_came(&mut self, list: &[Person]) {
        let stored = self.vault.replace_contacts(list);
        self.stored(stored);
        for person in self.people.values_mut() {
            person.contact = false;
        }
        let contacts = list.iter().map(|person| (person.id, Person { contact: true, ..person.clone() }));
        self.people.extend(contacts);
        let mut people: Vec<Person> = self.people.values().cloned().collect();
        people.sort_by_key(|person| person.id);
        self.tell(Event::People(people));
    }

    /// Takes in people who are new or have changed, and tells of them.
    pub(super) fn meet(&mut self, people: Vec<Person>) {
        let news: Vec<Person> =
            people.into_iter().filter(|person| self.people.get(&person.id) != Some(person)).collect();
        if news.is_empty() {
            return;
        }
        let stored = self.vault.put_people(&news);
        self.stored(stored);
        self.people.extend(news.iter().map(|person| (person.id, person.clone())));
        self.tell(Event::People(news));
    }

    /// What is not part of a commit and can be fetched again (people, the salt) may fail to be stored: it is said, and all goes on.
    pub(super) fn stored(&self, outcome: Result<(), VaultError>) {
        if let Err(fault) = outcome {
            self.tell(Event::Refused(fault.to_string()));
        }
    }
}

/// Whether an error says that this device is no longer signed in. Other 401s are about a call, not about the device.
pub(super) fn ends_authorization(fault: &CallError) -> bool {
    const NAMES: [&str; 5] = [
        "AUTH_KEY_UNREGISTERED",
        "SESSION_REVOKED",
        "SESSION_EXPIRED",
        "USER_DEACTIVATED",
        "USER_DEACTIVATED_BAN",
    ];
    matches!(fault, CallError::Rpc { code: 401, name, .. } if NAMES.contains(&name.as_str()))
}

/// Waits for a connection that is being made. Why there is none is told by the connection's own state.
async fn connected(link: &Link) -> Result<(), CloudError> {
    link.online().await.map_err(|_| CloudError::Offline)
}

/// Whom the words mean: `@name` and phone numbers name one person; anything else is searched for.
async fn search(link: &Link, wanted: &str) -> Result<Vec<Person>, CloudError> {
    connected(link).await?;
    if wanted.starts_with('@') {
        return Ok(vec![contacts::by_username(link, wanted).await?]);
    }
    if is_phone(wanted) {
        return Ok(vec![contacts::by_phone(link, wanted).await?]);
    }
    let found = contacts::search(link, wanted, FOUND_AT_MOST).await?;
    if found.is_empty() { Err(CloudError::NoSuchPerson(wanted.into())) } else { Ok(found) }
}

/// Digits, with the punctuation people put between them.
fn is_phone(text: &str) -> bool {
    text.chars().any(|c| c.is_ascii_digit())
        && text.chars().all(|c| c.is_ascii_digit() || matches!(c, '+' | ' ' | '-' | '(' | ')'))
}
