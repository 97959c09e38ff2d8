//! The loop of line mode: lines from standard input, events from the engine, lines to standard output.
//!
//! When standard input ends, line mode ends too; what was said is stored by then and goes out at the latest next time.

use std::collections::{HashMap, HashSet};
use std::io::Write;
use std::path::PathBuf;
use std::time::{SystemTime, UNIX_EPOCH};

use tokio::sync::mpsc;

use super::book::{Book, BookFault, spelled};
use super::input::{self, Ask, Entered, Input};
use super::names::{ChatRef, Who};
use super::parse::{How, Line, What, help, parse, proxy_named};
use super::show;
use crate::cli::args::Lines;
use crate::cli::open::{OpenFault, open};
use crate::cli::paths;
use crate::cli::prompt::somebody_types;
use crate::engine::entrance::Hidden;
use crate::engine::{
    self, Body, ChatEvent, ChatId, Command, Delivery, Draft, Engine, EngineError, Event, Handle, Proxy, Text,
    Transfer, detect, markup,
};
use crate::system::in_words;
use crate::tui::words::content::covered;
use crate::tui::{text, words};

/// Said when somebody has typed what nobody should see.
const SHOWN_LINK: &str = "that link lets its reader in, and it stands on this screen: /proxy alone asks for one without showing it";

/// Why line mode did not run or ended early.
#[derive(Debug, thiserror::Error)]
pub enum LinesFault {
    #[error(transparent)]
    Open(#[from] OpenFault),
    #[error(transparent)]
    Engine(#[from] EngineError),
    #[error("the engine stopped: {0}")]
    Stopped(String),
    #[error("standard output cannot be written: {}", in_words(.0))]
    Output(std::io::Error),
    #[error("the runtime could not be started: {}", in_words(.0))]
    Runtime(std::io::Error),
}

/// Runs line mode until the input ends or `/quit`.
///
/// # Errors
/// The profile cannot be opened, or the engine stopped by itself.
pub fn run(arguments: &Lines) -> Result<(), LinesFault> {
    let Engine { handle, events, thread } =
        engine::start_saving_in(open(&arguments.profile)?, paths::downloads())?;
    let runtime = tokio::runtime::Builder::new_current_thread().build().map_err(LinesFault::Runtime)?;
    let Input { entered, ask } = input::read();
    let session = Session::new(handle, arguments.profile.name.to_string(), ask);
    let outcome = runtime.block_on(session.run(entered, events));
    // The vault is closed by its thread; waiting for it lets the lock go before the process does.
    let _ = thread.join();
    outcome
}

/// What is to be done with somebody once they are found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Then {
    Show,
    Start,
    Add,
}

struct Session {
    handle: Handle,
    profile: String,
    book: Book,
    /// Searches under way, by what was asked for.
    searches: Vec<(String, Then)>,
    restored: bool,
    /// Own messages that the server does not have yet.
    queued: HashSet<i64>,
    /// How many tenths of a transfer were told, by the message's `random_id`.
    tenths: HashMap<i64, u64>,
    /// Lets a question be asked that whoever reads the lines waits with.
    ask: Ask,
}

impl Session {
    fn new(handle: Handle, profile: String, ask: Ask) -> Session {
        Session {
            handle,
            profile,
            book: Book::default(),
            searches: Vec::new(),
            restored: false,
            queued: HashSet::new(),
            tenths: HashMap::new(),
            ask,
        }
    }

    async fn run(
        mut self,
        mut lines: mpsc::Receiver<Entered>,
        mut events: mpsc::UnboundedReceiver<Event>,
    ) -> Result<(), LinesFault> {
        loop {
            tokio::select! {
                biased;
                event = events.recv() => match event {
                    Some(Event::Stopped(None)) => return self.leftovers(),
                    None => return Err(LinesFault::Stopped("a fault in this program".into())),
                    Some(Event::Stopped(Some(why))) => return Err(LinesFault::Stopped(why)),
                    Some(event) => self.told(event)?,
                },
                // What a line names must have been told before it can be looked up.
                line = lines.recv(), if self.restored => match line {
                    Some(Entered::Line(line)) => self.entered(&line)?,
                    Some(Entered::Proxy(link)) => self.go_through(link)?,
                    None => {
                        self.handle.send(Command::Quit);
                        self.restored = false;
                    }
                },
            }
        }
    }

    /// What was said and has not left yet is stored, which is worth a line.
    fn leftovers(&self) -> Result<(), LinesFault> {
        match self.queued.len() {
            0 => Ok(()),
            1 => say("* 1 message is stored and goes out next time"),
            count => say(&format!("* {count} messages are stored and go out next time")),
        }
    }

    fn entered(&mut self, line: &str) -> Result<(), LinesFault> {
        match parse(line) {
            Ok(line) => self.obey(line),
            Err(fault) => complain(&fault.to_string()),
        }
    }

