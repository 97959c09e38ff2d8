//! The life of a secret chat on the server: requested, accepted by one authorization, discarded.
//!
//! The server carries two public values between two authorizations and keeps what each of them may know. Whoever is
//! concerned by a step is noted in the store and pushed to; an authorization that lost the race for a request is told that
//! the chat is discarded, whatever becomes of it elsewhere.

use grammers_tl_types::functions::messages::{AcceptEncryption, DiscardEncryption, GetDhConfig};
use grammers_tl_types::{enums, types};

use super::fault::{Fault, bad, flood_wait, forbidden};
use super::turn::Turn;
use super::wire::RequestEncryption;
use super::{numbers, people};
use crate::server::store::{Authorization, Chat, ChatState};

/// Unanswered requests of one user.
const MAX_PENDING: i64 = 1_000;

/// Requests of one user within [`DAY`], whatever became of them: each keeps its row for ever.
const MAX_PER_DAY: i64 = 1_000;
const DAY: i32 = 24 * 60 * 60;

/// The most random bytes a client may ask for; it gets [`RANDOM_LEN`] in any case.
const MAX_RANDOM: i32 = 1_024;

/// Random bytes that come with the group.
const RANDOM_LEN: usize = 256;

pub(super) fn get_dh_config(
    turn: &mut Turn<'_>,
    _: &Authorization,
    request: GetDhConfig,
) -> Result<enums::messages::DhConfig, Fault> {
    if !(0..=MAX_RANDOM).contains(&request.random_length) {
        return Err(bad("RANDOM_LENGTH_INVALID"));
    }
    let random = turn.fresh_bytes::<RANDOM_LEN>();
    if request.version == numbers::VERSION {
        return Ok(types::messages::DhConfigNotModified { random }.into());
    }
    let (g, p, version) = (numbers::GENERATOR, numbers::PRIME.to_vec(), numbers::VERSION);
    Ok(types::messages::DhConfig { g, p, version, random }.into())
}

pub(super) fn request_encryption(
    turn: &mut Turn<'_>,
    me: &Authorization,
    request: RequestEncryption,
) -> Result<enums::EncryptedChat, Fault> {
    if request.random_id == 0 {
        return Err(bad("RANDOM_ID_INVALID"));
    }
    if let Some(chat) = turn.store.chat(request.random_id)? {
        remind(turn, me, &chat)?;
        return Err(bad("RANDOM_ID_DUPLICATE"));
    }
    let peer = people::resolve_other(turn, me, request.user)?;
    if peer.deleted {
        return Err(bad("INPUT_USER_DEACTIVATED"));
    }
    // A program would have to keep the key: no bot takes part in a secret chat.
    if peer.bot {
        return Err(bad("USER_ID_INVALID"));
    }
    if !numbers::is_public_value(&request.g_a) {
        return Err(bad("DH_G_A_INVALID"));
    }
    if turn.store.has_blocked(peer.id, me.user_id)? {
        return Err(forbidden("USER_IS_BLOCKED"));
    }
    let recent = turn.store.chats_requested(me.user_id, turn.now.saturating_sub(DAY))?;
    if recent >= MAX_PER_DAY || turn.store.pending_chats(me.user_id)? >= MAX_PENDING {
        return Err(flood_wait(3600));
    }
    let chat = Chat {
        id: request.random_id,
        state: ChatState::Requested,
        date: turn.now,
        admin_id: me.user_id,
        admin_key: me.auth_key_id,
        admin_hash: turn.fresh_hash(),
        participant_id: peer.id,
        participant_key: None,
        participant_hash: turn.fresh_hash(),
        g_a: request.g_a,
        g_b: None,
        fingerprint: None,
        history_deleted: false,
    };
    turn.store.add_chat(&chat)?;
    for session in turn.store.authorizations_of(peer.id)? {
        if !session.requests_disabled {
            tell(turn, &chat, session.auth_key_id)?;
        }
    }
    Ok(view(&chat, me.auth_key_id))
}

pub(super) fn accept_encryption(
    turn: &mut Turn<'_>,
    me: &Authorization,
    request: AcceptEncryption,
) -> Result<enums::EncryptedChat, Fault> {
    let enums::InputEncryptedChat::Chat(peer) = request.peer;
    let chat = turn.store.chat(peer.chat_id)?;
    let chat =
        chat.filter(|chat| chat.participant_id == me.user_id && chat.participant_hash == peer.access_hash);
    let mut chat = chat.ok_or_else(|| bad("CHAT_ID_INVALID"))?;
    match chat.state {
        ChatState::Accepted => {
            remind(turn, me, &chat)?;
            return Err(bad("ENCRYPTION_ALREADY_ACCEPTED"));
        }
        ChatState::Discarded => return Err(bad("ENCRYPTION_ALREADY_DECLINED")),
        ChatState::Requested => {}
    }
    if !numbers::is_public_value(&request.g_b) {
        return Err(bad("DH_G_B_INVALID"));
    }
    turn.store.accept_chat(chat.id, me.auth_key_id, &request.g_b, request.key_fingerprint)?;
    chat.state = ChatState::Accepted;
    chat.participant_key = Some(me.auth_key_id);
    chat.g_b = Some(request.g_b);
    chat.fingerprint = Some(request.key_fingerprint);
    tell_everybody(turn, &chat, Some(me.auth_key_id))?;
    Ok(view(&chat, me.auth_key_id))
}

