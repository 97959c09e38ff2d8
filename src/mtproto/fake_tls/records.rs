//! The stream behind the hellos: cut into records, and put together again.
//!
//! Both are automata over any split of the stream and hold nothing but where they stand in a record; a record's content is passed on
//! as it comes.

use super::{ALERT, APPLICATION_DATA, CHANGE_CIPHER_SPEC, RECORD_HEADER, TlsFault, VERSION};

/// As much as the official clients put into one record, bytes.
const MAX_CONTENT: usize = 2878;

/// Wraps what is sent.
#[derive(Debug, Default)]
pub struct RecordWriter {
    begun: bool,
}

impl RecordWriter {
    /// As records; before the first stands what ends a client's handshake.
    pub fn wrap(&mut self, stream: &[u8]) -> Vec<u8> {
        let mut out = Vec::with_capacity(stream.len() + RECORD_HEADER * (2 + stream.len() / MAX_CONTENT) + 1);
        if !std::mem::replace(&mut self.begun, true) {
            out.extend([CHANGE_CIPHER_SPEC, VERSION[0], VERSION[1], 0, 1, 1]);
        }
        for content in stream.chunks(MAX_CONTENT) {
            out.extend([APPLICATION_DATA, VERSION[0], VERSION[1]]);
            out.extend((content.len() as u16).to_be_bytes());
            out.extend(content);
        }
        out
    }
}

/// Unwraps what arrives.
#[derive(Debug, Default)]
pub struct RecordReader {
    header: Vec<u8>,
    /// What is to come of the record at hand, and whether it is content.
    left: usize,
    content: bool,
}

impl RecordReader {
    /// Adds what the bytes carry to `stream`.
    ///
    /// # Errors
    /// What came is no record, or one that ends the connection.
    pub fn unwrap_into(&mut self, mut bytes: &[u8], stream: &mut Vec<u8>) -> Result<(), TlsFault> {
        while !bytes.is_empty() {
            if self.left > 0 {
                let (piece, rest) = bytes.split_at(self.left.min(bytes.len()));
                self.left -= piece.len();
                bytes = rest;
                if self.content {
                    stream.extend_from_slice(piece);
                }
                continue;
            }
            let (piece, rest) = bytes.split_at((RECORD_HEADER - self.header.len()).min(bytes.len()));
            self.header.extend_from_slice(piece);
            bytes = rest;
            if let Some(header) = self.header.first_chunk::<RECORD_HEADER>() {
                (self.content, self.left) = read_header(header)?;
                self.header.clear();
            }
        }
        Ok(())
    }
}

/// Whether a record is content, and its length.
fn read_header(&[kind, major, minor, high, low]: &[u8; RECORD_HEADER]) -> Result<(bool, usize), TlsFault> {
    let content = match kind {
        APPLICATION_DATA => true,
        CHANGE_CIPHER_SPEC => false,
        ALERT => return Err(TlsFault::Alert),
        _ => return Err(TlsFault::NotTls),
    };
    if [major, minor] != VERSION {
        return Err(TlsFault::NotTls);
    }
    Ok((content, usize::from(u16::from_be_bytes([high, low]))))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn content_is_laid_out_as_records() {
        let mut writer = RecordWriter::default();
        assert_eq!(writer.wrap(b"abc"), b"\x14\x03\x03\x00\x01\x01\x17\x03\x03\x00\x03abc");
        let two = writer.wrap(&[7; MAX_CONTENT + 1]);
        assert_eq!((&two[..5], two.len()), (&[0x17, 3, 3, 11, 62][..], MAX_CONTENT + 1 + 10));
        assert_eq!(two[two.len() - 6..], [0x17, 3, 3, 0, 1, 7]);
    }

    #[test]
    fn what_is_no_record_ends_it() {
        for (bytes, fault) in [
            (&b"HTTP/1.1 400"[..], TlsFault::NotTls),
            (&[0x17, 3, 1, 0, 1, 1], TlsFault::NotTls),
            (&[0x16, 3, 3, 0, 1, 1], TlsFault::NotTls),
            (&[0x15, 3, 3, 0, 2, 2, 40], TlsFault::Alert),
        ] {
            assert_eq!(RecordReader::default().unwrap_into(bytes, &mut Vec::new()), Err(fault));
        }
    }

    proptest! {
        #[test]
        fn a_stream_survives_any_split(
            writes in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..6000), 1..5),
            cuts in prop::collection::vec(1..3000_usize, 1..50),
        ) {
            let mut writer = RecordWriter::default();
            let wire: Vec<u8> = writes.iter().flat_map(|write| writer.wrap(write)).collect();
            let (mut reader, mut stream, mut rest) = (RecordReader::default(), Vec::new(), wire.as_slice());
            for len in cuts.into_iter().cycle() {
                let (piece, tail) = rest.split_at(len.min(rest.len()));
                reader.unwrap_into(piece, &mut stream).unwrap();
                rest = tail;
                if rest.is_empty() {
                    break;
                }
            }
            prop_assert_eq!(stream, writes.concat());
        }
    }
}
