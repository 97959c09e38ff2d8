"""An account on kurigram as it was published: signing in by every way, the address book, and coming back.

Only the way in is ours: the session's storage names our server instead of Telegram's, and our key stands beside Telegram's.
"""

import logging
from pathlib import Path

from pyrogram import Client, types
from pyrogram.connection import transport
from pyrogram.errors import SessionPasswordNeeded
from pyrogram.handlers import RawUpdateHandler
from pyrogram.qrlogin import QRLogin
from pyrogram.raw import functions
from pyrogram.raw import types as raw
from pyrogram.storage import UpdateState

from account import Account, sign_in_step
from kurigram_home import API_HASH, API_ID, HomeStorage, add_key


class KurigramAccount(Account):
    types = raw
    password_needed = SessionPasswordNeeded

    async def do_connect(self, address, port, key, home, framing="TCPAbridged"):
        add_key(key)
        self.home = (address, port, Path(home))
        self.framing = getattr(transport, framing)
        self.make()
        return {"signed_in": await self.client.connect()}

    def make(self):
        address, port, folder = self.home
        storage = HomeStorage(address, port, folder)
        self.client = Client(
            "kurigram",
            API_ID,
            API_HASH,
            storage_engine=storage,
            protocol_factory=self.framing,
            workers=1,
            skip_updates=False,
        )
        # In a group of its own: of each group only one handler gets an update.
        self.client.add_handler(RawUpdateHandler(self.on_update), group=1)

    async def on_update(self, client, update, users, chats):
        if isinstance(update, raw.UpdateEncryption):
            self.take_encryption(update.chat)

    async def call(self, name, **fields):
        room, method = name.split(".")
        return await self.client.invoke(getattr(getattr(functions, room), method)(**fields))

    async def input_user(self, username):
        peer = await self.client.resolve_peer(username)
        return raw.InputUser(user_id=peer.user_id, access_hash=peer.access_hash)

    # Signing in.

    async def do_ask_code(self, phone):
        self.phone = phone
        self.sent = await self.client.send_phone_number_code(phone)
        return {"sent": self.sent.type.name}

    async def do_enter_code(self, code):
        try:
            user = await self.client.sign_in(self.phone, self.sent.phone_code_hash, code)
        except SessionPasswordNeeded:
            return await self.password_step()
        return await self.begin() if isinstance(user, types.User) else sign_in_step("name")

    async def do_enter_name(self, name):
        await self.client.sign_up(self.phone, self.sent.phone_code_hash, name)
        return await self.begin()

    async def do_enter_password(self, password):
        await self.client.check_password(password)
        return await self.begin()

    async def begin(self):
        """What its `start` does once somebody is signed in, which before that asks at the terminal."""
        state = await self.client.invoke(functions.updates.GetState())
        await self.client.storage.set_update_state(UpdateState(0, state.pts, state.qts, state.date, state.seq))
        self.client.me = await self.client.get_me()
        await self.client.initialize()
        return sign_in_step("done", user=self.client.me.id)

    async def do_set_password(self, new, current, hint):
        if current is None:
            await self.client.enable_cloud_password(new, hint=hint)
        elif new is None:
            await self.client.remove_cloud_password(current)
        else:
            await self.client.change_cloud_password(current, new, new_hint=hint)

    async def hint(self):
        return await self.client.get_password_hint()

    async def qr(self):
        shown = QRLogin(self.client)
        await shown.recreate()
        return shown

    async def by_token(self, shown):
        await shown.wait()
        return await self.begin()

    # People.

    async def do_me(self):
        return (await self.client.get_me()).id

    async def do_import(self, phone, name):
        return (await self.client.import_contacts([types.InputPhoneContact(phone, name)])).users[0].id

    async def do_contacts(self):
        return [
            {"user": user.id, "name": user.first_name, "phone": user.phone_number}
            for user in await self.client.get_contacts()
        ]

    async def do_take_username(self, username):
        await self.client.set_username(username)
        return (await self.client.get_me()).username

    async def do_resolve(self, username):
        found = await self.client.get_users(username)
        return {"user": found.id, "name": found.first_name}

    async def do_dialogs(self):
        return len([dialog async for dialog in self.client.get_dialogs()])

    # Going and coming back.

    async def do_catch_up(self):
        """After a lost connection: the library dials again by itself, and looks back when it is told to."""
        await self.client.get_me()
        await self.client.recover_gaps()

    async def do_leave(self):
        await self.client.stop()

    async def do_come_back(self):
        """Its `start` looks back by itself."""
        self.make()
        await self.client.start()
        return {"signed_in": True}


if __name__ == "__main__":
    # That it has no compiled arithmetic is no error.
    logging.getLogger("pyrogram.crypto").setLevel(logging.CRITICAL)
    KurigramAccount().run()
