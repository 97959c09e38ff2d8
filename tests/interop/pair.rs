//! Our client and a foreign one with a secret chat between them: its beginning and its end.
//!
//! What happens in between are parts (`talk`, `files`, `keys`) that every client can play. Each ends when both sides have seen what
//! they are to see, so that parts can be put together in any order.

use serde_json::{Value, json};
use subrosa::engine::{ChatId, ChatState, Closing, Command};

use crate::foreign::Foreign;
use crate::ours::Ours;
use crate::process::world::World;
use crate::python;

const OUR_PHONE: &str = "70010000001";
const THEIR_PHONE: &str = "70020000002";

/// Which side asks for the chat.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Originator {
    Ours,
    Theirs,
}

pub struct Pair {
    pub ours: Ours,
    pub foreign: Foreign,
    pub chat: ChatId,
    /// The server, and the folder of everything. Last: it goes when all else has gone.
    pub world: World,
}

impl Pair {
    /// Everybody signed in and the chat ready on both sides with one key. `None` where the client cannot be run.
    pub fn new(test: &str, client: &str, settings: Value, originator: Originator) -> Option<Pair> {
        let python = python::interpreter(test)?;
        let world = World::new();
        let ours = Ours::start(&world, OUR_PHONE);
        let foreign = Foreign::start(&python, &world, client, THEIR_PHONE, settings);
        let mut pair = Pair { ours, foreign, chat: ChatId(0), world };
        pair.chat = match originator {
            Originator::Ours => pair.we_start(),
            Originator::Theirs => pair.they_start(),
        };
        let chat = pair.chat;
        pair.ours.state("ready", chat, |state| matches!(state, ChatState::Ready { .. }));
        pair.foreign.wait("ready", |event| event["chat"] == chat.0);
        pair.same_picture();
        Some(pair)
    }

    fn we_start(&mut self) -> ChatId {
        let them = self.ours.import(THEIR_PHONE);
        self.ours.send(Command::Start(them));
        let asked = self.foreign.wait("request", |_| true);
        assert_eq!(asked["user"], self.ours.me.id.0);
        self.foreign.ask("accept", json!({ "chat": asked["chat"] }));
        ChatId(asked["chat"].as_i64().unwrap().try_into().unwrap())
    }

    fn they_start(&mut self) -> ChatId {
        let us = self.foreign.ask("find", json!({ "phone": OUR_PHONE }));
        let started = self.foreign.ask("start", json!({ "user": us }));
        let chat = ChatId(started.as_i64().unwrap().try_into().unwrap());
        self.ours.state("asked", chat, |state| matches!(state, ChatState::Requested { .. }));
        self.ours.send(Command::Accept(chat));
        chat
    }

    /// What two people would compare.
    fn same_picture(&mut self) {
        let theirs = self.foreign.ask("picture", json!({ "chat": self.chat.0 }));
        let ours = self.ours.chats[&self.chat].key.unwrap();
        let hex: String = ours.hash().iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(theirs, hex, "one key, one picture");
    }

    /// A discard by us, which they see.
    pub fn we_discard(mut self) {
        self.ours.send(Command::Close { chat: self.chat, delete_history: false });
        let chat = self.chat;
        let closed = self.foreign.wait("closed", |event| event["chat"] == chat.0);
        assert_eq!(closed["history_deleted"], false);
        self.ours.state("closed", chat, |state| *state == ChatState::Closed(Closing::ByUs));
        self.finish();
    }

    /// A discard by them, which we see.
    pub fn they_discard(mut self, delete_history: bool) {
        self.foreign.ask("discard", json!({ "chat": self.chat.0, "delete_history": delete_history }));
        let closing = Closing::ByPeer { history_deleted: delete_history };
        self.ours.state("closed", self.chat, |state| *state == ChatState::Closed(closing.clone()));
        self.finish();
    }

    fn finish(self) {
        self.foreign.finish();
        self.ours.finish();
    }
}
