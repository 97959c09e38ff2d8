//! Breaking text into lines of so many cells.
//!
//! Lines are slices of the text, so that nothing is copied and nothing can be added: what a reader sees is what was written, and
//! only spaces at a break are left out. Breaks come after words; between ideographs, which are words of their own; and inside a word
//! only where it would not fit on a line of its own, always between clusters.

use std::ops::Range;

use unicode_segmentation::UnicodeSegmentation;

use super::cells::{fit, width};

/// Says that a text goes on.
const MORE: &str = " ...";

/// Closing marks of the ideographic scripts: a line does not begin with one.
const CLOSING: &str = "、。，．：；！？）」』】〉》〕";

/// The lines of `text`, each at most `columns` cells wide (a cluster wider than that has a line of its own). Empty lines stay, spaces at
/// breaks and at line ends go. An empty text is one empty line.
///
/// ```
/// use subrosa::tui::text::wrap;
/// assert_eq!(wrap("see you at the bridge", 10), ["see you at", "the bridge"]);
/// ```
pub fn wrap(text: &str, columns: usize) -> Vec<&str> {
    wrap_ranges(text, columns).into_iter().filter_map(|line| text.get(line)).collect()
}

/// The lines that [`wrap`] makes, as bytes of `text`.
pub fn wrap_ranges(text: &str, columns: usize) -> Vec<Range<usize>> {
    let mut lines = Vec::new();
    let mut base = 0;
    for paragraph in text.split('\n') {
        Breaker { paragraph, base, columns, start: 0, cells: 0, chance: None }.run(&mut lines);
        base += paragraph.len() + 1;
    }
    lines
}

/// A line with ` ...` behind it, and without the last words if the dots have no room.
///
/// ```
/// use subrosa::tui::text::and_more;
/// assert_eq!(and_more("see you at the bridge", 18), "see you at the ...");
/// ```
pub fn and_more(line: &str, columns: usize) -> String {
    let mut kept = line.trim_end();
    while width(kept) + MORE.len() > columns {
        match kept.rsplit_once(' ') {
            Some((words, _)) => kept = words.trim_end(),
            None => return fit(&format!("{line}{MORE}"), columns),
        }
    }
    format!("{kept}{MORE}")
}

/// A place where the line may end.
#[derive(Clone, Copy)]
struct Chance {
    /// Byte where the text before it ends.
    end: usize,
    /// Byte where the next line would begin.
    next: usize,
    /// Cells of the line up to `next`.
    cells: usize,
}

struct Breaker<'t> {
    paragraph: &'t str,
    /// Byte of the text where the paragraph begins.
    base: usize,
    columns: usize,
    /// Byte where the current line begins.
    start: usize,
    /// Cells of the current line so far.
    cells: usize,
    chance: Option<Chance>,
}

impl Breaker<'_> {
    fn run(mut self, lines: &mut Vec<Range<usize>>) {
        let mut before = Kind::Space;
        for (at, cluster) in self.paragraph.grapheme_indices(true) {
            let kind = Kind::of(cluster);
            let cells = width(cluster);
            if kind != Kind::Space {
                if kind.may_follow(before) && at > self.start {
                    self.chance = Some(Chance { end: at, next: at, cells: self.cells });
                }
                self.make_room(at, cells, lines);
            }
            self.cells += cells;
            if kind == Kind::Space {
                let end = self.chance.filter(|chance| before == Kind::Space && chance.next == at);
                let end = end.map_or(at, |chance| chance.end);
                self.chance = Some(Chance { end, next: at + cluster.len(), cells: self.cells });
            }
            before = kind;
        }
        lines.push(self.line(self.start, self.paragraph.len()));
    }

    /// Ends lines until `cells` more fit: at the last chance, or right here.
    fn make_room(&mut self, at: usize, cells: usize, lines: &mut Vec<Range<usize>>) {
        while self.cells > 0 && self.cells + cells > self.columns {
            let here = Chance { end: at, next: at, cells: self.cells };
            let chance = self.chance.take().unwrap_or(here);
            lines.push(self.line(self.start, chance.end));
            self.start = chance.next;
            self.cells -= chance.cells;
        }
    }

    fn line(&self, start: usize, end: usize) -> Range<usize> {
        let line = self.paragraph.get(start..end).unwrap_or_default().trim_end_matches(' ');
        self.base + start..self.base + start + line.len()
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Space,
    /// Part of a word.
    Letter,
    /// Two cells: a word by itself.
    Wide,
    /// Stays with what is before it.
    Closing,
}

