//! `upload.saveFilePart` and `upload.saveBigFilePart`: files on their way in, part by part.
//!
//! Parts come in any order, over any of the user's connections, and across restarts of either side; each is on the disk before it is
//! answered, so a client goes on where it was. They are laid down as they come: which part lies where is a row. That all parts but the
//! last have one size is held as far as the parts that are here tell; the whole is judged when the file is sent.

use std::ops::Range;

use grammers_tl_types::functions::upload::{SaveBigFilePart, SaveFilePart};

use super::fault::{Fault, bad, flood_wait};
use super::turn::Turn;
use crate::server::store::{Authorization, FileRow, Piece};

/// Bytes of a part; every size divides it.
pub(super) const MAX_PART: i64 = 512 * 1024;

/// Sizes of parts are multiples of it.
const PART_UNIT: i64 = 1024;

/// Parts of a file; with the greatest parts that is 2000 MiB.
pub(super) const MAX_PARTS: i32 = 4000;

/// Days would fill the disk with what nobody finishes, less than a night would lose what a sleeping laptop has begun. Seconds.
pub(super) const UPLOAD_LIFETIME: i32 = 24 * 3600;

/// What a user may have on its way: four files of the greatest length...
const MAX_BYTES_OF_USER: i64 = 8 << 30;
/// ...or more that are shorter; each takes a file on the disk, however short it is.
const MAX_FILES_OF_USER: i64 = 256;
/// What all users together may have on its way, bytes.
const MAX_BYTES: i64 = 32 << 30;
/// How long, in seconds, to wait for others to finish.
const FULL_WAIT: i32 = 600;

/// What a user may have here with all that was sent, bytes: twice what may be on its way, so that a month has room for more than one day.
const MAX_STOCK_OF_USER: i64 = 16 << 30;
/// More files than anybody sends within a month; each takes rows and a file on the disk, however short it is.
const MAX_STOCKED_FILES_OF_USER: i64 = 16 * 1024;
/// What all users together may have here, bytes: a part of an ordinary disk, and four users who fill theirs.
const MAX_STOCK: i64 = 64 << 30;
const MAX_STOCKED_FILES: i64 = 64 * 1024;
/// How long, in seconds, to wait for room: it comes back only as what was sent grows old.
const STOCKED_WAIT: i32 = 3600;

pub(super) fn save_file_part(
    turn: &mut Turn<'_>,
    me: &Authorization,
    request: SaveFilePart,
) -> Result<bool, Fault> {
    save(turn, me, request.file_id, request.file_part, None, &request.bytes)
}

pub(super) fn save_big_file_part(
    turn: &mut Turn<'_>,
    me: &Authorization,
    request: SaveBigFilePart,
) -> Result<bool, Fault> {
    if !(1..=MAX_PARTS).contains(&request.file_total_parts) {
        return Err(bad("FILE_PARTS_INVALID"));
    }
    save(turn, me, request.file_id, request.file_part, Some(request.file_total_parts), &request.bytes)
}

fn save(
    turn: &mut Turn<'_>,
    me: &Authorization,
    upload_id: i64,
    part: i32,
    total_parts: Option<i32>,
    bytes: &[u8],
) -> Result<bool, Fault> {
    let length = bytes.len() as i64;
    if !(0..total_parts.unwrap_or(MAX_PARTS)).contains(&part) {
        return Err(bad("FILE_PART_INVALID"));
    }
    if length > MAX_PART {
        return Err(bad("FILE_PART_TOO_BIG"));
    }
    if length == 0 {
        return Err(bad("FILE_PART_EMPTY"));
    }
    let Some(file) = begun(turn, me, upload_id, total_parts, part, bytes)? else { return Ok(true) };
    let part_size = judge(turn, &file, part, length)?;
    let known = turn.store.piece(file.id, part)?;
    let start = known.map_or(file.stored, |piece| piece.start);
    if known.is_none() {
        check_room(turn, me, length)?;
        turn.store.add_piece(&file, Piece { part, start, length }, part_size, turn.now)?;
    }
    turn.depot.write(file.id, start.unsigned_abs(), bytes)?;
    Ok(true)
}

