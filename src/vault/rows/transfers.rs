//! Files on their way: how far each has come, and where it comes from or goes to.
//!
//! Half of a cipher's state is plaintext and the paths say what somebody has, so the rows are as secret as messages. They outlive their
//! message only until what lies on the disk beside them has been removed; whoever owns the files asks for that.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use rusqlite::{Connection, Row, params};

use super::{all, blob, messages, one, run, unreadable, word};
use crate::secret::file::{Carried, Download, Progress, Source, TransferState, Upload};
use crate::secret::message::{Body, RemoteFile};
use crate::secret::record::ChatId;

/// Has the paths of files in the profile lead to where it lies now: it may have got another name since it was open last, and a file
/// that no path leads to is swept away.
pub(in crate::vault) fn follow(connection: &Connection, folder: &Path) -> rusqlite::Result<()> {
    let read = |row: &Row<'_>| path(row, "folder");
    let former = one(connection, "SELECT folder FROM home", [], read)?;
    if former.as_deref() == Some(folder) {
        return Ok(());
    }
    if let Some(former) = former {
        // What is behind the former folder begins with a slash; other folders may have names that begin as its name does.
        for (table, column) in [("downloads", "path"), ("uploads", "source")] {
            let sql = format!(
                "UPDATE {table} SET {column} = CAST(?2 || substr({column}, length(?1) + 1) AS BLOB)
                 WHERE substr({column}, 1, length(?1) + 1) = CAST(?1 || '/' AS BLOB)"
            );
            run(connection, &sql, params![bytes(&former), bytes(folder)])?;
        }
    }
    run(connection, "INSERT OR REPLACE INTO home (id, folder) VALUES (1, ?1)", [bytes(folder)])?;
    Ok(())
}

/// Inserts the upload, or replaces it in its place.
pub(in crate::vault) fn put_upload(connection: &Connection, upload: &Upload) -> rusqlite::Result<()> {
    let (state, reason) = words(&upload.state);
    run(
        connection,
        "INSERT INTO uploads (chat, random_id, source, size, modified_ns, file_id, done, carried, state, reason)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)
         ON CONFLICT (chat, random_id) DO UPDATE SET source = excluded.source, size = excluded.size,
             modified_ns = excluded.modified_ns, file_id = excluded.file_id, done = excluded.done,
             carried = excluded.carried, state = excluded.state, reason = excluded.reason",
        params![
            upload.chat.0,
            upload.random_id,
            bytes(&upload.source.path),
            signed(upload.source.size)?,
            upload.source.modified_ns,
            upload.file_id,
            signed(upload.progress.done)?,
            upload.progress.carried.as_ref().map(|carried| &carried.expose()[..]),
            state,
            reason,
        ],
    )?;
    Ok(())
}

/// All parts of the file are with the server.
pub(in crate::vault) fn uploaded(
    connection: &Connection,
    chat: ChatId,
    random_id: i64,
) -> rusqlite::Result<()> {
    let sql =
        "UPDATE uploads SET state = 'done', reason = NULL, carried = NULL WHERE chat = ?1 AND random_id = ?2";
    run(connection, sql, params![chat.0, random_id])?;
    Ok(())
}

/// From the beginning, under another number.
pub(in crate::vault) fn upload_again(
    connection: &Connection,
    chat: ChatId,
    random_id: i64,
    file_id: i64,
) -> rusqlite::Result<()> {
    let sql = "UPDATE uploads SET state = 'running', reason = NULL, done = 0, carried = NULL, file_id = ?3
        WHERE chat = ?1 AND random_id = ?2";
    run(connection, sql, params![chat.0, random_id, file_id])?;
    Ok(())
}

/// Writes into a message where its file lies.
pub(in crate::vault) fn place(
    connection: &Connection,
    chat: ChatId,
    random_id: i64,
    place: &RemoteFile,
) -> rusqlite::Result<()> {
    let Some(mut message) = messages::find(connection, chat, random_id)? else { return Ok(()) };
    if let Body::File(file) = &mut message.body {
        file.place = Some(place.clone());
    }
    messages::put(connection, &message)
}

/// The chat is closed: nothing of it goes up any more.
pub(in crate::vault) fn drop_uploads(connection: &Connection, chat: ChatId) -> rusqlite::Result<()> {
    run(connection, "DELETE FROM uploads WHERE chat = ?1", [chat.0])?;
    Ok(())
}

/// Inserts or replaces the download.
pub(in crate::vault) fn put_download(connection: &Connection, download: &Download) -> rusqlite::Result<()> {
    let (state, reason) = words(&download.state);
    run(
        connection,
        "INSERT OR REPLACE INTO downloads (chat, random_id, path, done, carried, state, reason)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        params![
            download.chat.0,
            download.random_id,
            bytes(&download.path),
            signed(download.progress.done)?,
            download.progress.carried.as_ref().map(|carried| &carried.expose()[..]),
            state,
            reason,
        ],
    )?;
    Ok(())
}

pub(in crate::vault) fn forget(
    connection: &Connection,
    chat: ChatId,
    random_id: i64,
) -> rusqlite::Result<()> {
    let message = params![chat.0, random_id];
    run(connection, "DELETE FROM uploads WHERE chat = ?1 AND random_id = ?2", message)?;
    forget_download(connection, chat, random_id)
}

