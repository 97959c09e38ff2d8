//! What the selected message holds: opened, fetched, paused, given up, gone to.
//!
//! One key opens whatever a message holds, the most hidden first. What is protected is opened only after a question, since it destroys itself
//! then; files are opened by other programs only after one too, and programs never: names and types are their sender's claims.

use std::ffi::OsString;
use std::path::Path;

use super::messages::selected;
use super::{confirm, name_in, toast};
use crate::engine::{ChatId, Command, Delivery, Direction, Kind, Message, Transfer};
use crate::tui::formatted;
use crate::tui::model::{Act, Chat, Focus, Model, Popup, Preview, Scroll};
use crate::tui::msg::{Effect, Picture};
use crate::tui::text::safe_line;
use crate::tui::words;
use crate::tui::words::content::{covered, file, file_name, kind, protected};

/// Endings of what the system might run instead of show.
const PROGRAMS: [&str; 24] = [
    "appimage", "bash", "bat", "cmd", "com", "command", "csh", "desktop", "exe", "fish", "hta", "jar", "js",
    "lnk", "msi", "pl", "ps1", "py", "rb", "run", "scr", "sh", "vbs", "zsh",
];

/// What there is to open in a message.
enum Held {
    Spoiler,
    /// Protected, not opened yet.
    Covered,
    /// A file that is not here.
    Remote,
    /// A transfer that stopped.
    Stopped,
    /// A file that is here.
    Here,
    Links,
    Answered(i64),
}

fn held(chat: &Chat, message: &Message) -> Option<Held> {
    if formatted::hides(message) && !chat.revealed.contains(&message.random_id) && !covered(message) {
        return Some(Held::Spoiler);
    }
    if covered(message) {
        return Some(Held::Covered);
    }
    let incoming = message.direction == Direction::In;
    let of_file = file(message).and_then(|_| match transfer(chat, message) {
        Some(Transfer::Running { .. }) => None,
        Some(Transfer::Paused { .. } | Transfer::Failed(_)) => Some(Held::Stopped),
        Some(Transfer::Done { path }) => path.as_ref().map(|_| Held::Here),
        Some(Transfer::Cancelled) | None => incoming.then_some(Held::Remote),
    });
    let links = || (!formatted::links(message).is_empty()).then_some(Held::Links);
    of_file.or_else(links).or(message.reply_to.map(Held::Answered))
}

fn transfer<'a>(chat: &'a Chat, message: &Message) -> Option<&'a Transfer> {
    chat.transfers.get(&message.random_id).map(|progress| &progress.transfer)
}

/// Whether the selected message holds something to open.
pub fn holds(model: &Model) -> bool {
    let (Some(chat), Some(message)) = (model.open_chat(), selected(model)) else { return false };
    held(chat, message).is_some()
}

/// Whether opening what the selected message holds fetches a file, now or after the question before what is protected.
pub(super) fn fetches(model: &Model) -> bool {
    let (Some(chat), Some(message)) = (model.open_chat(), selected(model)) else { return false };
    match held(chat, message) {
        Some(Held::Remote | Held::Stopped) => true,
        Some(Held::Covered) => !matches!(transfer(chat, message), Some(Transfer::Done { .. })),
        _ => false,
    }
}

/// Whether the selected message was not sent.
pub fn failed(model: &Model) -> bool {
    selected(model).is_some_and(|message| message.delivery == Delivery::Failed)
}

/// Opens what the selected message holds.
pub(super) fn open(model: &mut Model) -> Vec<Effect> {
    let (Some(chat), Some(message)) = (model.open_chat(), selected(model)) else { return Vec::new() };
    let (id, random_id) = (message.chat, message.random_id);
    match held(chat, message) {
        None => Vec::new(),
        Some(Held::Spoiler) => {
            if let Some(chat) = model.open_chat_mut() {
                chat.revealed.insert(random_id);
            }
            Vec::new()
        }
        Some(Held::Covered) => ask_to_uncover(model),
        Some(Held::Remote) => vec![Effect::Engine(Command::Download { chat: id, random_id })],
        Some(Held::Stopped) => vec![Effect::Engine(Command::ResumeTransfer { chat: id, random_id })],
        Some(Held::Here) => show(model, id, random_id).into_iter().collect(),
        Some(Held::Links) => links(model),
        Some(Held::Answered(answered)) => jump_to(model, answered),
    }
}

