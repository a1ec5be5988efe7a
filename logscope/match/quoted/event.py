"""Lines that only quote a failure: tests by name, commit subjects, source code, what somebody said. Nothing failed."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from logscope.events.text.shapes import TROUBLE
from logscope.lazily import lazy
from logscope.match.quoted.quotations import in_persons_quotation, in_quotation
from logscope.match.quoted.words import is_mentioned

if TYPE_CHECKING:
    from logscope.events import Event

_COMMIT = r"(?:fix|feat|chore|docs|tests?|refactor|perf|build|ci|style|revert)(?:\([^()\n]{1,40}\))?!?: "
_SUBJECT = (
    rf"(?:{_COMMIT}|(?:Add|Avoid|Bump|Catch|Don't|Fix(?:es|ed)?|Handle|Prevent|Refactor|Remove|Revert)\s)"
)
_QUOTE = lazy(
    rf"""(?:\#\d{{1,4}}\s\d{{1,5}}\.\d{{1,3}}\s)?\s*+(?:                   # also as BuildKit shows it
        (?:(?:PASSED|FAILED|SKIPPED|XFAIL|XPASS|ERROR)\s+)?\S+\.py::\w   # pytest
      | SKIPPED\s\[\d+\]\s\S+\.py:\d+:\s | (?:SKIPPED|XFAIL|XPASS)\s\([^\n]*\)\s*(?:\[\ *\d+%\]\s*)?$
      | <(?:Function|Module|Class|TestCaseFunction)\s\w                  # pytest --collect-only
      | _{{3,}}\stest\S*[^\n]*\s_{{3,}}$
      | (?:stdout|stderr)\s\|\s\S+\.[cm]?[jt]sx?\s>\s                      # vitest
      | \w+\s\([\w.]+\)\s(?:[^\n]*\s)?\.\.\.\s                             # unittest -v
      | [^\n]{{1,300}}\s\.\.\.\s(?:ok|skipped\s[^\n]*|expected\sfailure)\s*$           # the same, with a docstring
      | (?:---\ |===\ )?(?:PASS|RUN|SKIP|FAIL|ok\ \d+|not\ ok\ \d+)[:\s]\s*[-\w]     # go test, TAP
      | [✓✔√○✗✕]\s(?!\[?(?:\w+\s)?Error:\s|Error\ during\ discovery)       # mocha, jest, vitest; no command's own mark
      | (?:\S+:\ )?(?:commit\ )?[0-9a-f]{{7,40}}\s(?:\([^()\n]{{1,80}}\)\s)?{_SUBJECT}    # git log --oneline
      | [*|][*|/\\\ ]*\s[0-9a-f]{{7,40}}\s                                     # git log --oneline --graph
      | [-*]\ {_COMMIT}
      | {_COMMIT}.*\(\#\d+\)\s*$
      | Merge\ (?:pull\ request|branch)\b
      | commit\ [0-9a-f]{{7,40}}(?:\s\([^()\n]{{1,80}}\))?\s*(?:\n|$)
      | (?:Author|Commit|Tagger):\ [^\n]*<[^<>\n]*>\s*(?:\n|$)
      | (?:Author|Commit|Tagger)?Date:\s+(?:[A-Z][a-z]{{2}}\ [A-Z][a-z]{{2}}\ +\d|\d{{4}}-\d\d-\d\d)
        [^\n]*\s[-+]\d{{4}}\s*(?:\n|$)                                            # git log: the message is below
      | summary:\s{{5}}\S                                                        # hg log
      | (?:HEAD\ is\ now\ at|Previous\ HEAD\ position\ was)\ [0-9a-f]{{7,40}}\b
      | (?:pick|reword|edit|squash|fixup|drop(?:ping)?)\ [0-9a-f]{{7,40}}\s | Applying:\s
      | (?:[AMDTUXB]|[RC]\d{{3}})\t\S | (?:\d+|-)\t(?:\d+|-)\t\S*[/.]\S*\s*$      # --name-status, --numstat
      | (?:create|delete)\ mode\ \d{{6}}\s | (?:rename|copy)\s(?:from|to)\s\S+\s*$
      | \^?[0-9a-f]{{7,40}}\s(?:\S+\s+)?\([^()\n]{{1,80}}\s\d{{4}}-\d\d-\d\d\s[\d:]{{8}}\s[-+]\d{{4}}\s+\d+\)
      | [A-Za-z][^\n]{{1,200}}\s{{2,}}(?:\d[\d.]*\s+)?(?:pass(?:ed)?|PASS(?:ED)?)\s*$        # a table of results
      | [A-Za-z_:][\w:]*\{{[^\n]*\}}\s[-+.\deE]+(?:\s\d+)?\s*$                     # a metric with its value
      | diff\ --(?:git|cc)\s | @@+\ -\d+(?:,\d+)?\ [^\n]{{1,60}}\ @@ | (?:---|\+\+\+)\ [ab]/
    )""",
    re.VERBOSE,
)
"""A levelless event that begins so names what was tested or changed."""
_SIGN = r"\s*+(?:[-+>]\s*+|\d++(?:\s*+[|:]\s*+|\s{2,}+))?"
"""Before a line of source code, in a diff or a listing."""
_TOLD = (
    r"\w{0,60}(?:err|error\w{0,60}|errno|exc|exception|fail\w{0,60}|fatal|panic|warn(?:ing)?|info|debug|messages?|msg|reason|cause|details?|desc|hint"
    r"|code|type|kind|name|syscall|stack|trace\w{0,60}|std(?:err|out)|output|log|text|body|content|data|value|response|result|answer"
    r"|event|state|status\w{0,60}|\w{0,60}payload)"
)
"""Members in which a failure is told, also where each stands on a line of its own."""
_SOURCE = lazy(
    rf"""(?:
        {_SIGN}(?:raise\s+[\w.]+|(?:self\.)?_?log(?:ger|ging)?\.\w+|print|throw\s+new\s+\w+|console\.\w+)\(\s*[rfb]{{0,2}}["'`]
      | \s*(?:>\s*)?\d{{1,5}}\s(?:\||[-+](?=\s{{4}}))\s                              # a listing that marks a place
      | {_SIGN}(?:\}}\s*)?(?:if|elif|else\sif|while|for|with|except|catch|case|def|class)\b[^\n]*
          [:{{]\s*(?:(?:\#|//)[^\n]*)?$
      | {_SIGN}(?:assert\b|expect\(|it\(|test\(|describe\()[^\n]*["'`]
      | {_SIGN}(?:return|[A-Z][A-Z0-9_]{{2,40}}(?:\[[^\n]{{1,200}}\]|:\s[^\n=]{{1,80}})?\s*\+?=)\s*[rfb]?[\[{{("'`]
      | {_SIGN}(?:export\s)?(?:const|let|var|val|static|final)\s[^\n=]{{1,80}}=\s*(?:new\s)?(?:[\w.]+\()?[\[{{("'`]
      | {_SIGN}(?:["']|(?<=\s)|(?=[^\n:=]+=))(?:[\w-]+\.)*(?!(?i:{_TOLD})["'\s]*[:=])[\w-]+["']?
        \s*(?:=|:)\s+[rfb]?["'`][^\n]*["'`],?\s*$
      | {_SIGN}(?<=\s\s)\w+\s=\s[rfb]?["'`]
      | \s*msg(?:id|str|ctxt)(?:_plural|\[\d\])?\s"                                     # values given a name
      | \s*(?:[\w-]+\.)*(?:errors|messages|i18n|labels|strings|texts|hints|translations)\.[\w.-]+\s*=\s*\S  # catalogue
      | \s*["']?(?:match\w*|pattern|regex|expect\w*|contains|title|description|summary|examples?|name|alert|expr)["']?
        \s?:\s*["'`]                                                                # a member that is no report
      | \s*(?:-\s)?(?:expr\s?:\s|examples?\s?:\s[{{\[]) | \s{{2,}}summary:\s\S
      | \s+\d{{3}}\s{{2,}}[A-Z][a-z]                                                  # a table of status codes
      | \s*\w+\s{{2,}}(?:The|An?|Your|No|One|This)\s[a-z][^\n]*\.\s*$                   # a term and what it means
      | E\s+(?:AssertionError:\s)?assert\b                                           # what pytest compared
      | \s*["'`*]{{0,3}}(?:\#{{1,6}}|//|/\*|<!--)\s                                  # a comment, a heading
      | [^\s:]+\.(?:py|pyi|md|rst|txt|adoc|tsx?|jsx?|mjs|go|rs|java|kt|rb|php|cs?|cpp|h|ya?ml|toml|json|sh|html)
        (?::\d+:(?:\d+:)?(?!in\s[`'])|-\d+-)(?!\s\S)                                 # grep -n; Ruby goes on with `in`
      | [^\s:]+\.(?:md|rst|adoc)[:-]\d+[:-]
      | (?:\+|\$|❯|>>>|\.\.\.|In\ \[\d+\]:)\s+\S                                      # a shell's line
      | \s*(?:echo|printf|grep|rg|sed|awk)\s+(?:-\S+\s+)*["']
      | \s*[-*]\s\[[\ xX]\]\s | (?:\S+:\d+:(?:\d+:)?)?\s*(?:TODO|FIXME|XXX)\b            # what is to be done
      | \s*[-*•]\s+(?:Fix(?:ed|es)?|Add(?:ed|s)?|Changed?|Removed?|Improved?|Handled?|Resolved?|Documented?|Closed?)\b
      | \s*[-*•]\s+(?:\#\d+\b|\[[A-Z][A-Za-z ]+\]\s|\*\*[\w-]+:\*\*\s)                     # what was changed
      | \d+\t(?:user|human|assistant|system)\t                                      # a dump's row
      | >{{1,3}}\s                                                                     # an answer's quoted line
      | \s*(?:INSERT\s+INTO|SELECT|UPDATE|VALUES)\s
      | \s*\|[^\n]*\|\s*$                                                             # a table's row
      | \s*\[\([^\n]*\)\]\s*$                                                            # rows, as Python prints
      | \s[^\s|][^\n|]{{0,200}}\s\|\s+(?:\d+(?:\s[-+]+)?|Bin\s[^\n]*)\s*$                 # git's --stat
      | (?:is|are|does|did|why|what|how|should|who)\s(?=\S+[^\n:]*:)                    # a question without its mark
      | \s*(?i:note|hint|tip|see\salso|usage|faq)\s?:\s
      | \s*(?:Thought|Action(?:\ Input)?|Final\ Answer)\s?:\s                           # an agent's steps
      | \[(?:user|human|assistant|system)\]\s
      | [⏺●]\s(?!API\sError\b|Credit\sbalance\sis\stoo\slow\s*$|[\w@.-]+\.(?:service|socket|timer|scope)\b)
      | ╭─+\s[^\w\n]{{0,8}}(?!Crew\s[^\n─]*Compl)(?![^\n─]*(?i:fail|err|exception|traceback|warn|crash|abort))
          [A-Z][^\n─]{{2,60}}\s─                                       # a box whose title tells of no trouble
    )""",
    re.VERBOSE,
)
"""A line without a level of its own that is code, or part of a manual or a conversation."""
_FILE = lazy(r"[\w-]*\.(?:log|txt|md|rst|json|ya?ml|html|csv|feature|snap)(?![\w.])")
"""The ending of a file that is named after a failure."""
MARKED = lazy(r"(?:[^\S\n]|\d{1,5}[^\S\n]*\|)*[\^~][\^~ -]*$", re.MULTILINE)
"""What stands below a line of source code that a compiler or a linter shows: the mark of a place."""
_LISTED = lazy(
    r"\s*(?:[-*•+]\s+(?:[a-z_]{1,20}:\s*)?|\d{1,2}[.)]\s+)?(?:\*\*|``?|<\w{1,8}>(?:<\w{1,8}>)*|(?<=\s)[\"'“])"
    r"[^\"'`”*<\n]{0,40}$"
)
"""What stands before a failure that an entry of a list begins with, set off as its title."""
_KEYS = lazy(r"(?:^|[{,]\s*[\"'])([\w.-]{1,80})(?:[\"']\s*:|=)")
_TIMES = frozenset(("time", "timestamp", "@timestamp", "ts", "asctime", "datetime", "date"))
REPORTING = lazy(rf"(?i:{_TOLD})$")
_MEMBER = lazy(r"\s*\"[\w.-]{1,80}\"\s*:\s")
"""A member on a line of its own, whose name is no title."""
_ALONE = (
    lazy(r"(?:\d+\s?\|)?\s*[rbf]?[\"“'`]{1,3}[^\"”'`\n]{0,40}$"),
    lazy(r"[^\"”'`\n]{0,200}[\"”'`]{1,3}\s*[,.;]?\s*$"),
)
"""Before and behind a failure in a line that is nothing but a quotation."""
_DO = (
    r"(?:stop|raise|close|use|set|run|check|buy|choose|increase|wait|top\sup|kill|change|install|start|add|make|restart|free"
    r"|go\sto|upgrade|remove|reduce|pass|try|pick|lower|clean|renew|rotate|scale|update|switch|disable|enable|contact)\b"
)
_ADVICE = lazy(rf"[^\n]{{0,120}}?(?::|->|→|=>|–|—)\s+{_DO}", re.IGNORECASE)
"""What to do about it, behind an entry of a list."""
_ARGUMENTS = lazy(r"\"arguments\\?\"\s?:\s?\{")
_BULLET = lazy(r"\s*[-*•]\s+\S")
_TROUBLE = lazy(rf"{TROUBLE}|(?i:err|issue|reject|warn|because|reason)")
_ENTRY = lazy(r"\s*(?:[-*•+]|\d{1,2}[.)])\s|(?=\s{2}[^\n]*\s(?:->|→|=>)\s)\s{2,}+")
_SAID = lazy(
    r"""\s*(?:
        (?:user|human|customer|assistant|bot|chatbot|you|[QA])\s*[:>]\s
      | (?:the\s)?(?:user|human|customer|assistant|bot)(?:\s[\w#-]{1,20})?
        \s(?:asks?|asked|says?|said|wrote|writes|typed)\b
      | (?:(?:new|incoming|received|flagged|blocked|final|system|user|human|chat)\s){0,3}
        (?:prompt|question|(?:user|human|chat)\s(?:message|query|input))
        (?:\s(?:was\s)?(?:flagged|blocked|received))?\s*[:=>]
    )""",
    re.VERBOSE | re.IGNORECASE,
)
_LINES, _NEAR = 20, 1 << 13
"""Lines, and characters, before and behind among which a quotation begins and ends."""
_FAILED, _QUIET = frozenset(("error", "critical")), frozenset(("info", "debug"))
_LOUD = _FAILED | {"warning"}
_PASSED = lazy(
    r"PASS \S[^\n]*\n\s+● Console\n"
    r"|\{(?=\"num[A-Z])(?=[^\n]*\"numFailedTests\":0,)[^\n]*\"success\":true\b"
    r"|\{\"created\": [\d.]+, \"duration\": [\d.]+, \"exitcode\": 0, \"root\": "
    r"|\[\{\"filePath\":\"[^\n]*\"messages\":\[[^\n]*\"ruleId\":"
    r"|(?=\{[^\n]*\"jsonrpc\"\s?:)\{[^\n]*\"isError\"\s?:\s?false\b[^\n]*\}\s*$"
)
"""The console of a file whose tests have passed, as Jest begins to show it; the reports of Jest and Vitest, and of
pytest, on a good run, and ESLint's; what a tool answered that did not fail."""
_ANSWER = "content=[TextContent("
_ANSWERED = lazy(r"\bis_?[eE]rror=(True|False)\b")
"""What a tool answered, and whether it failed, as the SDK for Python prints a result."""
_FAILS = lazy(r"(?:(?:--- )?FAIL:? \S|not ok \d)[^\n]*\n\s")
"""What heads the reasons why a test has failed."""
_GIVEN = ("Name: ", "Task: ", "Agent: ", "Args: ", "Final Output: ")
_DATA = ("[SQL: ", "[parameters: ", *("│  " + name for name in _GIVEN), "-d '{")
"""What begins a line that shows with what it was tried: SQLAlchemy's values, CrewAI's tasks, LiteLLM's requests."""
_FINAL = "\n│  Final Output: "
"""Where the answer begins in the box that tells of CrewAI's end."""
_OPENING = tuple("\"'`“>")
"""What may stand right before a text that is shown."""
_ESCAPED = lazy(r"\\.")
_TEMPLATE = lazy(r"\{\{(?:-?\s[^{}\n]{1,80}\s-?|[.$][\w.]{1,60})\}\}")
"""A place that a template fills in: what stands around it is no report yet."""
_RELEASED = lazy(r"(?i)(?:\S+: )?(?:change-?log|release notes?)(?: \S{1,20})?: \S")
"""An entry of what has changed with a release."""
_EXPECTED = lazy(
    r"(?i)(?!.{0,400}(?:\bnot\b|n't\b).{0,80}\bas\ expected\b).{0,400}?(?:\bas\ expected\b|\((?:as\ )?expected\))"
)
"""Who checks that something fails as it should."""
DOCUMENTS = frozenset(("openapi", "swagger", "$schema", "dashboard", "panels", "nbformat"))
"""Members that only documents have: no record of a log."""
_ECHOES = lazy(r"(?:sqlalchemy\.engine|django\.db\.backends|tortoise\.db_client|peewee)\b")
"""Loggers of statements with their values, and of rows: what fails is raised."""
_ROLES = ("user", "assistant", "system", "developer", "human", "ai")


def is_quotation(event: Event) -> bool:
    """Whether an event without exception names a test or a commit, is code, or tells what somebody said."""
    return _is_quotation_itself(event) or event.quoted


def _is_quotation_itself(event: Event) -> bool:
    if not DOCUMENTS.isdisjoint(event.fields) or _PASSED.match(event.text):
        return True
    if _reports(event):
        return False
    if (_SAID.match(event.message) or _RELEASED.match(event.message)) and "\n" not in event.text:
        return True
    if event.level not in _LOUD and _ECHOES.match(event.logger):
        return True
    if "content" in event.fields and event.fields.get("role") in _ROLES:
        return True  # a turn of a conversation: who speaks, and what
    if event.fields.get("is_error") is False and "result" in event.fields:
        return True  # the answer that a run of Claude Code ends with
    if event.level or _FAILS.match(event.text):
        return False
    return (_QUOTE.match(event.text) or _SOURCE.match(event.text)) is not None


def is_quoted(event: Event, start: int, end: int) -> bool:
    """Whether a failure's name, which is event.search_text[start:end], is only quoted in its line."""
    text = event.search_text
    begin = text.rfind("\n", 0, start) + 1
    if text.rfind(_ANSWER, begin, start) >= 0 and _is_answered(text, end):
        return True
    if text.startswith(_DATA, begin) or (text.startswith("╭") and _FINAL in text[:begin]):
        return True
    if begin and _is_source(text, begin, start, end):
        return True
    if _FILE.match(text, end) and not any(map(str.isspace, text[start:end])):
        return True
    if _is_clients(event, text, begin, start, end):
        return True
    if _reports(event):
        return False
    stop = text.find("\n", end)
    line = text[begin : len(text) if stop < 0 else stop]
    start, end = start - begin, end - begin
    if (begin or not event.level) and _is_quoting(event, text, begin, line, start, end):
        return True
    told = in_quotation if event.level in _QUIET else in_persons_quotation
    if begin and told(*_around(text, begin, begin + end)):
        return True
    if begin and not event.fields:
        lead = text[max(begin - _NEAR, 0) : begin].rstrip().rpartition("\n")[2]
        goes_on = lead[-1:].isalnum() or lead[-1:] == ":"
        if goes_on and is_mentioned(f"{lead} {line}", len(lead) + 1 + start, len(lead) + 1 + end):
            return True
    head = 0 if begin else _head(event, line)
    return is_mentioned(line[head:], max(start - head, 0), max(end - head, 0))


def _is_answered(text: str, end: int) -> bool:
    """Whether the result that text[end] stands in is of a tool that did not fail."""
    answered = _ANSWERED.search(text, end)
    return answered is not None and answered[1] == "False"


def _is_quoting(event: Event, text: str, begin: int, line: str, start: int, end: int) -> bool:
    """Whether a line, which begins at text[begin], shows by itself that what is named at line[start:end] has not
    happened: code, a title, advice; of an event without level also a choice, a template, data, an item, a quotation,
    what was expected."""
    if _SOURCE.match(line) or _QUOTE.match(line) or MARKED.match(text, begin + len(line) + 1):
        return True
    if _LISTED.match(line[:start]) and not _MEMBER.match(line):
        return True
    if _ENTRY.match(line) and _ADVICE.match(line[end:]):
        return True
    if event.level:
        return False
    if _is_choice(line, start, end) or _is_data(event, line, start) or _is_item(text, begin):
        return True
    if _is_argument(line, start):
        return True
    alone = _ALONE[0].match(line[:start]) and _ALONE[1].match(line[end:])
    return (alone or _TEMPLATE.search(line) or _EXPECTED.match(line)) is not None


def shows_traceback(event: Event) -> bool:
    """Whether the traceback of a record at info stands in a text that the record shows: in a fence, in quotes."""
    if event.level != "info":
        return False
    before, header, _ = event.message.partition("Traceback (most recent call last)")
    return before.removesuffix("\\n").rstrip().endswith(_OPENING if header else "```")


def _is_source(text: str, begin: int, start: int, end: int) -> bool:
    """Whether text[start:end] stands in the source code that a traceback shows below a frame, or begins in one of its
    strings: the line, which begins at text[begin], is deeper than the frame's `File`."""
    if text.find("\n", start, end) >= 0 and all(text.count(mark, begin, start) % 2 == 0 for mark in "\"'"):
        return False
    shallowest = _depth(text[begin : begin + _NEAR])
    for line in reversed(_around(text, begin, begin)[0]):
        depth = _depth(line)
        if line.startswith('File "', depth):
            return depth < shallowest
        shallowest = min(depth, shallowest)
    return False


def _depth(line: str) -> int:
    """The blanks before a row of a traceback, and the margin of a group."""
    return len(line) - len(line.lstrip(" |"))


def _is_clients(event: Event, text: str, begin: int, start: int, end: int) -> bool:
    """Whether the words are a client's: in the path, the referrer or the user agent of an access line; an error may
    stand below it."""
    if begin or event.fields or not event.answered:
        return False
    words = text[start:end].rstrip('"')
    quoted = '"' not in words and text.count('"', begin, start) % 2 == 1
    return quoted or (event.http is not None and words in event.http.path)


def _is_choice(line: str, start: int, end: int) -> bool:
    """Whether the words are a pattern, `/OOMKilled/`, or one of its alternatives: `(oom-kill|Killed process)`."""
    before, behind = _ESCAPED.sub("", line[:start]), line[end:]
    if before[-2:] in (" /", "/") and behind[:1] == "/":
        return True
    return "|" in before[-1:] + behind[:1] and before.rfind("(") > before.rfind(")") and ")" in behind


def _is_data(event: Event, line: str, start: int) -> bool:
    """Whether the words stand in an object that is no record, in no member that tells of a failure."""
    told = event.message or not _TIMES.isdisjoint(event.fields) if event.fields else line[:1] != "{"
    names = [] if told else _KEYS.findall(line, 0, start)
    return bool(names) and not any(
        map(REPORTING.match, (names[0], names[-1]) if event.fields else names[-1:])
    )


def _is_argument(line: str, start: int) -> bool:
    """Whether the words stand in what a request of MCP calls a tool with."""
    found = _ARGUMENTS.search(line, 0, start) if "tools/call" in line else None
    return found is not None and line.count("{", found.end(), start) >= line.count("}", found.end(), start)


def _is_item(text: str, begin: int) -> bool:
    """Whether the line text[begin:] is an item of a list whose heading tells of no trouble."""
    if not _BULLET.match(text, begin):
        return False
    for line in reversed(_around(text, begin, begin)[0]):
        if not _BULLET.match(line):
            return line.rstrip().endswith(":") and not _TROUBLE.search(line)
    return False


def _around(text: str, begin: int, end: int) -> tuple[list[str], list[str]]:
    """Return the lines before the one that begins at `begin`, and what stands behind `end`, as lines."""
    before = text[max(begin - _NEAR, 0) : begin].split("\n")[-_LINES - 1 : -1]
    return before, text[end : end + _NEAR].split("\n")[:_LINES]


def _reports(event: Event) -> bool:
    """Whether the event surely is a failure of its own."""
    return event.exception is not None or event.level in _FAILED


def _head(event: Event, line: str) -> int:
    """Where the message begins in an event's first line: a logger's name is nobody's words."""
    message = event.message.partition("\n")[0][:80]
    return max(line.find(message), 0) if message else 0
