//! Somebody at line mode who wants a conversation to take place, and decides by what is on the screen.
//!
//! They know nothing but the lines the program prints. What they asked for in a process that died they ask for again only if
//! the restarted program does not show it as done: that is the promise of the durability rule, seen from outside.

use std::collections::{BTreeMap, HashSet, VecDeque};
use std::fs;
use std::path::PathBuf;

use crate::process::world::{World, binary};
use crate::process::{Program, Script, Stream};

/// What each side says, in order: words at first, an answer to the other's first word, a file, and words with a timer.
pub const TEXTS: [&str; 6] = ["one", "two", "three", ANSWER, GIFT, TIMED];

const FIRST: usize = 3;
const ANSWER: &str = "answer";
const GIFT: &str = "gift";
const TIMED: &str = "timed";

/// Longer than any test.
const TIMER: &str = "1w";
const TIMER_SHOWN: &str = "1 w";

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
    /// The server has it.
    pub sent: bool,
    /// The name of the message that it answers.
    pub answers: Option<String>,
    pub timed: bool,
}

pub struct Person {
    pub role: Role,
    pub profile: String,
    pub peer_phone: String,
    home: PathBuf,
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
    key: Key,
    /// Where the other's file lies.
    saved: Option<PathBuf>,
    asked: HashSet<&'static str>,
    ends: u32,
}