    fn obey(&mut self, line: Line) -> Result<(), LinesFault> {
        match self.command(line) {
            Ok(Some(command)) => {
                self.handle.send(command);
                Ok(())
            }
            Ok(None) => Ok(()),
            Err(Refusal::Book(fault)) => complain(&fault.to_string()),
            Err(Refusal::Output(fault)) => Err(fault),
        }
    }

    /// The engine's command for a line, if it has one; other lines are answered at once.
    fn command(&mut self, line: Line) -> Result<Option<Command>, Refusal> {
        let book = &self.book;
        Ok(Some(match line {
            Line::Nothing => return Ok(None),
            Line::Help => return Ok(say(help().trim_end()).map(|()| None)?),
            Line::Contacts => return Ok(self.contacts().map(|()| None)?),
            Line::Chats => return Ok(self.chats().map(|()| None)?),
            Line::Key(chat) => {
                let lines = show::key(book, book.find_chat(&chat)?);
                return Ok(say(&lines.join("\n")).map(|()| None)?);
            }
            Line::Open(chat) => {
                let chat = book.find_chat(&chat)?;
                self.book.open(chat);
                return Ok(
                    say(&format!("* open: chat {chat} with {}", self.book.name_in(chat))).map(|()| None)?
                );
            }
            Line::Find(who) => self.search(&who, Then::Show),
            Line::Add { who: Who::Phone(phone), name: Some(name) } => Command::Import { phone, name },
            Line::Add { who, .. } => match book.find_person(&who) {
                Ok(user) => Command::AddContact(user),
                Err(_) => self.search(&who, Then::Add),
            },
            Line::Start(who) => match book.find_person(&who) {
                Ok(user) => Command::Start(user),
                Err(BookFault::Nobody(_)) if !matches!(who, Who::Name(_)) => self.search(&who, Then::Start),
                Err(fault) => return Err(fault.into()),
            },
            Line::Accept(chat) => Command::Accept(book.find_chat(&chat)?),
            Line::Decline(chat) => Command::Decline(book.find_chat(&chat)?),
            Line::Leave(chat) => Command::Leave(book.find_chat(&chat)?),
            Line::Verify { chat, verified } => Command::Verify { chat: book.find_chat(&chat)?, verified },
            Line::Say { chat, text } => {
                Command::Say { chat: book.find_chat(&chat)?, draft: Box::new(written(&text, None)) }
            }
            Line::SaySo { chat, text, how } => {
                Command::Say { chat: book.find_chat(&chat)?, draft: Box::new(written(&text, Some(how))) }
            }
            Line::File { path, as_document } => {
                let chat = book.find_chat(&ChatRef::Open)?;
                let path = PathBuf::from(path);
                let (caption, reply_to, silent) = (Text::default(), None, false);
                Command::SendFile { chat, path, as_document, caption, reply_to, silent }
            }
            Line::Content { chat, random_id, what } => {
                let chat = book.find_chat(&chat)?;
                return Ok(self.content(chat, random_id, what)?);
            }
            Line::Rekey(chat) => Command::ChangeKey(book.find_chat(&chat)?),
            Line::Info(chat) => {
                let view = book.find_chat(&chat).map(|chat| book.chat(chat))?;
                let lines = view.map(|view| show::info(book, view, now_ms())).unwrap_or_default();
                return Ok(say(&lines.join("\n")).map(|()| None)?);
            }
            Line::Read(chat) => {
                let chat = book.find_chat(&chat)?;
                say(&format!("{chat} everything in it is marked as read"))?;
                Command::Seen(chat)
            }
            Line::Timer { chat, seconds } => Command::SetTimer { chat: book.find_chat(&chat)?, seconds },
            Line::Delete { chat, random_ids } => Command::Delete { chat: book.find_chat(&chat)?, random_ids },
            Line::Flush(chat) => Command::Flush(book.find_chat(&chat)?),
            Line::Close { chat, delete_history } => {
                Command::Close { chat: book.find_chat(&chat)?, delete_history }
            }
            Line::History { chat, count } => {
                let limit = u32::try_from(count).unwrap_or(u32::MAX);
                Command::History { chat: book.find_chat(&chat)?, before: None, limit }
            }
            Line::Block(who) => Command::Block(book.find_person(&who)?),
            Line::Unblock(who) => Command::Unblock(book.find_person(&who)?),
            Line::DeleteContact(who) => Command::DeleteContact(book.find_person(&who)?),
            Line::Devices => Command::Devices,
            Line::Receive { receive, device: None } => Command::Receive { device: 0, receive },
            Line::Receive { receive, device: Some(number) } => {
                Command::Receive { device: book.device(number)?.hash, receive }
            }
            Line::EndDevice(number) => Command::EndDevice(book.device(number)?.hash),
            Line::SignOut(None) => return Ok(say(&show::sign_out(book).join("\n")).map(|()| None)?),
            Line::SignOut(Some(discard)) => Command::SignOut { discard },
            Line::Proxy(None) => {
                say(&show::proxy(book.proxy()))?;
                self.ask.now();
                return Ok(None);
            }
            Line::Proxy(Some(link)) => {
                if somebody_types() && holds_secret(link.expose()) {
                    complain(SHOWN_LINK)?;
                }
                Command::SetProxy(link)
            }
            Line::Username(username) => Command::SetUsername(username),
            Line::Quit => Command::Quit,
        }))
    }

