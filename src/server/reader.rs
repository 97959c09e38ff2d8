//! Reads TL primitives from untrusted bytes without copying.
//!
//! The generated deserializers allocate and recurse as their input tells them to. What the transport itself reads before it trusts
//! a request (envelopes, lists of ids, the head of `initConnection`) is read here: every step is bounded by the bytes that are there.

/// A position in a slice. Every reading method yields `None`, for good, once the bytes do not suffice.
pub struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    pub fn new(bytes: &'a [u8]) -> Reader<'a> {
        Reader { rest: bytes }
    }

    /// What has not been read.
    pub fn rest(&self) -> &'a [u8] {
        self.rest
    }

    pub fn take(&mut self, len: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.rest.split_at_checked(len)?;
        self.rest = rest;
        Some(taken)
    }

    fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (taken, rest) = self.rest.split_first_chunk::<N>()?;
        self.rest = rest;
        Some(*taken)
    }

    pub fn u32(&mut self) -> Option<u32> {
        self.array().map(u32::from_le_bytes)
    }

    pub fn i32(&mut self) -> Option<i32> {
        self.array().map(i32::from_le_bytes)
    }

    pub fn i64(&mut self) -> Option<i64> {
        self.array().map(i64::from_le_bytes)
    }

    /// A TL `bytes` or `string`, without its length and padding.
    pub fn bytes(&mut self) -> Option<&'a [u8]> {
        let [first] = self.array()?;
        let (len, header) = match first {
            255 => return None,
            254 => {
                let [a, b, c] = self.array()?;
                (u32::from_le_bytes([a, b, c, 0]) as usize, 4)
            }
            short => (usize::from(short), 1),
        };
        let content = self.take(len)?;
        let padding = (header + len).next_multiple_of(4) - (header + len);
        self.take(padding)?;
        Some(content)
    }

    /// A boxed `Vector<long>` of at most `max` elements.
    pub fn longs(&mut self, max: usize) -> Option<Vec<i64>> {
        let count = self.vector(max)?;
        (0..count).map(|_| self.i64()).collect()
    }

    /// The head of a boxed vector of at most `max` elements: their count.
    pub fn vector(&mut self, max: usize) -> Option<usize> {
        const VECTOR: u32 = 0x1cb5_c415;
        if self.u32()? != VECTOR {
            return None;
        }
        usize::try_from(self.i32()?).ok().filter(|&count| count <= max)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use grammers_tl_types::Serializable;

    #[test]
    fn reads_what_the_library_writes() {
        for len in [0, 1, 3, 4, 253, 254, 255, 70_000] {
            let content = vec![7u8; len];
            let mut wire = content.to_bytes();
            42i32.serialize(&mut wire);
            let mut reader = Reader::new(&wire);
            assert_eq!(reader.bytes(), Some(content.as_slice()), "{len}");
            assert_eq!(reader.i32(), Some(42));
            assert!(reader.rest().is_empty());
        }
        let longs = vec![1i64, -2, 3].to_bytes();
        assert_eq!(Reader::new(&longs).longs(3), Some(vec![1, -2, 3]));
        assert_eq!(Reader::new(&longs).longs(2), None);
    }

    #[test]
    fn stops_at_the_end() {
        assert_eq!(Reader::new(&[1, 2, 3]).u32(), None);
        assert_eq!(Reader::new(&[5, 1, 2]).bytes(), None);
        assert_eq!(Reader::new(&[254, 255, 255, 255, 0]).bytes(), None);
        assert_eq!(Reader::new(&[255, 0, 0, 0]).bytes(), None);
        let mut short = vec![1i64, 2].to_bytes();
        short.truncate(20);
        assert_eq!(Reader::new(&short).longs(100), None);
    }
}
