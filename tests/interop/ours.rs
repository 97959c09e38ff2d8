//! Our own client: the real engine in this process, and all that it has told.

use std::collections::HashMap;
use std::time::Instant;

use subrosa::engine::{
    self, Body, ChatEvent, ChatId, ChatState, ChatView, Command, Connection, Delivery, Direction, Draft,
    Engine, Event, Message, Person, ServerProfile, SignIn, SignInStep, Transfer, UserId,
};
use tokio::runtime::Runtime;

use crate::process::PATIENCE;
use crate::process::world::World;

pub struct Ours {
    engine: Engine,
    runtime: Runtime,
    pub me: Person,
    online: bool,
    people: HashMap<UserId, Person>,
    pub chats: HashMap<ChatId, ChatView>,
    /// In the order in which they were first told.
    messages: Vec<Message>,
    deleted: Vec<i64>,
    /// How far the files of messages have come, by their `random_id`.
    pub transfers: HashMap<i64, Transfer>,
}

impl Ours {
    /// Signs a new account up and starts its engine.
    pub fn start(world: &World, phone: &str) -> Ours {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let folder = world.profile(phone);
        let server = ServerProfile {
            address: world.address.to_string(),
            dc_id: 1,
            proxy: None,
            key: std::fs::read_to_string(world.key()).unwrap(),
            key_source: world.key().display().to_string(),
            api_id: 1,
            api_hash: String::new(),
        };
        let place = world.script.len();
        let vault = engine::create_throwaway(&folder).unwrap();
        let me = runtime.block_on(async {
            let sign_in = SignIn::begin(vault, server, phone, false).await.unwrap();
            let code = world.code(phone, place);
            match sign_in.try_code(&code).await.unwrap() {
                SignInStep::NameWanted(sign_in) => match sign_in.sign_up("Rosa", "").await.unwrap() {
                    SignInStep::Done(me) => *me,
                    _ => panic!("signing up asks for more"),
                },
                _ => panic!("the number is not new"),
            }
        });
        let engine = engine::start(engine::open_throwaway(&folder).unwrap()).unwrap();
        let mut ours = Ours {
            engine,
            runtime,
            me,
            online: false,
            people: HashMap::new(),
            chats: HashMap::new(),
            messages: Vec::new(),
            deleted: Vec::new(),
            transfers: HashMap::new(),
        };
        ours.until("online", |ours| ours.online.then_some(()));
        ours
    }

    pub fn send(&self, command: Command) {
        assert!(self.engine.handle.send(command), "the engine has stopped");
    }

    /// Takes in what the engine tells until `look` finds something.
    pub fn until<T>(&mut self, what: &str, look: impl Fn(&Ours) -> Option<T>) -> T {
        let end = Instant::now() + PATIENCE;
        loop {
            if let Some(found) = look(self) {
                return found;
            }
            let left = end.saturating_duration_since(Instant::now());
            let next = self.engine.events.recv();
            match self.runtime.block_on(async { tokio::time::timeout(left, next).await }) {
                Ok(Some(event)) => self.take(event),
                Ok(None) => panic!("the engine has stopped while waiting: {what}"),
                Err(_) => panic!("in vain: {what}; chats: {:?}; messages: {:#?}", self.chats, self.messages),
            }
        }
    }

    fn take(&mut self, event: Event) {
        match event {
            Event::Me(me) => self.me = me,
            Event::People(people) => {
                self.people.extend(people.into_iter().map(|person| (person.id, person)));
            }
            Event::Connection(state) => self.online = state == Connection::Online,
            Event::Chat(event) => self.take_chat(event),
            Event::Transfer { random_id, transfer, .. } => drop(self.transfers.insert(random_id, transfer)),
            Event::Refused(words) => panic!("refused: {words}"),
            Event::Stopped(reason) => panic!("stopped: {reason:?}"),
            _ => {}
        }
    }

