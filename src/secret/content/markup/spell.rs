//! Spells the lines of one block: the signs of its entities, and a backslash before what would be taken for one.

use std::ops::Range;

use super::tokens::{self, FENCE, is_language};
use super::{Mark, is_escapable};
use crate::secret::message::{Entity, EntityKind};

/// One block on its way to a source. All offsets are those of the whole text.
pub struct Speller {
    chars: Vec<Char>,
    plain: String,
    /// Those that can be spelled, nested, ascending.
    entities: Vec<Entity>,
    /// A bracket could be taken for the start of a link.
    brackets: bool,
    end: u32,
    source: String,
    /// The entities around the place that is written.
    open: Vec<Entity>,
}

/// A character and where it is.
#[derive(Clone, Copy)]
struct Char {
    char: char,
    /// UTF-16 units in the text.
    offset: u32,
    /// Bytes in the block.
    byte: usize,
}

impl Speller {
    /// The part of the text that `block` says, with what of the entities lies in it.
    pub fn new(text: &str, entities: &[Entity], block: Range<u32>) -> Speller {
        let (mut offset, mut plain, mut chars) = (0, String::new(), Vec::new());
        for char in text.chars() {
            if block.contains(&offset) {
                chars.push(Char { char, offset, byte: plain.len() });
                plain.push(char);
            }
            offset += char.len_utf16() as u32;
        }
        let clipped = entities.iter().filter_map(|entity| {
            let offset = entity.offset.max(block.start);
            let length = entity.end().min(block.end).checked_sub(offset)?;
            Some(Entity { offset, length, kind: entity.kind.clone() })
        });
        let clipped: Vec<Entity> = clipped.collect();
        let brackets = plain.contains("](");
        let mut speller = Speller {
            chars,
            plain,
            entities: Vec::new(),
            brackets,
            end: block.end,
            source: String::new(),
            open: Vec::new(),
        };
        speller.entities = clipped.iter().filter_map(|entity| speller.spellable(entity, &clipped)).collect();
        speller
    }

    /// The entity, narrowed to what its marks can touch; `None` if there are no marks for it.
    fn spellable(&self, entity: &Entity, all: &[Entity]) -> Option<Entity> {
        let inside = self.inside(entity);
        let fits = match &entity.kind {
            EntityKind::Code => !inside.contains(['`', '\n']),
            EntityKind::Pre(_) => !inside.contains(FENCE),
            EntityKind::TextUrl(_) => true,
            kind => Mark::of(kind).is_some(),
        };
        if !fits || inside.trim().is_empty() {
            return None;
        }
        if Mark::of(&entity.kind).is_none() {
            return Some(entity.clone());
        }
        // Blanks at the edges do not count, unless the signs of code or of a link stand before them.
        let held = |char: &Char| {
            let signed = |kind: &EntityKind| {
                matches!(kind, EntityKind::Code | EntityKind::Pre(_) | EntityKind::TextUrl(_))
            };
            all.iter().any(|it| signed(&it.kind) && is_at(it, char.offset) && is_within(it, entity))
        };
        let within = || {
            let chars = self.chars.iter().filter(|char| is_at(entity, char.offset));
            chars.filter(|char| !char.char.is_whitespace() || held(char))
        };
        let (first, last) = (within().next()?, within().next_back()?);
        let length = last.offset + last.char.len_utf16() as u32 - first.offset;
        Some(Entity { offset: first.offset, length, kind: entity.kind.clone() })
    }

    fn inside(&self, entity: &Entity) -> String {
        self.chars.iter().filter(|char| is_at(entity, char.offset)).map(|char| char.char).collect()
    }

    /// The source of the block.
    pub fn spell(mut self) -> String {
        let (mut at, mut next, mut address) = (0, 0, Address::default());
        loop {
            let offset = self.offset(at);
            self.close(offset);
            let behind = at;
            while let Some(entity) = self.entities.get(next).filter(|entity| entity.offset <= offset).cloned()
            {
                next += 1;
                if entity.offset == offset && self.open(&entity) {
                    at = self.chars.iter().take_while(|char| char.offset < entity.end()).count();
                }
            }
            if at > behind {
                continue;
            }
            let Some(&char) = self.chars.get(at) else { break };
            if char.offset >= address.end {
                address = self.address(char);
            }
            let ambiguous = match address.holds(char.offset) {
                Some(Hold::Whole) => false,
                Some(Hold::Cut) => is_sign(char.char),
                None => self.is_ambiguous(at),
            };
            if ambiguous {
                self.source.push('\\');
            }
            self.source.push(char.char);
            at += 1;
        }
        self.source
    }

    /// The offset of a character; behind the last one, where the block ends.
    fn offset(&self, at: usize) -> u32 {
        self.chars.get(at).map_or(self.end, |char| char.offset)
    }

