//! What the peer's app is too old for: asked before a message is sent, and taken out of it if the user agrees.
//!
//! The same table of layers answers the composer, which asks the user, and the encoder, which must not write a constructor that
//! the other side cannot read. Formatting inside formatting is no lack below layer 101: it is split into runs that do not
//! overlap, and looks nearly the same.

use std::fmt;

use super::entities;
use crate::secret::layer::{self, Feature};
use crate::secret::message::{Body, EntityKind, Kind, Text};

/// The largest file of the older document constructor and of a photo, bytes: 2000 MiB.
pub const MAX_SMALL_FILE: u64 = 2000 * 1024 * 1024;

/// Something in a message that the peer's app cannot show.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Lack {
    Underline,
    Strike,
    Blockquote,
    Spoiler,
    CustomEmoji,
    /// Cannot be left out: such a file is not sent at all.
    LargeFile,
}

impl Lack {
    /// What is lacking in several messages' worth of words: `underlined text, block quotes`.
    pub fn words(lacks: &[Lack]) -> String {
        let words: Vec<String> = lacks.iter().map(Lack::to_string).collect();
        words.join(", ")
    }

    fn of(kind: &EntityKind) -> Option<Lack> {
        match kind {
            EntityKind::Underline => Some(Lack::Underline),
            EntityKind::Strike => Some(Lack::Strike),
            EntityKind::Blockquote => Some(Lack::Blockquote),
            EntityKind::Spoiler => Some(Lack::Spoiler),
            EntityKind::CustomEmoji(_) => Some(Lack::CustomEmoji),
            _ => None,
        }
    }

    fn feature(self) -> Feature {
        match self {
            Lack::Underline => Feature::Underline,
            Lack::Strike => Feature::Strike,
            Lack::Blockquote => Feature::Blockquote,
            Lack::Spoiler => Feature::Spoiler,
            Lack::CustomEmoji => Feature::CustomEmoji,
            Lack::LargeFile => Feature::LargeFile,
        }
    }
}

impl fmt::Display for Lack {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Lack::Underline => "underlined text",
            Lack::Strike => "struck text",
            Lack::Blockquote => "block quotes",
            Lack::Spoiler => "spoilers",
            Lack::CustomEmoji => "custom emoji",
            Lack::LargeFile => "files over 2000 MiB",
        })
    }
}

/// What of this body a peer of this layer cannot show; ascending, each once. Empty means that it may be sent as it is.
pub fn lacking(body: &Body, peer_layer: i32) -> Vec<Lack> {
    let entities = body.words().map_or(&[][..], |text| &text.entities);
    let mut lacks: Vec<Lack> = entities.iter().filter_map(|entity| Lack::of(&entity.kind)).collect();
    lacks.retain(|lack| !layer::permits(peer_layer, lack.feature()));
    lacks.extend(is_too_large(body, peer_layer).then_some(Lack::LargeFile));
    lacks.sort();
    lacks.dedup();
    lacks
}

fn is_too_large(body: &Body, peer_layer: i32) -> bool {
    let Body::File(file) = body else { return false };
    let small_only =
        matches!(file.kind, Kind::Photo { .. }) || !layer::permits(peer_layer, Feature::LargeFile);
    small_only && file.size > MAX_SMALL_FILE
}

/// The body as a peer of this layer is sent it: its entities in order, and without what the layer lacks if `degrade` allows it.
/// What is lacking otherwise, or cannot be left out, is the error.
pub fn fitted(mut body: Body, peer_layer: i32, degrade: bool) -> Result<Body, Vec<Lack>> {
    let lacks = lacking(&body, peer_layer);
    if lacks.contains(&Lack::LargeFile) || !(lacks.is_empty() || degrade) {
        return Err(lacks);
    }
    match &mut body {
        Body::Text(text) | Body::WebPage { text, .. } => *text = fitted_text(text, peer_layer),
        Body::File(file) => file.caption = fitted_text(&file.caption, peer_layer),
        _ => {}
    }
    Ok(body)
}

/// The text with the entities that the layer permits, and without nesting if it does not permit that.
pub(super) fn fitted_text(text: &Text, peer_layer: i32) -> Text {
    let permitted =
        |kind: &EntityKind| Lack::of(kind).is_none_or(|it| layer::permits(peer_layer, it.feature()));
    let kept = text.entities.iter().filter(|entity| permitted(&entity.kind)).cloned().collect();
    let mut entities = entities::nested(&text.plain, kept);
    if !layer::permits(peer_layer, Feature::Nested) {
        entities = entities::flat(entities);
    }
    Text { plain: text.plain.clone(), entities }
}
