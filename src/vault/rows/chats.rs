//! Chats in all their stages, secrets included.
//!
//! A chat is one wide row in which the columns that its stage does not have are NULL. Storing a stage therefore overwrites
//! whatever secret the stage before it held; that such a secret is gone is told to the vault, which then empties the log too.

use rusqlite::{Connection, Row, named_params, params};

use super::{all, blob, one, run, unreadable, word};
use crate::secret::chat::{
    Accepting, Asking, Chat, Closed, Ready, Reply, Requested, Requesting, Side, Stage, Waiting,
};
use crate::secret::exchange::{Offer, Params};
use crate::secret::key::SharedKey;
use crate::secret::picture::KeyPicture;
use crate::secret::record::{ChatId, UserId};
use crate::secret::rekey::{Keys, Phase};
use crate::secret::sequence::Counters;

/// Inserts or replaces the row; true if a secret that was stored is not there any more.
pub(in crate::vault) fn put(connection: &Connection, chat: &Chat) -> rusqlite::Result<bool> {
    let columns = Columns::of(&chat.stage)?;
    let lost = loses_a_secret(connection, chat.id, &columns)?;
    let (counters, keys) = (columns.counters, columns.keys);
    run(
        connection,
        "INSERT OR REPLACE INTO chats (id, user, side, date, access_hash, stage, user_hash, reply, g, p, exponent, public,
             peer_public, key, picture, verified, my_out, my_in, his_in, layer_seen, resend_end, peer_layer,
             notified_layer, ttl, seen, seen_told, read_by_peer, key_since, key_written, key_read, key_changes,
             key_rest_until, rekey, exchange_id, other_key, asked_at, asked_uses, through, refused, closing, discard)
         VALUES (:id, :user, :side, :date, :access_hash, :stage, :user_hash, :reply, :g, :p, :exponent, :public,
             :peer_public, :key, :picture, :verified, :my_out, :my_in, :his_in, :layer_seen, :resend_end, :peer_layer,
             :notified_layer, :ttl, :seen, :seen_told, :read_by_peer, :key_since, :key_written, :key_read, :key_changes,
             :key_rest_until, :rekey, :exchange_id, :other_key, :asked_at, :asked_uses, :through, :refused, :closing,
             :discard)",
        named_params! {
            ":id": chat.id.0,
            ":user": chat.user.0,
            ":side": side_word(chat.side),
            ":date": chat.date,
            ":access_hash": chat.access_hash,
            ":stage": columns.stage,
            ":user_hash": columns.user_hash,
            ":reply": columns.reply,
            ":g": columns.params.map(Params::g),
            ":p": columns.params.map(|params| &params.p()[..]),
            ":exponent": columns.exponent,
            ":public": columns.public,
            ":peer_public": columns.peer_public,
            ":key": columns.key,
            ":picture": columns.picture.map(|picture| &picture.hash()[..]),
            ":verified": columns.verified,
            ":my_out": counters.map(|counters| counters.my_out),
            ":my_in": counters.map(|counters| counters.my_in),
            ":his_in": counters.map(|counters| counters.his_in),
            ":layer_seen": counters.map(|counters| counters.layer_seen),
            ":resend_end": counters.map(|counters| counters.resend_end),
            ":peer_layer": columns.peer_layer,
            ":notified_layer": columns.notified_layer,
            ":ttl": columns.ttl,
            ":seen": columns.seen,
            ":seen_told": columns.seen_told,
            ":read_by_peer": columns.read_by_peer,
            ":key_since": keys.map(|keys| keys.since),
            ":key_written": keys.map(|keys| keys.written),
            ":key_read": keys.map(|keys| keys.read),
            ":key_changes": keys.map(|keys| keys.changes),
            ":key_rest_until": keys.map(|keys| keys.rest_until),
            ":rekey": columns.rekey,
            ":exchange_id": columns.exchange_id,
            ":other_key": columns.other_key,
            ":asked_at": columns.asked_at,
            ":asked_uses": columns.asked_uses,
            ":through": columns.through,
            ":refused": keys.and_then(|keys| keys.refused),
            ":closing": columns.closing,
            ":discard": columns.discard,
        },
    )?;
    Ok(lost)
}

/// All chats, ascending by id.
pub(in crate::vault) fn load(connection: &Connection) -> rusqlite::Result<Vec<Chat>> {
    all(connection, "SELECT * FROM chats ORDER BY id", [], chat)
}

/// Whether a stored secret has no place in the new row. A key that has become the previous one, or the one in use, has.
fn loses_a_secret(connection: &Connection, chat: ChatId, columns: &Columns<'_>) -> rusqlite::Result<bool> {
    let sql = "SELECT 1 FROM chats WHERE id = ?1
        AND (exponent IS NOT NULL AND exponent IS NOT ?2
            OR key IS NOT NULL AND key IS NOT ?3 AND key IS NOT ?4
            OR other_key IS NOT NULL AND other_key IS NOT ?3 AND other_key IS NOT ?4)";
    let kept = params![chat.0, columns.exponent, columns.key, columns.other_key];
    Ok(one(connection, sql, kept, |_| Ok(()))?.is_some())
}

