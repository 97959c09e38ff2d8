//! What is known of a person and of the chat with them: who, since when, the key and its changes, the other app.
//!
//! Facts and not advice: each line is a word and what it stands for, so that the page can be read aloud.

use ratatui::layout::Rect;
use ratatui::text::Line;

use super::super::layout::{inset, split_bottom};
use super::super::names;
use super::super::paint::Canvas;
use super::super::rich::wrap_spans;
use super::question;
use crate::tui::model::{Model, Open};
use crate::tui::theme::Role;
use crate::tui::words::info;

/// Columns of the page, and of the words at its left.
const COLUMNS: u16 = 60;
const LABEL: usize = 14;

pub fn draw(canvas: &mut Canvas, model: &Model, screen: Rect, of: Open, skipped: u16, keys: bool) {
    let user = match of {
        Open::Chat(chat) => model.chats.get(&chat).map(|chat| chat.view.user),
        Open::Person(user) => Some(user),
    };
    let Some(user) = user else { return };
    let title = names::full(model, user);
    let columns = COLUMNS.min(screen.width.saturating_sub(super::frame(screen, &title).0 + 2));
    let person = model.people.get(&user).map(names::safe);
    let chat = match of {
        Open::Chat(chat) => model.chats.get(&chat),
        Open::Person(_) => None,
    };
    let name = names::short(model, user);
    let facts = info::facts(person.as_ref(), chat, &name, model.is_me(user), model.now_ms, &model.zone);
    let lines: Vec<Line> =
        facts.into_iter().flat_map(|fact| fact_lines(canvas, fact, usize::from(columns.max(1)))).collect();
    let rows = u16::try_from(lines.len()).unwrap_or(u16::MAX).saturating_add(u16::from(keys));
    let area = super::open(canvas, screen, None, (columns + 2, rows), &title);
    let (area, answers) = split_bottom(inset(area, 1, 1), u16::from(keys));
    let most = lines.len().saturating_sub(usize::from(area.height));
    let lines = lines.into_iter().skip(usize::from(skipped).min(most));
    for (y, line) in (area.top()..area.bottom()).zip(lines) {
        canvas.line(Rect { y, height: 1, ..area }, line);
    }
    question::answers(canvas, model, answers);
}

/// The label and beside it the words, or below it where that leaves too little.
fn fact_lines(canvas: &Canvas, fact: info::Fact, columns: usize) -> Vec<Line<'static>> {
    let info::Fact { label, role, words } = fact;
    let beside = columns >= 3 * LABEL;
    let room = if beside { columns - LABEL } else { columns };
    let mut lines = wrap_spans(&[canvas.span(role, words)], room.max(1));
    if !beside {
        lines.insert(0, Line::from(canvas.span(Role::Dim, label)));
        return lines;
    }
    for (place, line) in lines.iter_mut().enumerate() {
        let label = if place == 0 { label } else { "" };
        line.spans.insert(0, canvas.span(Role::Dim, format!("{label:LABEL$}")));
    }
    lines
}
