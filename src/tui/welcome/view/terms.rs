//! Terms of service: as much of the text as there is room for, between why it is shown and what is asked.
//!
//! What is asked keeps its place at the bottom, whatever is read above it; where rows are few the heading goes first.

use ratatui::layout::Rect;
use ratatui::text::Line;

use super::column;
use super::page::{awaited, trouble};
use super::pile::{Pile, Rank};
use crate::tui::theme::Role;
use crate::tui::view::layout::{split_bottom, split_top};
use crate::tui::view::paint::Canvas;
use crate::tui::welcome::model::Model;
use crate::tui::welcome::terms::Reading;
use crate::tui::words::sign_in as say;

/// Rows of text that are worth a heading above them.
const TEXT_FIRST: u16 = 4;

/// Rows that the text keeps in the smallest pane: one to read, and one that says that more follows.
const TEXT_LEAST: u16 = 2;

/// Columns of the text on a screen this wide.
pub fn columns(screen: u16) -> usize {
    usize::from(column(Rect { x: 0, y: 0, width: screen, height: 1 }).width)
}

/// Draws the page.
pub fn draw(canvas: &mut Canvas, model: &Model, reading: &Reading, area: Rect) {
    let place = column(area);
    let columns = usize::from(place.width);
    let mut asked = Pile::default();
    asked.blank();
    asked.say(canvas, Rank::First, Role::Strong, &say::agree(reading.terms.min_age), columns);
    trouble(canvas, model, columns, &mut asked);
    awaited(canvas, model, columns, &mut asked);
    asked.fit(usize::from(place.height.saturating_sub(TEXT_LEAST)));
    let (text, foot) = split_bottom(place, rows(&asked));

    let mut head = Pile::default();
    head.say(canvas, Rank::Heading, Role::Strong, "Terms of service", columns);
    head.blank();
    head.say(canvas, Rank::Lead, Role::Dim, say::TERMS, columns);
    head.blank();
    head.fit(usize::from(text.height.saturating_sub(TEXT_FIRST)));
    let (above, text) = split_top(text, rows(&head));

    head.draw(canvas, above);
    draw_text(canvas, reading, text, columns);
    asked.draw(canvas, foot);
}

fn rows(pile: &Pile) -> u16 {
    u16::try_from(pile.rows()).unwrap_or(u16::MAX)
}

/// The text from where one is; the last row says how much follows, if anything does.
fn draw_text(canvas: &mut Canvas, reading: &Reading, area: Rect, columns: usize) {
    let lines = reading.lines(columns);
    let left = lines.get(reading.top.min(lines.len())..).unwrap_or_default();
    let room = usize::from(area.height);
    let shown = if left.len() > room { room.saturating_sub(1) } else { left.len() };
    let mut text: Vec<Line> =
        left.iter().take(shown).map(|line| Line::from(canvas.span(Role::Text, line.clone()))).collect();
    if left.len() > shown {
        text.push(Line::from(canvas.span(Role::Amber, say::more_below(left.len() - shown))));
    }
    for (y, line) in (area.top()..area.bottom()).zip(text) {
        canvas.line(Rect { y, height: 1, ..area }, line);
    }
}
