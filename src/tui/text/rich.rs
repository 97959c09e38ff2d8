//! Formatted text, made safe: which of its clusters are bold, which are a link, and where a quote or a block of code stands.
//!
//! Formats are counted in UTF-16 units of the text as it came; making it safe drops and replaces characters, so each format is carried
//! over by where every character that is left came from. A cluster looks as its first character does, so that no format can part one.
//! Whatever the counts are, nothing is shown that was not in the text, and nothing twice.

use std::ops::Range;

use unicode_segmentation::UnicodeSegmentation;

use super::cells::width;
use super::safe::traced;

/// Something special about so many UTF-16 units from `offset` on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Format<'a> {
    pub offset: usize,
    pub length: usize,
    pub special: Special<'a>,
}

/// What is special.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Special<'a> {
    Bold,
    Italic,
    Underline,
    Strike,
    Spoiler,
    Code,
    /// A block of code in a language, which may be empty.
    Pre(&'a str),
    Quote,
    /// Something to go to: an address, a name.
    Link,
}

/// How a run of text looks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Look {
    pub bold: bool,
    pub italic: bool,
    pub underline: bool,
    pub strike: bool,
    pub code: bool,
    pub link: bool,
    /// Part of a spoiler, shown or not.
    pub spoiler: bool,
}

/// What a block of text stands in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Frame {
    Plain,
    Quote,
    /// Code; the language made safe for one line.
    Pre(String),
}

/// Consecutive text in one frame, its looks in order and without gaps.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Block {
    pub frame: Frame,
    pub text: String,
    pub runs: Vec<Run>,
}

/// Bytes of a block and their look.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Run {
    pub bytes: Range<usize>,
    pub look: Look,
}

/// The blocks of a text; at least one. With a `mask` (one cell wide) spoilers are hidden behind it, cell by cell, so that nothing moves
/// when they are shown.
pub fn rich(plain: &str, formats: &[Format], mask: Option<&str>) -> Vec<Block> {
    let safe = traced(plain);
    let units = units(plain);
    let origin: Vec<usize> = safe.from.iter().filter_map(|place| units.get(*place).copied()).collect();
    let mut looks = vec![Look::default(); origin.len()];
    let mut frames = vec![0; origin.len()];
    for (number, format) in formats.iter().enumerate() {
        let covered = covered(&origin, format);
        if matches!(format.special, Special::Pre(_) | Special::Quote) {
            frames.get_mut(covered.clone()).unwrap_or_default().fill(number + 1);
        }
        for look in looks.get_mut(covered).unwrap_or_default() {
            mark(look, format.special);
        }
    }
    let mut blocks = Blocks { formats, done: Vec::new(), frame: 0, block: empty(Frame::Plain) };
    let mut place = 0;
    for cluster in safe.text.graphemes(true) {
        let look = looks.get(place).copied().unwrap_or_default();
        blocks.enter(frames.get(place).copied().unwrap_or_default());
        match mask.filter(|_| look.spoiler && cluster != "\n" && cluster != " ") {
            Some(mask) => blocks.push(&mask.repeat(width(cluster)), look),
            None => blocks.push(cluster, look),
        }
        place += cluster.chars().count();
    }
    blocks.finish()
}

/// Of each character how many UTF-16 units are before it.
fn units(text: &str) -> Vec<usize> {
    let before = text.chars().scan(0, |sum, c| {
        let before = *sum;
        *sum += c.len_utf16();
        Some(before)
    });
    before.collect()
}

/// The characters that a format covers, by their units, which ascend.
fn covered(origin: &[usize], format: &Format) -> Range<usize> {
    let end = format.offset.saturating_add(format.length);
    let start = origin.partition_point(|unit| *unit < format.offset);
    start..origin.partition_point(|unit| *unit < end).max(start)
}

fn mark(look: &mut Look, special: Special) {
    match special {
        Special::Bold => look.bold = true,
        Special::Italic => look.italic = true,
        Special::Underline => look.underline = true,
        Special::Strike => look.strike = true,
        Special::Spoiler => look.spoiler = true,
        Special::Code | Special::Pre(_) => look.code = true,
        Special::Link => look.link = true,
        Special::Quote => {}
    }
}

struct Blocks<'a> {
    formats: &'a [Format<'a>],
    done: Vec<Block>,
    /// Number of the format that frames the block under way, counted from 1; 0 for none.
    frame: usize,
    block: Block,
}

