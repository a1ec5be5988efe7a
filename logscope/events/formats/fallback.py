"""Records of formats nobody listed: a time first, a level somewhere near."""

from logscope.events.formats.format import CLOCK, DATE, FULL_TIME, UPPER, ZONE, Format

_BARE = r"(?!(?:[^\[\n]{0,120}+\[){1,6}?(?:0m|(?<=\x1b\[)[0-9;]*m))"
"""No colours near: they may hide the level, and a better format fits without them."""
_BEHIND = r"(?:/|[\s|:;\-]+|(?<=\])|(?<=】))"
_NEAR = r"(?P<near>[\x80-\xff\w.\-/:@#\[\](){}<>|,; \t]{0,80}?)"
_LEVEL = r"(?=[\[<(A-W])(?:(?<![\w.\-])|(?<=[\])>]-))[\[<(]?{LEVEL} *(?:[\])>]|】)?"

FORMATS = (
    Format(
        "timestamped-level",
        "time",
        rf"{_BARE}(?:[\s|:;\-\[/]|【)++{_NEAR}{_LEVEL}{_BEHIND}",
    ),
    Format("timestamped", "time", rf"{_BARE}(?:[\s|:,;\-]+(?:› )?(?=\S)|[ \t|:\-]+\r?$)"),
    Format("bracketed-level", "[time]", rf"{_BARE}{_NEAR}{_LEVEL}{_BEHIND}"),
    Format("bracketed-level", "(time)", rf"{_BARE}{_NEAR}{_LEVEL}{_BEHIND}"),
    Format(
        "bracketed",
        "[",
        rf"{_BARE}\[(?P<logger>[^\s\[\]\d][^\s\[\]]{{0,80}}) (?:[-|] )?"
        rf"(?P<time>{DATE}(?:[T ]|, ){CLOCK}(?: [AP]M)?)\][ :]+(?=\S)",
    ),
    Format("bracketed", "[time]", rf"{_BARE}(?:[\s|:\-]*(?=\S)|[ \t|:\-]*\r?$)"),
    Format(
        "timestamped",
        "day",
        rf"(?P<time>[A-Z][a-z]{{2}} [ \d]\d \d\d:\d\d:\d\d(?:[.,]\d{{1,9}})?{ZONE}){_BARE}[ \t|:\-]+(?!20\d\d )(?=\S)",
    ),
    Format("timestamped-level", "day", rf"{FULL_TIME}{_BARE}[\s|:\-\[/]++{_NEAR}{_LEVEL}{_BEHIND}"),
    Format("timestamped", "day", rf"{FULL_TIME}{_BARE}[ \t|:\-]+(?=\S)"),
    # what Go's logger has been given to write before its time
    Format(
        "bracketed",
        "[",
        rf"{_BARE}\[(?P<logger>[A-Za-z_][\w.\-/ ]{{0,60}})\]:? (?P<time>{DATE}[T ]{CLOCK}) (?=\S)",
    ),
    Format(
        "timestamped",
        "letter",
        rf"(?P<logger>(?!{UPPER}\b)[A-Za-z_][\w.\-]{{0,60}}+):? (?P<time>\d{{4}}/\d\d/\d\d {CLOCK}) (?=\S)",
    ),
)
