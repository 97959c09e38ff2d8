//! The few strokes that every view is made of: a span in a role, a line cut to its place, a row with something at its right end.
//!
//! Nothing is ever drawn that does not fit: a line is cut after a word, or a cluster where there is but one word, and says so with three dots, and what stands at the right
//! end comes in several forms, of which the longest that leaves room is taken.

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::style::Style;
use ratatui::text::{Line, Span};

use crate::tui::text::{cells_of, head, width};
use crate::tui::theme::{Role, Theme};

/// Columns that stay free between the left and the right part of a row.
const GAP: usize = 1;

/// Fewer columns than this for the left part, and the right one gives way.
const LEAST_LEFT: usize = 8;

/// A theme and the cells it is painted on.
pub struct Canvas<'a> {
    pub theme: &'a Theme,
    pub buffer: &'a mut Buffer,
    /// The first moment at which something that was drawn is no longer true, unix milliseconds.
    pub until: Option<i64>,
}

/// A piece of text in a role.
pub fn span(theme: &Theme, role: Role, text: impl Into<String>) -> Span<'static> {
    Span::styled(text.into(), theme.style(role))
}

impl Canvas<'_> {
    pub fn span(&self, role: Role, text: impl Into<String>) -> Span<'static> {
        span(self.theme, role, text)
    }

    /// What is drawn is true until this moment (unix milliseconds), or for ever.
    pub fn true_until(&mut self, moment: Option<i64>) {
        self.until = [self.until, moment].into_iter().flatten().min();
    }

    /// Draws a line at the top of `area`, cut to its width.
    pub fn line(&mut self, area: Rect, line: Line<'static>) {
        if !area.is_empty() {
            let line = cut(line, usize::from(area.width));
            self.buffer.set_line(area.x, area.y, &line, area.width);
        }
    }

    /// Draws a row: `left`, and at the right end the first form of `right` beside which all of `left` has room. If there is none the
    /// last form stands there and `left` is cut, unless that left too little of it.
    pub fn row(&mut self, area: Rect, left: Line<'static>, right: Vec<Line<'static>>) {
        if area.is_empty() {
            return;
        }
        let columns = usize::from(area.width);
        let needed = line_width(&left);
        let room = |form: &&Line| columns.checked_sub(line_width(form) + GAP);
        let fits = right.iter().find(|form| room(form).is_some_and(|left| left >= needed));
        let least = || right.last().filter(|form| room(form).is_some_and(|left| left >= LEAST_LEFT));
        let Some(form) = fits.or_else(least).filter(|form| line_width(form) > 0) else {
            return self.line(area, left);
        };
        let taken = u16::try_from(line_width(form)).unwrap_or(area.width);
        let edge = area.right().saturating_sub(taken);
        let gap = u16::try_from(GAP).unwrap_or_default();
        self.line(Rect { width: edge.saturating_sub(area.x + gap), ..area }, left);
        self.line(Rect { x: edge, width: taken, ..area }, form.clone());
    }

    /// Draws a line in the middle of the top row of `area`.
    pub fn centred(&mut self, area: Rect, line: Line<'static>) {
        let line = cut(line, usize::from(area.width));
        let taken = u16::try_from(line_width(&line)).unwrap_or(area.width);
        let x = area.x + area.width.saturating_sub(taken) / 2;
        self.line(Rect { x, width: area.right().saturating_sub(x), ..area }, line);
    }

    /// A rule along the top row of `area`.
    pub fn rule(&mut self, area: Rect, symbol: &str) {
        let style = self.theme.style(Role::Dim);
        for x in area.left()..area.right() {
            self.symbol(x, area.y, symbol, style);
        }
    }

    pub fn symbol(&mut self, x: u16, y: u16, symbol: &str, style: Style) {
        if let Some(cell) = self.buffer.cell_mut((x, y)) {
            cell.set_symbol(symbol).set_style(style);
        }
    }

    /// Gives each letter and spacing mark the cell it takes on a terminal, so that all of a cluster is emptied when its first cell is.
    pub fn part_clusters(&mut self) {
        for Position { x, y } in self.buffer.area.positions() {
            let Some(cell) = self.buffer.cell((x, y)) else { continue };
            let style = cell.style();
            let parts: Vec<String> = cells_of(cell.symbol()).into_iter().map(str::to_owned).collect();
            for (x, part) in (x..).zip(parts) {
                self.symbol(x, y, &part, style);
            }
        }
    }

    /// Puts a style over cells that were drawn, colours and modifiers of their own gone: one style for the whole row.
    pub fn restyle(&mut self, area: Rect, role: Role) {
        for position in area.intersection(self.buffer.area).positions() {
            if let Some(cell) = self.buffer.cell_mut(position) {
                cell.set_style(Style::reset()).set_style(self.theme.style(role));
            }
        }
    }
}

/// Cells that a line takes.
pub fn line_width(line: &Line) -> usize {
    line.spans.iter().map(|span| width(&span.content)).sum()
}

/// The line, or as much of it as fits before three dots.
pub fn cut(line: Line<'static>, columns: usize) -> Line<'static> {
    if line_width(&line) <= columns {
        return line;
    }
    let dots = ".".repeat(columns.min(3));
    let mut left = columns - dots.len();
    let mut spans: Vec<Span> = Vec::new();
    for span in line.spans {
        let kept = head(&span.content, left);
        left -= width(kept);
        let whole = kept.len() == span.content.len();
        let kept = if whole { kept } else { whole_words(&span.content, kept) };
        spans.push(Span::styled(kept.to_owned(), span.style));
        if !whole {
            break;
        }
    }
    let style = spans.last().map(|span| span.style).unwrap_or_default();
    spans.push(Span::styled(dots, style));
    Line::from(spans)
}

/// The start of a text without the word that was cut in two, if that is not its first.
fn whole_words<'t>(text: &str, kept: &'t str) -> &'t str {
    let in_a_word = text.get(kept.len()..).is_some_and(|rest| !rest.starts_with(' '));
    let before = kept.trim_start().rfind(' ').map(|_| kept.rfind(' ').unwrap_or_default());
    let end = before.filter(|_| in_a_word).map_or(kept.len(), |space| space + 1);
    kept.get(..end).unwrap_or(kept)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(line: &Line) -> String {
        line.spans.iter().map(|span| span.content.as_ref()).collect()
    }

    #[test]
    fn a_line_is_cut_with_dots_wherever_its_spans_end() {
        let line = |parts: &[&'static str]| parts.iter().map(|part| Span::raw(*part)).collect::<Line>();
        let parts = ["one ", "two ", "漢字", " three"];
        let whole: String = parts.concat();
        for columns in 0..=line_width(&line(&parts)) {
            let shown = cut(line(&parts), columns);
            assert!(line_width(&shown) <= columns, "{columns}: {shown:?}");
            let kept = words(&shown);
            let kept = kept.trim_end_matches('.');
            assert!(whole.starts_with(kept), "{columns}: {kept}");
            let dots = words(&shown).len() - kept.len();
            assert_eq!(
                dots,
                if kept.len() == whole.len() { 0 } else { columns.min(3) },
                "{columns}: {shown:?}"
            );
        }
    }
}