/// How often the key of the chat was changed, as far as it was said.
#[derive(Default)]
struct Key {
    /// Something has happened since it was asked.
    stale: bool,
    /// The answer is still coming.
    asked: bool,
    changes: Option<usize>,
    changing: bool,
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
        fs::write(person.gift(), person.words_of(&person.profile)).unwrap();
        person.look_around();
        person
    }

    /// The file that this one sends.
    fn gift(&self) -> PathBuf {
        self.home.join(format!("{GIFT}-{}", self.profile))
    }

    fn words_of(&self, profile: &str) -> String {
        format!("A gift of {profile}.")
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

    /// What somebody said; lines about the timer are about the chat.
    pub fn texts(&self, own: bool) -> Vec<String> {
        let said = self.history().into_iter().filter(|said| said.own == own).map(|said| said.text);
        said.filter(|text| !text.starts_with("* the timer")).collect()
    }

    /// What is said of the timer, by whomever.
    pub fn timers(&self) -> Vec<String> {
        self.history()
            .into_iter()
            .map(|said| said.text)
            .filter(|text| text.starts_with("* the timer"))
            .collect()
    }

    /// Each side's answer is one to the other's first word, what is timed has a timer and nothing else has, and the gift is whole.
    pub fn verify(&self, giver: &str) {
        let script = &self.program.script;
        for said in self.history() {
            assert_eq!(said.timed, said.text == TIMED, "{said:?}\n{script}");
            assert_eq!(said.answers.is_some(), said.text == ANSWER, "{said:?}\n{script}");
            if let Some(question) = said.answers {
                let question = &self.screen.messages[&question];
                assert_eq!((question.text.as_str(), question.own), (TEXTS[0], !said.own), "{script}");
            }
        }
        let saved = self.screen.saved.as_ref().unwrap_or_else(|| panic!("no file\n{script}"));
        assert_eq!(fs::read_to_string(saved).unwrap(), self.words_of(giver), "{script}");
    }

    /// Everything is said, has come, was read on both sides as far as this one knows, and the key is another one.
    pub fn satisfied(&self) -> bool {
        self.has_all() && self.key_settled()
    }

    fn key_settled(&self) -> bool {
        let key = &self.screen.key;
        !key.asked && key.changes == Some(1) && !key.changing
    }

    /// Everything but the change of the key.
    fn has_all(&self) -> bool {
        self.read_by_peer()
            && self.texts(true).len() >= TEXTS.len()
            && self.texts(false).len() >= TEXTS.len()
            && !self.screen.unread
            && self.screen.saved.is_some()
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
                screen.key.stale = true;
                screen.chats.insert((*id).to_owned(), state.to_owned());
            }
            [_, "changed:", times, ..] => {
                let changes = ["never", "once"].iter().position(|known| known == times);
                assert!(changes.is_some(), "changed more than once\n{}", self.program.script);
                (screen.key.changes, screen.key.changing) = (changes, false);
            }
            [_, "now:", "being", "changed;", ..] => screen.key.changing = true,
            // What else is known of the chat and the person.
            [_, "chat:" | "asked" | "timer:" | "key:" | "in" | "under", ..] => {}
            [_, "their", "app:", ..] => screen.key.asked = false,
            [_, "username:" | "phone:" | "presence:" | "contact:" | "blocked:", ..] => {}
            [_, _, "file", state @ ..] => {
                if let ["saved", "as", path] = state {
                    screen.saved = Some(path.into());
                }
            }
            [_, _, "unread", "from", ..] => screen.unread = true,
            [_, _, "read", "everything", ..] => {
                for said in screen.messages.values_mut().filter(|said| said.own && said.sent) {
                    said.read = true;
                }
            }
            [_, name, "with", "the", "server"] => {
                screen.messages.get_mut(*name).into_iter().for_each(|said| said.sent = true);
            }
            [_, date, _, from, name, ..] if date.len() == 10 && name.starts_with('m') => {
                let name = name.trim_end_matches(':');
                let (head, text) = line.split_once(": ").unwrap();
                let own = *from == "you";
                let (text, timed) = match text.split_once(" (burns") {
                    Some((text, _)) => (text, true),
                    None => (text, false),
                };
                let text = if text.contains(GIFT) { GIFT } else { text };
                let answers = head.split_once("(answers ").map(|(_, name)| name.trim_end_matches(')').into());
                let read = head.contains("[read]");
                let sent = read || head.contains("[with the server]");
                let said = Said { own, text: text.to_owned(), read, sent, answers, timed };
                screen.unread |= !own && screen.connected;
                if screen.messages.insert(name.to_owned(), said).is_none() {
                    screen.order.push(name.to_owned());
                }
            }
            ["*" | "found" | "contact", ..] | [_, "everything", ..] => {}
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
        for text in TEXTS.into_iter().take(FIRST).filter(|text| !said.iter().any(|it| it == text)) {
            self.ask(text, &format!("/say {id} {text}"));
        }
        // That a key has changed needs no line of its own: whoever waits for nothing else asks again.
        let waiting = self.has_all() && !self.key_settled();
        if !self.screen.key.asked && (self.screen.key.stale || waiting) {
            (self.screen.key.stale, self.screen.key.asked) = (false, true);
            self.program.enter(&format!("/info {id}"));
        }
        if said.len() >= FIRST && self.texts(false).len() >= FIRST {
            self.go_on(id, said.len());
        }
        if self.screen.unread && self.texts(false).len() >= TEXTS.len() {
            self.screen.unread = false;
            self.program.enter(&format!("/read {id}"));
        }
        if both_satisfied && self.role == Role::Originator {
            self.ask("close", &format!("/close {id} keep"));
        }
    }

    /// After the first words, one thing after the other, so that there is an order to keep.
    fn go_on(&mut self, id: &str, said: usize) {
        let key = &self.screen.key;
        if self.role == Role::Originator && !key.asked && key.changes == Some(0) && !key.changing {
            self.ask("rekey", &format!("/rekey {id}"));
        }
        let timed = self.state().ends_with(&format!("timer {TIMER_SHOWN}"));
        let all_sent = self.screen.messages.values().all(|said| said.sent || !said.own);
        let named = |text: &str, own| {
            let found = |(_, said): &(&String, &Said)| said.text == text && said.own == own;
            self.screen.messages.iter().find(found).map(|(name, _)| name.clone())
        };
        let (question, gift) = (named(TEXTS[0], false), named(GIFT, false));
        match TEXTS.get(said).copied() {
            Some(ANSWER) => {
                self.ask(ANSWER, &format!("/reply {id} {} {ANSWER}", question.unwrap_or_default()));
            }
            Some(GIFT) => {
                self.ask("open", &format!("/open {id}"));
                self.ask(GIFT, &format!("/file {}", self.gift().display()));
            }
            // The file has its place in the order when it is with the server, and then the timer may be set.
            Some(TIMED) if timed && all_sent => self.ask(TIMED, &format!("/say {id} {TIMED}")),
            Some(TIMED) if self.role == Role::Recipient && all_sent && gift.is_some() && !timed => {
                self.ask("timer", &format!("/timer {id} {TIMER}"));
            }
            _ => {}
        }
        if let Some(gift) = gift.filter(|_| self.screen.saved.is_none()) {
            self.ask("get", &format!("/get {id} {gift}"));
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
