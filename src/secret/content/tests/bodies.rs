//! Bodies of every sort, as they are once they were read: clean, in order, and within the bounds.

use crate::secret::content::lack::MAX_SMALL_FILE;
use crate::secret::content::{Said, entities};
use crate::secret::message::{
    Attachment, Body, Entity, EntityKind, FileSecret, Kind, Location, RemoteFile, Text, Thumb,
};
use proptest::collection::vec;
use proptest::prelude::*;

const CLEAN: &str = "[^\\p{Cc}\u{202e}]{0,12}";

fn kind() -> impl Strategy<Value = EntityKind> {
    prop_oneof![
        Just(EntityKind::Bold),
        Just(EntityKind::Italic),
        Just(EntityKind::Underline),
        Just(EntityKind::Strike),
        Just(EntityKind::Spoiler),
        Just(EntityKind::Code),
        "[a-z]{0,4}".prop_map(EntityKind::Pre),
        Just(EntityKind::Blockquote),
        "https://[a-z]{1,5}\\.org".prop_map(EntityKind::TextUrl),
        Just(EntityKind::Url),
        Just(EntityKind::Email),
        Just(EntityKind::Mention),
        Just(EntityKind::Hashtag),
        any::<i64>().prop_map(EntityKind::CustomEmoji),
    ]
}

/// Entities in no order, some of them nonsense.
pub fn wild_entities() -> impl Strategy<Value = Vec<Entity>> {
    let entity = (0..30u32, 0..20u32, kind());
    vec(entity.prop_map(|(offset, length, kind)| Entity { offset, length, kind }), 0..12)
}

pub fn text() -> impl Strategy<Value = Text> {
    ("[a-zß😀 \n\u{fffd}]{0,24}", wild_entities()).prop_map(|(plain, wild)| {
        let entities = entities::nested(&plain, wild);
        Text { plain, entities }
    })
}

fn sides() -> impl Strategy<Value = (i32, i32, i32)> {
    (0..=i32::MAX, 0..=i32::MAX, 0..=i32::MAX)
}

fn file_kind() -> impl Strategy<Value = Kind> {
    prop_oneof![
        (sides(), any::<bool>()).prop_map(|((width, height, duration), round)| Kind::Video {
            width,
            height,
            duration,
            round
        }),
        sides().prop_map(|(width, height, duration)| Kind::Animation { width, height, duration }),
        (0..=i32::MAX, vec(any::<u8>(), 0..70))
            .prop_map(|(duration, waveform)| Kind::Voice { duration, waveform }),
        (0..=i32::MAX, CLEAN, CLEAN).prop_map(|(duration, title, performer)| Kind::Audio {
            duration,
            title,
            performer
        }),
        CLEAN.prop_map(|emoji| Kind::Sticker { emoji }),
        Just(Kind::Document),
    ]
}

fn thumb() -> impl Strategy<Value = Option<Thumb>> {
    let jpeg = vec(any::<u8>(), 0..300).prop_map(|rest| [&[0xff, 0xd8, 0xff], &rest[..]].concat());
    proptest::option::of((1..=100, 1..=100, jpeg).prop_map(|(width, height, jpeg)| Thumb {
        width,
        height,
        jpeg,
    }))
}

fn file() -> impl Strategy<Value = Attachment> {
    let secret = any::<([u8; 32], [u8; 32])>().prop_map(|(key, iv)| FileSecret::new(key, iv));
    let size = prop_oneof![0..=MAX_SMALL_FILE, 0..=i64::MAX.unsigned_abs()];
    let document =
        (file_kind(), CLEAN, CLEAN, size, text(), thumb(), secret.clone()).prop_map(|parts| Attachment {
            kind: parts.0,
            name: parts.1,
            mime: parts.2,
            size: parts.3,
            caption: parts.4,
            thumb: parts.5,
            secret: parts.6,
            place: None,
        });
    let photo = (sides(), 0..=MAX_SMALL_FILE, text(), thumb(), secret).prop_map(|parts| Attachment {
        kind: Kind::Photo { width: parts.0.0, height: parts.0.1 },
        name: String::new(),
        mime: "image/jpeg".into(),
        size: parts.1,
        caption: parts.2,
        thumb: parts.3,
        secret: parts.4,
        place: None,
    });
    prop_oneof![3 => document, 1 => photo]
}

/// What can be sent and received.
pub fn body() -> impl Strategy<Value = Body> {
    let location = || (-90.0..=90.0, -180.0..=180.0).prop_map(|(lat, long)| Location::new(lat, long));
    prop_oneof![
        3 => text().prop_map(Body::Text),
        1 => text().prop_filter("words", |text| !text.is_empty())
            .prop_map(|text| Body::WebPage { text, url: "https://example.org/".into() }),
        4 => file().prop_map(|file| Body::File(Box::new(file))),
        1 => (CLEAN, CLEAN, CLEAN)
            .prop_map(|(phone, first_name, last_name)| Body::Contact { phone, first_name, last_name }),
        1 => location().prop_map(Body::Location),
        1 => (location(), CLEAN, CLEAN, CLEAN, CLEAN).prop_map(|(location, title, address, provider, venue_id)| {
            Body::Venue { location, title, address, provider, venue_id }
        }),
        1 => (CLEAN, CLEAN, CLEAN, any::<(i64, i64, i32)>()).prop_map(|(emoji, set, mime, numbers)| {
            let (id, access_hash, dc_id) = numbers;
            Body::Sticker { emoji, set, mime, id, access_hash, dc_id }
        }),
    ]
}

pub fn said() -> impl Strategy<Value = Said> {
    let id = || proptest::option::of(any::<i64>().prop_filter("an id", |&id| id != 0));
    let bot = proptest::option::of("[A-Za-z0-9_]{1,32}");
    (body(), 0..=super::MAX_TTL, any::<bool>(), id(), id(), bot).prop_map(
        |(body, ttl, silent, reply_to, album, via_bot)| Said { body, ttl, silent, reply_to, album, via_bot },
    )
}

proptest! {
    #[test]
    fn every_body_survives_the_vault(body in body(), place in any::<(i64, i64, i64, i32, i32)>()) {
        let (id, access_hash, size, dc_id, key_fingerprint) = place;
        let place = RemoteFile { id, access_hash, size, dc_id, key_fingerprint };
        let body = Said::new(body).with_place(Some(place)).body;
        let others = [Body::TimerSet(5), Body::Screenshot, Body::Unsupported(vec![1, 255].into())];
        for body in others.into_iter().chain([body]) {
            let stored = serde_json::to_string(&body).unwrap();
            prop_assert!(serde_json::from_str::<Body>(&stored).unwrap() == body, "{:?}", body);
        }
    }
}

#[test]
fn only_a_file_takes_a_place() {
    let place = RemoteFile { id: 1, access_hash: 2, size: 16, dc_id: 2, key_fingerprint: 3 };
    let text = Said::new(Body::text("rose"));
    assert!(text.clone().with_place(Some(place)) == text);
}