    /// Through the proxy whose link was typed unseen.
    fn go_through(&mut self, link: Hidden) -> Result<(), LinesFault> {
        match link.expose().trim() {
            "" => say("* the way to the server is left as it is"),
            link => {
                self.handle.send(Command::SetProxy(proxy_named(link)));
                Ok(())
            }
        }
    }

    /// What is done with the file or the content of a message.
    fn content(&self, chat: ChatId, random_id: i64, what: What) -> Result<Option<Command>, LinesFault> {
        Ok(Some(match what {
            What::Get if self.book.hidden(chat, random_id).is_some_and(covered) => {
                complain("that is protected: /view opens it, and then it destroys itself")?;
                return Ok(None);
            }
            What::Get => Command::Download { chat, random_id },
            What::Pause => Command::PauseTransfer { chat, random_id },
            What::Resume => Command::ResumeTransfer { chat, random_id },
            What::Cancel => Command::CancelTransfer { chat, random_id },
            What::View => match self.book.hidden(chat, random_id) {
                Some(message) if covered(message) => {
                    self.handle.send(Command::Download { chat, random_id });
                    Command::OpenContent { chat, random_id }
                }
                Some(message) => {
                    say(&show::message(&self.book, message, true))?;
                    return Ok(None);
                }
                None => {
                    complain("nothing was hidden in that message")?;
                    return Ok(None);
                }
            },
        }))
    }

    /// A transfer is told when it changes its state, and on its way ten times.
    fn transferred(&mut self, chat: ChatId, random_id: i64, transfer: &Transfer) -> Result<(), LinesFault> {
        if let Transfer::Running { done, size } = transfer {
            let tenth = done.saturating_mul(10) / (*size).max(1);
            if self.tenths.insert(random_id, tenth) == Some(tenth) {
                return Ok(());
            }
        } else {
            self.tenths.remove(&random_id);
        }
        say(&show::transfer(chat, random_id, transfer))
    }

    fn search(&mut self, who: &Who, then: Then) -> Command {
        let query = spelled(who);
        self.searches.push((query.clone(), then));
        Command::Find(query)
    }

    fn contacts(&self) -> Result<(), LinesFault> {
        let contacts = self.book.contacts();
        if contacts.is_empty() {
            return say("* no contacts yet: /find and /add bring some");
        }
        let now = i32::try_from(now_ms() / 1000).unwrap_or(i32::MAX);
        contacts.into_iter().try_for_each(|person| say(&show::contact(&self.book, person, now)))
    }

    fn chats(&self) -> Result<(), LinesFault> {
        if self.book.chats().next().is_none() {
            return say("* no secret chats yet: /start WHO asks for one");
        }
        self.book.chats().try_for_each(|view| say(&show::chat(&self.book, view)))
    }

