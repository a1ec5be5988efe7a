"""Which layer of the software wrote an event, and what shape its text has.

One failure is told by several layers (client library, application, server); the same layer telling it again is the
next failure. A layer is the logger with the shape of the message: its words without what varies.
"""

from __future__ import annotations

from functools import lru_cache
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
SUMMARY = "summary"
"""What a test run tells at its end of the tests that have failed."""
LAST = frozenset((ASGI, ASYNCIO))
"""Layers that tell a failure when nobody else will."""
RETOLD = LAST | {ASYNCIO_RUN, SUMMARY}
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
    r"|\b(?=[\w-]{0,99}\d)[\w-]{12,}\b|\b(?=[0-9a-f]*\d)[0-9a-f]{6,}\b|\d+(?:\.\d+)*+"
)
_NAME = lazy(
    r"""'[^'\s]{1,60}'|"[^"\s]{1,60}"|`[^`\s]{1,60}`"""
    r"|(?:(?<=\bof server )|(?<=\bfor server )|(?<=\bto server ))[\w./@-]{1,60}(?=[:,])"
    r"""|(?<=\b[Ss]erver )[\w./@-]{1,60}(?=$| (?:failed|did|timed|is|was|could|cannot|has)\b)"""
)
"""Whom a message is about: the same words of another server are the same line of code."""
_VARYING_WORD = lazy(r"[\w-]*…[\w…-]*")
_TAGS = lazy(r"(?:\[[^\]]{1,80}\]\s*)*")
_BOX = lazy(r"[╭┌]─(?![^\n]*Traceback)[^\n]*\n(?:│\s*│?\n)*│\s*")
"""The edge of a box, whose title many tell below, and what stands before its first words."""
_KEPT = 48
"""How much of a message tells who wrote it, behind its tags, which name a place in code or a part of a program."""
_WORDS = 3, 6
"""How many words of a message have to be the same line of code's, one apart, and how many are looked at."""
_PLAIN = lazy(
    r"(?i)\W*(?:(?:re)?(?:start|connect|initiali[sz]|init|open|clos|stop|load|creat|get|fetch|read|writ|send|receiv"
    r"|call|invok|process|handl|run|execut|generat|complet|answer|list|clean|cleanup|set|register|establish|launch"
    r"|spawn|exit|tr|try|fail|rais|abort|cancel|tim|timeout|shut|shutdown|startup|bind|listen|request|respond|respons"
    r"|messag|chat|stream|session|client|server|servic|tool|agent|task|job|work|error|exception|failur|transport"
    r"|handshak|model|llm|provider|api|app|applicat|lifespan|step|node|graph|quer|rout|endpoint|background|mcp|http"
    r"|resourc|prompt|port|socket|unexpect|unhandl|fatal|critical|intern|unknown|final|sync|async|inner|outer|handler"
    r"|manager|runner|worker|code|type|status)(?:e|s|es|ed|d|ing|ion|ation|y|ies|ied|al|ally|ly)?"
    r"|i[nstf]|on|at|for|to|of|by|as|an?|the|and|or|not|while|during|when|with|from|after|before|could|cannot|can|did"
    r"|was|has|have|will|no|up|down|out)\W*"
)
"""Words of which an operation is told; a word that is none of them may be a name."""


def layer_of(event: Event) -> str:
    """Return the layer of an event; equal for two events that the same line of code wrote."""
    http = event.http
    if http is not None:
        return CLIENT if http.side == "client" else ACCESS
    if event.format == "pytest-summary":
        return SUMMARY
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
    return layer_told(event.logger, message)


def layer_told(logger: str, message: str) -> str:
    """Return the layer of a line of code that is known by what it says."""
    if message.startswith(("╭", "┌")) and (box := _BOX.match(message)):
        message = message[box.end() :]
    told = _NAME.sub("…", shape(message[:_LONGEST])[:_TOLD])
    return intern(f"{shape(logger)}|{_cut(_VARYING_WORD.sub('…', told))}")


def _cut(told: str) -> str:
    tags = _TAGS.match(told)
    return told[: (tags.end() if tags else 0) + _KEPT]


@lru_cache(1024)
def without_one_word(layer: str) -> tuple[tuple[str, ...], ...]:
    """Return a layer's logger and first words, each time without another one that may be a name: layers that share one
    of these are the same line of code. None where anybody writes to the logger, or where there are few words."""
    logger, _, told = layer.partition("|")
    words = told.split()
    if len(told) >= _KEPT:
        words.pop()  # perhaps cut
    least, most = _WORDS
    if logger in ("", "root") or len(words) < least:
        return ()
    words = words[:most]
    return tuple(
        [
            (logger, str(place), *words[:place], *words[place + 1 :])
            for place, word in enumerate(words)
            if not _PLAIN.fullmatch(word)
        ]
    )


def same_line(layer: str, other: str) -> bool:
    """Whether two layers are the same line of code's: they may differ in a name."""
    return layer == other or not set(without_one_word(layer)).isdisjoint(without_one_word(other))


def shape(text: str) -> str:
    """Return the first line of a text with numbers, ids and addresses shown as …"""
    return _VARYING.sub("…", text.partition("\n")[0])
