//! tg-secret 0.1.3 on kurigram 2.2.26, both unmodified, layer 229 outside and 144 inside.
//!
//! It is known to get along with complete implementations, so what fails here is taken for our fault. Its own are worked around,
//! each where it matters:
//! - It never checks the message key of what it receives (`_handle_encrypted_update` in its client.py derives the cipher's key
//!   from it and goes on), so that it accepts something proves little: the texts are compared, and the pictures.
//! - It asks for missing messages by raw numbers (`_send_resend_request(chat.in_seq_no, ...)`, where the wire has `2 * n + parity`),
//!   which ends the chat on our side as it must. Nothing is lost here, so it never has to ask.
//! - It takes a service message only by `encryptedMessageService`, and loses one that comes otherwise. Ours all go that way.
//! - It cannot read the vectors of deletions and documents that it writes (`mend_vectors` in its driver). Where we send such, that
//!   is mended; all else runs unmodified.

use serde_json::json;
use subrosa::engine::{Command, Direction};

use crate::pair::{Originator, Pair};

const CLIENT: &str = "tg_secret_client";

/// The library as it was published.
fn pair(test: &str, originator: Originator) -> Option<Pair> {
    Pair::new(test, CLIENT, json!({}), originator)
}

/// With vectors that can be read.
fn mended_pair(test: &str, originator: Originator) -> Option<Pair> {
    let mut pair = Pair::new(test, CLIENT, json!({ "mended": true }), originator)?;
    assert_eq!(pair.foreign.ask("can_read_documents", json!({})), true);
    Some(pair)
}

#[test]
fn tg_secret_starts_a_chat_and_we_end_it() {
    let Some(mut pair) = pair("tg_secret_starts_a_chat_and_we_end_it", Originator::Theirs) else { return };
    converse(&mut pair);
    pair.we_discard();
}

#[test]
fn we_start_a_chat_and_tg_secret_ends_it() {
    let Some(mut pair) = pair("we_start_a_chat_and_tg_secret_ends_it", Originator::Ours) else { return };
    converse(&mut pair);
    assert_eq!(
        pair.foreign.ask("can_read_documents", json!({})),
        false,
        "its fault need not be mended any more"
    );
    pair.they_discard(true);
}

fn converse(pair: &mut Pair) {
    pair.text_both_ways();
    pair.times_to_live();
    pair.replies();
    pair.formatting();
    they_delete(pair);
    history_goes(pair);
}

#[test]
fn two_hundred_each_way_with_tg_secret() {
    for originator in [Originator::Ours, Originator::Theirs] {
        let Some(mut pair) = pair("two_hundred_each_way_with_tg_secret", originator) else { return };
        pair.bursts();
        pair.settle();
        pair.they_discard(false);
    }
}

#[test]
fn keys_change_with_tg_secret() {
    for originator in [Originator::Ours, Originator::Theirs] {
        let Some(mut pair) = pair("keys_change_with_tg_secret", originator) else { return };
        pair.we_change_the_key();
        pair.they_change_the_key();
        pair.we_change_the_key();
        pair.bursts();
        pair.settle();
        pair.we_discard();
    }
}

#[test]
fn files_to_and_from_tg_secret() {
    let Some(mut pair) = mended_pair("files_to_and_from_tg_secret", Originator::Ours) else { return };
    // Two parts of their upload, the last one not a multiple of the cipher's block.
    pair.files(600_001);
    pair.text_both_ways();
    pair.they_discard(false);
}

#[test]
fn we_delete_what_tg_secret_has() {
    let Some(mut pair) = mended_pair("we_delete_what_tg_secret_has", Originator::Theirs) else { return };
    let chat = pair.chat;
    let ids = [pair.we_say("ours").0.random_id, pair.they_say("theirs", 0).random_id];
    for id in ids {
        pair.ours.send(Command::Delete { chat, random_ids: vec![id] });
        assert_eq!(pair.foreign.wait("deleted", |_| true)["ids"], json!([id]));
        pair.ours.gone(id);
    }
    pair.text_both_ways();
    pair.we_discard();
}

/// They delete a message of their own and one of ours.
fn they_delete(pair: &mut Pair) {
    let ids = [pair.we_say("ours").0.random_id, pair.they_say("theirs", 0).random_id];
    for id in ids {
        pair.foreign.ask("delete", json!({ "chat": pair.chat.0, "ids": [id] }));
        pair.ours.gone(id);
    }
}

/// The whole history, by us and then by them.
fn history_goes(pair: &mut Pair) {
    let chat = pair.chat;
    pair.ours.send(Command::Flush(chat));
    pair.foreign.wait("flushed", |_| true);
    nothing_is_left(pair);
    pair.we_say("ours");
    pair.they_say("theirs", 0);
    pair.foreign.ask("flush", json!({ "chat": chat.0 }));
    nothing_is_left(pair);
}

fn nothing_is_left(pair: &mut Pair) {
    let chat = pair.chat;
    pair.ours.until("nothing is left", |ours| {
        let left = [Direction::Out, Direction::In].map(|direction| ours.messages(chat, direction).len());
        (left == [0, 0]).then_some(())
    });
}
