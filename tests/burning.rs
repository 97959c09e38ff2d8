//! Messages that destroy themselves, from engine to engine over a real server: what the front ends are told and what is left.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod house;

use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use house::{House, PATIENCE};
use subrosa::engine::{
    self, Body, ChatEvent, ChatId, ChatState, Command, Connection, Engine, Event, Message, UserId,
};

const ADA: &str = "9996620001";
const BASIL: &str = "9996620002";

/// Somebody at their engine.
struct Person {
    folder: PathBuf,
    engine: Engine,
    /// Everything told since this was emptied last.
    told: Vec<Event>,
}

impl Person {
    fn wake(folder: PathBuf) -> Person {
        let engine = engine::start(engine::open_throwaway(&folder).unwrap()).unwrap();
        Person { folder, engine, told: Vec::new() }
    }

    async fn sleep(self) -> PathBuf {
        self.send(Command::Quit);
        self.engine.handle.stopped().await;
        let Person { folder, engine, .. } = self;
        engine.thread.join().unwrap();
        folder
    }

    fn send(&self, command: Command) {
        assert!(self.engine.handle.send(command));
    }

    /// Waits for something to be told, or finds it among what was told.
    async fn hear<T>(&mut self, what: &str, fits: impl Fn(&Event) -> Option<T>) -> T {
        let mut looked = 0;
        loop {
            if let Some(found) = self.told.iter().skip(looked).find_map(&fits) {
                return found;
            }
            looked = self.told.len();
            let next = tokio::time::timeout(PATIENCE, self.engine.events.recv()).await;
            let event = next.unwrap_or_else(|_| panic!("in vain: {what}; told: {:?}", self.told));
            self.told.push(event.expect("the engine runs"));
        }
    }

    async fn hear_chat<T>(&mut self, what: &str, fits: impl Fn(&ChatEvent) -> Option<T>) -> T {
        self.hear(what, |event| if let Event::Chat(event) = event { fits(event) } else { None }).await
    }

    async fn online(&mut self) {
        self.hear("online", |event| (*event == Event::Connection(Connection::Online)).then_some(())).await;
    }

    async fn find(&mut self, phone: &str) -> UserId {
        self.send(Command::Find(format!("+{phone}")));
        self.hear("found", |event| match event {
            Event::Found { people, .. } => people.first().copied(),
            _ => None,
        })
        .await
    }

    async fn state(&mut self, what: &str, fits: impl Fn(&ChatState) -> bool) -> ChatId {
        self.hear_chat(what, |event| match event {
            ChatEvent::Chat(view) if fits(&view.state) => Some(view.id),
            _ => None,
        })
        .await
    }

    async fn message(&mut self, words: &str) -> Message {
        let body = Body::text(words);
        self.hear_chat(words, |event| match event {
            ChatEvent::Message(message) if message.body == body => Some(message.clone()),
            _ => None,
        })
        .await
    }

    async fn deleted(&mut self, id: i64) {
        self.hear_chat("deleted", |event| match event {
            ChatEvent::Deleted { random_ids, .. } => random_ids.contains(&id).then_some(()),
            _ => None,
        })
        .await;
    }

    /// When a message is to burn.
    async fn countdown(&mut self, id: i64) -> i64 {
        self.hear_chat("the clock starts", |event| match event {
            ChatEvent::Destruct { random_id, at_ms, .. } => (*random_id == id).then_some(*at_ms),
            _ => None,
        })
        .await
    }

    async fn history(&mut self, chat: ChatId) -> Vec<Message> {
        self.told.clear();
        self.send(Command::History { chat, before: None, limit: 100 });
        self.hear("history", |event| match event {
            Event::History { messages, .. } => {
                Some(messages.iter().map(|(_, message)| message.clone()).collect())
            }
            _ => None,
        })
        .await
    }
}

