//! What goes into the machine and what comes out of it: inputs, commits, effects, calls, answers and events.
//!
//! The whole traffic of the core is spelled out here as data. One input yields one [`Step`]: at most one [`Commit`], to be
//! made durable first, and then the effects. Whoever runs the machine (the engine, a test, a simulation) needs nothing else.

use super::chat::Chat;
use super::fault::Trouble;
use super::file::{Source, Upload};
use super::picture::KeyPicture;
use super::record::{
    ChatId, DhCache, Draft, Held, Marks, Message, Outgoing, Parked, PrimeVerdict, RemoteFile, SentFile,
    UserId,
};

/// Everything that can happen to the machine.
#[derive(Debug)]
pub enum Input {
    Command(Command),
    Batch(Batch),
    /// The outcome of an earlier [`Effect::Invoke`].
    Answer {
        to: CallKey,
        outcome: Result<Answer, CallError>,
    },
    /// The outcome of an earlier [`Effect::CheckPrime`].
    Prime(PrimeVerdict),
    /// A connection is up and the difference has been fetched: calls may be sent.
    Online,
    /// The connection is gone: whatever was in flight has an unknown outcome.
    Offline,
    /// The server has ended this device's authorization: every chat of it is dead.
    SignedOut,
    /// A moment asked for by [`Effect::WakeAt`] has come.
    Wake,
}

/// What the user wants of the core.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Command {
    /// `user_hash` is the access hash of the user.
    Start {
        user: UserId,
        user_hash: i64,
    },
    Accept(ChatId),
    /// Decline a request for all devices.
    Decline(ChatId),
    /// Leave a request for another device; it stays acceptable here.
    Leave(ChatId),
    Send {
        chat: ChatId,
        draft: Box<Draft>,
    },
    SetTimer {
        chat: ChatId,
        seconds: i32,
    },
    /// Everything that arrived up to `max_date` (unix seconds, the date of the newest message seen) has been seen.
    Seen {
        chat: ChatId,
        max_date: i32,
    },
    /// Delete messages on both sides.
    Delete {
        chat: ChatId,
        random_ids: Vec<i64>,
    },
    /// Delete the whole history on both sides, keeping the chat.
    Flush(ChatId),
    /// Close the chat; with `delete_history` both sides lose the messages.
    Close {
        chat: ChatId,
        delete_history: bool,
    },
    /// The user compared the key pictures (or takes it back).
    Verify {
        chat: ChatId,
        verified: bool,
    },
    Typing {
        chat: ChatId,
        typing: bool,
    },
    /// Say something with a file: it is shown at once and takes its number when the file is with the server.
    Attach {
        chat: ChatId,
        draft: Box<Draft>,
        source: Source,
    },
    /// All parts of a message's file are with the server; the message is as it is stored.
    Uploaded {
        message: Box<Message>,
        file: SentFile,
    },
    /// A message's file cannot be sent any more, and why.
    UploadFailed {
        chat: ChatId,
        random_id: i64,
        reason: String,
    },
    /// Take back a message whose file is still on its way up: nobody has heard of it.
    Withdraw {
        chat: ChatId,
        random_id: i64,
    },
}

/// What one socket message or one difference brought, in the order in which it has to be processed: chats first.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Batch {
    /// `updateEncryption`.
    pub chats: Vec<EncryptedChat>,
    pub messages: Vec<EncryptedMessage>,
    pub reads: Vec<MessagesRead>,
    pub typing: Vec<ChatId>,
    /// The place in the streams after this batch; committed with it.
    pub marks: Marks,
}

/// Telegram's `EncryptedChat`, without what a client does not use. Public values are big-endian and may lack leading zeros.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EncryptedChat {
    Empty {
        id: ChatId,
    },
    Waiting {
        id: ChatId,
        access_hash: i64,
        date: i32,
        admin: UserId,
        participant: UserId,
    },
    Requested {
        id: ChatId,
        access_hash: i64,
        date: i32,
        admin: UserId,
        participant: UserId,
        g_a: Vec<u8>,
    },
    Chat {
        id: ChatId,
        access_hash: i64,
        date: i32,
        admin: UserId,
        participant: UserId,
        g_a_or_b: Vec<u8>,
        key_fingerprint: i64,
    },
    Discarded {
        id: ChatId,
        history_deleted: bool,
    },
}

/// Telegram's `EncryptedMessage`; the decrypted body, not the constructor, decides whether it is a service message.
#[derive(Clone, PartialEq, Eq)]
pub struct EncryptedMessage {
    pub random_id: i64,
    pub chat: ChatId,
    /// Unix seconds, the server's statement.
    pub date: i32,
    pub bytes: Vec<u8>,
    /// Where the server says the message's file lies.
    pub file: Option<RemoteFile>,
}

impl std::fmt::Debug for EncryptedMessage {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "EncryptedMessage({}, {} bytes)", self.chat, self.bytes.len())
    }
}

/// `updateEncryptedMessagesRead`: own messages up to `max_date` were read at `date` (unix seconds).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MessagesRead {
    pub chat: ChatId,
    pub max_date: i32,
    pub date: i32,
}

/// What one input amounts to.
#[derive(Debug, Default)]
pub struct Step {
    /// To be made durable before any effect leaves.
    pub commit: Option<Commit>,
    pub effects: Vec<Effect>,
}

