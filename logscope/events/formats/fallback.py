"""Records of formats nobody listed: a time first, a level somewhere near."""

from logscope.events.formats.format import Format

_NEAR = r"(?P<near>[\w.\-/:@#\[\](){}<>|, \t]{0,80}?)"

FORMATS = (
    Format("timestamped-level", "time", rf"[\s|:\-\[]+{_NEAR}(?<![\w.\-])\[?{{LEVEL}} *\]?[\s|:\-]+"),
    Format("timestamped", "time", r"[\s|:\-]+(?=\S)"),
    Format("bracketed-level", "[time]", rf"{_NEAR}(?<![\w.\-])\[?{{LEVEL}} *\]?[\s|:\-]+"),
    Format("bracketed", "[time]", r"[\s|:\-]*(?=\S)"),
)
