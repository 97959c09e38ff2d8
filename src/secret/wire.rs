//! The end-to-end schema as Rust types, generated at build time from `assets/secret_chat.tl`.
//!
//! The schema file is the one place where the wire form is written down; constructors of older layers carry an `L<layer>`
//! suffix. The types print nothing, because plaintext and file keys pass through them. What decides which of them mean
//! something to us is [`content`](super::content); nobody else should need this module.

use grammers_tl_types::Cursor;
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

pub use grammers_tl_types::{Deserializable, Identifiable, Serializable};

/// The names under which generated code expects the reader.
pub mod deserialize {
    pub use grammers_tl_types::deserialize::{Error, Result};
    pub(crate) type Buffer<'a, 'b> = &'a mut grammers_tl_types::Cursor<'b>;
}

/// One struct per constructor, without its id.
#[allow(clippy::all)]
pub mod types {
    include!(concat!(env!("OUT_DIR"), "/secret_types.rs"));
}

/// One enum per type; what is serialised with its constructor's id.
#[allow(clippy::all)]
pub mod enums {
    include!(concat!(env!("OUT_DIR"), "/secret_enums.rs"));
}

/// TL `bytes` and `string`: wiped when dropped; text may be bad UTF-8.
#[derive(Clone, Default, PartialEq, Eq, Zeroize, ZeroizeOnDrop)]
pub struct Bytes(pub Vec<u8>);

/// First byte of a length that takes three more bytes.
const LONG: u8 = 254;

/// How much is allocated ahead of what has been read, bytes.
const CHUNK: usize = 4096;

impl Serializable for Bytes {
    fn serialize(&self, buf: &mut impl Extend<u8>) {
        self.0.serialize(buf);
    }
}

/// A claimed length buys no memory: the buffer grows with what the input really holds.
impl Deserializable for Bytes {
    fn deserialize(buf: deserialize::Buffer) -> deserialize::Result<Self> {
        let (len, head) = match buf.read_byte()? {
            LONG => {
                let mut len = [0; 4];
                buf.read_exact(&mut len[..3])?;
                (u32::from_le_bytes(len) as usize, 4)
            }
            // The first byte of a 7-byte length, which nothing that fits into a message has.
            255 => return Err(deserialize::Error::UnexpectedEof),
            len => (len as usize, 1),
        };
        let mut bytes = Bytes::default();
        while bytes.0.len() < len {
            let mut chunk = Zeroizing::new([0; CHUNK]);
            let part = &mut chunk[..CHUNK.min(len - bytes.0.len())];
            buf.read_exact(part)?;
            bytes.0.extend_from_slice(part);
        }
        let padding = (head + len).next_multiple_of(4) - (head + len);
        buf.read_exact(&mut [0; 3][..padding])?;
        Ok(bytes)
    }
}

impl From<&[u8]> for Bytes {
    fn from(bytes: &[u8]) -> Self {
        Bytes(bytes.to_vec())
    }
}

/// Reads a value that has to take up the whole input.
pub fn read_whole<T: Deserializable>(input: &[u8]) -> deserialize::Result<T> {
    let mut cursor = Cursor::from_slice(input);
    let value = T::deserialize(&mut cursor)?;
    if cursor.pos() == input.len() { Ok(value) } else { Err(deserialize::Error::UnexpectedEof) }
}

/// Serialises into a buffer of the right size from the start: growing would leave unwiped copies behind.
pub fn write(value: &impl Serializable) -> Zeroizing<Vec<u8>> {
    let mut size = Size(0);
    value.serialize(&mut size);
    let mut bytes = Zeroizing::new(Vec::with_capacity(size.0));
    value.serialize(&mut *bytes);
    bytes
}

/// Counts the bytes it is given.
struct Size(usize);

impl Extend<u8> for Size {
    fn extend<I: IntoIterator<Item = u8>>(&mut self, bytes: I) {
        self.0 += bytes.into_iter().count();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn bytes(input: &[u8]) -> deserialize::Result<Vec<u8>> {
        read_whole::<Bytes>(input).map(|bytes| bytes.0.clone())
    }

    proptest! {
        #[test]
        fn bytes_come_back(content in proptest::collection::vec(any::<u8>(), 0..9000)) {
            let written = write(&Bytes(content.clone()));
            prop_assert_eq!(written.len() % 4, 0);
            prop_assert_eq!(written.capacity(), written.len());
            prop_assert_eq!(bytes(&written), Ok(content));
        }

        #[test]
        fn no_input_panics(input in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = read_whole::<enums::DecryptedMessageLayer>(&input);
            let _ = read_whole::<enums::DecryptedMessage>(&input);
        }
    }

    #[test]
    fn lengths_that_overrun_are_refused() {
        for input in [&[254, 255, 255, 255][..], &[255, 0, 0, 0], &[3, 0, 0], &[1, 7], &[254, 1]] {
            assert!(bytes(input).is_err(), "{input:?}");
        }
        assert_eq!(bytes(&[1, 7, 0, 0]), Ok(vec![7]));
        assert!(bytes(&[1, 7, 0, 0, 0, 0, 0, 0]).is_err(), "trailing bytes");
    }

    /// The text whose CRC-32 is a constructor's id: no explicit id, no `true` flags, `bytes` as `string`, no brackets.
    fn canonical(name: &str, fields: &str, ty: &str) -> String {
        let name = match name.rsplit_once('L') {
            Some((name, layer)) if !layer.is_empty() && layer.chars().all(|c| c.is_ascii_digit()) => name,
            _ => name,
        };
        let mut words = vec![name.to_owned()];
        for field in fields.split_whitespace().filter(|field| !field.ends_with("?true")) {
            let field = match field.strip_suffix("bytes") {
                Some(before) if before.ends_with([':', '?']) => format!("{before}string"),
                _ => field.to_owned(),
            };
            words.push(field.replace('<', " ").replace('>', ""));
        }
        words.join(" ") + " = " + ty
    }

    #[test]
    fn ids_are_the_checksums_of_their_definitions() {
        let mut others = Vec::new();
        let schema = include_str!("../../assets/secret_chat.tl");
        let definitions: Vec<&str> = schema.lines().filter(|line| line.ends_with(';')).collect();
        for definition in &definitions {
            let (constructor, ty) = definition.trim_end_matches(';').split_once(" = ").unwrap();
            let (constructor, fields) = constructor.split_once(' ').unwrap_or((constructor, ""));
            let (name, id) = constructor.split_once('#').unwrap();
            let mut crc = flate2::Crc::new();
            crc.update(canonical(name, fields, ty).as_bytes());
            if crc.sum() != u32::from_str_radix(id, 16).unwrap() {
                others.push(constructor);
            }
        }
        assert_eq!(definitions.len(), 85);
        assert_eq!(others, ["decryptedMessageMediaDocument#6abd9782"], "the one id that is not a checksum");
    }
}
