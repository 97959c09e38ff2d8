//! The history of the chats, and the list of what must not come back.
//!
//! A message keeps its place whatever happens to it, so that nothing jumps under the reader's eyes. What was deleted is destroyed,
//! but its `random_id` stays on a list: a late repetition of the message must not bring it back.

use rusqlite::{Connection, Row, params};

use super::{all, blob, one, run, unreadable, word};
use crate::secret::record::{Body, ChatId, Delivery, Direction, Message};
use crate::secret::timer::{Mortal, is_spoken};

/// How long ids of deleted messages are remembered, seconds. The server forgets a message after a week, and what it has lost
/// the peer still has to send again; a month is long enough for both.
const REMEMBER_S: i64 = 30 * 24 * 60 * 60;

/// Inserts the message, or replaces it in its place; does nothing if it was deleted before.
pub(in crate::vault) fn put(connection: &Connection, message: &Message) -> rusqlite::Result<()> {
    let body = serde_json::to_vec(&message.body)
        .map_err(|error| rusqlite::Error::ToSqlConversionFailure(error.into()))?;
    run(
        connection,
        "INSERT INTO messages (chat, random_id, direction, date, ttl, delivery, body, reply_to, album, silent, via_bot,
             opened, destruct_ms, spoken, service)
         SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15
         WHERE NOT EXISTS (SELECT 1 FROM deleted WHERE chat = ?1 AND random_id = ?2)
         ON CONFLICT (chat, random_id) DO UPDATE SET direction = excluded.direction, date = excluded.date,
             ttl = excluded.ttl, delivery = excluded.delivery, body = excluded.body, reply_to = excluded.reply_to,
             album = excluded.album, silent = excluded.silent, via_bot = excluded.via_bot, opened = excluded.opened,
             destruct_ms = excluded.destruct_ms, spoken = excluded.spoken, service = excluded.service",
        params![
            message.chat.0,
            message.random_id,
            direction_word(message.direction),
            message.date,
            message.ttl,
            delivery_word(message.delivery),
            body,
            message.reply_to,
            message.album,
            message.silent,
            message.via_bot,
            message.opened,
            message.destruct_ms,
            is_spoken(message),
            message.body.is_service(),
        ],
    )?;
    Ok(())
}

/// The server has an own message: sent, with the server's date, which may be told more exactly a second time.
pub(in crate::vault) fn sent(
    connection: &Connection,
    chat: ChatId,
    random_id: i64,
    date: i32,
) -> rusqlite::Result<()> {
    let sql = "UPDATE messages SET date = ?3, delivery = 'sent'
        WHERE chat = ?1 AND random_id = ?2 AND direction = 'out' AND delivery IN ('queued', 'sent')";
    run(connection, sql, params![chat.0, random_id, date])?;
    Ok(())
}

/// The server refused an own message for good.
pub(in crate::vault) fn failed(
    connection: &Connection,
    chat: ChatId,
    random_id: i64,
) -> rusqlite::Result<()> {
    let sql = "UPDATE messages SET delivery = 'failed'
        WHERE chat = ?1 AND random_id = ?2 AND direction = 'out'";
    run(connection, sql, params![chat.0, random_id])?;
    Ok(())
}

/// The chat is over: what was not sent will not be.
pub(in crate::vault) fn none_is_queued(connection: &Connection, chat: ChatId) -> rusqlite::Result<()> {
    let sql = "UPDATE messages SET delivery = 'failed' WHERE chat = ?1 AND delivery = 'queued' AND direction = 'out'";
    run(connection, sql, [chat.0])?;
    Ok(())
}

/// Own messages up to `max_date` that were sent are read.
pub(in crate::vault) fn read_by_peer(
    connection: &Connection,
    chat: ChatId,
    max_date: i32,
) -> rusqlite::Result<()> {
    let sql = "UPDATE messages SET delivery = 'read'
        WHERE chat = ?1 AND date <= ?2 AND delivery = 'sent' AND direction = 'out'";
    run(connection, sql, params![chat.0, max_date])?;
    Ok(())
}

