//! Whatever is typed and whatever arrives: no panic, everything that has the focus exists, and news moves nothing.

use proptest::prelude::*;
use subrosa::engine::{
    ChatEvent, ChatId, ChatState, Closing, Connection, Direction, Event, Kind, LocalFault, Transfer, Trouble,
    UserId,
};
use subrosa::tui::keys::hints;
use subrosa::tui::model::{Focus, Model, Open, Popup, Row, Scroll};
use subrosa::tui::msg::Msg;
use subrosa::tui::rows::{is_row, rows};

use crate::dsl::*;

const KEYS: [&str; 55] = [
    "j",
    "k",
    "s",
    "m",
    "q",
    "a",
    "d",
    "l",
    "r",
    "x",
    "y",
    "n",
    "v",
    "b",
    "t",
    "h",
    "w",
    "c",
    "i",
    "g",
    "G",
    "/",
    "?",
    "+",
    "<Enter>",
    "<Enter>",
    "<Enter>",
    "<Esc>",
    "<Tab>",
    "<backtab>",
    "<Up>",
    "<Down>",
    "<PageUp>",
    "<Home>",
    "<alt-m>",
    "<ctrl-k>",
    "<ctrl-t>",
    "<ctrl-n>",
    "<alt-enter>",
    "<Backspace>",
    "<f1>",
    "<alt-u>",
    "<PageDown>",
    "<ctrl-c>",
    "<ctrl-p>",
    "<ctrl-o>",
    "<alt-s>",
    "<alt-d>",
    "o",
    "p",
    "u",
    "f",
    "n",
    "v",
    "w",
];

#[derive(Clone, Debug)]
enum Happening {
    Key(usize),
    Paste(String),
    Resize(u16, u16),
    Focus(bool),
    News(Event),
}

fn chat_id() -> impl Strategy<Value = i32> {
    1..6i32
}

/// Each chat belongs to one person for life.
fn user_of(chat: i32) -> UserId {
    [BASIL, CLARA, DORA, FARID, BASIL][usize::try_from(chat - 1).unwrap()]
}

fn state() -> impl Strategy<Value = ChatState> {
    prop_oneof![
        Just(ChatState::Asking),
        Just(ChatState::Waiting),
        Just(REQUESTED),
        Just(ChatState::Requested { left: true }),
        Just(ChatState::Accepting),
        Just(READY),
        Just(READY),
        Just(READY),
        Just(ChatState::Ready { verified: true }),
        Just(ChatState::Closed(Closing::ByUs)),
        Just(ChatState::Closed(Closing::DeclinedByPeer)),
    ]
}

fn news() -> impl Strategy<Value = Event> {
    let chat = (chat_id(), state())
        .prop_map(|(id, state)| Event::Chat(ChatEvent::Chat(view(id, user_of(id), state))));
    let message = (chat_id(), 1..40i64, any::<bool>()).prop_map(|(chat, id, out)| {
        let direction = if out { Direction::Out } else { Direction::In };
        let mut message = message(chat, id, direction, "see https://a.example");
        message.reply_to = (id % 3 == 0).then_some(id / 2);
        if id % 5 == 0 {
            message.body = crate::files::file(Kind::Photo { width: 1, height: 1 }, "x");
            message.ttl = if id % 2 == 0 { 9 } else { 0 };
        }
        Event::Chat(ChatEvent::Message(message))
    });
    let history = (chat_id(), 1..40i64, 0..120i64).prop_map(|(chat, first, count)| piece(chat, first, count));
    let gone = (chat_id(), proptest::collection::vec(1..40i64, 0..9))
        .prop_map(|(chat, random_ids)| Event::Chat(ChatEvent::Deleted { chat: ChatId(chat), random_ids }));
    let marks = (chat_id(), 1..40i64).prop_map(|(chat, random_id)| {
        Event::Chat(ChatEvent::Sent { chat: ChatId(chat), random_id, date: NOW_S })
    });
    let failed = (chat_id(), 1..40i64).prop_map(|(chat, random_id)| {
        let reason = LocalFault::ForeignAnswer;
        Event::Chat(ChatEvent::Failed { chat: ChatId(chat), random_id, reason })
    });
    let of_chat = chat_id().prop_flat_map(|chat| {
        let chat = ChatId(chat);
        prop_oneof![
            Just(Event::Chat(ChatEvent::HistoryGone(chat))),
            Just(Event::Chat(ChatEvent::Typing(chat))),
            Just(Event::Chat(ChatEvent::Missing { chat, count: 3 })),
            Just(Event::Chat(ChatEvent::Trouble { chat: Some(chat), trouble: Trouble::NotReady })),
            Just(Event::Chat(ChatEvent::Destruct {
                chat,
                random_id: 7,
                at_ms: i64::from(NOW_S) * 1_000 + 40
            })),
            Just(Event::Chat(ChatEvent::Opened { chat, random_id: 7 })),
            Just(Event::Transfer { chat, random_id: 8, transfer: Transfer::Running { done: 1, size: 9 } }),
            Just(Event::Transfer {
                chat,
                random_id: 8,
                transfer: Transfer::Done { path: Some("/tmp/x".into()) }
            }),
            Just(Event::Chat(ChatEvent::Trouble {
                chat: Some(chat),
                trouble: Trouble::Flood { seconds: 9, until_ms: i64::MAX },
            })),
            Just(Event::Draft { chat, text: "draft".into() }),
            Just(Event::Unseen { chat, count: 3 }),
        ]
    });
    let other = prop_oneof![
        Just(Event::People(people())),
        Just(Event::People(vec![person(FARID, "Farid", "Haddad", "farid_h", true)])),
        Just(Event::Found { query: "@farid".into(), people: vec![FARID, BASIL] }),
        Just(Event::Blocked(BASIL)),
        Just(Event::Refused("no".into())),
        Just(Event::Connection(Connection::Syncing)),
        Just(Event::Restored),
    ];
    prop_oneof![3 => chat, 3 => message, 1 => history, 1 => gone, 1 => marks, 1 => failed, 1 => of_chat, 1 => other]
}

