//! Every command of line mode in one table: the parser, the help and the usage in each error are made from it.
//!
//! A command that stands here is complete; none can be parsed that the help does not list.

use super::{
    How, Line, What, add, alone, close, content, delete, device, file, history, proxy, receive, reply, say,
    say_so, sign_out, timer, username,
};
use crate::cli::lines::names::{chat, named_chat, who};

/// One command: its name, what follows it, what it does, and how what follows is read.
pub(super) struct Command {
    pub name: &'static str,
    pub arguments: &'static str,
    pub about: &'static str,
    pub parse: fn(&str) -> Result<Line, String>,
}

/// Every command, in the order of the help.
pub(super) const COMMANDS: &[Command] = &[
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
        name: "delete-contact",
        arguments: "WHO",
        about: "delete somebody from your contacts; your chats with them stay",
        parse: |rest| Ok(Line::DeleteContact(who(rest)?)),
    },
    Command {
        name: "devices",
        arguments: "",
        about: "list the devices that are signed in to your account",
        parse: |rest| alone(rest, Line::Devices),
    },
    Command {
        name: "receive",
        arguments: "on|off [DEVICE]",
        about: "whether secret chats can be asked for here, or on another device",
        parse: receive,
    },
    Command {
        name: "end-device",
        arguments: "DEVICE",
        about: "sign out another device, by its number in /devices",
        parse: |rest| Ok(Line::EndDevice(device(rest)?)),
    },
    Command {
        name: "sign-out",
        arguments: "[close|leave]",
        about: "sign this device out; close ends the open chats properly first",
        parse: sign_out,
    },
    Command {
        name: "proxy",
        arguments: "[LINK|none]",
        about: "go through a proxy, or none; alone it tells which one it is, and asks for a link without showing it",
        parse: proxy,
    },
    Command {
        name: "username",
        arguments: "NAME",
        about: "take a public username, so that others find you as @NAME",
        parse: username,
    },
    Command { name: "quit", arguments: "", about: "leave line mode", parse: |rest| alone(rest, Line::Quit) },
];
