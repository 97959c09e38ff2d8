//! Rows to values and back, a file per kind of row.
//!
//! The SQL of the vault is all here, beside the conversion of the row it touches. Everything speaks SQLite's own error; the vault
//! says which file it was. Enumerations are stored as words, so that the schema reads without a legend, and a word that is not
//! one of them is an error, never a default.

pub(super) mod account;
pub(super) mod chats;
pub(super) mod messages;
pub(super) mod parameters;
pub(super) mod people;
pub(super) mod queues;
pub(super) mod screen;
pub(super) mod transfers;

use rusqlite::types::Type;
use rusqlite::{Connection, Params, Row};

/// All rows of a query, converted.
fn all<T>(
    connection: &Connection,
    sql: &str,
    params: impl Params,
    convert: impl FnMut(&Row<'_>) -> rusqlite::Result<T>,
) -> rusqlite::Result<Vec<T>> {
    connection.prepare_cached(sql)?.query_map(params, convert)?.collect()
}

/// The one row of a query, converted, if it is there.
fn one<T>(
    connection: &Connection,
    sql: &str,
    params: impl Params,
    convert: impl FnOnce(&Row<'_>) -> rusqlite::Result<T>,
) -> rusqlite::Result<Option<T>> {
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query(params)?;
    rows.next()?.map(convert).transpose()
}

/// Runs a statement; the number of rows it changed.
fn run(connection: &Connection, sql: &str, params: impl Params) -> rusqlite::Result<usize> {
    connection.prepare_cached(sql)?.execute(params)
}

/// The bytes of a column in place, so that a secret is copied only into the type that wipes it.
fn blob<'row>(row: &'row Row<'_>, column: &'static str) -> rusqlite::Result<&'row [u8]> {
    row.get_ref(column)?.as_blob().map_err(|_| unreadable(column))
}

/// The word of a column.
fn word<'row>(row: &'row Row<'_>, column: &'static str) -> rusqlite::Result<&'row str> {
    row.get_ref(column)?.as_str().map_err(|_| unreadable(column))
}

/// A small value as JSON, NULL if there is none.
fn json<T: serde::Serialize>(value: Option<&T>) -> rusqlite::Result<Option<String>> {
    value
        .map(serde_json::to_string)
        .transpose()
        .map_err(|error| rusqlite::Error::ToSqlConversionFailure(error.into()))
}

/// A column of JSON that may be NULL.
fn from_json<T: serde::de::DeserializeOwned>(
    row: &Row<'_>,
    column: &'static str,
) -> rusqlite::Result<Option<T>> {
    let text: Option<String> = row.get(column)?;
    text.map(|text| serde_json::from_str(&text)).transpose().map_err(|_| unreadable(column))
}

/// The index by which rusqlite knows that there is none to be told.
const NO_COLUMN: usize = usize::MAX;

/// A stored value that this program does not write. Its name is told, never its content.
fn unreadable(what: &'static str) -> rusqlite::Error {
    rusqlite::Error::FromSqlConversionFailure(NO_COLUMN, Type::Null, format!("unreadable {what}").into())
}
