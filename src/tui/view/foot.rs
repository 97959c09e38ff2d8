//! The bottom rows: what the keys do where the focus is, or for one key press what just happened.
//!
//! Hints are shown whole or not at all, in order of use. A sentence takes the place of the hints, in as many rows as it needs up to
//! three, so that a fault is never told by half. What the server demands of the user stays above the hints until it is done.

use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use super::layout::inset;
use super::paint::{Canvas, line_width, span};
use super::symbols;
use crate::engine::Connection;
use crate::tui::keys::{self, Hint};
use crate::tui::model::Model;
use crate::tui::text::{and_more, safe_line, wrap};
use crate::tui::theme::{Role, Theme};
use crate::tui::words::account::{SIGNED_OUT_SHORT, signed_out};

/// Rows that a sentence may take.
const MOST: usize = 3;

/// Rows of one that stands there for good: small screens have no more.
const STANDING: usize = 2;

/// The bottom of the screen.
pub struct Foot {
    sentences: Vec<Line<'static>>,
    hints: Line<'static>,
    /// The sentences stand in place of the hints.
    instead: bool,
}

/// What stands at the bottom of a screen of so many columns.
pub fn lines(model: &Model, theme: &Theme, columns: u16) -> Foot {
    let columns = usize::from(columns.saturating_sub(2));
    let mut sentences = Vec::new();
    if model.signed_out.is_some() {
        let long = signed_out(&model.profile);
        let fits = wrap(&long, columns).len() <= STANDING;
        sentences.extend(sentence(theme, Role::Red, if fits { &long } else { SIGNED_OUT_SHORT }, columns));
    } else if let Connection::Refused(words) = &model.connection {
        sentences.extend(sentence(theme, Role::Red, words, columns));
    }
    if let Some(toast) = &model.toast {
        let role = if toast.trouble { Role::Red } else { Role::Strong };
        sentences.extend(sentence(theme, role, &toast.words, columns));
    }
    Foot { sentences, hints: hints(model, theme, columns), instead: model.toast.is_some() }
}

impl Foot {
    /// Rows that it needs besides the hints.
    pub fn rows(&self) -> u16 {
        let sentences = u16::try_from(self.sentences.len()).unwrap_or(u16::MAX);
        sentences + u16::from(sentences > 0 && !self.instead)
    }

    pub fn draw(self, canvas: &mut Canvas, area: Rect) {
        let hints = (!self.instead).then_some(self.hints);
        let lines = self.sentences.into_iter().chain(hints);
        for (y, line) in (area.top()..area.bottom()).zip(lines) {
            canvas.line(inset(Rect { y, height: 1, ..area }, 1, 1), line);
        }
    }
}

fn sentence(theme: &Theme, role: Role, words: &str, columns: usize) -> Vec<Line<'static>> {
    let words = safe_line(words);
    let mut lines: Vec<String> = wrap(&words, columns).into_iter().map(str::to_owned).collect();
    let more = lines.len() > MOST;
    lines.truncate(MOST);
    if let Some(last) = lines.last_mut().filter(|_| more) {
        *last = and_more(last, columns);
    }
    lines.into_iter().map(|line| Line::from(span(theme, role, line))).collect()
}

/// As many hints as fit, each whole, in order of use. Without a popup the last one is the help, which leads to all others and has its
/// place first.
pub fn hints(model: &Model, theme: &Theme, columns: usize) -> Line<'static> {
    let dot = span(theme, Role::Dim, format!(" {} ", symbols::of(theme).dot));
    let mut hints = keys::hints(model);
    let last = if model.popup.is_none() { hints.pop() } else { None };
    let last: Vec<Span> = last.map(|hint| hint_spans(theme, hint)).unwrap_or_default();
    let joined = |one: &[Span<'static>], other: &[Span<'static>]| {
        let gap = if one.is_empty() || other.is_empty() { &[][..] } else { std::slice::from_ref(&dot) };
        [one, gap, other].concat()
    };
    let mut line: Vec<Span> = Vec::new();
    for hint in hints {
        let with = joined(&line, &hint_spans(theme, hint));
        if line_width(&Line::from(joined(&with, &last))) > columns {
            break;
        }
        line = with;
    }
    Line::from(joined(&line, &last))
}

/// All hints, with no more than two spaces between them.
pub fn close_hints(model: &Model, theme: &Theme) -> Line<'static> {
    let hints: Vec<Vec<Span>> = keys::hints(model).into_iter().map(|hint| hint_spans(theme, hint)).collect();
    Line::from(hints.join(&Span::raw("  ")))
}

fn hint_spans(theme: &Theme, hint: Hint) -> Vec<Span<'static>> {
    vec![span(theme, Role::Strong, hint.keys), span(theme, Role::Dim, format!(" {}", hint.words))]
}
