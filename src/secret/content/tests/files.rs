//! Files and old forms: every constructor that anybody may send, and those that cannot be opened.

use super::wrapped;
use crate::secret::content::{Content, Incoming, Said, read};
use crate::secret::message::{Attachment, Body, FileSecret, Kind, Text, Thumb};
use crate::secret::wire::{
    self, Bytes,
    enums::{
        DecryptedMessage, DecryptedMessageMedia as Media, DocumentAttribute as Attribute, InputStickerSet,
    },
    types,
};

const JPEG: &[u8] = &[0xff, 0xd8, 0xff, 0xe0, 1];

fn bytes(bytes: &[u8]) -> Bytes {
    Bytes::from(bytes)
}

fn key() -> Bytes {
    bytes(&[7; 32])
}

fn iv() -> Bytes {
    bytes(&[8; 32])
}

fn understood(message: &DecryptedMessage) -> Option<Said> {
    match read(&wrapped(&wire::write(message))).unwrap().body {
        Incoming::Content(Content::Message(said)) => Some(said),
        Incoming::Content(_) => panic!("a message is no action"),
        Incoming::Unsupported(_) => None,
    }
}

fn l45(text: &str, media: Option<Media>) -> DecryptedMessage {
    types::DecryptedMessageL45 {
        random_id: 5,
        ttl: 9,
        message: bytes(text.as_bytes()),
        media,
        entities: None,
        via_bot_name: Some(bytes(b"gif")),
        reply_to_random_id: Some(-1),
    }
    .into()
}

fn l17(text: &str, media: Media) -> DecryptedMessage {
    types::DecryptedMessageL17 { random_id: 5, ttl: 9, message: bytes(text.as_bytes()), media }.into()
}

fn l8(text: &str, media: Media) -> DecryptedMessage {
    let message = bytes(text.as_bytes());
    types::DecryptedMessageL8 { random_id: 5, random_bytes: Bytes::default(), message, media }.into()
}

fn body(media: Media) -> Option<Body> {
    understood(&l45("", Some(media))).map(|said| said.body)
}

fn file(kind: Kind, mime: &str) -> Attachment {
    Attachment {
        kind,
        name: String::new(),
        mime: mime.into(),
        size: 5,
        caption: Text::default(),
        thumb: None,
        secret: FileSecret::new([7; 32], [8; 32]),
        place: None,
    }
}

fn document(attributes: Vec<Attribute>) -> types::DecryptedMessageMediaDocument {
    types::DecryptedMessageMediaDocument {
        thumb: Bytes::default(),
        thumb_w: 0,
        thumb_h: 0,
        mime_type: bytes(b"a/b"),
        size: 5,
        key: key(),
        iv: iv(),
        attributes,
        caption: Bytes::default(),
    }
}

fn kind(attributes: Vec<Attribute>) -> Kind {
    let Some(Body::File(file)) = body(document(attributes).into()) else { panic!("a document is a file") };
    file.kind
}

#[test]
fn messages_of_every_layer_are_read() {
    let rose = || Body::text("rose");
    let old = |ttl| Some(Said { ttl, ..Said::new(rose()) });
    let l45_said = Said { ttl: 9, reply_to: Some(-1), via_bot: Some("gif".into()), ..Said::new(rose()) };
    assert!(understood(&l8("rose", Media::Empty)) == old(0));
    assert!(understood(&l17("rose", Media::Empty)) == old(9));
    assert!(understood(&l45("rose", Some(Media::Empty))).as_ref() == Some(&l45_said));
    assert!(understood(&l45("rose", None)) == Some(l45_said));
}

