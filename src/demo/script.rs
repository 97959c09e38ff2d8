//! What somebody does when something happens: a script is data, and following it is a function of what their engine tells.
//!
//! Nobody here waits or sends: each cue says what to do and how much later, so that a player is no more than a timer. Answers are
//! canned and come in turn; they show that the way is there, not that anybody listens.

use std::collections::{HashMap, HashSet};
use std::path::PathBuf;
use std::time::Duration;

use crate::engine::{
    Body, ChatEvent, ChatId, ChatState, Command, Connection, Direction, Draft, Event, Message, markup,
};

/// Between a message and its being seen.
const LOOKING: Duration = Duration::from_millis(500);

/// Between seeing a message and beginning to answer.
const THINKING: Duration = Duration::from_millis(400);

/// From the first letter of an answer to its sending; a typing notice is shown for longer.
const TYPING: Duration = Duration::from_millis(1_400);

/// A part to play.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Script {
    /// What becomes of a request for a secret chat.
    pub reply: Reply,
    /// Asks the user for a secret chat this long after having arrived.
    pub asks: Option<Duration>,
    /// Said first, once a chat is ready; marked up like what a user writes.
    pub greeting: Option<&'static str>,
    /// Answers to messages, in turn and from the beginning again.
    pub answers: &'static [Answer],
    /// What is done for somebody who asks for it by name.
    pub favours: &'static [(&'static str, Favour)],
}

/// One answer, marked up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Answer {
    Words(&'static str),
    /// The photo, with these words below it.
    Photo(&'static str),
}

/// Something that is done when a message has a word in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Favour {
    Say(Answer),
    /// Sets the timer to so many seconds and says so; the next time it is switched off, with the other words.
    Timer {
        seconds: i32,
        on: &'static str,
        off: &'static str,
    },
}

/// What people need to play their parts.
#[derive(Clone, Debug)]
pub(super) struct Props {
    /// The user's phone number, by which those who ask find them.
    pub user_phone: &'static str,
    /// A photo to send.
    pub photo: PathBuf,
}

/// How a request is answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reply {
    AcceptAfter(Duration),
    DeclineAfter(Duration),
    /// Not at all.
    Silence,
}

/// Something to do later.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Cue {
    pub after: Duration,
    pub command: Command,
}

/// Somebody in the middle of their part.
#[derive(Debug)]
pub(super) struct Performance {
    script: Script,
    props: Props,
    arrived: bool,
    asked: bool,
    /// Requests that were answered, chats that were greeted.
    answered: HashSet<ChatId>,
    greeted: HashSet<ChatId>,
    heard: HashSet<(ChatId, i64)>,
    /// How many answers were given in a chat.
    given: HashMap<ChatId, usize>,
    /// Chats whose timer was set as a favour.
    timed: HashSet<ChatId>,
}

impl Performance {
    pub fn new(script: Script, props: Props) -> Performance {
        Performance {
            script,
            props,
            arrived: false,
            asked: false,
            answered: HashSet::new(),
            greeted: HashSet::new(),
            heard: HashSet::new(),
            given: HashMap::new(),
            timed: HashSet::new(),
        }
    }

    /// What follows from an event. Events are told again whenever something changes; each is acted upon once.
    pub fn react(&mut self, event: &Event) -> Vec<Cue> {
        match event {
            Event::Connection(Connection::Online) => self.arrive(),
            Event::Found { people, .. } => match people.first() {
                Some(&user) if !std::mem::replace(&mut self.asked, true) => {
                    vec![Cue { after: Duration::ZERO, command: Command::Start(user) }]
                }
                _ => Vec::new(),
            },
            Event::Chat(ChatEvent::Chat(view)) => match view.state {
                ChatState::Requested { .. } => self.answer_request(view.id),
                ChatState::Ready { .. } => self.greet(view.id),
                _ => Vec::new(),
            },
            Event::Chat(ChatEvent::Message(message)) => self.hear(message),
            _ => Vec::new(),
        }
    }

    fn arrive(&mut self) -> Vec<Cue> {
        match self.script.asks {
            Some(after) if !std::mem::replace(&mut self.arrived, true) => {
                vec![Cue { after, command: Command::Find(format!("+{}", self.props.user_phone)) }]
            }
            _ => Vec::new(),
        }
    }

    fn answer_request(&mut self, chat: ChatId) -> Vec<Cue> {
        let (after, command) = match self.script.reply {
            Reply::AcceptAfter(after) => (after, Command::Accept(chat)),
            Reply::DeclineAfter(after) => (after, Command::Decline(chat)),
            Reply::Silence => return Vec::new(),
        };
        if self.answered.insert(chat) { vec![Cue { after, command }] } else { Vec::new() }
    }

