//! Two people and the conversation between them, with or without a death in it.

use std::time::{Duration, Instant};

use crate::person::{Person, Role, TEXTS};
use crate::process::world::World;
use crate::process::{Script, Stream};

pub struct Pair {
    pub script: Script,
    pub originator: Person,
    pub recipient: Person,
}

impl Pair {
    /// Signs two new people in and starts line mode for both; the processes of `victim` die where `fates` say.
    pub fn new(world: &World, number: u32, victim: Role, fates: &[String]) -> Pair {
        let script = Script::new();
        let phones = [format!("7001{number:06}"), format!("7002{number:06}")];
        let profiles = [format!("o{number}"), format!("r{number}")];
        for (profile, phone) in profiles.iter().zip(&phones) {
            world.sign_in_script(&script, profile, phone, profile);
        }
        let fates = |role| if role == victim { fates } else { &[] };
        let person = |role, own: usize, peer: usize| {
            Person::new(world, &script, role, &profiles[own], &phones[peer], fates(role))
        };
        let recipient = person(Role::Recipient, 1, 0);
        let originator = person(Role::Originator, 0, 1);
        Pair { script, originator, recipient }
    }

    pub fn person(&mut self, role: Role) -> &mut Person {
        match role {
            Role::Originator => &mut self.originator,
            Role::Recipient => &mut self.recipient,
        }
    }

    /// Lets both act until `done`; whoever dies comes back.
    pub fn play(&mut self, done: impl Fn(&Pair) -> bool) {
        self.turns(|pair| {
            if done(pair) {
                return true;
            }
            let both = pair.originator.satisfied() && pair.recipient.satisfied();
            for person in [&mut pair.originator, &mut pair.recipient] {
                if person.dead() {
                    person.program.wait_exit();
                    person.deaths += 1;
                    person.come_back();
                } else {
                    person.act(both);
                }
            }
            false
        });
    }

    /// Lets both act until one is dead, and leaves it so.
    pub fn play_until_dead(&mut self, victim: Role) {
        self.turns(|pair| {
            let both = pair.originator.satisfied() && pair.recipient.satisfied();
            pair.originator.act(both);
            pair.recipient.act(both);
            pair.person(victim).dead()
        });
        self.person(victim).program.wait_exit();
    }

    /// Lets one act until something is the case, whatever the other does.
    pub fn play_alone(&mut self, role: Role, done: impl Fn(&Person) -> bool) {
        self.turns(|pair| {
            let person = pair.person(role);
            person.act(false);
            done(person)
        });
    }

    /// Takes turns, one whenever something was said, until one of them is the last.
    fn turns(&mut self, mut turn: impl FnMut(&mut Pair) -> bool) {
        loop {
            let seen = self.script.len();
            self.originator.listen();
            self.recipient.listen();
            if turn(self) {
                return;
            }
            let more = self.script.wait(|entries| (entries.len() > seen).then_some(()));
            assert!(more.is_some(), "the conversation stands still\n{}", self.script);
        }
    }

    /// The whole conversation; then both programs are started anew and what they kept is looked at.
    pub fn play_and_verify(&mut self) -> Duration {
        let began = Instant::now();
        self.play(|pair| pair.originator.closed() && pair.recipient.closed());
        for person in [&mut self.originator, &mut self.recipient] {
            person.program.enter("/quit");
            person.deaths += u32::from(person.program.wait_exit().is_none());
            person.spare();
            person.come_back();
        }
        self.play(|pair| pair.originator.online() && pair.recipient.online());
        self.verify();
        began.elapsed()
    }

    fn verify(&mut self) {
        let script = self.script.clone();
        let chat = self.originator.chat().map(|(id, _)| id.to_owned()).unwrap();
        assert_eq!(self.recipient.chat().unwrap().0, chat, "{script}");
        assert_eq!(self.originator.chat().unwrap().1, "closed by you", "{script}");
        assert_eq!(
            self.recipient.chat().unwrap().1,
            format!("closed by {}, not in your contacts", self.originator.profile)
        );
        assert_eq!(self.recipient.requests.iter().collect::<Vec<_>>(), [&chat], "one request only\n{script}");
        assert!(self.originator.requests.is_empty());
        for person in [&self.originator, &self.recipient] {
            for own in [true, false] {
                assert_eq!(person.texts(own), TEXTS, "of {}, own: {own}\n{script}", person.profile);
            }
            assert!(person.read_by_peer(), "all were read\n{script}");
            assert_eq!(person.timers(), ["* the timer for new messages was set to 1 w"], "{script}");
        }
        self.originator.verify(&self.recipient.profile);
        self.recipient.verify(&self.originator.profile);
        assert_eq!(self.originator.key(&chat), self.recipient.key(&chat), "{script}");
    }
}

impl Person {
    /// The key as it is shown.
    fn key(&mut self, chat: &str) -> Vec<String> {
        let place = self.program.script.len();
        self.program.enter(&format!("/key {chat}"));
        self.program.expect_text("then /verify remembers it");
        let mut lines = self.program.said_since(place, Stream::Out);
        let head = lines.iter().position(|line| line.starts_with("key of chat")).unwrap();
        let key = lines.split_off(head + 1);
        assert!(key.len() > 4, "{key:?}");
        key
    }
}
