//! Files of secret chats once they are uploaded: named for clients, sent along with messages, fetched by those who may.
//!
//! The server sees ciphertext and a fingerprint of its key; a file is named by a random id and a random hash. Both ends of the chat in
//! which it was sent may fetch it, and whoever uploaded it; to everybody else it does not exist, whatever they name.

use grammers_tl_types::functions::messages::UploadEncryptedFile;
use grammers_tl_types::{enums, types};
use md5::{Digest, Md5};
use rand::RngExt;

use super::fault::{Fault, bad};
use super::messages::open_chat;
use super::turn::Turn;
use super::uploads::{self, MAX_PARTS};
use super::wire::GetFile;
use crate::server::store::{Authorization, FileRow, Piece, SentFile};

/// A file is kept for so long after it was sent last, seconds: several times what its message is kept for.
pub(super) const FILE_LIFETIME: i32 = 30 * 24 * 3600;

/// What `upload.saveFilePart` is for, bytes; anything longer comes by `upload.saveBigFilePart`.
const MAX_SMALL: i64 = 10 << 20;

/// An answer to `upload.getFile` is at most so long, bytes, and never reaches over a multiple of it.
const WINDOW: i64 = 1 << 20;
/// Offsets and limits are multiples of it,
const UNIT: i64 = 4096;
/// or of this if the client wants to be precise.
const PRECISE_UNIT: i64 = 1024;

pub(super) fn get_file(
    turn: &mut Turn<'_>,
    me: &Authorization,
    request: GetFile,
) -> Result<enums::upload::File, Fault> {
    let (offset, limit) = (request.offset, i64::from(request.limit));
    let file = match request.location {
        Some((id, access_hash)) => reachable(turn, me, id, access_hash)?,
        None => None,
    };
    let file = file.ok_or_else(|| bad("LOCATION_INVALID"))?;
    check_window(offset, limit, request.precise)?;
    Ok(types::upload::File {
        r#type: enums::storage::FileType::FileUnknown,
        mtime: turn.now,
        bytes: read(turn, &file, offset, limit)?,
    }
    .into())
}

fn check_window(offset: i64, limit: i64, precise: bool) -> Result<(), Fault> {
    let unit = if precise { PRECISE_UNIT } else { UNIT };
    if offset < 0 || offset % unit != 0 {
        return Err(bad("OFFSET_INVALID"));
    }
    let fits = (1..=WINDOW).contains(&limit)
        && limit % unit == 0
        && (precise || WINDOW % limit == 0)
        && offset.checked_add(limit - 1).is_some_and(|last| offset / WINDOW == last / WINDOW);
    if fits { Ok(()) } else { Err(bad("LIMIT_INVALID")) }
}

/// What the file has there: less than `limit` at its end, nothing behind it.
fn read(turn: &Turn<'_>, file: &FileRow, offset: i64, limit: i64) -> Result<Vec<u8>, Fault> {
    let size = file.sent.map_or(0, |sent| sent.size);
    let end = offset.saturating_add(limit).min(size);
    let Some(part_size) = file.part_size.filter(|_| offset < end) else { return Ok(Vec::new()) };
    let pieces = turn.store.pieces(file.id, offset / part_size, (end - 1) / part_size)?;
    let ranges = pieces.iter().map(|piece| {
        let begins = i64::from(piece.part) * part_size;
        let (from, to) = (offset.max(begins) - begins, end.min(begins + piece.length) - begins);
        (piece.start + from).unsigned_abs()..(piece.start + to).unsigned_abs()
    });
    Ok(turn.depot.read(file.id, ranges)?)
}

/// The file of that name, if it may be fetched by the caller.
fn reachable(
    turn: &Turn<'_>,
    me: &Authorization,
    id: i64,
    access_hash: i64,
) -> Result<Option<FileRow>, Fault> {
    let Some(file) = turn.store.sent_file(id, access_hash)? else { return Ok(None) };
    let may = file.owner == me.user_id || turn.store.is_reader(file.id, me.user_id)?;
    Ok(Some(file).filter(|_| may))
}

/// Gives an uploaded file its name, for a chat in which it is to be sent.
pub(super) fn upload_encrypted_file(
    turn: &mut Turn<'_>,
    me: &Authorization,
    request: UploadEncryptedFile,
) -> Result<enums::EncryptedFile, Fault> {
    open_chat(turn, me, request.peer)?;
    let file = named(turn, me, request.file)?;
    Ok(view(turn.files_dc(), file.sent))
}

/// The file that a client means, with its name for clients; it is in use from now on.
pub(super) fn named(
    turn: &mut Turn<'_>,
    me: &Authorization,
    file: enums::InputEncryptedFile,
) -> Result<FileRow, Fault> {
    match file {
        enums::InputEncryptedFile::Empty => Err(bad("FILE_EMTPY")),
        enums::InputEncryptedFile::File(file) => {
            let file = reachable(turn, me, file.id, file.access_hash)?;
            let file = file.ok_or_else(|| bad("FILE_ID_INVALID"))?;
            turn.store.touch_file(file.id, turn.now)?;
            Ok(file)
        }
        enums::InputEncryptedFile::Uploaded(file) => {
            let claim = Claim { parts: file.parts, md5: Some(file.md5_checksum), big: false };
            finish(turn, me, file.id, &claim, file.key_fingerprint)
        }
        enums::InputEncryptedFile::BigUploaded(file) => {
            let claim = Claim { parts: file.parts, md5: None, big: true };
            finish(turn, me, file.id, &claim, file.key_fingerprint)
        }
    }
}

