//! The attributes of a document: what kind of file it is, and its name.
//!
//! A document may carry several attributes that contradict each other or say things twice. The order in which they count is that
//! of the official apps: a sticker is no video, and what is animated is no plain video either.

use super::clean::line;
use crate::secret::message::{Attachment, Kind};
use crate::secret::wire::{
    Bytes,
    enums::{DocumentAttribute as Attribute, InputStickerSet},
    types,
};

/// The longest waveform of a voice message that is kept, bytes. Apps draw 100 steps of 5 bits.
const MAX_WAVEFORM: usize = 1024;

/// Kind and name of a document.
pub fn read(attributes: &[Attribute]) -> (Kind, String) {
    let name = attributes.iter().find_map(|attribute| match attribute {
        Attribute::Filename(it) => Some(line(&it.file_name.0)),
        _ => None,
    });
    let kind = sticker(attributes)
        .or_else(|| animation(attributes))
        .or_else(|| video(attributes))
        .or_else(|| attributes.iter().find_map(audio));
    (kind.unwrap_or(Kind::Document), name.unwrap_or_default())
}

/// A sticker sent as a file. The set that it names is not believed: only the cloud knows sets.
fn sticker(attributes: &[Attribute]) -> Option<Kind> {
    attributes.iter().find_map(|attribute| match attribute {
        Attribute::Sticker(it) => Some(Kind::Sticker { emoji: line(&it.alt.0) }),
        Attribute::StickerL23 => Some(Kind::Sticker { emoji: String::new() }),
        _ => None,
    })
}

/// A moving picture without sound, whose size may come as that of a video or of an image.
fn animation(attributes: &[Attribute]) -> Option<Kind> {
    attributes.iter().any(|attribute| matches!(attribute, Attribute::Animated)).then(|| {
        let image = attributes.iter().find_map(|attribute| match attribute {
            Attribute::ImageSize(it) => Some((it.w.max(0), it.h.max(0))),
            _ => None,
        });
        match video(attributes) {
            Some(Kind::Video { width, height, duration, .. }) => Kind::Animation { width, height, duration },
            _ => {
                let (width, height) = image.unwrap_or_default();
                Kind::Animation { width, height, duration: 0 }
            }
        }
    })
}

fn video(attributes: &[Attribute]) -> Option<Kind> {
    let video = |duration: i32, w: i32, h: i32, round| {
        Some(Kind::Video { width: w.max(0), height: h.max(0), duration: duration.max(0), round })
    };
    attributes.iter().find_map(|attribute| match attribute {
        Attribute::Video(it) => video(it.duration, it.w, it.h, it.round_message),
        Attribute::VideoL23(it) => video(it.duration, it.w, it.h, false),
        _ => None,
    })
}

fn audio(attribute: &Attribute) -> Option<Kind> {
    let words = |bytes: &Option<Bytes>| bytes.as_ref().map(|bytes| line(&bytes.0)).unwrap_or_default();
    Some(match attribute {
        Attribute::Audio(it) if it.voice => {
            let waveform = it.waveform.as_ref().filter(|waveform| waveform.0.len() <= MAX_WAVEFORM);
            let waveform = waveform.map(|waveform| waveform.0.clone()).unwrap_or_default();
            Kind::Voice { duration: it.duration.max(0), waveform }
        }
        Attribute::Audio(it) => Kind::Audio {
            duration: it.duration.max(0),
            title: words(&it.title),
            performer: words(&it.performer),
        },
        Attribute::AudioL45(it) => Kind::Audio {
            duration: it.duration.max(0),
            title: line(&it.title.0),
            performer: line(&it.performer.0),
        },
        Attribute::AudioL23(it) => {
            Kind::Audio { duration: it.duration.max(0), title: String::new(), performer: String::new() }
        }
        _ => return None,
    })
}

/// The attributes that say what a file is, its name first if it has one.
pub fn write(file: &Attachment) -> Vec<Attribute> {
    let bytes = |text: &str| Bytes::from(text.as_bytes());
    let named =
        (!file.name.is_empty()).then(|| types::DocumentAttributeFilename { file_name: bytes(&file.name) });
    let mut attributes: Vec<Attribute> = named.into_iter().map(Attribute::from).collect();
    match &file.kind {
        &Kind::Video { width: w, height: h, duration, round: round_message } => {
            attributes.push(types::DocumentAttributeVideo { round_message, duration, w, h }.into());
        }
        &Kind::Animation { width: w, height: h, duration } => {
            attributes.push(types::DocumentAttributeVideo { round_message: false, duration, w, h }.into());
            attributes.push(types::DocumentAttributeImageSize { w, h }.into());
            attributes.push(Attribute::Animated);
        }
        Kind::Voice { duration, waveform } => {
            let waveform = (!waveform.is_empty()).then(|| Bytes::from(waveform.as_slice()));
            let (duration, title, performer) = (*duration, None, None);
            attributes.push(
                types::DocumentAttributeAudio { voice: true, duration, title, performer, waveform }.into(),
            );
        }
        Kind::Audio { duration, title, performer } => {
            let words = |text: &str| (!text.is_empty()).then(|| bytes(text));
            let (duration, title, performer) = (*duration, words(title), words(performer));
            attributes.push(
                types::DocumentAttributeAudio { voice: false, duration, title, performer, waveform: None }
                    .into(),
            );
        }
        Kind::Sticker { emoji } => {
            let (alt, stickerset) = (bytes(emoji), InputStickerSet::Empty);
            attributes.push(types::DocumentAttributeSticker { alt, stickerset }.into());
        }
        Kind::Photo { .. } | Kind::Document => {}
    }
    attributes
}
