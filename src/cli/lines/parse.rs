//! The grammar of line mode: one line of text to one [`Line`].
//!
//! Commands begin with a slash; any other line is said in the chat that was opened last, so that a conversation is just typing. A
//! script need not remember what is open: every command that concerns a chat can name it. All commands stand in one table,
//! from which the parser, the help and the usage in each error are made, so none of them can forget one.

use std::fmt::Write;

use super::names::{ChatRef, Who, chat, message, named_chat, seconds, split_last_word, split_word, who};

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
    /// Take a public username, without the `@`.
    Username(String),
    Quit,
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

/// One command: its name, what follows it, what it does, and how what follows is read.
struct Command {
    name: &'static str,
    arguments: &'static str,
    about: &'static str,
    parse: fn(&str) -> Result<Line, String>,
}

/// Every command, in the order of the help.
const COMMANDS: &[Command] = &[
    Command {
        name: "help",
        arguments: "",
        about: "list the commands",
        parse: |rest| alone(rest, Line::Help),
    },
    Command {
        name: "contacts",
        arguments: "",
        about: "list your contacts",
        parse: |rest| alone(rest, Line::Contacts),
    },
    Command {
        name: "find",
        arguments: "WHO",
        about: "look somebody up on Telegram",
        parse: |rest| Ok(Line::Find(who(rest)?)),
    },
    Command {
        name: "add",
        arguments: "WHO [NAME]",
        about: "add @name or +phone to your contacts",
        parse: add,
    },
    Command {
        name: "chats",
        arguments: "",
        about: "list your secret chats",
        parse: |rest| alone(rest, Line::Chats),
    },
    Command {
        name: "open",
        arguments: "CHAT",
        about: "choose the chat that plain lines are said in",
        parse: |rest| Ok(Line::Open(named_chat(rest)?)),
    },
    Command {
        name: "start",
        arguments: "WHO",
        about: "ask somebody for a secret chat",
        parse: |rest| Ok(Line::Start(who(rest)?)),
    },
    Command {
        name: "accept",
        arguments: "[CHAT]",
        about: "accept a request",
        parse: |rest| Ok(Line::Accept(chat(rest)?)),
    },
    Command {
        name: "decline",
        arguments: "[CHAT]",
        about: "decline a request, on all your devices",
        parse: |rest| Ok(Line::Decline(chat(rest)?)),
    },
    Command {
        name: "leave",
        arguments: "[CHAT]",
        about: "leave a request for another of your devices",
        parse: |rest| Ok(Line::Leave(chat(rest)?)),
    },
    Command {
        name: "key",
        arguments: "[CHAT]",
        about: "show the key picture, to compare with the other side",
        parse: |rest| Ok(Line::Key(chat(rest)?)),
    },
    Command {
        name: "verify",
        arguments: "[CHAT]",
        about: "remember that the key pictures are the same",
        parse: |rest| Ok(Line::Verify { chat: chat(rest)?, verified: true }),
    },
    Command {
        name: "unverify",
        arguments: "[CHAT]",
        about: "take that back",
        parse: |rest| Ok(Line::Verify { chat: chat(rest)?, verified: false }),
    },
    Command { name: "say", arguments: "CHAT TEXT", about: "say something in a chat", parse: say },
    Command {
        name: "read",
        arguments: "[CHAT]",
        about: "mark everything in a chat as read",
        parse: |rest| Ok(Line::Read(chat(rest)?)),
    },
    Command {
        name: "history",
        arguments: "[CHAT [COUNT]]",
        about: "show the newest messages",
        parse: history,
    },
    Command {
        name: "timer",
        arguments: "[CHAT] off|TIME",
        about: "let new messages destroy themselves, after 5s, 1m, 2h, 1d ...",
        parse: timer,
    },
    Command {
        name: "delete",
        arguments: "[CHAT] MESSAGE...",
        about: "delete messages on both sides",
        parse: delete,
    },
    Command {
        name: "flush",
        arguments: "[CHAT]",
        about: "delete the whole history on both sides",
        parse: |rest| Ok(Line::Flush(chat(rest)?)),
    },
    Command {
        name: "close",
        arguments: "[CHAT] [keep|delete]",
        about: "end a chat for good; keep the messages, or delete them on both sides",
        parse: close,
    },
    Command {
        name: "username",
        arguments: "NAME",
        about: "take a public username, so that others find you as @NAME",
        parse: username,
    },
    Command { name: "quit", arguments: "", about: "leave line mode", parse: |rest| alone(rest, Line::Quit) },
];

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
