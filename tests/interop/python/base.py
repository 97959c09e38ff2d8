"""What the drivers share: JSON lines with the test, and the server's key.

A driver is a client that somebody else wrote, on a lead: the test writes one request per line (`{"do": verb, ...}`), the driver
answers each with one line (`{"answer": ...}` or `{"error": ...}`) and tells what the client sees as it comes (`{"event": ...}`).
Whatever the client logs as an error is an event too, `complaint`: these libraries swallow exceptions of their handlers.
"""

import asyncio
import base64
import hashlib
import json
import logging
import os
import sys
import traceback

import rsa

# A line of the test: a burst of texts fits.
LONGEST_LINE = 1 << 24


def tell(**what):
    sys.stdout.write(json.dumps(what) + "\n")
    sys.stdout.flush()


def event(name, /, **fields):
    tell(event=name, **fields)


def complain_of_failure(task):
    if task.exception() is not None:
        event("complaint", text="".join(traceback.format_exception(task.exception())))


class Complaints(logging.Handler):
    """Errors in the log of a library become events."""

    def emit(self, record):
        event("complaint", text=f"{record.name}: {self.format(record)}")


def read_key(path):
    """The server's key, and its fingerprint: the last eight bytes of SHA-1 over TL(n) || TL(e)."""
    with open(path, "rb") as file:
        key = rsa.PublicKey.load_pkcs1(file.read())
    digest = hashlib.sha1(tl_bytes(key.n) + tl_bytes(key.e)).digest()
    return key, int.from_bytes(digest[-8:], "little", signed=True)


def tl_bytes(number):
    raw = number.to_bytes((number.bit_length() + 7) // 8, "big")
    head = bytes([len(raw)]) if len(raw) < 254 else b"\xfe" + len(raw).to_bytes(3, "little")
    return head + raw + bytes(-len(head + raw) % 4)


def picture_hash(key):
    """What the key picture is made of: SHA1(key)[0..16] || SHA256(key)[0..20]."""
    return (hashlib.sha1(key).digest()[:16] + hashlib.sha256(key).digest()[:20]).hex()


def fingerprint(key):
    return hashlib.sha1(key).digest()[12:20].hex()


def entities(message):
    """Kind, offset and length of what is special about parts of a text."""
    parts = getattr(message, "entities", None) or []
    return [[type(part).__name__, part.offset, part.length] for part in parts]


def token_bytes(token):
    """A login token as links have it; whether the padding belongs to it is a matter of taste."""
    return base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))


class Driver:
    """A verb `x` is the coroutine method `do_x`; its keyword arguments are the request's fields."""

    async def serve(self):
        logging.getLogger().addHandler(Complaints(logging.ERROR))
        # Threads that never end must not keep the process: what ends it is the end of its input.
        reader = asyncio.StreamReader(limit=LONGEST_LINE)
        loop = asyncio.get_running_loop()
        await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
        while line := await reader.readline():
            request = json.loads(line)
            verb = getattr(self, "do_" + request.pop("do"))
            try:
                tell(answer=await verb(**request))
            except Exception as error:
                tell(error=f"{type(error).__name__}: {error}", traceback=traceback.format_exc())
        os._exit(0)

    def later(self, work):
        """Lets something go on beside the requests; its failure is a complaint."""
        task = asyncio.get_running_loop().create_task(work)
        self.tasks = [*getattr(self, "tasks", []), task]
        task.add_done_callback(complain_of_failure)

    def run(self):
        asyncio.get_event_loop_policy().get_event_loop().run_until_complete(self.serve())
