//! Writes a text as the source that would be typed for it, to be edited or quoted.
//!
//! What the marks cannot say is left out (a mention, an italic syllable inside a word); what looks like a mark but is none gets a
//! backslash. Whatever [`parse`](super::parse) made is written so that it is parsed as the same again.

use super::lines::QUOTE;
use super::tokens::{self, FENCE, is_language};
use super::{Mark, is_escapable};
use crate::secret::content::entities;
use crate::secret::message::{Entity, EntityKind, Text};

/// The source for this text.
pub fn write(text: &Text) -> String {
    let entities = entities::nested(&text.plain, text.entities.clone());
    let mut source = String::new();
    for block in blocks(&text.plain, &entities) {
        let inner = Inline::new(&text.plain, &entities, &block).write();
        if block.quote {
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
        let to = if is_break(entity.end() - 1) { entity.end() - 1 } else { entity.end() };
        let begins = entity.offset == 0 || is_break(entity.offset - 1);
        let says = (entity.offset..to).any(|at| !unit(at).is_some_and(is_blank));
        if !begins || !says || !(to == end || is_break(to)) || entity.offset < from {
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

fn is_blank(unit: u16) -> bool {
    char::from_u32(unit.into()).is_some_and(char::is_whitespace)
}

/// One block on its way to a source.
struct Inline {
    /// Its characters, each with its offset in UTF-16 units, and the end.
    chars: Vec<(u32, char)>,
    plain: String,
    end: u32,
    /// Those of its entities that can be written, nested.
    entities: Vec<Entity>,
    /// A bracket could be the start of a link.
    links: bool,
    source: String,
}

impl Inline {
    fn new(plain: &str, entities: &[Entity], block: &Block) -> Inline {
        let mut offset = 0;
        let chars: Vec<(u32, char)> = plain
            .chars()
            .map(|char| {
                let at = offset;
                offset += char.len_utf16() as u32;
                (at, char)
            })
            .filter(|&(at, _)| (block.from..block.to).contains(&at))
            .collect();
        let plain: String = chars.iter().map(|&(_, char)| char).collect();
        let links = plain.contains("](");
        let mut inline =
            Inline { chars, plain, end: block.to, entities: Vec::new(), links, source: String::new() };
        let clipped = entities.iter().filter_map(|entity| {
            let offset = entity.offset.max(block.from);
            let length = entity.end().min(block.to).checked_sub(offset)?;
            Some(Entity { offset, length, kind: entity.kind.clone() })
        });
        inline.entities = clipped.filter_map(|entity| inline.writable(entity)).collect();
        inline
    }
}

impl Inline {
    /// The entity, narrowed to what marks can surround; `None` if they cannot say it.
    fn writable(&self, mut entity: Entity) -> Option<Entity> {
        let says = match &entity.kind {
            EntityKind::Code => !self.inside(&entity).contains(['`', '\n']),
            EntityKind::Pre(_) => !self.inside(&entity).contains('`'),
            EntityKind::TextUrl(_) => true,
            kind => Mark::of(kind).is_some(),
        };
        if Mark::of(&entity.kind).is_some() {
            // Blanks at the edges, unless they are within code or a link: a mark has to touch its words.
            let blank = |&(at, char): &(u32, char)| char.is_whitespace() && !self.holds(at, &entity);
            let within: Vec<(u32, char)> = self
                .chars
                .iter()
                .copied()
                .filter(|&(at, _)| entity.offset <= at && at < entity.end())
                .collect();
            let first = within.iter().find(|char| !blank(char))?;
            let last = within.iter().rfind(|char| !blank(char))?;
            entity = Entity {
                offset: first.0,
                length: last.0 + last.1.len_utf16() as u32 - first.0,
                kind: entity.kind.clone(),
            };
        }
        (says && !self.inside(&entity).trim().is_empty()).then_some(entity)
    }

    fn holds(&self, _at: u32, _entity: &Entity) -> bool {
        false
    }

    fn inside(&self, entity: &Entity) -> String {
        let inside = self.chars.iter().filter(|(at, _)| (entity.offset..entity.end()).contains(at));
        inside.map(|&(_, char)| char).collect()
    }

    fn write(mut self) -> String {
        self.source = self.plain.clone();
        self.source
    }
}
