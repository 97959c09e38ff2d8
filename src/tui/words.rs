//! Every sentence about a chat that the user reads, in one place.
//!
//! Screens and line mode say the same thing in the same words. Telegram gives no gender, so people are called by their name or
//! "they". Names come in safe already; whatever comes out of a fault's own sentence is made safe by whoever prints it.

pub mod account;
pub mod content;
pub mod info;
pub mod people;
pub mod question;
pub mod short;
pub mod sign_in;
pub mod story;
pub mod time;

use crate::engine::{
    ChatState, ChatView, Closing, Connection, Delivery, Direction, Person, PersonKind, Presence,
};
use jiff::tz::TimeZone;

/// The state of a chat with somebody called `name`, as half a sentence.
pub fn state(view: &ChatView, name: &str) -> String {
    match &view.state {
        ChatState::Asking => format!("asking {name}"),
        ChatState::Waiting => format!("waiting for {name} to accept"),
        ChatState::Requested { left: false } => format!("{name} asks for a secret chat"),
        ChatState::Requested { left: true } => {
            format!("{name} asks for a secret chat; left for another device")
        }
        ChatState::Accepting => format!("accepting the request of {name}"),
        ChatState::Ready { verified: true } => format!("ready with {name}, verified"),
        ChatState::Ready { verified: false } => format!("ready with {name}, not verified"),
        ChatState::Closed(closing) => self::closing(closing, name),
    }
}

/// How a chat ended.
pub fn closing(closing: &Closing, name: &str) -> String {
    match closing {
        Closing::ByUs => "closed by you".into(),
        Closing::DeclinedByUs => format!("you declined the request of {name}"),
        Closing::ByPeer { history_deleted: false } => format!("closed by {name}"),
        Closing::ByPeer { history_deleted: true } => {
            format!("closed by {name}, who deleted the history for both")
        }
        Closing::DeclinedByPeer => format!("{name} declined"),
        Closing::TakenOrWithdrawn => {
            format!("{name} withdrew the request, or another of your devices took it")
        }
        Closing::SignedOut => "over: this device was signed out".into(),
        Closing::Refused(fault) => {
            format!("refused: {fault}. Nothing more is sent; the chat is closed and its key destroyed")
        }
        Closing::Failed(fault) => format!("failed: {fault}"),
    }
}

/// The state of a chat with somebody called `name`, in as few words as a row of the list has room for.
pub fn brief(view: &ChatView, name: &str) -> String {
    match &view.state {
        ChatState::Asking => "asking".into(),
        ChatState::Waiting => format!("waiting for {name}"),
        ChatState::Requested { left: false } => "asks for a secret chat".into(),
        ChatState::Requested { left: true } => "left for another device".into(),
        ChatState::Accepting => "accepting".into(),
        ChatState::Ready { verified: true } => "ready, verified".into(),
        ChatState::Ready { verified: false } => "ready, not verified".into(),
        ChatState::Closed(closing) => match closing {
            Closing::ByUs if view.key.is_none() && view.ours => "withdrawn by you".into(),
            Closing::ByUs => "closed by you".into(),
            Closing::DeclinedByUs => "declined by you".into(),
            Closing::ByPeer { history_deleted: false } => format!("closed by {name}"),
            Closing::ByPeer { history_deleted: true } => format!("closed, deleted by {name}"),
            Closing::DeclinedByPeer => format!("declined by {name}"),
            Closing::TakenOrWithdrawn => "withdrawn or taken".into(),
            Closing::SignedOut => "over: signed out".into(),
            Closing::Refused(_) => "refused: not safe".into(),
            Closing::Failed(_) => "failed".into(),
        },
    }
}

/// The state of a chat beside the name in the title of its pane.
pub fn title(view: &ChatView, name: &str, zone: &TimeZone) -> String {
    match &view.state {
        ChatState::Waiting => format!("waiting since {}", time::clock(view.date, zone)),
        ChatState::Ready { verified: true } => "verified".into(),
        ChatState::Ready { verified: false } => "not verified".into(),
        _ => brief(view, name),
    }
}

/// The way to the server, from the longest form to the shortest. The reason of a failure is as it came.
pub fn connection(connection: &Connection, zone: &TimeZone) -> Vec<String> {
    match connection {
        Connection::Offline => vec!["no connection".into(), "offline".into()],
        Connection::Connecting => vec!["connecting".into()],
        Connection::Syncing => vec!["connected, fetching what was missed".into(), "fetching".into()],
        Connection::Online => vec!["connected".into()],
        Connection::Waiting { until_unix_ms, reason } => {
            let next = time::clock_with_seconds(*until_unix_ms, zone);
            vec![
                format!("no connection ({reason}), next try at {next}"),
                format!("no connection, next try at {next}"),
                format!("offline until {next}"),
                "offline".into(),
            ]
        }
        Connection::Refused(_) => vec!["not connected: needs you".into(), "offline".into()],
    }
}

/// How many messages nobody has seen; nothing for none.
pub fn unread(count: u32) -> Option<String> {
    (count > 0).then(|| format!("{count} unread"))
}

