//! What the engine tells, written into the model.
//!
//! Nothing here touches focus, popup or selection, with two exceptions that are the user's own: a chat that was just asked for opens when it
//! appears, and a reader who has scrolled up stays on their message when the list grows in front of it.

use super::history;
use crate::engine::{
    ChatEvent, ChatId, ChatState, ChatView, Command, Delivery, Direction, Event, Message, Person, Transfer,
    Trouble, UserId,
};
use crate::tui::commands::{self, name_of};
use crate::tui::model::{Chat, Ending, Focus, Model, Open, Progress, Scroll};
use crate::tui::msg::Effect;
use crate::tui::text::safe_line;
use ratatui_textarea::TextArea;

pub(super) fn arrive(model: &mut Model, event: Event) -> Vec<Effect> {
    match event {
        Event::Chat(event) => return chat_event(model, event),
        Event::Me(me) => {
            model.me = Some(me.clone());
            people_came(model, vec![me]);
        }
        Event::People(people) => people_came(model, people),
        Event::Found { query, people } => found(model, &query, people),
        Event::Unseen { chat, count } => with(model, chat, |chat| chat.unseen = count),
        Event::Last(message) => with(model, message.chat, |chat| chat.last = Some(message)),
        Event::Draft { chat, text } => with(model, chat, |chat| commands::compose::restore(chat, &text)),
        Event::History { chat, messages } => history_came(model, chat, messages),
        Event::Dismissed(chat) => dismissed(model, chat),
        Event::Blocked(user) => {
            let words = format!("{} is blocked", name_of(model, user));
            commands::toast(model, &words);
        }
        Event::Transfer { chat, random_id, transfer } => {
            return transfer_came(model, chat, random_id, transfer);
        }
        Event::Unblocked(user) => {
            let words = format!("{} is not blocked any more", name_of(model, user));
            commands::toast(model, &words);
        }
        Event::NewLogin { device, location } => {
            let place = [device, location].into_iter().flatten().collect::<Vec<_>>().join(", ");
            let place = safe_line(&place);
            commands::trouble(model, &format!("your account was entered on another device: {place}"));
        }
        Event::Devices(devices) => model.devices = Some(devices),
        Event::Proxy(proxy) => model.proxy = proxy,
        Event::SignedOut(why) => signed_out(model, &why),
        Event::Restored => model.restored = true,
        Event::Connection(connection) => model.connection = connection,
        Event::Refused(reason) => refused(model, &reason),
        Event::Stopped(reason) => stopped(model, reason),
    }
    Vec::new()
}

fn with(model: &mut Model, chat: ChatId, change: impl FnOnce(&mut Chat)) {
    if let Some(chat) = model.chats.get_mut(&chat) {
        change(chat);
    }
}

fn transfer_came(model: &mut Model, chat: ChatId, random_id: i64, transfer: Transfer) -> Vec<Effect> {
    let (now_ms, here) = (model.now_ms, matches!(transfer, Transfer::Done { .. }));
    with(model, chat, |chat| {
        let progress = Progress::new(transfer, chat.transfers.get(&random_id), now_ms);
        chat.transfers.insert(random_id, progress);
    });
    if here { commands::came(model, chat, random_id) } else { Vec::new() }
}

fn people_came(model: &mut Model, people: Vec<Person>) {
    let former = commands::username::own(model).to_owned();
    if let Some(me) = people.iter().find(|person| model.is_me(person.id)) {
        model.me = Some(me.clone());
    }
    people.into_iter().for_each(|person| model.people.insert(person));
    commands::username::told(model, &former);
}

fn found(model: &mut Model, query: &str, people: Vec<UserId>) {
    let Some(found) = model.list.found.as_mut().filter(|found| found.query == query) else { return };
    let nobody = people.is_empty();
    found.people = Some(people);
    if nobody && model.toast.is_none() {
        commands::toast(model, "the server found nobody by that name");
    }
}