/// The file this part belongs to; `None` if it was sent already, with this very part. Another part under the name of a file that was
/// sent begins another file: what is fetched never changes.
fn begun(
    turn: &mut Turn<'_>,
    me: &Authorization,
    upload_id: i64,
    total_parts: Option<i32>,
    part: i32,
    bytes: &[u8],
) -> Result<Option<FileRow>, Fault> {
    match turn.store.uploaded(me.user_id, upload_id)? {
        Some(file) if file.sent.is_some() => {
            if let Some(piece) = turn.store.piece(file.id, part)?
                && piece.length == bytes.len() as i64
                && turn.depot.read(file.id, [range(&piece)])? == bytes
            {
                return Ok(None);
            }
            turn.store.forget_upload(file.id)?;
        }
        Some(file) if file.total_parts != total_parts => return Err(bad("FILE_PARTS_INVALID")),
        Some(file) => return Ok(Some(file)),
        None => {}
    }
    check_number(turn, me)?;
    Ok(Some(turn.store.add_file(me.user_id, upload_id, total_parts, turn.now)?))
}

/// Holds a part against those that are here; the size of all parts but the last, if it is known now.
fn judge(turn: &Turn<'_>, file: &FileRow, part: i32, length: i64) -> Result<Option<i64>, Fault> {
    let mut part_size = file.part_size;
    if file.total_parts.is_some_and(|total| part + 1 < total) {
        part_size = Some(full(part_size, length)?);
    }
    let Some(last) = turn.store.last_piece(file.id)? else { return Ok(part_size) };
    if let Some(known) = turn.store.piece(file.id, part)?
        && known.length != length
    {
        return Err(bad("FILE_PART_SIZE_CHANGED"));
    }
    if part == last.part {
        return Ok(part_size);
    }
    let (lower, higher) = if part < last.part { (length, last.length) } else { (last.length, length) };
    let size = full(part_size, lower)?;
    if higher > size { Err(bad("FILE_PART_SIZE_CHANGED")) } else { Ok(Some(size)) }
}

/// The size of a part that is not the last.
fn full(known: Option<i64>, length: i64) -> Result<i64, Fault> {
    match known {
        Some(known) if known != length => Err(bad("FILE_PART_SIZE_CHANGED")),
        _ if !is_part_size(length) => Err(bad("FILE_PART_SIZE_INVALID")),
        _ => Ok(length),
    }
}

pub(super) fn is_part_size(length: i64) -> bool {
    length > 0 && length % PART_UNIT == 0 && MAX_PART % length == 0
}

/// Whether one more file may begin.
fn check_number(turn: &Turn<'_>, me: &Authorization) -> Result<(), Fault> {
    let [own, all] = [Some(me.user_id), None].map(|owner| turn.store.stock(owner));
    if own?.files >= MAX_STOCKED_FILES_OF_USER || all?.files >= MAX_STOCKED_FILES {
        return Err(flood_wait(STOCKED_WAIT));
    }
    let unfinished = turn.store.unfinished(Some(me.user_id))?.files;
    if unfinished < MAX_FILES_OF_USER { Ok(()) } else { Err(flood_wait(FULL_WAIT)) }
}

/// Whether so many more bytes may come. Sending adds none, so what is held to the bounds here is held to them for good.
fn check_room(turn: &Turn<'_>, me: &Authorization, length: i64) -> Result<(), Fault> {
    let full = |present: i64, limit| present.saturating_add(length) > limit;
    let [own, all] = [Some(me.user_id), None].map(|owner| turn.store.stock(owner));
    if full(own?.bytes, MAX_STOCK_OF_USER) || full(all?.bytes, MAX_STOCK) {
        return Err(flood_wait(STOCKED_WAIT));
    }
    let [own, all] = [Some(me.user_id), None].map(|owner| turn.store.unfinished(owner));
    let full = full(own?.bytes, MAX_BYTES_OF_USER) || full(all?.bytes, MAX_BYTES);
    if full { Err(flood_wait(FULL_WAIT)) } else { Ok(()) }
}

/// Where a part lies in the depot's file.
pub(super) fn range(piece: &Piece) -> Range<u64> {
    piece.start.unsigned_abs()..(piece.start + piece.length).unsigned_abs()
}
