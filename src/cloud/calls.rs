//! The core's calls carried out: into Telegram's functions, and their answers back.
//!
//! The core names what it wants as data; here is what that is on the wire, how long it may take, and what a call may suffer. A
//! call without an answer may have been carried out, so each has its place in [`Repeat`].

use std::time::Duration;

use grammers_tl_types::{enums, functions};

use super::encrypted::{chat, input_chat, input_file, input_user, remote_file};
use super::link::{CALL_LIMIT, Link};
use crate::secret::step::{Answer, Call, CallError};

/// A typing notice that takes longer than it is shown says nothing.
const TYPING_LIMIT: Duration = Duration::from_secs(5);

/// What may be done with a call whose answer is missing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Repeat {
    /// Twice has the effect of once.
    Safe,
    /// May be repeated; a refusal of the repetition can mean that the first one worked (`ENCRYPTION_ALREADY_ACCEPTED`).
    AndInterpret,
    /// Once at most.
    Never,
}

/// The class of a call. What logs in (codes are used up) would be [`Repeat::Never`], too, and does not come this way.
pub fn repeat(call: &Call) -> Repeat {
    match call {
        Call::GetDhConfig { .. } | Call::ReadEncryptedHistory { .. } | Call::ReportEncryptedSpam { .. } => {
            Repeat::Safe
        }
        // The server drops the second one by its random_id.
        Call::SendEncrypted { .. } => Repeat::Safe,
        Call::RequestEncryption { .. } | Call::AcceptEncryption { .. } | Call::DiscardEncryption { .. } => {
            Repeat::AndInterpret
        }
        // Late, it would show somebody typing who has stopped.
        Call::SetEncryptedTyping { .. } => Repeat::Never,
    }
}

/// How long a call may take.
pub fn limit(call: &Call) -> Duration {
    match call {
        Call::SetEncryptedTyping { .. } => TYPING_LIMIT,
        _ => CALL_LIMIT,
    }
}

/// Carries out a call, once: a repetition from here could reach the server after the core has changed its mind.
///
/// # Errors
/// [`CallError::Lost`] when the outcome is unknown; [`repeat`] tells what may be done then.
pub async fn perform(link: &Link, call: Call) -> Result<Answer, CallError> {
    invoke(link, &call).await
}

/// Tells the server that the queue up to `qts` (the committed one) has arrived.
pub async fn acknowledge(link: &Link, qts: i32) -> Result<(), CallError> {
    link.invoke(&functions::messages::ReceivedQueue { max_qts: qts }, CALL_LIMIT).await.map(|_| ())
}

async fn invoke(link: &Link, call: &Call) -> Result<Answer, CallError> {
    let limit = limit(call);
    match call.clone() {
        Call::GetDhConfig { version, random_length } => {
            let call = functions::messages::GetDhConfig { version, random_length };
            link.invoke(&call, limit).await.map(dh_config)
        }
        Call::RequestEncryption { user, user_hash, chat: id, g_a } => {
            let user_id = input_user(user, user_hash);
            let call = functions::messages::RequestEncryption { user_id, random_id: id.0, g_a };
            link.invoke(&call, limit).await.map(chat).map(Answer::Chat)
        }
        Call::AcceptEncryption { chat: id, access_hash, g_b, key_fingerprint } => {
            let peer = input_chat(id, access_hash);
            let call = functions::messages::AcceptEncryption { peer, g_b, key_fingerprint };
            link.invoke(&call, limit).await.map(chat).map(Answer::Chat)
        }
        Call::DiscardEncryption { chat: id, delete_history } => {
            let call = functions::messages::DiscardEncryption { delete_history, chat_id: id.0 };
            link.invoke(&call, limit).await.map(|_| Answer::Done)
        }
        Call::SendEncrypted { chat: id, access_hash, random_id, data, service: true, .. } => {
            let peer = input_chat(id, access_hash);
            let call = functions::messages::SendEncryptedService { peer, random_id, data };
            link.invoke(&call, limit).await.map(sent)
        }
        Call::SendEncrypted { chat: id, access_hash, random_id, data, silent, file: Some(file), .. } => {
            let (peer, file) = (input_chat(id, access_hash), input_file(file));
            let call = functions::messages::SendEncryptedFile { silent, peer, random_id, data, file };
            link.invoke(&call, limit).await.map(sent)
        }
        Call::SendEncrypted { chat: id, access_hash, random_id, data, silent, .. } => {
            let peer = input_chat(id, access_hash);
            let call = functions::messages::SendEncrypted { silent, peer, random_id, data };
            link.invoke(&call, limit).await.map(sent)
        }
        Call::ReadEncryptedHistory { chat: id, access_hash, max_date } => {
            let peer = input_chat(id, access_hash);
            let call = functions::messages::ReadEncryptedHistory { peer, max_date };
            link.invoke(&call, limit).await.map(|_| Answer::Done)
        }
        Call::SetEncryptedTyping { chat: id, access_hash, typing } => {
            let peer = input_chat(id, access_hash);
            let call = functions::messages::SetEncryptedTyping { peer, typing };
            link.invoke(&call, limit).await.map(|_| Answer::Done)
        }
        Call::ReportEncryptedSpam { chat: id, access_hash } => {
            let peer = input_chat(id, access_hash);
            link.invoke(&functions::messages::ReportEncryptedSpam { peer }, limit).await.map(|_| Answer::Done)
        }
    }
}

fn dh_config(config: enums::messages::DhConfig) -> Answer {
    match config {
        enums::messages::DhConfig::Config(config) => {
            Answer::DhConfig { g: config.g, p: config.p, version: config.version, random: config.random }
        }
        enums::messages::DhConfig::NotModified(same) => Answer::DhConfigNotModified { random: same.random },
    }
}

fn sent(sent: enums::messages::SentEncryptedMessage) -> Answer {
    match sent {
        enums::messages::SentEncryptedMessage::Message(message) => {
            Answer::Sent { date: message.date, file: None }
        }
        enums::messages::SentEncryptedMessage::SentEncryptedFile(file) => {
            Answer::Sent { date: file.date, file: remote_file(file.file) }
        }
    }
}
