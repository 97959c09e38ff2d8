//! What a conversation pane says while there is no conversation: what happened, whose turn it is, and what can be done.
//!
//! A story is a few paragraphs, each with the role it is drawn in; an empty one is an empty line. The first says the state in one
//! sentence that can be understood alone; the last says what comes of it.

use crate::engine::{ChatState, ChatView, Closing, Connection, LocalFault, PeerFault, Person};
use crate::tui::theme::Role;
use crate::tui::words::people::no_chat;

/// Paragraphs, top to bottom.
pub type Story = Vec<(Role, String)>;

/// The story of a chat with somebody called `name` for short.
pub fn chat(view: &ChatView, person: Option<&Person>, name: &str, connection: &Connection) -> Story {
    let story = match &view.state {
        ChatState::Asking => asking(name),
        ChatState::Waiting => waiting(name),
        ChatState::Requested { left } => requested(person, name, *left),
        ChatState::Accepting => accepting(name),
        ChatState::Ready { verified } => ready(name, *verified),
        ChatState::Closed(closing) => self::closing(closing, view, name),
    };
    let needs_server = matches!(view.state, ChatState::Asking | ChatState::Accepting);
    if needs_server && *connection != Connection::Online { with_offline(story) } else { story }
}

/// The same for few rows and columns, where it has to be said in fewer words: what decides comes first.
pub fn short(view: &ChatView, person: Option<&Person>, name: &str) -> Option<Story> {
    match &view.state {
        ChatState::Waiting => Some(vec![
            strong(format!("Waiting for {name}.")),
            text(format!("{name} has to come online and accept.")),
            text("You may write a draft; only you send it."),
        ]),
        ChatState::Requested { left: false } => Some(short_request(person)),
        ChatState::Closed(Closing::Refused(fault)) => {
            let mut story = refused(fault, name);
            if let Some(first) = story.first_mut() {
                *first = (Role::Red, "Refused: not safe.".into());
            }
            Some(story)
        }
        _ => None,
    }
}

/// Who it is stands in the title.
fn short_request(person: Option<&Person>) -> Story {
    let known = if person.is_some_and(|person| person.contact) {
        dim("In your contacts.")
    } else {
        (Role::Amber, "Not in your contacts.".into())
    };
    let mut story = vec![strong("Wants a secret chat."), known, text("The only copy is here.")];
    story.extend(person.map(reach).filter(|reach| !reach.is_empty()).map(dim));
    story
}

/// The story of somebody with whom there is no chat.
pub fn person(person: &Person, name: &str, me: bool) -> Story {
    if let Some(why) = no_chat(person, me) {
        return vec![strong(sentence(why)), dim(who(person))];
    }
    if person.blocked {
        return vec![
            strong(format!("{name} is blocked by you.")),
            dim(who(person)),
            gap(),
            text(
                "They can neither write to you nor ask for a secret chat. Unblock them first, to ask them for one.",
            ),
        ];
    }
    vec![
        strong(format!("No secret chat with {name} yet.")),
        dim(who(person)),
        gap(),
        text(
            "A secret chat is encrypted between two devices. Nobody else has its key, and no server keeps a copy.",
        ),
        text(format!("{name} has to accept it on one device.")),
    ]
}

/// Nothing is open.
pub fn nothing(me: Option<(&Person, String)>, contacts: usize, restored: bool, signed_out: bool) -> Story {
    if !restored {
        return vec![dim("Reading what is stored here.")];
    }
    let mut story = match contacts {
        _ if signed_out => vec![
            strong("This device is signed out."),
            gap(),
            text(
                "What was said here stays, to be read. Nobody can be asked for a new chat before you sign in again.",
            ),
        ],
        0 => vec![
            strong("Nobody here yet."),
            gap(),
            text("Search for a @username or a phone number: whoever is found can be added to your contacts."),
            text("Others find you the same way, and then ask you for a secret chat here."),
        ],
        _ => vec![
            strong("Nothing said is kept anywhere but on two devices."),
            gap(),
            text("Choose somebody on the list to talk to, or search for a @username or a phone number."),
        ],
    };
    if let Some((me, name)) = me {
        let are = if signed_out { "were" } else { "are" };
        story.extend([gap(), dim(format!("You {are} {name}{}.", handle(me)))]);
    }
    story
}

