//! The calls that the machine makes of Telegram, how each is named, and what comes back.
//!
//! A call is data, like everything else that leaves the machine; the cloud room turns it into one of Telegram's functions. Its
//! [`CallKey`] says what it is for, so that an answer needs nothing else to be understood, and the same wish is not sent twice.

use super::EncryptedChat;
use crate::secret::record::{ChatId, RemoteFile, SentFile, UserId};

/// A call to Telegram, ready to be translated by the cloud room.
#[derive(Clone, PartialEq, Eq)]
pub enum Call {
    GetDhConfig {
        version: i32,
        random_length: i32,
    },
    RequestEncryption {
        user: UserId,
        user_hash: i64,
        chat: ChatId,
        g_a: Vec<u8>,
    },
    AcceptEncryption {
        chat: ChatId,
        access_hash: i64,
        g_b: Vec<u8>,
        key_fingerprint: i64,
    },
    DiscardEncryption {
        chat: ChatId,
        delete_history: bool,
    },
    SendEncrypted {
        chat: ChatId,
        access_hash: i64,
        random_id: i64,
        data: Vec<u8>,
        service: bool,
        silent: bool,
        file: Option<SentFile>,
    },
    ReadEncryptedHistory {
        chat: ChatId,
        access_hash: i64,
        max_date: i32,
    },
    SetEncryptedTyping {
        chat: ChatId,
        access_hash: i64,
        typing: bool,
    },
    ReportEncryptedSpam {
        chat: ChatId,
        access_hash: i64,
    },
}

/// The name of a call, by which its answer is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum CallKey {
    DhConfig,
    Request(ChatId),
    Accept(ChatId),
    Discard(ChatId),
    Send(ChatId, i64),
    Read(ChatId, i32),
    Typing(ChatId),
    Report(ChatId),
    Queue(i32),
}

/// What calls of one kind share for one chat: one of them is in flight at a time, and what the server orders for one (a pause)
/// holds for the next.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Slot {
    DhConfig,
    Request(ChatId),
    Accept(ChatId),
    Discard(ChatId),
    Send(ChatId),
    Read(ChatId),
    Typing(ChatId),
    Report(ChatId),
    Queue,
}

impl CallKey {
    pub fn slot(self) -> Slot {
        match self {
            CallKey::DhConfig => Slot::DhConfig,
            CallKey::Request(chat) => Slot::Request(chat),
            CallKey::Accept(chat) => Slot::Accept(chat),
            CallKey::Discard(chat) => Slot::Discard(chat),
            CallKey::Send(chat, _) => Slot::Send(chat),
            CallKey::Read(chat, _) => Slot::Read(chat),
            CallKey::Typing(chat) => Slot::Typing(chat),
            CallKey::Report(chat) => Slot::Report(chat),
            CallKey::Queue(_) => Slot::Queue,
        }
    }

    /// The chat that the call is about.
    pub fn chat(self) -> Option<ChatId> {
        match self.slot() {
            Slot::Request(chat)
            | Slot::Accept(chat)
            | Slot::Discard(chat)
            | Slot::Send(chat)
            | Slot::Read(chat)
            | Slot::Typing(chat)
            | Slot::Report(chat) => Some(chat),
            Slot::DhConfig | Slot::Queue => None,
        }
    }
}

impl Call {
    pub fn key(&self) -> CallKey {
        match *self {
            Call::GetDhConfig { .. } => CallKey::DhConfig,
            Call::RequestEncryption { chat, .. } => CallKey::Request(chat),
            Call::AcceptEncryption { chat, .. } => CallKey::Accept(chat),
            Call::DiscardEncryption { chat, .. } => CallKey::Discard(chat),
            Call::SendEncrypted { chat, random_id, .. } => CallKey::Send(chat, random_id),
            Call::ReadEncryptedHistory { chat, max_date, .. } => CallKey::Read(chat, max_date),
            Call::SetEncryptedTyping { chat, .. } => CallKey::Typing(chat),
            Call::ReportEncryptedSpam { chat, .. } => CallKey::Report(chat),
        }
    }
}

impl std::fmt::Debug for Call {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.key().fmt(f)
    }
}

/// What Telegram answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    DhConfig {
        g: i32,
        p: Vec<u8>,
        version: i32,
        random: Vec<u8>,
    },
    DhConfigNotModified {
        random: Vec<u8>,
    },
    Chat(EncryptedChat),
    /// `messages.sentEncryptedMessage` or `sentEncryptedFile`: the server's date, unix seconds, and where the file lies now.
    Sent {
        date: i32,
        file: Option<RemoteFile>,
    },
    Done,
}

/// Why a call has no answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CallError {
    /// The server refused: `rpc_error` with its number cut out of the name (`FLOOD_WAIT_42` is `FLOOD_WAIT`, 42).
    #[error("the server answered {name} ({code})")]
    Rpc { code: i32, name: String, value: Option<u32> },
    /// The connection broke or the time ran out: the call may or may not have been carried out.
    #[error("the connection was lost before the answer came")]
    Lost,
}
