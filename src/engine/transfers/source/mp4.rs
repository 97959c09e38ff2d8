//! MP4 as video, M4A as music: size and duration from the movie header.
//!
//! Boxes nest and lie about their lengths, so only those on the way to the two headers are entered, within bounds; anything unusual
//! makes the file a document.

use std::fs::File;

use super::Shown;
use super::audio::{read_at, seconds};
use crate::secret::message::Kind;

/// Boxes that are passed on the top level before the movie header must have come.
const MAX_BOXES: usize = 64;

/// The longest movie header that is read, bytes: its tables grow with the length of the film.
const MAX_MOOV: u64 = 16 << 20;

/// Pixels on a side that are believed.
const MAX_SIDE: u32 = 16_384;

/// First words of brands that are MP4; others (QuickTime, HEIC, AVIF, 3GP) are documents.
const BRANDS: [&[u8]; 8] = [b"isom", b"iso", b"mp41", b"mp42", b"avc1", b"M4V", b"M4A", b"dash"];

pub fn look(file: &mut File, size: u64) -> Option<Shown> {
    let mut head = [0; 16];
    let brand = read_at(file, 0, &mut head)?.get(8..12)?;
    if !BRANDS.iter().any(|known| brand.starts_with(known)) && brand != b"MSNV" {
        return None;
    }
    let moov = movie_header(file, size)?;
    let mut duration = 0;
    let (mut width, mut height) = (0, 0);
    for (kind, content) in boxes(&moov) {
        match kind {
            b"mvhd" => duration = length(content).unwrap_or(0),
            b"trak" => {
                let sides =
                    boxes(content).find(|(kind, _)| *kind == b"tkhd").and_then(|(_, tkhd)| sides(tkhd));
                if let Some((w, h)) = sides.filter(|&(w, h)| w > 0 && h > 0) {
                    (width, height) = (w, h);
                }
            }
            _ => {}
        }
    }
    let duration = seconds(duration);
    if width > 0 {
        let kind = Kind::Video { width, height, duration, round: false };
        return Some(Shown { kind, mime: "video/mp4", thumb: None });
    }
    let kind = Kind::Audio { duration, title: String::new(), performer: String::new() };
    Some(Shown { kind, mime: "audio/mp4", thumb: None })
}

/// The content of `moov`, which stands before or behind the media.
fn movie_header(file: &mut File, size: u64) -> Option<Vec<u8>> {
    let mut offset = 0;
    for _ in 0..MAX_BOXES {
        let mut head = [0; 16];
        let head = read_at(file, offset, &mut head)?;
        let (short, kind) = (head.get(..4)?, head.get(4..8)?);
        let (length, header) = match number(short) {
            0 => (size.checked_sub(offset)?, 8),
            1 => (number(head.get(8..16)?), 16),
            short => (short, 8),
        };
        let content = length.checked_sub(header)?;
        if kind == b"moov" {
            let mut moov = vec![0; usize::try_from(content).ok().filter(|_| content <= MAX_MOOV.min(size))?];
            let read = read_at(file, offset + header, &mut moov)?.len();
            return (read == moov.len()).then_some(moov);
        }
        offset = offset.checked_add(length).filter(|&next| next < size)?;
    }
    None
}

/// The boxes inside one, up to the first that does not fit.
fn boxes(mut rest: &[u8]) -> impl Iterator<Item = (&[u8], &[u8])> {
    std::iter::from_fn(move || {
        let length = usize::try_from(number(rest.get(..4)?)).ok()?;
        let (kind, content) = (rest.get(4..8)?, rest.get(8..length)?);
        rest = rest.get(length..)?;
        Some((kind, content))
    })
}

/// Seconds, rounded up, of `mvhd`.
fn length(mvhd: &[u8]) -> Option<u64> {
    let (scale, duration) = match mvhd.first()? {
        0 => (mvhd.get(12..16)?, mvhd.get(16..20)?),
        1 => (mvhd.get(20..24)?, mvhd.get(24..32)?),
        _ => return None,
    };
    let scale = number(scale);
    (scale > 0).then(|| number(duration).div_ceil(scale))
}

