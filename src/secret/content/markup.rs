//! The small markdown of the composer: `**bold**`, `__italic__`, `++underline++`, `~~strike~~`, `||spoiler||`, `` `code` ``,
//! a block of code between lines of three backticks, `[words](address)`, and `> ` before each line of a quote.
//!
//! It is what users of Telegram type; only the underline is ours, since Telegram has no mark for it. Marks may nest. A mark that
//! is not closed, or stands where nothing can begin, stays as it was typed; a backslash takes a mark's meaning away; nothing is
//! read inside code, and nothing inside an address, whose underscores are its own.

mod inline;
mod lines;
#[cfg(test)]
mod tests;
mod tokens;

use super::entities;
use crate::secret::message::{Entity, EntityKind, Text};

/// Longer input, in bytes, is taken as it is: it could not be sent anyway.
const MAX_SOURCE: usize = 32 * 1024;

/// The text that the user means by this source.
pub fn parse(source: &str) -> Text {
    if source.len() > MAX_SOURCE {
        return Text::plain(source);
    }
    let mut draft = Draft::default();
    for (place, block) in lines::blocks(source).into_iter().enumerate() {
        if place > 0 {
            draft.push("\n");
        }
        match block {
            lines::Block::Plain(source) => inline::read(source, &mut draft),
            lines::Block::Quote(source) => {
                let quote = draft.open(EntityKind::Blockquote);
                inline::read(&source, &mut draft);
                draft.close(quote);
            }
        }
    }
    draft.finish()
}

/// A text in the making.
#[derive(Default)]
struct Draft {
    plain: String,
    /// UTF-16 units so far.
    offset: u32,
    /// In the order in which they were opened.
    entities: Vec<Entity>,
}

impl Draft {
    fn push(&mut self, plain: &str) {
        self.plain.push_str(plain);
        self.offset += plain.encode_utf16().count() as u32;
    }

    /// Opens an entity here; what is returned closes it.
    fn open(&mut self, kind: EntityKind) -> usize {
        self.entities.push(Entity { offset: self.offset, length: 0, kind });
        self.entities.len() - 1
    }

    fn close(&mut self, place: usize) {
        if let Some(entity) = self.entities.get_mut(place) {
            entity.length = self.offset - entity.offset;
        }
    }

    fn finish(self) -> Text {
        let entities = entities::nested(&self.plain, self.entities);
        Text { plain: self.plain, entities }
    }
}

/// The marks that surround words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mark {
    Bold,
    Italic,
    Underline,
    Strike,
    Spoiler,
}

impl Mark {
    const ALL: [Mark; 5] = [Mark::Bold, Mark::Italic, Mark::Underline, Mark::Strike, Mark::Spoiler];

    fn sign(self) -> &'static str {
        match self {
            Mark::Bold => "**",
            Mark::Italic => "__",
            Mark::Underline => "++",
            Mark::Strike => "~~",
            Mark::Spoiler => "||",
        }
    }

    fn kind(self) -> EntityKind {
        match self {
            Mark::Bold => EntityKind::Bold,
            Mark::Italic => EntityKind::Italic,
            Mark::Underline => EntityKind::Underline,
            Mark::Strike => EntityKind::Strike,
            Mark::Spoiler => EntityKind::Spoiler,
        }
    }

    /// `snake__case` and `C++` are words: these two marks stand at the borders of words only.
    fn minds_words(self) -> bool {
        matches!(self, Mark::Italic | Mark::Underline)
    }

    /// Whether words may begin behind the mark.
    fn can_open(self, before: Option<char>, after: Option<char>) -> bool {
        let inside = self.minds_words() && before.is_some_and(char::is_alphanumeric);
        !inside && after.is_some_and(|char| !char.is_whitespace())
    }

    /// Whether words may end before the mark.
    fn can_close(self, before: Option<char>, after: Option<char>) -> bool {
        let inside = self.minds_words() && after.is_some_and(char::is_alphanumeric);
        !inside && before.is_some_and(|char| !char.is_whitespace())
    }
}

/// What a backslash takes the meaning from.
fn is_escapable(char: char) -> bool {
    r"\*_~|+`[]>".contains(char)
}
