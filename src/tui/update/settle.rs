//! After every change: selection, focus and popup have an object, or let go of it.
//!
//! The only place that moves them without the user, and only if what they were on is gone: somebody whose chat has begun is found again
//! on the chat's row, a composer that went away leaves the messages and a pause, so that half a word does not become commands.

use crate::tui::commands;
use crate::tui::model::{Act, Focus, Model, Open, Popup, Row, Scroll};
use crate::tui::rows::{is_row, rows, user_of};

/// Lets go of what is gone.
pub(super) fn settle(model: &mut Model) {
    settle_selection(model);
    settle_open(model);
    settle_popup(model);
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

fn settle_popup(model: &mut Model) {
    let there = match &model.popup {
        None | Some(Popup::Help(_)) => true,
        Some(Popup::Key(chat) | Popup::Timer { chat, .. }) => model.chats.contains_key(chat),
        Some(Popup::Menu(menu)) => match menu.of {
            Open::Chat(chat) => model.chats.contains_key(&chat),
            Open::Person(user) => model.people.contains_key(&user),
        },
        Some(Popup::Confirm(confirm)) => match &confirm.act {
            Act::Close { chat, .. }
            | Act::CancelRequest(chat)
            | Act::Decline(chat)
            | Act::Dismiss(chat)
            | Act::DeleteMessages { chat, .. } => model.chats.contains_key(chat),
            Act::Block(user) => model.people.contains_key(user),
        },
    };
    if !there {
        model.popup = None;
    }
}
