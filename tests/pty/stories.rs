//! What two people do in a chat besides talking: formats and answers, files, short lives, another key, and what the server does to them.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use super::screen::{CTRL_Q, ENTER, ESC, Screen};
use super::town::{Town, row};

/// Ctrl+O, Alt+M, Ctrl+T.
const FILE: &str = "\x0f";
const MENU: &str = "\x1bm";
const TIMER: &str = "\x14";

/// Columns of the list and its rule.
const LIST: usize = 30;

/// Whether these words are bold where they are said, in the conversation.
fn bold(screen: &Screen, words: &str) -> bool {
    screen.wait(&format!("{words:?} did not appear"), |screen| {
        let contents = screen.contents();
        let mut places = contents.lines().enumerate().filter_map(|(y, row)| {
            let column = row.get(..row.rfind(words)?)?.chars().count();
            (column > LIST).then_some((u16::try_from(y).ok()?, u16::try_from(column).ok()?))
        });
        let (y, x) = places.next()?;
        Some(screen.cell(y, x)?.bold())
    })
}

#[test]
fn formats_and_answers_go_both_ways() {
    let mut town = Town::new();
    town.ada_says("the **third** bridge", "the third bridge");
    assert!(bold(&town.basil, "third") && !bold(&town.basil, "bridge"));
    town.basil.send(ESC);
    town.basil.wait_for("r reply");
    town.basil.send("r");
    town.basil.wait_for("Ada: the third bridge");
    town.basil.send("not the __second__?\r");
    town.ada.wait_for("not the second?");
    town.ada.wait_for("▏ You: the third bridge");
    town.basil.wait_for("▏ Ada: the third bridge");
    // And back, to the answer.
    town.ada.send(ESC);
    town.ada.wait_for("r reply");
    town.ada.send("r");
    town.ada.wait_for("Basil: not the second?");
    town.ada.send("never\r");
    town.basil.wait_for("▏ You: not the second?");
    town.basil.wait_for("never");
    town.leave();
}

#[test]
fn a_file_is_sent_from_the_form_and_fetched_byte_for_byte() {
    let mut town = Town::new();
    let content: Vec<u8> = (0..300_000u32).map(|n| (n % 251) as u8).collect();
    let path = town.file("plan.bin", &content);
    town.ada.send("as agreed");
    town.ada.send(FILE);
    town.ada.wait_for("Enter send");
    town.ada.send(path.to_str().unwrap());
    town.ada.wait_for("plan.bin");
    town.ada.send(ENTER);
    town.basil.wait_for("as agreed");
    town.basil.wait_for("not fetched");
    town.basil.send(ESC);
    town.basil.wait_for("r reply");
    town.basil.send(ENTER);
    town.basil.wait_for("saved as plan.bin");
    town.basil.send(ENTER);
    town.basil.wait_for("copy path");
    // The path is what is copied.
    town.basil.send("y");
    town.basil.wait_for("copied");
    let copied = town.basil.extras(|extras| extras.clipboard.last().cloned()).unwrap();
    let saved = String::from_utf8(base64(&copied)).unwrap();
    assert_eq!(std::fs::read(&saved).unwrap(), content, "{saved}");
    // It is still known after a restart.
    town.basil.send(ESC);
    town.basil.wait_gone("from Ada");
    town.basil.send(CTRL_Q);
    assert_eq!(town.basil.end(), Ok(0));
    town.basil = town.open("basil");
    town.basil.wait_for("Ada");
    town.basil.send(ENTER);
    town.basil.wait_for("saved as plan.bin");
    town.leave();
}

#[test]
fn what_lives_for_seconds_is_counted_down_and_gone_on_both_sides() {
    let mut town = Town::new();
    town.ada.send(TIMER);
    town.ada.wait_for("2 s");
    // Off, 1 s, 2 s.
    town.ada.send("jj");
    town.ada.send(ENTER);
    town.basil.wait_for("set the timer to 2 s");
    town.ada.wait_for("timer 2 s");
    // Two seconds are over before a busy machine has looked at both screens, one after the other.
    for screen in [&town.ada, &town.basil] {
        screen.watch_for("burns in");
    }
    town.ada.send("gone in a moment\r");
    for screen in [&town.ada, &town.basil] {
        screen.wait_met("burns in");
        screen.wait_gone("gone in a moment");
    }
    assert!(!town.ada.contents().contains("burns in") && !town.basil.contents().contains("burns in"));
    town.leave();
}

#[test]
fn a_pause_that_the_server_demands_is_counted_down_and_what_was_said_goes_out() {
    let mut town = Town::new();
    town.trouble("messages.sendEncrypted", 420, "FLOOD_WAIT_3", 1);
    town.ada.send("hasty words\r");
    town.ada.wait_for("asks to wait");
    assert!(!town.basil.contents().contains("hasty"), "{}", town.basil.contents());
    town.basil.wait_for("hasty words");
    town.ada.wait_gone("asks to wait");
    town.leave();
}

#[test]
fn another_key_is_told_on_both_sides() {
    let mut town = Town::new();
    town.ada_says("under the first key", "under the first key");
    town.ada.send(MENU);
    town.ada.wait_for("hange the key");
    town.ada.send("n");
    for screen in [&mut town.ada, &mut town.basil] {
        screen.send(ESC);
        screen.wait_for("i details");
        screen.send("i");
        screen.wait_for("once");
        screen.send(ESC);
        screen.wait_gone("once");
        screen.send("w");
        screen.wait_for("Enter send");
    }
    town.ada_says("under the second", "under the second");
    town.leave();
}

#[test]
fn who_is_shut_out_hears_it_at_once_and_keeps_what_was_said() {
    let mut town = Town::new();
    town.ada_says("before the end", "before the end");
    town.revoke();
    town.ada.wait_for("sign");
    assert!(row(&town.ada, "before the end").contains("before"));
    town.basil.wait_for("closed");
    town.basil.wait_for("before the end");
}

/// Standard base64, as terminals take it.
fn base64(text: &str) -> Vec<u8> {
    const ALPHABET: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let bits = text.bytes().filter_map(|byte| ALPHABET.iter().position(|letter| *letter == byte));
    let (mut held, mut count, mut bytes) = (0u32, 0, Vec::new());
    for six in bits {
        held = (held << 6 | six as u32) & 0xffff;
        count += 6;
        if count >= 8 {
            count -= 8;
            bytes.push((held >> count) as u8);
        }
    }
    bytes
}
