//! A server, two people with a chat between them, and files to send.

use std::path::{Path, PathBuf};
use std::time::Instant;

use subrosa::engine::{
    self, Attachment, Body, ChatEvent, ChatId, ChatState, Command, Connection, Direction, Engine, Event,
    Message, ServerProfile, Text, Transfer,
};
use subrosa::server::Server;
use subrosa::vault::Vault;

use crate::house::{House, PATIENCE};
use crate::line::Line;

pub const ADA: &str = "9996610001";
pub const BASIL: &str = "9996610002";

pub struct Person {
    pub name: &'static str,
    pub line: Line,
    folder: PathBuf,
    pub downloads: PathBuf,
    pub engine: Option<Engine>,
    /// Everything that was told, for the reader of a failure.
    told: Vec<String>,
}

pub struct Stage {
    pub ada: Person,
    pub basil: Person,
    pub chat: ChatId,
    /// Ends with the test.
    pub house: House,
}

impl Stage {
    /// Ada and Basil, and a chat that both can write in.
    pub async fn set() -> Stage {
        let mut house = House::kept_in(tempfile::tempdir().unwrap()).await;
        let mut people = Vec::new();
        for (name, phone) in [("Ada", ADA), ("Basil", BASIL)] {
            people.push(Person::move_in(name, phone, &mut house).await);
        }
        let mut basil = people.pop().unwrap();
        let mut ada = people.pop().unwrap();
        ada.send(Command::Find(format!("+{BASIL}")));
        let found = ada.until("Basil is found", |event| match event {
            Event::Found { people, .. } => people.first().copied(),
            _ => None,
        });
        let basils_id = found.await;
        ada.send(Command::Start(basils_id));
        let chat = basil
            .until("the request", |event| match event {
                Event::Chat(ChatEvent::Chat(view)) => Some(view.id),
                _ => None,
            })
            .await;
        basil.send(Command::Accept(chat));
        ada.until_ready().await;
        basil.until_ready().await;
        Stage { ada, basil, chat, house }
    }

    pub fn server(&self) -> &Server {
        &self.house.server
    }

    pub fn home(&self) -> &Path {
        self.house.home.path()
    }

    /// A file of this machine.
    pub fn file(&self, name: &str, content: &[u8]) -> PathBuf {
        let folder = self.home().join("own");
        std::fs::create_dir_all(&folder).unwrap();
        let path = folder.join(name);
        std::fs::write(&path, content).unwrap();
        path
    }

    /// Ada sends a file as a document, and Basil has its message; its name.
    pub async fn ada_sends(&mut self, path: &Path) -> i64 {
        self.ada.send_file(self.chat, path);
        let message = self.basil.until_message().await;
        assert_eq!(message.direction, Direction::In);
        message.random_id
    }

    /// Basil fetches it; where it lies.
    pub async fn basil_fetches(&mut self, random_id: i64) -> PathBuf {
        self.basil.send(Command::Download { chat: self.chat, random_id });
        self.basil.until_here(random_id).await
    }
}

impl Person {
    async fn move_in(name: &'static str, phone: &str, house: &mut House) -> Person {
        let line = Line::to(house.server.address()).await;
        let profile = ServerProfile { address: line.address.to_string(), ..house.profile() };
        let profiles = Path::new("profiles");
        std::fs::create_dir_all(house.home.path().join(profiles)).unwrap();
        let folder = house.move_in_by(profile, name, phone, profiles.join(name)).await;
        let downloads = house.home.path().join("downloads").join(name);
        let mut person = Person { name, line, folder, downloads, engine: None, told: Vec::new() };
        person.start().await;
        person
    }

    /// Starts the engine, and waits for its connection.
    pub async fn start(&mut self) {
        self.start_alone();
        self.until_online().await;
    }

    pub fn start_alone(&mut self) {
        let vault = self.vault();
        self.engine = Some(engine::start_saving_in(vault, Some(self.downloads.clone())).unwrap());
    }

    /// Stops the engine; its profile is free then.
    pub async fn stop(&mut self) {
        let engine = self.engine.take().unwrap();
        engine.handle.send(Command::Quit);
        engine.handle.stopped().await;
        engine.thread.join().unwrap();
        self.told.push("-- stopped --".into());
    }

    /// The end of a killed process: the profile is as it was at this moment, whatever the engine would still have done.
    pub async fn crash(&mut self) {
        let at_death = self.folder.with_extension("at death");
        std::fs::create_dir(&at_death).unwrap();
        for name in names(&self.folder).iter().filter(|name| name.starts_with("vault.")) {
            std::fs::copy(self.folder.join(name), at_death.join(name)).unwrap();
        }
        self.stop().await;
        std::fs::remove_dir_all(&self.folder).unwrap();
        std::fs::rename(at_death, &self.folder).unwrap();
    }

    /// The profile, while no engine has it.
    pub fn vault(&self) -> Vault {
        engine::open_throwaway(&self.folder).unwrap()
    }

    pub fn fleeting(&self) -> PathBuf {
        self.folder.join("fleeting")
    }

    /// Where copies of what is to be sent lie.
    pub fn outgoing(&self) -> PathBuf {
        self.folder.join("outgoing")
    }

