//! Writes a text as the source that would be typed for it, to be edited or quoted.
//!
//! What the marks cannot say is left out (a mention, an italic syllable inside a word); what looks like a mark but is none gets a
//! backslash. Whatever [`parse`](super::parse) made is written so that it is parsed as the same again.

use super::lines::QUOTE;
use super::spell::Speller;
use crate::secret::content::entities;
use crate::secret::message::{Entity, EntityKind, Text};

/// The source for this text.
pub fn write(text: &Text) -> String {
    let entities = entities::nested(&text.plain, text.entities.clone());
    let mut source = String::new();
    for block in blocks(&text.plain, &entities) {
        let inner = Speller::new(&text.plain, &entities, block.from..block.to).spell();
        let says = inner.lines().next().is_some_and(|line| !line.trim().is_empty());
        if block.quote && says {
            let lines: Vec<String> = inner.split('\n').map(|line| format!("{QUOTE}{line}")).collect();
            source.push_str(&lines.join("\n"));
        } else {
            source.push_str(&inner);
        }
        if block.broken {
            source.push('\n');
        }
    }
    source
}

/// Whole lines of a text, a quote or not, in UTF-16 units.
struct Block {
    from: u32,
    to: u32,
    quote: bool,
    /// A line break follows that belongs to no block.
    broken: bool,
}

/// The text cut at its quotes. A quote that does not cover whole lines cannot be written.
fn blocks(plain: &str, entities: &[Entity]) -> Vec<Block> {
    let units: Vec<u16> = plain.encode_utf16().collect();
    let unit = |at: u32| units.get(at as usize).copied();
    let is_break = |at: u32| unit(at) == Some(u16::from(b'\n'));
    let end = units.len() as u32;
    let mut blocks = Vec::new();
    let mut from = 0;
    for entity in entities.iter().filter(|entity| entity.kind == EntityKind::Blockquote) {
        let ends = |at: u32| at == end || is_break(at);
        let to = if ends(entity.end()) { entity.end() } else { entity.end() - 1 };
        let begins = entity.offset == 0 || is_break(entity.offset - 1);
        if !begins || !ends(to) || entity.offset < from {
            continue;
        }
        if entity.offset > from {
            blocks.push(Block { from, to: entity.offset - 1, quote: false, broken: true });
        }
        blocks.push(Block { from: entity.offset, to, quote: true, broken: to < end });
        from = to + 1;
    }
    if from <= end {
        blocks.push(Block { from, to: end, quote: false, broken: false });
    }
    blocks
}