impl Blocks<'_> {
    /// The next cluster stands in this frame.
    fn enter(&mut self, frame: usize) {
        if frame == self.frame {
            return;
        }
        let special = frame.checked_sub(1).and_then(|place| self.formats.get(place)).map(|it| it.special);
        let next = match special {
            Some(Special::Pre(language)) => Frame::Pre(super::safe_line(language)),
            Some(Special::Quote) => Frame::Quote,
            _ => Frame::Plain,
        };
        let block = std::mem::replace(&mut self.block, empty(next));
        self.frame = frame;
        self.keep(block);
    }

    fn push(&mut self, text: &str, look: Look) {
        // The line break between two blocks is their border already.
        if text == "\n" && self.block.text.is_empty() && !self.done.is_empty() {
            return;
        }
        let start = self.block.text.len();
        self.block.text.push_str(text);
        let bytes = start..self.block.text.len();
        match self.block.runs.last_mut().filter(|run| run.look == look) {
            Some(run) => run.bytes.end = bytes.end,
            None => self.block.runs.push(Run { bytes, look }),
        }
    }

    /// A block without the line break at its end.
    fn keep(&mut self, mut block: Block) {
        if block.text.ends_with('\n') {
            block.text.pop();
            let end = block.text.len();
            for run in &mut block.runs {
                run.bytes.end = run.bytes.end.min(end);
            }
            block.runs.retain(|run| !run.bytes.is_empty());
        }
        if !block.text.is_empty() {
            self.done.push(block);
        }
    }

    fn finish(mut self) -> Vec<Block> {
        if self.done.is_empty() {
            return vec![self.block];
        }
        let last = std::mem::replace(&mut self.block, empty(Frame::Plain));
        self.keep(last);
        self.done
    }
}

fn empty(frame: Frame) -> Block {
    Block { frame, text: String::new(), runs: Vec::new() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn format(offset: usize, length: usize, special: Special) -> Format {
        Format { offset, length, special }
    }

    /// What looks special, in brackets.
    fn shown(plain: &str, formats: &[Format]) -> String {
        let blocks = rich(plain, formats, None);
        let mut text = String::new();
        for block in blocks {
            for run in &block.runs {
                let words = &block.text[run.bytes.clone()];
                text.push_str(&if run.look == Look::default() { words.into() } else { format!("[{words}]") });
            }
            text.push('|');
        }
        text
    }

    #[test]
    fn offsets_are_utf_16_units() {
        assert_eq!(shown("𝄞 one two", &[format(3, 3, Special::Bold)]), "𝄞 [one] two|");
        assert_eq!(shown("👍漢 x", &[format(2, 1, Special::Bold)]), "👍[漢] x|");
    }

    #[test]
    fn what_is_dropped_or_replaced_moves_no_format() {
        let plain = "\u{202E}\u{200B}a\tbold\u{1B}[0m";
        assert_eq!(shown(plain, &[format(4, 4, Special::Bold)]), "a    [bold]␛[0m|");
        assert_eq!(shown("\u{200B}\u{200B}x", &[format(0, 2, Special::Bold)]), "x|");
    }

    #[test]
    fn no_format_parts_a_cluster() {
        assert_eq!(shown("ne\u{301}t", &[format(2, 2, Special::Bold)]), "ne\u{301}[t]|");
        assert_eq!(shown("🇩🇪", &[format(2, 2, Special::Bold)]), "🇩🇪|");
    }

    #[test]
    fn counts_beyond_the_text_change_nothing() {
        for (offset, length) in [(0, 0), (5, 9), (usize::MAX, 2), (3, usize::MAX)] {
            assert_eq!(shown("abc", &[format(offset, length, Special::Bold)]), "abc|");
        }
        assert_eq!(shown("", &[format(0, 3, Special::Pre("x"))]), "|");
    }

    #[test]
    fn formats_nest() {
        let blocks = rich("one two", &[format(0, 7, Special::Bold), format(4, 3, Special::Italic)], None);
        let looks: Vec<(bool, bool)> =
            blocks[0].runs.iter().map(|run| (run.look.bold, run.look.italic)).collect();
        assert_eq!(looks, [(true, false), (true, true)]);
    }

    #[test]
    fn quotes_and_code_are_blocks_of_their_own() {
        let plain = "before\nquoted\nafter\nlet x;\n";
        let formats = [format(7, 6, Special::Quote), format(20, 6, Special::Pre("ru\u{1B}st"))];
        let blocks = rich(plain, &formats, None);
        let frames: Vec<(&str, &Frame)> = blocks.iter().map(|it| (it.text.as_str(), &it.frame)).collect();
        let pre = Frame::Pre("ru␛st".into());
        assert_eq!(
            frames,
            [
                ("before", &Frame::Plain),
                ("quoted", &Frame::Quote),
                ("after", &Frame::Plain),
                ("let x;", &pre)
            ]
        );
    }

    #[test]
    fn spoilers_hide_behind_as_many_cells() {
        let blocks = rich("see 漢 no\nx", &[format(4, 4, Special::Spoiler)], Some("#"));
        assert_eq!(blocks[0].text, "see ## ##\nx");
        assert!(blocks[0].runs[1].look.spoiler);
        let shown = rich("see 漢 no", &[format(4, 4, Special::Spoiler)], None);
        assert_eq!(shown[0].text, "see 漢 no");
    }
}