fn asking(name: &str) -> Story {
    vec![
        strong(format!("Asking {name} for a secret chat.")),
        gap(),
        text("1. check Telegram's prime"),
        text("2. make your half of the key"),
        text("3. send the request"),
        gap(),
        dim("This takes a moment, and goes on by itself."),
    ]
}

fn waiting(name: &str) -> Story {
    vec![
        strong(format!("Waiting for {name}.")),
        text(format!("{name} has to come online and accept on one device.")),
        gap(),
        text(
            "You may write a draft now. Nothing is sent before you both hold the key, and then only when you say so.",
        ),
    ]
}

fn requested(person: Option<&Person>, name: &str, left: bool) -> Story {
    let contact = person.is_some_and(|person| person.contact);
    let who = person.map(who).unwrap_or_default();
    let mut story = vec![
        strong(format!("{name} wants to talk to you in secret.")),
        if contact { dim(who) } else { (Role::Amber, who) },
        gap(),
    ];
    story.push(if left {
        text("You left it for another device. Until it is taken there, you can still accept it here.")
    } else {
        text("This device would hold the only copy of what is said.")
    });
    story
}

fn accepting(name: &str) -> Story {
    vec![
        strong(format!("Accepting the request of {name}.")),
        gap(),
        text("1. check Telegram's prime"),
        text("2. make your half of the key"),
        text(format!("3. send it to {name}")),
        gap(),
        dim("This takes a moment, and goes on by itself."),
    ]
}

fn ready(name: &str, verified: bool) -> Story {
    if verified {
        return vec![strong(format!("You and {name} hold the same key.")), dim("Nothing said yet.")];
    }
    vec![
        strong(format!("You and {name} hold a key.")),
        gap(),
        text(format!(
            "Compare its picture with {name} by voice or in person: if it is the same, nobody sits between you."
        )),
        dim("Nothing said yet."),
    ]
}

fn closing(closing: &Closing, view: &ChatView, name: &str) -> Story {
    let over = match view.key {
        Some(_) => "The chat is over and its key destroyed. A new one can be started at any time.",
        None => "No key was made. A new chat can be started at any time.",
    };
    match closing {
        Closing::ByUs if view.key.is_none() && view.ours => {
            vec![strong("You withdrew the request."), text(over)]
        }
        Closing::ByUs => vec![strong("You closed this chat."), text(over)],
        Closing::DeclinedByUs => {
            vec![strong(format!("You declined the request of {name}.")), text("No key was made.")]
        }
        Closing::ByPeer { .. } if view.key.is_none() => {
            vec![strong(format!("{name} closed this chat.")), text(over)]
        }
        Closing::ByPeer { history_deleted: false } => {
            vec![strong(format!("{name} closed this chat.")), text("What was said stays here."), text(over)]
        }
        Closing::ByPeer { history_deleted: true } => vec![
            strong(format!("{name} closed this chat and deleted its history.")),
            text("The messages are gone on both devices."),
            text(over),
        ],
        Closing::DeclinedByPeer => {
            vec![strong(format!("{name} declined.")), text("No key was made, and no draft was sent.")]
        }
        Closing::TakenOrWithdrawn => vec![
            strong("The request is gone."),
            text(format!(
                "{name} withdrew it, or another of your devices took it. If so, the chat is there."
            )),
        ],
        Closing::SignedOut => vec![
            strong("This device was signed out."),
            text(
                "A secret chat is bound to one sign-in of one device; this one cannot go on. What was said stays here.",
            ),
            text(
                "The chat is over and its key destroyed. Once this device is signed in, a new one can be started.",
            ),
        ],
        Closing::Refused(fault) => refused(fault, name),
        Closing::Failed(fault) => failed(fault, name),
    }
}

fn refused(fault: &PeerFault, name: &str) -> Story {
    let before_the_key = matches!(
        fault,
        PeerFault::PublicValue
            | PeerFault::Fingerprint { .. }
            | PeerFault::Participant
            | PeerFault::ChangedPublicValue
    );
    let (sent, key) = if before_the_key {
        ("Nothing was sent.", "no key was kept")
    } else {
        ("Nothing more is sent.", "its key destroyed")
    };
    vec![
        (Role::Red, "This chat was refused: it is not safe.".into()),
        text(format!("Someone between you may be tampering, or {name}'s app is broken.")),
        gap(),
        text(sentence(&fault.to_string())),
        gap(),
        text(format!("{sent} The chat is closed, and {key}.")),
    ]
}

