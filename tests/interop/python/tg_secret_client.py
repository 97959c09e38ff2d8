"""tg-secret on kurigram, both as they were published.

Only the way in is ours: the session's storage names our server instead of Telegram's, and our key stands beside Telegram's. The
subclass looks at what goes by (times to live and keys, which the library does not hand out) and changes nothing. One fault can
be mended on request, for the parts that are impossible with it: see `mend_vectors`.
"""

import asyncio
import hashlib
import logging
import os
from io import BytesIO

from pyrogram import Client
from pyrogram.raw import functions, types
from tg_secret import TelegramSecretClient
from tg_secret.aes import ige256_decrypt
from tg_secret.client_adapters.pyrogram_adapter import PyrogramClientAdapter
from tg_secret.enums import ChatRequestResult, ParseMode
from tg_secret.raw import SecretTLObject
from tg_secret.raw.types import (
    DecryptedMessageActionSetMessageTTL,
    DecryptedMessageMediaDocument_45,
    DocumentAttributeFilename,
)
from tg_secret.raw.vector import Vector

from base import Driver, entities, event, fingerprint, picture_hash
from kurigram_home import API_HASH, API_ID, HomeStorage, add_key

# Of upload.getFile: a megabyte at most, in parts that do not cross one.
PART = 512 * 1024


def mend_vectors():
    """Lets the library read the vectors that it writes.

    It writes Vector<long> and Vector<DocumentAttribute> boxed, as the schema has them, but reads them as if bare: the constructor
    id 1cb5c415 is taken for the count. A deletion is then half a thousand million numbers long, and a document raises a KeyError
    before it was counted (`can_read_documents` shows it on what the library itself has written). Its vectors of entities go
    another way and are right.
    """
    as_published = Vector.read.__func__

    def read(cls, data, read_func=None, *args):
        place = data.tell()
        if data.read(4) != Vector.ID.to_bytes(4, "little"):
            data.seek(place)
        return as_published(cls, data, read_func, *args)

    Vector.read = classmethod(read)


class Watched(TelegramSecretClient):
    """Tells what comes in as the library understood it."""

    async def _handle_encrypted_message(self, chat_id, message, file):
        await super()._handle_encrypted_message(chat_id, message, file)
        media = message.media
        event(
            "message",
            chat=chat_id,
            id=message.random_id,
            text=message.message,
            ttl=getattr(message, "ttl", 0),
            reply_to=getattr(message, "reply_to_random_id", None),
            entities=entities(message),
            media=type(media).__name__ if media is not None else None,
        )
        if file is not None:
            self.files[message.random_id] = (file, media)

    async def _handle_encrypted_service_message(self, chat_id, message):
        await super()._handle_encrypted_service_message(chat_id, message)
        action = message.action
        if isinstance(action, DecryptedMessageActionSetMessageTTL):
            event("timer", chat=chat_id, seconds=action.ttl_seconds)
        event("action", chat=chat_id, name=type(action).__name__)


