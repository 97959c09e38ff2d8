//! Ogg/Opus as voice messages, MP3 as music: what they are, and how long they last.
//!
//! Durations are read from where the formats state them, and 0 is said when they do not; nothing is decoded.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};

use super::Shown;
use crate::secret::message::Kind;

/// The last page of an Ogg stream begins at most so far from its end.
const OGG_TAIL: u64 = 64 << 10;

/// Opus counts its samples at this rate, whatever it was recorded at.
const OPUS_RATE: u64 = 48_000;

/// The longest duration that is believed, seconds.
const MAX_DURATION: u64 = 24 * 3600;

/// How far into a file the first frame of an MP3 is looked for behind its tag.
const MP3_HEAD: u64 = 4096;

/// Ogg with Opus inside is a voice message; other Ogg is a document.
pub fn ogg(file: &mut File, size: u64) -> Option<Shown> {
    let mut head = [0; 64];
    let head = read_at(file, 0, &mut head)?;
    // The first page has one packet: its header is 27 bytes and one for the packet's length.
    let opus = head.get(28..).filter(|packet| packet.starts_with(b"OpusHead"))?;
    let skipped = u64::from(u16::from_le_bytes([*opus.get(10)?, *opus.get(11)?]));
    let mut tail = vec![0; usize::try_from(OGG_TAIL.min(size)).ok()?];
    let tail = read_at(file, size.saturating_sub(OGG_TAIL), &mut tail)?;
    let last = tail.windows(4).rposition(|window| window == b"OggS")?;
    let position = tail.get(last + 6..last + 14)?;
    let samples = u64::from_le_bytes(position.try_into().ok()?).saturating_sub(skipped);
    let duration = seconds(samples.div_ceil(OPUS_RATE));
    let kind = Kind::Voice { duration, waveform: Vec::new() };
    Some(Shown { kind, mime: "audio/ogg", thumb: None })
}

/// An MP3 whose first frame can be read.
pub fn mp3(file: &mut File, size: u64) -> Option<Shown> {
    let mut tag = [0; 10];
    let begin = match read_at(file, 0, &mut tag)? {
        // The length has seven bits to a byte.
        [b'I', b'D', b'3', _, _, _, length @ ..] if length.len() == 4 => {
            10 + length.iter().fold(0, |n, &byte| n << 7 | u64::from(byte & 0x7f))
        }
        _ => 0,
    };
    let mut head = vec![0; usize::try_from(MP3_HEAD).ok()?];
    let head = read_at(file, begin, &mut head)?;
    // Padding may follow the tag.
    let first = head.iter().position(|&byte| byte == 0xff)?;
    let frame = head.get(first..)?;
    let header = Frame::read(frame)?;
    let rest = size.saturating_sub(begin + first as u64);
    let duration = match header.frames(frame) {
        Some(frames) => u64::from(frames) * header.samples / header.rate,
        None => rest * 8 / header.bitrate,
    };
    let kind = Kind::Audio { duration: seconds(duration), title: String::new(), performer: String::new() };
    Some(Shown { kind, mime: "audio/mpeg", thumb: None })
}

/// What the header of a layer III frame says.
struct Frame {
    /// Bits a second.
    bitrate: u64,
    /// Samples a second, and in this frame.
    rate: u64,
    samples: u64,
}

impl Frame {
    fn read(frame: &[u8]) -> Option<Frame> {
        let &[0xff, second, third, ..] = frame else { return None };
        let layer_three = second & 0xe6 == 0xe2;
        let (rates, bitrates, samples): ([u64; 3], [u64; 15], u64) = match second >> 3 & 3 {
            3 => (
                [44_100, 48_000, 32_000],
                [0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320],
                1152,
            ),
            version @ (0 | 2) => (
                if version == 2 { [22_050, 24_000, 16_000] } else { [11_025, 12_000, 8_000] },
                [0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160],
                576,
            ),
            _ => return None,
        };
        let bitrate = *bitrates.get(usize::from(third >> 4))? * 1000;
        let rate = *rates.get(usize::from(third >> 2 & 3))?;
        (layer_three && bitrate > 0).then_some(Frame { bitrate, rate, samples })
    }

