//! telethon-secret-chat 0.2.4 on Telethon 1.45: the second opinion, with the faults mended that `python/telethon_client.py` names.

use serde_json::json;

use crate::pair::{Originator, Pair};

const CLIENT: &str = "telethon_client";

/// It fetches in parts of 64 KiB.
const ONE_PART: usize = 50_001;

fn pair(test: &str, originator: Originator) -> Option<Pair> {
    Pair::new(test, CLIENT, json!({}), originator)
}

#[test]
fn telethon_starts_a_chat_and_we_end_it() {
    let Some(mut pair) = pair("telethon_starts_a_chat_and_we_end_it", Originator::Theirs) else { return };
    converse(&mut pair);
    pair.we_discard();
}

#[test]
fn we_start_a_chat_and_telethon_ends_it() {
    let Some(mut pair) = pair("we_start_a_chat_and_telethon_ends_it", Originator::Ours) else { return };
    converse(&mut pair);
    pair.they_discard(false);
}

fn converse(pair: &mut Pair) {
    pair.text_both_ways();
    pair.times_to_live();
    pair.replies();
    pair.formatting();
}

#[test]
fn two_hundred_each_way_with_telethon() {
    for originator in [Originator::Ours, Originator::Theirs] {
        let Some(mut pair) = pair("two_hundred_each_way_with_telethon", originator) else { return };
        // We ask for another key after a hundred messages. It cannot answer: what it keeps its half in is an attribute of another
        // object. The chat goes on under the key it has.
        pair.foreign.forgive("_temp_rekeyed_secret_chats");
        pair.bursts();
        pair.text_both_ways();
        assert_eq!(pair.key_state().changes, 0);
        pair.they_discard(false);
    }
}

#[test]
fn files_to_and_from_telethon() {
    let Some(mut pair) = pair("files_to_and_from_telethon", Originator::Ours) else { return };
    pair.files(ONE_PART);
    pair.text_both_ways();
    pair.we_discard();
}