/// Incoming messages up to `max_date` are seen.
pub(in crate::vault) fn seen_by_user(
    connection: &Connection,
    chat: ChatId,
    max_date: i32,
) -> rusqlite::Result<()> {
    let sql = "UPDATE messages SET delivery = 'seen'
        WHERE chat = ?1 AND date <= ?2 AND delivery = 'unseen' AND direction = 'in'";
    run(connection, sql, params![chat.0, max_date])?;
    Ok(())
}

/// What a message holds was opened by its reader.
pub(in crate::vault) fn opened(
    connection: &Connection,
    chat: ChatId,
    random_id: i64,
) -> rusqlite::Result<()> {
    let sql = "UPDATE messages SET opened = 1 WHERE chat = ?1 AND random_id = ?2";
    run(connection, sql, params![chat.0, random_id])?;
    Ok(())
}

/// The self-destruct clock of a message runs until `at_ms`.
pub(in crate::vault) fn destruct(
    connection: &Connection,
    chat: ChatId,
    random_id: i64,
    at_ms: i64,
) -> rusqlite::Result<()> {
    let sql = "UPDATE messages SET destruct_ms = ?3 WHERE chat = ?1 AND random_id = ?2";
    run(connection, sql, params![chat.0, random_id, at_ms])?;
    Ok(())
}

/// Destroys messages and remembers their ids, also of those that have not arrived yet.
pub(in crate::vault) fn delete(
    connection: &Connection,
    chat: ChatId,
    random_ids: &[i64],
) -> rusqlite::Result<()> {
    for random_id in random_ids {
        let row = params![chat.0, random_id];
        let remember = "INSERT OR IGNORE INTO deleted (chat, random_id, at)
            VALUES (?1, ?2, coalesce((SELECT date FROM marks), 0))";
        run(connection, remember, row)?;
        run(connection, "DELETE FROM messages WHERE chat = ?1 AND random_id = ?2", row)?;
    }
    Ok(())
}

/// Destroys the whole history of a chat and remembers the ids.
pub(in crate::vault) fn delete_all(connection: &Connection, chat: ChatId) -> rusqlite::Result<()> {
    let remember = "INSERT OR IGNORE INTO deleted (chat, random_id, at)
        SELECT chat, random_id, coalesce((SELECT date FROM marks), 0) FROM messages WHERE chat = ?1";
    run(connection, remember, [chat.0])?;
    run(connection, "DELETE FROM messages WHERE chat = ?1", [chat.0])?;
    Ok(())
}

/// Forgets ids that were deleted long ago by the clock of the server.
pub(in crate::vault) fn forget_deleted(connection: &Connection) -> rusqlite::Result<()> {
    let sql = "DELETE FROM deleted WHERE at < (SELECT date FROM marks) - ?1";
    run(connection, sql, [REMEMBER_S])?;
    Ok(())
}

/// Messages with a self-destruct clock, and those that wait to be listened to, ascending by chat and id.
pub(in crate::vault) fn mortals(connection: &Connection) -> rusqlite::Result<Vec<(ChatId, i64, Mortal)>> {
    let sql = "SELECT * FROM messages WHERE ttl > 0 OR spoken = 1 AND opened = 0 ORDER BY chat, random_id";
    let found = all(connection, sql, [], message)?;
    Ok(found.iter().filter_map(|it| Some((it.chat, it.random_id, Mortal::of(it)?))).collect())
}

/// The ids of lines about a chat, ascending by chat and id.
pub(in crate::vault) fn lines(connection: &Connection) -> rusqlite::Result<Vec<(ChatId, i64)>> {
    let sql = "SELECT chat, random_id FROM messages WHERE service = 1 ORDER BY chat, random_id";
    all(connection, sql, [], |row| Ok((ChatId(row.get(0)?), row.get(1)?)))
}

/// Every id that history or the list of deleted ones knows, ascending by chat and id.
pub(in crate::vault) fn known(connection: &Connection) -> rusqlite::Result<Vec<(ChatId, i64)>> {
    let sql = "SELECT chat, random_id FROM messages UNION SELECT chat, random_id FROM deleted ORDER BY 1, 2";
    all(connection, sql, [], |row| Ok((ChatId(row.get(0)?), row.get(1)?)))
}