    fn take_chat(&mut self, event: ChatEvent) {
        match event {
            ChatEvent::Chat(view) => drop(self.chats.insert(view.id, view)),
            ChatEvent::Message(message) => {
                let same = |known: &&mut Message| known.random_id == message.random_id;
                match self.messages.iter_mut().find(same) {
                    Some(known) => *known = message,
                    None => self.messages.push(message),
                }
            }
            ChatEvent::Sent { random_id, date, .. } => {
                if let Some(known) = self.messages.iter_mut().find(|known| known.random_id == random_id) {
                    (known.delivery, known.date) = (Delivery::Sent, date);
                }
            }
            ChatEvent::Failed { reason, .. } => panic!("a message failed: {reason}"),
            ChatEvent::Deleted { random_ids, .. } => {
                self.messages.retain(|known| !random_ids.contains(&known.random_id));
                self.deleted.extend(random_ids);
            }
            ChatEvent::HistoryGone(chat) => self.messages.retain(|known| known.chat != chat),
            ChatEvent::Trouble { trouble, .. } => panic!("trouble: {trouble}"),
            ChatEvent::Missing { chat, count } => panic!("{count} messages are missing in {chat}"),
            _ => {}
        }
    }

    pub fn import(&mut self, phone: &str) -> UserId {
        self.send(Command::Import { phone: phone.into(), name: phone.into() });
        self.until("the other one is a contact", |ours| {
            let mut people = ours.people.values();
            people.find(|person| person.contact && person.phone.as_deref() == Some(phone)).map(|it| it.id)
        })
    }

    /// Lets others find us under a name.
    pub fn take_username(&mut self, username: &str) {
        self.send(Command::SetUsername(username.into()));
        self.until("our username", |ours| (ours.me.username.as_deref() == Some(username)).then_some(()));
    }

    /// Waits until the chat is in a state that fits, and gives it.
    pub fn state(&mut self, what: &str, chat: ChatId, fits: impl Fn(&ChatState) -> bool) -> ChatState {
        self.until(what, |ours| Some(ours.chats.get(&chat)?.state.clone()).filter(&fits))
    }

    pub fn say(&self, chat: ChatId, text: &str) {
        self.say_draft(chat, Draft::new(Body::text(text)));
    }

    pub fn say_draft(&self, chat: ChatId, draft: Draft) {
        self.send(Command::Say { chat, draft: Box::new(draft) });
    }

    /// Messages of one direction that people wrote, oldest first.
    pub fn messages(&self, chat: ChatId, direction: Direction) -> Vec<&Message> {
        let all = self.messages.iter();
        all.filter(|it| it.chat == chat && it.direction == direction && !matches!(it.body, Body::TimerSet(_)))
            .collect()
    }

    pub fn texts(&self, chat: ChatId, direction: Direction) -> Vec<&str> {
        let messages = self.messages(chat, direction).into_iter();
        messages
            .map(|it| match &it.body {
                Body::Text(text) => text.plain.as_str(),
                other => panic!("no text: {other:?}"),
            })
            .collect()
    }

    /// Says something, and gives the message as it was told.
    pub fn say_and_see(&mut self, chat: ChatId, draft: Draft) -> Message {
        let before = self.messages(chat, Direction::Out).len();
        self.say_draft(chat, draft);
        self.until("our own message", |ours| {
            ours.messages(chat, Direction::Out).get(before).copied().cloned()
        })
    }

    pub fn message_by_id(&mut self, random_id: i64) -> Message {
        self.until("a message by its id", |ours| {
            ours.messages.iter().find(|it| it.random_id == random_id).cloned()
        })
    }

    /// Waits until a message is gone.
    pub fn gone(&mut self, random_id: i64) {
        self.until("a message is gone", |ours| ours.deleted.contains(&random_id).then_some(()));
        assert!(self.messages.iter().all(|known| known.random_id != random_id));
    }

    pub fn finish(self) {
        self.send(Command::Quit);
        self.engine.thread.join().unwrap();
    }
}