fn happening() -> impl Strategy<Value = Happening> {
    prop_oneof![
        6 => (0..KEYS.len()).prop_map(Happening::Key),
        1 => prop_oneof![Just("@farid".to_owned()), Just("two\nlines".to_owned()), any::<String>()]
            .prop_map(Happening::Paste),
        1 => (0..130u16, 0..40u16).prop_map(|(columns, rows)| Happening::Resize(columns, rows)),
        1 => any::<bool>().prop_map(Happening::Focus),
        5 => news().prop_map(Happening::News),
    ]
}

/// Everything that has the focus, the selection, or a popup exists.
fn assert_sound(model: &Model) {
    match model.focus {
        Focus::List => {}
        Focus::Messages(Scroll { selected, .. }) => {
            assert!(model.open.is_some(), "the focus is in a conversation and none is open");
            let count = model.open_chat().map_or(0, |chat| chat.history.messages.len());
            assert!(selected.is_none_or(|selected| selected < count));
        }
        Focus::Composer => assert!(model.open_chat().is_some_and(|chat| chat.has_composer())),
    }
    let rows = rows(model);
    assert!(
        model.list.selected.is_none_or(|row| rows.contains(&row)),
        "{:?} of {rows:?}",
        model.list.selected
    );
    assert_eq!(model.list.selected.is_none(), rows.is_empty());
    for (place, row) in rows.iter().enumerate() {
        assert!(is_row(model, *row), "{row:?} is a row");
        assert!(!rows[..place].contains(row), "{row:?} twice");
    }
    for user in [BASIL, CLARA, DORA, FARID] {
        for row in [Row::Contact(user), Row::Found(user)] {
            assert_eq!(is_row(model, row), rows.contains(&row), "{row:?}");
        }
    }
    let exists = |of: Open| match of {
        Open::Chat(chat) => model.chats.contains_key(&chat),
        Open::Person(user) => model.people.contains_key(&user),
    };
    assert!(model.open.is_none_or(exists));
    match &model.popup {
        Some(Popup::Menu(menu)) => assert!(exists(menu.of) && menu.selected < menu.items.len()),
        Some(Popup::Key(chat) | Popup::Timer { chat, .. }) => assert!(exists(Open::Chat(*chat))),
        Some(Popup::Info { of, .. }) => assert!(exists(*of)),
        Some(Popup::Links { links, selected }) => assert!(*selected < links.len()),
        Some(Popup::File { chat, random_id, .. }) => {
            assert!(model.chats[chat].message(*random_id).is_some());
        }
        Some(Popup::Attach(form)) => assert!(exists(Open::Chat(form.chat))),
        _ => {}
    }
    assert!(hints(model).iter().all(|hint| !hint.keys.is_empty() && !hint.words.is_empty()));
}

/// Where the user is, by what they are on and not by its number.
fn hands(model: &Model) -> (Option<Open>, Option<i64>, Option<Popup>, bool) {
    let reading = match (model.focus, model.open_chat()) {
        (Focus::Messages(Scroll { selected: Some(selected), .. }), Some(chat)) => {
            Some(chat.history.messages[selected].random_id)
        }
        _ => None,
    };
    (model.open, reading, model.popup.clone(), model.focus == Focus::List)
}

/// News may only take away what it names.
fn assert_unmoved(before: &Model, after: &Model, event: &Event) {
    if before.wish.is_some() && after.wish.is_none() {
        return;
    }
    let (open, reading, popup, list) = hands(after);
    let was = hands(before);
    assert_eq!((open, &popup, list), (was.0, &was.2, was.3), "{event:?} moved the user");
    if was.1 != reading {
        let there = after
            .open_chat()
            .is_some_and(|chat| chat.history.messages.iter().any(|message| Some(message.random_id) == was.1));
        assert!(was.1.is_some() && !there, "{event:?} moved the reader");
    }
    let composer = after.open_chat().is_some_and(|chat| chat.has_composer());
    assert_eq!(after.focus == Focus::Composer, before.focus == Focus::Composer && composer, "{event:?}");
    let kept = before.list.selected == after.list.selected;
    let stands = before.list.selected.is_some_and(|row| is_row(after, row));
    assert!(kept || !stands, "{event:?} moved the selection");
    assert_eq!(before.list.query, after.list.query);
    let known = |chat: &&ChatId| before.chats.contains_key(chat);
    assert!(after.list.chats.iter().filter(known).eq(before.list.chats.iter()), "{event:?} moved rows");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn nothing_breaks_and_nothing_that_arrives_moves(happenings in proptest::collection::vec(happening(), 1..120)) {
        let mut screen = Screen::new();
        for happening in happenings {
            match happening {
                Happening::Key(key) => { screen.keys(KEYS[key]); }
                Happening::Paste(text) => { screen.paste(&text); }
                Happening::Resize(columns, rows) => { screen.msg(Msg::Resize(columns, rows)); }
                Happening::Focus(focus) => { screen.msg(Msg::Focus(focus)); }
                Happening::News(event) => {
                    let before = screen.model.clone();
                    screen.tell(event.clone());
                    assert_unmoved(&before, &screen.model, &event);
                }
            }
            if screen.model.ending.is_some() {
                screen.model.ending = None;
            }
            assert_sound(&screen.model);
        }
    }
}
