//! Text with its formatting: the entities of Telegram, counted in UTF-16 code units.
//!
//! Entities are kept as the writer meant them: they may nest, they do not overlap crosswise, and every one lies inside the text
//! at the border of characters. Whoever makes a [`Text`] of the network's bytes or of the user's markup sees to that.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A text and what is special about parts of it.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Text {
    pub plain: String,
    /// Ascending by offset, and of two with the same offset the longer one first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub entities: Vec<Entity>,
}

/// A part of a text, in UTF-16 code units, and what it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entity {
    pub offset: u32,
    /// At least 1.
    pub length: u32,
    pub kind: EntityKind,
}

/// What a part of a text is.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum EntityKind {
    Bold,
    Italic,
    Underline,
    Strike,
    Spoiler,
    Code,
    /// A block of code; the language may be empty.
    Pre(String),
    Blockquote,
    /// Words that lead to an address.
    TextUrl(String),
    Url,
    Email,
    Mention,
    Hashtag,
    /// An emoji drawn by a sticker; the id of its document.
    CustomEmoji(i64),
}

impl Text {
    /// Text without formatting.
    pub fn plain(plain: impl Into<String>) -> Text {
        Text { plain: plain.into(), entities: Vec::new() }
    }

    pub fn is_empty(&self) -> bool {
        self.plain.is_empty()
    }

    /// Length in UTF-16 code units.
    pub fn len_utf16(&self) -> usize {
        self.plain.encode_utf16().count()
    }
}

impl Entity {
    /// The offset behind it. Saturates, which no entity inside a text reaches.
    pub fn end(&self) -> u32 {
        self.offset.saturating_add(self.length)
    }
}

impl From<&str> for Text {
    fn from(plain: &str) -> Text {
        Text::plain(plain)
    }
}

impl From<String> for Text {
    fn from(plain: String) -> Text {
        Text::plain(plain)
    }
}

/// Text is what the whole program keeps secret.
impl fmt::Debug for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Text(..)")
    }
}
