//! Somebody at line mode who wants a conversation to take place, and decides by what is on the screen.
//!
//! They know nothing but the lines the program prints. What they asked for in a process that died they ask for again only if
//! the restarted program does not show it as done: that is the promise of the durability rule, seen from outside.

use std::collections::{BTreeMap, HashSet, VecDeque};

use crate::process::world::{World, binary};
use crate::process::{Program, Script, Stream};

/// What each side says.
pub const TEXTS: [&str; 3] = ["one", "two", "three"];

/// Beyond the longest message: asked to say this, the engine refuses in every state of a chat, and all it was asked before is answered.
const TOO_LONG: usize = 5000;

/// Who begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    Originator,
    Recipient,
}

/// One line of a history, as it is shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Said {
    pub own: bool,
    pub text: String,
    pub read: bool,
}

pub struct Person {
    pub role: Role,
    pub profile: String,
    pub peer_phone: String,
    home: std::path::PathBuf,
    pub program: Program,
    place: usize,
    screen: Screen,
    /// Every chat that ever asked for us, in all processes.
    pub requests: HashSet<String>,
    pub deaths: u32,
    /// Where the processes to come will die.
    fates: VecDeque<String>,
}

/// What the running process has shown.
#[derive(Default)]
struct Screen {
    chats: BTreeMap<String, String>,
    messages: BTreeMap<String, Said>,
    order: Vec<String>,
    connected: bool,
    online: bool,
    told_chats: bool,
    told_history: bool,
    unread: bool,
    asked: HashSet<&'static str>,
    ends: u32,
}

impl Person {
    /// Starts line mode. The first process dies where the first of `fates` says, the next one where the second does, and so on.
    pub fn new(
        world: &World,
        script: &Script,
        role: Role,
        profile: &str,
        peer_phone: &str,
        fates: &[String],
    ) -> Person {
        let (fate, later) =
            fates.split_first().map_or((None, [].as_slice()), |(first, later)| (Some(first), later));
        let program = start(world.home(), script, profile, fate);
        let mut person = Person {
            role,
            profile: profile.into(),
            peer_phone: peer_phone.into(),
            home: world.home().to_owned(),
            program,
            place: 0,
            screen: Screen::default(),
            requests: HashSet::new(),
            deaths: 0,
            fates: later.iter().cloned().collect(),
        };
        person.look_around();
        person
    }

    fn look_around(&mut self) {
        self.screen = Screen::default();
        self.program.enter("/say 1 x");
    }

    /// The program again, on the way to its next fate if there is one.
    pub fn come_back(&mut self) {
        let (script, fate) = (self.program.script.clone(), self.fates.pop_front());
        self.program = start(&self.home, &script, &self.profile, fate.as_ref());
        self.look_around();
    }

    /// Nothing more is to happen to this one.
    pub fn spare(&mut self) {
        self.fates.clear();
    }

    /// The only chat there is.
    pub fn chat(&self) -> Option<(&str, &str)> {
        let mut chats = self.screen.chats.iter();
        let (id, state) = chats.next()?;
        assert!(chats.next().is_none(), "a second chat\n{}", self.program.script);
        Some((id, state))
    }

    fn state(&self) -> &str {
        self.chat().map_or("", |(_, state)| state)
    }

    pub fn ready(&self) -> bool {
        self.state().starts_with("ready with")
    }

    pub fn closed(&self) -> bool {
        self.state().starts_with("closed by")
    }

    pub fn dead(&self) -> bool {
        self.screen.ends == 2
    }

    pub fn online(&self) -> bool {
        self.screen.online && self.screen.told_history
    }

    /// What was said, oldest first.
    pub fn history(&self) -> Vec<Said> {
        self.screen.order.iter().filter_map(|name| self.screen.messages.get(name)).cloned().collect()
    }

    pub fn texts(&self, own: bool) -> Vec<String> {
        self.history().into_iter().filter(|said| said.own == own).map(|said| said.text).collect()
    }

    /// Everything is said, has come, and was read on both sides as far as this one knows.
    pub fn satisfied(&self) -> bool {
        self.read_by_peer()
            && self.texts(true).len() >= 3
            && self.texts(false).len() >= 3
            && !self.screen.unread
    }

    /// All is read. After a death one message may lack its mark: sent once more, it has a later date at the server than the
    /// one that was read.
    pub fn read_by_peer(&self) -> bool {
        let lacking = self.history().iter().filter(|said| said.own && !said.read).count();
        lacking == 0 || self.deaths > 0 && lacking < TEXTS.len()
    }