/// Width and height of `tkhd`, which end it, in 16.16 fixed point; turned by its matrix if that says so.
fn sides(tkhd: &[u8]) -> Option<(i32, i32)> {
    let (matrix, sides) = tkhd.get(tkhd.len().checked_sub(44)?..)?.split_at_checked(36)?;
    let (width, height) = (number(sides.get(..4)?) >> 16, number(sides.get(4..)?) >> 16);
    let side =
        |pixels: u64| u32::try_from(pixels).ok().filter(|&pixels| pixels <= MAX_SIDE).map(u32::cast_signed);
    let (width, height) = (side(width)?, side(height)?);
    // A quarter turn has nothing on its diagonal.
    let turned = number(matrix.get(..4)?) == 0 && number(matrix.get(4..8)?) != 0;
    Some(if turned { (height, width) } else { (width, height) })
}

fn number(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0, |n, &byte| n << 8 | u64::from(byte))
}

#[cfg(test)]
mod tests {
    use super::super::tests::judge;
    use super::*;

    fn boxed(kind: &[u8; 4], content: &[u8]) -> Vec<u8> {
        [&(content.len() as u32 + 8).to_be_bytes(), kind.as_slice(), content].concat()
    }

    fn mvhd(scale: u32, duration: u32) -> Vec<u8> {
        boxed(b"mvhd", &[&[0; 12], &scale.to_be_bytes()[..], &duration.to_be_bytes(), &[0; 80]].concat())
    }

    fn track(width: u32, height: u32, turned: bool) -> Vec<u8> {
        let mut matrix = [0; 36];
        matrix[if turned { 5 } else { 1 }] = 1;
        let sides = [(width << 16).to_be_bytes(), (height << 16).to_be_bytes()].concat();
        boxed(b"trak", &boxed(b"tkhd", &[&[0; 40][..], &matrix, &sides].concat()))
    }

    fn film(brand: &[u8; 4], moov: &[Vec<u8>], last: bool) -> Vec<u8> {
        let (moov, media) = (boxed(b"moov", &moov.concat()), boxed(b"mdat", &[7; 1000]));
        let (first, second) = if last { (media, moov) } else { (moov, media) };
        [boxed(b"ftyp", &[brand.as_slice(), &[0; 8]].concat()), first, second].concat()
    }

    #[test]
    fn videos_have_size_and_duration_wherever_the_header_stands() {
        for last in [false, true] {
            let moov = [mvhd(1000, 6500), track(0, 0, false), track(640, 360, false)];
            let file = judge("film.mp4", &film(b"isom", &moov, last));
            assert!(file.kind == Kind::Video { width: 640, height: 360, duration: 7, round: false });
            assert_eq!(file.mime, "video/mp4");
        }
        let moov = [mvhd(1, 3), track(640, 360, true)];
        let file = judge("film.mp4", &film(b"mp42", &moov, true));
        assert!(file.kind == Kind::Video { width: 360, height: 640, duration: 3, round: false });
    }

    #[test]
    fn without_a_picture_it_is_music() {
        let file = judge("song.m4a", &film(b"M4A ", &[mvhd(44_100, 441_000), track(0, 0, false)], false));
        assert!(file.kind == Kind::Audio { duration: 10, title: String::new(), performer: String::new() });
    }

    #[test]
    fn other_brands_and_broken_boxes_are_documents() {
        let sound = film(b"isom", &[mvhd(1, 3), track(640, 360, false)], false);
        assert!(
            judge("a.mov", &film(b"qt  ", &[mvhd(1, 3), track(64, 64, false)], false)).kind == Kind::Document
        );
        assert!(judge("a.heic", &film(b"heic", &[mvhd(1, 3)], false)).kind == Kind::Document);
        for cut in 12..60 {
            assert!(judge("a.mp4", &sound[..cut]).kind == Kind::Document, "{cut}");
        }
        for lie in [0u32, 1, 7, 9, u32::MAX] {
            let mut lying = sound.clone();
            lying[20..24].copy_from_slice(&lie.to_be_bytes());
            // Whatever it is taken for, nothing panics and nothing is read for ever.
            judge("a.mp4", &lying);
        }
    }
}