/// What a stage stores, borrowed from it.
#[derive(Default)]
struct Columns<'a> {
    stage: &'static str,
    user_hash: Option<i64>,
    reply: Option<&'static str>,
    params: Option<&'a Params>,
    exponent: Option<&'a [u8]>,
    public: Option<&'a [u8]>,
    peer_public: Option<&'a [u8]>,
    key: Option<&'a [u8]>,
    picture: Option<&'a KeyPicture>,
    verified: Option<bool>,
    counters: Option<Counters>,
    peer_layer: Option<i32>,
    notified_layer: Option<i32>,
    ttl: Option<i32>,
    seen: Option<i32>,
    seen_told: Option<i32>,
    read_by_peer: Option<i32>,
    keys: Option<&'a Keys>,
    rekey: Option<&'static str>,
    exchange_id: Option<i64>,
    other_key: Option<&'a [u8]>,
    asked_at: Option<i32>,
    asked_uses: Option<u32>,
    through: Option<i32>,
    closing: Option<String>,
    discard: Option<bool>,
}

impl<'a> Columns<'a> {
    fn of(stage: &'a Stage) -> rusqlite::Result<Columns<'a>> {
        Ok(match stage {
            Stage::Asking(asking) => {
                Columns { stage: "asking", user_hash: Some(asking.user_hash), ..Columns::default() }
            }
            Stage::Requesting(requesting) => Columns {
                stage: "requesting",
                user_hash: Some(requesting.user_hash),
                ..Columns::of_offer(&requesting.offer)
            },
            Stage::Waiting(waiting) => Columns { stage: "waiting", ..Columns::of_offer(&waiting.offer) },
            Stage::Requested(requested) => Columns {
                stage: "requested",
                peer_public: Some(&requested.g_a),
                reply: Some(reply_word(requested.reply)),
                ..Columns::default()
            },
            Stage::Accepting(accepting) => Columns {
                stage: "accepting",
                params: Some(&accepting.params),
                peer_public: Some(&accepting.g_a),
                public: Some(&accepting.g_b),
                key: Some(accepting.key.expose()),
                ..Columns::default()
            },
            Stage::Ready(ready) => Columns::of_ready(ready),
            Stage::Closed(closed) => Columns {
                stage: "closed",
                closing: Some(closing_text(closed)?),
                picture: closed.picture.as_ref(),
                verified: Some(closed.verified),
                discard: closed.discard,
                ..Columns::default()
            },
        })
    }

    fn of_offer(offer: &'a Offer) -> Columns<'a> {
        Columns {
            params: Some(offer.params()),
            exponent: Some(offer.expose_secret()),
            public: Some(offer.public()),
            ..Columns::default()
        }
    }

    fn of_ready(ready: &'a Ready) -> Columns<'a> {
        Columns {
            stage: "ready",
            params: Some(&ready.params),
            key: Some(ready.keys.current.expose()),
            keys: Some(&ready.keys),
            picture: Some(&ready.picture),
            verified: Some(ready.verified),
            counters: Some(ready.counters),
            peer_layer: Some(ready.peer_layer),
            notified_layer: Some(ready.notified_layer),
            ttl: Some(ready.ttl),
            seen: Some(ready.seen),
            seen_told: Some(ready.seen_told),
            read_by_peer: Some(ready.read_by_peer),
            ..Columns::of_phase(&ready.keys.phase)
        }
    }

    fn of_phase(phase: &'a Phase) -> Columns<'a> {
        match phase {
            Phase::Settled => Columns { rekey: Some("settled"), ..Columns::default() },
            Phase::Requested { exchange_id, offer, at, uses } => Columns {
                rekey: Some("requested"),
                exchange_id: Some(*exchange_id),
                asked_at: Some(*at),
                asked_uses: Some(*uses),
                ..Columns::of_offer(offer)
            },
            Phase::Accepted { exchange_id, pending } => Columns {
                rekey: Some("accepted"),
                exchange_id: Some(*exchange_id),
                other_key: Some(pending.expose()),
                ..Columns::default()
            },
            Phase::Switched { previous, through } => Columns {
                rekey: Some("switched"),
                other_key: Some(previous.expose()),
                through: Some(*through),
                ..Columns::default()
            },
        }
    }
}

fn chat(row: &Row<'_>) -> rusqlite::Result<Chat> {
    Ok(Chat {
        id: ChatId(row.get("id")?),
        user: UserId(row.get("user")?),
        side: side(word(row, "side")?)?,
        date: row.get("date")?,
        access_hash: row.get("access_hash")?,
        stage: stage(row)?,
    })
}

fn stage(row: &Row<'_>) -> rusqlite::Result<Stage> {
    Ok(match word(row, "stage")? {
        "asking" => Stage::Asking(Asking { user_hash: row.get("user_hash")? }),
        "requesting" => {
            Stage::Requesting(Requesting { user_hash: row.get("user_hash")?, offer: offer(row)? })
        }
        "waiting" => Stage::Waiting(Waiting { offer: offer(row)? }),
        "requested" => {
            Stage::Requested(Requested { g_a: row.get("peer_public")?, reply: reply(word(row, "reply")?)? })
        }
        "accepting" => Stage::Accepting(Accepting {
            params: group(row)?,
            g_a: row.get("peer_public")?,
            g_b: row.get("public")?,
            key: key(row, "key")?,
        }),
        "ready" => Stage::Ready(Box::new(ready(row)?)),
        "closed" => Stage::Closed(Closed {
            closing: serde_json::from_str(word(row, "closing")?).map_err(|_| unreadable("closing"))?,
            picture: match row.get_ref("picture")?.as_blob_or_null()? {
                None => None,
                Some(_) => Some(picture(row)?),
            },
            verified: row.get("verified")?,
            discard: row.get("discard")?,
        }),
        _ => return Err(unreadable("stage of a chat")),
    })
}

fn ready(row: &Row<'_>) -> rusqlite::Result<Ready> {
    Ok(Ready {
        params: group(row)?,
        keys: keys(row)?,
        picture: picture(row)?,
        verified: row.get("verified")?,
        counters: Counters {
            my_out: row.get("my_out")?,
            my_in: row.get("my_in")?,
            his_in: row.get("his_in")?,
            layer_seen: row.get("layer_seen")?,
            resend_end: row.get("resend_end")?,
        },
        peer_layer: row.get("peer_layer")?,
        notified_layer: row.get("notified_layer")?,
        ttl: row.get("ttl")?,
        seen: row.get("seen")?,
        seen_told: row.get("seen_told")?,
        read_by_peer: row.get("read_by_peer")?,
    })
}

fn keys(row: &Row<'_>) -> rusqlite::Result<Keys> {
    Ok(Keys {
        current: key(row, "key")?,
        phase: phase(row)?,
        since: row.get("key_since")?,
        written: row.get("key_written")?,
        read: row.get("key_read")?,
        changes: row.get("key_changes")?,
        rest_until: row.get("key_rest_until")?,
        refused: row.get("refused")?,
    })
}

fn phase(row: &Row<'_>) -> rusqlite::Result<Phase> {
    Ok(match word(row, "rekey")? {
        "settled" => Phase::Settled,
        "requested" => Phase::Requested {
            exchange_id: row.get("exchange_id")?,
            offer: Box::new(offer(row)?),
            at: row.get("asked_at")?,
            uses: row.get("asked_uses")?,
        },
        "accepted" => {
            Phase::Accepted { exchange_id: row.get("exchange_id")?, pending: key(row, "other_key")? }
        }
        "switched" => Phase::Switched { previous: key(row, "other_key")?, through: row.get("through")? },
        _ => return Err(unreadable("key change of a chat")),
    })
}

fn group(row: &Row<'_>) -> rusqlite::Result<Params> {
    Params::from_stored(row.get("g")?, blob(row, "p")?).ok_or_else(|| unreadable("group of a chat"))
}

fn offer(row: &Row<'_>) -> rusqlite::Result<Offer> {
    Offer::from_stored(group(row)?, blob(row, "exponent")?, blob(row, "public")?)
        .ok_or_else(|| unreadable("exponent of a chat"))
}

fn key(row: &Row<'_>, column: &'static str) -> rusqlite::Result<SharedKey> {
    SharedKey::from_slice(blob(row, column)?).ok_or_else(|| unreadable("key of a chat"))
}

fn picture(row: &Row<'_>) -> rusqlite::Result<KeyPicture> {
    KeyPicture::from_hash(blob(row, "picture")?).ok_or_else(|| unreadable("picture of a chat"))
}

fn closing_text(closed: &Closed) -> rusqlite::Result<String> {
    serde_json::to_string(&closed.closing)
        .map_err(|error| rusqlite::Error::ToSqlConversionFailure(error.into()))
}

fn side_word(side: Side) -> &'static str {
    match side {
        Side::Originator => "originator",
        Side::Recipient => "recipient",
    }
}

fn side(word: &str) -> rusqlite::Result<Side> {
    match word {
        "originator" => Ok(Side::Originator),
        "recipient" => Ok(Side::Recipient),
        _ => Err(unreadable("side of a chat")),
    }
}

fn reply_word(reply: Reply) -> &'static str {
    match reply {
        Reply::Undecided => "undecided",
        Reply::Left => "left",
        Reply::Accept => "accept",
    }
}

fn reply(word: &str) -> rusqlite::Result<Reply> {
    match word {
        "undecided" => Ok(Reply::Undecided),
        "left" => Ok(Reply::Left),
        "accept" => Ok(Reply::Accept),
        _ => Err(unreadable("reply to a request")),
    }
}
