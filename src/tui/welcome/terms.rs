//! Terms of service on the screen: their text, and how far one has read.
//!
//! Nobody agrees to what is not shown: a text that is longer than the pane is scrolled and never cut, and no key passes a line that was not
//! on the screen. What is remembered is the first letter on the screen, so that a pane may change its size at any time.

use std::ops::Range;

use crate::engine::entrance::Terms;
use crate::tui::text::{safe_text, wrap_ranges};

/// What is being read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reading {
    /// Safe.
    text: String,
    pub min_age: Option<u32>,
    /// The byte of the text with which the first line on the screen begins, if the pane has not changed since.
    at: usize,
    /// The text in lines of so many columns. Kept, since breaking a long one at every key press could be felt.
    columns: usize,
    lines: Vec<Range<usize>>,
}

/// A way through the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    Down,
    Up,
    PageDown,
    PageUp,
}

/// What is on the screen.
#[derive(Debug, PartialEq, Eq)]
pub struct Shown<'t> {
    pub lines: Vec<&'t str>,
    /// Lines below them, which take a row to be told.
    pub below: usize,
}

impl Reading {
    pub fn new(terms: &Terms, columns: usize) -> Reading {
        let text = safe_text(&terms.text).trim().to_owned();
        let lines = wrap_ranges(&text, columns);
        Reading { text, min_age: terms.min_age, at: 0, columns, lines }
    }

    /// The pane has so many columns now.
    pub fn fit(&mut self, columns: usize) {
        if columns != self.columns {
            (self.columns, self.lines) = (columns, wrap_ranges(&self.text, columns));
        }
    }

    /// What so many rows show, from where one is. The last page is a full one.
    pub fn shown(&self, rows: usize) -> Shown<'_> {
        let left = self.lines.get(self.first(rows)..).unwrap_or_default();
        let count = if left.len() > rows { rows.saturating_sub(1) } else { left.len() };
        let shown = left.iter().take(count).filter_map(|line| self.text.get(line.clone()));
        Shown { lines: shown.collect(), below: left.len() - count }
    }

    /// A step further or back.
    pub fn step(&mut self, step: Step, rows: usize) {
        // One row says how much follows, and one line stays for the eye to go on from.
        let page = rows.saturating_sub(2).max(1);
        let first = self.first(rows);
        let wanted = match step {
            Step::Down => first + 1,
            Step::Up => first.saturating_sub(1),
            Step::PageDown => first + page,
            Step::PageUp => first.saturating_sub(page),
        };
        self.at = self.lines.get(wanted.min(self.last_top(rows))).map_or(0, |line| line.start);
    }

    /// The first line on the screen.
    fn first(&self, rows: usize) -> usize {
        let begun = self.lines.partition_point(|line| line.start <= self.at);
        begun.saturating_sub(1).min(self.last_top(rows))
    }

    /// Where the last page begins.
    fn last_top(&self, rows: usize) -> usize {
        self.lines.len().saturating_sub(rows.max(1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reading(text: &str, columns: usize) -> Reading {
        Reading::new(&Terms { text: text.into(), min_age: None }, columns)
    }

    #[test]
    fn the_text_is_wrapped_and_harmless() {
        let text = "one two three\n\n\u{1b}[31mfour\u{202e}\r\n";
        assert_eq!(reading(text, 7).shown(9).lines, ["one two", "three", "", "␛[31mfo", "ur"]);
        assert_eq!(reading(text, 40).shown(9).lines, ["one two three", "", "␛[31mfour"]);
        assert_eq!(reading("", 7).shown(9).lines, [""]);
        let hidden = format!("above{}below", "\n".repeat(10_000));
        assert_eq!(reading(&hidden, 40).shown(9).lines, ["above", "", "", "below"]);
    }

    #[test]
    fn every_line_is_seen_on_the_way_and_the_last_page_is_full() {
        let text: Vec<String> = (0..30).map(|line| line.to_string()).collect();
        for rows in 2..40 {
            for (down, up) in [(Step::Down, Step::Up), (Step::PageDown, Step::PageUp)] {
                let mut reading = reading(&text.join("\n"), 7);
                for step in [down, up] {
                    let mut seen: Vec<String> = Vec::new();
                    for _ in 0..40 {
                        seen.extend(reading.shown(rows).lines.into_iter().map(str::to_owned));
                        reading.step(step, rows);
                    }
                    assert!(text.iter().all(|line| seen.contains(line)), "{rows} {step:?}: {seen:?}");
                    let Shown { lines, below } = reading.shown(rows);
                    let end = if step == down { lines.last() == Some(&"29") } else { lines[0] == "0" };
                    assert!(
                        end && (lines.len() + usize::from(below > 0)) == rows.min(30),
                        "{rows} {lines:?}"
                    );
                }
            }
        }
    }

    #[test]
    fn one_stays_where_one_is_when_the_pane_changes() {
        let text: Vec<String> = (0..100).map(|word| format!("word{word}")).collect();
        let mut reading = reading(&text.join(" "), 8);
        (0..50).for_each(|_| reading.step(Step::Down, 6));
        assert_eq!(reading.shown(6).lines[0], "word50");
        reading.fit(40);
        assert!(reading.shown(6).lines[0].contains("word50"), "{:?}", reading.shown(6));
        reading.fit(8);
        assert_eq!(reading.shown(6).lines[0], "word50", "and comes back");
    }
}
