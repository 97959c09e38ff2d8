//! Events as lines: one line for each, with what a script needs first and what a person needs after it.
//!
//! Every string that came from the network is made safe here, on its way into a line; a line break in a message becomes ` | `, so
//! that one event stays one line.

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::book::Book;
use super::names::message_name;
use crate::engine::{Body, ChatEvent, ChatId, ChatView, Connection, Direction, Message, Person};
use crate::tui::view::key::{Look, key_picture, plain};
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

/// A message with its chat, sender, time and name.
pub fn message(book: &Book, message: &Message) -> String {
    let own = message.direction == Direction::Out;
    let from = if own { "you".into() } else { book.name_in(message.chat) };
    let said = body(&message.body);
    let burns = if message.ttl > 0 {
        format!(" (burns {} after reading)", words::seconds(message.ttl))
    } else {
        String::new()
    };
    let state = match words::delivery(message.delivery) {
        "" => String::new(),
        state => format!(" [{state}]"),
    };
    let name = message_name(message.random_id);
    format!("{} {} {from} {name}{state}: {said}{burns}", message.chat, clock(message.date))
}

fn body(body: &Body) -> String {
    match body {
        Body::Text(words) => text::safe_text(&words.plain).replace('\n', " | "),
        Body::TimerSet(0) => "* the timer for new messages was switched off".into(),
        Body::TimerSet(seconds) => {
            format!("* the timer for new messages was set to {}", words::seconds(*seconds))
        }
        _ => "* a message that this version cannot show; it is kept for a newer one".into(),
    }
}

/// A chat event as a line; `None` for what needs none.
pub fn event(book: &Book, event: &ChatEvent) -> Option<String> {
    Some(match event {
        ChatEvent::Chat(view) => chat(book, view),
        ChatEvent::Message(it) => message(book, it),
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
        ChatEvent::Missing { chat, count: 0 } => format!("{chat} the missing messages have arrived"),
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
    let presence = words::presence(person.presence, now);
    let gap = if presence.is_empty() { "" } else { ", " };
    format!("contact {}{gap}{presence}", book.full_name(person))
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
