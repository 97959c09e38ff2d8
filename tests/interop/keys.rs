//! Changing the key of a chat that goes on: what was compared stays, what encrypts is another.

use serde_json::{Value, json};
use subrosa::engine::{Command, KeyState};

use crate::pair::Pair;

/// A change takes three messages and one that proves it.
const MAX_ROUNDS: usize = 20;

impl Pair {
    /// We want another key.
    pub fn we_change_the_key(&mut self) {
        self.key_changes(|pair| pair.ours.send(Command::ChangeKey(pair.chat)));
    }

    /// They want another key.
    pub fn they_change_the_key(&mut self) {
        self.key_changes(|pair| drop(pair.foreign.ask("rekey", json!({ "chat": pair.chat.0 }))));
    }

    fn key_changes(&mut self, wish: impl FnOnce(&mut Pair)) {
        let (chat, picture) = (self.chat, self.ours.chats[&self.chat].key);
        let (before, key_before) = (self.key_state(), self.fingerprint());
        wish(self);
        self.ours.until("another key", |ours| {
            let state = ours.chats[&chat].key_state.as_ref()?;
            (state.changes == before.changes + 1 && !state.changing).then_some(())
        });
        // Whoever asked may go on with the former key until something comes under the new one.
        self.text_both_ways();
        assert_ne!(self.fingerprint(), key_before);
        assert_eq!(self.ours.chats[&chat].key, picture, "the picture is that of the first key");
        assert!(self.key_state().uses < 20, "counted anew");
    }

    /// Goes on talking until no change of the key is under way on either side: a chat that ends in the middle of one has both
    /// write into a closed chat.
    pub fn settle(&mut self) {
        for _ in 0..MAX_ROUNDS {
            self.we_say("over");
            self.they_say("over", 0);
            let theirs = self.foreign.ask("changing_key", json!({ "chat": self.chat.0 }));
            if !self.key_state().changing && theirs == false {
                return;
            }
        }
        panic!("the key is being changed for ever: {:?}", self.key_state());
    }

    pub fn key_state(&self) -> KeyState {
        self.ours.chats[&self.chat].key_state.unwrap()
    }

    fn fingerprint(&mut self) -> Value {
        self.foreign.ask("fingerprint", json!({ "chat": self.chat.0 }))
    }
}
