//! A story: a few paragraphs at the top of a pane, and below them the letters that act there.
//!
//! Where rows are few the empty lines go first; what still does not fit is scrolled, and dots say that there is more below. The letters
//! stay, since without them nobody could decide anything.

use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use super::layout::{inset, split_top};
use super::paint::Canvas;
use crate::tui::keys::Hint;
use crate::tui::text::{and_more, safe_line, width, wrap};
use crate::tui::theme::Role;
use crate::tui::words::story::Story;

/// Longer lines are tiring to read.
const MEASURE: u16 = 72;

/// Columns of the dots in a story of one row, which has no other place for them.
const DOTS: u16 = 4;

/// The letters below a story.
#[derive(Clone, Copy, Default)]
pub struct Letters<'a> {
    pub hints: &'a [Hint],
    /// The pane has the keys.
    pub acting: bool,
}

/// Draws a story from its line `skipped` on, and its letters.
pub fn draw(canvas: &mut Canvas, area: Rect, story: &Story, skipped: u16, letters: Letters) {
    let Letters { hints: letters, acting } = letters;
    let letters_height = u16::try_from(letters.len()).unwrap_or(u16::MAX).min(area.height.saturating_sub(1));
    let (text, _) = split_top(area, area.height - letters_height);
    let used = scrolled(canvas, text, story, skipped);
    let gap = u16::from(!letters.is_empty() && used + letters_height < area.height);
    let (_, rest) = split_top(area, used + gap);
    for (y, hint) in (rest.top()..rest.bottom()).zip(letters) {
        letter(canvas, Rect { y, height: 1, ..rest }, hint, acting);
    }
}

/// A letter and what it does; dim where another pane has the keys.
fn letter(canvas: &mut Canvas, area: Rect, hint: &Hint, acting: bool) {
    let (key, text) = if acting { (Role::Rose, Role::Text) } else { (Role::Dim, Role::Dim) };
    let keys = format!("{}  ", hint.keys);
    let room = usize::from(area.width).saturating_sub(width(&keys));
    let words = if width(&hint.words) > room { and_more(&hint.words, room) } else { hint.words.clone() };
    canvas.line(area, Line::from(vec![canvas.span(key, keys), canvas.span(text, words)]));
}

/// Draws paragraphs.
pub fn paragraphs(canvas: &mut Canvas, area: Rect, story: &Story) {
    scrolled(canvas, area, story, 0);
}

/// Draws paragraphs without their first lines, as far as there are more than fit; returns the rows they took.
fn scrolled(canvas: &mut Canvas, area: Rect, story: &Story, skipped: u16) -> u16 {
    if area.is_empty() {
        return 0;
    }
    let columns = area.width.min(MEASURE);
    let height = usize::from(area.height);
    let mut lines = wrapped(story, usize::from(columns));
    if lines.len() > height {
        lines.retain(|(_, line)| !line.is_empty());
    }
    if lines.len() > height && height == 1 {
        // A word that gives way to the dots is read one line later, but of one row there is no later.
        lines = wrapped(story, usize::from(columns.saturating_sub(DOTS).max(1)));
        lines.retain(|(_, line)| !line.is_empty());
    }
    let most = lines.len().saturating_sub(height);
    let skipped = usize::from(skipped).min(most);
    let lines: Vec<_> = lines.into_iter().skip(skipped).take(height).collect();
    let (rows, more) = (lines.len(), skipped < most);
    for (place, (y, (role, line))) in (area.top()..area.bottom()).zip(lines).enumerate() {
        let line = if more && place + 1 == rows {
            going_on(canvas, role, &line, columns)
        } else {
            Line::from(canvas.span(role, line))
        };
        canvas.line(Rect { y, height: 1, ..area }, line);
    }
    u16::try_from(rows).unwrap_or(area.height)
}

/// The last line in sight of a story that goes on, its dots dim.
fn going_on(canvas: &Canvas, role: Role, line: &str, columns: u16) -> Line<'static> {
    let line = and_more(line, usize::from(columns));
    let words = line.trim_end_matches('.');
    let dots: Span = canvas.span(Role::Dim, line.get(words.len()..).unwrap_or_default());
    Line::from(vec![canvas.span(role, words), dots])
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