    /// The number of frames, if the first one states it instead of sounding.
    fn frames(&self, frame: &[u8]) -> Option<u32> {
        let mark = frame.get(..64)?.windows(4).position(|window| window == b"Xing" || window == b"Info")?;
        let (flags, frames) = (frame.get(mark + 4..mark + 8)?, frame.get(mark + 8..mark + 12)?);
        let counted = flags.last()? & 1 == 1;
        counted.then(|| frames.iter().fold(0, |n, &byte| n << 8 | u32::from(byte)))
    }
}

/// What is there of the wanted bytes.
pub(super) fn read_at<'b>(file: &mut File, offset: u64, buffer: &'b mut [u8]) -> Option<&'b [u8]> {
    file.seek(SeekFrom::Start(offset)).ok()?;
    let mut filled = 0;
    while let Some(rest) = buffer.get_mut(filled..).filter(|rest| !rest.is_empty()) {
        match file.read(rest).ok()? {
            0 => break,
            read => filled += read,
        }
    }
    buffer.get(..filled)
}

/// As apps state it; 0 for what cannot be.
pub(super) fn seconds(duration: u64) -> i32 {
    i32::try_from(duration).ok().filter(|_| duration <= MAX_DURATION).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::super::tests::judge;
    use super::*;

    fn page(granule: u64, packet: &[u8]) -> Vec<u8> {
        let mut page = b"OggS\0\0".to_vec();
        page.extend(granule.to_le_bytes());
        page.extend([0; 12]);
        page.extend([1, packet.len() as u8]);
        page.extend(packet);
        page
    }

    #[test]
    fn opus_is_a_voice_message_of_its_length() {
        let head = [b"OpusHead\x01\x01".as_slice(), &312u16.to_le_bytes(), &[0; 7]].concat();
        let sound = [page(0, &head), page(48_000, &[1; 200]), page(48_000 * 7 + 312, &[2; 100])].concat();
        let file = judge("v.ogg", &sound);
        assert!(file.kind == Kind::Voice { duration: 7, waveform: Vec::new() });
        assert_eq!(file.mime, "audio/ogg");
        // Live streams and lies have no length.
        let endless = [page(0, &head), page(u64::MAX, &[2; 100])].concat();
        assert!(judge("v.ogg", &endless).kind == Kind::Voice { duration: 0, waveform: Vec::new() });
    }

    #[test]
    fn other_ogg_is_a_document() {
        let file = judge("v.ogg", &page(0, b"\x01vorbis and so on, some more bytes of it"));
        assert!(file.kind == Kind::Document);
        assert_eq!(file.mime, "audio/ogg");
    }

    fn duration(content: &[u8]) -> Option<i32> {
        match judge("m.mp3", content).kind {
            Kind::Audio { duration, .. } => Some(duration),
            _ => None,
        }
    }

    #[test]
    fn music_lasts_as_long_as_its_bits_or_its_frames_say() {
        // 128 kbit/s, 44.1 kHz, layer III.
        let mut sound = vec![0xff, 0xfb, 0x90, 0x00];
        sound.resize(160_000, 0);
        assert_eq!(duration(&sound), Some(10));
        let tagged = [b"ID3\x04\0\0\0\0\x01\0".as_slice(), &[0; 128], &sound].concat();
        assert_eq!(duration(&tagged), Some(10));
        let mut counted = sound.clone();
        counted[36..48].copy_from_slice(b"Xing\0\0\0\x01\0\0\x10\0");
        assert_eq!(duration(&counted), Some(4096 * 1152 / 44_100));
        assert_eq!(duration(&[0xff, 0xfb, 0x00, 0x00, 1, 2, 3]), None, "free bitrate");
        assert_eq!(duration(&[0xff, 0xfd, 0x90, 0x00, 1, 2, 3]), None, "another layer");
    }
}
