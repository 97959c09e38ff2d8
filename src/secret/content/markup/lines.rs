//! Lines: which of them are a quote, and where a block of code hides them.

use super::tokens::{escaped, fence};

/// How a line of a quote begins.
pub const QUOTE: &str = "> ";

/// Consecutive lines of one sort, without the line break behind them.
pub enum Block<'a> {
    Plain(&'a str),
    /// Without the signs before its lines.
    Quote(String),
}

/// The blocks of a source; a line break lies between each two.
pub fn blocks(source: &str) -> Vec<Block<'_>> {
    let mut blocks = Vec::new();
    let mut rest = Some(source);
    while let Some(here) = rest {
        let (block, after) = match quoted(here) {
            0 => plain(here),
            length => quote(here, length),
        };
        blocks.push(block);
        rest = after;
    }
    blocks
}

/// The length of the quote at the start, in bytes: its lines with the breaks between them. 0 if none begins here: the first line
/// of a quote says something.
fn quoted(source: &str) -> usize {
    if !begins(source.lines().next().unwrap_or_default()) {
        return 0;
    }
    let length = source.split_inclusive('\n').take_while(|line| line.starts_with(QUOTE)).map(str::len).sum();
    let lines = source.get(..length).unwrap_or_default();
    lines.strip_suffix('\n').unwrap_or(lines).len()
}

fn begins(line: &str) -> bool {
    line.strip_prefix(QUOTE).is_some_and(|line| !line.trim().is_empty())
}

fn quote(source: &str, length: usize) -> (Block<'_>, Option<&str>) {
    let lines = source.get(..length).unwrap_or_default();
    let inner: Vec<&str> = lines.split('\n').map(|line| line.strip_prefix(QUOTE).unwrap_or(line)).collect();
    (Block::Quote(inner.join("\n")), source.get(length + 1..))
}

/// Lines up to the next quote.
fn plain(source: &str) -> (Block<'_>, Option<&str>) {
    let mut at = 0;
    loop {
        at += line(source.get(at..).unwrap_or_default());
        let Some(after) = source.get(at + 1..) else { return (Block::Plain(source), None) };
        if quoted(after) > 0 {
            return (Block::Plain(source.get(..at).unwrap_or_default()), Some(after));
        }
        at += 1;
    }
}

/// The length of the line at the start, in bytes; a block of code belongs to the line that it begins in.
fn line(source: &str) -> usize {
    let mut at = 0;
    while let Some(rest) = source.get(at..) {
        let Some(char) = rest.chars().next() else { break };
        if char == '\n' {
            break;
        }
        at += if escaped(rest).is_some() {
            2
        } else if let Some(fence) = fence(rest) {
            fence.length
        } else {
            char.len_utf8()
        };
    }
    at
}
