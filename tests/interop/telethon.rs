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
    pair.text_both_ways();
    pair.times_to_live();
    pair.replies();
    pair.formatting();
    pair.files(ONE_PART);
    pair.bursts();
    pair.we_discard();
}

#[test]
fn we_start_a_chat_and_telethon_ends_it() {
    let Some(mut pair) = pair("we_start_a_chat_and_telethon_ends_it", Originator::Ours) else { return };
    pair.text_both_ways();
    pair.times_to_live();
    pair.replies();
    pair.formatting();
    pair.files(ONE_PART);
    pair.bursts();
    pair.they_discard(false);
}