fn refused(model: &mut Model, reason: &str) {
    for chat in model.chats.values_mut() {
        chat.history.asked = false;
    }
    // Whoever could not be asked has not answered that there is nobody.
    model.list.found = model.list.found.take().filter(|found| found.people.is_some());
    commands::trouble(model, &safe_line(reason));
}

/// What is stored stays readable; what ended it stands at the bottom as long as it is so. Nobody tells this device any more when
/// somebody goes, so nobody is online from now on.
fn signed_out(model: &mut Model, why: &str) {
    model.signed_out = Some(safe_line(why));
    model.devices = None;
    // Whoever was found there is no row any more.
    model.list.found = None;
    model.toast = model.toast.take().filter(|toast| toast.trouble);
    model.people.nobody_is_online(i32::try_from(model.now_ms / 1000).unwrap_or(i32::MAX));
}

fn stopped(model: &mut Model, reason: Option<String>) {
    let words = reason.map_or_else(|| "the engine has stopped".into(), |reason| safe_line(&reason));
    model.ending.get_or_insert(Ending::Engine(words));
}

fn dismissed(model: &mut Model, chat: ChatId) {
    commands::moving::step_off(model, chat);
    model.chats.remove(&chat);
    model.list.chats.retain(|id| *id != chat);
}

fn history_came(model: &mut Model, id: ChatId, messages: Vec<(i64, Message)>) {
    let scroll = scroll_of(&mut model.focus, model.open, id);
    if let Some(chat) = model.chats.get_mut(&id) {
        history::merge(chat, messages, scroll);
    }
}

/// Where the reader is in a chat, if they are in it.
fn scroll_of(focus: &mut Focus, open: Option<Open>, chat: ChatId) -> Option<&mut Scroll> {
    match focus {
        Focus::Messages(scroll) if open == Some(Open::Chat(chat)) => Some(scroll),
        _ => None,
    }
}

fn chat_event(model: &mut Model, event: ChatEvent) -> Vec<Effect> {
    match event {
        ChatEvent::Chat(view) => return chat_changed(model, view),
        ChatEvent::Message(message) => return message_came(model, message),
        ChatEvent::Sent { chat, random_id, date } => with(model, chat, |chat| {
            history::change(chat, |message| sent(message, random_id, date));
        }),
        ChatEvent::Failed { chat, random_id, reason } => with(model, chat, |chat| {
            history::change(chat, |message| failed(message, random_id));
            chat.failures.insert(random_id, safe_line(&reason.to_string()));
        }),
        ChatEvent::Deleted { chat, random_ids } => deleted(model, chat, &random_ids),
        ChatEvent::HistoryGone(chat) => with(model, chat, history::clear),
        ChatEvent::ReadByPeer { chat, max_date } => with(model, chat, |chat| {
            history::change(chat, |message| read(message, max_date));
        }),
        ChatEvent::Opened { chat, random_id } => with(model, chat, |chat| {
            history::change(chat, |message| message.opened |= message.random_id == random_id);
        }),
        ChatEvent::Destruct { chat, random_id, at_ms } => with(model, chat, |chat| {
            history::change(chat, |message| {
                if message.random_id == random_id {
                    message.destruct_ms = Some(at_ms);
                }
            });
        }),
        ChatEvent::Reported(chat) => {
            let user = model.chats.get(&chat).map(|chat| chat.view.user);
            let name = user.map(|user| name_of(model, user)).unwrap_or_default();
            commands::toast(model, &format!("{name} is reported to Telegram"));
        }
        ChatEvent::Typing(chat) => {
            let now = model.now_ms;
            with(model, chat, |chat| chat.typing_ms = Some(now));
        }
        ChatEvent::Missing { chat, count } => with(model, chat, |chat| {
            let count = if chat.closed() { 0 } else { count };
            chat.filled = if count > 0 { 0 } else { chat.filled.max(chat.missing) };
            chat.missing = count;
        }),
        ChatEvent::Trouble { chat: Some(chat), trouble: Trouble::Flood { until_ms, .. } } => {
            with(model, chat, |chat| chat.flood_until_ms = Some(until_ms));
        }
        ChatEvent::Trouble { chat, trouble } => {
            let user = chat.and_then(|chat| model.chats.get(&chat)).map(|chat| chat.view.user);
            let words = match user {
                Some(user) => format!("{}: {trouble}", name_of(model, user)),
                None => trouble.to_string(),
            };
            commands::trouble(model, &safe_line(&words));
        }
    }
    Vec::new()
}

