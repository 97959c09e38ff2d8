//! The demo as a newcomer plays it: every way a secret chat can go, on the screen.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use tempfile::TempDir;

use super::screen::{CTRL_K, CTRL_Q, ENTER, ESC, F1, Screen, Start, TAB};

/// The demo on a terminal, at the commonest size.
struct Play {
    screen: Screen,
    _home: TempDir,
}

impl Play {
    fn new() -> Play {
        let home = tempfile::tempdir().unwrap();
        let screen = Start::binary(home.path(), &["demo"]).run();
        screen.wait_for("Mallory");
        Play { screen, _home: home }
    }

    fn see(&self, words: &str) {
        self.screen.wait_for(words);
    }

    fn press(&mut self, keys: &str) {
        self.screen.send(keys);
    }

    /// Searches for somebody and goes to the list, where they are the only one.
    fn find(&mut self, name: &str) {
        self.press("/");
        self.press(name);
        self.see(&format!("/ {name}"));
        self.press(TAB);
        self.see("s secret chat");
    }

    /// Asks somebody for a secret chat.
    fn start(&mut self, name: &str) {
        self.find(name);
        self.press("s");
    }

    fn leave(mut self) {
        self.press(CTRL_Q);
        assert_eq!(self.screen.end(), Ok(0));
        self.screen.assert_restored();
    }
}

#[test]
fn a_chat_is_started_verified_and_spoken_in() {
    let mut play = Play::new();
    play.start("basil");
    play.see("You and Basil hold a key.");
    play.see("not verified");
    play.press(CTRL_K);
    play.see("Key of your chat with Basil Ivanov");
    play.see("If this is the same on Basil's");
    play.press("v");
    play.see("You have verified this key.");
    play.press(ESC);
    play.screen.wait_gone("Key of your chat");
    play.see("◆ verified");
    play.press(ENTER);
    play.see("Enter send");
    play.press("the roses are red\r");
    play.see("You: ");
    play.see("✓✓");
    play.see("There you are. What we write here, nobody else can");
    // The answer into the clipboard: what the terminal was given is what the toast counts.
    play.press(ESC);
    play.see("y copy");
    play.press("y");
    play.see("bytes");
    let copied = play.screen.extras(|extras| extras.clipboard.clone());
    assert!(matches!(copied.as_slice(), [text] if text.starts_with("VGhlcmUgeW91IGFyZS4g")), "{copied:?}");
    play.leave();
}

#[test]
fn who_waits_is_told_for_what_and_writes_nothing_by_accident() {
    let mut play = Play::new();
    play.start("clara");
    play.see("Waiting for Clara.");
    play.see("◐");
    // A draft stays a draft: Enter does not send it, and the key does not either.
    play.press(ENTER);
    play.press("are you there?");
    play.see("are you there?");
    play.press(ENTER);
    play.see("nothing is sent before you both hold the key");
    play.see("Here I am; my phone was in the other room.");
    let contents = play.screen.contents();
    assert!(contents.contains("are you there?") && !contents.contains("You: are"), "{contents}");
    play.press(ENTER);
    play.see("Yes, I can read you.");
    play.leave();
}

#[test]
fn a_decline_is_said_and_can_be_dismissed() {
    let mut play = Play::new();
    play.start("dmitri");
    play.see("Dmitri declined.");
    play.see("No key was made, and no draft was sent.");
    // The composer has gone: the first key is for whoever was about to type.
    play.see("Esc goes on");
    play.press(ESC);
    play.screen.wait_gone("Esc goes on");
    play.press("x");
    play.screen.wait_gone("Dmitri declined.");
    play.leave();
}

#[test]
fn a_tamperer_is_refused_with_the_reason() {
    let mut play = Play::new();
    play.start("mallory");
    play.see("This chat was refused: it is not safe.");
    play.see("Someone between you may be tampering");
    play.see("Nothing was sent. The chat is closed, and no");
    play.leave();
}

#[test]
fn a_request_is_accepted_and_another_left_then_declined() {
    let mut play = Play::new();
    play.see("Farid Haddad");
    play.find("farid");
    play.press(ENTER);
    play.see("Farid wants to talk to you in secret.");
    play.see("not in your contacts");
    // Enter never accepts.
    play.press(ENTER);
    play.press(ENTER);
    // The help comes after them: once it is there, they have been read.
    play.press(F1);
    play.see("quit; drafts are kept");
    play.press(ESC);
    play.screen.wait_gone("quit; drafts are kept");
    play.see("accept here");
    play.press("a");
    play.see("Thank you for answering.");

    play.see("Hana Sato   new");
    play.press(ESC);
    play.see("s secret chat");
    play.find("hana");
    play.press(ENTER);
    play.see("Hana wants to talk to you in secret.");
    play.press("l");
    play.see("You left it for another device.");
    play.press("d");
    play.see("y yes");
    play.press("y");
    play.see("You declined the request of Hana.");
    play.leave();
}

#[test]
fn a_draft_waits_in_vain_and_the_request_is_withdrawn() {
    let mut play = Play::new();
    play.start("anton");
    play.see("Waiting for Anton.");
    play.press("\x1bm");
    play.see("Withdraw the request");
    play.press("w");
    play.see("y yes");
    play.press("y");
    play.see("You withdrew the request.");
    play.leave();
}
