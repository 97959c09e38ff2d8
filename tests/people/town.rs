//! A server with residents, and accounts on it whose engines run here.

use std::path::{Path, PathBuf};
use std::time::Instant;

use subrosa::engine::{self, Command, Connection, Engine, Event, Person, UserId};
use subrosa::server::rpc::Resident;
use subrosa::vault::Vault;

use crate::house::{House, PATIENCE};

pub const ADA: &str = "9996620001";

pub struct Town {
    pub house: House,
}

impl Town {
    pub async fn new() -> Town {
        Town { house: House::open().await }
    }

    /// People who are there without a device that does anything.
    pub async fn settle(&self, residents: Vec<Resident>) {
        self.house.server.settle(residents).await.unwrap();
    }

    /// Somebody who signs up; their engine is not started.
    pub async fn newcomer(&mut self, name: &'static str, phone: &str) -> Somebody {
        let mut somebody = self.device(name, phone, name).await;
        somebody.name = name;
        somebody
    }

    /// A device of somebody, who signs up if they have no account.
    pub async fn device(&mut self, name: &'static str, phone: &str, folder: &str) -> Somebody {
        let folder = self.house.move_in(name, phone, folder).await;
        Somebody { name, folder, engine: None, told: Vec::new() }
    }
}

pub struct Somebody {
    pub name: &'static str,
    folder: PathBuf,
    pub engine: Option<Engine>,
    /// Everything that was told, for the reader of a failure.
    pub told: Vec<String>,
}

impl Somebody {
    pub fn start(&mut self) {
        self.engine = Some(engine::start(self.vault()).unwrap());
    }

    /// Stops the engine; its profile is free then.
    pub async fn stop(&mut self) {
        let engine = self.engine.take().unwrap();
        engine.handle.send(Command::Quit);
        engine.handle.stopped().await;
        engine.thread.join().unwrap();
    }

    /// The profile, while no engine has it.
    pub fn vault(&self) -> Vault {
        engine::open_throwaway(Path::new(&self.folder)).unwrap()
    }

    pub fn send(&self, command: Command) {
        assert!(self.engine.as_ref().unwrap().handle.send(command));
    }

    /// Takes in events until one fits.
    pub async fn until<T>(&mut self, what: &str, mut fits: impl FnMut(&Event) -> Option<T>) -> T {
        let end = Instant::now() + PATIENCE;
        loop {
            let left = end.saturating_duration_since(Instant::now());
            let event = tokio::time::timeout(left, self.engine.as_mut().unwrap().events.recv()).await;
            let Ok(Some(event)) = event else {
                panic!("{} waits in vain for {what}\n{}", self.name, self.told.join("\n"))
            };
            let mut line = format!("{event:?}");
            line.truncate(300);
            self.told.push(line);
            if let Some(found) = fits(&event) {
                return found;
            }
        }
    }

    pub async fn until_online(&mut self) {
        let online = |event: &Event| (*event == Event::Connection(Connection::Online)).then_some(());
        self.until("a connection", online).await;
    }

    /// The next refusal, in words.
    pub async fn until_refused(&mut self) -> String {
        let words = |event: &Event| match event {
            Event::Refused(words) => Some(words.clone()),
            _ => None,
        };
        self.until("a refusal", words).await
    }

    /// The next news of somebody that fits.
    pub async fn until_person(&mut self, what: &str, mut fits: impl FnMut(&Person) -> bool) -> Person {
        self.until(what, |event| match event {
            Event::People(people) => people.iter().find(|person| fits(person)).cloned(),
            _ => None,
        })
        .await
    }

    pub async fn finds(&mut self, query: &str) -> Vec<UserId> {
        self.send(Command::Find(query.to_owned()));
        self.until("what was found", |event| match event {
            Event::Found { query: asked, people } => (asked == query).then(|| people.clone()),
            _ => None,
        })
        .await
    }
}

pub fn resident(number: usize, name: &str) -> Resident {
    Resident {
        phone: format!("99966{number:06}"),
        first_name: name.to_owned(),
        username: Some(format!("{}_{number}", name.to_lowercase())),
        ..Resident::default()
    }
}
