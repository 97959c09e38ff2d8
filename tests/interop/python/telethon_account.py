"""An account on Telethon as it was published: signing in by every way, the address book, and coming back.

Only the way in is ours: the session names our server instead of Telegram's, and our key stands beside Telegram's.
"""

from telethon import TelegramClient, connection, events, functions, types
from telethon.crypto import rsa as telethon_keys
from telethon.errors import PhoneNumberUnoccupiedError, SessionPasswordNeededError
from telethon.sessions import SQLiteSession

from account import Account, sign_in_step

# Any number does: the server asks for none in particular.
API_ID, API_HASH = 1, "0" * 32
DC_ID = 1


class TelethonAccount(Account):
    types = types
    password_needed = SessionPasswordNeededError

    async def do_connect(self, address, port, key, home, framing="TcpFull"):
        with open(key, "rb") as file:
            telethon_keys.add_key(file.read(), old=False)
        self.home = (address, port, f"{home}/telethon", getattr(connection, "Connection" + framing))
        return await self.open()

    async def open(self):
        """A client on what the session's file tells; whether somebody is signed in there."""
        address, port, file, framing = self.home
        session = SQLiteSession(file)
        session.set_dc(DC_ID, address, port)
        self.client = TelegramClient(session, API_ID, API_HASH, connection=framing, catch_up=True)
        self.client.add_event_handler(self.on_encryption, events.Raw(types.UpdateEncryption))
        await self.client.connect()
        return {"signed_in": await self.client.is_user_authorized()}

    async def on_encryption(self, update):
        self.take_encryption(update.chat)

    async def call(self, name, **fields):
        room, method = name.split(".")
        return await self.client(getattr(getattr(functions, room), method + "Request")(**fields))

    async def input_user(self, username):
        return await self.client.get_input_entity(username)

    # Signing in.

    async def do_ask_code(self, phone):
        self.phone = phone
        self.sent = await self.client.send_code_request(phone)
        return {"sent": type(self.sent.type).__name__}

    async def do_enter_code(self, code):
        try:
            user = await self.client.sign_in(self.phone, code)
        except PhoneNumberUnoccupiedError:
            return sign_in_step("name")
        except SessionPasswordNeededError:
            return await self.password_step()
        return sign_in_step("done", user=user.id)

    async def do_enter_name(self, name):
        # Its own sign_up was taken out of it.
        answer = await self.client(functions.auth.SignUpRequest(self.phone, self.sent.phone_code_hash, name, ""))
        await self.client._on_login(answer.user)
        return sign_in_step("done", user=answer.user.id)

    async def do_enter_password(self, password):
        return sign_in_step("done", user=(await self.client.sign_in(password=password)).id)

    async def hint(self):
        return (await self.client(functions.account.GetPasswordRequest())).hint

    async def do_set_password(self, new, current, hint):
        await self.client.edit_2fa(current_password=current, new_password=new, hint=hint)

    async def qr(self):
        return await self.client.qr_login()

    async def by_token(self, shown):
        return sign_in_step("done", user=(await shown.wait()).id)

    # People.

    async def do_me(self):
        me = await self.client.get_me()
        return None if me is None else me.id

    async def do_import(self, phone, name):
        contact = types.InputPhoneContact(client_id=0, phone=phone, first_name=name, last_name="")
        return (await self.client(functions.contacts.ImportContactsRequest([contact]))).users[0].id

    async def do_contacts(self):
        answer = await self.client(functions.contacts.GetContactsRequest(hash=0))
        return [{"user": user.id, "name": user.first_name, "phone": user.phone} for user in answer.users]

    async def do_take_username(self, username):
        return (await self.client(functions.account.UpdateUsernameRequest(username))).username

    async def do_resolve(self, username):
        found = await self.client.get_entity(username)
        return {"user": found.id, "name": found.first_name}

    async def do_dialogs(self):
        return len(await self.client.get_dialogs())

    # Going and coming back.

    async def do_catch_up(self):
        """After a lost connection: the library dials again by itself, and looks back when it is told to."""
        await self.client.get_me()
        await self.client.catch_up()

    async def do_leave(self):
        await self.client.disconnect()

    async def do_come_back(self):
        """`catch_up=True` has it look back by itself."""
        return await self.open()


if __name__ == "__main__":
    TelethonAccount().run()
