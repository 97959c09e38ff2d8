//! The two gates for text from outside: one line, or several.
//!
//! A pass over the characters (see [`class`]) keeps, replaces or drops each; a second over the clusters catches what only a
//! whole cluster shows. Passes repeat until nothing changes, so that the result of a gate goes through it unchanged: text may be
//! made safe twice (when stored and when shown) without being altered twice. Each change shortens or simplifies the text, and
//! the second round nearly always finds nothing to do.

use unicode_segmentation::UnicodeSegmentation;

use super::cells::width;
use super::classes::{Class, REPLACEMENT, class, takes_joiner};

/// Marks that one base may carry in a row. Living scripts need up to four (Hebrew with points and accents, Tibetan stacks);
/// what is beyond that climbs into the lines above.
const MAX_MARKS: usize = 4;

/// Characters that one cluster may have. A Sanskrit conjunct with its vowel sign stays below; an endless one would be a
/// single cell that no window is wide enough for.
const MAX_CLUSTER: usize = 16;

/// Line breaks in a row: two empty lines. A message must not push everything else off the screen with nothing.
const MAX_BREAKS: usize = 3;

/// What a tab becomes; a terminal's own tab stops are not where a pane's are.
const TAB: &str = "    ";

/// Makes text safe for one line: names, titles, usernames, error texts.
///
/// Breaks and tabs become spaces, runs of spaces one space, and the ends are trimmed. The result has no control characters, no
/// bidirectional formatting, nothing invisible, and no marks without a base; it may be empty. Making it safe again changes nothing.
///
/// ```
/// use subrosa::tui::text::safe_line;
/// assert_eq!(safe_line("Ada\u{202E}\n\u{1B}[31m"), "Ada ␛[31m");
/// ```
pub fn safe_line(text: &str) -> String {
    settle(text, one_line)
}

/// Makes text safe for several lines: messages.
///
/// Every kind of line break becomes `\n`, more than two empty lines in a row become two, tabs become spaces. Otherwise as [`safe_line`].
pub fn safe_text(text: &str) -> String {
    traced(text).text
}

/// As [`safe_text`], and of each character of the result which one of `text` it comes from, counted in characters and ascending.
pub(super) fn traced(text: &str) -> Traced {
    let mut now = pass(text, Breaks::Kept);
    loop {
        let next = pass(&now.text, Breaks::Kept);
        if next.text == now.text {
            return now;
        }
        let from = next.from.iter().filter_map(|place| now.from.get(*place).copied()).collect();
        now = Traced { text: next.text, from };
    }
}

/// A text and where its characters come from.
#[derive(Default)]
pub(super) struct Traced {
    pub text: String,
    pub from: Vec<usize>,
}

impl Traced {
    fn push(&mut self, c: char, from: usize) {
        self.text.push(c);
        self.from.push(from);
    }
}

fn one_line(text: &str) -> String {
    let flat = pass(text, Breaks::Flat).text;
    flat.split(' ').filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
}

/// Repeats `step` until it changes nothing. The first round maps every character to one that is kept; from then on rounds only
/// drop characters or merge clusters, so this ends.
fn settle(text: &str, step: impl Fn(&str) -> String) -> String {
    let mut text = step(text);
    loop {
        let next = step(&text);
        if next == text {
            return text;
        }
        text = next;
    }
}