#[test]
fn files_of_old_layers_are_read() {
    let video = || Kind::Video { width: 3, height: 4, duration: 2, round: false };
    let photo = || Kind::Photo { width: 3, height: 4 };
    let voice = || Kind::Voice { duration: 2, waveform: vec![] };
    let (thumb, thumb_w, thumb_h, w, h, size, duration) = (Bytes::default, 0, 0, 3, 4, 5, 2);
    let (mime_type, caption) = (|| bytes(b"a/b"), || bytes(b"cap"));
    let (key, iv) = (key, iv);
    let media: [(Media, Attachment); 8] = [
        (
            types::DecryptedMessageMediaPhotoL8 {
                thumb: thumb(),
                thumb_w,
                thumb_h,
                w,
                h,
                size,
                key: key(),
                iv: iv(),
            }
            .into(),
            file(photo(), "image/jpeg"),
        ),
        (
            types::DecryptedMessageMediaVideoL8 {
                thumb: thumb(),
                thumb_w,
                thumb_h,
                duration,
                w,
                h,
                size,
                key: key(),
                iv: iv(),
            }
            .into(),
            file(video(), "video/mp4"),
        ),
        (
            types::DecryptedMessageMediaVideoL17 {
                thumb: thumb(),
                thumb_w,
                thumb_h,
                duration,
                mime_type: mime_type(),
                w,
                h,
                size,
                key: key(),
                iv: iv(),
            }
            .into(),
            file(video(), "a/b"),
        ),
        (
            types::DecryptedMessageMediaVideo {
                thumb: thumb(),
                thumb_w,
                thumb_h,
                duration,
                mime_type: mime_type(),
                w,
                h,
                size,
                key: key(),
                iv: iv(),
                caption: caption(),
            }
            .into(),
            Attachment { caption: "cap".into(), ..file(video(), "a/b") },
        ),
        (
            types::DecryptedMessageMediaAudioL8 { duration, size, key: key(), iv: iv() }.into(),
            file(voice(), "audio/ogg"),
        ),
        (
            types::DecryptedMessageMediaAudio {
                duration,
                mime_type: mime_type(),
                size,
                key: key(),
                iv: iv(),
            }
            .into(),
            file(voice(), "a/b"),
        ),
        (
            types::DecryptedMessageMediaDocumentL8 {
                thumb: thumb(),
                thumb_w,
                thumb_h,
                file_name: bytes(b"../\0x\xe2\x80\xae"),
                mime_type: mime_type(),
                size,
                key: key(),
                iv: iv(),
            }
            .into(),
            Attachment { name: "../x".into(), ..file(Kind::Document, "a/b") },
        ),
        (document(vec![]).into(), file(Kind::Document, "a/b")),
    ];
    for (place, (media, expected)) in media.into_iter().enumerate() {
        let caption = expected.caption.plain.clone();
        assert!(
            body(media.clone()) == Some(Body::File(Box::new(expected.clone()))),
            "{place} in the form of layer 45"
        );
        let words = if caption.is_empty() { "rose".into() } else { format!("rose\n\n{caption}") };
        let both = Attachment { caption: words.into(), ..expected };
        for message in [l8("rose", media.clone()), l17("rose", media)] {
            let said = understood(&message).map(|said| said.body);
            assert!(said == Some(Body::File(Box::new(both.clone()))), "{place}");
        }
    }
}

#[test]
fn attributes_say_what_a_document_is() {
    let words = |text: &str| Some(bytes(text.as_bytes()));
    let audio = |voice, duration| types::DocumentAttributeAudio {
        voice,
        duration,
        title: words("T\n"),
        performer: None,
        waveform: Some(bytes(&[1; 2000])),
    };
    let video: fn() -> Attribute =
        || types::DocumentAttributeVideo { round_message: true, duration: 2, w: -3, h: 4 }.into();
    let size = || Attribute::from(types::DocumentAttributeImageSize { w: 5, h: 6 });
    let sticker = || {
        let stickerset = types::InputStickerSetShortName { short_name: bytes(b"not believed") }.into();
        types::DocumentAttributeSticker { alt: bytes("😀".as_bytes()), stickerset }.into()
    };
    let audio_kind = |duration, title: &str, performer: &str| Kind::Audio {
        duration,
        title: title.into(),
        performer: performer.into(),
    };
    let l45 = types::DocumentAttributeAudioL45 { duration: 1, title: bytes(b"T"), performer: bytes(b"P") };
    for (place, (attributes, expected)) in [
        (vec![], Kind::Document),
        (vec![size()], Kind::Document),
        (vec![video()], Kind::Video { width: 0, height: 4, duration: 2, round: true }),
        (
            vec![types::DocumentAttributeVideoL23 { duration: -1, w: 3, h: 4 }.into()],
            Kind::Video { width: 3, height: 4, duration: 0, round: false },
        ),
        (vec![Attribute::Animated, size()], Kind::Animation { width: 5, height: 6, duration: 0 }),
        (vec![video(), size(), Attribute::Animated], Kind::Animation { width: 0, height: 4, duration: 2 }),
        (vec![audio(true, 3).into()], Kind::Voice { duration: 3, waveform: vec![] }),
        (vec![audio(false, -3).into()], audio_kind(0, "T ", "")),
        (vec![l45.into()], audio_kind(1, "T", "P")),
        (vec![types::DocumentAttributeAudioL23 { duration: 1 }.into()], audio_kind(1, "", "")),
        (vec![Attribute::StickerL23], Kind::Sticker { emoji: String::new() }),
        (vec![video(), Attribute::Animated, sticker()], Kind::Sticker { emoji: "😀".into() }),
    ]
    .into_iter()
    .enumerate()
    {
        assert!(kind(attributes) == expected, "{place}");
    }
}

