//! Events as lines: one line for each, with what a script needs first and what a person needs after it.
//!
//! Every string that came from the network is made safe here, on its way into a line; a line break in a message becomes ` | `, so
//! that one event stays one line.

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::book::Book;
use super::names::message_name;
use crate::engine::{
    Body, ChatEvent, ChatId, ChatState, ChatView, Connection, Device, Direction, Message, Person, PersonKind,
    Text, Transfer,
};
use crate::tui::formatted;
use crate::tui::model::Chat;
use crate::tui::view::key::{Look, key_picture, plain};
use crate::tui::words::{account, content};
use crate::tui::{text, words};

/// The state of the connection.
pub fn connection(connection: &Connection, now_ms: i64) -> String {
    match connection {
        Connection::Offline => "* offline".into(),
        Connection::Connecting => "* connecting".into(),
        Connection::Syncing => "* connected, fetching what was missed".into(),
        Connection::Online => "* online".into(),
        Connection::Waiting { until_unix_ms, reason } => {
            let seconds = (until_unix_ms - now_ms).max(0) / 1000 + 1;
            format!("* next attempt in {seconds} s: {}", text::safe_line(reason))
        }
        Connection::Refused(reason) => format!("* {}", text::safe_line(reason)),
    }
}

/// A chat's number, whom it is with, and where it stands.
pub fn chat(book: &Book, view: &ChatView) -> String {
    let name = book.person(view.user).map_or_else(|| book.name(view.user), |person| book.full_name(person));
    let stranger = book.person(view.user).is_none_or(|person| !person.contact);
    let stranger = if stranger && !view.ours { ", not in your contacts" } else { "" };
    let timer = if view.ttl > 0 { format!(", timer {}", words::seconds(view.ttl)) } else { String::new() };
    // Faults may quote the server.
    let state = text::safe_line(&words::state(view, &book.name(view.user)));
    format!("chat {} with {name}: {state}{stranger}{timer}", view.id)
}

/// A message with its chat, sender, time and name; what is hidden in it stays so unless it is `revealed`.
pub fn message(book: &Book, message: &Message, revealed: bool) -> String {
    let own = message.direction == Direction::Out;
    let from = if own { "you".into() } else { book.name_in(message.chat) };
    let said = body(book, message, revealed);
    let state = match words::delivery(message.delivery) {
        "" => String::new(),
        state => format!(" [{state}]"),
    };
    let answered = message.reply_to.map(|id| format!(" (answers {})", message_name(id))).unwrap_or_default();
    let name = message_name(message.random_id);
    let more = more(message);
    format!("{} {} {from} {name}{state}{answered}: {said}{more}", message.chat, clock(message.date))
}

/// What is special about how a message was sent, and when it burns.
fn more(message: &Message) -> String {
    let via = message.via_bot.as_deref().map(|bot| format!("via @{}", text::safe_line(bot)));
    let silent = message.silent.then(|| "silent".to_owned());
    let burns = match message.destruct_ms {
        Some(end) => Some(format!("burns at {}", second(end))),
        None => (message.ttl > 0).then(|| format!("burns {} after reading", words::seconds(message.ttl))),
    };
    let parts = [via, silent, burns].into_iter().flatten().map(|part| format!(" ({part})"));
    parts.collect()
}