    fn greet(&mut self, chat: ChatId) -> Vec<Cue> {
        match self.script.greeting {
            Some(text) if self.greeted.insert(chat) => say(chat, text, None, THINKING),
            _ => Vec::new(),
        }
    }

    fn hear(&mut self, message: &Message) -> Vec<Cue> {
        let (chat, said) = (message.chat, message.random_id);
        let speaks = matches!(message.body, Body::Text(_) | Body::File(_));
        let theirs = message.direction == Direction::In && speaks;
        if !theirs || !self.heard.insert((chat, said)) {
            return Vec::new();
        }
        let mut cues = vec![Cue { after: LOOKING, command: Command::Seen(chat) }];
        match self.favour(message) {
            Some(favour) => cues.extend(self.oblige(favour, chat, said)),
            None => cues
                .extend(self.next_answer(chat).map(|it| self.answer(it, chat, said)).into_iter().flatten()),
        }
        cues
    }

    /// What a message asks for, if it does.
    fn favour(&self, message: &Message) -> Option<Favour> {
        let words = message.body.words()?.plain.to_lowercase();
        let asked = |word: &str| words.split(|c: char| !c.is_alphanumeric()).any(|said| said == word);
        self.script.favours.iter().find(|(word, _)| asked(word)).map(|(_, favour)| *favour)
    }

    fn oblige(&mut self, favour: Favour, chat: ChatId, said: i64) -> Vec<Cue> {
        let (seconds, words) = match favour {
            Favour::Say(answer) => return self.answer(answer, chat, said),
            Favour::Timer { seconds, on, .. } if self.timed.insert(chat) => (seconds, on),
            Favour::Timer { off, .. } => {
                self.timed.remove(&chat);
                (0, off)
            }
        };
        let set = Cue { after: LOOKING + THINKING, command: Command::SetTimer { chat, seconds } };
        std::iter::once(set).chain(say(chat, words, Some(said), LOOKING + THINKING)).collect()
    }

    fn next_answer(&mut self, chat: ChatId) -> Option<Answer> {
        let answers = self.script.answers;
        let given = self.given.entry(chat).or_default();
        let answer = answers.get(*given % answers.len().max(1)).copied();
        *given += usize::from(answer.is_some());
        answer
    }

    /// Answers what was said.
    fn answer(&self, answer: Answer, chat: ChatId, said: i64) -> Vec<Cue> {
        let after = LOOKING + THINKING;
        match answer {
            Answer::Words(words) => say(chat, words, Some(said), after),
            Answer::Photo(words) => {
                let (path, caption) = (self.props.photo.clone(), markup::parse(words));
                let reply_to = Some(said);
                let (as_document, silent) = (false, false);
                let command = Command::SendFile { chat, path, as_document, caption, reply_to, silent };
                vec![Cue { after: after + TYPING, command }]
            }
        }
    }
}

