//! What is known of files: who uploads them, which parts are here, who may fetch them.
//!
//! The bytes are not in the database but in the depot; a row is written after them, so whatever a row tells of is there. A file
//! that is being uploaded and one that was sent are the same row: sending gives it the name by which clients fetch it.

use rusqlite::{OptionalExtension, Row, params};

use super::{Result, Store};

/// A file, from its first part on.
#[derive(Clone, Debug, PartialEq)]
pub struct FileRow {
    /// Its name in the depot.
    pub id: i64,
    pub owner: i64,
    /// `None` if it came by `upload.saveFilePart`.
    pub total_parts: Option<i32>,
    /// Bytes of every part but the last, once they are known.
    pub part_size: Option<i64>,
    /// Bytes in the depot.
    pub stored: i64,
    /// `None` while parts may come.
    pub sent: Option<SentFile>,
}

/// What clients know of a file that was sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SentFile {
    pub id: i64,
    pub access_hash: i64,
    pub size: i64,
    pub key_fingerprint: i32,
}

/// Where a part lies in the depot's file, bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Piece {
    pub part: i32,
    pub start: i64,
    pub length: i64,
}

/// How much there is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stock {
    pub files: i64,
    pub bytes: i64,
}

const COLUMNS: &str =
    "files.id, owner, total_parts, part_size, stored, remote_id, access_hash, size, key_fingerprint";

impl FileRow {
    fn read(row: &Row<'_>) -> rusqlite::Result<FileRow> {
        Ok(FileRow {
            id: row.get(0)?,
            owner: row.get(1)?,
            total_parts: row.get(2)?,
            part_size: row.get(3)?,
            stored: row.get(4)?,
            sent: SentFile::read(row, 5)?,
        })
    }
}

impl SentFile {
    /// Four columns from `first` on; `None` if they are empty.
    pub(super) fn read(row: &Row<'_>, first: usize) -> rusqlite::Result<Option<SentFile>> {
        let Some(id) = row.get(first)? else { return Ok(None) };
        Ok(Some(SentFile {
            id,
            access_hash: row.get(first + 1)?,
            size: row.get(first + 2)?,
            key_fingerprint: row.get(first + 3)?,
        }))
    }
}

impl Stock {
    fn read(row: &Row<'_>) -> rusqlite::Result<Stock> {
        Ok(Stock { files: row.get(0)?, bytes: row.get(1)? })
    }
}

impl Piece {
    fn read(row: &Row<'_>) -> rusqlite::Result<Piece> {
        Ok(Piece { part: row.get(0)?, start: row.get(1)?, length: row.get(2)? })
    }
}

impl Store {
    /// The file that its owner calls so.
    pub fn uploaded(&self, owner: i64, upload_id: i64) -> Result<Option<FileRow>> {
        let sql = format!("SELECT {COLUMNS} FROM files WHERE owner = ?1 AND upload_id = ?2");
        self.db.prepare_cached(&sql)?.query_row([owner, upload_id], FileRow::read).optional()
    }

    /// The file that clients call so, if the hash is its own.
    pub fn sent_file(&self, remote_id: i64, access_hash: i64) -> Result<Option<FileRow>> {
        let sql = format!("SELECT {COLUMNS} FROM files WHERE remote_id = ?1 AND access_hash = ?2");
        self.db.prepare_cached(&sql)?.query_row([remote_id, access_hash], FileRow::read).optional()
    }

    /// A new file without parts.
    pub fn add_file(
        &self,
        owner: i64,
        upload_id: i64,
        total_parts: Option<i32>,
        now: i32,
    ) -> Result<FileRow> {
        let id = self
            .db
            .prepare_cached(
                "INSERT INTO files (owner, upload_id, total_parts, used) VALUES (?1, ?2, ?3, ?4)",
            )?
            .insert(params![owner, upload_id, total_parts, now])?;
        Ok(FileRow { id, owner, total_parts, part_size: None, stored: 0, sent: None })
    }

    /// Its owner calls another one so from now on.
    pub fn forget_upload(&self, file: i64) -> Result<()> {
        self.db.prepare_cached("UPDATE files SET upload_id = NULL WHERE id = ?1")?.execute([file])?;
        Ok(())
    }

    pub fn piece(&self, file: i64, part: i32) -> Result<Option<Piece>> {
        self.db
            .prepare_cached("SELECT part, start, length FROM parts WHERE file = ?1 AND part = ?2")?
            .query_row(params![file, part], Piece::read)
            .optional()
    }