fn ask_to_uncover(model: &mut Model) -> Vec<Effect> {
    let (Some(chat), Some(message)) = (model.open_chat(), selected(model)) else { return Vec::new() };
    let Some(file) = file(message) else { return Vec::new() };
    let (name, what) = (name_in(model, chat), kind(&file.kind));
    let after = words::seconds(message.ttl);
    let question = format!("Open the {what}? It destroys itself {after} later, and {name} is told.");
    let act = Act::OpenContent { chat: message.chat, random_id: message.random_id };
    confirm::ask(model, question, act)
}

/// The popup of a file that is here, and the wish for its picture.
fn show(model: &mut Model, chat: ChatId, random_id: i64) -> Option<Effect> {
    model.popup = Some(Popup::File { chat, random_id, preview: None });
    let known = model.chats.get(&chat)?;
    let message = known.message(random_id)?;
    let attachment = file(message)?;
    let path = match transfer(known, message) {
        Some(Transfer::Done { path }) if matches!(attachment.kind, Kind::Photo { .. }) => path.clone(),
        _ => None,
    };
    let thumb = attachment.thumb.as_ref().map(|thumb| thumb.jpeg.clone());
    let picture = Picture { file: path, thumb };
    let any = picture.file.is_some() || picture.thumb.is_some();
    any.then_some(Effect::Preview { chat, random_id, picture })
}

/// What is protected is to be seen. Its clock starts when it is: until its file is here, the popup waits for it.
pub(super) fn uncover(model: &mut Model, chat: ChatId, random_id: i64) -> Vec<Effect> {
    let known = model.chats.get(&chat).and_then(|chat| chat.transfers.get(&random_id));
    match known.map(|known| &known.transfer) {
        Some(Transfer::Done { .. }) => uncovered(model, chat, random_id),
        running => {
            let fetch = !matches!(running, Some(Transfer::Running { .. }));
            model.popup = Some(Popup::File { chat, random_id, preview: None });
            fetch.then_some(Effect::Engine(Command::Download { chat, random_id })).into_iter().collect()
        }
    }
}

fn uncovered(model: &mut Model, chat: ChatId, random_id: i64) -> Vec<Effect> {
    let opened = Effect::Engine(Command::OpenContent { chat, random_id });
    std::iter::once(opened).chain(show(model, chat, random_id)).collect()
}

/// A file has come. If the user is waiting for what is protected, they see it now.
pub fn came(model: &mut Model, of: ChatId, file: i64) -> Vec<Effect> {
    let awaited =
        matches!(model.popup, Some(Popup::File { chat, random_id, .. }) if (chat, random_id) == (of, file));
    let message = model.chats.get(&of).and_then(|chat| chat.message(file));
    if awaited && message.is_some_and(covered) { uncovered(model, of, file) } else { Vec::new() }
}

/// The addresses in the selected message.
pub(super) fn links(model: &mut Model) -> Vec<Effect> {
    let links = selected(model).filter(|message| !covered(message)).map(formatted::links).unwrap_or_default();
    if !links.is_empty() {
        model.popup = Some(Popup::Links { links, selected: 0 });
    }
    Vec::new()
}

/// To the message that the selected one answers.
pub(super) fn jump(model: &mut Model) -> Vec<Effect> {
    match selected(model).and_then(|message| message.reply_to) {
        Some(answered) => jump_to(model, answered),
        None => Vec::new(),
    }
}

fn jump_to(model: &mut Model, random_id: i64) -> Vec<Effect> {
    let Some(chat) = model.open_chat() else { return Vec::new() };
    let place = chat.history.messages.iter().position(|message| message.random_id == random_id);
    let whole = chat.history.complete;
    match place {
        Some(place) => model.focus = Focus::Messages(Scroll { selected: Some(place), skipped: 0 }),
        None if whole => toast(model, "the message that it answers is gone"),
        None => toast(model, "the message that it answers is further up, or gone: g reads older ones"),
    }
    Vec::new()
}

/// Stops a transfer for now, or goes on with it.
pub(super) fn pause_or_resume(model: &Model) -> Vec<Effect> {
    let (Some(chat), Some(message)) = (model.open_chat(), selected(model)) else { return Vec::new() };
    let (id, random_id) = (message.chat, message.random_id);
    match transfer(chat, message) {
        Some(Transfer::Running { .. }) => {
            vec![Effect::Engine(Command::PauseTransfer { chat: id, random_id })]
        }
        Some(Transfer::Paused { .. } | Transfer::Failed(_)) => {
            vec![Effect::Engine(Command::ResumeTransfer { chat: id, random_id })]
        }
        _ => Vec::new(),
    }
}