/// What the client says of a file it has uploaded.
struct Claim {
    parts: i32,
    /// In hexadecimal digits; empty if the client does not say.
    md5: Option<String>,
    big: bool,
}

/// Sending the same upload again, after a lost answer, names the same file.
fn finish(
    turn: &mut Turn<'_>,
    me: &Authorization,
    upload_id: i64,
    claim: &Claim,
    key_fingerprint: i32,
) -> Result<FileRow, Fault> {
    if !(1..=MAX_PARTS).contains(&claim.parts) {
        return Err(bad("FILE_PARTS_INVALID"));
    }
    let mut file = turn.store.uploaded(me.user_id, upload_id)?.ok_or_else(|| missing(0))?;
    let pieces = turn.store.pieces(file.id, 0, MAX_PARTS.into())?;
    let (part_size, size) = check_whole(&file, &pieces, claim)?;
    check_md5(turn, &file, &pieces, claim.md5.as_deref().unwrap_or_default())?;
    if let Some(sent) = &file.sent {
        if sent.key_fingerprint != key_fingerprint {
            return Err(bad("FILE_ID_INVALID"));
        }
        turn.store.touch_file(file.id, turn.now)?;
        return Ok(file);
    }
    let sent = SentFile { id: turn.rng.random(), access_hash: turn.fresh_hash(), size, key_fingerprint };
    turn.store.finish_file(file.id, &sent, part_size, turn.now)?;
    file.part_size = Some(part_size);
    file.sent = Some(sent);
    Ok(file)
}

/// All parts are here and fit together: the size of a part and of the whole.
fn check_whole(file: &FileRow, pieces: &[Piece], claim: &Claim) -> Result<(i64, i64), Fault> {
    if file.total_parts.is_some() != claim.big || file.total_parts.is_some_and(|total| total != claim.parts) {
        return Err(bad("FILE_PARTS_INVALID"));
    }
    if let Some((absent, _)) = (0..claim.parts)
        .zip(pieces.iter().map(Some).chain(std::iter::repeat(None)))
        .find(|(part, piece)| piece.is_none_or(|piece| piece.part != *part))
    {
        return Err(missing(absent));
    }
    if pieces.len() as i64 != i64::from(claim.parts) {
        return Err(bad("FILE_PARTS_INVALID"));
    }
    let Some((last, others)) = pieces.split_last() else { return Err(missing(0)) };
    let part_size = others.first().map_or(last.length, |first| first.length);
    let equal = others.iter().all(|piece| piece.length == part_size);
    if !equal || last.length > part_size || !(others.is_empty() || uploads::is_part_size(part_size)) {
        return Err(bad("FILE_PART_SIZE_INVALID"));
    }
    let size = part_size * others.len() as i64 + last.length;
    if !claim.big && size > MAX_SMALL { Err(bad("FILE_PARTS_INVALID")) } else { Ok((part_size, size)) }
}

fn missing(part: i32) -> Fault {
    bad(&format!("FILE_PART_{part}_MISSING"))
}

fn check_md5(turn: &Turn<'_>, file: &FileRow, pieces: &[Piece], claimed: &str) -> Result<(), Fault> {
    if claimed.is_empty() {
        return Ok(());
    }
    let mut hash = Md5::new();
    for piece in pieces {
        hash.update(turn.depot.read(file.id, [uploads::range(piece)])?);
    }
    let digits: String = hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
    if digits.eq_ignore_ascii_case(claimed) { Ok(()) } else { Err(bad("MD5_CHECKSUM_INVALID")) }
}

/// A file as clients are told of it; `dc_id` is that of this server.
pub(super) fn view(dc_id: i32, sent: Option<SentFile>) -> enums::EncryptedFile {
    match sent {
        Some(SentFile { id, access_hash, size, key_fingerprint }) => {
            types::EncryptedFile { id, access_hash, size, dc_id, key_fingerprint }.into()
        }
        None => enums::EncryptedFile::Empty,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judge(offset: i64, limit: i64, precise: bool) -> Option<String> {
        match check_window(offset, limit, precise) {
            Err(Fault::Refused(error)) => Some(error.name),
            _ => None,
        }
    }

    #[test]
    fn a_window_stays_within_its_megabyte() {
        let (offset, limit) = (Some("OFFSET_INVALID".to_owned()), Some("LIMIT_INVALID".to_owned()));
        for (at, len, precise, error) in [
            (0, 4096, false, &None),
            (0, 1 << 20, false, &None),
            (1 << 20, 1 << 20, false, &None),
            (3 << 19, 1 << 19, false, &None),
            (4096, 12288, true, &None),
            (1024, 1024, true, &None),
            (1 << 40, 4096, false, &None),
            (-4096, 4096, false, &offset),
            (1024, 4096, false, &offset),
            (512, 1024, true, &offset),
            (0, 0, false, &limit),
            (0, -4096, false, &limit),
            (0, 1024, false, &limit),
            (0, 12288, false, &limit),
            (0, 2 << 20, false, &limit),
            (4096, 1 << 20, false, &limit),
            (1 << 19, 1 << 20, true, &limit),
            (0, 1000, true, &limit),
            (i64::MAX / 4096 * 4096, 1 << 20, false, &limit),
        ] {
            assert_eq!(&judge(at, len, precise), error, "{at} {len} {precise}");
        }
    }
}
