//! What somebody says, to and from `DecryptedMessage`, whatever layer its form is from.
//!
//! The text of a message and the caption of its file are one thing to the reader: whichever is there, and both with a blank line
//! between them if both are and differ. Entities count in that text.

use super::clean::Cleaned;
use super::lack::fitted_text;
use super::{Said, entities, file, media, sane_ttl};
use crate::secret::message::{Body, Text};
use crate::secret::wire::{
    Bytes,
    enums::{DecryptedMessageMedia as Media, MessageEntity},
    types,
};

/// Between text and caption when a message has both.
const BLANK_LINE: &[u8] = b"\n\n";

/// The longest username, in characters.
const MAX_USERNAME: usize = 32;

pub fn of_current(message: types::DecryptedMessage) -> Option<Said> {
    Some(Said {
        body: body(&message.message, message.media, message.entities)?,
        ttl: sane_ttl(message.ttl),
        silent: message.silent,
        reply_to: message.reply_to_random_id.filter(|&id| id != 0),
        album: message.grouped_id.filter(|&id| id != 0),
        via_bot: message.via_bot_name.and_then(username),
    })
}

pub fn of_l45(message: types::DecryptedMessageL45) -> Option<Said> {
    Some(Said {
        ttl: sane_ttl(message.ttl),
        reply_to: message.reply_to_random_id.filter(|&id| id != 0),
        via_bot: message.via_bot_name.and_then(username),
        ..Said::new(body(&message.message, message.media, message.entities)?)
    })
}

pub fn of_l17(message: types::DecryptedMessageL17) -> Option<Said> {
    let ttl = sane_ttl(message.ttl);
    Some(Said { ttl, ..Said::new(body(&message.message, Some(message.media), None)?) })
}

pub fn of_l8(message: types::DecryptedMessageL8) -> Option<Said> {
    Some(Said::new(body(&message.message, Some(message.media), None)?))
}

fn body(message: &Bytes, media: Option<Media>, entities: Option<Vec<MessageEntity>>) -> Option<Body> {
    let media = media.unwrap_or(Media::Empty);
    let words = match (message.0.as_slice(), file::caption(&media)) {
        (message, []) => message.to_vec(),
        ([], caption) => caption.to_vec(),
        // Some apps write the same words in both places, for readers that look at one of them only.
        (message, caption) if message == caption => message.to_vec(),
        (message, caption) => [message, BLANK_LINE, caption].concat(),
    };
    let cleaned = Cleaned::of(&words);
    let entities = entities::read(entities.unwrap_or_default(), &cleaned);
    media::body(media, Text { plain: cleaned.text, entities })
}

/// A username, if it can be one.
fn username(name: Bytes) -> Option<String> {
    let name = String::from_utf8(name.0.clone()).ok()?;
    let shape = |char: char| char.is_ascii_alphanumeric() || char == '_';
    ((1..=MAX_USERNAME).contains(&name.len()) && name.chars().all(shape)).then_some(name)
}

/// The wire form for a peer of this layer. Of what the layer lacks nothing is written.
pub fn to_wire(random_id: i64, said: &Said, peer_layer: i32) -> types::DecryptedMessage {
    let text = said.body.words().map(|text| fitted_text(text, peer_layer)).unwrap_or_default();
    let message = match said.body {
        Body::Text(_) | Body::WebPage { .. } => Bytes::from(text.plain.as_bytes()),
        _ => Bytes::default(),
    };
    types::DecryptedMessage {
        // The peer's app would ask its server for the page behind a link, which tells the server of it.
        no_webpage: matches!(said.body, Body::Text(_)),
        silent: said.silent,
        random_id,
        ttl: said.ttl,
        message,
        media: media::to_wire(&said.body, peer_layer),
        entities: entities::write(&text.entities),
        via_bot_name: said.via_bot.as_ref().map(|name| Bytes::from(name.as_bytes())),
        reply_to_random_id: said.reply_to,
        grouped_id: said.album,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_in_two_places_are_said_once_if_they_are_the_same() {
        let words = |message: &str, caption: &str| {
            let media = types::DecryptedMessageMediaDocumentL45 {
                thumb: Bytes::default(),
                thumb_w: 0,
                thumb_h: 0,
                mime_type: Bytes::default(),
                size: 1,
                key: Bytes(vec![1; 32]),
                iv: Bytes(vec![2; 32]),
                attributes: Vec::new(),
                caption: Bytes::from(caption.as_bytes()),
            };
            let body = body(&Bytes::from(message.as_bytes()), Some(media.into()), None).unwrap();
            body.words().unwrap().plain.clone()
        };
        assert_eq!(words("rose", ""), "rose");
        assert_eq!(words("", "rose"), "rose");
        assert_eq!(words("rose", "rose"), "rose");
        assert_eq!(words("rose", "thorn"), "rose\n\nthorn");
    }
}
