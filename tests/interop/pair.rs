//! Our client and a foreign one with a secret chat between them, and the parts of a conversation that every client can play.
//!
//! Each part ends when both sides have seen what they are to see, so that parts can be put together in any order.

use serde_json::{Value, json};
use subrosa::engine::{Body, ChatId, ChatState, Closing, Command, Delivery, Direction, Message};

use crate::foreign::Foreign;
use crate::ours::Ours;
use crate::process::world::World;
use crate::python;

const OUR_PHONE: &str = "70010000001";
const THEIR_PHONE: &str = "70020000002";

/// Messages of a burst.
const BURST: usize = 200;

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
    /// Last: the server and its folder go when all else has gone.
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

    /// We say something and they hear it; the message as we have it, and as they told it.
    pub fn we_say(&mut self, text: &str) -> (Message, Value) {
        self.ours.say(self.chat, text);
        let sent = self.ours.message(self.chat, Direction::Out, text);
        let told = self.foreign.wait("message", |event| event["id"] == sent.random_id);
        assert_eq!(told["text"], text);
        (sent, told)
    }

    /// They say something and we hear it.
    pub fn they_say(&mut self, text: &str, ttl: i32) -> Message {
        let id = self.foreign.ask("send", json!({ "chat": self.chat.0, "text": text, "ttl": ttl }));
        let came = self.ours.message_by_id(id.as_i64().unwrap());
        assert_eq!((came.direction, came.chat), (Direction::In, self.chat));
        assert_eq!(came.body, Body::text(text));
        came
    }

    /// Text both ways, of all sorts and sizes.
    pub fn text_both_ways(&mut self) {
        let long = "ü".repeat(4096);
        for text in ["A rose.", "naïve, ёлка, 玫瑰, 🌹🏽", "two\nlines", &long] {
            let (_, told) = self.we_say(text);
            assert_eq!(told["ttl"], 0);
            assert_eq!(self.they_say(text, 0).ttl, 0);
        }
        let chat = self.chat;
        self.ours.until("all of ours are with the server", |ours| {
            let sent = ours.messages(chat, Direction::Out).iter().all(|it| it.delivery == Delivery::Sent);
            sent.then_some(())
        });
    }

    /// Two hundred messages each way in a row, both at once: none lost, none twice, in order.
    pub fn bursts(&mut self) {
        let texts = |who: &str| (0..BURST).map(|n| format!("{who} {n}")).collect::<Vec<_>>();
        let (ours, theirs, chat) = (texts("ours"), texts("theirs"), self.chat);
        let [before_out, before_in] =
            [Direction::Out, Direction::In].map(|direction| self.ours.messages(chat, direction).len());
        ours.iter().for_each(|text| self.ours.say(chat, text));
        self.foreign.ask("burst", json!({ "chat": chat.0, "texts": theirs }));
        let told = self.foreign.wait_for(BURST, "message");
        assert_eq!(told.iter().map(|it| it["text"].as_str().unwrap()).collect::<Vec<_>>(), ours);
        self.ours.until("all of theirs are here", |ours| {
            (ours.messages(chat, Direction::In).len() >= before_in + BURST).then_some(())
        });
        assert_eq!(self.ours.texts(chat, Direction::In)[before_in..], theirs);
        assert_eq!(self.ours.texts(chat, Direction::Out)[before_out..], ours);
    }

    /// Times to live: of one message of theirs, and of ours after the timer was set.
    pub fn times_to_live(&mut self) {
        assert_eq!(self.they_say("an hour", 3600).ttl, 3600);
        for (seconds, text) in [(86_400, "a day"), (0, "for ever")] {
            self.ours.send(Command::SetTimer { chat: self.chat, seconds });
            assert_eq!(self.foreign.wait("timer", |_| true)["seconds"], seconds);
            let (sent, told) = self.we_say(text);
            assert_eq!((sent.ttl, &told["ttl"]), (seconds, &json!(seconds)));
        }
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
