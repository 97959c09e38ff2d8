//! Carrying encrypted messages from one end of a chat to the other, and what goes with them: reading, typing.
//!
//! A message is numbered and kept for the other end until that authorization acknowledges it. A repeat is recognised only
//! while the original is still kept; afterwards it is delivered once more, for the recipient may have asked for it.

use grammers_tl_types::functions::messages::{
    ReadEncryptedHistory, ReceivedQueue, ReportEncryptedSpam, SendEncrypted, SendEncryptedFile,
    SendEncryptedService, SetEncryptedTyping,
};
use grammers_tl_types::{enums, types};

use super::fault::{Fault, bad, flood_wait, forbidden};
use super::files;
use super::turn::Turn;
use crate::server::store::{Authorization, Chat, ChatState, Queued, SentFile};

/// A message nobody fetched is dropped after this, seconds.
pub(super) const QUEUE_LIFETIME: i32 = 7 * 24 * 3600;

/// Messages that wait for one authorization.
const MAX_QUEUE: i64 = 10_000;

/// Fingerprint, msg_key, and at least one block of ciphertext, bytes.
const MIN_DATA: usize = HEADER + BLOCK;
const HEADER: usize = 8 + 16;
const BLOCK: usize = 16;

/// Text, entities and a thumbnail fit many times over; the whole request must fit into its own limit.
const MAX_DATA: usize = 48 * 1024;

pub(super) fn send_encrypted(
    turn: &mut Turn<'_>,
    me: &Authorization,
    request: SendEncrypted,
) -> Result<enums::messages::SentEncryptedMessage, Fault> {
    let (random_id, data) = (request.random_id, request.data);
    send(turn, me, request.peer, Letter { random_id, data, service: false, file: None })
}

/// There are no notifications that a silent message would do without.
pub(super) fn send_encrypted_file(
    turn: &mut Turn<'_>,
    me: &Authorization,
    request: SendEncryptedFile,
) -> Result<enums::messages::SentEncryptedMessage, Fault> {
    let (random_id, data, file) = (request.random_id, request.data, Some(request.file));
    send(turn, me, request.peer, Letter { random_id, data, service: false, file })
}

pub(super) fn send_encrypted_service(
    turn: &mut Turn<'_>,
    me: &Authorization,
    request: SendEncryptedService,
) -> Result<enums::messages::SentEncryptedMessage, Fault> {
    let (random_id, data) = (request.random_id, request.data);
    send(turn, me, request.peer, Letter { random_id, data, service: true, file: None })
}

/// What is to be carried.
struct Letter {
    random_id: i64,
    data: Vec<u8>,
    service: bool,
    file: Option<enums::InputEncryptedFile>,
}

fn send(
    turn: &mut Turn<'_>,
    me: &Authorization,
    peer: enums::InputEncryptedChat,
    letter: Letter,
) -> Result<enums::messages::SentEncryptedMessage, Fault> {
    let Letter { random_id, data, service, file } = letter;
    let (chat, to) = open_chat(turn, me, peer)?;
    check_data(&data)?;
    let recipient = if me.user_id == chat.admin_id { chat.participant_id } else { chat.admin_id };
    if turn.store.has_blocked(recipient, me.user_id)? {
        return Err(forbidden("USER_IS_BLOCKED"));
    }
    if turn.store.user(recipient)?.is_none_or(|recipient| recipient.deleted) {
        return Err(forbidden("USER_DELETED"));
    }
    if let Some((date, sent)) = turn.store.queued_before(to, chat.id, me.auth_key_id, random_id)? {
        return Ok(receipt(turn, date, file.map(|_| sent)));
    }
    if turn.store.queue_len(to)? >= MAX_QUEUE {
        return Err(flood_wait(300));
    }
    let file = file.map(|file| files::named(turn, me, file)).transpose()?;
    if let Some(file) = &file {
        turn.store.add_reader(file.id, me.user_id)?;
        turn.store.add_reader(file.id, recipient)?;
    }
    let qts = turn.store.next_qts(to)?.ok_or_else(|| bad("ENCRYPTION_DECLINED"))?;
    let sent = file.as_ref().and_then(|file| file.sent);
    let message = Queued { qts, chat_id: chat.id, random_id, date: turn.now, service, data, file: sent };
    turn.store.enqueue(to, me.auth_key_id, &message, file.as_ref().map(|file| file.id))?;
    let update =
        types::UpdateNewEncryptedMessage { message: encrypted_message(turn.files_dc(), message), qts };
    turn.push(to, update.into());
    Ok(receipt(turn, turn.now, file.map(|_| sent)))
}