/// Ada and Basil with a chat between them, whose new messages live so long.
async fn pair(house: &mut House, seconds: i32) -> (Person, Person, ChatId) {
    let mut ada = Person::wake(house.move_in("Ada", ADA, "ada").await);
    let mut basil = Person::wake(house.move_in("Basil", BASIL, "basil").await);
    ada.online().await;
    basil.online().await;
    let user = ada.find(BASIL).await;
    ada.send(Command::Start(user));
    let chat = basil.state("asked", |state| matches!(state, ChatState::Requested { .. })).await;
    basil.send(Command::Accept(chat));
    ada.state("ready", |state| matches!(state, ChatState::Ready { .. })).await;
    ada.send(Command::SetTimer { chat, seconds });
    (ada, basil, chat)
}

fn say(chat: ChatId, words: &str) -> Command {
    Command::Say { chat, draft: Box::new(Body::text(words).into()) }
}

fn now_ms() -> i64 {
    i64::try_from(SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis()).unwrap()
}

fn alone(test: impl Future<Output = ()>) {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(test);
}

#[test]
fn a_message_burns_on_both_sides_after_it_was_read() {
    alone(async {
        let mut house = House::open().await;
        let (mut ada, mut basil, chat) = pair(&mut house, 2).await;
        ada.send(say(chat, "burn after reading"));
        let id = basil.message("burn after reading").await.random_id;
        assert_eq!(basil.history(chat).await.last().unwrap().destruct_ms, None);
        let before = now_ms();
        basil.send(Command::Seen(chat));
        let at_ms = basil.countdown(id).await;
        assert!((before + 2_000..=now_ms() + 2_000).contains(&at_ms), "two seconds from its being seen");
        // Told each time from two clocks that are read one after the other.
        let told = basil.history(chat).await.last().unwrap().destruct_ms.unwrap();
        assert!(told.abs_diff(at_ms) < 1_000, "the same moment: {told} and {at_ms}");
        ada.countdown(id).await;
        basil.deleted(id).await;
        assert!((at_ms..at_ms + 5_000).contains(&now_ms()), "in time");
        ada.deleted(id).await;
        for person in [&mut ada, &mut basil] {
            let left: Vec<Body> =
                person.history(chat).await.into_iter().map(|message| message.body).collect();
            assert_eq!(left, [Body::TimerSet(2)]);
        }
        ada.sleep().await;
        basil.sleep().await;
        house.server.stop().await;
    });
}

#[test]
fn an_end_that_came_while_the_engine_was_off_is_not_even_told() {
    alone(async {
        let mut house = House::open().await;
        let (mut ada, mut basil, chat) = pair(&mut house, 4).await;
        ada.send(say(chat, "gone by morning"));
        let id = basil.message("gone by morning").await.random_id;
        basil.send(Command::Seen(chat));
        let at_ms = basil.countdown(id).await;
        ada.countdown(id).await;
        let folder = basil.sleep().await;
        assert!(now_ms() < at_ms, "it went to sleep in time, or this tests nothing");
        assert_eq!(stored(&folder, chat).len(), 2);
        ada.deleted(id).await;
        while now_ms() < at_ms {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        let mut basil = Person::wake(folder);
        basil.hear("restored", |event| (*event == Event::Restored).then_some(())).await;
        let last = basil.told.iter().find_map(|event| match event {
            Event::Last(message) => Some(message.body.clone()),
            _ => None,
        });
        assert_eq!(last, Some(Body::TimerSet(4)));
        let of_it =
            |event: &Event| matches!(event, Event::Chat(ChatEvent::Deleted { .. }) | Event::History { .. });
        assert!(!basil.told.iter().any(of_it), "{:?}", basil.told);
        assert_eq!(basil.history(chat).await.len(), 1);
        let folder = basil.sleep().await;
        assert_eq!(stored(&folder, chat).len(), 1);
        ada.sleep().await;
        house.server.stop().await;
    });
}

/// The history as it lies in a closed profile.
fn stored(folder: &Path, chat: ChatId) -> Vec<Message> {
    let vault = engine::open_throwaway(folder).unwrap();
    vault.history(chat, None, 100).unwrap().into_iter().map(|(_, message)| message).collect()
}