fn body(book: &Book, message: &Message, revealed: bool) -> String {
    let shown = |text: &Text| {
        if revealed { text::safe_text(&text.plain).replace('\n', " | ") } else { hidden(text) }
    };
    let name = book.name_in(message.chat);
    match &message.body {
        Body::Text(text) => shown(text),
        Body::WebPage { text, url } => format!("{} (page {})", shown(text), text::safe_line(url)),
        Body::File(file) if content::covered(message) => {
            let name = message_name(message.random_id);
            format!(
                "{}, hidden; /view {name} shows it, and then it destroys itself",
                content::kind(&file.kind)
            )
        }
        Body::File(file) => {
            let parts = [content::kind(&file.kind).to_owned(), content::file_name(file)];
            let parts = parts.into_iter().chain(content::details(file)).filter(|part| !part.is_empty());
            let caption = shown(&file.caption);
            let caption = if caption.is_empty() { caption } else { format!(": {caption}") };
            format!("{}{caption}", parts.collect::<Vec<_>>().join(", "))
        }
        Body::Contact { phone, first_name, last_name } => {
            format!("contact {}, {}", content::contact_name(first_name, last_name), text::safe_line(phone))
        }
        Body::Location(at) => format!("place {}", content::coordinates(*at).unwrap_or_default()),
        Body::Venue { location, title, address, .. } => {
            let at = content::coordinates(*location).unwrap_or_default();
            format!("place {}, {}, {at}", text::safe_line(title), text::safe_line(address))
        }
        Body::Sticker { emoji, set, .. } => {
            format!("sticker {} of the set {}", text::safe_line(emoji), text::safe_line(set))
        }
        Body::TimerSet(0) => "* the timer for new messages was switched off".into(),
        Body::TimerSet(seconds) => {
            format!("* the timer for new messages was set to {}", words::seconds(*seconds))
        }
        Body::Screenshot => format!("* {}", words::screenshot(message.direction, &name)),
        Body::Unsupported(_) => {
            "* a message that this version cannot show; it is kept for a newer one".into()
        }
    }
}

/// A text on one line, its line breaks as ` | ` and its spoilers hidden.
fn hidden(text: &Text) -> String {
    match formatted::has_spoiler(text) {
        true => formatted::line(text),
        false => text::safe_text(&text.plain).replace('\n', " | "),
    }
}

/// How far a file has come.
pub fn transfer(chat: ChatId, random_id: i64, transfer: &Transfer) -> String {
    let state = match transfer {
        Transfer::Running { done, size } => {
            format!("{} of {}", content::bytes(*done), content::bytes(*size))
        }
        Transfer::Paused { done, size } => {
            format!("paused at {} of {}", content::bytes(*done), content::bytes(*size))
        }
        Transfer::Failed(reason) => format!("stopped: {}", text::safe_line(reason)),
        Transfer::Done { path: Some(path) } => {
            format!("saved as {}", text::safe_line(&path.to_string_lossy()))
        }
        Transfer::Done { path: None } => "with the server".into(),
        Transfer::Cancelled => "given up".into(),
    };
    format!("{chat} {} file {state}", message_name(random_id))
}

/// What is known of a chat: whose turn, key, other app.
pub fn info(book: &Book, view: &ChatView, now_ms: i64) -> Vec<String> {
    let person = book.person(view.user).map(names_safe);
    let shown = Chat::new(view.clone());
    let name = book.name(view.user);
    let facts = words::info::facts(person.as_ref(), Some(&shown), &name, false, now_ms, &TimeZone::system());
    let facts = facts.into_iter().map(|fact| format!("{} {}: {}", view.id, fact.label, fact.words));
    facts.collect()
}

fn names_safe(person: &Person) -> Person {
    let some = |text: &Option<String>| text.as_deref().map(text::safe_line);
    Person { username: some(&person.username), phone: some(&person.phone), ..person.clone() }
}

