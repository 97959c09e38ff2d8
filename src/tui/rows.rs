//! The rows of the list: chats, then contacts without a living chat, then whom the server found, then the offer to ask it.
//!
//! Rows are computed from the model and never stored, and the selection is a row, not a number: whatever comes and goes around it, it stays
//! on whom it was. Chats keep the order in which they were last put ([`order`]); everything else has an order of its own. A device that was
//! signed out has only what it knows: nobody is asked and nobody added from there.

use std::cmp::Reverse;
use std::collections::BTreeSet;

use nucleo_matcher::pattern::{AtomKind, CaseMatching, Normalization, Pattern};
use nucleo_matcher::{Config, Matcher, Utf32Str};

use super::model::{Chat, Model, Row};
use super::welcome::check;
use crate::engine::{ChatId, ChatState, Person, UserId};

/// The selectable rows of the list, in order.
pub fn rows(model: &Model) -> Vec<Row> {
    let mut filter = Filter::new(query(model));
    let mut rows: Vec<Row> = chats(model, &mut filter).map(Row::Chat).collect();
    rows.extend(contacts(model, &mut filter).into_iter().map(Row::Contact));
    let nobody = rows.is_empty();
    if model.signed_out.is_some() {
        return rows;
    }
    for user in found(model) {
        let row = row_of(model, user);
        if !rows.contains(&row) {
            rows.push(row);
        }
    }
    if import(model).is_some() {
        rows.push(Row::Import);
    } else if asks_server(model, nobody) {
        rows.push(Row::AskServer);
    }
    rows
}

/// Whether a row is among [`rows`], without listing them all: this is asked after every piece of news.
pub fn is_row(model: &Model, row: Row) -> bool {
    let found =
        || user_of(model, row).is_some_and(|user| found(model).contains(&user) && row_of(model, user) == row);
    let listed = match row {
        Row::Chat(id) => model.list.chats.contains(&id) && model.chats.contains_key(&id),
        Row::Contact(user) => {
            let contact = model.people.get(&user).is_some_and(|person| person.contact);
            contact && !model.is_me(user) && living_chat(model, user).is_none()
        }
        Row::Found(_) => false,
        Row::AskServer | Row::Import => return rows(model).contains(&row),
    };
    let fits = |user| Filter::new(query(model)).score(model, user).is_some();
    (listed && user_of(model, row).is_some_and(fits)) || found()
}

/// What is looked for, without the spaces around it.
pub fn query(model: &Model) -> &str {
    model.list.query.trim()
}

/// The chat with somebody that has not ended. There is at most one.
pub fn living_chat(model: &Model, user: UserId) -> Option<&Chat> {
    model.chats.values().find(|chat| chat.view.user == user && !chat.closed())
}

/// Who a row speaks of.
pub fn user_of(model: &Model, row: Row) -> Option<UserId> {
    match row {
        Row::Chat(chat) => model.chats.get(&chat).map(|chat| chat.view.user),
        Row::Contact(user) | Row::Found(user) => Some(user),
        Row::AskServer | Row::Import => None,
    }
}

/// The order in which chats belong: those that live before those that ended, the unread and then the newest first.
pub fn order(model: &Model) -> Vec<ChatId> {
    let mut chats = model.list.chats.clone();
    chats.retain(|id| model.chats.contains_key(id));
    chats.sort_by_key(|id| model.chats.get(id).map(rank));
    chats
}

/// Requests wait for the user as unread messages do.
fn rank(chat: &Chat) -> (bool, bool, Reverse<i32>) {
    let asks = matches!(chat.view.state, ChatState::Requested { left: false });
    let newest = chat.last.as_ref().map_or(chat.view.date, |last| last.date.max(chat.view.date));
    (chat.closed(), chat.unseen == 0 && !asks, Reverse(newest))
}

fn chats<'a>(model: &'a Model, filter: &'a mut Filter) -> impl Iterator<Item = ChatId> + 'a {
    let known = model.list.chats.iter().filter_map(|id| model.chats.get(id));
    known.filter(|chat| filter.score(model, chat.view.user).is_some()).map(|chat| chat.view.id)
}

/// Contacts by name, the best match first.
fn contacts(model: &Model, filter: &mut Filter) -> Vec<UserId> {
    let living = model.chats.values().filter(|chat| !chat.closed());
    let living: BTreeSet<UserId> = living.map(|chat| chat.view.user).collect();
    let listed = model.people.contacts().filter(|user| !living.contains(user) && !model.is_me(*user));
    if filter.0.is_none() {
        return listed.collect();
    }
    let mut fitting: Vec<(Reverse<u32>, UserId)> =
        listed.filter_map(|user| Some((Reverse(filter.score(model, user)?), user))).collect();
    // Stable: among equals the order by name stays.
    fitting.sort_by_key(|(score, _)| *score);
    fitting.into_iter().map(|(_, user)| user).collect()
}

