//! Text messages: their wire form, and the cleaning of text that arrives.
//!
//! Formatting, replies and albums are not read yet: the text is shown without them, and nothing is lost that a reader would
//! miss. Media is different: a message with a photo that showed only its text would be silently cut, so it counts as not
//! understood. The exception is a link preview, which only points to a link that the text has anyway.

use super::{Content, Said, sane_ttl};
use crate::secret::message::Body;
use crate::secret::wire::{Bytes, enums::DecryptedMessageMedia as Media, types};

/// U+202E, right-to-left override: shows text in another order than it is in.
const OVERRIDE: char = '\u{202e}';

pub(super) fn body(random_id: i64, said: &Said) -> types::DecryptedMessage {
    let text = said.body.words().map_or("", |text| text.plain.as_str());
    types::DecryptedMessage {
        no_webpage: false,
        silent: said.silent,
        random_id,
        ttl: said.ttl,
        message: Bytes::from(text.as_bytes()),
        media: None,
        entities: None,
        via_bot_name: None,
        reply_to_random_id: None,
        grouped_id: None,
    }
}

/// The content of a text message; `None` if it carries media.
pub(super) fn content(text: &Bytes, media: Option<Media>, ttl: i32, silent: bool) -> Option<Content> {
    match media {
        None | Some(Media::Empty | Media::WebPage(_)) => {
            let said = Said { ttl: sane_ttl(ttl), silent, ..Said::new(Body::text(harmless(&text.0))) };
            Some(Content::Message(said))
        }
        Some(_) => None,
    }
}

/// Text without what could act on a terminal: bad UTF-8 is replaced, control characters but the newline and overrides go,
/// a tab becomes a space.
fn harmless(text: &[u8]) -> String {
    String::from_utf8_lossy(text)
        .chars()
        .map(|char| if char == '\t' { ' ' } else { char })
        .filter(|&char| char == '\n' || !(char.is_control() || char == OVERRIDE))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_cannot_act_on_a_terminal() {
        let hostile = b"a\x1b[31m\x9b\xc2\x9b\r\nb\tc\x00\x07\xe2\x80\xaed\xff \xf0\x9f\x98\x80";
        assert_eq!(harmless(hostile), "a[31m\u{fffd}\nb cd\u{fffd} 😀");
    }
}
