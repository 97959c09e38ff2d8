//! Everything the screen knows: one value, changed by [`update`](super::update) alone and drawn by [`view`](super::view).
//!
//! The model holds what the engine has told and what the user is doing, and nothing that could be computed from the two. It has
//! no clock and no terminal: the time of the last event and the size of the terminal are fields, so that the same model always
//! gives the same cells.

mod people;
mod popup;
mod progress;

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use jiff::tz::TimeZone;
use ratatui_textarea::TextArea;

use crate::engine::{ChatId, ChatState, ChatView, Connection, Device, Message, Person, UserId};

pub use people::People;
pub use popup::{Act, Attach, Confirm, Link, Menu, MenuItem, Popup, Preview, TIMERS};
pub use progress::Progress;

/// The whole state of the terminal front end.
#[derive(Clone, Debug)]
pub struct Model {
    /// The profile's name, for the header.
    pub profile: String,
    pub me: Option<Person>,
    pub connection: Connection,
    pub people: People,
    /// The devices of the account, as last told; `None` before that.
    pub devices: Option<Vec<Device>>,
    /// The proxy on the way to the server, as it may be shown.
    pub proxy: Option<String>,
    /// This device is not signed in any more; what ended it, as a sentence.
    pub signed_out: Option<String>,
    pub chats: BTreeMap<ChatId, Chat>,
    pub list: List,
    /// What the conversation pane shows.
    pub open: Option<Open>,
    pub focus: Focus,
    /// At most one, over everything else.
    pub popup: Option<Popup>,
    /// One sentence about what just happened; gone with the next key.
    pub toast: Option<Toast>,
    /// Columns and rows of the terminal.
    pub size: (u16, u16),
    /// Whether the terminal has the keyboard; true until it says otherwise, since many terminals say nothing.
    pub terminal_focus: bool,
    /// The pause (its end, unix milliseconds) that a key has cut short, and when.
    pub dialled: Option<(i64, i64)>,
    /// When the engine was last told that somebody is here, unix milliseconds; `None` if it was told that nobody is.
    pub active_ms: Option<i64>,
    /// Unix milliseconds at the last message to [`update`](super::update).
    pub now_ms: i64,
    /// The user's folder, which `~` stands for.
    pub home: Option<PathBuf>,
    /// For times and days on the screen.
    pub zone: TimeZone,
    /// The stored state has been told: before that an empty list means nothing.
    pub restored: bool,
    /// The reason for the end, once there is one.
    pub ending: Option<Ending>,
    /// Somebody with whom the user has just asked for a chat: it opens when it appears, unless another key came first.
    pub wish: Option<UserId>,
    /// The composer went away under the user's hands: what they go on typing must not be taken for commands, so printable keys do
    /// nothing until another key is pressed.
    pub hands_off: bool,
}

/// One secret chat as far as the screen has it.
#[derive(Clone, Debug)]
pub struct Chat {
    pub view: ChatView,
    /// Incoming messages the user has not seen.
    pub unseen: u32,
    /// The newest message, for the row in the list.
    pub last: Option<Message>,
    /// What has been read of the history, oldest first.
    pub history: History,
    pub composer: TextArea<'static>,
    /// Messages of the peer that are missing and were asked for.
    pub missing: i32,
    /// How many were missing before the hole closed; 0 once something new has been said.
    pub filled: i32,
    /// When the peer was last seen typing, unix milliseconds.
    pub typing_ms: Option<i64>,
    /// Why own messages failed, by `random_id`.
    pub failures: BTreeMap<i64, String>,
    /// The message that the composer answers, by `random_id`.
    pub reply: Option<i64>,
    /// How far the files of messages have come, by `random_id`.
    pub transfers: BTreeMap<i64, Progress>,
    /// Messages whose spoilers the user has opened, by `random_id`.
    pub revealed: BTreeSet<i64>,
    /// The engine was told that the user types here, and not yet that it is over.
    pub typing_told: bool,
    /// Until when the server wants nothing to be sent, unix milliseconds.
    pub flood_until_ms: Option<i64>,
}

/// The part of a chat's history that is in memory.
#[derive(Clone, Debug, Default)]
pub struct History {
    /// Oldest first.
    pub messages: Vec<Message>,
    /// Place of the oldest one in the vault, to read on from; `None` before anything was read.
    pub first_place: Option<i64>,
    /// A piece of it is being read.
    pub asked: bool,
    /// There is nothing before the oldest one.
    pub complete: bool,
}

