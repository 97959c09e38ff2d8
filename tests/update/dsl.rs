//! A user in a few letters: types keys into a model that was built from the engine's news, and sees what follows.

use crossterm::event::{KeyEvent, KeyModifiers};
use jiff::tz::TimeZone;
use subrosa::engine::{
    Body, ChatEvent, ChatId, ChatState, ChatView, Closing, Command, Delivery, Direction, Event, KeyPicture,
    Message, Person, PersonKind, Presence, UserId,
};
use subrosa::tui::model::{Chat, Confirm, Focus, Model, Popup, Row, Scroll};
use subrosa::tui::msg::{Effect, Msg};
use subrosa::tui::rows::rows;
use subrosa::tui::update::update;

pub const NOW_S: i32 = 1_700_000_000;

pub const ME: UserId = UserId(1);
/// Contacts, in the order of their names.
pub const BASIL: UserId = UserId(10);
pub const CLARA: UserId = UserId(11);
pub const DORA: UserId = UserId(12);
/// Known, not a contact.
pub const FARID: UserId = UserId(20);

pub const READY: ChatState = ChatState::Ready { verified: false };
pub const REQUESTED: ChatState = ChatState::Requested { left: false };

/// The screen under test, and what it has asked for since the last look.
pub struct Screen {
    pub model: Model,
    effects: Vec<Effect>,
}

pub fn person(id: UserId, first: &str, last: &str, username: &str, contact: bool) -> Person {
    Person {
        id,
        access_hash: id.0 * 7,
        first_name: first.into(),
        last_name: last.into(),
        username: (!username.is_empty()).then(|| username.into()),
        phone: Some(format!("4930123{:04}", id.0)),
        contact,
        blocked: false,
        kind: PersonKind::Human,
        presence: Presence::Unknown,
    }
}

pub fn people() -> Vec<Person> {
    vec![
        person(BASIL, "Basil", "Ivanov", "basil", true),
        person(CLARA, "Clara", "Moreau", "moreau", true),
        person(DORA, "Dora", "Ångström", "", true),
        person(FARID, "Farid", "Haddad", "farid_h", false),
    ]
}

pub fn view(id: i32, user: UserId, state: ChatState) -> ChatView {
    let key = matches!(state, ChatState::Ready { .. }).then(|| KeyPicture::from_hash(&[7; 36])).flatten();
    let ours = !matches!(state, ChatState::Requested { .. });
    ChatView {
        id: ChatId(id),
        user,
        ours,
        date: NOW_S - 1_000 + id,
        state,
        ttl: 0,
        key,
        peer_layer: 144,
        key_state: None,
    }
}

pub fn message(chat: i32, random_id: i64, direction: Direction, text: &str) -> Message {
    let date = NOW_S + i32::try_from(random_id).unwrap_or(0);
    Message::new(ChatId(chat), random_id, direction, date, Body::text(text))
}

/// `count` messages from `first` on, with their places.
pub fn piece(chat: i32, first: i64, count: i64) -> Event {
    let messages = (first..first + count).map(|id| {
        let direction = if id % 2 == 0 { Direction::In } else { Direction::Out };
        let mut message = message(chat, id, direction, &format!("message {id}"));
        message.delivery = if id % 2 == 0 { Delivery::Seen } else { Delivery::Sent };
        (id * 10, message)
    });
    Event::History { chat: ChatId(chat), messages: messages.collect() }
}

impl Screen {
    /// Me, four people, no chat, everything told.
    pub fn new() -> Screen {
        let model = Model::new("home", (120, 36), i64::from(NOW_S) * 1000, TimeZone::UTC);
        let mut screen = Screen { model, effects: Vec::new() };
        screen.tell(Event::Me(person(ME, "Me", "", "me", false)));
        screen.tell(Event::People(people()));
        screen.tell(Event::Restored);
        screen
    }

    /// With one ready chat with Basil (1), opened, its history read, the focus in the composer.
    pub fn writing() -> Screen {
        let mut screen = Screen::new();
        screen.chat(1, BASIL, READY);
        screen.keys("<Home><Enter>");
        screen.tell(piece(1, 1, 0));
        screen.take();
        screen
    }

    /// As [`writing`](Screen::writing), with `count` messages and the focus in them.
    pub fn reading(count: i64) -> Screen {
        let mut screen = Screen::new();
        screen.chat(1, BASIL, READY);
        screen.keys("<Home><Enter><Esc>");
        screen.tell(piece(1, 1, count));
        screen.take();
        screen
    }

    pub fn msg(&mut self, msg: Msg) -> &mut Screen {
        let now = self.model.now_ms + 1;
        self.effects.extend(update(&mut self.model, msg, now));
        self
    }

    pub fn tell(&mut self, event: Event) -> &mut Screen {
        self.msg(Msg::Engine(Box::new(event)))
    }

