//! The messages of a chat, drawn upward from the newest, or downward from the selected one if that is further up.
//!
//! Only what is seen is wrapped: the pane asks for one message after another until its rows are full, so that ten thousand messages cost
//! no more than ten. What a message looks like is the business of [`bubble`](super::bubble).

use std::collections::VecDeque;

use ratatui::layout::Rect;

use super::bubble::{Bubbles, Row, Shape};
use super::paint::Canvas;
use crate::tui::model::{Chat, Focus, Model, Scroll};
use crate::tui::theme::Role;

pub fn draw(canvas: &mut Canvas, model: &Model, chat: &Chat, area: Rect, compact: bool) {
    if area.is_empty() {
        return;
    }
    let scroll = match model.focus {
        Focus::Messages(scroll) => Some(scroll),
        _ => None,
    };
    let bubbles = Bubbles::new(canvas.theme, model, chat, area.width, compact);
    let rows = visible(&bubbles, chat, scroll.unwrap_or_default(), usize::from(area.height));
    let newest = chat.history.messages.len().checked_sub(1);
    let selected = scroll.and_then(|scroll| scroll.selected.or(newest));
    let above = area.height.saturating_sub(u16::try_from(rows.len()).unwrap_or(u16::MAX));
    for (y, row) in (area.top() + above..area.bottom()).zip(rows) {
        let line = Rect { y, height: 1, ..area };
        canvas.true_until(row.until);
        let chosen = row.of.is_some() && row.of == selected;
        draw_row(canvas, row, line);
        if chosen {
            canvas.restyle(line, Role::Selected);
        }
    }
}

fn draw_row(canvas: &mut Canvas, row: Row, area: Rect) {
    match row.shape {
        Shape::Centred => canvas.centred(area, row.left),
        Shape::Indented(indent) => {
            let inner = super::layout::inset(area, indent, 1);
            canvas.row(inner, row.left, row.right.into_iter().collect());
        }
    }
}

/// The rows in sight, at most `height`.
fn visible(bubbles: &Bubbles, chat: &Chat, scroll: Scroll, height: usize) -> VecDeque<Row> {
    let count = chat.history.messages.len();
    let mut rows: VecDeque<Row> = bubbles.tail().into();
    let mut first = count;
    while first > 0 && rows.len() < height {
        first -= 1;
        push_front_all(&mut rows, bubbles.rows(first));
    }
    let overflow = rows.len().saturating_sub(height);
    let selected = scroll.selected.filter(|selected| *selected < count);
    let cut_off = rows.iter().take(overflow).any(|row| row.of.is_some() && row.of == selected);
    if let Some(selected) = selected.filter(|selected| *selected < first || cut_off) {
        return from_top(bubbles, count, selected, usize::from(scroll.skipped), height);
    }
    if overflow == 0 && first == 0 {
        push_front_all(&mut rows, bubbles.head_of_history());
    }
    let overflow = rows.len().saturating_sub(height);
    rows.drain(..overflow);
    rows
}

/// The rows from the selected message down; of one that is taller than the pane, `skipped` rows less.
fn from_top(
    bubbles: &Bubbles,
    count: usize,
    selected: usize,
    skipped: usize,
    height: usize,
) -> VecDeque<Row> {
    let mut rows: VecDeque<Row> = bubbles.rows(selected).into();
    while rows.front().is_some_and(Row::is_empty) {
        rows.pop_front();
    }
    if let Some(speaker) = bubbles.speaker(selected) {
        rows.push_front(speaker);
    }
    let most = rows.len().saturating_sub(height);
    rows.drain(..skipped.min(most));
    for next in selected + 1..count {
        if rows.len() >= height {
            break;
        }
        rows.extend(bubbles.rows(next));
    }
    rows.truncate(height);
    rows
}

fn push_front_all(rows: &mut VecDeque<Row>, before: Vec<Row>) {
    for row in before.into_iter().rev() {
        rows.push_front(row);
    }
}
