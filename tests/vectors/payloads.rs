//! What the payloads of the vectors say, to the last field, and that we write the same bytes for it.
//!
//! The bytes come from an independent implementation; the meaning of each is spelled out here by hand.

use serde_json::Value;
use subrosa::secret::content::{self, Action, Content, Header, Incoming, Opened, Said, Unreadable};
use subrosa::secret::key::Fingerprint;
use subrosa::secret::message::{
    Attachment, Body, Entity, EntityKind, FileSecret, Kind, Location, Text, Thumb,
};
use subrosa::secret::wire::{self, enums};

use super::{bytes, list, name, said, vectors};

pub const RANDOM_ID: i64 = 0x0123456789abcdef;

/// Constructor and 15 random bytes; what follows is decided by header and content alone.
pub const BEFORE_HEADER: usize = 4 + 16;

/// The header's three numbers.
const BEFORE_BODY: usize = BEFORE_HEADER + 12;

/// What a payload says.
pub fn meaning(name: &str, vectors: &Value) -> Content {
    match body(name, vectors) {
        Some(body) => Content::Message(Said { ttl: if name == "photo" { 10 } else { 0 }, ..Said::new(body) }),
        None if name == "text_all_flags" => Content::Message(all_flags()),
        None => Content::Action(action(name, vectors)),
    }
}

/// With its entities in order: the custom emoji nests in the bold link of the same words.
fn all_flags() -> Said {
    let entity = |offset, length, kind| Entity { offset, length, kind };
    let entities = vec![
        entity(0, 4, EntityKind::Bold),
        entity(0, 4, EntityKind::TextUrl("https://example.org/".into())),
        entity(0, 2, EntityKind::CustomEmoji(5368324170671202286)),
        entity(9, 7, EntityKind::Spoiler),
    ];
    Said {
        body: Body::Text(Text { plain: "bold and spoiler".into(), entities }),
        ttl: 30,
        silent: true,
        reply_to: Some(-2),
        album: Some(77),
        via_bot: Some("gif".into()),
    }
}

fn body(name: &str, vectors: &Value) -> Option<Body> {
    let location = || Location::new(52.5, 13.25);
    Some(match name {
        "text" => Body::text("hello secret"),
        "webpage" => {
            Body::WebPage { text: "https://example.org/".into(), url: "https://example.org/".into() }
        }
        "geo" => Body::Location(location()),
        "venue" => Body::Venue {
            location: location(),
            title: "Title".into(),
            address: "Address".into(),
            provider: "foursquare".into(),
            venue_id: "id1".into(),
        },
        "contact" => {
            Body::Contact { phone: "15550001".into(), first_name: "Ada".into(), last_name: "L".into() }
        }
        "sticker_external" => Body::Sticker {
            emoji: "\u{1f600}".into(),
            set: "pack".into(),
            mime: "image/webp".into(),
            id: 111,
            access_hash: 222,
            dc_id: 2,
        },
        _ => Body::File(Box::new(file(name, &vectors["file"])?)),
    })
}

fn file(name: &str, keys: &Value) -> Option<Attachment> {
    let jpeg = b"\xff\xd8\xff\xe0thumb";
    let thumb = |width, height| Some(Thumb { width, height, jpeg: jpeg.to_vec() });
    let thirty_two = |value: &Value| <[u8; 32]>::try_from(bytes(value)).unwrap();
    let file = |kind, file_name: &str, mime: &str| Attachment {
        kind,
        name: file_name.into(),
        mime: mime.into(),
        size: 1000,
        caption: Text::default(),
        thumb: None,
        secret: FileSecret::new(thirty_two(&keys["key"]), thirty_two(&keys["iv"])),
        place: None,
    };
    let video =
        |width, height, round| file(Kind::Video { width, height, duration: 12, round }, "", "video/mp4");
    let zip =
        |size| Attachment { size, caption: "cap".into(), ..file(Kind::Document, "a.zip", "application/zip") };
    Some(match name {
        "photo" => Attachment {
            size: 54321,
            caption: "cap".into(),
            thumb: thumb(90, 60),
            ..file(Kind::Photo { width: 1280, height: 853 }, "", "image/jpeg")
        },
        "document143" => zip(3_000_000_000),
        "document46" => zip(300),
        "video" => Attachment { thumb: thumb(90, 50), ..video(640, 360, false) },
        "video_note" => Attachment { thumb: thumb(90, 90), ..video(384, 384, true) },
        "voice" => file(Kind::Voice { duration: 3, waveform: vec![1, 2, 3] }, "", "audio/ogg"),
        "audio" => {
            let kind = Kind::Audio { duration: 180, title: "T".into(), performer: "P".into() };
            file(kind, "s.mp3", "audio/mpeg")
        }
        "gif" => file(Kind::Animation { width: 320, height: 240, duration: 2 }, "g.mp4", "video/mp4"),
        _ => return None,
    })
}