    fn told(&mut self, event: Event) -> Result<(), LinesFault> {
        match event {
            Event::Me(me) => {
                self.book.know_me(me.clone());
                let name = self.book.full_name(&me);
                say(&format!("* signed in as {name}; /help lists the commands"))
            }
            Event::People(people) => {
                let news = self.book.know(people);
                // At start everybody is news; /contacts lists them.
                if !self.restored {
                    return Ok(());
                }
                let now = i32::try_from(now_ms() / 1000).unwrap_or(i32::MAX);
                let contacts = news
                    .into_iter()
                    .filter_map(|id| self.book.person(id))
                    .filter(|it| self.book.is_listed(it));
                contacts.map(|person| show::contact(&self.book, person, now)).try_for_each(|line| say(&line))
            }
            Event::Transfer { chat, random_id, transfer } => self.transferred(chat, random_id, &transfer),
            Event::Found { query, people } => self.found(&query, &people),
            Event::Chat(ChatEvent::Chat(view)) => {
                let news = self.book.keep(view.clone());
                if news { say(&show::chat(&self.book, &view)) } else { Ok(()) }
            }
            Event::Chat(event) => {
                self.count_queued(&event);
                self.keep_hidden(&event);
                show::event(&self.book, &event).map_or(Ok(()), |line| say(&line))
            }
            Event::Unseen { chat, count } => {
                say(&format!("{chat} {count} unread from {}; /history shows them", self.book.name_in(chat)))
            }
            Event::Last(_) | Event::Draft { .. } => Ok(()),
            Event::NewLogin { device, location } => {
                let place = [device, location].into_iter().flatten().collect::<Vec<_>>().join(", ");
                say(&format!("! your account was entered on another device: {}", text::safe_line(&place)))
            }
            Event::Dismissed(chat) => say(&format!("chat {chat} is not listed any more")),
            Event::Unblocked(user) => say(&format!("* not blocked any more: {}", self.book.name(user))),
            Event::Blocked(user) => say(&format!("* blocked: {}", self.book.name(user))),
            Event::History { messages, .. } if messages.is_empty() => say("* no messages in this chat"),
            Event::History { messages, .. } => messages.iter().try_for_each(|(_, message)| {
                self.book.remember(message);
                say(&show::message(&self.book, message, false))
            }),
            Event::Devices(devices) => {
                let lines = show::devices(&devices, now_ms());
                self.book.know_devices(devices);
                say(&lines.join("\n"))
            }
            Event::SignedOut(why) => {
                complain(&why)?;
                say(&format!("* {}", words::account::signed_out(&self.profile)))
            }
            Event::Proxy(proxy) => {
                let news = self.book.know_proxy(proxy);
                if news { say(&show::proxy(self.book.proxy())) } else { Ok(()) }
            }
            Event::Restored => {
                self.restored = true;
                Ok(())
            }
            Event::Connection(connection) => say(&show::connection(&connection, now_ms())),
            Event::Refused(sentence) => complain(&sentence),
            Event::Stopped(_) => Ok(()),
        }
    }

    /// What is hidden in messages can be asked for until they are gone.
    fn keep_hidden(&mut self, event: &ChatEvent) {
        match event {
            ChatEvent::Message(message) => self.book.remember(message),
            ChatEvent::Deleted { chat, random_ids } => self.book.forget(*chat, Some(random_ids)),
            ChatEvent::HistoryGone(chat) => self.book.forget(*chat, None),
            _ => {}
        }
    }

    fn count_queued(&mut self, event: &ChatEvent) {
        match event {
            ChatEvent::Message(message) if message.delivery == Delivery::Queued => {
                self.queued.insert(message.random_id);
            }
            ChatEvent::Sent { random_id, .. } | ChatEvent::Failed { random_id, .. } => {
                self.queued.remove(random_id);
            }
            ChatEvent::Deleted { random_ids, .. } => {
                self.queued.retain(|id| !random_ids.contains(id));
            }
            _ => {}
        }
    }

    fn found(&mut self, query: &str, people: &[engine::UserId]) -> Result<(), LinesFault> {
        let place = self.searches.iter().position(|(wanted, _)| wanted == query);
        let then = place.map_or(Then::Show, |place| self.searches.remove(place).1);
        match (then, people) {
            (Then::Start, [user]) => drop(self.handle.send(Command::Start(*user))),
            (Then::Add, [user]) => drop(self.handle.send(Command::AddContact(*user))),
            _ => {}
        }
        let found = people.iter().filter_map(|&user| self.book.person(user));
        found.map(|person| format!("found {}", self.book.full_name(person))).try_for_each(|line| say(&line))
    }
}

/// What is said, its marks read.
fn written(text: &str, how: Option<How>) -> Draft {
    let mut draft = Draft::new(Body::Text(detect(&markup::parse(text))));
    match how {
        Some(How::Answering(random_id)) => draft.reply_to = Some(random_id),
        Some(How::Silently) => draft.silent = true,
        Some(How::Anyway) => draft.degrade = true,
        None => {}
    }
    draft
}

/// Whether whoever reads the link of a proxy is let in by it.
fn holds_secret(link: &str) -> bool {
    matches!(Proxy::from_link(link), Ok(Proxy::Mtproto { .. } | Proxy::Socks5 { login: Some(_), .. }))
}

/// Why a line led to no command.
enum Refusal {
    Book(BookFault),
    Output(LinesFault),
}

impl From<BookFault> for Refusal {
    fn from(fault: BookFault) -> Self {
        Refusal::Book(fault)
    }
}

impl From<LinesFault> for Refusal {
    fn from(fault: LinesFault) -> Self {
        Refusal::Output(fault)
    }
}

/// Prints lines at once, so that whoever reads a pipe is not kept waiting.
fn say(lines: &str) -> Result<(), LinesFault> {
    let mut output = std::io::stdout().lock();
    writeln!(output, "{lines}").and_then(|()| output.flush()).map_err(LinesFault::Output)
}

/// What was entered may have been pasted, so even one's own words are made safe before they are quoted.
fn complain(sentence: &str) -> Result<(), LinesFault> {
    say(&format!("! {}", text::safe_line(sentence)))
}

fn now_ms() -> i64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(now.as_millis()).unwrap_or(i64::MAX)
}
