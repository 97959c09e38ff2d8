//! The selected message: copy, delete for both, send again.

use super::{confirm, content, name_in, toast};
use crate::engine::{Body, Command, Delivery, Draft, Message};
use crate::tui::model::{Act, Focus, Model};
use crate::tui::msg::Effect;
use crate::tui::text::{fit, safe_line, safe_text};
use crate::tui::words::content::{coordinates, line, protected};

/// How much of a message its question quotes, in cells.
const QUOTED: usize = 32;

/// The selected message: the newest unless the reader has moved.
pub(super) fn selected(model: &Model) -> Option<&Message> {
    let Focus::Messages(scroll) = model.focus else { return None };
    let messages = &model.open_chat()?.history.messages;
    match scroll.selected {
        Some(selected) => messages.get(selected),
        None => messages.last(),
    }
}

pub(super) fn copy(model: &mut Model) -> Vec<Effect> {
    let text = match model.popup {
        Some(_) => content::to_copy(model),
        None => selected(model).and_then(copied),
    };
    let Some(text) = text else { return Vec::new() };
    let words = format!("copied {} bytes (OSC 52)", text.len());
    toast(model, &words);
    vec![Effect::Copy(text)]
}

/// What of a message there is to copy; nothing of what is protected.
pub(super) fn copied(message: &Message) -> Option<String> {
    if protected(message) {
        return None;
    }
    let text = match &message.body {
        Body::Text(text) | Body::WebPage { text, .. } => safe_text(&text.plain),
        Body::File(file) => safe_text(&file.caption.plain),
        Body::Contact { phone, .. } => safe_line(phone),
        Body::Location(at) | Body::Venue { location: at, .. } => coordinates(*at).unwrap_or_default(),
        Body::Sticker { emoji, .. } => safe_line(emoji),
        Body::TimerSet(_) | Body::Screenshot | Body::Unsupported(_) => String::new(),
    };
    (!text.is_empty()).then_some(text)
}

pub(super) fn delete(model: &mut Model) -> Vec<Effect> {
    let (Some(message), Some(chat)) = (selected(model), model.open_chat()) else { return Vec::new() };
    let what = match &message.body {
        Body::Text(_) => format!("\"{}\"", fit(&line(message, ""), QUOTED)),
        Body::TimerSet(_) => "the line about the timer".into(),
        Body::Screenshot => "the line about the screenshot".into(),
        Body::Unsupported(_) => "the message that could not be read".into(),
        _ => format!("\"{}\"", fit(&line(message, &name_in(model, chat)), QUOTED)),
    };
    let question = match (chat.ready(), name_in(model, chat)) {
        (true, name) => format!("Delete {what} for both? It is gone at {name}'s side too."),
        (false, name) => format!("Delete {what} on this device? {name} keeps it: the chat is not open."),
    };
    let act = Act::DeleteMessages { chat: chat.view.id, random_ids: vec![message.random_id] };
    confirm::ask(model, question, act)
}

/// Says a failed message once more, and takes the failed one away; a file goes on from where it stopped.
pub(super) fn retry(model: &mut Model) -> Vec<Effect> {
    let Some(message) = selected(model).filter(|message| message.delivery == Delivery::Failed) else {
        return Vec::new();
    };
    let (chat, random_ids) = (message.chat, vec![message.random_id]);
    if let Body::File(_) = message.body {
        return vec![Effect::Engine(Command::ResumeTransfer { chat, random_id: message.random_id })];
    }
    let draft = Draft { reply_to: message.reply_to, ..Draft::new(message.body.clone()) };
    if !model.open_chat().is_some_and(|chat| chat.ready()) {
        toast(model, "the chat is not open: nothing can be sent");
        return Vec::new();
    }
    vec![
        Effect::Engine(Command::Say { chat, draft: Box::new(draft) }),
        Effect::Engine(Command::Delete { chat, random_ids }),
    ]
}
