//! Up, down, by pages, to the ends: in the list, the messages, and popups that have rows.
//!
//! In the list the target is found in the order that the user sees; only then the chats are put in the order in which they belong.

use super::open::read_older;
use crate::engine::ChatId;
use crate::tui::keys;
use crate::tui::model::{Focus, Model, Open, Popup, Row, Scroll, TIMERS};
use crate::tui::msg::Effect;
use crate::tui::rows::{order, rows};

/// Rows of the terminal that are not rows of the pane: header, rules, composer, hints.
const CHROME: u16 = 6;

/// Rows of the terminal that a row of the list takes, as a chat does.
const ROWS_OF_A_ROW: u16 = 2;

/// Rows of the terminal that a message takes, head line and space included, if it is short.
const ROWS_OF_A_MESSAGE: u16 = 3;

/// Moves by so many rows; the ends hold.
pub(super) fn by(model: &mut Model, steps: i64) -> Vec<Effect> {
    match &mut model.popup {
        Some(Popup::Menu(menu)) => menu.selected = moved(menu.selected, steps, menu.items.len()),
        Some(Popup::Timer { selected, .. }) => *selected = moved(*selected, steps, TIMERS.len()),
        Some(Popup::Help(line)) => {
            let moved = moved(usize::from(*line), steps, keys::help().len());
            *line = u16::try_from(moved).unwrap_or(u16::MAX);
        }
        Some(Popup::Confirm(_) | Popup::Key(_)) => {}
        None if matches!(model.focus, Focus::List) => in_list(model, steps),
        None => return in_messages(model, steps),
    }
    Vec::new()
}

pub(super) fn by_page(model: &mut Model, direction: i64) -> Vec<Effect> {
    let height = model.size.1.saturating_sub(CHROME);
    let rows = match (&model.popup, model.focus) {
        (Some(_), _) => height,
        (None, Focus::List) => height / ROWS_OF_A_ROW,
        (None, _) => height / ROWS_OF_A_MESSAGE,
    };
    if model.popup.is_none() && model.focus == Focus::Composer {
        model.focus = Focus::Messages(Scroll::default());
    }
    by(model, direction * i64::from(rows.max(1)))
}

pub(super) fn to_first(model: &mut Model) -> Vec<Effect> {
    by(model, -i64::from(u32::MAX))
}

pub(super) fn to_last(model: &mut Model) -> Vec<Effect> {
    by(model, i64::from(u32::MAX))
}

/// A place among `count`, `steps` further.
fn moved(place: usize, steps: i64, count: usize) -> usize {
    let last = i64::try_from(count).unwrap_or(i64::MAX).saturating_sub(1).max(0);
    let place = i64::try_from(place).unwrap_or(i64::MAX);
    usize::try_from(place.saturating_add(steps).clamp(0, last)).unwrap_or(0)
}

fn in_list(model: &mut Model, steps: i64) {
    let rows = rows(model);
    let here = model.list.selected.and_then(|selected| rows.iter().position(|row| *row == selected));
    let place = here.map_or(0, |here| moved(here, steps, rows.len()));
    model.list.selected = rows.get(place).copied();
    put_in_order(model);
}

/// The chats in the order in which they belong; the selection stays on its row.
pub fn put_in_order(model: &mut Model) {
    model.list.chats = order(model);
}

fn in_messages(model: &mut Model, steps: i64) -> Vec<Effect> {
    let count = model.open_chat().map_or(0, |chat| chat.history.messages.len());
    let Focus::Messages(scroll) = &mut model.focus else { return Vec::new() };
    let last = count.saturating_sub(1);
    let here = scroll.selected.unwrap_or(last);
    let place = moved(here, steps, count);
    *scroll = Scroll { selected: (place < last).then_some(place), skipped: 0 };
    if place == 0 && steps < 0 { read_older(model) } else { Vec::new() }
}

/// A chat is about to leave the list: the selection goes to the row that takes its place.
pub fn step_off(model: &mut Model, chat: ChatId) {
    if model.list.selected == Some(Row::Chat(chat)) {
        let rows = rows(model);
        let here = rows.iter().position(|row| *row == Row::Chat(chat));
        let after = here.and_then(|here| rows.get(here + 1).or_else(|| rows.get(here.checked_sub(1)?)));
        model.list.selected = after.copied();
    }
    if model.open == Some(Open::Chat(chat)) {
        model.open = None;
        model.focus = Focus::List;
    }
}
