//! The demo without a screen: every part is played to its end, and nothing is left of it afterwards.
//!
//! The test runs itself again in a process of its own, whose home, working folder and temporary folder are empty ones: so what it
//! leaves behind, or writes where it must not, can be seen from outside.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::collections::HashMap;
use std::path::Path;
use std::process::{Command as Process, Output};
use std::time::{Duration, Instant};

use subrosa::demo::{self, Demo};
use subrosa::engine::{
    Body, ChatEvent, ChatId, ChatState, ChatView, Closing, Command, Connection, Delivery, Direction, Event,
    Message, PeerFault, Person, PersonKind, Presence, UserId,
};

/// Far beyond what anything here takes.
const PATIENCE: Duration = Duration::from_secs(30);

/// What the user's engine has told, gathered.
struct You {
    demo: Demo,
    runtime: tokio::runtime::Runtime,
    born: Instant,
    online: bool,
    people: HashMap<UserId, Person>,
    found: HashMap<String, Vec<UserId>>,
    chats: HashMap<ChatId, (ChatView, Instant)>,
    messages: Vec<Message>,
    typing: Vec<ChatId>,
    read: Vec<ChatId>,
}

impl You {
    fn start() -> You {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let born = Instant::now();
        let demo = demo::start().unwrap();
        println!("demo::start returned after {:?}", born.elapsed());
        You {
            demo,
            runtime,
            born,
            online: false,
            people: HashMap::new(),
            found: HashMap::new(),
            chats: HashMap::new(),
            messages: Vec::new(),
            typing: Vec::new(),
            read: Vec::new(),
        }
    }

    fn send(&self, command: Command) {
        assert!(self.demo.engine.handle.send(command));
    }

    /// Takes in events until `done` holds.
    fn until(&mut self, what: &str, done: impl Fn(&You) -> bool) {
        let end = Instant::now() + PATIENCE;
        while !done(self) {
            let left = end.saturating_duration_since(Instant::now());
            let next = self.demo.engine.events.recv();
            let event = self.runtime.block_on(async { tokio::time::timeout(left, next).await });
            let event = event.unwrap_or_else(|_| panic!("in vain: {what}; chats: {:?}", self.chats));
            self.take(event.unwrap());
        }
        println!("{:>8.3} s  {what}", self.born.elapsed().as_secs_f64());
    }

    fn take(&mut self, event: Event) {
        match event {
            Event::People(people) => {
                self.people.extend(people.into_iter().map(|person| (person.id, person)));
            }
            Event::Found { query, people } => drop(self.found.insert(query, people)),
            Event::Connection(state) => self.online = state == Connection::Online,
            Event::Chat(ChatEvent::Chat(view)) => {
                let since = match self.chats.get(&view.id) {
                    Some((known, since)) if known.state == view.state => *since,
                    _ => Instant::now(),
                };
                self.chats.insert(view.id, (view, since));
            }
            Event::Chat(ChatEvent::Message(message)) => {
                self.messages.retain(|known| known.random_id != message.random_id);
                self.messages.push(message);
            }
            Event::Chat(ChatEvent::Typing(chat)) => self.typing.push(chat),
            Event::Chat(ChatEvent::ReadByPeer { chat, .. }) => self.read.push(chat),
            Event::Refused(words) => panic!("refused: {words}"),
            Event::Stopped(reason) => panic!("stopped: {reason:?}"),
            _ => {}
        }
    }

    /// The id of a contact.
    fn contact(&self, first_name: &str) -> UserId {
        let mut found = self.people.values().filter(|p| p.contact && p.first_name == first_name);
        found.next().unwrap_or_else(|| panic!("no contact {first_name}")).id
    }

    fn chat_with(&self, user: UserId) -> Option<&ChatView> {
        self.chats.values().map(|(view, _)| view).find(|view| view.user == user)
    }

    fn state(&self, user: UserId) -> Option<&ChatState> {
        self.chat_with(user).map(|view| &view.state)
    }

    fn since(&self, user: UserId) -> Instant {
        let (_, since) = self.chats.values().find(|(view, _)| view.user == user).unwrap();
        *since
    }