    pub fn news(&mut self, event: ChatEvent) -> &mut Screen {
        self.tell(Event::Chat(event))
    }

    /// A chat is new or has changed.
    pub fn chat(&mut self, id: i32, user: UserId, state: ChatState) -> &mut Screen {
        self.news(ChatEvent::Chat(view(id, user, state)))
    }

    pub fn closed(&mut self, id: i32, user: UserId) -> &mut Screen {
        self.chat(id, user, ChatState::Closed(Closing::ByPeer { history_deleted: false }))
    }

    /// A message arrives.
    pub fn incoming(&mut self, chat: i32, random_id: i64, text: &str) -> &mut Screen {
        self.news(ChatEvent::Message(message(chat, random_id, Direction::In, text)))
    }

    /// Types: characters as they are, keys and chords in `<..>`.
    pub fn keys(&mut self, keys: &str) -> &mut Screen {
        for key in parse(keys) {
            self.msg(Msg::Key(key));
        }
        self
    }

    pub fn paste(&mut self, text: &str) -> &mut Screen {
        self.msg(Msg::Paste(text.into()))
    }

    /// What was asked for since the last look, but for the words that one types, and that one is here.
    pub fn take(&mut self) -> Vec<Effect> {
        let told =
            |effect: &Effect| matches!(effect, Effect::Engine(Command::Typing { .. } | Command::Active(_)));
        std::mem::take(&mut self.effects).into_iter().filter(|effect| !told(effect)).collect()
    }

    /// What the engine was told of somebody being here since the last look; everything else is dropped.
    pub fn told_active(&mut self) -> Vec<bool> {
        let told = std::mem::take(&mut self.effects).into_iter().filter_map(|effect| match effect {
            Effect::Engine(Command::Active(active)) => Some(active),
            _ => None,
        });
        told.collect()
    }

    /// What the peer was told of one's typing since the last look; everything else is dropped.
    pub fn told_typing(&mut self) -> Vec<bool> {
        let told = std::mem::take(&mut self.effects).into_iter().filter_map(|effect| match effect {
            Effect::Engine(Command::Typing { typing, .. }) => Some(typing),
            _ => None,
        });
        told.collect()
    }

    /// So many milliseconds pass.
    pub fn pass(&mut self, ms: i64) -> &mut Screen {
        self.model.now_ms += ms;
        self.msg(Msg::Moment)
    }

    /// The engine's part of it, without the drafts and the word to the peer that letters bring.
    pub fn commands(&mut self) -> Vec<Command> {
        let commands = self.take().into_iter().filter_map(|effect| match effect {
            Effect::Engine(Command::KeepDraft { .. } | Command::Typing { .. }) => None,
            Effect::Engine(command) => Some(command),
            _ => None,
        });
        commands.collect()
    }

    /// What the user would be called about.
    pub fn notices(&mut self) -> Vec<String> {
        let notices = self.take().into_iter().filter_map(|effect| match effect {
            Effect::Notify(words) => Some(words),
            _ => None,
        });
        notices.collect()
    }

    pub fn of(&self, chat: i32) -> &Chat {
        &self.model.chats[&ChatId(chat)]
    }

    pub fn composer(&self, chat: i32) -> String {
        self.of(chat).composer.lines().join("\n")
    }

    pub fn rows(&self) -> Vec<Row> {
        rows(&self.model)
    }

    pub fn selected(&self) -> Option<Row> {
        self.model.list.selected
    }

    /// Index of the message the reader is on.
    pub fn reader(&self) -> Option<usize> {
        match self.model.focus {
            Focus::Messages(Scroll { selected, .. }) => selected,
            _ => panic!("the focus is not in the messages"),
        }
    }

    pub fn in_messages(&self) -> bool {
        matches!(self.model.focus, Focus::Messages(_))
    }

    pub fn toast(&self) -> &str {
        self.model.toast.as_ref().map_or("", |toast| &toast.words)
    }

    pub fn question(&self) -> &str {
        match &self.model.popup {
            Some(Popup::Confirm(Confirm { question, .. })) => question,
            other => panic!("no question: {other:?}"),
        }
    }
}

/// Keys in the order in which they are written.
pub fn parse(keys: &str) -> Vec<KeyEvent> {
    let mut parsed = Vec::new();
    let mut rest = keys;
    while let Some(c) = rest.chars().next() {
        match rest.strip_prefix('<').and_then(|inner| inner.split_once('>')) {
            Some((name, after)) => {
                parsed.push(crokey::parse(name).unwrap().into());
                rest = after;
            }
            None => {
                let shift = if c.is_uppercase() { KeyModifiers::SHIFT } else { KeyModifiers::NONE };
                parsed.push(KeyEvent::new(crossterm::event::KeyCode::Char(c), shift));
                rest = &rest[c.len_utf8()..];
            }
        }
    }
    parsed
}
