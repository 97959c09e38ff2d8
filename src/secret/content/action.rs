//! Service actions: what a message does instead of saying something.
//!
//! They are Telegram's `DecryptedMessageAction`s one by one, with plain Rust values. Whether an action is allowed, and what it
//! does to the chat, is the machine's to decide; here it is only spelled.

use super::sane_ttl;
use crate::secret::key::Fingerprint;
use crate::secret::wire::{Bytes, enums, types};
use enums::{DecryptedMessageAction as Wire, SendMessageAction as Busy};

/// A service action. Messages are named by their `random_id`s.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// The newest layer that the writer understands.
    NotifyLayer(i32),
    /// The reader's self-destruct clocks of these messages run.
    ReadMessages(Vec<i64>),
    DeleteMessages(Vec<i64>),
    ScreenshotMessages(Vec<i64>),
    FlushHistory,
    /// The self-destruct time of messages to come, seconds; 0 is off.
    SetTimer(i32),
    /// Wire numbers, both ends included.
    Resend {
        start: i32,
        end: i32,
    },
    /// The public value is big-endian.
    RequestKey {
        exchange_id: i64,
        g_a: Vec<u8>,
    },
    AcceptKey {
        exchange_id: i64,
        g_b: Vec<u8>,
        key_fingerprint: Fingerprint,
    },
    CommitKey {
        exchange_id: i64,
        key_fingerprint: Fingerprint,
    },
    AbortKey {
        exchange_id: i64,
    },
    Noop,
    /// The writer is typing, or preparing a file.
    Typing,
}

impl Action {
    pub(super) fn to_wire(&self) -> Wire {
        match self.clone() {
            Action::NotifyLayer(layer) => types::DecryptedMessageActionNotifyLayer { layer }.into(),
            Action::ReadMessages(random_ids) => {
                types::DecryptedMessageActionReadMessages { random_ids }.into()
            }
            Action::DeleteMessages(random_ids) => {
                types::DecryptedMessageActionDeleteMessages { random_ids }.into()
            }
            Action::ScreenshotMessages(random_ids) => {
                types::DecryptedMessageActionScreenshotMessages { random_ids }.into()
            }
            Action::FlushHistory => Wire::FlushHistory,
            Action::SetTimer(ttl_seconds) => {
                types::DecryptedMessageActionSetMessageTtl { ttl_seconds }.into()
            }
            Action::Resend { start: start_seq_no, end: end_seq_no } => {
                types::DecryptedMessageActionResend { start_seq_no, end_seq_no }.into()
            }
            Action::RequestKey { exchange_id, g_a } => {
                types::DecryptedMessageActionRequestKey { exchange_id, g_a: Bytes(g_a) }.into()
            }
            Action::AcceptKey { exchange_id, g_b, key_fingerprint } => {
                let key_fingerprint = key_fingerprint.to_i64();
                types::DecryptedMessageActionAcceptKey { exchange_id, g_b: Bytes(g_b), key_fingerprint }
                    .into()
            }
            Action::CommitKey { exchange_id, key_fingerprint } => {
                let key_fingerprint = key_fingerprint.to_i64();
                types::DecryptedMessageActionCommitKey { exchange_id, key_fingerprint }.into()
            }
            Action::AbortKey { exchange_id } => types::DecryptedMessageActionAbortKey { exchange_id }.into(),
            Action::Noop => Wire::Noop,
            Action::Typing => {
                types::DecryptedMessageActionTyping { action: Busy::SendMessageTypingAction }.into()
            }
        }
    }

    pub(super) fn from_wire(action: Wire) -> Action {
        match action {
            Wire::NotifyLayer(action) => Action::NotifyLayer(action.layer),
            Wire::ReadMessages(action) => Action::ReadMessages(action.random_ids),
            Wire::DeleteMessages(action) => Action::DeleteMessages(action.random_ids),
            Wire::ScreenshotMessages(action) => Action::ScreenshotMessages(action.random_ids),
            Wire::FlushHistory => Action::FlushHistory,
            Wire::SetMessageTtl(action) => Action::SetTimer(sane_ttl(action.ttl_seconds)),
            Wire::Resend(action) => Action::Resend { start: action.start_seq_no, end: action.end_seq_no },
            Wire::RequestKey(action) => {
                Action::RequestKey { exchange_id: action.exchange_id, g_a: action.g_a.0.clone() }
            }
            Wire::AcceptKey(action) => Action::AcceptKey {
                exchange_id: action.exchange_id,
                g_b: action.g_b.0.clone(),
                key_fingerprint: Fingerprint::from_i64(action.key_fingerprint),
            },
            Wire::CommitKey(action) => Action::CommitKey {
                exchange_id: action.exchange_id,
                key_fingerprint: Fingerprint::from_i64(action.key_fingerprint),
            },
            Wire::AbortKey(action) => Action::AbortKey { exchange_id: action.exchange_id },
            Wire::Noop => Action::Noop,
            Wire::Typing(action) if action.action == Busy::SendMessageCancelAction => Action::Noop,
            Wire::Typing(_) => Action::Typing,
        }
    }
}