fn action(name: &str, vectors: &Value) -> Action {
    let rekey = &vectors["pfs"]["dh"];
    let exchange_id = vectors["pfs"]["exchange_id"].as_i64().unwrap();
    let key_fingerprint = Fingerprint(bytes(&rekey["fingerprint_bytes"]).try_into().unwrap());
    match name {
        "set_ttl" => Action::SetTimer(60),
        "read_messages" => Action::ReadMessages(vec![1, -1]),
        "delete_messages" => Action::DeleteMessages(vec![1, -1]),
        "screenshot" => Action::ScreenshotMessages(vec![]),
        "flush_history" => Action::FlushHistory,
        "resend" => Action::Resend { start: 4, end: 8 },
        "notify_layer" | "notify_layer_legacy_wrapper" => Action::NotifyLayer(144),
        "typing" => Action::Typing,
        "self_delete_placeholder" => Action::DeleteMessages(vec![RANDOM_ID]),
        "pfs_request" => Action::RequestKey { exchange_id, g_a: bytes(&rekey["g_a"]) },
        "pfs_accept" => Action::AcceptKey { exchange_id, g_b: bytes(&rekey["g_b"]), key_fingerprint },
        "pfs_commit" => Action::CommitKey { exchange_id, key_fingerprint },
        "pfs_abort" => Action::AbortKey { exchange_id },
        "pfs_noop" => Action::Noop,
        other => panic!("what is to be expected of {other}?"),
    }
}

/// Received forms that we would write otherwise: entities in another order, an old wrapper, and facts about a sticker that
/// nobody needs (its size in bytes and pixels).
const READ_ONLY: [&str; 3] = ["text_all_flags", "notify_layer_legacy_wrapper", "sticker_external"];

/// The end of a payload from its header on, as we would write it: text never asks for a preview of its links.
pub fn as_we_write(payload: &[u8]) -> Vec<u8> {
    let enums::DecryptedMessageLayer::Layer(mut layer) = wire::read_whole(payload).unwrap();
    if let enums::DecryptedMessage::Message(message) = &mut layer.message {
        message.no_webpage = message.media.is_none();
    }
    wire::write(&enums::DecryptedMessageLayer::Layer(layer))[BEFORE_HEADER..].to_vec()
}

#[test]
fn payloads_say_what_they_say() {
    let vectors = vectors();
    let payloads = vectors["tl_payloads"].as_object().unwrap();
    assert_eq!(payloads.len(), 30);
    for (name, payload) in payloads {
        let payload = bytes(payload);
        let parsed: enums::DecryptedMessageLayer = wire::read_whole(&payload).unwrap();
        assert_eq!(wire::write(&parsed)[..], payload, "{name} through the wire types");

        let layer = if name == "document46" { 101 } else { 144 };
        let header = Header { layer, in_seq_no: 0, out_seq_no: 1 };
        let content = meaning(name, &vectors);
        let body = Incoming::Content(content.clone());
        let opened = content::read(&payload);
        assert_eq!(opened, Ok(Opened { header, random_id: RANDOM_ID, body }), "{name}");

        let again = content::read_again(&payload[BEFORE_BODY..]).map(Content::Message);
        let message = matches!(content, Content::Message(_)).then(|| content.clone());
        assert_eq!(again, message, "{name} read again");

        let written = content::write(header, RANDOM_ID, &content, &mut rand::rng());
        let same = written.ends_with(&as_we_write(&payload));
        assert_eq!(same, !READ_ONLY.contains(&name.as_str()), "{name} as we write it");
        let body = Incoming::Content(content);
        let opened = content::read(&written);
        assert_eq!(opened, Ok(Opened { header, random_id: RANDOM_ID, body }), "{name} as we read ourselves");
    }
}

#[test]
fn row_34_malformed_payloads() {
    for vector in list(&vectors()["tl_malformed"]) {
        let payload = bytes(&vector["payload"]);
        let opened = content::read(&payload);
        let header = Header { layer: 144, in_seq_no: 0, out_seq_no: 1 };
        let unsupported = |random_id| {
            let raw = payload[BEFORE_BODY..].to_vec();
            assert!(content::read_again(&raw).is_none(), "{}", name(vector));
            Ok(Opened { header, random_id, body: Incoming::Unsupported(raw) })
        };
        match name(vector) {
            "empty" | "unknown_outer_constructor" | "bare_decryptedMessage_without_layer" => {
                assert_eq!(opened, Err(Unreadable::Wrapper));
            }
            "random_bytes_14" | "random_bytes_empty" => assert_eq!(opened, Err(Unreadable::RandomBytes)),
            "unknown_inner_constructor" => assert_eq!(opened, unsupported(0)),
            "truncated_by_4"
            | "trailing_4_zero_bytes"
            | "string_length_overruns"
            | "vector_count_huge"
            | "vector_count_negative" => assert_eq!(opened, unsupported(RANDOM_ID)),
            "invalid_utf8_text" => {
                let body = Incoming::Content(said("\u{fffd}"));
                assert_eq!(opened, Ok(Opened { header, random_id: RANDOM_ID, body }));
            }
            other => panic!("what is to be expected of {other}?"),
        }
    }
}
