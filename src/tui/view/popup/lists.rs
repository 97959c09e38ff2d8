//! Popups that are lists: the menu of a row, the timers, and all keys.
//!
//! Menu and timers keep the selected line in sight; the help is a text that is scrolled.

use ratatui::layout::Rect;
use ratatui::text::Line;

use super::super::layout::{Plan, inset};
use super::super::paint::{Canvas, line_width};
use super::super::{list, names};
use crate::engine::ChatId;
use crate::tui::commands::able;
use crate::tui::keys::{self, HelpLine};
use crate::tui::model::{Focus, Menu, Model, Open, TIMERS};
use crate::tui::text::{width, wrap};
use crate::tui::theme::Role;
use crate::tui::words::{self, short};

/// Columns between the words and the letter of an item.
const GAP: usize = 3;

/// Columns for the keys on the help page, and for the whole page.
const KEYS: usize = 22;
const PAGE: u16 = 72;

/// The menu of a chat or a person, at its row in the list or below the title.
pub fn menu(canvas: &mut Canvas, model: &Model, plan: &Plan, screen: Rect, menu: &Menu) {
    let mut items: Vec<keys::Item> = menu.items.iter().map(|item| keys::item(*item)).collect();
    let mut columns = menu_columns(&items);
    if columns > usize::from(screen.width.saturating_sub(super::frame(screen, "").0)) {
        for (item, of) in items.iter_mut().zip(&menu.items) {
            item.words = short::menu_item(*of).to_owned();
        }
        columns = menu_columns(&items);
    }
    let lines = items.into_iter().zip(&menu.items).map(|(item, of)| {
        let role = if able(model, keys::verb_of(*of)).is_ok() { Role::Text } else { Role::Dim };
        let left = Line::from(canvas.span(role, item.words));
        (left, Some(Line::from(canvas.span(Role::Dim, item.letter))))
    });
    let lines = lines.collect();
    let title = match menu.of {
        Open::Chat(id) => model.chats.get(&id).map(|chat| chat.view.user),
        Open::Person(user) => Some(user),
    };
    let title = title.map(|user| names::short(model, user)).unwrap_or_default();
    choice(canvas, screen, at(model, plan, menu.of), (columns, &title), lines, menu.selected);
}

/// Columns that the items of a menu take.
fn menu_columns(items: &[keys::Item]) -> usize {
    let widest =
        |of: fn(&keys::Item) -> &str| items.iter().map(|item| width(of(item))).max().unwrap_or_default();
    1 + widest(|item| &item.words) + GAP + widest(|item| &item.letter) + 1
}

/// The self-destruct timers.
pub fn timers(canvas: &mut Canvas, model: &Model, plan: &Plan, screen: Rect, chat: ChatId, selected: usize) {
    let now = model.chats.get(&chat).map(|chat| chat.view.ttl);
    let lines = TIMERS.iter().map(|&ttl| {
        let words = if ttl == 0 { "off".to_owned() } else { words::seconds(ttl) };
        let set = (now == Some(ttl)).then(|| Line::from(canvas.span(Role::Dim, "now")));
        (Line::from(canvas.span(Role::Text, words)), set)
    });
    let lines = lines.collect();
    choice(
        canvas,
        screen,
        at(model, plan, Open::Chat(chat)),
        (22, "Timer for new messages"),
        lines,
        selected,
    );
}

/// Where a popup about a chat or person stands: below its row if the list has the focus, else below the title.
fn at(model: &Model, plan: &Plan, of: Open) -> Option<(u16, u16)> {
    let row = list::row_of(model, plan.list, plan.compact, of).filter(|_| model.focus == Focus::List);
    match row {
        Some(y) => Some((plan.list.x + 2, y + 1)),
        None if !plan.title.is_empty() => Some((plan.title.x + 2, plan.title.y + 1)),
        None => None,
    }
}

type Choice = (Line<'static>, Option<Line<'static>>);

fn choice(
    canvas: &mut Canvas,
    screen: Rect,
    at: Option<(u16, u16)>,
    (columns, title): (usize, &str),
    lines: Vec<Choice>,
    selected: usize,
) {
    let columns = u16::try_from(columns.max(width(title) + 4)).unwrap_or(u16::MAX);
    let rows = u16::try_from(lines.len()).unwrap_or(u16::MAX);
    let area = super::open(canvas, screen, at, (columns, rows), title);
    let height = usize::from(area.height);
    let top = (selected + 1).saturating_sub(height).min(lines.len().saturating_sub(height));
    for (y, (place, (left, right))) in
        (area.top()..area.bottom()).zip(lines.into_iter().enumerate().skip(top))
    {
        let line = Rect { y, height: 1, ..area };
        canvas.row(inset(line, 1, 1), left, right.into_iter().collect());
        if place == selected {
            canvas.restyle(line, Role::Selected);
        }
    }
}

/// All keys, from the line `skipped` on.
pub fn help(canvas: &mut Canvas, screen: Rect, skipped: usize) {
    let columns = PAGE.min(screen.width);
    let inner = columns.saturating_sub(super::frame(screen, "Keys").0 + 2);
    let lines = help_lines(canvas, usize::from(inner));
    let rows = u16::try_from(lines.len()).unwrap_or(u16::MAX);
    let area = super::open(canvas, screen, None, (inner + 2, rows), "Keys");
    let most = lines.len().saturating_sub(usize::from(area.height));
    for (y, line) in (area.top()..area.bottom()).zip(lines.into_iter().skip(skipped.min(most))) {
        canvas.line(inset(Rect { y, height: 1, ..area }, 1, 1), line);
    }
}

fn help_lines(canvas: &Canvas, columns: usize) -> Vec<Line<'static>> {
    let lines = keys::help().into_iter().flat_map(|line| match line {
        HelpLine::Heading(words) => vec![Line::from(canvas.span(Role::Strong, words))],
        HelpLine::Key { keys, words } => help_key(canvas, &keys, &words, columns),
        HelpLine::Blank => vec![Line::default()],
    });
    lines.collect()
}

/// The keys, and beside them, or below where that leaves too little, the sentence.
fn help_key(canvas: &Canvas, keys: &str, words: &str, columns: usize) -> Vec<Line<'static>> {
    let beside = columns >= 2 * KEYS;
    let indent = if beside { KEYS } else { 2 };
    let mut lines: Vec<Line> = Vec::new();
    let head = Line::from(canvas.span(Role::Rose, keys));
    let alone = !beside || line_width(&head) + 1 > indent;
    if alone {
        lines.push(head.clone());
    }
    for (place, words) in wrap(words, columns.saturating_sub(indent).max(1)).into_iter().enumerate() {
        let keys = if place == 0 && !alone { keys } else { "" };
        let gap = " ".repeat(indent.saturating_sub(width(keys)));
        lines.push(Line::from(vec![
            canvas.span(Role::Rose, keys),
            canvas.span(Role::Text, gap),
            canvas.span(Role::Text, words),
        ]));
    }
    lines
}
