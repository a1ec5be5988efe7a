"""Which layer of the software wrote an event, and what shape its text has.

One failure is told by several layers (client library, application, server); the same layer telling it again is the
next failure. A layer is the logger with the shape of the message: its words without what varies.
"""

from __future__ import annotations

from sys import intern
from typing import TYPE_CHECKING

from logscope.lazily import lazy

if TYPE_CHECKING:
    from logscope.events import Event

ASGI = "asgi"
ASYNCIO = "asyncio"
ACCESS = "access"
CLIENT = "client"
RETRY = "retry"
"""An announced retry: no layer of its own, it joins what it is near."""
ASYNCIO_RUN = "asyncio.run"
"""What asyncio tells at the end of `run`, which then lets it through."""
LAST = frozenset((ASGI, ASYNCIO))
"""Layers that tell a failure when nobody else will."""
RETOLD = LAST | {ASYNCIO_RUN}
"""Layers that tell again, later, what another layer may have told already."""
_ASYNCIO = (
    "Task exception was never retrieved",
    "Future exception was never retrieved",
    "an error occurred during closing of asynchronous generator",
    "Unhandled exception in event loop",
    "Exception in callback",
)
_RELAYED = ("Message from client: ", "Message from server: ")
"""A host writes down what its servers and clients say: the same line of code, whichever logger a server has."""
_LONGEST, _TOLD = 400, 200
_VARYING = lazy(
    r"0x[0-9a-fA-F]+|\b[0-9a-fA-F]{8}(?:-?[0-9a-fA-F]{4}){3}-?[0-9a-fA-F]{12}\b|\b(?:req|msg|org|toolu|call)_\w+"
    r"|\b(?=[\w-]*\d)[\w-]{12,}\b|\b(?=[0-9a-f]*\d)[0-9a-f]{6,}\b|\d+(?:\.\d+)*+"
)
_NAME = lazy(
    r"""'[^'\s]{1,60}'|"[^"\s]{1,60}"|`[^`\s]{1,60}`"""
    r"|(?:(?<=\bof server )|(?<=\bfor server )|(?<=\bto server ))[\w./@-]{1,60}(?=[:,])"
    r"""|(?<=\b[Ss]erver )[\w./@-]{1,60}(?=$| (?:failed|did|timed|is|was|could|cannot|has)\b)"""
)
"""Whom a message is about: the same words of another server are the same line of code."""
_VARYING_WORD = lazy(r"[\w-]*…[\w…-]*")


def layer_of(event: Event) -> str:
    """Return the layer of an event; equal for two events that the same line of code wrote."""
    http = event.http
    if http is not None:
        return CLIENT if http.side == "client" else ACCESS
    message = event.message
    if message.startswith("Exception in ASGI application"):
        return ASGI
    if message.startswith(_ASYNCIO):
        return ASYNCIO
    if message.startswith("unhandled exception during asyncio.run() shutdown"):
        return ASYNCIO_RUN
    if message.startswith(_RELAYED):
        return intern(message.partition(":")[0])
    if not message:
        info = event.exception
        return intern(f"traceback|{info.type}" if info is not None else "")
    told = _NAME.sub("…", shape(message[:_LONGEST])[:_TOLD])
    return intern(f"{shape(event.logger)}|{_VARYING_WORD.sub('…', told)[:48]}")


def shape(text: str) -> str:
    """Return the first line of a text with numbers, ids and addresses shown as …"""
    return _VARYING.sub("…", text.partition("\n")[0])