class TgSecret(Driver):
    async def do_connect(self, address, port, key, phone, rekey_after=100, mended=False):
        if mended:
            mend_vectors()
        add_key(key)
        self.client = Client(
            "interop", API_ID, API_HASH, storage_engine=HomeStorage(address, port), workers=1, no_updates=False
        )
        self.secret = Watched(
            PyrogramClientAdapter(self.client),
            in_memory=True,
            rekey_threshold=rekey_after,
            force_rekey_threshold=True,
        )
        self.secret.files = {}
        self.requests = {}
        self.secret.add_request_handler(self.on_request)
        self.secret.add_chat_ready_handler(self.on_ready)
        self.secret.add_messages_deleted_handler(self.on_deleted)
        self.secret.add_history_deleted_handler(self.on_flushed)
        self.secret.add_chat_deleted_handler(self.on_closed)
        await self.client.connect()
        self.phone = phone
        self.sent = await self.client.send_phone_number_code(phone)

    async def do_sign_in(self, code, name):
        signed_in = await self.client.sign_in(self.phone, self.sent.phone_code_hash, code)
        if not signed_in:
            await self.client.sign_up(self.phone, self.sent.phone_code_hash, name)
        self.client.me = await self.client.get_me()
        await self.client.initialize()
        await self.client.invoke(functions.updates.GetState())
        await self.secret.start()
        return self.client.me.id

    async def do_can_read_documents(self):
        name = DocumentAttributeFilename(file_name="rose.txt")
        document = DecryptedMessageMediaDocument_45(
            thumb=b"", thumb_w=0, thumb_h=0, mime_type="", size=0, key=b"", iv=b"", attributes=[name], caption=""
        )
        try:
            return SecretTLObject.read(BytesIO(document.write())) == document
        except KeyError:
            return False

    async def do_find(self, phone):
        contact = types.InputPhoneContact(client_id=0, phone=phone, first_name=phone, last_name="")
        found = await self.client.invoke(functions.contacts.ImportContacts(contacts=[contact]))
        return found.users[0].id

    # Chats.

    async def on_request(self, chat):
        answer = self.requests[chat.id] = asyncio.get_running_loop().create_future()
        event("request", chat=chat.id, user=chat.peer_id)
        return await answer

    async def on_ready(self, chat):
        event("ready", chat=chat.id)

    async def on_closed(self, chat, history_deleted):
        event("closed", chat=chat.id, history_deleted=history_deleted)

    async def on_deleted(self, chat, ids):
        event("deleted", chat=chat.id, ids=list(ids))

    async def on_flushed(self, chat):
        event("flushed", chat=chat.id)

    async def do_start(self, user):
        return (await self.secret.request_encryption(user)).id

    async def do_accept(self, chat):
        self.requests.pop(chat).set_result(ChatRequestResult.ACCEPT)

    async def do_decline(self, chat):
        self.requests.pop(chat).set_result(ChatRequestResult.DISCARD)

    async def do_picture(self, chat):
        return picture_hash((await self.secret._storage.get_chat(chat)).key)

    async def do_fingerprint(self, chat):
        return fingerprint((await self.secret._storage.get_chat(chat)).key)

    async def do_rekey(self, chat):
        await self.secret.rekey(chat)

    async def do_changing_key(self, chat):
        return (await self.secret._storage.get_chat(chat)).exchange_id is not None

    async def do_discard(self, chat, delete_history=False):
        await self.secret.discard_chat(chat, delete_history)

    # Messages.

    async def do_send(self, chat, text, ttl=0, reply_to=None, markup=False):
        mode = ParseMode.MARKDOWN if markup else ParseMode.DISABLED
        message = await self.secret.send_text_message(
            chat, text, ttl=ttl, reply_to_message_id=reply_to, parse_mode=mode
        )
        return message.id

    async def do_burst(self, chat, texts):
        return [(await self.secret.send_text_message(chat, text)).id for text in texts]

    async def do_delete(self, chat, ids):
        await self.secret.delete_messages(chat, ids)

    async def do_flush(self, chat):
        await self.secret.delete_chat_history(chat)

    # Files.

    async def do_send_file(self, chat, path, caption="", ttl=0):
        # Open, and not by its path: it would close that itself and then go back to the beginning of it, a ValueError.
        with open(path, "rb") as file:
            sent = await self.secret.send_document(chat, file, caption=caption, ttl=ttl, file_name=os.path.basename(path))
        return sent.id

    async def do_fetch_file(self, id):
        """The library sends files but fetches none; what it checked of the key is told by there being one."""
        file, media = self.secret.files[id]
        location = types.InputEncryptedFileLocation(id=file.id, access_hash=file.access_hash)
        sealed = b""
        while len(sealed) < file.size:
            part = await self.client.invoke(functions.upload.GetFile(location=location, offset=len(sealed), limit=PART))
            assert part.bytes, "the file ends before its size"
            sealed += part.bytes
        content = ige256_decrypt(sealed, media.key, media.iv)[: media.size]
        names = [attribute.file_name for attribute in media.attributes if hasattr(attribute, "file_name")]
        return {
            "name": names[0] if names else None,
            "mime_type": media.mime_type,
            "caption": media.caption,
            "size": media.size,
            "sha256": hashlib.sha256(content).hexdigest(),
        }


if __name__ == "__main__":
    # That it has no compiled arithmetic is no error.
    logging.getLogger("pyrogram.crypto").setLevel(logging.CRITICAL)
    TgSecret().run()
