//! tg-secret 0.1.3 on kurigram 2.2.26, both unmodified, layer 229 outside and 144 inside.
//!
//! It is known to get along with complete implementations, so what fails here is taken for our fault. Two of its own are worked
//! around, each where it matters: it never checks the message key of what it receives (so nothing can be learned from what it
//! accepts), and it asks for missing messages by raw numbers instead of those on the wire.

use serde_json::json;
use subrosa::engine::{Command, Direction};

use crate::pair::{Originator, Pair};

const CLIENT: &str = "tg_secret_client";

fn pair(test: &str, originator: Originator) -> Option<Pair> {
    Pair::new(test, CLIENT, json!({}), originator)
}

#[test]
fn tg_secret_starts_a_chat_and_we_end_it() {
    let Some(mut pair) = pair("tg_secret_starts_a_chat_and_we_end_it", Originator::Theirs) else { return };
    pair.text_both_ways();
    pair.times_to_live();
    deletions(&mut pair);
    pair.we_discard();
}

#[test]
fn we_start_a_chat_and_tg_secret_ends_it() {
    let Some(mut pair) = pair("we_start_a_chat_and_tg_secret_ends_it", Originator::Ours) else { return };
    pair.text_both_ways();
    pair.times_to_live();
    deletions(&mut pair);
    pair.they_discard(true);
}

#[test]
fn two_hundred_each_way_with_tg_secret() {
    for originator in [Originator::Ours, Originator::Theirs] {
        let Some(mut pair) = pair("two_hundred_each_way_with_tg_secret", originator) else { return };
        pair.bursts();
        pair.they_discard(false);
    }
}

/// Each side deletes a message of its own and one of the other's, and we the whole history.
fn deletions(pair: &mut Pair) {
    let chat = pair.chat;
    for by_us in [true, false] {
        for ours in [true, false] {
            let text = format!("by us: {by_us}, ours: {ours}");
            let id = if ours { pair.we_say(&text).0.random_id } else { pair.they_say(&text, 0).random_id };
            if by_us {
                pair.ours.send(Command::Delete { chat, random_ids: vec![id] });
                assert_eq!(pair.foreign.wait("deleted", |_| true)["ids"], json!([id]));
            } else {
                pair.foreign.ask("delete", json!({ "chat": chat.0, "ids": [id] }));
            }
            pair.ours.gone(id);
        }
    }
    pair.ours.send(Command::Flush(chat));
    pair.foreign.wait("flushed", |_| true);
    pair.ours.until("nothing is left", |ours| {
        (ours.messages(chat, Direction::Out).is_empty() && ours.messages(chat, Direction::In).is_empty())
            .then_some(())
    });
}
