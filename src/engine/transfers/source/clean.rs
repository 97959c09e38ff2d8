//! A picture without what lies beside it: where and when it was taken, by which device and whose, and how it looked before.
//!
//! What is needed to show a picture is on a list, and only that is copied; the coded picture itself is not touched, so nothing is
//! lost of it. The one thing that survives is how it is to be turned, in metadata of our own. Colour profiles go as well: they name
//! devices. So does what follows the end of the picture: a film, or a second picture with metadata of its own.

use std::fs::File;
use std::io::{self, BufRead, BufReader, BufWriter, Read, Seek, SeekFrom, Write};

use image::metadata::Orientation;

/// Markers of a JPEG.
const SOI: u8 = 0xd8;
const EOI: u8 = 0xd9;
const SOS: u8 = 0xda;
const APP0: u8 = 0xe0;
const APP1: u8 = 0xe1;
const APP14: u8 = 0xee;

/// JFIF without a thumbnail, and Adobe's word about the colours: the bytes that mean something.
const JFIF: usize = 12;
const ADOBE: usize = 12;

const PNG: &[u8; 8] = b"\x89PNG\r\n\x1a\n";

/// The chunks that show a PNG, moving ones included.
const CHUNKS: [&[u8; 4]; 16] = [
    b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"gAMA", b"cHRM", b"sRGB", b"sBIT", b"bKGD", b"pHYs",
    b"cICP", b"mDCV", b"acTL", b"fcTL", b"fdAT",
];

/// More than this of a PNG's EXIF is not looked at, bytes: as much as a JPEG can have.
const MAX_EXIF: u64 = 1 << 16;

/// Copies a JPEG or PNG without its metadata; false if it is neither. What breaks off in the middle of the picture ends there.
///
/// # Errors
/// [`io::ErrorKind::InvalidData`] for what begins like a picture and cannot be followed; those of reading and writing.
pub fn copy(from: &mut File, to: &mut File) -> io::Result<bool> {
    from.seek(SeekFrom::Start(0))?;
    let (mut from, mut to) = (BufReader::new(from), BufWriter::new(to));
    let head = from.fill_buf()?;
    if head.starts_with(&[0xff, SOI, 0xff]) {
        from.consume(2);
        jpeg(&mut from, &mut to)?;
    } else if head.starts_with(PNG) {
        from.consume(PNG.len());
        png(&mut from, &mut to)?;
    } else {
        return Ok(false);
    }
    to.flush()?;
    Ok(true)
}

fn jpeg(from: &mut impl BufRead, to: &mut impl Write) -> io::Result<()> {
    to.write_all(&[0xff, SOI])?;
    let mut shown = false;
    let mut next = marker(from)?;
    loop {
        match next {
            None if !shown => return Err(broken()),
            None | Some(EOI) => return to.write_all(&[0xff, EOI]),
            // Of a scan, and there is none here: not shown.
            Some(0 | 1 | 0xd0..=0xd7) => next = marker(from)?,
            Some(kind) => {
                if let Some(content) = kept(kind, segment(from)?) {
                    let length = u16::try_from(content.len() + 2).map_err(|_| broken())?;
                    to.write_all(&[0xff, kind])?;
                    to.write_all(&length.to_be_bytes())?;
                    to.write_all(&content)?;
                }
                shown |= kind == SOS;
                next = if kind == SOS { scan(from, to)? } else { marker(from)? };
            }
        }
    }
}

/// The next marker, whatever stands before it; `None` at the end of the file.
fn marker(from: &mut impl BufRead) -> io::Result<Option<u8>> {
    from.skip_until(0xff)?;
    loop {
        match byte(from)? {
            Some(0xff) => {}
            other => return Ok(other),
        }
    }
}

fn byte(from: &mut impl BufRead) -> io::Result<Option<u8>> {
    let first = from.fill_buf()?.first().copied();
    from.consume(first.iter().len());
    Ok(first)
}

/// The content of a segment, whose length counts itself.
fn segment(from: &mut impl BufRead) -> io::Result<Vec<u8>> {
    let mut length = [0; 2];
    from.read_exact(&mut length).map_err(cut)?;
    let length = u16::from_be_bytes(length).checked_sub(2).ok_or_else(broken)?;
    let mut content = vec![0; length.into()];
    from.read_exact(&mut content).map_err(cut)?;
    Ok(content)
}

