//! What two people say to each other: text, bursts of it, replies, formatting, times to live.

use serde_json::{Value, json};
use subrosa::engine::{Body, Command, Delivery, Direction, Draft, Entity, EntityKind, Message, Text};

use crate::pair::Pair;

/// Messages of a burst.
const BURST: usize = 200;

impl Pair {
    /// We say something and they hear it; the message as we have it, and as they told it.
    pub fn we_say(&mut self, text: &str) -> (Message, Value) {
        let sent = self.ours.say_and_see(self.chat, Draft::new(Body::text(text)));
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
        self.ours.until("all of theirs are here", |ours| {
            (ours.messages(chat, Direction::In).len() >= before_in + BURST).then_some(())
        });
        assert_eq!(self.ours.texts(chat, Direction::In)[before_in..], theirs);
        let told = self.foreign.wait_for(BURST, "message");
        assert_eq!(told.iter().map(|it| it["text"].as_str().unwrap()).collect::<Vec<_>>(), ours);
        assert_eq!(self.ours.texts(chat, Direction::Out)[before_out..], ours);
    }

    /// Times to live: of messages of theirs, and of ours after the timer was set.
    pub fn times_to_live(&mut self) {
        assert_eq!(self.they_say("an hour", 3600).ttl, 3600);
        let brief = self.they_say("a second", 1);
        assert_eq!((brief.ttl, brief.destruct_ms), (1, None), "its clock waits until it is seen");
        self.ours.send(Command::Seen(self.chat));
        self.ours.gone(brief.random_id);
        for (seconds, text) in [(86_400, "a day"), (0, "for ever")] {
            self.ours.send(Command::SetTimer { chat: self.chat, seconds });
            assert_eq!(self.foreign.wait("timer", |_| true)["seconds"], seconds);
            let (sent, told) = self.we_say(text);
            assert_eq!((sent.ttl, &told["ttl"]), (seconds, &json!(seconds)));
        }
    }

    /// Each side answers a message of the other's and one of its own.
    pub fn replies(&mut self) {
        let chat = self.chat;
        let (ours, theirs) = (self.we_say("a question of ours").0, self.they_say("a question of theirs", 0));
        assert_eq!((ours.reply_to, theirs.reply_to), (None, None));
        for question in [&ours, &theirs] {
            let id = question.random_id;
            let draft = Draft { reply_to: Some(id), ..Draft::new(Body::text("our answer")) };
            self.ours.say_draft(chat, draft);
            let told = self.foreign.wait("message", |event| event["text"] == "our answer");
            assert_eq!(told["reply_to"], id);

            let request = json!({ "chat": chat.0, "text": "their answer", "reply_to": id });
            let answer = self.foreign.ask("send", request);
            assert_eq!(self.ours.message_by_id(answer.as_i64().unwrap()).reply_to, Some(id));
        }
    }

    /// Bold letters behind ones that take two UTF-16 units, both ways.
    pub fn formatting(&mut self) {
        let bold = Entity { offset: 3, length: 4, kind: EntityKind::Bold };
        let text = Text { plain: "🌹 rosa".into(), entities: vec![bold] };
        self.ours.say_draft(self.chat, Draft::new(Body::Text(text.clone())));
        let told = self.foreign.wait("message", |event| event["text"] == "🌹 rosa");
        assert_eq!(told["entities"], json!([["MessageEntityBold", 3, 4]]));

        let id =
            self.foreign.ask("send", json!({ "chat": self.chat.0, "text": "🌹 **rosa**", "markup": true }));
        assert_eq!(self.ours.message_by_id(id.as_i64().unwrap()).body, Body::Text(text));
    }
}
