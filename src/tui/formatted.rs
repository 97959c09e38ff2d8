//! The engine's formatted text as the screen needs it: formats for the gate, a line with its spoilers hidden, the addresses in it.
//!
//! Between the engine's entities and [`text`](super::text), which knows no messages. An address is never what its words say it is: both
//! are kept, and whoever goes there sees where it leads.

use super::model::Link;
use super::text::{Format, Special, rich, safe_line};
use crate::engine::{Body, EntityKind, Message, Text, detect};

/// Stands for a spoiler on a line that shows none.
const HIDDEN: &str = "[hidden]";

/// More of a message than any line has room for, characters.
const PREVIEW: usize = 400;

/// The formats of a text.
pub fn formats(text: &Text) -> Vec<Format<'_>> {
    let formats = text.entities.iter().filter_map(|entity| {
        let special = special(&entity.kind)?;
        let count = |units: u32| usize::try_from(units).unwrap_or(usize::MAX);
        Some(Format { offset: count(entity.offset), length: count(entity.length), special })
    });
    formats.collect()
}

fn special(kind: &EntityKind) -> Option<Special<'_>> {
    Some(match kind {
        EntityKind::Bold => Special::Bold,
        EntityKind::Italic => Special::Italic,
        EntityKind::Underline => Special::Underline,
        EntityKind::Strike => Special::Strike,
        EntityKind::Spoiler => Special::Spoiler,
        EntityKind::Code => Special::Code,
        EntityKind::Pre(language) => Special::Pre(language),
        EntityKind::Blockquote => Special::Quote,
        EntityKind::TextUrl(_)
        | EntityKind::Url
        | EntityKind::Email
        | EntityKind::Mention
        | EntityKind::Hashtag => Special::Link,
        EntityKind::CustomEmoji(_) => return None,
    })
}

/// Whether a part of the text is a spoiler.
pub fn has_spoiler(text: &Text) -> bool {
    text.entities.iter().any(|entity| entity.kind == EntityKind::Spoiler)
}

/// The beginning of a text on one line, safe, its spoilers hidden.
pub fn line(text: &Text) -> String {
    if !has_spoiler(text) {
        let beginning: String = text.plain.chars().take(PREVIEW).collect();
        return safe_line(&beginning);
    }
    let mut line = String::new();
    for block in rich(&text.plain, &formats(text), None) {
        let mut hidden = false;
        for run in block.runs {
            if run.look.spoiler {
                if !hidden {
                    line.push_str(HIDDEN);
                }
            } else if let Some(words) = block.text.get(run.bytes) {
                line.push_str(words);
            }
            hidden = run.look.spoiler;
        }
        line.push(' ');
    }
    safe_line(&line)
}

/// Whether something in a message is hidden until the reader asks for it.
pub fn hides(message: &Message) -> bool {
    message.body.words().is_some_and(has_spoiler)
}

/// The addresses in a message, in order and each once.
pub fn links(message: &Message) -> Vec<Link> {
    // Not every app marks what its writer only typed.
    let mut links: Vec<Link> = message.body.words().map(|text| of_text(&detect(text))).unwrap_or_default();
    if let Body::WebPage { url, .. } = &message.body {
        links.push(Link { words: String::new(), target: url.clone() });
    }
    let mut once: Vec<Link> = Vec::new();
    for link in links.into_iter().filter(|link| !safe_line(&link.target).is_empty()) {
        if !once.iter().any(|known| known.target == link.target) {
            once.push(link);
        }
    }
    once
}

fn of_text(text: &Text) -> Vec<Link> {
    let links = text.entities.iter().filter_map(|entity| {
        let words = slice(&text.plain, entity.offset, entity.length);
        match &entity.kind {
            EntityKind::TextUrl(url) => Some(Link { words: safe_line(&words), target: url.clone() }),
            EntityKind::Url | EntityKind::Email | EntityKind::Mention => {
                Some(Link { words: String::new(), target: words })
            }
            _ => None,
        }
    });
    links.collect()
}

/// So many UTF-16 units of a text.
fn slice(text: &str, offset: u32, length: u32) -> String {
    let (start, end) = (u64::from(offset), u64::from(offset) + u64::from(length));
    let mut unit = 0u64;
    let mut out = String::new();
    for c in text.chars() {
        if (start..end).contains(&unit) {
            out.push(c);
        }
        unit += c.len_utf16() as u64;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::{ChatId, Direction, Entity};

    fn text(plain: &str, entities: &[(u32, u32, EntityKind)]) -> Text {
        let entities = entities.iter().map(|(offset, length, kind)| Entity {
            offset: *offset,
            length: *length,
            kind: kind.clone(),
        });
        Text { plain: plain.into(), entities: entities.collect() }
    }

    #[test]
    fn a_line_hides_spoilers_and_nothing_else() {
        let spoiled = text("the end: he dies\nbadly", &[(9, 7, EntityKind::Spoiler)]);
        assert_eq!(line(&spoiled), "the end: [hidden] badly");
        assert_eq!(line(&text("plain\u{1B}", &[])), "plain␛");
        let nested = text("abcd", &[(0, 4, EntityKind::Spoiler), (1, 2, EntityKind::Bold)]);
        assert_eq!(line(&nested), "[hidden]");
    }

    #[test]
    fn links_are_told_with_where_they_lead() {
        let body = Body::Text(text(
            "𝄞 see my bank or https://a.example",
            &[(7, 7, EntityKind::TextUrl("https://evil.example".into())), (18, 17, EntityKind::Url)],
        ));
        let message = Message::new(ChatId(1), 1, Direction::In, 0, body);
        let found = links(&message);
        assert_eq!(found[0], Link { words: "my bank".into(), target: "https://evil.example".into() });
        assert_eq!(found[1].target, "https://a.example");
    }
}