/// What is left of a segment.
fn kept(kind: u8, mut content: Vec<u8>) -> Option<Vec<u8>> {
    match kind {
        // Frames, tables, scans and the like.
        0xc0..=0xdf => Some(content),
        APP0 if content.starts_with(b"JFIF\0") && content.len() >= JFIF => {
            content.truncate(JFIF);
            // The size of its thumbnail.
            content.extend([0, 0]);
            Some(content)
        }
        APP14 if content.starts_with(b"Adobe") && content.len() >= ADOBE => {
            content.truncate(ADOBE);
            Some(content)
        }
        APP1 => {
            let turned = turned(content.strip_prefix(b"Exif\0\0")?)?;
            Some([&b"Exif\0\0"[..], &turned].concat())
        }
        _ => None,
    }
}

/// Copies coded pixels up to the marker behind them, and says which it is; `None` if the file ends with them.
fn scan(from: &mut impl BufRead, to: &mut impl Write) -> io::Result<Option<u8>> {
    loop {
        let here = from.fill_buf()?;
        let clear = here.iter().position(|&byte| byte == 0xff).unwrap_or(here.len());
        let ends = here.is_empty();
        to.write_all(here.get(..clear).unwrap_or_default())?;
        let marked = clear < here.len();
        from.consume(clear);
        if ends {
            return Ok(None);
        }
        if marked {
            match marker(from)? {
                Some(inside @ (0 | 0xd0..=0xd7)) => to.write_all(&[0xff, inside])?,
                behind => return Ok(behind),
            }
        }
    }
}

fn png(from: &mut impl BufRead, to: &mut impl Write) -> io::Result<()> {
    to.write_all(PNG)?;
    let mut shown = false;
    loop {
        let mut head = [0; 8];
        match from.read_exact(&mut head) {
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof && shown => return Ok(()),
            read => read.map_err(cut)?,
        }
        let [a, b, c, d, kind @ ..] = head;
        let length = u64::from(u32::from_be_bytes([a, b, c, d]));
        // With its checksum.
        let mut chunk = from.take(length + 4);
        if CHUNKS.contains(&&kind) {
            to.write_all(&head)?;
            io::copy(&mut chunk, to)?;
        } else if &kind == b"eXIf" && length <= MAX_EXIF {
            let mut exif = Vec::new();
            chunk.read_to_end(&mut exif)?;
            write_turned(&exif, to)?;
        } else {
            io::copy(&mut chunk, &mut io::sink())?;
        }
        shown |= &kind == b"IDAT";
        if &kind == b"IEND" {
            return Ok(());
        }
    }
}

fn write_turned(exif: &[u8], to: &mut impl Write) -> io::Result<()> {
    let Some(turned) = turned(exif) else { return Ok(()) };
    let chunk = [&b"eXIf"[..], &turned].concat();
    to.write_all(&u32::try_from(turned.len()).map_err(|_| broken())?.to_be_bytes())?;
    to.write_all(&chunk)?;
    to.write_all(&crc32(&chunk).to_be_bytes())
}

/// TIFF with one tag, the orientation of another one; `None` if that says that nothing is to be turned.
fn turned(exif: &[u8]) -> Option<[u8; 26]> {
    let orientation = Orientation::from_exif_chunk(exif).filter(|&it| it != Orientation::NoTransforms)?;
    let mut tiff = *b"II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\0\0\0\0\0\0\0\0";
    tiff[18] = orientation.to_exif();
    Some(tiff)
}

/// Of a few bytes: without a table.
fn crc32(bytes: &[u8]) -> u32 {
    let shift = |crc: u32| if crc & 1 == 1 { crc >> 1 ^ 0xedb8_8320 } else { crc >> 1 };
    !bytes.iter().fold(u32::MAX, |crc, &byte| (0..8).fold(crc ^ u32::from(byte), |crc, _| shift(crc)))
}

fn broken() -> io::Error {
    io::ErrorKind::InvalidData.into()
}

/// A picture that ends too early is broken; a disk that fails is not.
fn cut(error: io::Error) -> io::Error {
    if error.kind() == io::ErrorKind::UnexpectedEof { broken() } else { error }
}

#[cfg(test)]
#[path = "clean_tests.rs"]
mod tests;
