//! Up, down, by pages, to the ends: in the list and in popups that have rows; in the messages `reading` does it.
//!
//! In the list the target is found in the order that the user sees; only then the chats are put in the order in which they belong.

use super::reading::{self, Way};
use crate::engine::ChatId;
use crate::tui::keys;
use crate::tui::model::{Focus, Model, Open, Popup, Row, Scroll, TIMERS};
use crate::tui::msg::Effect;
use crate::tui::rows::{order, rows};

/// Rows of the terminal that are not rows of the pane: header, rules, composer, hints.
const CHROME: u16 = 6;

/// Rows of the terminal that a row of the list takes, as a chat does.
const ROWS_OF_A_ROW: u16 = 2;

/// Lines of details that can be scrolled off; the view bounds them by what there is.
const MOST_DETAILS: u16 = 60;

/// One row up or down.
pub(super) fn step(model: &mut Model, way: Way) -> Vec<Effect> {
    if reads(model) {
        return reading::step(model, way);
    }
    by(model, if way == Way::Down { 1 } else { -1 });
    Vec::new()
}

/// A page up or down. Out of the composer one reads back in the messages.
pub(super) fn page(model: &mut Model, way: Way) -> Vec<Effect> {
    if model.popup.is_none() && model.focus == Focus::Composer {
        model.focus = Focus::Messages(Scroll::default());
    }
    if reads(model) {
        return reading::page(model, way);
    }
    let height = model.size.1.saturating_sub(CHROME);
    let rows = if model.popup.is_some() { height } else { height / ROWS_OF_A_ROW };
    let rows = i64::from(rows.max(1));
    by(model, if way == Way::Down { rows } else { -rows });
    Vec::new()
}

pub(super) fn to_first(model: &mut Model) -> Vec<Effect> {
    if reads(model) {
        return reading::to_first(model);
    }
    by(model, -i64::from(u32::MAX));
    Vec::new()
}

pub(super) fn to_last(model: &mut Model) -> Vec<Effect> {
    if reads(model) {
        return reading::to_last(model);
    }
    by(model, i64::from(u32::MAX));
    Vec::new()
}

/// The keys go to the messages.
fn reads(model: &Model) -> bool {
    model.popup.is_none() && matches!(model.focus, Focus::Messages(_))
}

/// Moves by so many rows; the ends hold.
fn by(model: &mut Model, steps: i64) {
    match &mut model.popup {
        Some(Popup::Menu(menu)) => menu.selected = moved(menu.selected, steps, menu.items.len()),
        Some(Popup::Timer { selected, .. }) => *selected = moved(*selected, steps, TIMERS.len()),
        Some(Popup::Help(line)) => {
            let moved = moved(usize::from(*line), steps, keys::help().len());
            *line = u16::try_from(moved).unwrap_or(u16::MAX);
        }
        Some(Popup::Links { links, selected }) => *selected = moved(*selected, steps, links.len()),
        Some(Popup::Info { skipped, .. }) => {
            let lines = i64::from(*skipped).saturating_add(steps).clamp(0, i64::from(MOST_DETAILS));
            *skipped = u16::try_from(lines).unwrap_or_default();
        }
        Some(Popup::Devices { selected }) => {
            let count = model.devices.as_ref().map_or(0, Vec::len);
            *selected = moved(*selected, steps, count);
        }
        Some(
            Popup::Confirm(_)
            | Popup::Key(_)
            | Popup::File { .. }
            | Popup::Attach(_)
            | Popup::Connection
            | Popup::Proxy(_)
            | Popup::Username(_)
            | Popup::SignOut,
        ) => {}
        None => in_list(model, steps),
    }
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
