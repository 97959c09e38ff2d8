//! Secret chats and sealed messages as Telegram spells them, turned into the core's types.

use grammers_tl_types::{enums, types};

use crate::secret::record::{ChatId, UserId};
use crate::secret::step::{EncryptedChat, EncryptedMessage};

/// A chat in one of its five forms.
pub fn chat(chat: enums::EncryptedChat) -> EncryptedChat {
    match chat {
        enums::EncryptedChat::Empty(empty) => EncryptedChat::Empty { id: ChatId(empty.id) },
        enums::EncryptedChat::Waiting(waiting) => EncryptedChat::Waiting {
            id: ChatId(waiting.id),
            access_hash: waiting.access_hash,
            date: waiting.date,
            admin: UserId(waiting.admin_id),
            participant: UserId(waiting.participant_id),
        },
        enums::EncryptedChat::Requested(requested) => EncryptedChat::Requested {
            id: ChatId(requested.id),
            access_hash: requested.access_hash,
            date: requested.date,
            admin: UserId(requested.admin_id),
            participant: UserId(requested.participant_id),
            g_a: requested.g_a,
        },
        enums::EncryptedChat::Chat(ready) => EncryptedChat::Chat {
            id: ChatId(ready.id),
            access_hash: ready.access_hash,
            date: ready.date,
            admin: UserId(ready.admin_id),
            participant: UserId(ready.participant_id),
            g_a_or_b: ready.g_a_or_b,
            key_fingerprint: ready.key_fingerprint,
        },
        enums::EncryptedChat::Discarded(discarded) => {
            EncryptedChat::Discarded { id: ChatId(discarded.id), history_deleted: discarded.history_deleted }
        }
    }
}

/// A message; what the server says of its kind is not believed, what is inside it decides.
pub fn message(message: enums::EncryptedMessage) -> EncryptedMessage {
    match message {
        enums::EncryptedMessage::Message(message) => EncryptedMessage {
            random_id: message.random_id,
            chat: ChatId(message.chat_id),
            date: message.date,
            bytes: message.bytes,
        },
        enums::EncryptedMessage::Service(message) => EncryptedMessage {
            random_id: message.random_id,
            chat: ChatId(message.chat_id),
            date: message.date,
            bytes: message.bytes,
        },
    }
}

/// How calls name a chat.
pub fn input_chat(chat: ChatId, access_hash: i64) -> enums::InputEncryptedChat {
    enums::InputEncryptedChat::Chat(types::InputEncryptedChat { chat_id: chat.0, access_hash })
}

/// How calls name a person.
pub fn input_user(user: UserId, access_hash: i64) -> enums::InputUser {
    enums::InputUser::User(types::InputUser { user_id: user.0, access_hash })
}