    /// What somebody has said, in order.
    fn said_by(&self, user: UserId) -> Vec<&str> {
        let chat = self.chat_with(user).map(|view| view.id);
        let said = self.messages.iter().filter(|m| Some(m.chat) == chat && m.direction == Direction::In);
        said.filter_map(|m| if let Body::Text(text) = &m.body { Some(text.plain.as_str()) } else { None })
            .collect()
    }
}

fn is_ready(state: Option<&ChatState>) -> bool {
    matches!(state, Some(ChatState::Ready { .. }))
}

/// Contacts on the list, as the table of the cast has them.
const CONTACTS: usize = 23;

fn play() {
    let mut you = You::start();
    let folder = you.demo.stage.folder().to_owned();
    assert!(folder.starts_with(std::env::temp_dir()));
    let user_profile = folder.join("9996610000");
    assert!(user_profile.join("vault.db").exists());

    you.until("the contact list is complete", |you| {
        you.people.values().filter(|person| person.contact).count() == CONTACTS
    });
    the_list_is_worth_looking_at(&you);
    you.until("online", |you| you.online);
    you.until("one is blocked", |you| {
        let mut blocked = you.people.values().filter(|person| person.blocked);
        blocked.next().is_some_and(|person| person.first_name == "Ivo") && blocked.next().is_none()
    });
    let [basil, clara, dmitri, anton, mallory] =
        ["Basil", "Clara", "Dmitri", "Anton", "Mallory"].map(|name| you.contact(name));
    let asked = Instant::now();
    for user in [basil, clara, dmitri, anton, mallory] {
        you.send(Command::Start(user));
    }
    for query in ["@quiet_harbour", "@lena_kovac"] {
        you.send(Command::Find(query.into()));
    }

    you.until("Basil has accepted", |you| is_ready(you.state(basil)));
    let chat = you.chat_with(basil).unwrap().id;
    you.send(Command::Say { chat, draft: Box::new(Body::text("Hello, Basil.").into()) });
    you.until("Basil has answered", |you| you.said_by(basil).len() == 1);
    assert!(you.typing.contains(&chat), "typing is shown before");
    assert!(you.read.contains(&chat), "what was said is marked as read");
    you.send(Command::Say { chat, draft: Box::new(Body::text("And again.").into()) });

    you.until("two people are found by name", |you| you.found.len() == 2);
    for people in you.found.values() {
        let [one] = people[..] else { panic!("{people:?}") };
        assert!(!you.people[&one].contact);
    }

    you.until("Mallory is refused", |you| matches!(you.state(mallory), Some(ChatState::Closed(_))));
    let Some(ChatState::Closed(Closing::Refused(PeerFault::Fingerprint { ours, theirs }))) =
        you.state(mallory)
    else {
        panic!("{:?}", you.state(mallory))
    };
    assert_ne!(ours, theirs);
    let mut progress = you.demo.stage.progress();
    let told = progress.wait_for(|progress| progress.refused > 0);
    let told =
        you.runtime.block_on(async { tokio::time::timeout(PATIENCE, told).await.unwrap().unwrap().clone() });
    assert_eq!(told.refused, 1, "the server has told Mallory that the chat is over");
    assert_eq!((told.faults, told.arrived), (vec![], told.expected));

    you.until("Dmitri has declined", |you| matches!(you.state(dmitri), Some(ChatState::Closed(_))));
    assert_eq!(you.state(dmitri), Some(&ChatState::Closed(Closing::DeclinedByPeer)));

    you.until("somebody asks", |you| requests(you).len() == 1);
    let farid = requests(&you)[0].clone();
    assert!(!farid.ours);
    let person = &you.people[&farid.user];
    assert_eq!((person.first_name.as_str(), person.username.as_deref()), ("Farid", Some("farid_h")));
    assert!(!person.contact);
    you.send(Command::Accept(farid.id));
    you.until("Farid is glad", |you| you.said_by(farid.user).len() == 1);

    you.until("Clara has accepted", |you| is_ready(you.state(clara)));
    let waited = you.since(clara) - asked;
    assert!((Duration::from_secs(5)..Duration::from_secs(8)).contains(&waited), "{waited:?}");
    you.until("Clara has greeted", |you| you.said_by(clara).len() == 1);

    you.until("Basil has answered again", |you| you.said_by(basil).len() == 2);
    assert_ne!(you.said_by(basil)[0], you.said_by(basil)[1]);
    assert!(you.messages.iter().all(|message| message.delivery != Delivery::Failed));

    you.until("a second one asks", |you| requests(you).len() == 1);
    let hana = requests(&you)[0].clone();
    you.send(Command::Leave(hana.id));
    you.until("she is left", |you| you.state(hana.user) == Some(&ChatState::Requested { left: true }));
    you.send(Command::Accept(hana.id));
    you.until("she is accepted after all", |you| is_ready(you.state(hana.user)));

    assert_eq!(you.state(anton), Some(&ChatState::Waiting), "Anton never answers");

    let You { demo, born, .. } = you;
    let Demo { engine, stage } = demo;
    let end = Instant::now();
    drop(stage);
    assert!(!engine.handle.send(Command::Dial), "the engine has stopped");
    engine.thread.join().unwrap();
    assert!(!folder.exists());
    println!("gone after {:?}; {:?} in all", end.elapsed(), born.elapsed());
}

