"""What an account does on every library alike: told from the test's side, the libraries differ in names only.

Each library's own driver has the way in, what the library does in a manner of its own (`start`, `qr_login`, `log_out`), and one coroutine
by which a method of the schema is called by its name. What is asked for here goes through that one, with the library's own types.
"""

from base import Driver, event, token_bytes

# Asked for at the start by this client or that though it does not exist on our server. What is of a type of its own is made with the
# library's.
SMALL_QUESTIONS = [
    ("help.GetAppConfig", {"hash": 0}),
    ("help.GetAppUpdate", {"source": ""}),
    ("help.GetTermsOfServiceUpdate", {}),
    ("help.GetPromoData", {}),
    ("help.GetCountriesList", {"lang_code": "en", "hash": 0}),
    ("langpack.GetLangPack", {"lang_pack": "", "lang_code": "en"}),
    ("account.GetNotifySettings", {"peer": lambda types: types.InputNotifyUsers()}),
    ("account.GetPrivacy", {"key": lambda types: types.InputPrivacyKeyPhoneCall()}),
    ("messages.GetDialogFilters", {}),
    ("messages.GetPinnedDialogs", {"folder_id": 0}),
    ("messages.GetAllStickers", {"hash": 0}),
    ("messages.GetFeaturedStickers", {"hash": 0}),
    ("messages.GetAvailableReactions", {"hash": 0}),
]


def sign_in_step(step, **more):
    """What signing in has come to: `name` or `password` is wanted, or it is `done`."""
    return {"step": step, **more}


class Account(Driver):
    """A library says what its `types` and its `password_needed` are, and how it does `call`, `hint`, `qr` and `by_token`."""

    def __init__(self):
        self.requested = {}

    def take_encryption(self, chat):
        """An update of a secret chat; how to accept one that is asked for is in it."""
        state = type(chat).__name__
        if state == "EncryptedChatRequested":
            self.requested[chat.id] = self.types.InputEncryptedChat(chat_id=chat.id, access_hash=chat.access_hash)
        event("encryption", chat=chat.id, state=state, admin=getattr(chat, "admin_id", None))

    # Signing in.

    async def password_step(self):
        return sign_in_step("password", hint=await self.hint())

    async def do_show_token(self):
        shown = await self.qr()
        self.later(self.wait_for_token(shown))
        return {"url": shown.url}

    async def wait_for_token(self, shown):
        try:
            step = await self.by_token(shown)
        except self.password_needed:
            step = await self.password_step()
        event("token_accepted", **step)

    async def do_accept_token(self, token):
        accepted = await self.call("auth.AcceptLoginToken", token=token_bytes(token))
        return {"hash": accepted.hash, "current": bool(accepted.current)}

    async def do_log_out(self):
        return await self.client.log_out()

    async def do_devices(self):
        devices = (await self.call("account.GetAuthorizations")).authorizations
        return [bool(device.current) for device in devices]

    async def do_small_questions(self):
        """The types of the answers."""
        answers = []
        for name, fields in SMALL_QUESTIONS:
            fields = {field: value(self.types) if callable(value) else value for field, value in fields.items()}
            answers.append(type(await self.call(name, **fields)).__name__)
        return answers

    # Secret chats, as far as they go without a key.

    async def do_ask_chat(self, username, chat, g_a):
        whom = await self.input_user(username)
        answer = await self.call("messages.RequestEncryption", user_id=whom, random_id=chat, g_a=bytes.fromhex(g_a))
        return type(answer).__name__

    async def do_accept_chat(self, chat, g_b):
        answer = await self.call(
            "messages.AcceptEncryption", peer=self.requested[chat], g_b=bytes.fromhex(g_b), key_fingerprint=1
        )
        return type(answer).__name__
