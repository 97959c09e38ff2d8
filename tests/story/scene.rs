//! How most stories begin: Ada and Basil at line mode, and perhaps a chat between them.

use crate::process::world::World;
use crate::process::{Program, Stream};

pub const ADA: &str = "9996610001";
pub const BASIL: &str = "9996610002";

/// Ada and Basil, signed in and online.
pub struct Scene {
    pub world: World,
    pub ada: Program,
    pub basil: Program,
}

impl Scene {
    pub fn new() -> Scene {
        let world = World::new();
        world.sign_in("ada", ADA, "Ada");
        world.sign_in("basil", BASIL, "Basil");
        let (ada, basil) = (world.lines("ada"), world.lines("basil"));
        Scene { world, ada, basil }
    }

    /// Ada asks Basil for a chat; its number.
    pub fn ask(&mut self) -> String {
        self.ada.enter(&format!("/start +{BASIL}"));
        self.ada.expect_text("waiting for Basil to accept");
        number(&self.basil.expect_text("Ada asks for a secret chat, not in your contacts"))
    }

    /// A chat that both can write in, opened on both sides.
    pub fn ready(&mut self) -> String {
        let chat = self.ask();
        self.basil.enter(&format!("/accept {chat}"));
        self.ada.expect_text("ready with Basil, not verified");
        self.basil.expect_text("ready with Ada, not verified");
        for person in [&mut self.ada, &mut self.basil] {
            person.enter(&format!("/open {chat}"));
            person.expect_text(&format!("* open: chat {chat} with "));
        }
        chat
    }

    /// Ada says something, and Basil sees it; the message's name.
    pub fn ada_says(&mut self, text: &str) -> String {
        self.ada.enter(text);
        let line = self.basil.expect_text(&format!(": {text}"));
        line.split(' ')
            .find_map(|word| word.strip_suffix(':').filter(|name| name.starts_with('m')))
            .unwrap()
            .into()
    }
}

/// The number in a line that begins with `chat NUMBER`.
pub fn number(line: &str) -> String {
    line.split(' ').nth(1).unwrap().to_owned()
}

/// What is said about a chat that is known, after everything that was asked before has been answered: the engine refuses to say this.
fn fence(person: &mut Program, chat: &str) {
    person.enter(&format!("/say {chat} {}", "x".repeat(5000)));
    person.expect("the refusal of a text that is too long", |line| {
        line.starts_with(&format!("! {chat} ")) && (line.contains("too long") || line.contains("not ready"))
    });
}

/// The history as it is shown.
pub fn history(person: &mut Program, chat: &str) -> Vec<String> {
    fence(person, chat);
    let place = person.script.len();
    person.enter(&format!("/history {chat} 1000"));
    fence(person, chat);
    let lines = person.said_since(place, Stream::Out);
    lines.into_iter().filter(|line| line.starts_with(&format!("{chat} ")) && line.contains(": ")).collect()
}

/// What somebody (`you`, or the other's name) has said, without names and states.
pub fn texts(person: &mut Program, chat: &str, from: &str) -> Vec<String> {
    let lines = history(person, chat).into_iter().filter(|line| line.split(' ').nth(3) == Some(from));
    lines.map(|line| line.split_once(": ").unwrap().1.to_owned()).collect()
}

/// The key as it is shown.
pub fn key(person: &mut Program, chat: &str) -> Vec<String> {
    let place = person.script.len();
    person.enter(&format!("/key {chat}"));
    person.expect_text("then /verify remembers it");
    let lines = person.said_since(place, Stream::Out);
    let head = lines.iter().position(|line| line.starts_with("key of chat")).unwrap();
    // The connection may have a word in between.
    let key: Vec<String> = lines[head + 1..].iter().filter(|line| !line.starts_with("* ")).cloned().collect();
    assert!(key.len() > 8, "{key:?}");
    key
}