/// Changes of one database transaction, in order.
#[derive(Debug, Default)]
pub struct Commit {
    pub changes: Vec<Change>,
}

/// One change of the stored state.
#[derive(Debug)]
pub enum Change {
    /// Insert or replace the chat's row, secrets included (a secret no longer there is destroyed on disk too).
    Chat(Box<Chat>),
    /// Insert the message; replace it when chat and `random_id` are known. It keeps its place in the history.
    Message(Message),
    /// The server has an own message that was queued: `Sent`, with the server's date.
    Sent {
        chat: ChatId,
        random_id: i64,
        date: i32,
    },
    /// The server refused an own message for good.
    Failed {
        chat: ChatId,
        random_id: i64,
    },
    /// Own messages with a date up to `max_date` that were sent are read.
    ReadByPeer {
        chat: ChatId,
        max_date: i32,
    },
    /// Incoming messages with a date up to `max_date` are seen.
    SeenByUser {
        chat: ChatId,
        max_date: i32,
    },
    /// Destroy these messages and remember their ids, so that a late arrival is not shown.
    Deleted {
        chat: ChatId,
        random_ids: Vec<i64>,
    },
    /// Destroy the chat's whole history, ids remembered.
    HistoryGone(ChatId),
    /// Insert or replace by chat and number.
    Outgoing(Outgoing),
    /// The peer confirmed all numbers below this one: forget them.
    Confirmed {
        chat: ChatId,
        below: i32,
    },
    /// The chat is closed: forget all its outgoing, parked and held messages.
    Dropped(ChatId),
    Parked(Parked),
    Unparked {
        chat: ChatId,
        number: i32,
    },
    Held(Held),
    /// All held messages of the chat were opened.
    Unheld(ChatId),
    Dh(DhCache),
    Prime(PrimeVerdict),
    Marks(Marks),
    /// An own message's file is to go up.
    Upload(Upload),
    /// All its parts are with the server.
    Uploaded {
        chat: ChatId,
        random_id: i64,
    },
    /// The server lost parts of it: from the beginning, under another number.
    UploadAgain {
        chat: ChatId,
        random_id: i64,
        file_id: i64,
    },
    /// The server says where an own message's file lies now.
    Placed {
        chat: ChatId,
        random_id: i64,
        place: RemoteFile,
    },
}

/// What leaves the machine once the commit is durable.
#[derive(Debug)]
pub enum Effect {
    Invoke(Call),
    /// Tell the server that the queue up to the committed `qts` has arrived (`messages.receivedQueue`).
    Acknowledge {
        qts: i32,
    },
    /// Test whether `p` is a safe prime, off the actor, and come back with [`Input::Prime`].
    CheckPrime {
        p: Vec<u8>,
    },
    Event(Event),
    /// Come back with [`Input::Wake`] no earlier than this.
    WakeAt {
        unix_ms: i64,
    },
}

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
            | Slot::Typing(chat) => Some(chat),
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

/// What the front ends are told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// The chat is new or something about it changed.
    Chat(ChatView),
    /// The message is new or something about it changed.
    Message(Message),
    /// The server has an own message, with this date (unix seconds).
    Sent {
        chat: ChatId,
        random_id: i64,
        date: i32,
    },
    /// The server refused an own message for good.
    Failed {
        chat: ChatId,
        random_id: i64,
        reason: super::fault::LocalFault,
    },
    Deleted {
        chat: ChatId,
        random_ids: Vec<i64>,
    },
    HistoryGone(ChatId),
    /// Own messages up to this date (unix seconds) were read by the peer.
    ReadByPeer {
        chat: ChatId,
        max_date: i32,
    },
    Typing(ChatId),
    /// This many messages of the peer are missing; they were asked for. 0: the hole has closed.
    Missing {
        chat: ChatId,
        count: i32,
    },
    /// Something the user should know that changed no state.
    Trouble {
        chat: Option<ChatId>,
        trouble: Trouble,
    },
}

/// A chat as front ends see it: no key material.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChatView {
    pub id: ChatId,
    pub user: UserId,
    /// We asked for it.
    pub ours: bool,
    /// When it was asked for, unix seconds.
    pub date: i32,
    pub state: ChatState,
    /// Self-destruct timer for new messages, seconds; 0 is off.
    pub ttl: i32,
    /// The picture to compare, once there is a key.
    pub key: Option<KeyPicture>,
    /// The layer that the peer's app is known to understand; what it cannot show follows from it.
    pub peer_layer: i32,
    /// The key in use, once the chat is ready.
    pub key_state: Option<KeyState>,
}

/// What can be told of the key in use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeyState {
    /// How often the key was changed since the chat began.
    pub changes: u32,
    /// When the key in use was installed, unix seconds.
    pub since: i32,
    /// Messages written and read under it.
    pub uses: u32,
    /// It is being changed at this moment.
    pub changing: bool,
}

/// Where a chat is in its life, in words that a screen can show.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ChatState {
    /// Wanted by us; the server has not answered yet.
    Asking,
    /// The server has the request; nobody accepted yet.
    Waiting,
    /// Somebody asks us. `left`: left for another device.
    Requested {
        left: bool,
    },
    /// We accepted; the server has not answered yet.
    Accepting,
    Ready {
        verified: bool,
    },
    Closed(super::fault::Closing),
}
