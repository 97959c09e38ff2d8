//! Finds addresses, mentions and hashtags in plain words, for display.
//!
//! Writers rarely mark them and receivers find them again, so this runs over what is shown and never over what is sent. The
//! rules are small: a link that is missed is read all the same, one that is wrongly guessed leads somewhere nobody meant.

use super::{address, entities};
use crate::secret::message::{Entity, EntityKind, Text};

/// A longer text, in bytes, is shown as it is.
const MAX_SEARCHED: usize = 64 * 1024;

/// How long the name of a mention may be, in characters.
const USERNAME: std::ops::RangeInclusive<usize> = 4..=32;

/// The longest hashtag, in characters.
const MAX_HASHTAG: usize = 256;

/// The text with entities added for the addresses, mentions and hashtags that its writer did not mark.
pub fn detect(text: &Text) -> Text {
    if text.plain.len() > MAX_SEARCHED {
        return text.clone();
    }
    let taken: Vec<&Entity> = text.entities.iter().filter(|entity| leads_or_is_code(&entity.kind)).collect();
    let mut all = text.entities.clone();
    for found in search(&text.plain) {
        if !taken.iter().any(|entity| entity.offset < found.end() && found.offset < entity.end()) {
            all.push(found);
        }
    }
    Text { plain: text.plain.clone(), entities: entities::nested(&text.plain, all) }
}

fn leads_or_is_code(kind: &EntityKind) -> bool {
    !matches!(
        kind,
        EntityKind::Bold
            | EntityKind::Italic
            | EntityKind::Underline
            | EntityKind::Strike
            | EntityKind::Spoiler
            | EntityKind::Blockquote
    )
}

fn search(plain: &str) -> Vec<Entity> {
    let mut found = Vec::new();
    let (mut rest, mut offset, mut before) = (plain, 0, ' ');
    while let Some(char) = rest.chars().next() {
        let (length, kind) = if is_inner(before) { (0, EntityKind::Url) } else { at_start(rest, char) };
        let length = if length == 0 { char.len_utf8() } else { length };
        let (part, after) = rest.split_at_checked(length).unwrap_or((rest, ""));
        let units = part.chars().map(char::len_utf16).sum::<usize>() as u32;
        if length > char.len_utf8() {
            found.push(Entity { offset, length: units, kind });
        }
        before = part.chars().next_back().unwrap_or(before);
        (rest, offset) = (after, offset + units);
    }
    found
}

/// Whether nothing begins behind this character, because it belongs to a word or an address itself.
fn is_inner(char: char) -> bool {
    char.is_alphanumeric() || "_@#/.-&+".contains(char)
}

/// What begins here, and its length in bytes; 0 for nothing. All that can be found is longer than one character.
fn at_start(rest: &str, first: char) -> (usize, EntityKind) {
    match first {
        '@' => (mention(rest), EntityKind::Mention),
        '#' => (hashtag(rest), EntityKind::Hashtag),
        _ if first.is_alphanumeric() => match address::mail_at_start(rest) {
            0 => (address::at_start(rest), EntityKind::Url),
            length => (length, EntityKind::Email),
        },
        _ => (0, EntityKind::Url),
    }
}

fn mention(rest: &str) -> usize {
    let name: &str = word(rest, |char| char.is_ascii_alphanumeric() || char == '_', *USERNAME.end() + 1);
    let letter = name.starts_with(|char: char| char.is_ascii_alphabetic());
    if letter && USERNAME.contains(&name.len()) { 1 + name.len() } else { 0 }
}

fn hashtag(rest: &str) -> usize {
    let tag = word(rest, |char| char.is_alphanumeric() || char == '_', MAX_HASHTAG + 1);
    let named = tag.chars().any(|char| !char.is_numeric() && char != '_');
    if named && tag.chars().count() <= MAX_HASHTAG { 1 + tag.len() } else { 0 }
}

/// The characters of a kind behind the first, at most `most`.
fn word(rest: &str, belongs: impl Fn(char) -> bool, most: usize) -> &str {
    let rest = rest.get(1..).unwrap_or_default();
    let end = rest.char_indices().enumerate().find(|&(count, (_, char))| count == most || !belongs(char));
    end.and_then(|(_, (at, _))| rest.get(..at)).unwrap_or(rest)
}

#[cfg(test)]
mod tests {
    use super::*;
    use EntityKind::*;

    fn found(plain: &str) -> Vec<(String, EntityKind)> {
        let units: Vec<u16> = plain.encode_utf16().collect();
        let part = |it: &Entity| String::from_utf16(&units[it.offset as usize..it.end() as usize]).unwrap();
        detect(&plain.into()).entities.iter().map(|it| (part(it), it.kind.clone())).collect()
    }

    #[test]
    fn addresses_mentions_and_hashtags_are_found() {
        for (plain, part, kind) in [
            ("😀 see https://x.org/a_(b), please", "https://x.org/a_(b)", Url),
            ("(www.example.org)", "www.example.org", Url),
            ("t.me/subrosa.", "t.me/subrosa", Url),
            ("to ada.l+x@example.org!", "ada.l+x@example.org", Email),
            ("hi @ada_l?", "@ada_l", Mention),
            ("#rose, #2", "#rose", Hashtag),
            ("#日本語", "#日本語", Hashtag),
        ] {
            assert_eq!(found(plain), [(part.to_owned(), kind)], "{plain}");
        }
    }

    #[test]
    fn nothing_is_guessed() {
        for plain in [
            "main.rs notes.md",
            "@ad",
            "@1adam",
            "a@b",
            "x#rose",
            "#12_3",
            "1.5",
            "and/or",
            "e.g. this",
            "",
            "@",
            "#",
        ] {
            assert_eq!(found(plain), [], "{plain}");
        }
    }

    #[test]
    fn what_the_writer_marked_stays() {
        let marked = |offset, length, kind| Text {
            plain: "see x.org now".into(),
            entities: vec![Entity { offset, length, kind }],
        };
        let code = marked(4, 5, Code);
        assert!(detect(&code) == code);
        let link = marked(0, 6, TextUrl("https://y.org".into()));
        assert!(detect(&link) == link);
        let bold = detect(&marked(0, 13, Bold));
        assert_eq!(bold.entities[1], Entity { offset: 4, length: 5, kind: Url });
        assert!(detect(&bold) == bold);
    }

    #[test]
    fn hostile_texts_are_searched_in_time() {
        for pattern in ["a-", "(a", "@a ", "#", "a@", "https://a)", "a.com/", "((", "x."] {
            let plain = pattern.repeat(MAX_SEARCHED / pattern.len());
            assert_eq!(detect(&plain.as_str().into()).plain.len(), plain.len(), "{pattern}");
        }
    }
}
