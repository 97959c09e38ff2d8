//! Every sentence about a chat that the user reads, in one place.
//!
//! Screens and line mode say the same thing in the same words. Telegram gives no gender, so people are called by their name or
//! "they". Names come in safe already; whatever comes out of a fault's own sentence is made safe by whoever prints it.

use crate::engine::{ChatState, ChatView, Closing, Delivery, Person, Presence};

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

/// First and last name as they came, or the username, or the phone number, or the bare number.
pub fn name(person: &Person) -> String {
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
        Presence::Unknown => String::new(),
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
