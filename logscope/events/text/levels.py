"""Level words of every logging library met, as one of six names."""

from __future__ import annotations

from logscope.lazily import lazy

_GROUPS = {
    "trace": "trace verbose finest finer all silly vrb trce trc trac blat spam verb sill",
    "debug": "debug debu debg deb debug1 debug2 debug3 debug4 debug5 fine config . notset dbg dbug d",
    "info": "info information informational notice note system success log detail hint statement context query event"
    " ready wait http inf i * -",
    "warning": "warning warni war warn wrn w #",
    "error": "error erro err err! exception failure e severe eror fail",
    "critical": "critical critica criti crit cri fatal fata emerg emergency alert panic dpanic ftl pnc f c",
}
LEVELS: dict[str, str] = {word: name for name, words in _GROUPS.items() for word in words.split()}
"""Lower-case word to level name."""

_BETWEEN = lazy(r"(debug|info|warn|error)[+-]\d{1,3}$")
"""A level between the named ones, as Go's slog prints it."""

BAD = frozenset(("warning", "error", "critical"))
"""Levels after which unrecognised lines and tracebacks belong to the record."""

_SYSLOG = ("critical", "critical", "critical", "error", "warning", "info", "info", "debug")


def level_of_word(word: str) -> str:
    """Return the level name of a word as printed, empty when it is none ("DEFAULT" says nothing)."""
    word = word.strip().lower()
    name = LEVELS.get(word)
    if name is None and (found := _BETWEEN.match(word)):
        name = LEVELS[found[1]]
    return name or ""


def level_of_number(number: float, scale: str) -> str:
    """Return the level name of a number; `scale` is `python` (10 to 50), `pino` (10 to 60) or `syslog` (0 to 7)."""
    if scale == "syslog":
        return _SYSLOG[int(number)] if 0 <= number <= 7 else ""
    names = ("trace", "debug", "info", "warning", "error", "critical")
    step = int(number) // 10 - (1 if scale == "pino" else 0)
    return names[min(step, 5)] if step >= 0 else ""
