//! A story: a few paragraphs at the top of a pane, and below them the letters that act there.
//!
//! Where rows are few the empty lines go first, then the end of the story, with dots; the letters stay, since without them nobody could
//! decide anything.

use ratatui::layout::Rect;
use ratatui::text::Line;

use super::layout::{inset, split_top};
use super::paint::Canvas;
use crate::tui::keys::Hint;
use crate::tui::text::{and_more, safe_line, width, wrap};
use crate::tui::theme::Role;
use crate::tui::words::story::Story;

/// Longer lines are tiring to read.
const MEASURE: u16 = 72;

/// Draws a story and its letters; `acting` if the pane has the keys. Returns the rows they took.
pub fn draw(canvas: &mut Canvas, area: Rect, story: &Story, letters: &[Hint], acting: bool) -> u16 {
    let letters_height = u16::try_from(letters.len()).unwrap_or(u16::MAX).min(area.height.saturating_sub(1));
    let (text, _) = split_top(area, area.height - letters_height);
    let used = paragraphs(canvas, text, story);
    let gap = u16::from(!letters.is_empty() && used + letters_height < area.height);
    let (_, rest) = split_top(area, used + gap);
    for (y, hint) in (rest.top()..rest.bottom()).zip(letters) {
        letter(canvas, Rect { y, height: 1, ..rest }, hint, acting);
    }
    used + gap + letters_height
}

/// A letter and what it does; dim where another pane has the keys.
fn letter(canvas: &mut Canvas, area: Rect, hint: &Hint, acting: bool) {
    let (key, text) = if acting { (Role::Rose, Role::Text) } else { (Role::Dim, Role::Dim) };
    let keys = format!("{}  ", hint.keys);
    let room = usize::from(area.width).saturating_sub(width(&keys));
    let words = if width(&hint.words) > room { and_more(&hint.words, room) } else { hint.words.clone() };
    canvas.line(area, Line::from(vec![canvas.span(key, keys), canvas.span(text, words)]));
}

/// Draws paragraphs; returns the rows they took.
pub fn paragraphs(canvas: &mut Canvas, area: Rect, story: &Story) -> u16 {
    if area.is_empty() {
        return 0;
    }
    let columns = area.width.min(MEASURE);
    let height = usize::from(area.height);
    let mut lines = wrapped(story, usize::from(columns));
    if lines.len() > height {
        lines.retain(|(_, line)| !line.is_empty());
    }
    let more = lines.len() > height;
    lines.truncate(height);
    if let Some((_, last)) = lines.last_mut().filter(|_| more) {
        *last = and_more(last, usize::from(columns));
    }
    let rows = lines.len();
    for (y, (role, line)) in (area.top()..area.bottom()).zip(lines) {
        let line = Line::from(canvas.span(role, line));
        canvas.line(Rect { y, height: 1, ..area }, line);
    }
    u16::try_from(rows).unwrap_or(area.height)
}

/// Rows that a story takes where there is room for all of it.
pub fn height(story: &Story, columns: u16) -> u16 {
    u16::try_from(wrapped(story, usize::from(columns.min(MEASURE))).len()).unwrap_or(u16::MAX)
}

fn wrapped(story: &Story, columns: usize) -> Vec<(Role, String)> {
    let lines = story.iter().flat_map(|(role, words)| {
        let words = safe_line(words);
        wrap(&words, columns).into_iter().map(|line| (*role, line.to_owned())).collect::<Vec<_>>()
    });
    lines.collect()
}

/// Where a story stands in a pane.
pub fn place(area: Rect) -> Rect {
    match area.width {
        ..30 => inset(area, 1, 1),
        _ => inset(area, 3, 2),
    }
}
