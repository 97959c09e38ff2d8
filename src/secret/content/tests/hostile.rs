//! Entities that nobody should send: out of range, crossing, in the middle of a character, by the ten thousand.

use super::wrapped;
use crate::secret::content::entities::{MAX_CUSTOM_EMOJI, MAX_ENTITIES};
use crate::secret::content::{Content, Incoming, read};
use crate::secret::message::{Body, Entity, EntityKind, Text};
use crate::secret::wire::{self, Bytes, enums, enums::MessageEntity as Wire, types};

fn received(message: &[u8], entities: Vec<Wire>) -> Text {
    let message: enums::DecryptedMessage = types::DecryptedMessage {
        no_webpage: false,
        silent: false,
        random_id: 5,
        ttl: 0,
        message: Bytes::from(message),
        media: None,
        entities: Some(entities),
        via_bot_name: Some(Bytes::from(&b"no bot\x1b"[..])),
        reply_to_random_id: Some(0),
        grouped_id: Some(0),
    }
    .into();
    let Ok(Incoming::Content(Content::Message(said))) =
        read(&wrapped(&wire::write(&message))).map(|opened| opened.body)
    else {
        panic!("entities never cost the text");
    };
    assert_eq!((said.reply_to, said.album, said.via_bot), (None, None, None));
    let Body::Text(text) = said.body else { panic!("text stays text") };
    text
}

fn bold(offset: i32, length: i32) -> Wire {
    types::MessageEntityBold { offset, length }.into()
}

fn italic(offset: i32, length: i32) -> Wire {
    types::MessageEntityItalic { offset, length }.into()
}

fn code(offset: i32, length: i32) -> Wire {
    types::MessageEntityCode { offset, length }.into()
}

fn link(url: &str) -> Wire {
    types::MessageEntityTextUrl { offset: 0, length: 1, url: Bytes::from(url.as_bytes()) }.into()
}

fn entity(offset: u32, length: u32, kind: EntityKind) -> Entity {
    Entity { offset, length, kind }
}

#[test]
fn row_45_out_of_range_and_split_characters_are_dropped() {
    let ranges = [
        (-1, 2),
        (0, 0),
        (0, -1),
        (0, 5),
        (4, 1),
        (5, 1),
        (1, 1),
        (2, 1),
        (2, 2),
        (i32::MAX, 1),
        (1, i32::MAX),
        (i32::MIN, i32::MIN),
    ];
    let text = received("a😀b".as_bytes(), ranges.map(|(offset, length)| bold(offset, length)).into());
    assert_eq!((text.plain.as_str(), text.entities), ("a😀b", vec![]));
    let text = received("a😀b".as_bytes(), vec![bold(1, 2), italic(0, 4)]);
    assert_eq!(text.entities, [entity(0, 4, EntityKind::Italic), entity(1, 2, EntityKind::Bold)]);
}

#[test]
fn row_45_crossing_entities_nest() {
    use EntityKind::*;
    let text = received(b"abcdefgh", vec![bold(0, 5), italic(3, 5), bold(1, 2), code(4, 3)]);
    let expected = [
        entity(0, 5, Bold),
        entity(3, 2, Italic),
        entity(4, 1, Code),
        entity(5, 3, Italic),
        entity(5, 2, Code),
    ];
    assert_eq!(text.entities, expected);
    let text = received(b"abcd", vec![code(0, 3), bold(1, 1), italic(2, 2)]);
    assert_eq!(text.entities, [entity(0, 3, Code), entity(3, 1, Italic)], "nothing lies inside code");
}

#[test]
fn row_45_fifty_thousand_entities_are_bounded() {
    let plain = "x".repeat(60_000);
    let nested = (0..50_000).map(|at| if at % 2 == 0 { bold(at, 60_000 - at) } else { italic(at, 9) });
    let apart = (0..50_000).map(|at| bold(at, 1));
    let same = (0..50_000).map(|at| if at % 3 == 0 { code(7, 9) } else { bold(3, 9) });
    for (entities, most) in [(nested.collect(), 1000), (apart.collect(), MAX_ENTITIES), (same.collect(), 3)] {
        let entities: Vec<Wire> = entities;
        let text = received(plain.as_bytes(), entities);
        assert_eq!(text.plain.len(), plain.len());
        assert!((1..=most).contains(&text.entities.len()), "{} of at most {most}", text.entities.len());
        assert!(text.entities.iter().zip(text.entities.iter().skip(1)).all(|(a, b)| a.offset <= b.offset));
    }
    let emoji = |at| types::MessageEntityCustomEmoji { offset: at, length: 1, document_id: 1 }.into();
    let text = received(plain.as_bytes(), (0..500).map(emoji).chain([bold(500, 1)]).collect());
    assert_eq!(text.entities.len(), MAX_CUSTOM_EMOJI + 1);
}

#[test]
fn row_45_offsets_count_the_text_as_it_was_written() {
    let text = received("\0a\u{202e}b\u{1b}[c".as_bytes(), vec![bold(3, 1), italic(0, 2), code(2, 1)]);
    assert_eq!(text.plain, "ab[c");
    assert_eq!(text.entities, [entity(0, 1, EntityKind::Italic), entity(1, 1, EntityKind::Bold)]);
    let text = received(b"a\xffb", vec![bold(2, 1)]);
    assert_eq!((text.plain.as_str(), text.entities), ("a\u{fffd}b", vec![entity(2, 1, EntityKind::Bold)]));
}

#[test]
fn row_45_links_lead_to_sound_addresses_only() {
    for url in ["javascript:alert(1)", "", "https://x.org/\u{202e}", "file:///etc/passwd"] {
        assert_eq!(received(b"a", vec![link(url)]).entities, [], "{url}");
    }
    let sound = EntityKind::TextUrl("https://x.org".into());
    assert_eq!(received(b"a", vec![link(" https://x.org\n")]).entities, [entity(0, 1, sound)]);
}

#[test]
fn kinds_that_say_nothing_are_dropped() {
    let (offset, length) = (0, 1);
    let silent: Vec<Wire> = vec![
        types::MessageEntityUnknown { offset, length }.into(),
        types::MessageEntityBotCommand { offset, length }.into(),
        types::MessageEntityMentionName { offset, length, user_id: 1 }.into(),
        types::MessageEntityPhone { offset, length }.into(),
        types::MessageEntityCashtag { offset, length }.into(),
        types::MessageEntityBankCard { offset, length }.into(),
    ];
    assert_eq!(received(b"a", silent).entities, []);
}
