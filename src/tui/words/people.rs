//! What stands behind a name, in words: who is there and since when not, who is blocked, who is no human, who is the user.
//!
//! One thing is said of everybody, the most important one: that an account is deleted before that it is blocked, and that before when it was
//! last there.

use jiff::tz::TimeZone;

use super::time;
use crate::engine::{Person, PersonKind, Presence};
use crate::tui::theme::Role;

/// What is said of somebody beside their name, from the longest form to the shortest, and the role it is drawn in.
pub fn standing(person: &Person, me: bool, now_ms: i64, zone: &TimeZone) -> (Role, [String; 2]) {
    let both = |long: &str, short: &str| [long.to_owned(), short.to_owned()];
    match person.kind {
        _ if me => (Role::Dim, both("you", "you")),
        PersonKind::Deleted => (Role::Dim, both("deleted account", "deleted")),
        _ if person.blocked => (Role::Amber, both("blocked by you", "blocked")),
        PersonKind::Bot => (Role::Dim, both("bot", "bot")),
        PersonKind::Human => {
            let online =
                matches!(person.presence, Presence::Online { until } if i64::from(until) * 1000 > now_ms);
            let role = if online { Role::Green } else { Role::Dim };
            (role, time::seen(person.presence, now_ms, zone))
        }
    }
}

/// Why no secret chat can be had with somebody, if none can.
pub fn no_chat(person: &Person, me: bool) -> Option<&'static str> {
    match person.kind {
        _ if me => Some("this is you: a secret chat is with somebody else"),
        PersonKind::Deleted => Some("this account is deleted: nobody is there for a secret chat"),
        PersonKind::Bot => Some("this is a bot: bots hold no keys, so no secret chat can be had with one"),
        PersonKind::Human => None,
    }
}
