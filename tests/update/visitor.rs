//! Somebody at the welcome: keys and answers in a few letters, and what the page shows of them.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use jiff::tz::TimeZone;
use subrosa::engine::entrance::{
    CodeSent, Delivery, EntranceCommand, EntranceEvent, Hidden, NextDelivery, Stage,
};
use subrosa::engine::{Person, PersonKind, Presence, UserId};
use subrosa::tui::welcome::host::ServerKey;
use subrosa::tui::welcome::model::{Ask, Given, Model, Page};
use subrosa::tui::welcome::update::{Effect, Msg, update};

pub const NOW: i64 = 1_795_264_860_000;
pub const HASH: &str = "0123456789abcdef0123456789abcdef";

/// Somebody at the welcome.
pub struct Visitor {
    pub model: Model,
    pub now: i64,
}

impl Visitor {
    pub fn new() -> Visitor {
        Visitor::given(Given { profile: "main".into(), ..Given::default() })
    }

    pub fn given(given: Given) -> Visitor {
        Visitor { model: Model::new(given, (80, 24), NOW, TimeZone::UTC), now: NOW }
    }

    pub fn happens(&mut self, msg: Msg) -> Vec<Effect> {
        update(&mut self.model, msg, self.now)
    }

    pub fn key(&mut self, code: KeyCode) -> Vec<Effect> {
        self.happens(Msg::Key(KeyEvent::new(code, KeyModifiers::NONE)))
    }

    pub fn alt(&mut self, letter: char) -> Vec<Effect> {
        self.happens(Msg::Key(KeyEvent::new(KeyCode::Char(letter), KeyModifiers::ALT)))
    }

    pub fn enter(&mut self) -> Vec<Effect> {
        self.key(KeyCode::Enter)
    }

    pub fn types(&mut self, text: &str) {
        for c in text.chars() {
            assert!(self.key(KeyCode::Char(c)).is_empty(), "{c:?} is no text here");
        }
    }

    /// Types a line and Enter.
    pub fn says(&mut self, text: &str) -> Vec<Effect> {
        self.types(text);
        self.enter()
    }

    pub fn told(&mut self, event: EntranceEvent) {
        assert!(self.happens(Msg::Entrance(event)).is_empty());
    }

    pub fn stage(&mut self, stage: Stage) {
        self.told(EntranceEvent::Stage(stage));
    }

    pub fn refused(&mut self, sentence: &str, until_unix_ms: Option<i64>) {
        self.told(EntranceEvent::Refused { sentence: sentence.into(), until_unix_ms });
    }

    #[track_caller]
    pub fn asked(&self) -> &Ask {
        match &self.model.page {
            Page::Form(form) => &form.ask,
            other => panic!("no form but {other:?}"),
        }
    }

    pub fn trouble(&self) -> &str {
        self.model.trouble.as_ref().map(|trouble| trouble.words.as_str()).unwrap_or_default()
    }

    pub fn text(&self, field: usize) -> &str {
        match &self.model.page {
            Page::Form(form) => form.text(field),
            _ => "",
        }
    }

    /// Through to the question for a number.
    pub fn inside() -> Visitor {
        let mut visitor = Visitor::given(Given {
            profile: "main".into(),
            application: Some((7, HASH.into())),
            ..Given::default()
        });
        visitor.key(KeyCode::Char('s'));
        visitor.says("sesame");
        assert!(matches!(visitor.says("sesame").as_slice(), [Effect::Enter(_)]));
        visitor.happens(Msg::Entered(Ok(())));
        visitor.stage(Stage::Phone);
        visitor
    }

    pub fn at_code() -> Visitor {
        let mut visitor = Visitor::inside();
        visitor.says("+49 170 1234567");
        visitor.enter();
        visitor.stage(Stage::Code(sent(42_000)));
        visitor
    }
}

pub fn sent(after_ms: i64) -> CodeSent {
    let next = Some((NextDelivery::Call, NOW + after_ms));
    CodeSent { phone: "491701234567".into(), by: Delivery::Sms, length: Some(5), next }
}

pub fn said(command: EntranceCommand) -> Vec<Effect> {
    vec![Effect::Say(command)]
}

pub fn hidden(text: &str) -> Hidden {
    Hidden::new(text.into())
}

pub fn server_key() -> ServerKey {
    ServerKey { pem: "PEM".into(), source: "server.pem".into(), fingerprint: 5 }
}

pub fn me() -> Box<Person> {
    Box::new(Person {
        id: UserId(1),
        access_hash: 0,
        first_name: "Ada".into(),
        last_name: String::new(),
        username: None,
        phone: None,
        contact: false,
        blocked: false,
        kind: PersonKind::Human,
        presence: Presence::Unknown,
    })
}
