//! What is left of pictures: nothing that was written beside them, all of what they show, and which way up.

use std::io::Cursor;

use image::{DynamicImage, ImageDecoder, ImageFormat, ImageReader, Rgb, RgbImage};
use proptest::prelude::*;

use super::*;

/// Stands for whatever gives somebody away.
const WORD: &[u8] = b"52.5163 N, 13.3777 E";

fn picture(format: ImageFormat) -> Vec<u8> {
    let image = RgbImage::from_fn(70, 40, |x, y| Rgb([x as u8, y as u8, (x * y) as u8]));
    let mut bytes = Cursor::new(Vec::new());
    image.write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

fn cleaned(content: &[u8]) -> io::Result<Option<Vec<u8>>> {
    let (mut from, mut to) = (tempfile::tempfile().unwrap(), tempfile::tempfile().unwrap());
    from.write_all(content).unwrap();
    let made = copy(&mut from, &mut to)?;
    let mut bytes = Vec::new();
    to.seek(SeekFrom::Start(0)).unwrap();
    to.read_to_end(&mut bytes).unwrap();
    Ok(made.then_some(bytes))
}

fn pixels(bytes: &[u8]) -> DynamicImage {
    image::load_from_memory(bytes).unwrap()
}

fn orientation(bytes: &[u8]) -> Orientation {
    let reader = ImageReader::new(Cursor::new(bytes)).with_guessed_format().unwrap();
    reader.into_decoder().unwrap().orientation().unwrap()
}

fn count(bytes: &[u8], word: &[u8]) -> usize {
    bytes.windows(word.len()).filter(|window| *window == word).count()
}

fn segment(kind: u8, content: &[u8]) -> Vec<u8> {
    [&[0xff, kind][..], &(content.len() as u16 + 2).to_be_bytes(), content].concat()
}

fn chunk(kind: &[u8; 4], content: &[u8]) -> Vec<u8> {
    let body = [kind, content].concat();
    [&(content.len() as u32).to_be_bytes()[..], &body, &crc32(&body).to_be_bytes()].concat()
}

/// TIFF in big-endian words, with an orientation, the name of a camera and a place.
fn exif(orientation: u8) -> Vec<u8> {
    let tag = |tag: u16, kind: u16, count: u32, value: [u8; 4]| {
        [&tag.to_be_bytes()[..], &kind.to_be_bytes(), &count.to_be_bytes(), &value].concat()
    };
    [
        b"MM\0\x2a\0\0\0\x08\0\x03".to_vec(),
        tag(0x010f, 2, WORD.len() as u32, 50u32.to_be_bytes()),
        tag(0x0112, 3, 1, [0, orientation, 0, 0]),
        tag(0x8825, 4, 1, 50u32.to_be_bytes()),
        vec![0; 4],
        WORD.to_vec(),
    ]
    .concat()
}

fn jpeg_with(segments: &[Vec<u8>], behind: &[u8]) -> Vec<u8> {
    let plain = picture(ImageFormat::Jpeg);
    [&plain[..2], &segments.concat(), &plain[2..], behind].concat()
}

/// A PNG with these chunks between its header and its picture.
fn png_with(chunks: &[Vec<u8>], behind: &[u8]) -> Vec<u8> {
    let plain = picture(ImageFormat::Png);
    [&plain[..33], &chunks.concat(), &plain[33..], behind].concat()
}

#[test]
fn a_photo_from_a_camera_loses_all_but_the_picture_and_its_orientation() {
    let mut segments = vec![segment(APP1, &[b"Exif\0\0".to_vec(), exif(6)].concat())];
    let word = |head: &[u8]| [head, WORD].concat();
    segments.push(segment(APP1, &word(b"http://ns.adobe.com/xap/1.0/\0")));
    segments.push(segment(APP0, &word(b"JFXX\0")));
    segments.push(segment(APP14, &word(b"Adobe\0\x64\0\0\0\0\x01")));
    segments.extend((2..16).map(|n| segment(APP0 + n, WORD)));
    segments.push(segment(0xfe, WORD));
    let content = jpeg_with(&segments, &word(&picture(ImageFormat::Jpeg)));
    assert_eq!(orientation(&content), Orientation::Rotate90);
    assert_eq!(count(&content, WORD), 20);

    let clean = cleaned(&content).unwrap().unwrap();
    assert_eq!(count(&clean, WORD), 0);
    assert!(clean.ends_with(&[0xff, EOI]) && clean.len() < picture(ImageFormat::Jpeg).len() + 60);
    assert_eq!(orientation(&clean), Orientation::Rotate90);
    assert!(pixels(&clean) == pixels(&content));
    assert_eq!(count(&clean, b"Adobe\0\x64\0\0\0\0\x01"), 1);
}

#[test]
fn every_orientation_is_kept_and_none_is_not_invented() {
    for turned in 1..=8 {
        let wanted = Orientation::from_exif(turned).unwrap();
        let photo = jpeg_with(&[segment(APP1, &[b"Exif\0\0".to_vec(), exif(turned)].concat())], b"");
        let clean = cleaned(&photo).unwrap().unwrap();
        assert_eq!(orientation(&clean), wanted);
        assert_eq!((count(&clean, WORD), count(&clean, b"Exif")), (0, usize::from(turned != 1)));
        let clean = cleaned(&png_with(&[chunk(b"eXIf", &exif(turned))], b"")).unwrap().unwrap();
        assert_eq!(orientation(&clean), wanted);
        assert_eq!((count(&clean, WORD), count(&clean, b"eXIf")), (0, usize::from(turned != 1)));
    }
    for nonsense in [0, 9, 255] {
        let photo = jpeg_with(&[segment(APP1, &[b"Exif\0\0".to_vec(), exif(nonsense)].concat())], b"");
        assert!(cleaned(&photo).unwrap().unwrap() == picture(ImageFormat::Jpeg));
    }
}

#[test]
fn a_thumbnail_in_the_first_segment_is_not_sent() {
    let plain = picture(ImageFormat::Jpeg);
    let jfif = segment(APP0, &[b"JFIF\0\x01\x02\0\0\x01\0\x01\x03\x02", WORD].concat());
    let clean = cleaned(&[&plain[..2], &jfif, &plain[20..]].concat()).unwrap().unwrap();
    assert!(clean == plain, "its own is one without a thumbnail");
}

#[test]
fn a_picture_without_anything_beside_it_goes_as_it_is() {
    for format in [ImageFormat::Jpeg, ImageFormat::Png] {
        let plain = picture(format);
        assert!(cleaned(&plain).unwrap().unwrap() == plain);
    }
    assert!(cleaned(b"GIF89a").unwrap().is_none() && cleaned(b"").unwrap().is_none());
}

#[test]
fn a_png_keeps_only_what_shows_it() {
    let kinds = [b"tEXt", b"zTXt", b"iTXt", b"tIME", b"iCCP", b"prVt", b"caBX"];
    let chunks: Vec<_> = kinds.into_iter().map(|kind| chunk(kind, WORD)).collect();
    let content = png_with(&chunks, WORD);
    assert_eq!(count(&content, WORD), 8);
    assert!(cleaned(&content).unwrap().unwrap() == picture(ImageFormat::Png));
}

#[test]
fn what_breaks_off_in_the_picture_ends_there_and_before_it_is_broken() {
    let photo = jpeg_with(&[segment(0xfe, WORD)], b"");
    let half = cleaned(&photo[..photo.len() - 30]).unwrap().unwrap();
    assert!(half.ends_with(&[0xff, EOI]) && count(&half, WORD) == 0);
    for cut in [3, 4, 10, 30, 60] {
        assert_eq!(cleaned(&photo[..cut]).unwrap_err().kind(), io::ErrorKind::InvalidData, "{cut}");
    }
    for lie in [0u16, 1] {
        let lying = [&photo[..4], &lie.to_be_bytes(), &photo[6..]].concat();
        let lying = [&lying[..2], &[0xff, 0xfe], &lie.to_be_bytes(), &lying[6..]].concat();
        assert_eq!(cleaned(&lying).unwrap_err().kind(), io::ErrorKind::InvalidData);
    }
    let drawing = png_with(&[chunk(b"tEXt", WORD)], b"");
    for cut in [8, 20, 33, 50] {
        assert_eq!(cleaned(&drawing[..cut]).unwrap_err().kind(), io::ErrorKind::InvalidData, "{cut}");
    }
}

proptest! {
    #[test]
    fn nothing_panics_and_what_is_clean_stays_so(
        png in any::<bool>(),
        hits in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..6),
    ) {
        let mut content = if png {
            png_with(&[chunk(b"tEXt", WORD), chunk(b"eXIf", &exif(3))], WORD)
        } else {
            jpeg_with(&[segment(APP1, &[b"Exif\0\0".to_vec(), exif(3)].concat()), segment(0xfe, WORD)], WORD)
        };
        for (place, byte) in hits {
            let place = place.index(content.len());
            content[place] = byte;
        }
        if let Ok(Some(clean)) = cleaned(&content) {
            prop_assert!(clean.len() <= content.len() + 2);
            prop_assert!(cleaned(&clean).unwrap().unwrap() == clean);
        }
    }
}
