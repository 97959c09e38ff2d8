//! After every change: selection, focus and popup have an object, or let go of it.
//!
//! The only place that moves them without the user, and only if what they were on is gone: somebody whose chat has begun is found again
//! on the chat's row, a composer that went away leaves the messages and a pause, so that half a word does not become commands.

use crate::engine::ChatId;
use crate::tui::commands::{self, barred};
use crate::tui::keys::Verb;
use crate::tui::model::{Act, Focus, Menu, Model, Open, Popup, Row, Scroll};
use crate::tui::rows::{is_row, rows, user_of};

/// Lets go of what is gone.
pub(super) fn settle(model: &mut Model) {
    settle_selection(model);
    settle_open(model);
    settle_reply(model);
    settle_popup(model);
    settle_devices(model);
}

/// A list with rows has a selected one.
fn settle_selection(model: &mut Model) {
    if model.list.selected.is_some_and(|row| is_row(model, row)) {
        return;
    }
    let rows = rows(model);
    model.list.selected = successor(model, &rows).or_else(|| rows.first().copied());
}

/// Where the person of a row that is gone stands now; for the question to the server, its answer.
fn successor(model: &Model, rows: &[Row]) -> Option<Row> {
    match model.list.selected? {
        Row::AskServer => rows.iter().copied().find(|row| matches!(row, Row::Found(_))),
        gone => {
            let user = user_of(model, gone)?;
            rows.iter().copied().find(|row| user_of(model, *row) == Some(user))
        }
    }
}

fn settle_open(model: &mut Model) {
    let there = match model.open {
        Some(Open::Chat(chat)) => model.chats.contains_key(&chat),
        Some(Open::Person(user)) => model.people.contains_key(&user),
        None => false,
    };
    if !there {
        model.open = None;
        model.focus = Focus::List;
        return;
    }
    let composer = model.open_chat().is_some_and(|chat| chat.has_composer());
    let messages = model.open_chat().map_or(0, |chat| chat.history.messages.len());
    match &mut model.focus {
        Focus::Composer if !composer => {
            model.focus = Focus::Messages(Scroll::default());
            model.hands_off = true;
            let drafted = model.open_chat().is_some_and(|chat| !chat.composer.is_empty());
            commands::toast(
                model,
                if drafted {
                    "the chat has ended; your draft is kept for the next one with them; Esc goes on"
                } else {
                    "the chat has ended; Esc goes on"
                },
            );
        }
        Focus::Messages(scroll) if scroll.selected.is_some_and(|at| at >= messages) => {
            *scroll = Scroll::default()
        }
        _ => {}
    }
}

/// A message that is gone is not answered any more.
fn settle_reply(model: &mut Model) {
    let Some(chat) = model.open_chat_mut() else { return };
    if chat.reply.is_some_and(|answered| chat.message(answered).is_none()) {
        chat.reply = None;
    }
}

fn settle_popup(model: &mut Model) {
    commands::keep_possible(model);
    let leads_nowhere = model.popup.as_ref().and_then(leads_to).is_some_and(|verb| barred(model, verb));
    let there = !leads_nowhere
        && match &model.popup {
            None
            | Some(
                Popup::Help(_)
                | Popup::Links { .. }
                | Popup::Connection
                | Popup::Proxy(_)
                | Popup::Username(_)
                | Popup::Devices { .. }
                | Popup::SignOut,
            ) => true,
            Some(Popup::Key(chat) | Popup::Timer { chat, .. }) => model.chats.contains_key(chat),
            Some(Popup::Attach(attach)) => model.chats.contains_key(&attach.chat),
            Some(Popup::File { chat, random_id, .. }) => lives(model, *chat, *random_id),
            Some(Popup::Menu(Menu { of, .. }) | Popup::Info { of, .. }) => match of {
                Open::Chat(chat) => model.chats.contains_key(chat),
                Open::Person(user) => model.people.contains_key(user),
            },
            Some(Popup::Confirm(confirm)) => match &confirm.act {
                Act::Close { chat, .. }
                | Act::CancelRequest(chat)
                | Act::Decline(chat)
                | Act::Dismiss(chat)
                | Act::DeleteMessages { chat, .. } => model.chats.contains_key(chat),
                Act::SayWithout { chat, .. } | Act::Report(chat) => model.chats.contains_key(chat),
                Act::OpenContent { chat, random_id } | Act::CancelTransfer { chat, random_id } => {
                    has_message(model, *chat, *random_id)
                }
                Act::Launch(_) => true,
                Act::Block(user) | Act::Unblock(user) | Act::DeleteContact(user) => {
                    model.people.contains_key(user)
                }
                Act::EndDevice(_) | Act::GiveUpUsername => true,
            },
        };
    if !there {
        model.popup = None;
    }
}

/// What a popup is there for, if that could come to need an account which is gone.
fn leads_to(popup: &Popup) -> Option<Verb> {
    Some(match popup {
        Popup::Timer { .. } => Verb::SetTimer,
        Popup::Attach(_) => Verb::Attach,
        Popup::Devices { .. } => Verb::Devices,
        Popup::SignOut => Verb::SignOut,
        Popup::Username(_) => Verb::ChangeUsername,
        Popup::Confirm(confirm) => match &confirm.act {
            Act::Close { delete_history: false, .. } => Verb::CloseKeeping,
            Act::CancelRequest(_) => Verb::CancelRequest,
            Act::Decline(_) => Verb::Decline,
            Act::SayWithout { .. } => Verb::SendSilently,
            Act::Report(_) => Verb::Report,
            Act::Block(_) => Verb::Block,
            Act::Unblock(_) => Verb::Unblock,
            Act::DeleteContact(_) => Verb::DeleteContact,
            Act::EndDevice(_) => Verb::EndDevice,
            Act::GiveUpUsername => Verb::ChangeUsername,
            _ => return None,
        },
        _ => return None,
    })
}

/// Of fewer devices a later one cannot be selected.
fn settle_devices(model: &mut Model) {
    let count = model.devices.as_ref().map_or(0, Vec::len);
    if let Some(Popup::Devices { selected }) = &mut model.popup {
        *selected = (*selected).min(count.saturating_sub(1));
    }
}

fn has_message(model: &Model, chat: ChatId, random_id: i64) -> bool {
    model.chats.get(&chat).is_some_and(|chat| chat.message(random_id).is_some())
}

/// It is here, and its time is not over, whenever the news of its end comes.
fn lives(model: &Model, chat: ChatId, random_id: i64) -> bool {
    let message = model.chats.get(&chat).and_then(|chat| chat.message(random_id));
    message.is_some_and(|message| message.destruct_ms.is_none_or(|end| end > model.now_ms))
}
