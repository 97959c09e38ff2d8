//! What is known of a person and of the chat with them, fact by fact.
//!
//! The same facts stand in the details of the screen and in line mode. Times are those of day and dates, since the page stays open while
//! time passes.

use jiff::tz::TimeZone;

use super::{brief, seconds, time};
use crate::engine::{ChatState, KeyState, Person, PersonKind};
use crate::tui::model::Chat;
use crate::tui::theme::Role;

/// The layer below which an app cannot take part in a secret chat of today.
const OLDEST_LAYER: i32 = 73;

/// A word and what it stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fact {
    pub label: &'static str,
    pub role: Role,
    pub words: String,
}

/// What is known of somebody called `name` for short, the strings of `person` safe, and of a chat with them; `me` says that it is the user.
pub fn facts(
    person: Option<&Person>,
    chat: Option<&Chat>,
    name: &str,
    me: bool,
    now_ms: i64,
    zone: &TimeZone,
) -> Vec<Fact> {
    let mut facts = person.map(|person| of_person(person, me, now_ms, zone)).unwrap_or_default();
    if let Some(chat) = chat {
        facts.extend(of_chat(chat, name, now_ms, zone));
    } else if !me {
        facts.push(dim("chat", "no secret chat with them"));
    }
    facts
}

fn of_person(person: &Person, me: bool, now_ms: i64, zone: &TimeZone) -> Vec<Fact> {
    let mut facts = Vec::new();
    facts.extend(person.username.as_ref().map(|name| text("username", format!("@{name}"))));
    facts.extend(person.phone.as_ref().map(|phone| text("phone", format!("+{phone}"))));
    if me {
        facts.push(text("account", "yours: others find you by what stands above"));
        return facts;
    }
    match person.kind {
        PersonKind::Bot => facts.push(amber("kind", "a bot: no secret chat can be had with it")),
        PersonKind::Deleted => facts.push(amber("kind", "a deleted account: nobody is there any more")),
        PersonKind::Human => {
            let [seen, _] = time::seen(person.presence, now_ms, zone);
            facts.push(text("presence", seen));
        }
    }
    facts.push(if person.contact {
        text("contact", "yes")
    } else {
        amber("contact", "not in your contacts")
    });
    facts.extend(person.blocked.then(|| amber("blocked", "by you: they can neither write nor ask")));
    facts
}

fn of_chat(chat: &Chat, name: &str, now_ms: i64, zone: &TimeZone) -> Vec<Fact> {
    let view = &chat.view;
    let who = if view.ours { "you".to_owned() } else { name.to_owned() };
    let since = format!("{}, {}", time::day(view.date, now_ms, zone), time::clock(view.date, zone));
    let mut facts = vec![text("chat", brief(view, name)), text("asked for by", format!("{who}, {since}"))];
    let timer = if view.ttl > 0 { seconds(view.ttl) } else { "off".into() };
    facts.push(text("timer", timer));
    if let ChatState::Ready { verified } = view.state {
        facts.push(if verified {
            green("key", "verified: you compared the pictures")
        } else {
            amber("key", "not verified: compare the pictures")
        });
        facts.extend(view.key_state.map(|key| of_key(key, now_ms, zone)).unwrap_or_default());
        facts.push(app(view.peer_layer, name));
    }
    facts
}

fn of_key(key: KeyState, now_ms: i64, zone: &TimeZone) -> Vec<Fact> {
    let since =
        format!("{} {}", time::stamp(key.since, now_ms, zone), clock_if_not_today(key.since, now_ms, zone));
    let changed = match key.changes {
        0 => "never since the chat began".to_owned(),
        1 => "once".to_owned(),
        times => format!("{times} times"),
    };
    let mut facts = vec![
        text("changed", changed),
        text("in use since", since.trim_end().to_owned()),
        text("under it", format!("{} messages", key.uses)),
    ];
    facts.extend(key.changing.then(|| amber("now", "being changed; the picture stays the same")));
    facts
}

/// The time of day, where the stamp before it is a day.
fn clock_if_not_today(unix: i32, now_ms: i64, zone: &TimeZone) -> String {
    let clock = time::clock(unix, zone);
    if time::stamp(unix, now_ms, zone) == clock { String::new() } else { clock }
}

/// What the other app understands.
fn app(layer: i32, name: &str) -> Fact {
    match layer {
        ..OLDEST_LAYER => red("their app", format!("too old (layer {layer}): {name} should update it")),
        _ => text("their app", format!("understands layer {layer}")),
    }
}

/// The sentence for a chat whose other app is too old, if it is.
pub fn too_old(layer: i32, name: &str) -> Option<String> {
    (layer < OLDEST_LAYER).then(|| {
        format!("{name}'s app is too old for what is sent here (layer {layer}); it may show nothing of it")
    })
}

fn text(label: &'static str, words: impl Into<String>) -> Fact {
    Fact { label, role: Role::Text, words: words.into() }
}

fn dim(label: &'static str, words: impl Into<String>) -> Fact {
    Fact { label, role: Role::Dim, words: words.into() }
}

fn amber(label: &'static str, words: impl Into<String>) -> Fact {
    Fact { label, role: Role::Amber, words: words.into() }
}

fn green(label: &'static str, words: impl Into<String>) -> Fact {
    Fact { label, role: Role::Green, words: words.into() }
}

fn red(label: &'static str, words: impl Into<String>) -> Fact {
    Fact { label, role: Role::Red, words: words.into() }
}
