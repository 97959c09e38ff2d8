//! What line mode remembers between two lines: people and chats as the engine told them, and which chat is open.
//!
//! Names are ambiguous in life; here an ambiguous one is refused with the candidates rather than guessed, because what is said to
//! the wrong person cannot be taken back.

use std::collections::{BTreeMap, HashMap};

use super::names::{ChatRef, Who};
use crate::engine::{ChatId, ChatState, ChatView, Device, Message, Person, UserId};
use crate::tui::words::content::covered;
use crate::tui::{formatted, text, words};

/// The people and chats told so far.
#[derive(Debug, Default)]
pub struct Book {
    people: HashMap<UserId, Person>,
    chats: BTreeMap<ChatId, ChatView>,
    /// Messages that were shown with something hidden in them, to be shown whole when that is asked for.
    hidden: BTreeMap<(ChatId, i64), Message>,
    open: Option<ChatId>,
    me: Option<UserId>,
    /// As last listed; their numbers in line mode begin with 1.
    devices: Vec<Device>,
    proxy: Option<String>,
}

/// Why a name leads nowhere.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BookFault {
    #[error("no chat is open: choose one with /open CHAT; /chats lists them")]
    NothingOpen,
    #[error("there is no chat {0}; /chats lists them")]
    NoChat(String),
    #[error("there is no secret chat with {0}; /start {0} asks for one")]
    NoChatWith(String),
    #[error("{0} is not among the people known here: look them up with /find")]
    Nobody(String),
    #[error("there is no device {0}; /devices lists them with their numbers")]
    NoDevice(usize),
    #[error("{wanted} can be {candidates}: say which")]
    Ambiguous { wanted: String, candidates: String },
}

impl Book {
    /// Takes people in and gives those of whom something is news.
    pub fn know(&mut self, people: Vec<Person>) -> Vec<UserId> {
        let news: Vec<Person> =
            people.into_iter().filter(|person| self.people.get(&person.id) != Some(person)).collect();
        let ids = news.iter().map(|person| person.id).collect();
        self.people.extend(news.into_iter().map(|person| (person.id, person)));
        ids
    }

    /// Takes a chat in; true if something about it is news.
    pub fn keep(&mut self, view: ChatView) -> bool {
        let old = self.chats.insert(view.id, view.clone());
        old.is_none_or(|old| (old.state, old.ttl) != (view.state, view.ttl))
    }

    /// Remembers a message if it hides something.
    pub fn remember(&mut self, message: &Message) {
        let key = (message.chat, message.random_id);
        if formatted::hides(message) || covered(message) {
            self.hidden.insert(key, message.clone());
        } else {
            self.hidden.remove(&key);
        }
    }

    /// A message that was shown with something hidden in it.
    pub fn hidden(&self, chat: ChatId, random_id: i64) -> Option<&Message> {
        self.hidden.get(&(chat, random_id))
    }

    /// Messages are gone; those of the whole chat if none is named.
    pub fn forget(&mut self, chat: ChatId, random_ids: Option<&[i64]>) {
        self.hidden.retain(|(of, id), _| *of != chat || random_ids.is_some_and(|gone| !gone.contains(id)));
    }

    /// Who the user is: known, and not among the contacts.
    pub fn know_me(&mut self, me: Person) {
        self.me = Some(me.id);
        self.know(vec![me]);
    }

    pub fn know_devices(&mut self, devices: Vec<Device>) {
        self.devices = devices;
    }

    /// The device with this number in the list.
    ///
    /// # Errors
    /// There is none, or they were not listed yet.
    pub fn device(&self, number: usize) -> Result<&Device, BookFault> {
        let place = number.checked_sub(1);
        place.and_then(|place| self.devices.get(place)).ok_or(BookFault::NoDevice(number))
    }

    /// Takes the proxy in; true if it is another one.
    pub fn know_proxy(&mut self, proxy: Option<String>) -> bool {
        let news = self.proxy != proxy;
        self.proxy = proxy;
        news
    }

    pub fn proxy(&self) -> Option<&str> {
        self.proxy.as_deref()
    }

    pub fn open(&mut self, chat: ChatId) {
        self.open = Some(chat);
    }

    pub fn person(&self, id: UserId) -> Option<&Person> {
        self.people.get(&id)
    }

    pub fn chat(&self, id: ChatId) -> Option<&ChatView> {
        self.chats.get(&id)
    }

    pub fn chats(&self) -> impl Iterator<Item = &ChatView> {
        self.chats.values()
    }

    /// The contact list, by name.
    pub fn contacts(&self) -> Vec<&Person> {
        let mut contacts: Vec<&Person> =
            self.people.values().filter(|person| self.is_listed(person)).collect();
        contacts.sort_by_key(|person| (words::name(person).to_lowercase(), person.id));
        contacts
    }

    /// On the contact list, and not the user.
    pub fn is_listed(&self, person: &Person) -> bool {
        person.contact && self.me != Some(person.id)
    }

    /// What somebody is called, safe to print.
    pub fn name(&self, id: UserId) -> String {
        self.people
            .get(&id)
            .map_or_else(|| format!("user {id}"), |person| text::safe_line(&words::name(person)))
    }

    /// Whom a chat is with, safe to print.
    pub fn name_in(&self, chat: ChatId) -> String {
        self.chats.get(&chat).map_or_else(|| "somebody".into(), |view| self.name(view.user))
    }

