//! Media that is a file: ten constructors of four layers, read into one [`Attachment`], and the right one of three written.
//!
//! Older constructors name what a file is by themselves, the newer ones by a list of attributes. A file without a key of exactly
//! the right length can never be opened, so such media is not understood; a preview that is no small JPEG is ignored.

use super::attributes;
use super::clean::line;
use crate::secret::layer::{self, Feature};
use crate::secret::message::{Attachment, FileSecret, Kind, Text, Thumb};
use crate::secret::wire::{Bytes, enums::DecryptedMessageMedia as Media, types};

/// The largest preview that is kept, bytes.
const MAX_THUMB: usize = 6000;

/// The longest side of a preview, pixels.
const MAX_THUMB_SIDE: i32 = 100;

/// How every JPEG begins.
const JPEG: [u8; 3] = [0xff, 0xd8, 0xff];

const JPEG_MIME: &[u8] = b"image/jpeg";
const VIDEO_MIME: &[u8] = b"video/mp4";
const VOICE_MIME: &[u8] = b"audio/ogg";

/// The caption of a file as it is on the wire; empty for other media.
pub fn caption(media: &Media) -> &[u8] {
    match media {
        Media::Photo(media) => &media.caption.0,
        Media::Video(media) => &media.caption.0,
        Media::DocumentL45(media) => &media.caption.0,
        Media::Document(media) => &media.caption.0,
        _ => &[],
    }
}

/// The file that this media is; `None` if it is none, or one that cannot be opened.
pub fn read(media: &Media, caption: Text) -> Option<Attachment> {
    let (kind, name, mime) = what(media)?;
    let (size, key, iv) = sealed(media)?;
    Some(Attachment {
        kind,
        name,
        mime: line(mime),
        size: u64::try_from(size).ok()?,
        caption,
        thumb: preview(media).and_then(|(jpeg, width, height)| thumb(jpeg, width, height)),
        secret: FileSecret::new(key.0.as_slice().try_into().ok()?, iv.0.as_slice().try_into().ok()?),
        place: None,
    })
}

/// Kind, name and MIME type.
fn what(media: &Media) -> Option<(Kind, String, &[u8])> {
    let photo = |w: i32, h: i32| Kind::Photo { width: w.max(0), height: h.max(0) };
    let video = |duration: i32, w: i32, h: i32| Kind::Video {
        width: w.max(0),
        height: h.max(0),
        duration: duration.max(0),
        round: false,
    };
    let voice = |duration: i32| Kind::Voice { duration: duration.max(0), waveform: Vec::new() };
    let unnamed = String::new;
    Some(match media {
        Media::PhotoL8(it) => (photo(it.w, it.h), unnamed(), JPEG_MIME),
        Media::Photo(it) => (photo(it.w, it.h), unnamed(), JPEG_MIME),
        Media::VideoL8(it) => (video(it.duration, it.w, it.h), unnamed(), VIDEO_MIME),
        Media::VideoL17(it) => (video(it.duration, it.w, it.h), unnamed(), &it.mime_type.0),
        Media::Video(it) => (video(it.duration, it.w, it.h), unnamed(), &it.mime_type.0),
        Media::AudioL8(it) => (voice(it.duration), unnamed(), VOICE_MIME),
        Media::Audio(it) => (voice(it.duration), unnamed(), &it.mime_type.0),
        Media::DocumentL8(it) => (Kind::Document, line(&it.file_name.0), &it.mime_type.0),
        Media::DocumentL45(it) => {
            let (kind, name) = attributes::read(&it.attributes);
            (kind, name, &it.mime_type.0)
        }
        Media::Document(it) => {
            let (kind, name) = attributes::read(&it.attributes);
            (kind, name, &it.mime_type.0)
        }
        _ => return None,
    })
}

