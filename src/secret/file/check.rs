//! Whether a received file is worth fetching: what its message and the server say of it has to fit together.
//!
//! The message is the peer's word, the place is the server's, and neither is believed alone. A file that does not pass is refused as
//! an attachment; the chat goes on.

use super::{BLOCK, MAX_SIZE, fingerprint};
use crate::secret::message::{Attachment, RemoteFile};

/// Telegram's data centres are numbered from 1; higher numbers than this have never been seen.
const MAX_DC: i32 = 1000;

/// Some apps fill the last part up instead of the last block: a ciphertext may be longer by this than it has to be.
const MAX_EXCESS: u64 = 512 << 10;

/// Why a file is not fetched.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FileFault {
    #[error("the server does not say where this file lies: ask for it to be sent again")]
    NoPlace,
    #[error(
        "the key in the message is not the key that this file was encrypted with: it was exchanged on the way, and is not fetched"
    )]
    Fingerprint,
    #[error("the server's copy has a size that no encrypted file has ({0} bytes): it is damaged")]
    Ragged(i64),
    #[error("the server's copy ({there} bytes) is not the announced file ({announced} bytes)")]
    Size { announced: u64, there: i64 },
    #[error("the file is empty")]
    Empty,
    #[error("the file is larger than 2000 MiB, which no app can send")]
    TooLarge,
    #[error("the server names a data centre that does not exist ({0})")]
    DataCentre(i32),
}

/// Bytes of the ciphertext of a file of this size: up to the next whole block.
pub fn ciphertext_len(size: u64) -> u64 {
    size.div_ceil(BLOCK as u64) * BLOCK as u64
}

/// Where to fetch the file and how many bytes of it to keep, if all that is known of it fits together. A message that states no
/// size means all there is.
///
/// # Errors
/// The first thing that does not fit.
pub fn check(file: &Attachment) -> Result<(&RemoteFile, u64), FileFault> {
    let place = file.place.as_ref().ok_or(FileFault::NoPlace)?;
    if place.key_fingerprint != fingerprint(&file.secret) {
        return Err(FileFault::Fingerprint);
    }
    let there = u64::try_from(place.size).map_err(|_| FileFault::Ragged(place.size))?;
    if there % BLOCK as u64 != 0 {
        return Err(FileFault::Ragged(place.size));
    }
    let size = if file.size == 0 { there } else { file.size };
    if size == 0 {
        return Err(FileFault::Empty);
    }
    if size > MAX_SIZE {
        return Err(FileFault::TooLarge);
    }
    let needed = ciphertext_len(size);
    if !(needed..=needed + MAX_EXCESS).contains(&there) {
        return Err(FileFault::Size { announced: size, there: place.size });
    }
    if !(1..=MAX_DC).contains(&place.dc_id) {
        return Err(FileFault::DataCentre(place.dc_id));
    }
    Ok((place, size))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::secret::message::{FileSecret, Kind, Text};

    fn file(size: u64, there: i64) -> Attachment {
        let secret = FileSecret::new([3; 32], [4; 32]);
        let key_fingerprint = fingerprint(&secret);
        Attachment {
            kind: Kind::Document,
            name: String::new(),
            mime: String::new(),
            size,
            caption: Text::default(),
            thumb: None,
            secret,
            place: Some(RemoteFile { id: 1, access_hash: 2, size: there, dc_id: 2, key_fingerprint }),
        }
    }

    fn judge(size: u64, there: i64) -> Result<u64, FileFault> {
        check(&file(size, there)).map(|(_, size)| size)
    }

    #[test]
    fn row_42_a_file_whose_sizes_do_not_fit_is_refused() {
        for (size, there) in [(1, 16), (15, 16), (16, 16), (17, 32), (17, 64 << 10), (1 << 20, 1 << 20)] {
            assert_eq!(judge(size, there), Ok(size), "{size} {there}");
        }
        for (size, there) in [(17, 16), (1 << 20, 1 << 19), (1, (1 << 20) + 16)] {
            assert_eq!(judge(size, there), Err(FileFault::Size { announced: size, there }));
        }
        for there in [17, 15, 1, -1, -16, i64::MIN] {
            assert_eq!(judge(1, there), Err(FileFault::Ragged(there)));
        }
        assert_eq!(judge(0, 48), Ok(48), "no size stated: all of it");
        assert_eq!(judge(0, 0), Err(FileFault::Empty));
        assert_eq!(judge(MAX_SIZE, MAX_SIZE as i64), Ok(MAX_SIZE));
        for size in [MAX_SIZE + 1, u64::MAX] {
            assert_eq!(judge(size, i64::MAX - 15), Err(FileFault::TooLarge));
        }
        assert_eq!(judge(0, i64::MAX - 15), Err(FileFault::TooLarge));
    }

    #[test]
    fn row_42_a_file_under_another_key_is_refused() {
        let mut exchanged = file(16, 16);
        exchanged.secret = FileSecret::new([3; 32], [5; 32]);
        assert_eq!(check(&exchanged), Err(FileFault::Fingerprint));
    }

    #[test]
    fn a_file_without_a_place_or_at_none_that_exists_is_refused() {
        let mut lost = file(16, 16);
        lost.place = None;
        assert_eq!(check(&lost), Err(FileFault::NoPlace));
        for dc_id in [0, -1, i32::MAX] {
            let mut far = file(16, 16);
            far.place.as_mut().unwrap().dc_id = dc_id;
            assert_eq!(check(&far), Err(FileFault::DataCentre(dc_id)));
        }
    }
}
