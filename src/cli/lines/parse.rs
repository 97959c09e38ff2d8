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
    Command { name: "reply", arguments: "[CHAT] MESSAGE TEXT", about: "answer a message", parse: reply },
    Command {
        name: "silent",
        arguments: "CHAT TEXT",
        about: "say something without a notification on the other side",
        parse: |rest| say_so(rest, How::Silently),
    },
    Command {
        name: "anyway",
        arguments: "CHAT TEXT",
        about: "say something without what the other app cannot show",
        parse: |rest| say_so(rest, How::Anyway),
    },
    Command {
        name: "file",
        arguments: "PATH",
        about: "send a file in the chat that is open",
        parse: |rest| file(rest, false),
    },
    Command {
        name: "document",
        arguments: "PATH",
        about: "send a file as it is, also a photo or a video",
        parse: |rest| file(rest, true),
    },
    Command {
        name: "get",
        arguments: "[CHAT] MESSAGE",
        about: "fetch the file of a message",
        parse: |rest| content(rest, What::Get),
    },
    Command {
        name: "view",
        arguments: "[CHAT] MESSAGE",
        about: "show what is hidden in a message; what is protected destroys itself then",
        parse: |rest| content(rest, What::View),
    },
    Command {
        name: "pause",
        arguments: "[CHAT] MESSAGE",
        about: "stop sending or fetching a file for now",
        parse: |rest| content(rest, What::Pause),
    },
    Command {
        name: "resume",
        arguments: "[CHAT] MESSAGE",
        about: "go on with a file that was paused or failed",
        parse: |rest| content(rest, What::Resume),
    },
    Command {
        name: "cancel",
        arguments: "[CHAT] MESSAGE",
        about: "give up sending (the message goes, too) or fetching a file",
        parse: |rest| content(rest, What::Cancel),
    },
    Command {
        name: "rekey",
        arguments: "[CHAT]",
        about: "change the key now; the key picture stays the same",
        parse: |rest| Ok(Line::Rekey(chat(rest)?)),
    },
    Command {
        name: "info",
        arguments: "[CHAT]",
        about: "show what is known of a chat, its key and the other app",
        parse: |rest| Ok(Line::Info(chat(rest)?)),
    },
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
        name: "block",
        arguments: "WHO",
        about: "block somebody: they can neither write nor ask for chats",
        parse: |rest| Ok(Line::Block(who(rest)?)),
    },
    Command {
        name: "unblock",
        arguments: "WHO",
        about: "take that back",
        parse: |rest| Ok(Line::Unblock(who(rest)?)),
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
