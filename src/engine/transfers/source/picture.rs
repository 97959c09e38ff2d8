//! JPEG and PNG as photos: their size in pixels, and the small preview that comes inside the message.
//!
//! The file itself goes as it is. A picture that no app would show as a photo (a panorama, a poster, a pixel) goes as a document; one
//! that is too large to be decoded here still goes as a photo, without a preview.

use std::fs::File;
use std::io::{BufReader, Seek, SeekFrom};

use image::codecs::jpeg::JpegEncoder;
use image::{DynamicImage, ImageDecoder, ImageReader, Limits};

use super::Shown;
use crate::secret::message::{Kind, Thumb};

/// Apps take larger ones for documents, bytes.
const MAX_PHOTO: u64 = 10 << 20;

/// Width and height together, and one to the other: the rules of Telegram for photos.
const MAX_SIDES: u32 = 10_000;
const MAX_RATIO: u32 = 20;

/// What decoding may take, bytes: forty million pixels.
const MAX_DECODED: u64 = 128 << 20;

/// The preview's longer side, pixels.
const THUMB_SIDE: u32 = 90;

/// A receiver ignores larger previews, bytes.
const MAX_THUMB: usize = 6000;

/// Qualities that are tried until the preview is small enough.
const QUALITIES: [u8; 3] = [75, 50, 25];

pub fn look(file: &mut File, size: u64, mime: &'static str) -> Option<Shown> {
    if size > MAX_PHOTO {
        return None;
    }
    file.seek(SeekFrom::Start(0)).ok()?;
    let mut reader = ImageReader::new(BufReader::new(file)).with_guessed_format().ok()?;
    let mut limits = Limits::default();
    limits.max_alloc = Some(MAX_DECODED);
    reader.limits(limits);
    let mut decoder = reader.into_decoder().ok()?;
    let (width, height) = decoder.dimensions();
    let (short, long) = (width.min(height), width.max(height));
    if short == 0 || width.saturating_add(height) > MAX_SIDES || long > short.saturating_mul(MAX_RATIO) {
        return None;
    }
    let turned = decoder.orientation().ok();
    let decoded = (decoder.total_bytes() <= MAX_DECODED).then(|| DynamicImage::from_decoder(decoder).ok());
    let thumb = match decoded {
        // Its header was one, the rest is not.
        Some(None) => return None,
        Some(Some(mut picture)) => {
            picture = picture.thumbnail(THUMB_SIDE, THUMB_SIDE);
            if let Some(turned) = turned {
                picture.apply_orientation(turned);
            }
            thumb(&picture)
        }
        None => None,
    };
    let (width, height) = (width.cast_signed(), height.cast_signed());
    let upright = thumb.as_ref().is_none_or(|thumb| (thumb.width > thumb.height) == (width > height));
    let (width, height) = if upright || width == height { (width, height) } else { (height, width) };
    Some(Shown { kind: Kind::Photo { width, height }, mime, thumb })
}

fn thumb(picture: &DynamicImage) -> Option<Thumb> {
    let picture = picture.to_rgb8();
    let (width, height) = (picture.width().cast_signed(), picture.height().cast_signed());
    QUALITIES.into_iter().find_map(|quality| {
        let mut jpeg = Vec::new();
        JpegEncoder::new_with_quality(&mut jpeg, quality).encode_image(&picture).ok()?;
        (jpeg.len() <= MAX_THUMB).then_some(Thumb { width, height, jpeg })
    })
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use image::{ImageFormat, Rgb, RgbImage};

    use super::super::tests::judge;
    use super::*;

    fn picture(width: u32, height: u32, format: ImageFormat) -> Vec<u8> {
        let image = RgbImage::from_fn(width, height, |x, y| Rgb([x as u8, y as u8, (x ^ y) as u8]));
        let mut bytes = Cursor::new(Vec::new());
        image.write_to(&mut bytes, format).unwrap();
        bytes.into_inner()
    }

    #[test]
    fn photos_have_their_size_and_a_preview() {
        for (format, mime) in [(ImageFormat::Jpeg, "image/jpeg"), (ImageFormat::Png, "image/png")] {
            // The name says otherwise, the content is believed.
            let file = judge("x.txt", &picture(300, 200, format));
            assert!(file.kind == Kind::Photo { width: 300, height: 200 });
            assert_eq!(file.mime, mime);
            let thumb = file.thumb.clone().unwrap();
            assert_eq!((thumb.width, thumb.height), (90, 60));
            assert!(thumb.jpeg.len() <= MAX_THUMB);
            let shown = image::load_from_memory_with_format(&thumb.jpeg, ImageFormat::Jpeg).unwrap();
            assert_eq!((shown.width(), shown.height()), (90, 60));
        }
    }

    #[test]
    fn what_no_app_shows_as_a_photo_is_a_document() {
        assert!(judge("strip.png", &picture(2100, 100, ImageFormat::Png)).kind == Kind::Document);
        assert!(judge("wide.png", &picture(9990, 11, ImageFormat::Png)).kind == Kind::Document);
        let mut broken = picture(64, 64, ImageFormat::Png);
        broken.truncate(100);
        assert!(judge("broken.png", &broken).kind == Kind::Document);
    }

    #[test]
    fn a_picture_that_claims_to_be_enormous_is_not_decoded() {
        let mut bomb = picture(16, 16, ImageFormat::Png);
        bomb[16..24].copy_from_slice(&[0, 0, 0x13, 0x88, 0, 0, 0x13, 0x87]);
        let body = bomb[12..29].to_vec();
        bomb[29..33].copy_from_slice(&crc32(&body).to_be_bytes());
        // Header sound, content not: whatever it is taken for, it has no preview.
        assert!(judge("bomb.png", &bomb).thumb.is_none());
    }

    fn crc32(bytes: &[u8]) -> u32 {
        let mut crc = u32::MAX;
        for byte in bytes {
            crc ^= u32::from(*byte);
            for _ in 0..8 {
                crc = if crc & 1 == 1 { crc >> 1 ^ 0xedb8_8320 } else { crc >> 1 };
            }
        }
        !crc
    }
}
