//! A cast, a clock that stands still, and the rendering of a model to text.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::fmt::Write;

use jiff::tz::TimeZone;
use ratatui::Terminal;
use ratatui::backend::{Backend, TestBackend};
use ratatui::buffer::{Buffer, Cell};
use ratatui::layout::Position;
use subrosa::engine::{
    Body, ChatId, ChatState, ChatView, Closing, Connection, Delivery, Device, Direction, KeyPicture, Message,
    Person, Presence, UserId,
};
use subrosa::tui::model::{Chat, Focus, Model, Open, Row, Scroll};
use subrosa::tui::rows::rows;
use subrosa::tui::theme::Theme;
use subrosa::tui::view;

/// Saturday, 21 November 2026, 12:41 UTC, in Unix seconds.
pub const NOW: i32 = 1_795_264_860;

pub const BASIL: UserId = UserId(1);
pub const CLARA: UserId = UserId(2);
pub const FARID: UserId = UserId(3);
pub const DMITRI: UserId = UserId(4);
pub const ADA: UserId = UserId(5);

/// Somebody called by these names; a contact, seen at times that differ.
pub fn person(id: UserId, first: &str, last: &str) -> Person {
    let presence = match id.0 % 4 {
        1 => Presence::Online { until: NOW + 300 },
        2 => Presence::LastSeen(NOW - 7_200),
        3 => Presence::Recently,
        _ => Presence::LastSeen(NOW - 5 * 86_400),
    };
    Person {
        id,
        access_hash: 0,
        first_name: first.into(),
        last_name: last.into(),
        username: None,
        phone: None,
        contact: true,
        blocked: false,
        kind: subrosa::engine::PersonKind::Human,
        presence,
    }
}

pub fn chat(id: i32, user: UserId, state: ChatState, date: i32) -> Chat {
    let ended =
        matches!(state, ChatState::Closed(Closing::ByUs | Closing::ByPeer { .. } | Closing::SignedOut));
    let with_key = ended || matches!(state, ChatState::Ready { .. });
    let hash: Vec<u8> = (0..36u8).map(|n| n.wrapping_mul(67).wrapping_add(0x3f)).collect();
    let key = KeyPicture::from_hash(&hash).filter(|_| with_key);
    Chat::new(ChatView {
        id: ChatId(id),
        user,
        ours: true,
        date,
        state,
        ttl: 0,
        key,
        peer_layer: 144,
        key_state: None,
    })
}

/// A message of Basil's chat, or of any other by a changed `chat`.
pub fn message(id: i64, direction: Direction, date: i32, text: &str) -> Message {
    let delivery = if direction == Direction::Out { Delivery::Read } else { Delivery::Seen };
    let body = Body::text(text);
    Message { delivery, ..Message::new(ChatId(1), id, direction, date, body) }
}

pub fn say(chat: &mut Chat, mut message: Message) {
    message.chat = chat.view.id;
    chat.history.messages.push(message.clone());
    chat.history.first_place = Some(1);
    chat.history.complete = true;
    chat.last = Some(message);
}

/// Contacts, and nothing else: connected, restored, the list in focus.
pub fn contacts(size: (u16, u16)) -> Model {
    let mut model = Model::new("home", size, i64::from(NOW) * 1000, TimeZone::UTC);
    model.connection = Connection::Online;
    model.restored = true;
    let mut me = person(UserId(99), "Rosa", "Keller");
    me.username = Some("rosa".into());
    model.me = Some(me);
    let names = [
        ("Basil", "Ivanov"),
        ("Clara", "Moreau"),
        ("Farid", "Haddad"),
        ("Dmitri", "Orlov"),
        ("Ada", "Winter"),
        ("Alma", "Quist"),
        ("Anton", "Berg"),
        ("Beatriz", "Nascimento de Almeida"),
        ("Chen", "Wei"),
        ("Edith", ""),
        ("Yuki", "田中"),
    ];
    for (id, (first, last)) in (1..).zip(names) {
        let mut person = person(UserId(id), first, last);
        person.username = Some(format!("{}{id}", first.to_lowercase()));
        model.people.insert(person);
    }
    alter(&mut model, FARID, |person| person.contact = false);
    model.list.selected = rows(&model).first().copied();
    model
}

/// A device of the account, every string of it made of `name`.
pub fn device(name: &str, own: bool) -> Device {
    Device {
        hash: i64::from(!own),
        own,
        model: name.into(),
        platform: name.into(),
        app: name.into(),
        app_version: name.into(),
        ip: name.into(),
        country: name.into(),
        created: NOW - 900_000,
        active: NOW - 600,
        receives: own,
    }
}

/// Changes somebody who is known.
pub fn alter(model: &mut Model, user: UserId, how: impl FnOnce(&mut Person)) {
    let mut person = model.people.get(&user).unwrap().clone();
    how(&mut person);
    model.people.insert(person);
}

pub fn put(model: &mut Model, chat: Chat) {
    model.list.chats.push(chat.view.id);
    model.chats.insert(chat.view.id, chat);
}

