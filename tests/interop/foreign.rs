//! A client that somebody else wrote, in a process of its own, spoken to in JSON lines.
//!
//! Requests are made one after the other; what the client tells in between is kept and looked through by whoever waits for it.
//! Everything goes into the test's script, so that a failure shows both sides in the order of time.

use std::process::Command;

use serde_json::{Value, json};

use crate::process::world::World;
use crate::process::{Program, Stream};
use crate::python;

pub struct Foreign {
    program: Program,
    /// How much of the script was taken in.
    place: usize,
    answers: Vec<Value>,
    /// Everything it told, in order; what was waited for successfully is taken out.
    events: Vec<Value>,
    /// Complaints that have these words in them are known faults of the client.
    forgiven: Vec<&'static str>,
}

impl Foreign {
    /// Starts `python/<client>.py` and signs it in, under its own phone number if that is new. `settings` go with the connection.
    pub fn start(
        python: &std::path::Path,
        world: &World,
        client: &str,
        phone: &str,
        settings: Value,
    ) -> Foreign {
        let mut foreign = Foreign::launch(world, client, &mut python::script(python, client));
        let place = world.script.len();
        let (ip, port) = (world.address.ip().to_string(), world.address.port());
        let mut connect =
            json!({ "address": ip, "port": port, "key": world.key().display().to_string(), "phone": phone });
        connect.as_object_mut().unwrap().extend(settings.as_object().unwrap().clone());
        foreign.ask("connect", connect);
        let code = world.code(phone, place);
        foreign.ask("sign_in", json!({ "code": code, "name": client }));
        foreign
    }

    /// Starts a driver, which does nothing before it is asked.
    pub fn launch(world: &World, name: &str, command: &mut Command) -> Foreign {
        Foreign {
            place: world.script.len(),
            program: Program::start(&world.script, name, command),
            answers: Vec::new(),
            events: Vec::new(),
            forgiven: Vec::new(),
        }
    }

    pub fn forgive(&mut self, words: &'static str) {
        self.forgiven.push(words);
    }

    /// Makes a request and waits for its answer; an error fails the test.
    pub fn ask(&mut self, verb: &str, fields: Value) -> Value {
        let answer = self.request(verb, fields);
        match answer.get("answer") {
            Some(answer) => answer.clone(),
            None => panic!("{verb}: {}\n{}\n{}", answer["error"], answer["traceback"], self.program.script),
        }
    }

    /// Makes a request that the server must refuse with this error. The libraries call it by names of their own
    /// (`PhoneCodeInvalidError`), so only the letters are compared.
    pub fn refused(&mut self, verb: &str, fields: Value, error: &str) {
        let letters = |text: &str| {
            text.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_lowercase()
        };
        let answer = self.request(verb, fields);
        let told = answer["error"].as_str();
        let told = told.unwrap_or_else(|| panic!("{verb} is not refused: {answer}\n{}", self.program.script));
        assert!(letters(told).contains(&letters(error)), "{verb}: {told}\n{}", self.program.script);
    }

    fn request(&mut self, verb: &str, fields: Value) -> Value {
        let mut request = fields;
        request.as_object_mut().unwrap().insert("do".into(), verb.into());
        self.program.enter(&request.to_string());
        self.until(verb, |foreign| foreign.answers.pop())
    }

    /// Waits for the first event of this name that fits, and takes it out.
    pub fn wait(&mut self, name: &str, fits: impl Fn(&Value) -> bool) -> Value {
        self.until(name, |foreign| {
            let found = foreign.events.iter().position(|event| event["event"] == name && fits(event))?;
            Some(foreign.events.remove(found))
        })
    }

    /// Waits for the next so many events of this name, in order.
    pub fn wait_for(&mut self, count: usize, name: &str) -> Vec<Value> {
        (0..count).map(|_| self.wait(name, |_| true)).collect()
    }

    fn until<T>(&mut self, what: &str, mut look: impl FnMut(&mut Foreign) -> Option<T>) -> T {
        loop {
            if let Some(found) = look(self) {
                return found;
            }
            self.take_in(what);
        }
    }

    /// Waits for the next line that it prints.
    fn take_in(&mut self, what: &str) {
        let (number, from) = (self.program.number, self.place);
        let next = self.program.script.wait(|entries| {
            entries.iter().enumerate().skip(from).find_map(|(place, entry)| {
                let own = entry.speaker == number && matches!(entry.stream, Stream::Out | Stream::End);
                own.then(|| (place, entry.stream, entry.text.clone()))
            })
        });
        let Some((place, Stream::Out, line)) = next else {
            panic!("in vain: {what}; untouched: {:?}\n{}", self.events, self.program.script);
        };
        self.place = place + 1;
        let told: Value = serde_json::from_str(&line).unwrap_or_else(|_| panic!("no JSON: {line}"));
        if told["event"] == "complaint" {
            let text = told["text"].as_str().unwrap_or_default();
            let known = self.forgiven.iter().any(|words| text.contains(words));
            assert!(known, "the client complains: {text}\n{}", self.program.script);
        } else if told.get("event").is_some() {
            self.events.push(told);
        } else {
            self.answers.push(told);
        }
    }

    /// Ends it; whatever it still had to complain of fails the test.
    pub fn finish(mut self) {
        self.program.end_input();
        assert_eq!(self.program.wait_exit(), Some(0), "{}", self.program.script);
        let mut said = self.program.said(Stream::Out);
        said.retain(|line| line.contains("\"complaint\""));
        said.retain(|line| !self.forgiven.iter().any(|words| line.contains(words)));
        assert!(said.is_empty(), "the client complains: {said:#?}\n{}", self.program.script);
    }
}