    /// Reads what was printed since the last look.
    pub fn listen(&mut self) {
        let (number, from) = (self.program.number, self.place);
        let fresh = self.program.script.wait(|entries| {
            let own = entries.iter().skip(from).filter(|it| it.speaker == number);
            Some((entries.len(), own.map(|it| (it.stream, it.text.clone())).collect::<Vec<_>>()))
        });
        let (place, fresh) = fresh.unwrap_or_default();
        self.place = place;
        for (stream, line) in fresh {
            match stream {
                Stream::End => self.screen.ends += 1,
                Stream::Out => self.heard(&line),
                Stream::In | Stream::Err => {}
            }
        }
    }

    fn heard(&mut self, line: &str) {
        let screen = &mut self.screen;
        let words: Vec<&str> = line.split(' ').collect();
        match words.as_slice() {
            ["*", "online"] => screen.online = true,
            ["*", "connected,", ..] => screen.connected = true,
            ["*", "next", "attempt", ..] => screen.online = false,
            ["!", "there", "is", "no", "chat", "1;", ..] => screen.told_chats = true,
            ["!", _, "a", "message", "of", ..] | ["!", _, "this", "chat", "is", "not", "ready:", ..] => {
                screen.told_history = true;
            }
            ["chat", id, "with", ..] => {
                let (_, state) = line.split_once(": ").unwrap();
                if state.contains("asks for a secret chat") {
                    self.requests.insert((*id).to_owned());
                }
                screen.chats.insert((*id).to_owned(), state.to_owned());
            }
            [_, _, "unread", "from", ..] => screen.unread = true,
            [_, _, "read", "everything", ..] => {
                screen.messages.values_mut().filter(|said| said.own).for_each(|said| said.read = true);
            }
            [_, date, _, from, name, ..] if date.len() == 10 && name.starts_with('m') => {
                let name = name.trim_end_matches(':');
                let (head, text) = line.split_once(": ").unwrap();
                let own = *from == "you";
                let said = Said { own, text: text.to_owned(), read: head.ends_with("[read]") };
                screen.unread |= !own && screen.connected;
                if screen.messages.insert(name.to_owned(), said).is_none() {
                    screen.order.push(name.to_owned());
                }
            }
            ["*" | "found" | "contact", ..] | [_, "everything", ..] | [_, _, "with", "the", "server"] => {}
            _ => panic!("unexpected of {}: {line:?}\n{}", self.profile, self.program.script),
        }
    }

    /// Does what is to be done next; `both_satisfied` tells the originator that it is time to close.
    pub fn act(&mut self, both_satisfied: bool) {
        if !self.screen.told_chats {
            return;
        }
        let chat = self.chat().map(|(id, state)| (id.to_owned(), state.to_owned()));
        let Some((id, state)) = chat else {
            self.screen.told_history = true;
            if self.screen.online && self.role == Role::Originator {
                let wish = format!("/start +{}", self.peer_phone);
                self.ask("start", &wish);
            }
            return;
        };
        if !self.screen.told_history {
            self.ask("history", &format!("/history {id}"));
            return self.ask("fence", &format!("/say {id} {}", "x".repeat(TOO_LONG)));
        }
        if state.contains("asks for a secret chat") {
            self.ask("accept", &format!("/accept {id}"));
        } else if state.starts_with("ready with") {
            self.converse(&id, both_satisfied);
        }
    }

    fn converse(&mut self, id: &str, both_satisfied: bool) {
        let said = self.texts(true);
        for text in TEXTS.iter().copied().filter(|text| !said.iter().any(|it| it == text)) {
            self.ask(text, &format!("/say {id} {text}"));
        }
        if self.screen.unread && self.texts(false).len() >= TEXTS.len() {
            self.screen.unread = false;
            self.program.enter(&format!("/read {id}"));
        }
        if both_satisfied && self.role == Role::Originator {
            self.ask("close", &format!("/close {id} keep"));
        }
    }

    /// Once in the life of a process.
    fn ask(&mut self, what: &'static str, line: &str) {
        if self.screen.asked.insert(what) {
            self.program.enter(line);
        }
    }
}

fn start(home: &std::path::Path, script: &Script, profile: &str, fate: Option<&String>) -> Program {
    let mut command = binary(home, &["lines", "--profile", profile]);
    if let Some(fate) = fate {
        command.env("SUBROSA_DIE_AT", fate);
    }
    Program::start(script, profile, &mut command)
}
