"""Records of formatters without a sure sign: such a line may as well be text.

They count only where a source's own lines show that they are written so (`events/detection.py`).
"""

from logscope.events.formats.format import Format

_LETTER = r"(?P<level>[DIWEC])"
_WORD = r"(?P<level>debug|info|warning|error|critical|Debug|Info|Warning|Error|Critical)"
_MARK = r"[ :|/\-]+"

UNSURE = (
    Format("letter-level", "time", rf"{_MARK}\[?{_LETTER}\]?{_MARK}"),
    Format("letter-level", "[time]", rf" \[?{_LETTER}\]?{_MARK}"),
    Format("letter-level", "letter", rf"{_LETTER}{_MARK}\[?{{time}}\]?{_MARK}"),
    Format("letter-level", "letter", rf"{_LETTER}[/ ] *{{logger}} *(?::|-|\|) "),
    Format(
        "letter-level", "[", rf"\[{_LETTER}\]{_MARK}(?:\[?{{time}}\]?{_MARK})?(?:{{logger}}(?::| -| \|) )?"
    ),
    Format("word-level", "time", rf"(?: [:|\-])? \[?{_WORD}\]?{_MARK}"),
    Format("word-level", "[time]", rf" \[?{_WORD}\]?{_MARK}"),
    Format("word-level", "letter", rf"{_WORD} *[:|\-] {{logger}} *(?::|-|\|) "),
    Format("rich", "[time]", r" (?=\S[^\n]* [\w.\-]+\.py:\d+ *\r?$)", kind="rich"),
    Format("rich", "space", r" {11,44}(?=\S[^\n]* [\w.\-]+\.py:\d+ *\r?$)", kind="rich"),
)