/// Whom the server found for what is in the search line.
fn found(model: &Model) -> Vec<UserId> {
    let found = model.list.found.as_ref().filter(|found| found.query == query(model));
    let people = found.and_then(|found| found.people.clone()).unwrap_or_default();
    people.into_iter().filter(|user| model.people.contains_key(user)).collect()
}

/// The row on which somebody stands who was found.
fn row_of(model: &Model, user: UserId) -> Row {
    match (living_chat(model, user), model.people.get(&user)) {
        (Some(chat), _) => Row::Chat(chat.view.id),
        (None, Some(person)) if person.contact && !model.is_me(user) => Row::Contact(user),
        (None, _) => Row::Found(user),
    }
}

/// Names that only the server knows, and whatever matches nobody here; not again once it has found somebody.
fn asks_server(model: &Model, nobody: bool) -> bool {
    let query = query(model);
    let answered = found(model).is_empty();
    let name = query.strip_prefix('@').is_some_and(|name| !name.is_empty());
    answered && !query.is_empty() && (nobody || name || is_phone(query))
}

/// The number (digits) and the name, where a name stands behind a phone number with its country code.
pub fn import(model: &Model) -> Option<(String, String)> {
    let query = query(model);
    let (number, name) = query.split_at(query.find(char::is_alphabetic)?);
    let digits = check::phone(number).ok().filter(|_| number.starts_with('+'))?;
    Some((digits, name.to_owned()))
}

/// Whether what is looked for could be put on the contacts if a name stood behind it.
pub fn lacks_name(model: &Model) -> bool {
    query(model).starts_with('+') && check::phone(query(model)).is_ok()
}

/// Digits, with the punctuation people put between them.
fn is_phone(text: &str) -> bool {
    /// Fewer digits are more likely part of a name.
    const SHORTEST: usize = 5;
    let digits = text.chars().filter(char::is_ascii_digit).count();
    let rest = |c: char| c.is_ascii_digit() || matches!(c, '+' | ' ' | '-' | '(' | ')');
    digits >= SHORTEST && text.chars().all(rest)
}

/// Characters of the search line that are looked for.
const LONGEST_QUERY: usize = 256;

/// The search line as a filter of people. Empty, it lets everybody through, and is made for nothing.
struct Filter(Option<Needle>);

struct Needle {
    pattern: Pattern,
    /// The digits of the query, if it looks like a phone number.
    digits: Option<String>,
    matcher: Matcher,
    /// What is searched in, and as the matcher wants it: made anew for everybody, in the same place.
    text: String,
    buffer: Vec<char>,
}

impl Filter {
    fn new(query: &str) -> Filter {
        // The matcher's scores are 16 bits wide; what is longer names nobody.
        let words: String = query.trim_start_matches('@').chars().take(LONGEST_QUERY).collect();
        let pattern =
            || Pattern::new(&words, CaseMatching::Ignore, Normalization::Smart, AtomKind::Substring);
        let digits = is_phone(query).then(|| query.chars().filter(char::is_ascii_digit).collect());
        Filter((!words.is_empty()).then(|| Needle {
            pattern: pattern(),
            digits,
            matcher: Matcher::new(Config::DEFAULT),
            text: String::new(),
            buffer: Vec::new(),
        }))
    }

    /// How well somebody fits; `None` if not at all.
    fn score(&mut self, model: &Model, user: UserId) -> Option<u32> {
        match (&mut self.0, model.people.get(&user)) {
            (None, _) => Some(0),
            (Some(_), None) => None,
            (Some(needle), Some(person)) => needle.score(person),
        }
    }
}

impl Needle {
    fn score(&mut self, person: &Person) -> Option<u32> {
        if let (Some(digits), Some(phone)) = (&self.digits, &person.phone)
            && phone.contains(digits.as_str())
        {
            return Some(0);
        }
        self.text.clear();
        let username = person.username.as_deref().unwrap_or_default();
        for part in [&person.first_name, " ", &person.last_name, " ", username] {
            self.text.push_str(part);
        }
        self.pattern.score(Utf32Str::new(&self.text, &mut self.buffer), &mut self.matcher)
    }
}
