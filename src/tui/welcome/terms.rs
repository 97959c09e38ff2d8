//! Terms of service on the screen: their text, and how far one has read.
//!
//! Nobody agrees to what is not shown: a text that is longer than the pane is scrolled and never cut. The first line on the screen is all
//! that is remembered, so that a pane may change its size at any time.

use crate::engine::entrance::Terms;
use crate::tui::text::{safe_line, wrap};

/// What is being read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reading {
    pub terms: Terms,
    /// The first line that is shown, of those that [`Reading::lines`] yields.
    pub top: usize,
}

impl Reading {
    pub fn new(terms: Terms) -> Reading {
        Reading { terms, top: 0 }
    }

    /// The text, safe and wrapped. Breaks are the server's.
    pub fn lines(&self, columns: usize) -> Vec<String> {
        let mut lines = Vec::new();
        for line in self.terms.text.trim().lines() {
            let line = safe_line(line);
            lines.extend(wrap(&line, columns).into_iter().map(str::to_owned));
        }
        lines
    }

    /// So many lines further, or back. The last line stays on the screen.
    pub fn scroll(&mut self, by: isize, columns: usize) {
        let last = self.lines(columns).len().saturating_sub(1);
        self.top = self.top.saturating_add_signed(by).min(last);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_line_is_lost_and_none_is_passed() {
        let text = "one two three\n\n\u{1b}[31mfour\r\n".to_owned();
        let mut reading = Reading::new(Terms { text, min_age: None });
        assert_eq!(reading.lines(7), ["one two", "three", "", "␛[31mfo", "ur"]);
        assert_eq!(reading.lines(40), ["one two three", "", "␛[31mfour"]);
        for (by, top) in [(1, 1), (10, 4), (-2, 2), (-10, 0), (isize::MAX, 4), (isize::MIN, 0)] {
            reading.scroll(by, 7);
            assert_eq!(reading.top, top, "{by}");
        }
        let mut nothing = Reading::new(Terms::default());
        nothing.scroll(1, 7);
        assert_eq!(nothing.top, 0);
    }
}