fn pass(text: &str, breaks: Breaks) -> Traced {
    break_up_clusters(filter(text, breaks))
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Breaks {
    Kept,
    Flat,
}

/// Keeps, replaces or drops each character.
fn filter(text: &str, breaks: Breaks) -> Traced {
    let mut out = Line { out: Traced::default(), at: 0, breaks, marks: 0, newlines: 0 };
    let mut rest = text.chars().enumerate().peekable();
    while let Some((at, c)) = rest.next() {
        out.at = at;
        match class(c) {
            Class::Shown(shown) => out.show(shown),
            Class::Mark => out.mark(c),
            Class::Joiner => out.join(c, rest.peek().map(|(_, next)| *next)),
            Class::Space => out.space(" "),
            Class::Tab => out.space(TAB),
            Class::Break => {
                if c == '\r' {
                    rest.next_if(|(_, next)| *next == '\n');
                }
                out.line_break();
            }
            Class::Gone => {}
        }
    }
    out.out
}

/// The text so far, and what decides about the next character.
struct Line {
    out: Traced,
    /// Place of the character that is looked at.
    at: usize,
    breaks: Breaks,
    /// Marks since the last base.
    marks: usize,
    /// Line breaks since the last other character.
    newlines: usize,
}

impl Line {
    fn show(&mut self, c: char) {
        self.out.push(c, self.at);
        self.marks = 0;
        self.newlines = 0;
    }

    fn space(&mut self, spaces: &str) {
        for space in spaces.chars() {
            self.out.push(space, self.at);
        }
        self.marks = 0;
        self.newlines = 0;
    }

    fn line_break(&mut self) {
        if self.breaks == Breaks::Flat {
            return self.space(" ");
        }
        self.newlines += 1;
        if self.newlines <= MAX_BREAKS {
            self.out.push('\n', self.at);
        }
    }

    /// A mark needs a base; without one it would sit on whatever the program printed before.
    fn mark(&mut self, c: char) {
        if self.base().is_some() && self.marks < MAX_MARKS {
            self.out.push(c, self.at);
            self.marks += 1;
        }
    }

    /// A joiner stays between two characters that it shapes, the next of which will be there.
    fn join(&mut self, c: char, next: Option<char>) {
        let next_stays = next.is_some_and(|next| match class(next) {
            Class::Shown(shown) => takes_joiner(shown),
            Class::Mark => takes_joiner(next) && self.marks < MAX_MARKS,
            _ => false,
        });
        if next_stays && self.base().is_some_and(takes_joiner) {
            self.out.push(c, self.at);
        }
    }

    fn base(&self) -> Option<char> {
        self.out.text.chars().next_back().filter(|&c| c != ' ' && c != '\n')
    }
}

/// Replaces clusters that are too long for a cell or take none (a vowel of Hangul without its consonant), and shows half a
/// flag as the letter it is made of.
fn break_up_clusters(whole: Traced) -> Traced {
    if whole.text.is_ascii() {
        return whole;
    }
    let mut out = Traced::default();
    let mut from = whole.from.iter().copied();
    for cluster in whole.text.graphemes(true) {
        let places: Vec<usize> = from.by_ref().take(cluster.chars().count()).collect();
        let first_place = places.first().copied().unwrap_or_default();
        let mut chars = cluster.chars();
        match (chars.next(), chars.next()) {
            (Some('\n'), _) => out.push('\n', first_place),
            _ if places.len() > MAX_CLUSTER || width(cluster) == 0 => out.push(REPLACEMENT, first_place),
            (Some(first), second) if !second.is_some_and(is_regional) => {
                out.push(regional_letter(first).unwrap_or(first), first_place);
                for (c, place) in cluster.chars().zip(places).skip(1) {
                    out.push(c, place);
                }
            }
            _ => cluster.chars().zip(places).for_each(|(c, place)| out.push(c, place)),
        }
    }
    out
}

fn is_regional(c: char) -> bool {
    regional_letter(c).is_some()
}

/// A regional indicator alone is one cell to some terminals and two to others; in pairs (a flag) all agree on two.
fn regional_letter(c: char) -> Option<char> {
    let place = u32::from(c).checked_sub(0x1F1E6).filter(|place| *place < 26)?;
    char::from_u32(u32::from('A') + place)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_text_is_left_alone() {
        for text in ["Ada Lovelace", "Grüße, Ёлка!", "漢字 かな", "नमस्ते", "สวัสดี", "👍 🇩🇪", "e\u{301}", "שָׁלוֹם"]
        {
            assert_eq!(safe_line(text), text);
            assert_eq!(safe_text(text), text);
        }
    }

    #[test]
    fn escape_sequences_lose_their_escape() {
        assert_eq!(safe_line("\u{1B}[2J\u{1B}]0;x\u{7}"), "␛[2J␛]0;x␇");
        assert_eq!(safe_line("\u{9B}31mred"), "\u{FFFD}31mred");
        assert_eq!(safe_text("a\u{8}\u{8}b\u{7F}"), "a␈␈b␡");
    }

    #[test]
    fn a_line_is_one_line_with_single_spaces() {
        assert_eq!(safe_line("  Ada\t\r\n \u{2028}Lovelace\u{A0}\u{3164} "), "Ada Lovelace");
        assert_eq!(safe_line(" \n\u{200B}\t"), "");
    }

    #[test]
    fn a_text_keeps_its_lines_and_bounds_the_empty_ones() {
        assert_eq!(safe_text("a\r\nb\rc\u{2029}d"), "a\nb\nc\nd");
        assert_eq!(safe_text("a\n\n\n\n\n\n\nb"), "a\n\n\nb");
        assert_eq!(safe_text("a\tb  c"), "a    b  c");
    }

    #[test]
    fn marks_are_bounded_and_need_a_base() {
        let zalgo = format!("h{}i", "\u{336}".repeat(40));
        assert_eq!(safe_line(&zalgo), format!("h{}i", "\u{336}".repeat(MAX_MARKS)));
        assert_eq!(safe_line("\u{301}a"), "a");
        assert_eq!(safe_text("x\n\u{301}y \u{301}z"), "x\ny z");
    }

    #[test]
    fn joiners_stay_only_where_they_shape_letters() {
        assert_eq!(safe_line("می\u{200C}خواهم"), "می\u{200C}خواهم");
        assert_eq!(safe_line("क्\u{200D}ष"), "क्\u{200D}ष");
        assert_eq!(safe_line("می\u{200C}\u{200C}خواهم"), "می\u{200C}خواهم");
        assert_eq!(safe_line("a\u{200D}b\u{200C}\u{200C}c"), "abc");
        assert_eq!(safe_line("ب\u{200C}"), "ب");
    }

    #[test]
    fn disputed_clusters_become_stable_ones() {
        assert_eq!(safe_line("❤\u{FE0F}"), "❤");
        assert_eq!(safe_line("1\u{FE0F}\u{20E3}"), "1");
        assert_eq!(safe_line("👍🏽"), "👍");
        assert_eq!(safe_line("👨\u{200D}👩\u{200D}👧"), "👨👩👧");
        assert_eq!(safe_line("🏴\u{E0067}\u{E0062}\u{E007F}"), "🏴");
        assert_eq!(safe_line("🇩🇪🇫"), "🇩🇪F");
        assert_eq!(safe_line("ｶ\u{FF9E}"), "ｶ゛");
    }

    #[test]
    fn a_cluster_that_takes_no_cell_is_replaced() {
        assert_eq!(safe_line("a\u{1161}b"), "a\u{FFFD}b");
        assert_eq!(safe_line("\u{1112}\u{1161}\u{11AB}"), "\u{1112}\u{1161}\u{11AB}");
    }

    #[test]
    fn an_endless_cluster_is_replaced() {
        let conjunct = "क्".repeat(500) + "क";
        assert_eq!(safe_line(&conjunct), "\u{FFFD}");
        let jamo = "\u{1100}".repeat(300);
        assert_eq!(safe_line(&format!("a {jamo} b")), "a \u{FFFD} b");
    }
}
