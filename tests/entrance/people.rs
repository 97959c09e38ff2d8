//! People who came in by the entrance, as engines.

use std::time::Instant;

use subrosa::engine::entrance::EntranceCommand;
use subrosa::engine::{
    self, Body, ChatEvent, ChatId, ChatState, Command, Connection, Device, Engine, Event, Message,
};
use tokio::time::timeout;

use crate::stage::{House, PATIENCE, Visitor};

/// A running engine.
pub struct Resident {
    pub name: &'static str,
    pub engine: Engine,
    told: Vec<String>,
}

impl Resident {
    /// Somebody with a new account, signed in and online.
    pub async fn move_in(house: &mut House, name: &'static str, phone: &str) -> Resident {
        let mut visitor = house.visitor(name).await;
        visitor.gives(phone).await;
        visitor.types(&house.code().await);
        visitor.stage().await;
        visitor.say(EntranceCommand::Name { first: name.into(), last: String::new() });
        visitor.done().await;
        Resident::of(visitor, name).await
    }

    /// Whoever has been let in.
    pub async fn of(visitor: Visitor, name: &'static str) -> Resident {
        let engine = visitor.entrance.engine(None).unwrap();
        let mut resident = Resident { name, engine, told: Vec::new() };
        resident.online().await;
        resident
    }

    pub fn with(engine: Engine, name: &'static str) -> Resident {
        Resident { name, engine, told: Vec::new() }
    }

    /// The same once more, after its engine has stopped.
    pub async fn again(house: &House, name: &'static str) -> Resident {
        let vault = house.vault_when_free(name).await;
        Resident { name, engine: engine::start(vault).unwrap(), told: Vec::new() }
    }

    pub fn say(&self, command: Command) {
        assert!(self.engine.handle.send(command));
    }

    /// Takes in events until one fits.
    pub async fn until<T>(&mut self, what: &str, mut fits: impl FnMut(&Event) -> Option<T>) -> T {
        let end = Instant::now() + PATIENCE;
        loop {
            let left = end.saturating_duration_since(Instant::now());
            let event = timeout(left, self.engine.events.recv()).await.ok().flatten();
            let Some(event) = event else {
                panic!("{} waits in vain for {what}\n{}", self.name, self.told.join("\n"))
            };
            self.told.push(format!("{event:?}").chars().take(300).collect());
            if let Some(found) = fits(&event) {
                return found;
            }
        }
    }

    pub async fn online(&mut self) {
        let online = |event: &Event| (*event == Event::Connection(Connection::Online)).then_some(());
        self.until("a connection", online).await;
    }

    pub async fn refused(&mut self) -> String {
        self.until("a refusal", |event| match event {
            Event::Refused(sentence) => Some(sentence.clone()),
            _ => None,
        })
        .await
    }

    pub async fn devices(&mut self) -> Vec<Device> {
        self.until("devices", |event| match event {
            Event::Devices(devices) => Some(devices.clone()),
            Event::Refused(sentence) => panic!("{sentence}"),
            _ => None,
        })
        .await
    }

    pub async fn signed_out(&mut self) -> String {
        self.until("the end of the authorization", |event| match event {
            Event::SignedOut(sentence) => Some(sentence.clone()),
            Event::Refused(sentence) => panic!("{sentence}"),
            _ => None,
        })
        .await
    }

    /// The next chat that is in such a state.
    pub async fn chat(&mut self, what: &str, fits: impl Fn(&ChatState) -> bool) -> (ChatId, ChatState) {
        self.until(what, |event| match event {
            Event::Chat(ChatEvent::Chat(view)) if fits(&view.state) => Some((view.id, view.state.clone())),
            _ => None,
        })
        .await
    }

    pub async fn message(&mut self) -> Message {
        self.until("a message", |event| match event {
            Event::Chat(ChatEvent::Message(message)) => Some(message.clone()),
            _ => None,
        })
        .await
    }

    pub async fn history(&mut self, chat: ChatId) -> usize {
        self.say(Command::History { chat, before: None, limit: 100 });
        self.until("the history", |event| match event {
            Event::History { messages, .. } => Some(messages.len()),
            _ => None,
        })
        .await
    }

    /// Asks somebody for a secret chat.
    pub async fn asks(&mut self, phone: &str) {
        self.say(Command::Find(format!("+{phone}")));
        let found = self.until("somebody", |event| match event {
            Event::Found { people, .. } => people.first().copied(),
            _ => None,
        });
        let who = found.await;
        self.say(Command::Start(who));
    }

    pub async fn stop(self) {
        self.engine.handle.send(Command::Quit);
        self.engine.handle.stopped().await;
        self.engine.thread.join().unwrap();
    }
}

/// A chat that both can write in, with one message in it.
pub async fn chat_between(one: &mut Resident, other: &mut Resident, phone: &str) -> ChatId {
    one.asks(phone).await;
    let (chat, _) = other.chat("the request", |state| matches!(state, ChatState::Requested { .. })).await;
    other.say(Command::Accept(chat));
    let ready = |state: &ChatState| matches!(state, ChatState::Ready { .. });
    one.chat("a chat", ready).await;
    other.chat("a chat", ready).await;
    one.say(Command::Say { chat, draft: Box::new(Body::text("hello").into()) });
    assert_eq!(other.message().await.chat, chat);
    chat
}