/// The list pane: search line, selection, and the order in which chats were last put.
#[derive(Clone, Debug, Default)]
pub struct List {
    /// What is in the search line.
    pub query: String,
    /// The search line takes the keys.
    pub searching: bool,
    /// The order of the chats. It changes when the user moves, never under their hand.
    pub chats: Vec<ChatId>,
    /// Who the server found for the query, if it was asked.
    pub found: Option<Found>,
    pub selected: Option<Row>,
}

/// What a search at the server brought.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    pub query: String,
    /// `None` while the answer is awaited.
    pub people: Option<Vec<UserId>>,
}

/// A row of the list that can be selected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Row {
    Chat(ChatId),
    Contact(UserId),
    /// Somebody the server found who is not a contact; Enter adds them.
    Found(UserId),
    /// "Search Telegram for ...": Enter asks the server.
    AskServer,
    /// A phone number and a name: Enter puts them on the contacts.
    Import,
}

/// What the conversation pane shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Open {
    Chat(ChatId),
    /// A person without a chat.
    Person(UserId),
}

/// Where the keys go. Nothing that arrives moves it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Focus {
    List,
    Messages(Scroll),
    Composer,
}

/// Where the reader is in the messages.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Scroll {
    /// Index of the selected message in [`History::messages`]; `None` is the newest, and stays the newest.
    pub selected: Option<usize>,
    /// Lines of the selected message scrolled off at the top, when it is taller than the pane.
    pub skipped: u16,
}

/// A sentence about what just happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Toast {
    pub words: String,
    pub trouble: bool,
}

/// Why the program ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ending {
    Wanted,
    /// The engine stopped; a sentence.
    Engine(String),
}

impl Model {
    /// A screen that has been told nothing yet.
    pub fn new(profile: &str, size: (u16, u16), now_ms: i64, zone: TimeZone) -> Model {
        Model {
            profile: profile.to_owned(),
            me: None,
            connection: Connection::Offline,
            people: People::default(),
            devices: None,
            proxy: None,
            signed_out: None,
            dialled: None,
            chats: BTreeMap::new(),
            list: List::default(),
            open: None,
            focus: Focus::List,
            popup: None,
            toast: None,
            size,
            terminal_focus: true,
            active_ms: None,
            now_ms,
            home: None,
            zone,
            restored: false,
            ending: None,
            wish: None,
            hands_off: false,
        }
    }

    /// The chat in the conversation pane.
    pub fn open_chat(&self) -> Option<&Chat> {
        match self.open {
            Some(Open::Chat(id)) => self.chats.get(&id),
            _ => None,
        }
    }

    pub fn open_chat_mut(&mut self) -> Option<&mut Chat> {
        match self.open {
            Some(Open::Chat(id)) => self.chats.get_mut(&id),
            _ => None,
        }
    }

    /// One pane at a time below this many columns.
    pub fn narrow(&self) -> bool {
        self.size.0 < 80
    }

    /// Whether the user has blocked somebody.
    pub fn blocked(&self, user: UserId) -> bool {
        self.people.get(&user).is_some_and(|person| person.blocked)
    }

    /// Whether somebody is the user.
    pub fn is_me(&self, user: UserId) -> bool {
        self.me.as_ref().is_some_and(|me| me.id == user)
    }

    /// Unseen messages of all chats but the open one.
    pub fn unseen_elsewhere(&self) -> u32 {
        let open = self.open;
        self.chats.iter().filter(|(id, _)| open != Some(Open::Chat(**id))).map(|(_, chat)| chat.unseen).sum()
    }
}

impl History {
    /// The newest messages are in memory, and whatever arrives goes behind them.
    pub fn loaded(&self) -> bool {
        self.complete || self.first_place.is_some()
    }
}

impl Chat {
    pub fn new(view: ChatView) -> Chat {
        Chat {
            view,
            unseen: 0,
            last: None,
            history: History::default(),
            composer: TextArea::default(),
            missing: 0,
            filled: 0,
            typing_ms: None,
            failures: BTreeMap::new(),
            reply: None,
            transfers: BTreeMap::new(),
            revealed: BTreeSet::new(),
            typing_told: false,
            flood_until_ms: None,
        }
    }

    /// The pane has a composer: a draft may be written while the request waits, and sent once the chat is ready.
    pub fn has_composer(&self) -> bool {
        matches!(self.view.state, ChatState::Asking | ChatState::Waiting | ChatState::Ready { .. })
    }

    pub fn closed(&self) -> bool {
        matches!(self.view.state, ChatState::Closed(_))
    }

    /// A message of the history that is in memory.
    pub fn message(&self, random_id: i64) -> Option<&Message> {
        self.history.messages.iter().find(|message| message.random_id == random_id)
    }

    pub fn ready(&self) -> bool {
        matches!(self.view.state, ChatState::Ready { .. })
    }
}