    /// The next refusal, in words.
    pub async fn until_refused(&mut self) -> String {
        let words = |event: &Event| match event {
            Event::Refused(words) => Some(words.clone()),
            _ => None,
        };
        self.until("a refusal", words).await
    }

    pub fn send(&self, command: Command) {
        assert!(self.engine.as_ref().unwrap().handle.send(command));
    }

    pub fn send_file(&self, chat: ChatId, path: &Path) {
        self.send(Command::SendFile {
            chat,
            path: path.to_owned(),
            as_document: true,
            caption: Text::default(),
            reply_to: None,
            silent: false,
        });
    }

    /// Takes in events until one fits.
    pub async fn until<T>(&mut self, what: &str, mut fits: impl FnMut(&Event) -> Option<T>) -> T {
        let end = Instant::now() + PATIENCE;
        loop {
            let left = end.saturating_duration_since(Instant::now());
            let event = tokio::time::timeout(left, self.engine.as_mut().unwrap().events.recv()).await;
            let Ok(event) = event else { panic!("{} waits in vain for {what}\n{}", self.name, self.log()) };
            let event =
                event.unwrap_or_else(|| panic!("{} has stopped before {what}\n{}", self.name, self.log()));
            self.told.push(format!("{event:?}"));
            if let Some(found) = fits(&event) {
                return found;
            }
        }
    }

    pub fn log(&self) -> String {
        let lines = self.told.iter().map(|line| line.chars().take(300).collect::<String>());
        lines.collect::<Vec<_>>().join("\n")
    }

    pub async fn until_online(&mut self) {
        let online = |event: &Event| (*event == Event::Connection(Connection::Online)).then_some(());
        self.until("a connection", online).await;
    }

    async fn until_ready(&mut self) {
        self.until("a chat that is ready", |event| match event {
            Event::Chat(ChatEvent::Chat(view)) if matches!(view.state, ChatState::Ready { .. }) => Some(()),
            _ => None,
        })
        .await;
    }

    /// The next message that appears.
    pub async fn until_message(&mut self) -> Message {
        self.until("a message", |event| match event {
            Event::Chat(ChatEvent::Message(message)) => Some(message.clone()),
            _ => None,
        })
        .await
    }

    /// The next news of the transfer of a message that fits.
    pub async fn until_transfer<T>(
        &mut self,
        what: &str,
        of: i64,
        mut fits: impl FnMut(&Transfer) -> Option<T>,
    ) -> T {
        self.until(what, |event| match event {
            Event::Transfer { random_id, transfer, .. } if *random_id == of => fits(transfer),
            _ => None,
        })
        .await
    }

    /// The next time that something has come of it.
    pub async fn until_under_way(&mut self, of: i64) -> u64 {
        self.until_transfer("progress", of, |transfer| match transfer {
            Transfer::Running { done: done @ 1.., .. } => Some(*done),
            _ => None,
        })
        .await
    }

    pub async fn until_here(&mut self, of: i64) -> PathBuf {
        self.until_transfer("a file", of, |transfer| match transfer {
            Transfer::Done { path: Some(path) } => Some(path.clone()),
            Transfer::Failed(reason) => panic!("{reason}"),
            _ => None,
        })
        .await
    }

    pub async fn until_failed(&mut self, of: i64) -> String {
        self.until_transfer("a failure", of, |transfer| match transfer {
            Transfer::Failed(reason) => Some(reason.clone()),
            _ => None,
        })
        .await
    }

    pub async fn until_sent(&mut self, of: i64) {
        self.until("that it is sent", |event| match event {
            Event::Chat(ChatEvent::Sent { random_id, .. }) if *random_id == of => Some(()),
            Event::Chat(ChatEvent::Failed { reason, .. }) => panic!("{reason}"),
            _ => None,
        })
        .await;
    }

    /// Waits until everything that was asked before has been answered: the engine refuses this.
    pub async fn fence(&mut self, chat: ChatId) {
        self.send(Command::Say { chat, draft: Box::new(Body::text(" ").into()) });
        self.until("a refusal", |event| {
            matches!(event, Event::Chat(ChatEvent::Trouble { .. })).then_some(())
        })
        .await;
    }

    pub async fn history(&mut self, chat: ChatId) -> Vec<Message> {
        self.send(Command::History { chat, before: None, limit: 1000 });
        self.until("the history", |event| match event {
            Event::History { messages, .. } => {
                Some(messages.iter().map(|(_, message)| message.clone()).collect())
            }
            _ => None,
        })
        .await
    }
}

/// The file of a message.
pub fn attachment(message: &Message) -> &Attachment {
    let Body::File(file) = &message.body else { panic!("no file") };
    file
}

/// Bytes that look like nothing, another row for each seed.
pub fn noise(length: usize, seed: u64) -> Vec<u8> {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let mut bytes = Vec::with_capacity(length + 8);
    while bytes.len() < length {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        bytes.extend(state.to_le_bytes());
    }
    bytes.truncate(length);
    bytes
}

/// What lies in a folder, hidden files included.
pub fn names(folder: &Path) -> Vec<String> {
    let Ok(found) = std::fs::read_dir(folder) else { return Vec::new() };
    let mut names: Vec<String> =
        found.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}
