//! The grammar of line mode: one line of text to one [`Line`].
//!
//! Commands begin with a slash; any other line is said in the chat that was opened last, so that a conversation is just typing. A
//! script need not remember what is open: every command that concerns a chat can name it. All commands stand in one table,
//! from which the parser, the help and the usage in each error are made, so none of them can forget one.

mod table;

use std::fmt::Write;

use table::{COMMANDS, Command};

use super::names::{ChatRef, Who, chat, message, named_chat, seconds, split_last_word, split_word, who};
use crate::engine::entrance::Hidden;

/// What a line asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Line {
    /// An empty line.
    Nothing,
    Help,
    Contacts,
    Find(Who),
    /// Add to the contacts. With a phone number the name is how the person will be called.
    Add {
        who: Who,
        name: Option<String>,
    },
    Chats,
    /// Make this the chat that plain lines are said in.
    Open(ChatRef),
    Start(Who),
    Accept(ChatRef),
    Decline(ChatRef),
    Leave(ChatRef),
    Key(ChatRef),
    Verify {
        chat: ChatRef,
        verified: bool,
    },
    Say {
        chat: ChatRef,
        text: String,
    },
    /// Say something, with something special about how.
    SaySo {
        chat: ChatRef,
        text: String,
        how: How,
    },
    /// Send a file in the chat that is open.
    File {
        path: String,
        as_document: bool,
    },
    /// Do something with the file or the content of a message.
    Content {
        chat: ChatRef,
        random_id: i64,
        what: What,
    },
    /// Change the key now.
    Rekey(ChatRef),
    /// What is known of a chat and who it is with.
    Info(ChatRef),
    /// Everything in the chat has been seen.
    Read(ChatRef),
    /// Self-destruct timer for new messages, in seconds; 0 is off.
    Timer {
        chat: ChatRef,
        seconds: i32,
    },
    /// Delete messages on both sides; at least one `random_id`.
    Delete {
        chat: ChatRef,
        random_ids: Vec<i64>,
    },
    Flush(ChatRef),
    Close {
        chat: ChatRef,
        delete_history: bool,
    },
    /// The newest messages, at most `count`.
    History {
        chat: ChatRef,
        count: usize,
    },
    Block(Who),
    Unblock(Who),
    /// Take somebody off the contact list.
    DeleteContact(Who),
    /// List the devices of the account.
    Devices,
    /// Whether secret chats may be asked for on a device, by its number in the list; this one unless it is named.
    Receive {
        receive: bool,
        device: Option<usize>,
    },
    /// Sign out the device with this number in the list.
    EndDevice(usize),
    /// Sign this device out; `None` asks how.
    SignOut(Option<bool>),
    /// Go through this proxy, or none; `None` tells which one it is, and asks for another where somebody types. Its link may hold a
    /// password.
    Proxy(Option<Hidden>),
    /// Take a public username, without the `@`.
    Username(String),
    Quit,
}

/// How something is said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum How {
    /// As an answer to the message with this `random_id`.
    Answering(i64),
    /// Without a notification on the other side.
    Silently,
    /// Without what the other app cannot show.
    Anyway,
}

/// What is done with the file or the content of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
    Get,
    View,
    Pause,
    Resume,
    Cancel,
}

/// Why a line is not understood.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LineFault {
    #[error(
        "there is no command /{0}; /help lists them all (to say a line that begins with a slash, double it)"
    )]
    Unknown(String),
    #[error("{why}; it goes: {usage}")]
    Usage { why: String, usage: String },
}

/// Messages that `/history` shows unless told otherwise.
const HISTORY: usize = 50;

/// Reads one line, without its line break.
pub fn parse(line: &str) -> Result<Line, LineFault> {
    let Some(command) = line.strip_prefix('/') else { return Ok(plain(line)) };
    if command.starts_with('/') {
        return Ok(plain(command));
    }
    let (name, rest) = split_word(command);
    let name = name.to_lowercase();
    let known = COMMANDS.iter().find(|known| known.name == name).ok_or(LineFault::Unknown(name))?;
    (known.parse)(rest).map_err(|why| LineFault::Usage { why, usage: usage(known) })
}

/// The help: every command with its arguments, and how people, chats and messages are named.
pub fn help() -> String {
    let column = COMMANDS.iter().map(|command| usage(command).len()).max().unwrap_or(0);
    let mut text = String::new();
    for command in COMMANDS {
        let _ = writeln!(text, "{:column$}  {}", usage(command), command.about);
    }
    text.push_str(
        "Any other line is said in the chat that is open; to begin it with a slash, double the slash.\n\
         What is said may be marked: **bold**, __italic__, ++underlined++, ~~struck~~, `code`, ||hidden||, [words](address).\n\
         WHO is @username, +phone, or a name from your contacts. CHAT is its number, WHO it is with, or . for the open one,\n\
         which is also meant where [CHAT] is left out. MESSAGE is the name shown before a message, like m5f3a.\n",
    );
    text
}

fn usage(command: &Command) -> String {
    format!("/{} {}", command.name, command.arguments).trim_end().to_owned()
}

