//! Containers and compression: how several messages, or a large one, travel as one body.
//!
//! Both multiply what a few bytes make us do, so both are bounded: the number of messages in a container, and what a compressed body
//! may swell to.

use std::io::{Read, Write};

use flate2::Compression;
use flate2::read::{GzDecoder, ZlibDecoder};
use flate2::write::GzEncoder;
use grammers_tl_types::Serializable;

use super::super::reader::Reader;

pub const MSG_CONTAINER: u32 = 0x73f1_f8dc;
pub const GZIP_PACKED: u32 = 0x3072_cfa1;
/// The protocol's own limit for one container.
const MAX_MESSAGES: usize = 1020;
/// Where a gzip stream begins; anything else is taken for zlib.
const GZIP_MAGIC: [u8; 2] = [0x1f, 0x8b];

/// One message of a container.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    pub msg_id: i64,
    pub seq_no: i32,
    pub body: Vec<u8>,
}

/// The messages of a container's body (constructor included); `None` if it does not fit together.
pub fn open_container(body: &[u8]) -> Option<Vec<Message>> {
    let mut reader = Reader::new(body);
    if reader.u32()? != MSG_CONTAINER {
        return None;
    }
    let count = usize::try_from(reader.i32()?).ok().filter(|count| (1..=MAX_MESSAGES).contains(count))?;
    let messages: Option<Vec<_>> = (0..count).map(|_| read_message(&mut reader)).collect();
    messages.filter(|_| reader.rest().is_empty())
}

fn read_message(reader: &mut Reader<'_>) -> Option<Message> {
    let (msg_id, seq_no, len) = (reader.i64()?, reader.i32()?, reader.i32()?);
    let len = usize::try_from(len).ok().filter(|len| *len >= 4 && len.is_multiple_of(4))?;
    Some(Message { msg_id, seq_no, body: reader.take(len)?.to_vec() })
}

/// The body of a container around these messages.
pub fn container(messages: &[Message]) -> Vec<u8> {
    let mut body = MSG_CONTAINER.to_bytes();
    (messages.len() as i32).serialize(&mut body);
    for message in messages {
        message.msg_id.serialize(&mut body);
        message.seq_no.serialize(&mut body);
        (message.body.len() as i32).serialize(&mut body);
        body.extend(&message.body);
    }
    body
}

/// Unpacks gzip or zlib, and takes the length off `budget`; `None` if it is damaged, or longer than that.
pub fn inflate(packed: &[u8], budget: &mut usize) -> Option<Vec<u8>> {
    let limit = *budget as u64 + 1;
    let mut plain = Vec::new();
    let read = if packed.starts_with(&GZIP_MAGIC) {
        GzDecoder::new(packed).take(limit).read_to_end(&mut plain)
    } else {
        ZlibDecoder::new(packed).take(limit).read_to_end(&mut plain)
    };
    let left = budget.checked_sub(plain.len());
    *budget = left.unwrap_or(0);
    (read.is_ok() && left.is_some()).then_some(plain)
}

/// `gzip_packed` around a body.
pub fn gzip_packed(body: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    // Writing to memory cannot fail; an incomplete stream would be refused by the reader anyway.
    let packed = encoder.write_all(body).and_then(|()| encoder.finish()).unwrap_or_default();
    let mut wire = GZIP_PACKED.to_bytes();
    packed.serialize(&mut wire);
    wire
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::write::ZlibEncoder;

    fn messages() -> Vec<Message> {
        (1..4).map(|i| Message { msg_id: i, seq_no: i as i32, body: vec![i as u8; 4 * i as usize] }).collect()
    }

    #[test]
    fn a_container_opens_to_what_was_packed() {
        let body = container(&messages());
        assert_eq!(body[..8], [0xdc, 0xf8, 0xf1, 0x73, 3, 0, 0, 0]);
        assert_eq!(open_container(&body), Some(messages()));
        for end in 0..body.len() {
            assert_eq!(open_container(&body[..end]), None, "{end}");
        }
        assert_eq!(open_container(&[&body[..], &[0; 4]].concat()), None);
    }

    #[test]
    fn refuses_impossible_counts_and_lengths() {
        for count in [-1, 0, MAX_MESSAGES as i32 + 1, i32::MAX] {
            let mut body = container(&messages());
            body[4..8].copy_from_slice(&count.to_le_bytes());
            assert_eq!(open_container(&body), None);
        }
        for len in [-4, 0, 3, 6, i32::MAX] {
            let mut body = container(&messages());
            body[20..24].copy_from_slice(&len.to_le_bytes());
            assert_eq!(open_container(&body), None);
        }
    }

    #[test]
    fn inflates_both_kinds_up_to_the_limit() {
        let plain = vec![5; 10_000];
        let wire = gzip_packed(&plain);
        let packed = Reader::new(&wire[4..]).bytes().unwrap();
        let mut budget = 15_000;
        assert_eq!(inflate(packed, &mut budget), Some(plain.clone()));
        assert_eq!(budget, 5_000);
        assert_eq!(inflate(packed, &mut budget), None);
        assert_eq!(budget, 0);
        assert_eq!(inflate(packed, &mut 9_999), None);
        assert_eq!(inflate(&packed[..packed.len() / 2], &mut 10_000), None);
        let mut zlib = ZlibEncoder::new(Vec::new(), Compression::best());
        zlib.write_all(&plain).unwrap();
        assert_eq!(inflate(&zlib.finish().unwrap(), &mut 10_000), Some(plain));
        assert_eq!(inflate(b"noise", &mut 10_000), None);
    }
}