/// A chat event as a line; `None` for what needs none.
pub fn event(book: &Book, event: &ChatEvent) -> Option<String> {
    Some(match event {
        ChatEvent::Chat(view) => chat(book, view),
        ChatEvent::Message(it) => message(book, it, false),
        ChatEvent::Sent { chat, random_id, .. } => {
            format!("{chat} {} with the server", message_name(*random_id))
        }
        ChatEvent::Failed { chat, random_id, reason } => {
            format!("{chat} {} failed: {}", message_name(*random_id), text::safe_line(&reason.to_string()))
        }
        ChatEvent::Deleted { chat, random_ids } => {
            let names: Vec<String> = random_ids.iter().take(10).map(|id| message_name(*id)).collect();
            let more = if random_ids.len() > names.len() { " and more" } else { "" };
            format!("{chat} deleted: {}{more}", names.join(" "))
        }
        ChatEvent::HistoryGone(chat) => format!("{chat} the history was deleted"),
        ChatEvent::ReadByPeer { chat, max_date } => {
            format!("{chat} {} read everything up to {}", book.name_in(*chat), clock(*max_date))
        }
        ChatEvent::Opened { chat, random_id } => format!("{chat} {} was opened", message_name(*random_id)),
        ChatEvent::Destruct { .. } => return None,
        ChatEvent::Reported(chat) => format!("{chat} reported"),
        ChatEvent::Typing(chat) => format!("{chat} {} is typing", book.name_in(*chat)),
        ChatEvent::Missing { chat, count: 0 } => {
            format!("{chat} nothing is missing any more: what was arrived or was deleted")
        }
        ChatEvent::Missing { chat, count: 1 } => format!("{chat} 1 message is missing, asked again"),
        ChatEvent::Missing { chat, count } => format!("{chat} {count} messages are missing, asked again"),
        ChatEvent::Trouble { chat: Some(chat), trouble } => {
            format!("! {chat} {}", text::safe_line(&trouble.to_string()))
        }
        ChatEvent::Trouble { chat: None, trouble } => format!("! {}", text::safe_line(&trouble.to_string())),
    })
}

/// A contact with whether they are there.
pub fn contact(book: &Book, person: &Person, now: i32) -> String {
    let standing = match person.kind {
        // The name says it already.
        PersonKind::Deleted => String::new(),
        _ if person.blocked => "blocked by you".into(),
        PersonKind::Bot => "bot".into(),
        PersonKind::Human => words::presence(person.presence, now),
    };
    let gap = if standing.is_empty() { "" } else { ", " };
    format!("contact {}{gap}{standing}", book.full_name(person))
}

/// The devices of the account, a line for each, with the number that names it.
pub fn devices(devices: &[Device], now_ms: i64) -> Vec<String> {
    let zone = TimeZone::system();
    let lines = (1..).zip(devices).map(|(number, device)| {
        let own = if device.own { " (this device)" } else { "" };
        let name = account::device_name(device);
        let (program, place) = (account::program(device), account::whereabouts(device, now_ms, &zone));
        format!("device {number} {name}{own}: {}, {program}, {place}", account::receives(device))
    });
    lines.collect()
}

/// The way to the server.
pub fn proxy(proxy: Option<&str>) -> String {
    format!("* the way to the server: {}", account::proxy(proxy))
}

/// What is lost by signing out, and how it is done.
pub fn sign_out(book: &Book) -> Vec<String> {
    let bound = |view: &&ChatView| !matches!(view.state, ChatState::Closed(_) | ChatState::Requested { .. });
    let mut lines: Vec<String> = book.chats().filter(bound).map(|view| chat(book, view)).collect();
    lines.push(match lines.len() {
        0 => "* no secret chat is open here; /sign-out leave signs this device out".into(),
        _ => {
            "* these end with it: /sign-out close tells the other side first, /sign-out leave does not".into()
        }
    });
    lines
}

/// The key picture and its hex, to be compared by voice or in person.
pub fn key(book: &Book, chat: ChatId) -> Vec<String> {
    let Some(picture) = book.chat(chat).and_then(|view| view.key) else {
        return vec!["! this chat has no key yet".into()];
    };
    let mut lines = vec![format!("key of chat {chat} with {}", book.name_in(chat))];
    lines.extend(plain(&key_picture(&picture, Look::Plain)));
    lines.extend(picture.hex_lines());
    lines.push(
        "If this is the same on the other device, nobody sits between you. Compare by voice or in person,"
            .into(),
    );
    lines.push("not in this chat; then /verify remembers it.".into());
    lines
}

/// The whole date, since a line may be read at any time.
fn clock(unix_s: i32) -> String {
    match Timestamp::from_second(i64::from(unix_s)) {
        Ok(time) => time.to_zoned(TimeZone::system()).strftime("%Y-%m-%d %H:%M").to_string(),
        Err(_) => "?".into(),
    }
}

/// A moment of the day, to the second; unix milliseconds.
fn second(unix_ms: i64) -> String {
    words::time::clock_with_seconds(unix_ms, &TimeZone::system())
}