fn chat_changed(model: &mut Model, view: ChatView) -> Vec<Effect> {
    let (id, user) = (view.id, view.user);
    if let Some(chat) = model.chats.get_mut(&id) {
        let waited = matches!(chat.view.state, ChatState::Asking | ChatState::Waiting);
        chat.view = view;
        if chat.closed() {
            // What was awaited does not come any more.
            (chat.missing, chat.filled, chat.flood_until_ms) = (0, 0, None);
        }
        if waited && chat.ready() && model.restored && unwatched(model, id) {
            return vec![Effect::Notify(format!("{} accepted the secret chat", name_of(model, user)))];
        }
        return Vec::new();
    }
    let asks = matches!(view.state, ChatState::Requested { left: false });
    let wished = view.ours && model.wish == Some(user);
    model.chats.insert(id, Chat::new(view));
    model.list.chats.insert(0, id);
    if wished {
        model.wish = None;
        model.toast = None;
        let mut effects = carry_draft(model, user, id);
        effects.extend(commands::open::open_chat(model, id));
        return effects;
    }
    if asks && model.restored && unwatched(model, id) {
        return vec![Effect::Notify(format!("{} asks for a secret chat", name_of(model, user)))];
    }
    Vec::new()
}

/// What was begun in an ended chat with somebody goes on in the next one with them.
fn carry_draft(model: &mut Model, user: UserId, to: ChatId) -> Vec<Effect> {
    let ended = model
        .chats
        .values_mut()
        .filter(|chat| chat.view.user == user && chat.closed() && !chat.composer.is_empty())
        .max_by_key(|chat| chat.view.date);
    let Some(ended) = ended else { return Vec::new() };
    let (from, text) = (ended.view.id, commands::compose::text(ended));
    ended.composer = TextArea::default();
    with(model, to, |chat| commands::compose::restore(chat, &text));
    [(from, String::new()), (to, text)]
        .map(|(chat, text)| Effect::Engine(Command::KeepDraft { chat, text }))
        .into()
}

fn message_came(model: &mut Model, message: Message) -> Vec<Effect> {
    let id = message.chat;
    let Some(chat) = model.chats.get_mut(&id) else { return Vec::new() };
    if message.direction == Direction::In {
        chat.typing_ms = None;
    }
    let user = chat.view.user;
    if history::put(chat, message) && unwatched(model, id) {
        return vec![Effect::Notify(format!("{} sent a message", name_of(model, user)))];
    }
    Vec::new()
}

/// The user may not notice what happens in this chat.
fn unwatched(model: &Model, chat: ChatId) -> bool {
    !model.terminal_focus || model.open != Some(Open::Chat(chat))
}

fn deleted(model: &mut Model, id: ChatId, gone: &[i64]) {
    let scroll = scroll_of(&mut model.focus, model.open, id);
    if let Some(chat) = model.chats.get_mut(&id) {
        history::remove(chat, gone, scroll);
    }
}

fn sent(message: &mut Message, random_id: i64, date: i32) {
    if message.random_id == random_id && message.direction == Direction::Out {
        message.date = date;
        if message.delivery == Delivery::Queued {
            message.delivery = Delivery::Sent;
        }
    }
}

fn failed(message: &mut Message, random_id: i64) {
    if message.random_id == random_id && message.direction == Direction::Out {
        message.delivery = Delivery::Failed;
    }
}

fn read(message: &mut Message, max_date: i32) {
    if message.delivery == Delivery::Sent && message.direction == Direction::Out && message.date <= max_date {
        message.delivery = Delivery::Read;
    }
}