impl Kind {
    fn of(cluster: &str) -> Kind {
        match cluster {
            " " => Kind::Space,
            _ if width(cluster) < 2 => Kind::Letter,
            _ if CLOSING.contains(cluster) => Kind::Closing,
            _ => Kind::Wide,
        }
    }

    fn may_follow(self, before: Kind) -> bool {
        match (before, self) {
            (Kind::Space, _) | (_, Kind::Space | Kind::Closing) => false,
            (Kind::Wide | Kind::Closing, _) | (_, Kind::Wide) => true,
            (Kind::Letter, Kind::Letter) => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn breaks_come_after_words() {
        assert_eq!(wrap("I will be there", 7), ["I will", "be", "there"]);
        assert_eq!(wrap("I will be", 9), ["I will be"]);
        assert_eq!(wrap("", 9), [""]);
    }

    #[test]
    fn spaces_stay_in_a_line_and_go_at_its_end() {
        assert_eq!(wrap("a  b   c", 4), ["a  b", "c"]);
        assert_eq!(wrap("  let x   ", 20), ["  let x"]);
        assert_eq!(wrap("abcd    ", 4), ["abcd"]);
    }

    #[test]
    fn line_breaks_and_empty_lines_stay() {
        assert_eq!(wrap("a\n\nb c", 1), ["a", "", "b", "c"]);
    }

    #[test]
    fn a_long_word_is_broken_between_clusters() {
        assert_eq!(wrap("see abcdefghij", 4), ["see", "abcd", "efgh", "ij"]);
        assert_eq!(wrap("e\u{301}e\u{301}e\u{301}", 2), ["e\u{301}e\u{301}", "e\u{301}"]);
    }

    #[test]
    fn ideographs_break_anywhere_but_before_a_closing_mark() {
        assert_eq!(wrap("漢字漢字漢", 5), ["漢字", "漢字", "漢"]);
        assert_eq!(wrap("go漢字", 4), ["go漢", "字"]);
        assert_eq!(wrap("漢字漢。", 6), ["漢字", "漢。"]);
    }

    #[test]
    fn a_cluster_too_wide_has_a_line_of_its_own() {
        assert_eq!(wrap("漢a字", 1), ["漢", "a", "字"]);
        assert_eq!(wrap("ab", 0), ["a", "b"]);
    }

    #[test]
    fn what_goes_on_ends_after_a_word() {
        assert_eq!(and_more("one two", 11), "one two ...");
        assert_eq!(and_more("one two", 10), "one ...");
        assert_eq!(and_more("oneword", 8), "onewo...");
        assert_eq!(and_more("one", 2), "..");
    }

    fn without_spaces(text: &str) -> String {
        text.chars().filter(|c| !matches!(c, ' ' | '\n')).collect()
    }

    proptest! {
        #[test]
        fn no_line_is_too_wide_and_no_word_is_lost(
            text in "([a-z]{1,12}| {1,3}|[漢字。、😀é\u{301}]{1,6}|\n){0,40}|\\PC{0,60}",
            columns in 2usize..40,
        ) {
            let lines = wrap(&text, columns);
            for line in &lines {
                let alone = line.graphemes(true).count() == 1;
                prop_assert!(width(line) <= columns || alone, "{line:?} is wider than {columns}");
                prop_assert!(!line.ends_with(' '));
            }
            prop_assert_eq!(without_spaces(&lines.concat()), without_spaces(&text));
        }

        #[test]
        fn a_text_that_fits_is_left_alone(text in "[a-z漢]{1,8}( [a-z漢]{1,8}){0,4}") {
            prop_assert_eq!(wrap(&text, width(&text)), vec![text.as_str()]);
        }
    }
}