fn failed(fault: &LocalFault, name: &str) -> Story {
    let (what, next) = match fault {
        LocalFault::Rpc { name: code, .. } => rpc(code, name)
            .unwrap_or_else(|| (sentence(&fault.to_string()), "Nothing was sent. You can try again.".into())),
        LocalFault::DhConfig(_) | LocalFault::NoDhConfig => (
            sentence(&fault.to_string()),
            "That is the server's fault. A key made with them might be readable, so none was made.".into(),
        ),
        LocalFault::ForeignAnswer => {
            (sentence(&fault.to_string()), "That is the server's fault. You can try again.".into())
        }
        // They concern a message; no chat ends by them.
        LocalFault::File(_) | LocalFault::ChatOver => {
            (sentence(&fault.to_string()), "You can try again.".into())
        }
    };
    vec![(Role::Red, "This chat could not be started.".into()), gap(), text(what), text(next)]
}

/// What the server's refusals mean, whose fault they are, and what to do.
fn rpc(code: &str, name: &str) -> Option<(String, String)> {
    let (what, next) = match code {
        "DH_G_A_INVALID" => (
            "Telegram did not accept this device's half of the key.".into(),
            format!("The fault is on this side; nothing reached {name}. Trying again makes a new half."),
        ),
        "USER_ID_INVALID" => (
            format!("Telegram does not know {name} from this account."),
            "The account may be gone, or what is known of it here is old. Search for them again.".into(),
        ),
        "USER_IS_BLOCKED" => (
            format!("{name} has blocked you."),
            "No secret chat can be started until they take that back.".into(),
        ),
        "USER_DELETED" | "INPUT_USER_DEACTIVATED" => {
            (format!("{name} has deleted their account."), "There is nobody to talk to any more.".into())
        }
        _ if code.starts_with("FLOOD_WAIT") => (
            "Telegram asks this account to wait: it has asked for too much in a short time.".into(),
            "Nothing was sent. Try again later.".into(),
        ),
        _ => return None,
    };
    Some((what, next))
}

fn with_offline(mut story: Story) -> Story {
    story.pop();
    story.push((Role::Amber, "There is no connection. It goes on by itself as soon as there is one.".into()));
    story
}

/// Username, telephone number, and whether they are a contact.
fn who(person: &Person) -> String {
    let contact = if person.contact { "in your contacts" } else { "not in your contacts" };
    match reach(person) {
        reach if reach.is_empty() => format!("{contact}."),
        reach => format!("{reach}, {contact}."),
    }
}

/// Username and telephone number, as far as they are known.
fn reach(person: &Person) -> String {
    let handle = person.username.as_ref().map(|username| format!("@{username}"));
    let phone = person.phone.as_ref().map(|phone| format!("+{phone}"));
    handle.into_iter().chain(phone).collect::<Vec<_>>().join(", ")
}

fn handle(me: &Person) -> String {
    me.username.as_ref().map(|username| format!(", @{username}")).unwrap_or_default()
}

/// A fault's half sentence as a whole one.
fn sentence(half: &str) -> String {
    let mut chars = half.chars();
    let first: String = chars.next().into_iter().flat_map(char::to_uppercase).collect();
    format!("{first}{}.", chars.as_str().trim_end_matches('.'))
}

fn strong(words: impl Into<String>) -> (Role, String) {
    (Role::Strong, words.into())
}

fn text(words: impl Into<String>) -> (Role, String) {
    (Role::Text, words.into())
}

fn dim(words: impl Into<String>) -> (Role, String) {
    (Role::Dim, words.into())
}

fn gap() -> (Role, String) {
    (Role::Text, String::new())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_half_sentence_becomes_a_whole_one() {
        assert_eq!(sentence("the server said no"), "The server said no.");
        assert_eq!(sentence("ärger."), "Ärger.");
        assert_eq!(sentence(""), ".");
    }

    #[test]
    fn nothing_more_is_sent_once_something_was() {
        let said = |fault| refused(&fault, "Ada").last().map(|(_, words)| words.clone()).unwrap();
        assert!(said(PeerFault::PublicValue).starts_with("Nothing was sent."));
        assert!(said(PeerFault::Parity).starts_with("Nothing more is sent."));
    }
}