/// Size, key and initialisation vector.
fn sealed(media: &Media) -> Option<(i64, &Bytes, &Bytes)> {
    Some(match media {
        Media::PhotoL8(it) => (it.size.into(), &it.key, &it.iv),
        Media::Photo(it) => (it.size.into(), &it.key, &it.iv),
        Media::VideoL8(it) => (it.size.into(), &it.key, &it.iv),
        Media::VideoL17(it) => (it.size.into(), &it.key, &it.iv),
        Media::Video(it) => (it.size.into(), &it.key, &it.iv),
        Media::AudioL8(it) => (it.size.into(), &it.key, &it.iv),
        Media::Audio(it) => (it.size.into(), &it.key, &it.iv),
        Media::DocumentL8(it) => (it.size.into(), &it.key, &it.iv),
        Media::DocumentL45(it) => (it.size.into(), &it.key, &it.iv),
        Media::Document(it) => (it.size, &it.key, &it.iv),
        _ => return None,
    })
}

/// The preview that came with it, its width and its height.
fn preview(media: &Media) -> Option<(&Bytes, i32, i32)> {
    Some(match media {
        Media::PhotoL8(it) => (&it.thumb, it.thumb_w, it.thumb_h),
        Media::Photo(it) => (&it.thumb, it.thumb_w, it.thumb_h),
        Media::VideoL8(it) => (&it.thumb, it.thumb_w, it.thumb_h),
        Media::VideoL17(it) => (&it.thumb, it.thumb_w, it.thumb_h),
        Media::Video(it) => (&it.thumb, it.thumb_w, it.thumb_h),
        Media::DocumentL8(it) => (&it.thumb, it.thumb_w, it.thumb_h),
        Media::DocumentL45(it) => (&it.thumb, it.thumb_w, it.thumb_h),
        Media::Document(it) => (&it.thumb, it.thumb_w, it.thumb_h),
        _ => return None,
    })
}

/// The preview, if it is a small JPEG.
fn thumb(jpeg: &Bytes, width: i32, height: i32) -> Option<Thumb> {
    let side = |pixels| (1..=MAX_THUMB_SIDE).contains(&pixels);
    let small = jpeg.0.len() <= MAX_THUMB && side(width) && side(height);
    (small && jpeg.0.starts_with(&JPEG)).then(|| Thumb { width, height, jpeg: jpeg.0.clone() })
}

/// The media of a file for a peer of this layer. Nothing too large for its constructor comes here: see
/// [`lacking`](super::lacking).
pub fn write(file: &Attachment, peer_layer: i32) -> Media {
    let (thumb, thumb_w, thumb_h) = match &file.thumb {
        Some(thumb) => (Bytes::from(thumb.jpeg.as_slice()), thumb.width, thumb.height),
        None => (Bytes::default(), 0, 0),
    };
    let small = i32::try_from(file.size).unwrap_or(i32::MAX);
    let key = Bytes::from(&file.secret.expose_key()[..]);
    let iv = Bytes::from(&file.secret.expose_iv()[..]);
    let caption = Bytes::from(file.caption.plain.as_bytes());
    if let Kind::Photo { width: w, height: h } = file.kind {
        return types::DecryptedMessageMediaPhoto {
            thumb,
            thumb_w,
            thumb_h,
            w,
            h,
            size: small,
            key,
            iv,
            caption,
        }
        .into();
    }
    let mime_type = Bytes::from(file.mime.as_bytes());
    let attributes = attributes::write(file);
    if layer::permits(peer_layer, Feature::LargeFile) {
        let size = i64::try_from(file.size).unwrap_or(i64::MAX);
        types::DecryptedMessageMediaDocument {
            thumb,
            thumb_w,
            thumb_h,
            mime_type,
            size,
            key,
            iv,
            attributes,
            caption,
        }
        .into()
    } else {
        let size = small;
        types::DecryptedMessageMediaDocumentL45 {
            thumb,
            thumb_w,
            thumb_h,
            mime_type,
            size,
            key,
            iv,
            attributes,
            caption,
        }
        .into()
    }
}