    /// The chat that is meant.
    ///
    /// # Errors
    /// There is none, or more than one.
    pub fn find_chat(&self, wanted: &ChatRef) -> Result<ChatId, BookFault> {
        match wanted {
            ChatRef::Open => self.open.ok_or(BookFault::NothingOpen),
            ChatRef::Id(id) if self.chats.contains_key(&ChatId(*id)) => Ok(ChatId(*id)),
            ChatRef::Id(id) => Err(BookFault::NoChat(id.to_string())),
            ChatRef::With(who) => {
                let user = self.find_person(who)?;
                self.chat_with(user).ok_or_else(|| BookFault::NoChatWith(spelled(who)))
            }
        }
    }

    /// The living chat with somebody, or else the newest closed one.
    fn chat_with(&self, user: UserId) -> Option<ChatId> {
        let of_user = self.chats.values().filter(|view| view.user == user);
        of_user
            .max_by_key(|view| (!matches!(view.state, ChatState::Closed(_)), view.date))
            .map(|view| view.id)
    }

    /// The person that is meant.
    ///
    /// # Errors
    /// Nobody here is called so, or several are.
    pub fn find_person(&self, who: &Who) -> Result<UserId, BookFault> {
        let mut found: Vec<&Person> = self.people.values().filter(|person| is(person, who)).collect();
        if let Who::Name(name) = who
            && found.len() > 1
        {
            let exact = |person: &&Person| words::name(person).to_lowercase() == name.to_lowercase();
            let exactly: Vec<&Person> = found.iter().copied().filter(exact).collect();
            if !exactly.is_empty() {
                found = exactly;
            }
        }
        match found.as_slice() {
            [] => Err(BookFault::Nobody(spelled(who))),
            [person] => Ok(person.id),
            several => {
                let mut names: Vec<String> = several.iter().map(|person| self.full_name(person)).collect();
                names.sort();
                Err(BookFault::Ambiguous { wanted: spelled(who), candidates: names.join(", ") })
            }
        }
    }

    /// A name with what tells namesakes apart.
    pub fn full_name(&self, person: &Person) -> String {
        let name = self.name(person.id);
        let mut more = Vec::new();
        more.extend(person.username.iter().map(|username| format!("@{}", text::safe_line(username))));
        more.extend(person.phone.iter().map(|phone| format!("+{}", text::safe_line(phone))));
        if more.is_empty() { name } else { format!("{name} ({})", more.join(", ")) }
    }
}

fn is(person: &Person, who: &Who) -> bool {
    match who {
        Who::Username(wanted) => {
            person.username.as_ref().is_some_and(|username| username.eq_ignore_ascii_case(wanted))
        }
        Who::Phone(wanted) => person.phone.as_ref() == Some(wanted),
        Who::Name(wanted) => words::name(person).to_lowercase().starts_with(&wanted.to_lowercase()),
    }
}

/// A person as one would write them.
pub fn spelled(who: &Who) -> String {
    match who {
        Who::Username(username) => format!("@{username}"),
        Who::Phone(phone) => format!("+{phone}"),
        Who::Name(name) => name.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::Presence;

    fn person(id: i64, first: &str, username: Option<&str>) -> Person {
        Person {
            id: UserId(id),
            access_hash: 1,
            first_name: first.into(),
            last_name: String::new(),
            username: username.map(Into::into),
            phone: None,
            contact: true,
            blocked: false,
            kind: crate::engine::PersonKind::Human,
            presence: Presence::Unknown,
        }
    }

    fn view(id: i32, user: i64, date: i32, state: ChatState) -> ChatView {
        ChatView {
            id: ChatId(id),
            user: UserId(user),
            ours: true,
            date,
            state,
            ttl: 0,
            key: None,
            peer_layer: 144,
            key_state: None,
        }
    }

    fn book() -> Book {
        let mut book = Book::default();
        book.know(vec![person(1, "Ada", Some("ada")), person(2, "Adam", None), person(3, "Basil", None)]);
        book
    }

    #[test]
    fn an_exact_name_wins_over_a_longer_one() {
        assert_eq!(book().find_person(&Who::Name("ada".into())), Ok(UserId(1)));
        assert_eq!(book().find_person(&Who::Name("bas".into())), Ok(UserId(3)));
    }

    #[test]
    fn an_ambiguous_name_is_refused_with_the_candidates() {
        let fault = book().find_person(&Who::Name("ad".into())).unwrap_err();
        assert_eq!(fault.to_string(), "ad can be Ada (@ada), Adam: say which");
    }

    #[test]
    fn the_living_chat_is_meant_before_a_newer_closed_one() {
        let mut book = book();
        book.keep(view(10, 1, 5, ChatState::Waiting));
        book.keep(view(11, 1, 9, ChatState::Closed(crate::engine::Closing::ByUs)));
        assert_eq!(book.find_chat(&ChatRef::With(Who::Username("ADA".into()))), Ok(ChatId(10)));
        assert_eq!(book.find_chat(&ChatRef::Open), Err(BookFault::NothingOpen));
        assert_eq!(book.find_chat(&ChatRef::Id(12)), Err(BookFault::NoChat("12".into())));
    }

    #[test]
    fn hostile_names_come_out_safe() {
        let mut book = Book::default();
        book.know(vec![person(1, "Ada\u{1b}]52;c;AAAA\u{7}\u{202e}", Some("a\u{200b}da"))]);
        let shown = book.full_name(book.person(UserId(1)).unwrap());
        assert!(!shown.chars().any(|c| c.is_control() || c == '\u{202e}' || c == '\u{200b}'), "{shown:?}");
    }
}