pub(in crate::vault) fn forget_download(
    connection: &Connection,
    chat: ChatId,
    random_id: i64,
) -> rusqlite::Result<()> {
    let sql = "DELETE FROM downloads WHERE chat = ?1 AND random_id = ?2";
    run(connection, sql, params![chat.0, random_id])?;
    Ok(())
}

/// Messages that are gone and still have a row here.
pub(in crate::vault) fn strays(connection: &Connection) -> rusqlite::Result<Vec<(ChatId, i64)>> {
    let sql = "SELECT chat, random_id FROM uploads UNION SELECT chat, random_id FROM downloads
        EXCEPT SELECT chat, random_id FROM messages";
    all(connection, sql, [], |row| Ok((ChatId(row.get(0)?), row.get(1)?)))
}

pub(in crate::vault) fn downloaded_paths(connection: &Connection) -> rusqlite::Result<Vec<PathBuf>> {
    all(connection, "SELECT path FROM downloads", [], |row| path(row, "path"))
}

/// What is still read, or may have to be read again: until its message is with the server the server may lose what it has.
pub(in crate::vault) fn unsent_sources(connection: &Connection) -> rusqlite::Result<Vec<PathBuf>> {
    let sql = "SELECT source FROM uploads JOIN messages USING (chat, random_id) WHERE delivery = 'queued'";
    all(connection, sql, [], |row| path(row, "source"))
}

/// Those that are not done, in the order in which they were given.
pub(in crate::vault) fn uploads(connection: &Connection) -> rusqlite::Result<Vec<Upload>> {
    all(connection, "SELECT * FROM uploads WHERE state <> 'done' ORDER BY place", [], read_upload)
}

pub(in crate::vault) fn upload(
    connection: &Connection,
    chat: ChatId,
    random_id: i64,
) -> rusqlite::Result<Option<Upload>> {
    let sql = "SELECT * FROM uploads WHERE chat = ?1 AND random_id = ?2";
    one(connection, sql, params![chat.0, random_id], read_upload)
}

/// Those that are not done, ascending by chat and id.
pub(in crate::vault) fn downloads(connection: &Connection) -> rusqlite::Result<Vec<Download>> {
    let sql = "SELECT * FROM downloads WHERE state <> 'done' ORDER BY chat, random_id";
    all(connection, sql, [], read_download)
}

pub(in crate::vault) fn download(
    connection: &Connection,
    chat: ChatId,
    random_id: i64,
) -> rusqlite::Result<Option<Download>> {
    let sql = "SELECT * FROM downloads WHERE chat = ?1 AND random_id = ?2";
    one(connection, sql, params![chat.0, random_id], read_download)
}

fn read_upload(row: &Row<'_>) -> rusqlite::Result<Upload> {
    Ok(Upload {
        chat: ChatId(row.get("chat")?),
        random_id: row.get("random_id")?,
        source: Source {
            path: path(row, "source")?,
            size: unsigned(row, "size")?,
            modified_ns: row.get("modified_ns")?,
        },
        file_id: row.get("file_id")?,
        progress: progress(row)?,
        state: state(row)?,
    })
}

fn read_download(row: &Row<'_>) -> rusqlite::Result<Download> {
    Ok(Download {
        chat: ChatId(row.get("chat")?),
        random_id: row.get("random_id")?,
        path: path(row, "path")?,
        progress: progress(row)?,
        state: state(row)?,
    })
}

fn progress(row: &Row<'_>) -> rusqlite::Result<Progress> {
    let carried = match row.get_ref("carried")?.as_blob_or_null()? {
        None => None,
        Some(bytes) => Some(Carried::restore(bytes.try_into().map_err(|_| unreadable("state of a cipher"))?)),
    };
    Ok(Progress { done: unsigned(row, "done")?, carried })
}

fn words(state: &TransferState) -> (&'static str, Option<&str>) {
    match state {
        TransferState::Running => ("running", None),
        TransferState::Paused => ("paused", None),
        TransferState::Failed(reason) => ("failed", Some(reason)),
        TransferState::Done => ("done", None),
    }
}

fn state(row: &Row<'_>) -> rusqlite::Result<TransferState> {
    match word(row, "state")? {
        "running" => Ok(TransferState::Running),
        "paused" => Ok(TransferState::Paused),
        "failed" => Ok(TransferState::Failed(row.get("reason")?)),
        "done" => Ok(TransferState::Done),
        _ => Err(unreadable("state of a transfer")),
    }
}

/// A path need not be text.
fn bytes(path: &Path) -> &[u8] {
    path.as_os_str().as_bytes()
}

fn path(row: &Row<'_>, column: &'static str) -> rusqlite::Result<PathBuf> {
    Ok(OsStr::from_bytes(blob(row, column)?).into())
}

fn signed(count: u64) -> rusqlite::Result<i64> {
    i64::try_from(count).map_err(|error| rusqlite::Error::ToSqlConversionFailure(error.into()))
}

fn unsigned(row: &Row<'_>, column: &'static str) -> rusqlite::Result<u64> {
    u64::try_from(row.get::<_, i64>(column)?).map_err(|_| unreadable(column))
}
