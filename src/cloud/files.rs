//! Pieces of encrypted files on their way to the server and back.
//!
//! The server is shown ciphertext and numbers, never a name. Each call carries one piece and may be repeated as often as need be: a
//! part that comes twice replaces itself, and fetching changes nothing.

use std::time::Duration;

use grammers_tl_types::{enums, functions, types};

use super::link::Link;
use crate::secret::file::Parts;
use crate::secret::message::RemoteFile;
use crate::secret::step::CallError;

/// How much is fetched at a time, bytes: it divides a megabyte, as the server wants, and is a second's worth of a slow line, so that
/// messages on the same connection do not wait long behind it.
pub const PIECE: u32 = 128 << 10;

/// What one piece may take on the slowest line on which files make sense.
const PIECE_LIMIT: Duration = Duration::from_secs(120);

/// Brings one part of a file to the server.
///
/// # Errors
/// [`CallError::Lost`] if it has to be repeated; what the server says otherwise.
pub async fn save(
    link: &Link,
    file_id: i64,
    part: i32,
    parts: Parts,
    bytes: Vec<u8>,
) -> Result<(), CallError> {
    let saved = if parts.big {
        let call = functions::upload::SaveBigFilePart {
            file_id,
            file_part: part,
            file_total_parts: parts.count,
            bytes,
        };
        link.invoke(&call, PIECE_LIMIT).await?
    } else {
        let call = functions::upload::SaveFilePart { file_id, file_part: part, bytes };
        link.invoke(&call, PIECE_LIMIT).await?
    };
    if saved { Ok(()) } else { Err(CallError::Lost) }
}

/// Fetches at most [`PIECE`] bytes of a file, from an offset that is a multiple of it.
///
/// # Errors
/// [`CallError::Lost`] if it has to be repeated; what the server says otherwise.
pub async fn fetch(link: &Link, place: &RemoteFile, offset: u64) -> Result<Vec<u8>, CallError> {
    let location = types::InputEncryptedFileLocation { id: place.id, access_hash: place.access_hash };
    let call = functions::upload::GetFile {
        precise: false,
        cdn_supported: false,
        location: location.into(),
        offset: i64::try_from(offset).unwrap_or(i64::MAX),
        limit: PIECE.cast_signed(),
    };
    match link.invoke(&call, PIECE_LIMIT).await? {
        enums::upload::File::File(file) => Ok(file.bytes),
        // Was not allowed to say so.
        enums::upload::File::CdnRedirect(_) => {
            Err(CallError::Rpc { code: 500, name: "FILE_CDN_REDIRECT".into(), value: None })
        }
    }
}
