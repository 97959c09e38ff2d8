//! Somebody at an engine, and two of them who talk.

use std::path::PathBuf;
use std::time::Duration;

use subrosa::engine::{
    self, Body, ChatEvent, ChatId, ChatState, Command, Connection, Delivery, Direction, Engine, Event,
    Message, SignIn, SignInStep,
};
use tokio::time::timeout;

use crate::house::Entrance;

/// Nothing takes this long, even with everybody at it on a slow machine.
const PATIENCE: Duration = Duration::from_secs(600);

pub struct Client {
    pub number: usize,
    engine: Engine,
    _folder: PathBuf,
}

fn phone(number: usize) -> String {
    format!("99966{number:05}")
}

/// What this client says.
fn saying(number: usize, count: usize) -> String {
    format!("{number} says {count}")
}

impl Client {
    /// Signs up, and is online.
    pub async fn move_in(mut entrance: Entrance, number: usize) -> Client {
        let (phone, folder) = (phone(number), entrance.profiles.join(number.to_string()));
        let vault = engine::create_throwaway(&folder).unwrap();
        let sign_in = SignIn::begin(vault, entrance.profile.clone(), &phone, false).await.unwrap();
        let code = entrance.code(&phone).await;
        let SignInStep::NameWanted(sign_in) = sign_in.try_code(&code).await.unwrap() else {
            panic!("{number} has an account already")
        };
        let SignInStep::Done(_) = sign_in.sign_up(&format!("N{number}"), "").await.unwrap() else {
            panic!("{number} has no account")
        };
        let engine = engine::start(engine::open_throwaway(&folder).unwrap()).unwrap();
        let mut client = Client { number, engine, _folder: folder };
        client.until(|event| (*event == Event::Connection(Connection::Online)).then_some(())).await;
        client
    }

    fn send(&self, command: Command) {
        assert!(self.engine.handle.send(command), "{} has stopped", self.number);
    }

    /// Takes in events until one fits.
    async fn until<T>(&mut self, mut fits: impl FnMut(&Event) -> Option<T>) -> T {
        let waiting = async {
            loop {
                let event = self.engine.events.recv().await.expect("the engine has stopped");
                if let Some(found) = fits(&event) {
                    return found;
                }
            }
        };
        timeout(PATIENCE, waiting).await.expect("nothing that fits came in time")
    }

    async fn until_ready(&mut self) {
        self.until(|event| match event {
            Event::Chat(ChatEvent::Chat(view)) => matches!(view.state, ChatState::Ready { .. }).then_some(()),
            _ => None,
        })
        .await;
    }

    /// Says so many things one after another, and waits until the server has them and so much was heard. What was heard.
    async fn talk(&mut self, chat: ChatId, messages: usize) -> Vec<String> {
        for count in 0..messages {
            self.send(Command::Say { chat, draft: Box::new(Body::text(saying(self.number, count)).into()) });
        }
        let (number, mut sent, mut heard) = (self.number, 0, Vec::new());
        self.until(|event| {
            match event {
                Event::Chat(ChatEvent::Sent { .. }) => sent += 1,
                Event::Chat(ChatEvent::Failed { reason, .. }) => panic!("{number}: {reason}"),
                Event::Chat(ChatEvent::Message(message)) if message.direction == Direction::In => {
                    heard.push(text(message));
                }
                _ => {}
            }
            (sent == messages && heard.len() >= messages).then_some(())
        })
        .await;
        heard
    }

    /// The whole chat as it is stored.
    async fn history(&mut self, chat: ChatId) -> Vec<Message> {
        self.send(Command::History { chat, before: None, limit: 1_000_000 });
        self.until(|event| match event {
            Event::History { messages, .. } => {
                Some(messages.iter().map(|(_, message)| message.clone()).collect())
            }
            _ => None,
        })
        .await
    }

    /// What was said and heard, as it is stored: all of it, in order, once.
    async fn look_back(&mut self, chat: ChatId, other: usize, messages: usize) {
        let history = self.history(chat).await;
        let texts = |direction| {
            let those = history.iter().filter(|message| message.direction == direction);
            those.map(text).collect::<Vec<_>>()
        };
        let all = |number| (0..messages).map(|count| saying(number, count)).collect::<Vec<_>>();
        assert_eq!(texts(Direction::Out), all(self.number));
        assert_eq!(texts(Direction::In), all(other), "heard by {}", self.number);
        assert!(
            history.iter().all(|message| !matches!(message.delivery, Delivery::Queued | Delivery::Failed))
        );
    }

    async fn leave(self) {
        self.send(Command::Quit);
        self.engine.handle.stopped().await;
        self.engine.thread.join().unwrap();
    }
}

fn text(message: &Message) -> String {
    match &message.body {
        Body::Text(text) => text.plain.clone(),
        other => panic!("nobody says {other:?}"),
    }
}

/// Two who have a chat with each other, or will have.
pub struct Pair {
    asks: Client,
    accepts: Client,
    chat: ChatId,
}

impl Pair {
    pub fn new(asks: Client, accepts: Client) -> Pair {
        Pair { asks, accepts, chat: ChatId(0) }
    }

    /// Makes the chat.
    pub async fn agree(mut self) -> Pair {
        self.asks.send(Command::Find(format!("+{}", phone(self.accepts.number))));
        let found = self.asks.until(|event| match event {
            Event::Found { people, .. } => people.first().copied(),
            _ => None,
        });
        let found = found.await;
        self.asks.send(Command::Start(found));
        let asked = self.accepts.until(|event| match event {
            Event::Chat(ChatEvent::Chat(view)) => Some(view.id),
            _ => None,
        });
        self.chat = asked.await;
        self.accepts.send(Command::Accept(self.chat));
        self.asks.until_ready().await;
        self.accepts.until_ready().await;
        self
    }

    /// Both talk at the same time, and hear each other.
    pub async fn talk(mut self, messages: usize) -> Pair {
        let said = tokio::join!(self.asks.talk(self.chat, messages), self.accepts.talk(self.chat, messages));
        for (heard, from) in [(said.0, self.accepts.number), (said.1, self.asks.number)] {
            assert_eq!(heard, (0..messages).map(|count| saying(from, count)).collect::<Vec<_>>());
        }
        self
    }

    pub async fn look_back(mut self, messages: usize) -> Pair {
        let (asks, accepts) = (self.asks.number, self.accepts.number);
        self.asks.look_back(self.chat, accepts, messages).await;
        self.accepts.look_back(self.chat, asks, messages).await;
        self
    }

    pub async fn leave(self) {
        self.asks.leave().await;
        self.accepts.leave().await;
    }
}