/// The newest `limit` messages of a chat that lie before a place, oldest first.
pub(in crate::vault) fn history(
    connection: &Connection,
    chat: ChatId,
    before: Option<i64>,
    limit: u32,
) -> rusqlite::Result<Vec<(i64, Message)>> {
    let sql = "SELECT * FROM messages WHERE chat = ?1 AND place < ?2 ORDER BY place DESC LIMIT ?3";
    let before = before.unwrap_or(i64::MAX);
    let mut found =
        all(connection, sql, params![chat.0, before, limit], |row| Ok((row.get("place")?, message(row)?)))?;
    found.reverse();
    Ok(found)
}

/// One message.
pub(in crate::vault) fn find(
    connection: &Connection,
    chat: ChatId,
    random_id: i64,
) -> rusqlite::Result<Option<Message>> {
    let sql = "SELECT * FROM messages WHERE chat = ?1 AND random_id = ?2";
    one(connection, sql, params![chat.0, random_id], message)
}

/// Messages that were not understood when they came.
pub(in crate::vault) fn unsupported(connection: &Connection) -> rusqlite::Result<Vec<Message>> {
    // Bodies are JSON, and the name of the variant comes first.
    let sql = "SELECT * FROM messages WHERE CAST(body AS TEXT) LIKE '{\"Unsupported\"%'";
    all(connection, sql, [], message)
}

/// The newest message of every chat that has one, ascending by chat.
pub(in crate::vault) fn last(connection: &Connection) -> rusqlite::Result<Vec<Message>> {
    let sql =
        "SELECT * FROM messages WHERE place IN (SELECT max(place) FROM messages GROUP BY chat) ORDER BY chat";
    all(connection, sql, [], message)
}

/// How many incoming messages the user has not seen, for every chat that has such.
pub(in crate::vault) fn unseen(connection: &Connection) -> rusqlite::Result<Vec<(ChatId, u32)>> {
    let sql = "SELECT chat, count(*) FROM messages WHERE delivery = 'unseen' GROUP BY chat ORDER BY chat";
    all(connection, sql, [], |row| Ok((ChatId(row.get(0)?), row.get(1)?)))
}

/// Date of the newest incoming message of a chat.
pub(in crate::vault) fn newest_incoming(
    connection: &Connection,
    chat: ChatId,
) -> rusqlite::Result<Option<i32>> {
    let sql = "SELECT max(date) FROM messages WHERE chat = ?1 AND direction = 'in'";
    Ok(one(connection, sql, [chat.0], |row| row.get(0))?.flatten())
}

fn message(row: &Row<'_>) -> rusqlite::Result<Message> {
    Ok(Message {
        chat: ChatId(row.get("chat")?),
        random_id: row.get("random_id")?,
        direction: direction(word(row, "direction")?)?,
        date: row.get("date")?,
        ttl: row.get("ttl")?,
        delivery: delivery(word(row, "delivery")?)?,
        body: serde_json::from_slice::<Body>(blob(row, "body")?)
            .map_err(|_| unreadable("body of a message"))?,
        reply_to: row.get("reply_to")?,
        album: row.get("album")?,
        silent: row.get("silent")?,
        via_bot: row.get("via_bot")?,
        opened: row.get("opened")?,
        destruct_ms: row.get("destruct_ms")?,
    })
}

fn direction_word(direction: Direction) -> &'static str {
    match direction {
        Direction::In => "in",
        Direction::Out => "out",
    }
}

fn direction(word: &str) -> rusqlite::Result<Direction> {
    match word {
        "in" => Ok(Direction::In),
        "out" => Ok(Direction::Out),
        _ => Err(unreadable("direction of a message")),
    }
}

fn delivery_word(delivery: Delivery) -> &'static str {
    match delivery {
        Delivery::Queued => "queued",
        Delivery::Sent => "sent",
        Delivery::Read => "read",
        Delivery::Failed => "failed",
        Delivery::Unseen => "unseen",
        Delivery::Seen => "seen",
    }
}

fn delivery(word: &str) -> rusqlite::Result<Delivery> {
    match word {
        "queued" => Ok(Delivery::Queued),
        "sent" => Ok(Delivery::Sent),
        "read" => Ok(Delivery::Read),
        "failed" => Ok(Delivery::Failed),
        "unseen" => Ok(Delivery::Unseen),
        "seen" => Ok(Delivery::Seen),
        _ => Err(unreadable("delivery of a message")),
    }
}