/// Whether the selected message has a transfer that is not over.
pub(super) fn under_way(model: &Model) -> bool {
    let (Some(chat), Some(message)) = (model.open_chat(), selected(model)) else { return false };
    let transfer = transfer(chat, message);
    let unfinished =
        matches!(transfer, Some(Transfer::Running { .. } | Transfer::Paused { .. } | Transfer::Failed(_)));
    unfinished && file(message).is_some()
}

/// Gives a transfer up; an own message goes with its file, so that is asked first.
pub(super) fn give_up(model: &mut Model) -> Vec<Effect> {
    let Some(message) = selected(model) else { return Vec::new() };
    let (chat, random_id) = (message.chat, message.random_id);
    if message.direction == Direction::In {
        return vec![Effect::Engine(Command::CancelTransfer { chat, random_id })];
    }
    let what = file(message).map(|file| match file_name(file) {
        name if name.is_empty() => format!("the {}", kind(&file.kind)),
        name => name,
    });
    let question = format!("Give up sending {}? The message goes, too.", what.unwrap_or_default());
    confirm::ask(model, question, Act::CancelTransfer { chat, random_id })
}

/// The file of the popup, as far as it is here and may be shown.
fn file_here(model: &Model) -> Option<(&Path, &Message)> {
    let Some(Popup::File { chat, random_id, .. }) = &model.popup else { return None };
    let chat = model.chats.get(chat)?;
    let message = chat.message(*random_id)?;
    match transfer(chat, message) {
        Some(Transfer::Done { path: Some(path) }) if !protected(message) => Some((path, message)),
        _ => None,
    }
}

/// The picture of the file in the popup has been decoded.
pub fn previewed(model: &mut Model, of: (ChatId, i64), decoded: Preview) {
    if let Some(Popup::File { chat, random_id, preview }) = &mut model.popup
        && (*chat, *random_id) == of
    {
        *preview = Some(decoded);
    }
}

/// The path of the file, or the selected address.
pub(super) fn to_copy(model: &Model) -> Option<String> {
    match &model.popup {
        Some(Popup::Links { links, selected }) => links.get(*selected).map(|link| safe_line(&link.target)),
        Some(Popup::File { .. }) => file_here(model).and_then(|(path, _)| path.to_str()).map(str::to_owned),
        _ => None,
    }
}

/// Asks before another program gets a file or an address to see.
pub(super) fn open_outside(model: &mut Model) -> Vec<Effect> {
    if let Some(Popup::Links { links, selected }) = &model.popup {
        let Some(link) = links.get(*selected) else { return Vec::new() };
        let (target, shown) = (link.target.clone(), safe_line(&link.target));
        if !(target.starts_with("https://") || target.starts_with("http://")) || target != shown {
            toast(model, "only plain http and https addresses are opened: copy it instead");
            return Vec::new();
        }
        let question = format!("Open {shown} outside? Its server sees your address, and that you came.");
        return confirm::ask(model, question, Act::Launch(target.into()));
    }
    let Some((path, message)) = file_here(model) else { return Vec::new() };
    let ending = path.extension().map(|ending| ending.to_string_lossy().to_lowercase()).unwrap_or_default();
    let name = path.file_name().map(|name| safe_line(&name.to_string_lossy())).unwrap_or_default();
    if PROGRAMS.contains(&ending.as_str()) || !path.is_absolute() {
        let words = format!("{name} may be a program: it is not opened from here");
        toast(model, &words);
        return Vec::new();
    }
    let from = match message.direction {
        Direction::In => "It came from the other side, and the program reads it in the clear.",
        Direction::Out => "The program reads it in the clear.",
    };
    let target: OsString = path.as_os_str().to_owned();
    confirm::ask(model, format!("Open {name} with the system's program? {from}"), Act::Launch(target))
}

/// Why what is said here cannot be passed on.
pub(super) fn refuse_to_forward(model: &mut Model) -> Vec<Effect> {
    toast(model, "nothing is forwarded out of a secret chat; what is yours to tell, tell it anew");
    Vec::new()
}
