"""telethon-secret-chat on Telethon; Telethon as it was published, the other with the faults mended that end a conversation.

Each change says what the protocol demands instead. Nothing else is touched: what remains is the library's own.
"""

import hashlib
import math

from telethon import TelegramClient, events
from telethon.crypto import rsa as telethon_keys
from telethon.sessions import MemorySession
from telethon.tl import types
from telethon.tl.functions.auth import SendCodeRequest, SignInRequest, SignUpRequest
from telethon.tl.functions.contacts import ImportContactsRequest
from telethon.tl.types.auth import AuthorizationSignUpRequired
from telethon_secret_chat import SECRET_TYPES, SecretChatManager
from telethon_secret_chat import secret_methods
from telethon_secret_chat.secret_sechma import secretTL

from base import Driver, entities, event, fingerprint, picture_hash

API_ID, API_HASH = 1, "0" * 32
DC_ID = 1


class SoundSecretChat(secret_methods.SecretChat):
    """A chat of the library with four of its faults mended."""

    def __init__(self, *positional, **named):
        # It opens every chat in MTProto 1.0 and goes over to 2.0 only when something comes in that is not 1.0. 2.0 is demanded of
        # everybody since layer 73, and 1.0 messages of such a layer are a violation; whoever reads only 2.0 sees nothing of it.
        named["mtproto"] = 2
        # Every message that comes more than 15 s after `created` is answered by a notifyLayer, notifyLayers included: two such
        # clients never fall silent, and the default of `created` is the moment of the import. notifyLayer is to be sent once the
        # chat is ready and when the own layer has risen; the former it does.
        named["created"] = math.inf
        # After 100 messages it re-keys, which raises an AttributeError (`_temp_rekeyed_secret_chats` is an attribute of its
        # session, not of the manager that asks for it) and loses the message at hand, and then every further one.
        named["ttr"] = math.inf
        super().__init__(*positional, **named)

    # It writes the layer of the peer's last message, or of its notifyLayer, into its own messages: 144, which it does not speak,
    # or 73 after it has written 101. `layer` is what both speak, rounded down to a known one, and must never fall; it speaks 101,
    # and so does whoever it can talk with here.
    @property
    def layer(self):
        return secret_methods.DEFAULT_LAYER

    @layer.setter
    def layer(self, value):
        pass


secret_methods.SecretChat = SoundSecretChat


class Telethon(Driver):
    async def do_connect(self, address, port, key, phone):
        with open(key, "rb") as file:
            telethon_keys.add_key(file.read(), old=False)
        session = MemorySession()
        session.set_dc(DC_ID, address, port)
        # One update after the other, as they came: the library counts messages in the order in which its handler runs.
        self.client = TelegramClient(session, API_ID, API_HASH, sequential_updates=True)
        self.secret = SecretChatManager(self.client, new_chat_created=self.on_created)
        self.secret.add_secret_event_handler(SECRET_TYPES.accept, self.on_request)
        self.secret.add_secret_event_handler(SECRET_TYPES.decrypt, self.on_decrypted)
        # The library does not look at chats that are closed.
        self.client.add_event_handler(self.on_encryption, events.Raw(types.UpdateEncryption))
        self.requests, self.files = {}, {}
        await self.client.connect()
        self.phone = phone
        self.sent = await self.client(SendCodeRequest(phone, API_ID, API_HASH, types.CodeSettings()))

    async def do_sign_in(self, code, name):
        answer = await self.client(SignInRequest(self.phone, self.sent.phone_code_hash, code))
        if isinstance(answer, AuthorizationSignUpRequired):
            answer = await self.client(SignUpRequest(self.phone, self.sent.phone_code_hash, name, ""))
        await self.client._on_login(answer.user)
        return answer.user.id

    async def do_find(self, phone):
        contact = types.InputPhoneContact(client_id=0, phone=phone, first_name=phone, last_name="")
        return (await self.client(ImportContactsRequest([contact]))).users[0].id

    # Chats.

    async def on_request(self, update):
        self.requests[update.chat.id] = update.chat
        event("request", chat=update.chat.id, user=update.chat.admin_id)

    async def on_created(self, chat, created_by_me):
        event("ready", chat=chat.id)

    async def on_encryption(self, update):
        if isinstance(update.chat, types.EncryptedChatDiscarded):
            event("closed", chat=update.chat.id, history_deleted=bool(update.chat.history_deleted))

    async def do_start(self, user):
        return await self.secret.start_secret_chat(user)

    async def do_accept(self, chat):
        await self.secret.accept_secret_chat(self.requests.pop(chat))
        event("ready", chat=chat)

    async def do_picture(self, chat):
        return picture_hash(self.secret.get_secret_chat(chat).auth_key)

    async def do_changing_key(self, chat):
        return self.secret.get_secret_chat(chat).rekeying[0] != 0

    async def do_discard(self, chat, delete_history=False):
        await self.secret.close_secret_chat(self.secret.get_secret_chat(chat))

    # Messages.

    async def on_decrypted(self, update):
        message, chat = update.decrypted_event, update.message.chat_id
        action = getattr(message, "action", None)
        if isinstance(action, secretTL.DecryptedMessageActionSetMessageTTL):
            event("timer", chat=chat, seconds=action.ttl_seconds)
        if action is not None:
            event("action", chat=chat, name=type(action).__name__)
            return
        event(
            "message",
            chat=chat,
            id=message.random_id,
            text=message.message,
            ttl=message.ttl,
            reply_to=message.reply_to_random_id,
            entities=entities(message),
            media=type(message.media).__name__ if message.media is not None else None,
        )
        if isinstance(message.file, types.EncryptedFile):
            self.files[message.random_id] = message

    async def do_send(self, chat, text, ttl=0, reply_to=None, markup=False):
        mode = "md" if markup else None
        await self.secret.send_secret_message(chat, text, ttl=ttl, reply_to_id=reply_to, parse_mode=mode)
        return self.last_id(chat)

    async def do_burst(self, chat, texts):
        return [await self.do_send(chat, text) for text in texts]

    def last_id(self, chat):
        """The library hands out the server's answer, which does not name the message."""
        state = self.secret.get_secret_chat(chat)
        return state.outgoing[state.out_seq_no].message.random_id

    # Files, of one part: it begins every part anew with the same initialisation vector, where one chain is to run through the file.

    async def do_send_file(self, chat, path, caption="", ttl=0):
        with open(path, "rb") as file:
            content = file.read()
        name = types.DocumentAttributeFilename(file_name=path.rsplit("/", 1)[-1])
        mime_type = "application/octet-stream"
        await self.secret.send_secret_document(
            chat, content, b"", 0, 0, name.file_name, mime_type, len(content), [name], ttl, caption
        )
        return self.last_id(chat)

    async def do_fetch_file(self, id):
        message = self.files[id]
        content = await self.secret.download_secret_media(message)
        names = [attribute.file_name for attribute in message.media.attributes if hasattr(attribute, "file_name")]
        return {
            "name": names[0] if names else None,
            "mime_type": message.media.mime_type,
            "caption": message.media.caption,
            "size": message.media.size,
            "sha256": hashlib.sha256(content[: message.media.size]).hexdigest(),
        }


if __name__ == "__main__":
    Telethon().run()
