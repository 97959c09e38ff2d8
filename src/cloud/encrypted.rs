//! Secret chats and sealed messages as Telegram spells them, turned into the core's types.

use grammers_tl_types::{enums, types};

use crate::secret::record::{ChatId, RemoteFile, SentFile, UserId};
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
            file: remote_file(message.file),
        },
        enums::EncryptedMessage::Service(message) => EncryptedMessage {
            random_id: message.random_id,
            chat: ChatId(message.chat_id),
            date: message.date,
            bytes: message.bytes,
            file: None,
        },
    }
}

/// Where a ciphertext lies, if the server names a place.
pub fn remote_file(file: enums::EncryptedFile) -> Option<RemoteFile> {
    match file {
        enums::EncryptedFile::Empty => None,
        enums::EncryptedFile::File(file) => Some(RemoteFile {
            id: file.id,
            access_hash: file.access_hash,
            size: file.size,
            dc_id: file.dc_id,
            key_fingerprint: file.key_fingerprint,
        }),
    }
}

/// How `messages.sendEncryptedFile` names a file. One whose parts were lost is not sent before they are there again.
pub fn input_file(file: SentFile) -> enums::InputEncryptedFile {
    match file {
        SentFile::Uploaded { id, parts, key_fingerprint, big: true } => {
            types::InputEncryptedFileBigUploaded { id, parts, key_fingerprint }.into()
        }
        SentFile::Uploaded { id, parts, key_fingerprint, big: false } => {
            let md5_checksum = String::new();
            types::InputEncryptedFileUploaded { id, parts, md5_checksum, key_fingerprint }.into()
        }
        SentFile::There { id, access_hash } => types::InputEncryptedFile { id, access_hash }.into(),
        SentFile::Missing => enums::InputEncryptedFile::Empty,
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