fn requests(you: &You) -> Vec<&ChatView> {
    let views = you.chats.values().map(|(view, _)| view);
    views.filter(|view| view.state == ChatState::Requested { left: false }).collect()
}

fn the_list_is_worth_looking_at(you: &You) {
    let contacts: Vec<&Person> = you.people.values().filter(|person| person.contact).collect();
    let online = |p: &&&Person| matches!(p.presence, Presence::Online { .. });
    let seen = |p: &&&Person| matches!(p.presence, Presence::LastSeen(at) if at > 0);
    assert!(contacts.iter().filter(online).count() > 3);
    assert!(contacts.iter().filter(seen).count() > 8);
    let hostile = contacts.iter().find(|p| p.first_name.starts_with("Eve")).unwrap();
    assert!(hostile.first_name.contains('\u{1b}') && hostile.last_name.contains('\u{202e}'));
    let kinds = |kind| contacts.iter().filter(|p| p.kind == kind).count();
    assert_eq!([kinds(PersonKind::Bot), kinds(PersonKind::Deleted)], [1, 1]);
}

/// The parts below, in a process of their own.
const PLAY: &str = "the_whole_play";
const PANIC: &str = "a_play_that_panics";

#[test]
fn every_part_is_played_and_nothing_is_left() {
    let output = in_an_empty_house(PLAY);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
    print!("{}", String::from_utf8_lossy(&output.stdout));
}

#[test]
fn a_panic_leaves_nothing_either() {
    let output = in_an_empty_house(PANIC);
    assert!(!output.status.success());
    let words =
        String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    assert!(words.contains("the user's end of it panics"), "{words}");
}

#[test]
fn the_curtain_may_fall_at_once() {
    let Demo { engine, stage } = demo::start().unwrap();
    let folder = stage.folder().to_owned();
    assert!(folder.exists());
    drop(stage);
    assert!(!folder.exists());
    engine.thread.join().unwrap();
}

/// Runs one of the ignored tests with an empty home, working folder and temporary folder, and sees that they stay so.
fn in_an_empty_house(test: &str) -> Output {
    let house = tempfile::tempdir().unwrap();
    let rooms = ["home", "work", "tmp"].map(|room| house.path().join(room));
    let [home, work, tmp] = &rooms;
    rooms.iter().for_each(|room| std::fs::create_dir(room).unwrap());
    let output = Process::new(std::env::current_exe().unwrap())
        .args(["--exact", test, "--ignored", "--nocapture"])
        .env_clear()
        .env("HOME", home)
        .env("TMPDIR", tmp)
        .current_dir(work)
        .output()
        .unwrap();
    for room in &rooms {
        assert_eq!(content(room), Vec::<std::ffi::OsString>::new(), "{room:?}");
    }
    output
}

fn content(folder: &Path) -> Vec<std::ffi::OsString> {
    std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name()).collect()
}

#[test]
#[ignore = "run by another test, in a process of its own"]
fn the_whole_play() {
    play();
}

#[test]
#[ignore = "run by another test, in a process of its own"]
fn a_play_that_panics() {
    let mut you = You::start();
    assert!(you.demo.stage.folder().exists());
    you.until("online", |you| you.online);
    panic!("the user's end of it panics");
}
