"""The way into kurigram: a session's storage that knows one server, and that server's key."""

from pyrogram.crypto import rsa as kurigram_keys
from pyrogram.storage import SQLiteStorage

from base import read_key

# Any number does: the server asks for none in particular.
API_ID, API_HASH = 1, "0" * 32
DC_ID = 1


class HomeStorage(SQLiteStorage):
    """A session that goes to one server, whatever it is told. Without a folder it is in memory only."""

    def __init__(self, address, port, folder=None):
        super().__init__("kurigram", workdir=folder, in_memory=folder is None)
        self.home = (address, port)

    async def server_address(self, value=object):
        return self.home[0] if value is object else None

    async def port(self, value=object):
        return self.home[1] if value is object else None

    async def dc_id(self, value=object):
        return DC_ID if value is object else await super().dc_id(DC_ID)


def add_key(path):
    public, print_ = read_key(path)
    kurigram_keys.server_public_keys[print_] = kurigram_keys.PublicKey(m=public.n, e=public.e)