pub(super) fn discard_encryption(
    turn: &mut Turn<'_>,
    me: &Authorization,
    request: DiscardEncryption,
) -> Result<bool, Fault> {
    if request.chat_id == 0 {
        return Err(bad("CHAT_ID_EMPTY"));
    }
    let chat = turn.store.chat(request.chat_id)?.filter(|chat| match me.user_id {
        user if user == chat.admin_id => me.auth_key_id == chat.admin_key,
        user => user == chat.participant_id,
    });
    let chat = chat.ok_or_else(|| bad("ENCRYPTION_ID_INVALID"))?;
    match chat.state {
        ChatState::Discarded => return Err(bad("ENCRYPTION_ALREADY_DECLINED")),
        ChatState::Accepted if chat.other_end(me.auth_key_id).is_none() => {
            return Err(bad("ENCRYPTION_ALREADY_ACCEPTED"));
        }
        ChatState::Accepted | ChatState::Requested => {}
    }
    discard(turn, Some(me.auth_key_id), chat, request.delete_history)?;
    Ok(true)
}

/// Closes a chat and tells everybody concerned but `actor`, the authorization that asked for it.
pub(super) fn discard(
    turn: &mut Turn<'_>,
    actor: Option<i64>,
    mut chat: Chat,
    history_deleted: bool,
) -> Result<(), Fault> {
    turn.store.discard_chat(chat.id, history_deleted)?;
    chat.state = ChatState::Discarded;
    chat.history_deleted = history_deleted;
    tell_everybody(turn, &chat, actor)
}

/// Ends every chat bound to an authorization that signs out.
pub(super) fn discard_all(turn: &mut Turn<'_>, me: &Authorization) -> Result<(), Fault> {
    for chat in turn.store.chats_bound_to(me.auth_key_id)? {
        discard(turn, Some(me.auth_key_id), chat, false)?;
    }
    Ok(())
}

/// Declines every request to a user who is no more: nobody could answer it.
pub(super) fn decline_all(turn: &mut Turn<'_>, user_id: i64) -> Result<(), Fault> {
    for chat in turn.store.chats_awaiting(user_id)? {
        discard(turn, None, chat, false)?;
    }
    Ok(())
}

/// Tells both ends and every session that has seen the request what the chat is now. `actor` is not pushed to, for the
/// answer tells it; but it is noted for it too, in case the answer is lost.
fn tell_everybody(turn: &mut Turn<'_>, chat: &Chat, actor: Option<i64>) -> Result<(), Fault> {
    let mut concerned = turn.store.told_of_chat(chat.id)?;
    concerned.push(chat.admin_key);
    concerned.extend(chat.participant_key);
    concerned.sort_unstable();
    concerned.dedup();
    for auth_key_id in concerned {
        if Some(auth_key_id) == actor {
            turn.store.put_chat_event(auth_key_id, chat.id, turn.now)?;
        } else {
            tell(turn, chat, auth_key_id)?;
        }
    }
    Ok(())
}

/// Notes the chat's state for an authorization and pushes it.
fn tell(turn: &mut Turn<'_>, chat: &Chat, auth_key_id: i64) -> Result<(), Fault> {
    turn.store.put_chat_event(auth_key_id, chat.id, turn.now)?;
    push_state(turn, chat, auth_key_id)
}

/// A call that an end of the chat repeats means that it has missed the first answer: it is told again how things stand.
fn remind(turn: &mut Turn<'_>, me: &Authorization, chat: &Chat) -> Result<(), Fault> {
    let is_end = chat.admin_key == me.auth_key_id || chat.participant_key == Some(me.auth_key_id);
    if is_end { push_state(turn, chat, me.auth_key_id) } else { Ok(()) }
}

fn push_state(turn: &mut Turn<'_>, chat: &Chat, auth_key_id: i64) -> Result<(), Fault> {
    let update = types::UpdateEncryption { chat: view(chat, auth_key_id), date: turn.now };
    let viewer = if auth_key_id == chat.admin_key { chat.admin_id } else { chat.participant_id };
    turn.push_with_users(auth_key_id, viewer, update.into(), &[chat.admin_id, chat.participant_id])
}

/// The chat as one of the authorizations concerned may see it.
pub(super) fn view(chat: &Chat, auth_key_id: i64) -> enums::EncryptedChat {
    let Chat { id, date, admin_id, participant_id, .. } = *chat;
    let is_admin = auth_key_id == chat.admin_key;
    let is_participant = chat.participant_key.is_none_or(|key| key == auth_key_id);
    match (chat.state, is_admin) {
        (ChatState::Requested, true) => {
            types::EncryptedChatWaiting { id, access_hash: chat.admin_hash, date, admin_id, participant_id }
                .into()
        }
        (ChatState::Requested, false) => types::EncryptedChatRequested {
            folder_id: None,
            id,
            access_hash: chat.participant_hash,
            date,
            admin_id,
            participant_id,
            g_a: chat.g_a.clone(),
        }
        .into(),
        (ChatState::Accepted, _) if is_admin || is_participant => {
            let theirs = if is_admin { chat.g_b.clone().unwrap_or_default() } else { chat.g_a.clone() };
            types::EncryptedChat {
                id,
                access_hash: if is_admin { chat.admin_hash } else { chat.participant_hash },
                date,
                admin_id,
                participant_id,
                g_a_or_b: theirs,
                key_fingerprint: chat.fingerprint.unwrap_or_default(),
            }
            .into()
        }
        (ChatState::Accepted, _) => types::EncryptedChatDiscarded { history_deleted: false, id }.into(),
        (ChatState::Discarded, _) => types::EncryptedChatDiscarded {
            history_deleted: chat.history_deleted && (is_admin || is_participant),
            id,
        }
        .into(),
    }
}