    /// The address that begins at this character, up to the next sign.
    fn address(&self, char: Char) -> Address {
        let rest = self.plain.get(char.byte..).unwrap_or_default();
        let length = tokens::address(rest, self.source.chars().next_back());
        let address = rest.get(..length).unwrap_or_default();
        let whole = char.offset + address.encode_utf16().count() as u32;
        let signs = || self.entities.iter().flat_map(|entity| [entity.offset, entity.end()]);
        let end = signs().filter(|&sign| sign > char.offset).fold(whole, u32::min);
        let runs_on = address.ends_with(is_sign) && signs().any(|sign| sign == whole);
        Address { end, cut: end < whole || runs_on }
    }

    /// Writes the sign that opens an entity, if it can stand here. True if all of the entity is written already: it is code.
    fn open(&mut self, entity: &Entity) -> bool {
        let inside = self.inside(entity);
        match &entity.kind {
            EntityKind::Code => self.source.push_str(&format!("`{inside}`")),
            EntityKind::Pre(language) => {
                let language = if is_language(language) { language } else { "" };
                self.source.push_str(&format!("{FENCE}{language}\n{inside}\n{FENCE}"));
            }
            EntityKind::TextUrl(_) => {
                self.source.push('[');
                self.open.push(entity.clone());
            }
            kind => {
                let mark = Mark::of(kind).filter(|&mark| self.can_stand(mark, entity));
                if let Some(mark) = mark {
                    self.source.push_str(mark.sign());
                    self.open.push(entity.clone());
                }
            }
        }
        matches!(entity.kind, EntityKind::Code | EntityKind::Pre(_))
    }

    fn close(&mut self, offset: u32) {
        while let Some(entity) = self.open.pop_if(|entity| entity.end() <= offset) {
            match &entity.kind {
                EntityKind::TextUrl(url) => self.source.push_str(&format!("]({})", balanced(url))),
                kind => self.source.push_str(Mark::of(kind).map_or("", Mark::sign)),
            }
        }
    }

    /// Whether both signs of a mark will be taken for such.
    fn can_stand(&self, mark: Mark, entity: &Entity) -> bool {
        let end = entity.end();
        let signs = self.open.iter().any(|outer| outer.end() == end)
            || self.entities.iter().any(|following| following.offset == end);
        let after = self.chars.iter().find(|char| char.offset == end && !signs).map(|char| char.char);
        let letter = Some('x');
        mark.can_open(self.source.chars().next_back(), letter) && mark.can_close(letter, after)
    }

    /// Whether a character would be taken for a part of a sign.
    fn is_ambiguous(&self, at: usize) -> bool {
        let plain = |at: usize| self.chars.get(at).map(|char| char.char);
        let (before, after) = (at.checked_sub(1).and_then(plain), plain(at + 1));
        let Some(char) = plain(at) else { return false };
        let is_border = |offset| self.entities.iter().any(|it| it.offset == offset || it.end() == offset);
        let touches_border = || is_border(self.offset(at)) || is_border(self.offset(at + 1));
        let linked = || self.open.iter().any(|entity| matches!(entity.kind, EntityKind::TextUrl(_)));
        match char {
            _ if is_sign(char) => before == Some(char) || after == Some(char) || touches_border(),
            '\\' => after.is_none_or(is_escapable) || touches_border(),
            '`' => true,
            '[' => self.brackets || linked(),
            ']' => linked(),
            '>' => before.is_none_or(|before| before == '\n') && after == Some(' '),
            _ => false,
        }
    }
}

/// An address in the text that is written.
#[derive(Default)]
struct Address {
    /// Its end; not behind its first character if there is none.
    end: u32,
    /// A sign stands inside what a reader would take for the address, or runs on from its end. A backslash keeps them apart.
    cut: bool,
}

enum Hold {
    Whole,
    Cut,
}

impl Address {
    fn holds(&self, offset: u32) -> Option<Hold> {
        (offset < self.end).then_some(if self.cut { Hold::Cut } else { Hold::Whole })
    }
}

/// Whether signs of marks are made of this character.
fn is_sign(char: char) -> bool {
    matches!(char, '*' | '_' | '+' | '~' | '|')
}

/// The address with its brackets in pairs, as the end of a link needs it.
fn balanced(url: &str) -> String {
    let mut open = 0;
    let paired = url.chars().all(|char| {
        open += i32::from(char == '(') - i32::from(char == ')');
        open >= 0
    });
    if paired && open == 0 { url.to_owned() } else { url.replace('(', "%28").replace(')', "%29") }
}

fn is_at(entity: &Entity, offset: u32) -> bool {
    entity.offset <= offset && offset < entity.end()
}

fn is_within(inner: &Entity, outer: &Entity) -> bool {
    outer.offset <= inner.offset && inner.end() <= outer.end()
}
