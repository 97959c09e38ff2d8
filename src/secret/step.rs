//! What goes into the machine and what comes out of it: inputs, commits, effects, calls, answers and events.
//!
//! The whole traffic of the core is spelled out here as data. One input yields one [`Step`]: at most one [`Commit`], to be
//! made durable first, and then the effects. Whoever runs the machine (the engine, a test, a simulation) needs nothing else.

mod call;

use super::chat::Chat;
use super::fault::Trouble;
use super::file::{Source, Upload};
use super::picture::KeyPicture;
use super::record::{
    ChatId, DhCache, Draft, Held, Marks, Message, Outgoing, Parked, PrimeVerdict, RemoteFile, SentFile,
    UserId,
};

pub use call::{Answer, Call, CallError, CallKey, Slot};

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
    /// The user opens what a message holds: the clock of protected content starts, and its writer is told.
    OpenContent {
        chat: ChatId,
        random_id: i64,
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
    /// The user writes, to be said with every key, or has stopped.
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
    /// Agree with the peer on another key now; the key picture stays.
    ChangeKey(ChatId),
    /// Tell the server that whoever asked for this chat sends spam.
    Report(ChatId),
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
    /// What the message holds was opened by its reader.
    Opened {
        chat: ChatId,
        random_id: i64,
    },
    /// The message's self-destruct clock runs: it ends at this reading of the [`Clock`](super::timer::Clock).
    Destruct {
        chat: ChatId,
        random_id: i64,
        at_ms: i64,
    },
    /// The reading of the self-destruct clock; named in every commit while a message's clock runs.
    Clock(i64),
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
    /// What an own message holds was opened by the peer, or an incoming one by the user.
    Opened {
        chat: ChatId,
        random_id: i64,
    },
    /// The message destroys itself at this time (unix milliseconds of the wall clock as it is now): its clock has started, or the
    /// wall clock was set and the countdown has to be shown anew. What was destroyed is told by [`Event::Deleted`].
    Destruct {
        chat: ChatId,
        random_id: i64,
        at_ms: i64,
    },
    /// The peer is typing; to be shown for six seconds, or until its message comes.
    Typing(ChatId),
    /// The chat was reported to the server.
    Reported(ChatId),
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
    /// Messages written and read under it, as of the last news of the chat.
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