fn plain(text: &str) -> Line {
    match text.trim().is_empty() {
        true => Line::Nothing,
        false => Line::Say { chat: ChatRef::Open, text: text.to_owned() },
    }
}

fn alone(rest: &str, line: Line) -> Result<Line, String> {
    if rest.is_empty() { Ok(line) } else { Err(format!("nothing can follow this command, not {rest:?}")) }
}

fn add(rest: &str) -> Result<Line, String> {
    let (first, name) = split_word(rest);
    let who = who(first)?;
    if matches!(who, Who::Name(_)) {
        return Err(format!("{first:?} is neither @username nor +phone"));
    }
    Ok(Line::Add { who, name: Some(name.to_owned()).filter(|name| !name.is_empty()) })
}

fn receive(rest: &str) -> Result<Line, String> {
    let (word, number) = split_word(rest);
    let receive = match word {
        "on" => true,
        "off" => false,
        _ => return Err("it is on or off".into()),
    };
    let device = if number.is_empty() { None } else { Some(device(number)?) };
    Ok(Line::Receive { receive, device })
}

/// The number of a device in the list.
fn device(number: &str) -> Result<usize, String> {
    let number: Option<usize> = number.parse().ok().filter(|number| *number > 0);
    number.ok_or_else(|| "a device is named by its number in /devices".to_owned())
}

fn sign_out(rest: &str) -> Result<Line, String> {
    match rest {
        "" => Ok(Line::SignOut(None)),
        "close" => Ok(Line::SignOut(Some(true))),
        "leave" => Ok(Line::SignOut(Some(false))),
        _ => Err("it is close or leave".into()),
    }
}

fn proxy(rest: &str) -> Result<Line, String> {
    Ok(Line::Proxy(Some(rest).filter(|rest| !rest.is_empty()).map(proxy_named)))
}

/// The link of a proxy as it was named: `none` is an empty one.
pub fn proxy_named(typed: &str) -> Hidden {
    Hidden::new(if typed == "none" { String::new() } else { typed.to_owned() })
}

fn username(rest: &str) -> Result<Line, String> {
    let named = if rest.starts_with('@') { rest.to_owned() } else { format!("@{rest}") };
    match who(&named)? {
        Who::Username(username) => Ok(Line::Username(username)),
        Who::Phone(_) | Who::Name(_) => Err(format!("{rest:?} is no username")),
    }
}

fn say(rest: &str) -> Result<Line, String> {
    let (first, text) = split_word(rest);
    let chat = named_chat(first)?;
    if text.is_empty() {
        return Err("there is nothing to say".into());
    }
    Ok(Line::Say { chat, text: text.to_owned() })
}

fn say_so(rest: &str, how: How) -> Result<Line, String> {
    match say(rest)? {
        Line::Say { chat, text } => Ok(Line::SaySo { chat, text, how }),
        line => Ok(line),
    }
}

fn reply(rest: &str) -> Result<Line, String> {
    let (first, after) = split_word(rest);
    let (named, random_id, text) = match message(first) {
        Some(random_id) => ("", random_id, after),
        None => {
            let (second, text) = split_word(after);
            (first, message(second).ok_or("no message is named")?, text)
        }
    };
    if text.is_empty() {
        return Err("there is nothing to say".into());
    }
    Ok(Line::SaySo { chat: chat(named)?, text: text.to_owned(), how: How::Answering(random_id) })
}

fn file(rest: &str, as_document: bool) -> Result<Line, String> {
    let path = rest.trim();
    if path.is_empty() {
        Err("no file is named".into())
    } else {
        Ok(Line::File { path: path.to_owned(), as_document })
    }
}

fn content(rest: &str, what: What) -> Result<Line, String> {
    let (named, last) = split_last_word(rest);
    let random_id = message(last).ok_or("no message is named")?;
    Ok(Line::Content { chat: chat(named)?, random_id, what })
}

fn history(rest: &str) -> Result<Line, String> {
    let (before, last) = split_last_word(rest);
    let (named, count) = match last.parse() {
        Ok(count) if !before.is_empty() => (before, count),
        _ => (rest, HISTORY),
    };
    Ok(Line::History { chat: chat(named)?, count })
}

fn timer(rest: &str) -> Result<Line, String> {
    let (named, time) = split_last_word(rest);
    Ok(Line::Timer { seconds: seconds(time)?, chat: chat(named)? })
}

fn delete(rest: &str) -> Result<Line, String> {
    let (mut named, mut random_ids) = (rest, Vec::new());
    while let (before, last) = split_last_word(named)
        && let Some(random_id) = message(last)
    {
        random_ids.insert(0, random_id);
        named = before;
    }
    if random_ids.is_empty() {
        return Err("no message is named".into());
    }
    Ok(Line::Delete { chat: chat(named)?, random_ids })
}

fn close(rest: &str) -> Result<Line, String> {
    let (before, last) = split_last_word(rest);
    let (named, delete_history) = match last {
        "keep" => (before, false),
        "delete" => (before, true),
        _ => (rest, false),
    };
    Ok(Line::Close { chat: chat(named)?, delete_history })
}

#[cfg(test)]
mod tests;