/// How far an own message has come; nothing for the peer's.
pub fn delivery(delivery: Delivery) -> &'static str {
    match delivery {
        Delivery::Queued => "queued",
        Delivery::Sent => "with the server",
        Delivery::Read => "read",
        Delivery::Failed => "failed",
        Delivery::Unseen | Delivery::Seen => "",
    }
}

/// A timer in the largest unit that divides it.
pub fn seconds(seconds: i32) -> String {
    const UNITS: [(i32, &str); 4] = [(7 * 86_400, "w"), (86_400, "d"), (3_600, "h"), (60, "min")];
    match UNITS.iter().find(|(unit, _)| seconds != 0 && seconds % unit == 0) {
        Some((unit, name)) => format!("{} {name}", seconds / unit),
        None => format!("{seconds} s"),
    }
}

/// The line that a change of the self-destruct timer leaves in the history.
pub fn timer_set(ttl: i32, by: Direction, name: &str) -> String {
    let who = if by == Direction::Out { "You" } else { name };
    match ttl {
        ..=0 => format!("{who} turned the timer off"),
        _ => format!("{who} set the timer to {}", seconds(ttl)),
    }
}

/// The line of a screenshot that somebody says they took.
pub fn screenshot(by: Direction, name: &str) -> String {
    let who = if by == Direction::Out { "You" } else { name };
    format!("{who} took a screenshot")
}

/// The line of a message that is authentic but cannot be shown.
pub fn unsupported(by: Direction, name: &str) -> String {
    let who = if by == Direction::Out { "You" } else { name };
    format!("{who} sent something that is not shown yet")
}

/// Messages that have not arrived.
pub fn missing(count: i32) -> String {
    match count {
        1 => "1 message is missing, asked again".into(),
        _ => format!("{count} messages are missing, asked again"),
    }
}

/// The hole has closed: what was missing has come, or the one who wrote it has deleted it.
pub fn filled(count: i32) -> String {
    match count {
        1 => "nothing is missing any more: the message arrived or was deleted".into(),
        _ => format!("nothing is missing any more: {count} messages arrived or were deleted"),
    }
}

/// What they are called, a deleted account by just that: first and last name as they came, or the username, or the phone number, or the bare number.
pub fn name(person: &Person) -> String {
    if person.kind == PersonKind::Deleted {
        return "deleted account".into();
    }
    let full = format!("{} {}", person.first_name, person.last_name);
    let full = full.trim();
    match (full.is_empty(), &person.username, &person.phone) {
        (false, ..) => full.to_owned(),
        (true, Some(username), _) => format!("@{username}"),
        (true, None, Some(phone)) => format!("+{phone}"),
        (true, None, None) => format!("user {}", person.id),
    }
}

/// Whether somebody is there; `now` in unix seconds.
pub fn presence(presence: Presence, now: i32) -> String {
    match presence {
        Presence::Unknown => "last seen a long time ago".into(),
        Presence::Online { until } if until > now => "online".into(),
        Presence::Online { until } | Presence::LastSeen(until) => {
            format!("last seen {}", ago(now.saturating_sub(until)))
        }
        Presence::Recently => "last seen recently".into(),
        Presence::LastWeek => "last seen within a week".into(),
        Presence::LastMonth => "last seen within a month".into(),
    }
}

fn ago(seconds: i32) -> String {
    match seconds {
        ..60 => "just now".into(),
        60..3_600 => format!("{} min ago", seconds / 60),
        3_600..86_400 => format!("{} h ago", seconds / 3_600),
        _ => format!("{} d ago", seconds / 86_400),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::UserId;

    #[test]
    fn times_are_said_in_their_largest_unit() {
        let cases =
            [(1, "1 s"), (60, "1 min"), (90, "90 s"), (7_200, "2 h"), (86_400, "1 d"), (604_800, "1 w")];
        for (given, said) in cases {
            assert_eq!(seconds(given), said);
        }
    }

    #[test]
    fn people_without_a_name_are_called_by_what_there_is() {
        let mut person = Person {
            id: UserId(7),
            access_hash: 0,
            first_name: " Ada".into(),
            last_name: String::new(),
            username: Some("ada".into()),
            phone: Some("123".into()),
            contact: false,
            blocked: false,
            kind: crate::engine::PersonKind::Human,
            presence: Presence::Unknown,
        };
        assert_eq!(name(&person), "Ada");
        person.first_name.clear();
        assert_eq!(name(&person), "@ada");
        person.username = None;
        assert_eq!(name(&person), "+123");
        person.phone = None;
        assert_eq!(name(&person), "user 7");
    }

    #[test]
    fn presence_ages() {
        assert_eq!(presence(Presence::Online { until: 100 }, 99), "online");
        assert_eq!(presence(Presence::Online { until: 100 }, 220), "last seen 2 min ago");
        assert_eq!(presence(Presence::LastSeen(0), 7_200), "last seen 2 h ago");
    }
}