/// A conversation with Basil: two days, both senders, marks, something missing.
pub fn basil() -> Chat {
    let mut chat = chat(1, BASIL, ChatState::Ready { verified: true }, NOW - 100_000);
    chat.view.ttl = 3_600;
    let said = [
        (Direction::In, 86_400, "Are we still meeting on Saturday? The gardens close at four now."),
        (Direction::Out, 86_100, "Yes. At the bridge, as always."),
        (Direction::In, 600, "The documents are in the usual place."),
        (
            Direction::In,
            580,
            "Take the tram, the metro is being watched more closely than it used to be, and nobody asks for names there.",
        ),
        (Direction::Out, 180, "I will be there before the rain starts."),
        (Direction::Out, 170, "Shall I bring anything?"),
    ];
    for (id, (direction, before, text)) in (1..).zip(said) {
        say(&mut chat, message(id, direction, NOW - before, text));
    }
    let mut last = message(7, Direction::In, NOW - 60, "Bring nothing.");
    last.ttl = 3_600;
    say(&mut chat, last);
    chat
}

/// Four chats in four states, nothing open.
pub fn world(size: (u16, u16)) -> Model {
    let mut model = contacts(size);
    put(&mut model, basil());
    put(&mut model, chat(2, CLARA, ChatState::Waiting, NOW - 2_340));
    let mut farid = chat(3, FARID, ChatState::Requested { left: false }, NOW - 2_580);
    farid.view.ours = false;
    put(&mut model, farid);
    put(&mut model, chat(4, DMITRI, closed(Closing::ByPeer { history_deleted: false }), NOW - 90_000));
    model.chats.get_mut(&ChatId(1)).unwrap().unseen = 0;
    model.chats.get_mut(&ChatId(4)).unwrap().unseen = 2;
    model.list.selected = Some(Row::Chat(ChatId(1)));
    model
}

pub fn closed(closing: Closing) -> ChatState {
    ChatState::Closed(closing)
}

/// The world with Basil's conversation open and the composer in focus.
pub fn conversation(size: (u16, u16)) -> Model {
    let mut model = world(size);
    open(&mut model, ChatId(1));
    model
}

/// The world with only one chat changed: Ada's, number 5, first in the list and open.
pub fn with_state(size: (u16, u16), state: ChatState) -> Model {
    let mut model = world(size);
    model.chats.insert(ChatId(5), chat(5, ADA, state, NOW - 300));
    model.list.chats.insert(0, ChatId(5));
    open(&mut model, ChatId(5));
    model
}

pub fn open(model: &mut Model, id: ChatId) {
    model.open = Some(Open::Chat(id));
    model.list.selected = Some(Row::Chat(id));
    let composer = model.chats.get(&id).is_some_and(Chat::has_composer);
    model.focus = if composer { Focus::Composer } else { Focus::Messages(Scroll::default()) };
}

pub fn write(model: &mut Model, id: i32, text: &str) {
    model.chats.get_mut(&ChatId(id)).unwrap().composer.insert_str(text);
}

pub fn drawn(model: &Model, theme: &Theme) -> (Buffer, Option<Position>) {
    let (width, height) = model.size;
    let mut terminal = Terminal::new(TestBackend::new(width, height)).unwrap();
    let mut shown = false;
    terminal
        .draw(|frame| {
            view::draw(model, theme, frame);
            shown = true;
        })
        .unwrap();
    assert!(shown);
    let cursor =
        terminal.backend().cursor_visible().then(|| terminal.backend_mut().get_cursor_position().unwrap());
    (terminal.backend().buffer().clone(), cursor)
}

/// When the screen is no longer true, as it says itself; unix milliseconds.
pub fn until(model: &Model) -> Option<i64> {
    let (width, height) = model.size;
    let mut terminal = Terminal::new(TestBackend::new(width, height)).unwrap();
    let mut until = None;
    terminal.draw(|frame| until = view::draw(model, &Theme::dark(), frame)).unwrap();
    until
}

/// The screen as text, each row ended by a bar; below it where the cursor is.
pub fn screen(model: &Model) -> String {
    screen_in(model, &Theme::dark())
}

pub fn screen_in(model: &Model, theme: &Theme) -> String {
    let (buffer, cursor) = drawn(model, theme);
    let mut text = String::new();
    for row in rows_of(&buffer) {
        let line: String = row.iter().map(|(_, cell)| cell.symbol()).collect();
        writeln!(text, "{line}|").unwrap();
    }
    match cursor {
        Some(Position { x, y }) => write!(text, "cursor {x},{y}").unwrap(),
        None => text.push_str("no cursor"),
    }
    text
}

/// The cells of each row that are not the second half of a wide one, with their columns.
pub fn rows_of(buffer: &Buffer) -> Vec<Vec<(u16, &Cell)>> {
    let area = buffer.area;
    let mut rows = Vec::new();
    for y in area.top()..area.bottom() {
        let mut row = Vec::new();
        let mut x = area.left();
        while x < area.right() {
            let cell = &buffer[(x, y)];
            row.push((x, cell));
            x += u16::try_from(subrosa::tui::text::width(cell.symbol())).unwrap().max(1);
        }
        rows.push(row);
    }
    rows
}
