//! Lines of a page from top to bottom, each with how much it matters; a pile that is too high loses the least first.

use ratatui::layout::{Position, Rect};
use ratatui::text::Line;

use crate::tui::text::{and_more, safe_line, wrap};
use crate::tui::theme::Role;
use crate::tui::view::paint::Canvas;

/// How much a line matters, the least first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Rank {
    /// Between things of one kind: all of them, or none.
    Gap,
    Blank,
    /// What is good to know: a whole paragraph, or nothing of it.
    Aside,
    /// Why something is asked.
    Lead,
    Heading,
    /// What can be chosen or typed into.
    Field,
    /// What went wrong, what is awaited, the field with the focus.
    First,
}

struct Row {
    rank: Rank,
    line: Line<'static>,
    /// A selected row is drawn as one.
    selected: bool,
    /// The rows of one paragraph have one number.
    paragraph: usize,
}

/// Lines with their ranks, and where the cursor is among them.
#[derive(Default)]
pub struct Pile {
    rows: Vec<Row>,
    /// The row of the cursor, and its column.
    cursor: Option<(usize, u16)>,
    /// Columns that a paragraph has.
    columns: usize,
    paragraphs: usize,
}

impl Pile {
    pub fn rows(&self) -> usize {
        self.rows.len()
    }

    pub fn push(&mut self, rank: Rank, line: Line<'static>) {
        self.push_all(rank, vec![line]);
    }

    /// Lines of one paragraph.
    pub fn push_all(&mut self, rank: Rank, lines: Vec<Line<'static>>) {
        self.paragraphs += 1;
        let paragraph = self.paragraphs;
        self.rows.extend(lines.into_iter().map(|line| Row { rank, line, selected: false, paragraph }));
    }

    pub fn push_selected(&mut self, line: Line<'static>) {
        self.push(Rank::First, line);
        self.rows.iter_mut().next_back().into_iter().for_each(|row| row.selected = true);
    }

    pub fn blank(&mut self) {
        self.push(Rank::Blank, Line::default());
    }

    /// A paragraph, made safe and wrapped.
    pub fn say(&mut self, canvas: &Canvas, rank: Rank, role: Role, words: &str, columns: usize) {
        let words = safe_line(words);
        self.columns = columns;
        let lines = wrap(&words, columns).into_iter().map(|line| Line::from(canvas.span(role, line)));
        self.push_all(rank, lines.collect());
    }

    /// The cursor is in the last line, at this column.
    pub fn cursor(&mut self, column: usize) {
        self.cursor = Some((self.rows.len().saturating_sub(1), u16::try_from(column).unwrap_or(u16::MAX)));
    }

    /// Takes away what matters least, from the bottom, until so many rows are left. A paragraph that is cut says so with dots.
    pub fn fit(&mut self, rows: usize) {
        while self.rows.len() > rows {
            let least = self.rows.iter().enumerate().rev().min_by_key(|(_, row)| row.rank);
            let Some((place, row)) = least else { return };
            let (rank, paragraph) = (row.rank, row.paragraph);
            match rank {
                Rank::Gap => self.remove(|_, row| row.rank == Rank::Gap),
                Rank::Aside => self.remove(|_, row| row.paragraph == paragraph),
                _ => self.remove(|at, _| at == place),
            }
            let before = place.checked_sub(1).and_then(|before| self.rows.get_mut(before));
            if let Some(row) = before.filter(|row| row.paragraph == paragraph) {
                for span in &mut row.line.spans {
                    span.content = and_more(&span.content, self.columns).into();
                }
            }
        }
    }

    fn remove(&mut self, gone: impl Fn(usize, &Row) -> bool) {
        let cursor = self.cursor;
        let removed =
            |end: usize| self.rows.iter().enumerate().take(end).filter(|(at, row)| gone(*at, row)).count();
        self.cursor = cursor.and_then(|(row, column)| {
            let stays = self.rows.get(row).is_some_and(|its| !gone(row, its));
            stays.then(|| (row - removed(row), column))
        });
        let mut at = 0;
        self.rows.retain(|row| {
            at += 1;
            !gone(at - 1, row)
        });
    }

    /// Draws it at the top of `area`; where the cursor is on the screen.
    pub fn draw(self, canvas: &mut Canvas, area: Rect) -> Option<Position> {
        for (y, row) in (area.top()..area.bottom()).zip(self.rows) {
            let place = Rect { y, height: 1, ..area };
            canvas.line(place, row.line);
            if row.selected {
                canvas.restyle(place, Role::Selected);
            }
        }
        let (row, column) = self.cursor?;
        let y = area.y.checked_add(u16::try_from(row).ok()?).filter(|y| *y < area.bottom())?;
        Some(Position { x: (area.x + column).min(area.right().saturating_sub(1)), y })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ratatui::text::Span;

    fn paragraph(pile: &mut Pile, rank: Rank, lines: &[&'static str]) {
        pile.columns = 20;
        pile.push_all(rank, lines.iter().map(|line| Line::from(Span::raw(*line))).collect());
    }

    fn shown(pile: &Pile) -> String {
        pile.rows.iter().map(|row| row.line.to_string()).collect::<Vec<_>>().join("|")
    }

    #[test]
    fn the_least_goes_first_and_the_cursor_stays_with_its_row() {
        let mut pile = Pile::default();
        pile.push(Rank::Heading, Line::from("heading"));
        pile.blank();
        paragraph(&mut pile, Rank::Lead, &["lead one", "lead two"]);
        pile.push(Rank::First, Line::from("field"));
        pile.cursor(3);
        let mut left = Vec::new();
        for rows in (1..=5).rev() {
            pile.fit(rows);
            left.push(shown(&pile));
            assert_eq!(pile.cursor, Some((rows - 1, 3)));
        }
        let expected = [
            "heading||lead one|lead two|field",
            "heading|lead one|lead two|field",
            "heading|lead one ...|field",
            "heading|field",
            "field",
        ];
        assert_eq!(left, expected);
    }

    #[test]
    fn gaps_and_asides_go_whole() {
        let mut pile = Pile::default();
        for name in ["one", "two"] {
            pile.push(Rank::Field, Line::from(name));
            pile.push(Rank::Gap, Line::default());
        }
        paragraph(&mut pile, Rank::Aside, &["good", "to know"]);
        pile.fit(5);
        assert_eq!(shown(&pile), "one|two|good|to know");
        pile.fit(3);
        assert_eq!(shown(&pile), "one|two");
    }
}