#[test]
fn a_photo_keeps_the_size_it_was_said_to_have() {
    for size in [0, 2000 * 1024 * 1024 + 1, i32::MAX] {
        let photo = types::DecryptedMessageMediaPhoto {
            thumb: Bytes::default(),
            thumb_w: 0,
            thumb_h: 0,
            w: 1,
            h: 1,
            size,
            key: key(),
            iv: iv(),
            caption: Bytes::default(),
        };
        let Some(Body::File(read)) = body(photo.clone().into()) else { panic!("no file") };
        assert!(crate::secret::content::file::write(&read, 144) == photo.into(), "{size}");
    }
}

#[test]
fn a_file_that_cannot_be_opened_is_not_understood() {
    let with = |key: usize, iv: usize, size| {
        let (key, iv) = (Bytes(vec![7; key]), Bytes(vec![8; iv]));
        body(types::DecryptedMessageMediaDocument { key, iv, size, ..document(vec![]) }.into())
    };
    assert!(with(32, 32, 0).is_some());
    for (key, iv, size) in [(31, 32, 5), (33, 32, 5), (0, 32, 5), (32, 31, 5), (32, 33, 5), (32, 32, -1)] {
        assert!(with(key, iv, size).is_none(), "{key}, {iv}, {size}");
    }
}

#[test]
fn a_preview_is_a_small_jpeg() {
    let with = |thumb: &[u8], thumb_w, thumb_h| {
        let thumb = bytes(thumb);
        let media = types::DecryptedMessageMediaDocument { thumb, thumb_w, thumb_h, ..document(vec![]) };
        let Some(Body::File(file)) = body(media.into()) else { panic!("only the preview is ignored") };
        file.thumb
    };
    assert!(with(JPEG, 100, 1) == Some(Thumb { width: 100, height: 1, jpeg: JPEG.to_vec() }));
    let long = |length| [JPEG, &vec![0; length - JPEG.len()]].concat();
    assert!(with(&long(6000), 90, 90).is_some());
    for (thumb, width, height) in [
        (vec![], 90, 90),
        (long(6001), 90, 90),
        (b"\x89PNG".to_vec(), 90, 90),
        (JPEG.to_vec(), 101, 90),
        (JPEG.to_vec(), 90, 101),
        (JPEG.to_vec(), 0, 90),
        (JPEG.to_vec(), 90, -1),
    ] {
        assert!(with(&thumb, width, height).is_none(), "{} bytes, {width}x{height}", thumb.len());
    }
}

#[test]
fn words_are_never_cut_off() {
    let geo = |lat, long| Media::from(types::DecryptedMessageMediaGeoPoint { lat, long });
    assert!(understood(&l45("", Some(geo(1.0, 2.0)))).is_some());
    assert!(understood(&l45("rose", Some(geo(1.0, 2.0)))).is_none(), "a place has no words");
    for (lat, long) in [(91.0, 0.0), (0.0, -181.0), (f64::NAN, 0.0), (0.0, f64::INFINITY)] {
        assert!(understood(&l45("", Some(geo(lat, long)))).is_none(), "{lat}, {long} is not on the earth");
    }
    let page =
        |url: &str| Some(Media::from(types::DecryptedMessageMediaWebPage { url: bytes(url.as_bytes()) }));
    let body = |message| understood(&message).map(|said| said.body);
    let url = || "https://x.org/".to_owned();
    assert!(body(l45("rose", page(&url()))) == Some(Body::WebPage { text: "rose".into(), url: url() }));
    assert!(body(l45("", page(&url()))) == Some(Body::WebPage { text: url().into(), url: url() }));
    assert!(body(l45("rose", page("javascript:x"))) == Some(Body::text("rose")));
}

#[test]
fn documents_of_the_cloud_are_stickers() {
    let sticker = |stickerset| {
        let thumb = types::PhotoSizeEmpty { r#type: bytes(b"t") }.into();
        let attributes =
            vec![types::DocumentAttributeSticker { alt: bytes("🌹".as_bytes()), stickerset }.into()];
        body(Media::from(types::DecryptedMessageMediaExternalDocument {
            id: 1,
            access_hash: 2,
            date: 0,
            mime_type: bytes(b"image/webp"),
            size: 4,
            thumb,
            dc_id: 3,
            attributes,
        }))
    };
    let expected = |set: &str| Body::Sticker {
        emoji: "🌹".into(),
        set: set.into(),
        mime: "image/webp".into(),
        id: 1,
        access_hash: 2,
        dc_id: 3,
    };
    let named = types::InputStickerSetShortName { short_name: bytes(b"roses") };
    assert!(sticker(named.into()) == Some(expected("roses")));
    assert!(sticker(InputStickerSet::Empty) == Some(expected("")));
}