    /// The part with the highest number.
    pub fn last_piece(&self, file: i64) -> Result<Option<Piece>> {
        self.db
            .prepare_cached(
                "SELECT part, start, length FROM parts WHERE file = ?1 ORDER BY part DESC LIMIT 1",
            )?
            .query_row([file], Piece::read)
            .optional()
    }

    /// The parts from `first` to `last`, in order.
    pub fn pieces(&self, file: i64, first: i64, last: i64) -> Result<Vec<Piece>> {
        self.db
            .prepare_cached(
                "SELECT part, start, length FROM parts WHERE file = ?1 AND part BETWEEN ?2 AND ?3 ORDER BY part",
            )?
            .query_map([file, first, last], Piece::read)?
            .collect()
    }

    /// A part has come. `part_size` is that of all parts but the last, as far as it is known now.
    pub fn add_piece(&self, file: &FileRow, piece: Piece, part_size: Option<i64>, now: i32) -> Result<()> {
        self.db
            .prepare_cached("INSERT INTO parts (file, part, start, length) VALUES (?1, ?2, ?3, ?4)")?
            .execute(params![file.id, piece.part, piece.start, piece.length])?;
        let stored = file.stored.max(piece.start + piece.length);
        self.db
            .prepare_cached("UPDATE files SET stored = ?2, part_size = ?3, used = ?4 WHERE id = ?1")?
            .execute(params![file.id, stored, part_size, now])?;
        Ok(())
    }

    /// All parts are here: the file gets its name for clients.
    pub fn finish_file(&self, file: i64, sent: &SentFile, part_size: i64, now: i32) -> Result<()> {
        self.db
            .prepare_cached(
                "UPDATE files SET remote_id = ?2, access_hash = ?3, size = ?4, key_fingerprint = ?5,
                    part_size = ?6, used = ?7 WHERE id = ?1",
            )?
            .execute(params![
                file,
                sent.id,
                sent.access_hash,
                sent.size,
                sent.key_fingerprint,
                part_size,
                now
            ])?;
        Ok(())
    }

    /// It was used now: its time begins anew.
    pub fn touch_file(&self, file: i64, now: i32) -> Result<()> {
        self.db.prepare_cached("UPDATE files SET used = ?2 WHERE id = ?1")?.execute(params![file, now])?;
        Ok(())
    }

    /// What is on its way from one user, or from everybody.
    pub fn unfinished(&self, owner: Option<i64>) -> Result<Stock> {
        self.db
            .prepare_cached(
                "SELECT count(*), coalesce(sum(stored), 0) FROM files
                 WHERE remote_id IS NULL AND (?1 IS NULL OR owner = ?1)",
            )?
            .query_row([owner], Stock::read)
    }

    /// What is here of one user, or of everybody: on its way or sent.
    pub fn stock(&self, owner: Option<i64>) -> Result<Stock> {
        const ALL: &str = "SELECT count(*), coalesce(sum(stored), 0) FROM files";
        match owner {
            Some(owner) => {
                self.db.prepare_cached(&format!("{ALL} WHERE owner = ?1"))?.query_row([owner], Stock::read)
            }
            None => self.db.prepare_cached(ALL)?.query_row([], Stock::read),
        }
    }

    pub fn add_reader(&self, file: i64, user_id: i64) -> Result<()> {
        self.db
            .prepare_cached("INSERT OR IGNORE INTO file_readers (file, user_id) VALUES (?1, ?2)")?
            .execute([file, user_id])?;
        Ok(())
    }

    pub fn is_reader(&self, file: i64, user_id: i64) -> Result<bool> {
        self.db
            .prepare_cached("SELECT 1 FROM file_readers WHERE file = ?1 AND user_id = ?2")?
            .exists([file, user_id])
    }

    /// Files whose last use lies before a date: one for those on their way, one for those that were sent.
    pub fn idle_files(&self, unfinished_before: i32, sent_before: i32) -> Result<Vec<i64>> {
        self.db
            .prepare_cached(
                "SELECT id FROM files WHERE used < max(?1, ?2)
                 AND used < CASE WHEN remote_id IS NULL THEN ?1 ELSE ?2 END",
            )?
            .query_map([unfinished_before, sent_before], |row| row.get(0))?
            .collect()
    }

    pub fn remove_file(&self, file: i64) -> Result<()> {
        self.db.prepare_cached("DELETE FROM files WHERE id = ?1")?.execute([file])?;
        Ok(())
    }

    pub fn has_file(&self, file: i64) -> Result<bool> {
        self.db.prepare_cached("SELECT 1 FROM files WHERE id = ?1")?.exists([file])
    }
}