/// Typing, and then the text.
fn say(chat: ChatId, text: &str, reply_to: Option<i64>, after: Duration) -> Vec<Cue> {
    let draft = Draft { reply_to, ..Body::Text(markup::parse(text)).into() };
    vec![
        Cue { after, command: Command::Typing { chat, typing: true } },
        Cue { after: after + TYPING, command: Command::Say { chat, draft: Box::new(draft) } },
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::{ChatView, Delivery, UserId};

    const CHAT: ChatId = ChatId(7);

    const SCRIPT: Script = Script {
        reply: Reply::AcceptAfter(Duration::from_secs(5)),
        asks: Some(Duration::from_secs(3)),
        greeting: Some("hello"),
        answers: &[Answer::Words("**one**"), Answer::Words("two")],
        favours: &[
            ("photo", Favour::Say(Answer::Photo("here"))),
            ("timer", Favour::Timer { seconds: 9, on: "on", off: "off" }),
        ],
    };

    fn performance(script: Script) -> Performance {
        Performance::new(script, Props { user_phone: "123", photo: "/photo.jpg".into() })
    }

    fn chat(state: ChatState) -> Event {
        let view = ChatView {
            id: CHAT,
            user: UserId(1),
            ours: false,
            date: 0,
            state,
            ttl: 0,
            key: None,
            peer_layer: 144,
            key_state: None,
        };
        Event::Chat(ChatEvent::Chat(view))
    }

    fn message(random_id: i64, direction: Direction) -> Event {
        saying(random_id, direction, "text")
    }

    fn saying(random_id: i64, direction: Direction, text: &str) -> Event {
        let body = Body::text(text);
        let delivery = Delivery::Unseen;
        Event::Chat(ChatEvent::Message(Message {
            delivery,
            ..Message::new(CHAT, random_id, direction, 0, body)
        }))
    }

    fn said(cues: &[Cue]) -> Vec<&str> {
        let text = |cue: &'_ Cue| matches!(cue.command, Command::Say { .. });
        let said = cues.iter().filter(|cue| text(cue));
        let words = said.filter_map(|cue| match &cue.command {
            Command::Say { draft, .. } => draft.body.words(),
            _ => None,
        });
        words.map(|text| text.plain.as_str()).collect()
    }

    #[test]
    fn a_request_is_answered_once_and_after_its_time() {
        let mut clara = performance(SCRIPT);
        let requested = chat(ChatState::Requested { left: false });
        let cue = Cue { after: Duration::from_secs(5), command: Command::Accept(CHAT) };
        assert_eq!(clara.react(&requested), [cue]);
        assert_eq!(clara.react(&requested), []);
        let decline = Reply::DeclineAfter(Duration::ZERO);
        let cues = performance(Script { reply: decline, ..SCRIPT }).react(&requested);
        assert_eq!(cues, [Cue { after: Duration::ZERO, command: Command::Decline(CHAT) }]);
        assert_eq!(performance(Script { reply: Reply::Silence, ..SCRIPT }).react(&requested), []);
    }

    #[test]
    fn a_message_is_seen_then_typed_at_then_answered_in_turn() {
        let mut basil = performance(SCRIPT);
        let cues = basil.react(&message(1, Direction::In));
        assert_eq!(cues[0].command, Command::Seen(CHAT));
        assert_eq!(cues[1].command, Command::Typing { chat: CHAT, typing: true });
        assert_eq!(said(&cues), ["one"]);
        assert!(cues.is_sorted_by_key(|cue| cue.after));
        assert_eq!(basil.react(&message(1, Direction::In)), [], "told again");
        assert_eq!(basil.react(&message(2, Direction::Out)), [], "their own");
        assert_eq!(said(&basil.react(&message(3, Direction::In))), ["two"]);
        assert_eq!(said(&basil.react(&message(4, Direction::In))), ["one"]);
    }

    #[test]
    fn an_answer_is_a_reply_with_its_marks_read() {
        let cues = performance(SCRIPT).react(&message(1, Direction::In));
        let Some(Command::Say { draft, .. }) = cues.last().map(|cue| &cue.command) else {
            panic!("{cues:?}")
        };
        assert_eq!((draft.reply_to, draft.body.words().unwrap().entities.len()), (Some(1), 1));
    }

    #[test]
    fn who_asks_by_name_gets_what_they_ask_for() {
        let mut basil = performance(SCRIPT);
        let mut asked = |random_id, text| basil.react(&saying(random_id, Direction::In, text));
        let cues = asked(1, "Have you a photo?");
        let sent = |cue: &Cue| match &cue.command {
            Command::SendFile { path, reply_to, .. } => Some((path.clone(), *reply_to)),
            _ => None,
        };
        assert_eq!(cues.iter().find_map(sent), Some(("/photo.jpg".into(), Some(1))));
        let timer = |cues: &[Cue]| {
            cues.iter().find_map(|cue| match cue.command {
                Command::SetTimer { seconds, .. } => Some(seconds),
                _ => None,
            })
        };
        let cues = asked(2, "Set a TIMER.");
        assert_eq!((timer(&cues), said(&cues)), (Some(9), vec!["on"]));
        let cues = asked(3, "timer");
        assert_eq!((timer(&cues), said(&cues)), (Some(0), vec!["off"]));
        assert_eq!(said(&asked(4, "photography")), ["one"], "another word");
    }

    #[test]
    fn without_words_a_message_is_only_seen() {
        let cues = performance(Script { answers: &[], ..SCRIPT }).react(&message(1, Direction::In));
        assert_eq!(cues, [Cue { after: LOOKING, command: Command::Seen(CHAT) }]);
    }

    #[test]
    fn who_asks_looks_the_user_up_and_asks_once() {
        let mut farid = performance(SCRIPT);
        let online = Event::Connection(Connection::Online);
        let cue = Cue { after: Duration::from_secs(3), command: Command::Find("+123".into()) };
        assert_eq!(farid.react(&online), [cue]);
        assert_eq!(farid.react(&online), [], "back after a lost connection");
        let found = Event::Found { query: "+123".into(), people: vec![UserId(9)] };
        assert_eq!(farid.react(&found), [Cue { after: Duration::ZERO, command: Command::Start(UserId(9)) }]);
        assert_eq!(farid.react(&found), []);
        let ready = chat(ChatState::Ready { verified: false });
        assert_eq!(said(&farid.react(&ready)), ["hello"]);
        assert_eq!(farid.react(&ready), []);
    }
}