/// The answer to a send; `file` is given if the method was the one for files.
fn receipt(
    turn: &Turn<'_>,
    date: i32,
    file: Option<Option<SentFile>>,
) -> enums::messages::SentEncryptedMessage {
    match file {
        Some(sent) => {
            types::messages::SentEncryptedFile { date, file: files::view(turn.files_dc(), sent) }.into()
        }
        None => types::messages::SentEncryptedMessage { date }.into(),
    }
}

fn check_data(data: &[u8]) -> Result<(), Fault> {
    if data.len() > MAX_DATA {
        return Err(bad("DATA_TOO_LONG"));
    }
    let sealed = data.len() >= MIN_DATA && (data.len() - HEADER).is_multiple_of(BLOCK);
    if sealed { Ok(()) } else { Err(bad("DATA_INVALID")) }
}

/// The accepted chat one end of which is the caller, and the authorization at the other end.
pub(super) fn open_chat(
    turn: &Turn<'_>,
    me: &Authorization,
    peer: enums::InputEncryptedChat,
) -> Result<(Chat, i64), Fault> {
    let chat = own_chat(turn, me, peer)?;
    if chat.state == ChatState::Discarded {
        return Err(bad("ENCRYPTION_DECLINED"));
    }
    let other = chat.other_end(me.auth_key_id).ok_or_else(|| bad("CHAT_ID_INVALID"))?;
    Ok((chat, other))
}

/// A chat that the caller, user and authorization, may name. A request belongs to every session of its recipient.
fn own_chat(turn: &Turn<'_>, me: &Authorization, peer: enums::InputEncryptedChat) -> Result<Chat, Fault> {
    let enums::InputEncryptedChat::Chat(peer) = peer;
    let chat = turn.store.chat(peer.chat_id)?.filter(|chat| {
        let as_admin = me.auth_key_id == chat.admin_key && peer.access_hash == chat.admin_hash;
        let as_participant = me.user_id == chat.participant_id
            && peer.access_hash == chat.participant_hash
            && chat.participant_key.is_none_or(|key| key == me.auth_key_id);
        as_admin || as_participant
    });
    chat.ok_or_else(|| bad("CHAT_ID_INVALID"))
}

/// A waiting message as it goes over the wire, live and in a difference.
pub(super) fn encrypted_message(dc_id: i32, message: Queued) -> enums::EncryptedMessage {
    let Queued { chat_id, random_id, date, data: bytes, file, .. } = message;
    if message.service {
        types::EncryptedMessageService { random_id, chat_id, date, bytes }.into()
    } else {
        let file = files::view(dc_id, file);
        types::EncryptedMessage { random_id, chat_id, date, bytes, file }.into()
    }
}

/// There are no push notifications, so none is cancelled.
pub(super) fn received_queue(
    turn: &mut Turn<'_>,
    me: &Authorization,
    request: ReceivedQueue,
) -> Result<Vec<i64>, Fault> {
    if !(0..=me.qts).contains(&request.max_qts) {
        return Err(bad("MAX_QTS_INVALID"));
    }
    turn.store.acknowledge(me.auth_key_id, request.max_qts)?;
    Ok(Vec::new())
}

/// The date of a reading is the server's, and never lies in the future of the one who hears of it.
pub(super) fn read_encrypted_history(
    turn: &mut Turn<'_>,
    me: &Authorization,
    request: ReadEncryptedHistory,
) -> Result<bool, Fault> {
    let (chat, other) = open_chat(turn, me, request.peer)?;
    if request.max_date <= 0 {
        return Err(bad("MAX_DATE_INVALID"));
    }
    let (chat_id, max_date, date) = (chat.id, request.max_date.min(turn.now), turn.now);
    turn.store.put_read_event(other, chat_id, max_date, date)?;
    turn.push(other, types::UpdateEncryptedMessagesRead { chat_id, max_date, date }.into());
    Ok(true)
}

pub(super) fn set_encrypted_typing(
    turn: &mut Turn<'_>,
    me: &Authorization,
    request: SetEncryptedTyping,
) -> Result<bool, Fault> {
    let (chat, other) = open_chat(turn, me, request.peer)?;
    let recipient = if me.user_id == chat.admin_id { chat.participant_id } else { chat.admin_id };
    if request.typing && !turn.store.has_blocked(recipient, me.user_id)? {
        turn.push(other, types::UpdateEncryptedChatTyping { chat_id: chat.id }.into());
    }
    Ok(true)
}

/// There is nobody who would read a report; it is acknowledged so that the client goes on to block.
pub(super) fn report_encrypted_spam(
    turn: &mut Turn<'_>,
    me: &Authorization,
    request: ReportEncryptedSpam,
) -> Result<bool, Fault> {
    own_chat(turn, me, request.peer)?;
    Ok(true)
}
