//! Spans broken into lines, and formatted text as spans.
//!
//! What a message says comes as spans of different looks, and is wrapped as one text: the breaks are those of its words, wherever a look
//! ends. Only what is about to be drawn comes here, so nothing has to be kept between two frames.

use ratatui::style::{Modifier, Style};
use ratatui::text::{Line, Span};

use super::paint::span;
use super::symbols;
use crate::engine::{Text, detect};
use crate::tui::formatted::formats;
use crate::tui::text::{Block, Frame, Look, rich, width, wrap_ranges};
use crate::tui::theme::{Role, Theme};

/// Cells that a quote's bar or the indent of code takes.
const FRAME: usize = 2;

/// A formatted text in lines of so many cells, behind `prefix`; its spoilers hidden or shown.
pub fn lines(
    theme: &Theme,
    text: &Text,
    shown: bool,
    prefix: Vec<Span<'static>>,
    columns: usize,
) -> Vec<Line<'static>> {
    let mask = symbols::of(theme).mask;
    let text = detect(text);
    let blocks = rich(&text.plain, &formats(&text), (!shown).then_some(mask));
    let mut prefix = Some(prefix);
    let lines = blocks.into_iter().flat_map(|block| {
        let mut spans = prefix.take().unwrap_or_default();
        spans.extend(spans_of(theme, &block));
        framed(theme, &block.frame, spans, columns)
    });
    lines.collect()
}

fn spans_of(theme: &Theme, block: &Block) -> Vec<Span<'static>> {
    let runs = block.runs.iter();
    runs.filter_map(|run| {
        Some(Span::styled(block.text.get(run.bytes.clone())?.to_owned(), style(theme, run.look)))
    })
    .collect()
}

/// A block with its bar or indent, and the language of code above it.
fn framed(theme: &Theme, frame: &Frame, spans: Vec<Span<'static>>, columns: usize) -> Vec<Line<'static>> {
    let (edge, inner) = match frame {
        Frame::Plain => return wrap_spans(&spans, columns),
        Frame::Quote => (format!("{} ", symbols::of(theme).quote), columns.saturating_sub(FRAME)),
        Frame::Pre(_) => ("  ".to_owned(), columns.saturating_sub(FRAME)),
    };
    let edge = span(theme, Role::Rose, edge);
    let mut lines = wrap_spans(&spans, inner.max(1));
    for line in &mut lines {
        line.spans.insert(0, edge.clone());
    }
    if let Frame::Pre(language) = frame
        && !language.is_empty()
    {
        lines.insert(0, Line::from(vec![edge, span(theme, Role::Dim, language.clone())]));
    }
    lines
}

/// Spans as lines of so many cells, broken where one text of them would be.
pub fn wrap_spans(spans: &[Span<'static>], columns: usize) -> Vec<Line<'static>> {
    let text: String = spans.iter().map(|span| span.content.as_ref()).collect();
    let lines = wrap_ranges(&text, columns).into_iter().map(|range| {
        let mut start = 0;
        let pieces = spans.iter().filter_map(|span| {
            let end = start + span.content.len();
            let (from, to) = (range.start.clamp(start, end), range.end.clamp(start, end));
            let piece = span.content.get(from - start..to - start).filter(|piece| !piece.is_empty());
            start = end;
            piece.map(|piece| Span::styled(piece.to_owned(), span.style))
        });
        Line::from(pieces.collect::<Vec<_>>())
    });
    lines.collect()
}

fn style(theme: &Theme, look: Look) -> Style {
    let role = match look {
        Look { link: true, .. } => Role::Link,
        Look { code: true, .. } => Role::Code,
        Look { spoiler: true, .. } => Role::Dim,
        _ => Role::Text,
    };
    let mut style = theme.style(role);
    let modifiers = [
        (look.bold, Modifier::BOLD),
        (look.italic, Modifier::ITALIC),
        (look.underline, Modifier::UNDERLINED),
        (look.strike, Modifier::CROSSED_OUT),
    ];
    for (_, modifier) in modifiers.into_iter().filter(|(has, _)| *has) {
        style = style.add_modifier(modifier);
    }
    style
}

/// A line cut after so many cells, so that it stays one.
pub fn one_line(words: &str, columns: usize) -> String {
    if width(words) <= columns { words.to_owned() } else { crate::tui::text::and_more(words, columns) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_break_where_their_text_does() {
        let spans = [Span::raw("see you "), Span::raw("at the"), Span::raw(" bridge 漢字")];
        let lines = wrap_spans(&spans, 10);
        let words: Vec<String> =
            lines.iter().map(|line| line.spans.iter().map(|span| span.content.as_ref()).collect()).collect();
        assert_eq!(words, ["see you at", "the bridge", "漢字"]);
        assert_eq!(lines[0].spans.len(), 2);
        assert!(wrap_spans(&[], 10)[0].spans.is_empty());
    }
}
