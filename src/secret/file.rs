//! Files of secret chats: how they are encrypted, cut into parts, judged before they are fetched, and named.
//!
//! A file has a key of its own, which travels inside its message; the server only ever holds ciphertext. There is no MAC over it, so
//! what arrives is as hostile as any byte from the network: sizes and fingerprint are checked, the name is made safe, nothing is
//! opened. Everything here works on pieces, because a file may be larger than the memory.

mod check;
mod cipher;
mod name;
mod rows;

pub use check::{FileFault, check, ciphertext_len};
pub use cipher::{BLOCK, Carried, Opener, Ragged, Sealer, fingerprint};
pub use name::{local_name, safe_name};
pub use rows::{Download, Progress, Source, TransferState, Upload};

/// The largest file: as many of the largest parts as a server takes.
pub const MAX_SIZE: u64 = 2000 << 20;

/// A ciphertext larger than this goes up as a "big" file, bytes.
const MAX_SMALL: u64 = 10 << 20;

/// Parts of one file, for accounts without a subscription.
const MAX_PARTS: u64 = 4000;

/// The smallest and the largest part that is used, bytes.
const FIRST_PART: u32 = 64 << 10;
const MAX_PART: u32 = 512 << 10;

/// How a ciphertext is cut for the way up: all parts are equal but the last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Parts {
    /// Bytes of a part.
    pub size: u32,
    pub count: i32,
    /// Whether `upload.saveBigFilePart` carries them.
    pub big: bool,
}

impl Parts {
    /// The parts of a ciphertext of this many bytes; `None` if it is empty or larger than any file.
    pub fn of(ciphertext: u64) -> Option<Parts> {
        if ciphertext == 0 || ciphertext > ciphertext_len(MAX_SIZE) {
            return None;
        }
        let mut size = FIRST_PART;
        while size < MAX_PART && ciphertext.div_ceil(size.into()) > MAX_PARTS {
            size *= 2;
        }
        let count = i32::try_from(ciphertext.div_ceil(size.into())).ok()?;
        Some(Parts { size, count, big: ciphertext > MAX_SMALL })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_grow_with_the_file() {
        let parts = |bytes| Parts::of(bytes).map(|parts| (parts.size >> 10, parts.count, parts.big));
        assert_eq!(parts(0), None);
        assert_eq!(parts(16), Some((64, 1, false)));
        assert_eq!(parts(65536), Some((64, 1, false)));
        assert_eq!(parts(65552), Some((64, 2, false)));
        assert_eq!(parts(10 << 20), Some((64, 160, false)));
        assert_eq!(parts((10 << 20) + 16), Some((64, 161, true)));
        assert_eq!(parts(250 << 20), Some((64, 4000, true)));
        assert_eq!(parts((250 << 20) + 16), Some((128, 2001, true)));
        assert_eq!(parts((500 << 20) + 16), Some((256, 2001, true)));
        assert_eq!(parts((1000 << 20) + 16), Some((512, 2001, true)));
        assert_eq!(parts(2000 << 20), Some((512, 4000, true)));
        assert_eq!(parts((2000 << 20) + 16), None);
        assert_eq!(parts(u64::MAX), None);
    }
}
