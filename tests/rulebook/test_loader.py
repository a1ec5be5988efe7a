"""What the loader accepts and what it refuses: every problem with its place and what to write instead."""

from __future__ import annotations

import itertools

import pytest
from timing import assert_linear, seconds

from logscope.expressions import FIGURES
from logscope.rulebook.loader import load_texts
from logscope.rulebook.rule import minutes
from logscope.rulebook.texts import FILTERS
from rulebook.writing import RIGHT, SIGNAL, problems_of, rule_of, spoiled

FILE = "ledger-timeout.yaml"
DETECT = "  regex: 'Ledger call timed out after (?P<seconds>\\d+)s'\n"
DEEP = 100_000
CHOICE = "a text shows captures and figures, reckons with + - * / // % and chooses with if"


def count(**keys: str) -> str:
    """The right rule as another kind, with further keys of detect."""
    kind = keys.pop("kind", "count")
    lines = "".join(f"  {name}: {value}\n" for name, value in keys.items())
    return spoiled("detect:\n", f"kind: {kind}\ndetect:\n{lines}")


def sequence(steps: str, more: str = "") -> str:
    """The right rule as a sequence of the given steps, in YAML's short form."""
    return (
        spoiled(DETECT, f"  steps: {steps}\n{more}")
        .replace("severity: medium", "severity: medium\nkind: sequence")
        .replace("{{ seconds }} ", "")
    )


STEP = "{name: %s, any: [{regex: 'Ledger %s'}]}"
REFUSED = {
    "unknown key, with the nearest": (
        spoiled("title: The", "titel: The"),
        ["2:1: unknown key 'titel': did you mean 'title'?"],
    ),
    "unknown key, nothing near": (
        spoiled("{id: busy, text", "{zzz: 1, id: busy, text"),
        ["9:8: unknown key 'zzz': known are evidence, id, text, unless"],
    ),
    "unknown key in a condition": (
        spoiled("  regex:", "  regx:"),
        ["5:3: unknown key 'regx': did you mean 'regex'?"],
    ),
    "what the loader sets": (RIGHT + "area: x\n", ["29:1: unknown key 'area': the loader sets it"]),
    "duplicate key": (RIGHT + "title: Again\n", ["29:1: duplicate key 'title': keep one"]),
    "missing key": (spoiled("    effort: 1h\n", ""), ["11:5: resolve.0.effort is missing: add it"]),
    "wrong severity": (
        spoiled("severity: medium", "severity: fatal"),
        ["3:1: severity: write 'critical', 'high', 'medium', 'low' or 'info', not 'fatal'"],
    ),
    "a number for a text": (
        spoiled("title: The ledger times out", "title: 429"),
        ["2:1: title: write a text, in quotes"],
    ),
    "a YAML boolean for a text": (
        spoiled("regex: 'Ledger call timed out after (?P<seconds>\\d+)s'", "text: on"),
        ["5:3: detect.text.0: write a text, in quotes"],
    ),
    "bad pattern": (
        spoiled("(?P<seconds>\\d+)s", "(?P<seconds>\\d+"),
        ["5:3: bad regular expression: missing ), unterminated subpattern at position 28"],
    ),
    "matches everything": (
        spoiled("Ledger call timed out after (?P<seconds>\\d+)s", "(?P<seconds>\\d*)"),
        ["5:3: matches the empty string, so everything: make a part of it required"],
    ),
    "an empty filter": (
        spoiled("detect:\n", "detect:\n  where: {level: [], logger: app}\n  none: []\n"),
        [
            "5:11: level is empty: leave it out, or write what to look for",
            "6:3: none is empty: leave it out, or write what to look for",
        ],
    ),
    "an empty literal": (
        spoiled("detect:\n", "detect:\n  text: ['']\n"),
        ["5:10: an empty literal matches everything: write what to look for"],
    ),
    "nothing for the prefilter": (
        spoiled("Ledger call timed out after (?P<seconds>\\d+)s", "[a-z]+ (?P<seconds>\\d+)s"),
        ["5:3: nothing to search for: add an uncommon word of 4 letters or more, free of quotes, <, > and &"],
    ),
    "one alternative without a needle": (
        spoiled("Ledger call timed out after (?P<seconds>\\d+)s", "Ledger|(?P<seconds>\\d+) s"),
        ["5:3: nothing to search for: add an uncommon word of 4 letters or more, free of quotes, <, > and &"],
    ),
    "some of several alternatives without a needle": (
        spoiled(
            "regex: 'Ledger call timed out after (?P<seconds>\\d+)s'",
            "any:\n    - text: Ledger call timed out\n    - regex: ['(?P<seconds>\\d+)s', Ledger gone]\n    - text: at",
        ),
        [
            f"{at}: nothing to search for: add an uncommon word of 4 letters or more, free of quotes, <, > and &"
            for at in ("7:15", "8:7")
        ],
    ),
    "counted repeats that multiply": (
        spoiled("(?P<seconds>\\d+)s", "(?P<seconds>(?:a{200}){200})"),
        ["5:3: counted repeats multiply to more than 10000: make them smaller"],
    ),
    "too long a pattern": (
        spoiled("(?P<seconds>\\d+)s", "(?P<seconds>" + "x" * 2000 + ")"),
        ["5:3: pattern of 2041 characters: at most 2000"],
    ),
    "fuzzy matching by accident": (
        spoiled("(?P<seconds>\\d+)s", "(?P<seconds>\\d+)(?:ms){e<=1}"),
        ["5:3: a brace like this means fuzzy matching: write \\{"],
    ),
    "control characters in a text that is shown": (
        spoiled("title: The ledger times out", 'title: "\\e[31mred"'),
        ["2:1: control characters are not shown: write plain text"],
    ),
    "control characters in a name that is shown": (
        spoiled("severity: medium", 'severity: medium\ntags: ["a\\eb"]\nreferences: ["https://e.org/\\a"]'),
        [
            "4:8: control characters are not shown: write plain text",
            "5:14: control characters are not shown: write plain text",
        ],
    ),
    "a text that is shown, and is empty": (
        spoiled("text: The ledger is busy", "text: ' '"),
        ["9:18: is shown, and is empty: write a text"],
    ),
    "a title of several lines": (
        spoiled("title: The ledger times out", 'title: "The ledger\\n# times out"'),
        ["2:1: is shown on one line: write it without line breaks"],
    ),
    "an option's id in other letters": (
        spoiled("id: retry", "id: Retry it").replace("- {id: none-left", "- {id: None"),
        [
            "11:5: id 'Retry it': write words in lower case with hyphens between them",
            "19:8: id 'None': write words in lower case with hyphens between them",
        ],
    ),
    "a trigger that every log shows": (
        spoiled("occurrences == 0}", "occurrences == 0, exercised_by: {text: [' ']}}"),
        ["19:90: an empty literal matches everything: write what to look for"],
    ),
    "no status": (
        spoiled("detect:\n", "detect:\n  http: {status: [429, abc]}\n"),
        ["5:24: abc is no status: write 429 or 5xx"],
    ),
    "detect looks for nothing": (
        spoiled(DETECT, "  where: {level: [error]}\n").replace("{{ seconds }} ", ""),
        ["4:1: detect looks for nothing: give text, regex, exception, http or steps"],
    ),
    "a capture that no pattern defines, in a text": (
        spoiled("{{ seconds }}", "{{ secs }}"),
        ["12:5: no pattern captures 'secs', which this text uses"],
    ),
    "a capture that no pattern defines, in by": (
        count(at_least="3", within="{seconds: 60}", by="[user]"),
        ["8:3: no pattern captures 'user': write (?P<user>…) or one of source, stream, logger"],
    ),
    "a capture that no pattern defines, in several": (
        spoiled(
            "causes:\n", "causes:\n    - {id: many, text: Many, evidence: {regex: worker, several: pid}}\n"
        ),
        ["9:56: no pattern of this evidence captures 'pid'"],
    ),
    "what tells nothing apart": (
        spoiled("detect:\n", "detect:\n  incident: {apart: {regex: server}}\n"),
        ["5:14: nothing is captured: write (?P<name>…) around what tells apart"],
    ),
    "a field where only captures count": (
        spoiled("detect:\n", "detect:\n  incident: {by: [stream]}\n"),
        ["5:14: no pattern captures 'stream': write (?P<stream>…)"],
    ),
    "a bad template": (
        spoiled("{{ seconds }}", "{{ seconds"),
        ["12:5: bad template: expected token 'end of print statement', got 's'"],
    ),
    "a template where nothing is filled in": (
        spoiled("title: The ledger times out", "title: No answer after {{ seconds }} s"),
        ["2:1: is shown as it stands: write it without {{ }}"],
    ),
    "no duration": (
        spoiled("effort: 1h", "effort: soon"),
        ["15:5: effort 'soon' is no duration; write 15m, 2h or 1d"],
    ),
    "a rule that does not exist": (
        spoiled("severity: medium\n", "severity: medium\ncauses: [ledger-timeouts]\n"),
        ["4:10: there is no rule 'ledger-timeouts': did you mean 'ledger-timeout'?"],
    ),
    "a signal that does not exist": (
        spoiled("occurrences == 0}", "occurrences == 0, exercised_by: {signals: [zzz]}}"),
        ["19:93: there is no rule 'zzz': write the id of a rule that is loaded"],
    ),
    "a cause that does not exist": (
        spoiled("recommended: true", "recommended: if cause is bussy"),
        ["13:5: there is no cause 'bussy'; causes are busy"],
    ),
    "recommended in other words": (
        spoiled("recommended: true", "recommended: always"),
        [
            "13:5: recommended 'always' is no condition: write true, false, `if cause is ID` or `unless cause is ID`"
        ],
    ),
    "no option recommended": (
        spoiled("    recommended: true\n", ""),
        ["10:1: no option is recommended: mark one with recommended: true"],
    ),
    "no expression": (
        spoiled("occurrences == 0", "occurrences = 0"),
        [
            "19:42: 'occurrences = 0' is no expression; write a figure, an operator and a number: occurrences >= 4"
        ],
    ),
    "an unknown figure": (
        spoiled("value: occurrences", "value: count"),
        [
            f"21:39: unknown figure; known are {', '.join(FIGURES)}",
        ],
    ),
    "an id in other letters": (
        spoiled("id: ledger-timeout", "id: Ledger_Timeout"),
        ["1:1: id 'Ledger_Timeout': write words in lower case with hyphens between them"],
    ),
    "no sample that fires": (
        spoiled("fires: 1", "fires: 0"),
        ["22:1: no sample fires: add one real log that the rule must find"],
    ),
    "no quiet sample": (
        spoiled("fires: 0", "fires: 2"),
        ["22:1: no quiet sample: add a near miss that the rule must not find (fires: 0)"],
    ),
    "two samples of one name": (
        spoiled("name: quiet", "name: fires"),
        ["26:5: 'fires' is used twice in samples: names are unique"],
    ),
    "a key of another kind": (
        spoiled("detect:\n", "detect:\n  at_least: 3\n"),
        ["5:3: at_least means nothing to kind match, only to count, distinct, ratio"],
    ),
    "repetition without a number": (
        spoiled("detect:\n", "detect:\n  often: [{text: slow}]\n  within: {lines: 9}\n"),
        ["4:1: at_least is missing: often needs at_least, within"],
    ),
    "a kind without what it needs": (
        count(at_least="3"),
        ["5:1: within is missing: kind count needs at_least, within"],
    ),
    "a window without bounds": (
        count(at_least="3", within="{}"),
        ["7:3: a window without bounds: give seconds, lines or both"],
    ),
    "a retry's window backwards": (
        spoiled("detect:\n", "detect:\n  incident: {retry_seconds: -1}\n"),
        ["5:14: retry_seconds is no bound: write a number from 0 on"],
    ),
    "a window backwards": (
        count(at_least="3", within="{lines: -1}"),
        ["7:12: lines is no bound: write a number from 0 on"],
    ),
    "a step of no name": (
        sequence(f"[{STEP % ('a:b', 'one')}, {STEP % ('b', 'two')}]"),
        ["6:12: step 'a:b': write letters, digits, - and _"],
    ),
    "two steps of one name": (
        sequence(f"[{STEP % ('a', 'one')}, {STEP % ('a', 'two')}]"),
        ["6:52: 'a' is used twice in steps: names are unique"],
    ),
    "a first step that is optional": (
        sequence(f"[{(STEP % ('a', 'one'))[:-1]}, optional: true}}, {STEP % ('b', 'two')}]"),
        ["6:51: the first step begins the sequence: it cannot be optional"],
    ),
    "a step that completes a session and ends it": (
        sequence(f"[{STEP % ('a', 'one')}, {STEP % ('b', 'two')}]", "  outcomes: {complete: b, over: b}\n"),
        [
            "7:27: step 'b' has another part already: it cannot be what this names as well",
            "7:27: over ends the session of a connection: like must name two captures, a connection first",
        ],
    ),
    "a step that completes a session and says that there are none": (
        sequence(
            f"[{STEP % ('a', 'one')}, {STEP % ('b', 'two')}]", "  outcomes: {complete: b, without: b}\n"
        ),
        ["7:27: step 'b' has another part already: it cannot be what this names as well"],
    ),
    "an outcome that is no step": (
        sequence(f"[{STEP % ('a', 'one')}, {STEP % ('b', 'two')}]", "  outcomes: {complete: c}\n"),
        ["7:14: there is no step 'c'; steps are a, b"],
    ),
    "a step that nothing shows": (
        sequence(f"[{STEP % ('a', 'one')}, {{name: b, any: []}}]"),
        ["6:62: a step that nothing shows: give any or lazy"],
    ),
    "a tab": (
        spoiled("  regex:", "\tregex:"),
        ["5:1: not YAML: a tab stands where the line begins: indent with blanks"],
    ),
    "a control character": (
        spoiled("title: The", "title: Thé\x07"),
        ["2:11: the character U+0007 cannot stand in YAML: write it as an escape in double quotes"],
    ),
    "a colon in a bare value": (
        spoiled("title: The", "title: Payments: the"),
        ["2:16: not YAML: mapping values are not allowed in this context: write the value in quotes"],
    ),
    "a quote that does not end": (
        spoiled("+)s'", "+)s"),
        ["21:68: not YAML: while parsing a block mapping did not find expected key (it begins on line 5)"],
    ),
    "not YAML": (
        RIGHT + "a: [b\n",
        [
            "30:1: not YAML: while parsing a flow sequence did not find expected ',' or ']' (it begins on line 29)"
        ],
    ),
    "two documents": (
        RIGHT + "---\nid: x\n",
        ["29:1: not YAML: expected a single document in the stream but found another document"],
    ),
    "empty": ("# nothing\n", ["1:1: empty: a rule file holds one rule"]),
    "a list": ("- id: x\n", ["1:1: a rule file holds one mapping: id, title, severity, detect, …"]),
    "a boolean key": (
        RIGHT + "on: true\n",
        ["29:1: the key 'on' is no text to YAML: write it in quotes"],
    ),
    "an alias": (
        spoiled("title: The ledger times out", "title: &t Late") + "area: *t\n",
        ["29:7: aliases (*name) are not supported: write the value again"],
    ),
    "an alias bomb": (
        "a: &a [x, x]\n"
        + "".join(
            f"k{n}: &{b} [*{a}, *{a}]\n" for n, (a, b) in enumerate(zip("abcdefg", "bcdefgh", strict=True))
        ),
        ["2:9: aliases (*name) are not supported: write the value again"],
    ),
    "a tag": (
        spoiled("title: The ledger", "title: !!python/object/apply:os.system The ledger"),
        ["2:8: tags (tag:yaml.org,2002:python/object/apply:os.system) are not supported"],
    ),
    "deep nesting": ("detect: " + "[" * DEEP, ["1:48: nested deeper than 40 levels"]),
    "deep nesting in blocks": (
        "\n".join(" " * n + "a:" for n in range(60)),
        ["41:41: nested deeper than 40 levels"],
    ),
    "two MiB": (RIGHT + "# " + "x" * (2 << 20), ["1:1: larger than 1 MiB: a rule file holds one rule"]),
    "a repeat bomb": (
        spoiled("(?P<seconds>\\d+)s", "(?P<seconds>" + "(?:" * 8 + "a" + "{999})" * 8 + ")"),
        ["5:3: counted repeats multiply to more than 10000: make them smaller"],
    ),
    "a pattern nested without end": (
        spoiled("(?P<seconds>\\d+)s", "(?P<seconds>" + "(" * 900 + "a" + ")" * 900 + ")"),
        ["5:3: pattern of 901 groups: at most 100"],
    ),
    "a pattern that two libraries read differently": (
        spoiled("(?P<seconds>\\d+)s", "(?P<seconds>[[:digit:]]+)s"),
        ["5:3: possible nested set at position 41: write \\ before a [, -, &, ~ or | that stands for itself"],
    ),
    "flags that exclude each other": (
        spoiled("regex: 'Ledger", "regex: '(?a)(?u)Ledger"),
        ["5:3: bad regular expression: ASCII and UNICODE flags are incompatible"],
    ),
    "a template that reckons without end": (
        spoiled("{{ seconds }}", "{{ 9 ** 99999999 }}"),
        [f"12:5: bad template: pow is not for rules: {CHOICE}"],
    ),
    "a template that repeats": (
        spoiled("{{ seconds }}", "{% for a in (1, 2) %}{{ seconds }}{% endfor %}"),
        [f"12:5: bad template: for is not for rules: {CHOICE}"],
    ),
    "a template that calls": (
        spoiled("{{ seconds }}", "{{ seconds.center(99) }}"),
        [f"12:5: bad template: call is not for rules: {CHOICE}"],
    ),
    "a template that looks inside": (
        spoiled("{{ seconds }}", "{{ seconds.__class__ }}"),
        ["12:5: bad template: '__class__' is no part of a capture"],
    ),
    "a template with a filter of any length": (
        spoiled("{{ seconds }}", "{{ seconds|center(999999999) }}"),
        [f"12:5: bad template: there is no filter 'center' in a rule: known are {', '.join(FILTERS)}"],
    ),
    "a template that doubles": (
        spoiled("{{ seconds }}", "{% set a = seconds ~ seconds %}{% set b = a ~ a %}{{ b }}"),
        ["12:5: bad template: a name that was set cannot be set from another one"],
    ),
    "a template nested without end": (
        spoiled("{{ seconds }}", "{{ " + "(" * 900 + "seconds" + ")" * 900 + " }}"),
        ["12:5: bad template: nested too deeply"],
    ),
    "not a number": (
        count(at_least="3", within="{seconds: .nan}"),
        ["7:12: seconds is no bound: write a number from 0 on"],
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_refused(name: str) -> None:
    """A wrong rule is refused at once, at the right place, with a text that helps; nothing else is said."""
    text, expected = REFUSED[name]
    usual = seconds(lambda: problems_of(RIGHT))
    assert seconds(lambda: problems_of(text), runs=1) < 100 * usual + 0.5
    found = problems_of(text)
    if expected:
        assert sorted(found) == sorted(f"{FILE}:{problem}" for problem in expected)
    else:
        assert found


def test_the_right_rule_is_right() -> None:
    """What the tests spoil has no problem of its own."""
    assert problems_of(RIGHT) == []


def test_a_rule_in_a_file_of_another_name_is_taken() -> None:
    """The id is what names a rule, wherever it is written."""
    rules, problems = load_texts([("mine.yml", "", RIGHT.encode())])
    assert ([rule.id for rule in rules], problems) == (["ledger-timeout"], [])


def test_all_problems_of_all_files_at_once() -> None:
    """One bad file does not hide another, nor one problem the next."""
    first = spoiled("effort: 1h", "effort: soon").replace("occurrences == 0", "zzz == 0")
    second = spoiled("id: ledger-timeout", "id: second").replace("fires: 1", "fires: 0")
    _, problems = load_texts(
        [
            ("ledger-timeout.yaml", "", first.encode()),
            ("second.yaml", "", second.encode()),
            ("x.yaml", "", b"["),
        ]
    )
    assert [(p.path, p.line) for p in problems] == [
        ("ledger-timeout.yaml", 15),
        ("ledger-timeout.yaml", 19),
        ("second.yaml", 22),
        ("x.yaml", 2),
    ]


FLAWS = {
    "a wrong type": ("title: The ledger times out", "title: [The ledger times out]"),
    "a wrong word": ("severity: medium", "severity: fatal"),
    "a bad pattern": ("after (?P<seconds>\\d+)s", "a.*? (?P<seconds>\\d+)s (unclosed"),
    "an unknown key in a cause": ("{id: busy, text: The", "{id: busy, txet: The"),
    "a wrong type in an option": ("priority: high", "priority: 1"),
    "no duration": ("effort: 1h", "effort: soon"),
    "a bad template": ("impact: Payments succeed", "impact: Payments {{ succeed"),
    "an unknown cause": ("recommended: true", "recommended: if cause is bussy"),
    "no expression": ("expect: occurrences == 0}", "expect: occurrences = 0}"),
    "an unknown signal": ("  metrics:", "    - {id: b, text: b, exercised_by: {signals: [zzz]}}\n  metrics:"),
    "an unknown figure": ("value: occurrences", "value: count"),
    "a missing key": (", target: '0'", ""),
    "a number in words": ("fires: 1", "fires: one"),
    "a misspelt key": ('    log: "ERROR:pay:Mail', '    lgo: "ERROR:pay:Mail'),
    "two of one name": ("name: quiet", "name: fires"),
    "an id in other letters": ("id: ledger-timeout", "id: Ledger_Timeout"),
}


def test_a_check_may_wait_for_requests_that_were_answered() -> None:
    """They are counted, no rule tells of them."""
    counted = "occurrences == 0, exercised_by: {signals: [requests-served]}}"
    assert problems_of(spoiled("occurrences == 0}", counted)) == []


def test_no_problem_hides_another() -> None:
    """Of form or of meaning: two in one file are both told, as each is alone, and nothing else."""

    def told(text: str) -> list[str]:
        return sorted(problem.split(": ", 1)[1] for problem in problems_of(text))

    alone = {name: told(spoiled(*flaw)) for name, flaw in FLAWS.items()}
    assert all(len(problems) == 1 for problems in alone.values())
    for one, other in itertools.combinations(FLAWS, 2):
        assert told(spoiled(*FLAWS[one]).replace(*FLAWS[other])) == sorted(alone[one] + alone[other])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (spoiled("explain:\n", "explian:\n"), ["6:1: unknown key 'explian': did you mean 'explain'?"]),
        (
            spoiled(DETECT, "  regx: 'Ledger took (?P<seconds>\\d+)s'\n"),
            ["5:3: unknown key 'regx': did you mean 'regex'?"],
        ),
        (
            spoiled(DETECT, "  regex: 5.5\n"),
            ["5:3: detect.regex.0: write a text, in quotes"],
        ),
        (
            spoiled("(?P<seconds>\\d+)s", "(?P<seconds\\d+)s"),
            ["5:3: bad regular expression: missing >, unterminated name at position 32"],
        ),
        (
            spoiled("detect:\n", "knd: count\ndetect:\n  at_least: 3\n"),
            ["4:1: unknown key 'knd': did you mean 'kind'?"],
        ),
        (spoiled("fires: 0", "fires: no"), ["27:5: samples.1.fires: write a whole number"]),
        (
            spoiled("recommended: true", "recommended: [yes]"),
            [
                "13:5: resolve.0.recommended: write true or false, or a text",
            ],
        ),
        (
            spoiled("{id: busy, text: The ledger is busy}", "{ids: busy, text: Busy}").replace(
                "recommended: true", "recommended: if cause is busy"
            ),
            ["9:8: unknown key 'ids': did you mean 'id'?"],
        ),
        (
            RIGHT + "detect: {regex: 'Ledger took (?P<secs>\\d+)'}\n",
            ["29:1: duplicate key 'detect': keep one"],
        ),
        (spoiled("title: The ledger times out", "title:"), ["2:1: title: has no value: write one"]),
    ],
)
def test_what_follows_from_a_problem_is_not_told(text: str, expected: list[str]) -> None:
    """What would be gone once a problem is mended is no problem of its own."""
    assert problems_of(text) == [f"{FILE}:{problem}" for problem in expected]


def test_a_file_that_is_no_rule_can_be_referred_to() -> None:
    """A rule that cannot be read is not missing: its own problem is told, not that others name it."""
    text = spoiled("severity: medium\n", "severity: medium\ncauses: [broken, absent]\n")
    _, problems = load_texts([("ledger-timeout.yaml", "", text.encode()), ("broken.yaml", "", b"[")])
    assert [str(problem) for problem in problems] == [
        "broken.yaml:2:1: not YAML: while parsing a flow node did not find expected node content",
        "ledger-timeout.yaml:4:18: there is no rule 'absent': write the id of a rule that is loaded",
    ]


def test_a_thousand_bad_files_quickly() -> None:
    """Every problem of 1,000 files, in time in proportion to the files."""
    texts = [(f"rule-{n}.yaml", "", SIGNAL.format(id=f"rule-{n}", text="[]").encode()) for n in range(1_000)]
    _, problems = load_texts(texts)
    assert len({problem.path for problem in problems}) == 1_000
    assert_linear(lambda count: load_texts(texts[:count]), 250)


def test_ids_are_unique() -> None:
    """Two files with one id: the second is told where the first is."""
    _, problems = load_texts(
        [("a/ledger-timeout.yaml", "a", RIGHT.encode()), ("b/ledger-timeout.yaml", "b", RIGHT.encode())]
    )
    assert list(map(str, problems)) == [
        "b/ledger-timeout.yaml:1:1: id 'ledger-timeout' is also that of a/ledger-timeout.yaml: ids are unique"
    ]


def test_a_rule_that_another_takes_the_place_of_is_checked_as_well() -> None:
    """Of two files with one id, and of one that a later folder replaces, it is told which rules do not exist."""
    lost = spoiled("severity: medium", "severity: medium\ncauses: [port-in-us]").encode()
    right = ("b.yaml", "", RIGHT.encode())
    for folders in ([("a.yaml", "", lost), right],), ([("a.yaml", "", lost)], [right]):
        _, problems = load_texts(*folders)
        assert [(p.path, p.line) for p in problems if "port-in-us" in p.text] == [("a.yaml", 4)]


def test_a_scalar_stands_for_a_list_of_one() -> None:
    """`tags: x` is `tags: [x]`, in every noun; so is one status."""
    text = spoiled("severity: medium", "severity: medium\ntags: money").replace(
        "detect:\n", "detect:\n  http: {status: 429, method: post}\n  where: {level: any}\n"
    )
    rule = rule_of(text)
    assert rule.tags == ("money",)
    assert rule.detect.http is not None
    assert (rule.detect.http.status, rule.detect.http.method) == ((429,), ("post",))
    assert rule.detect.where is not None
    assert rule.detect.where.level == ("any",)
    assert rule.detect.regex == ("Ledger call timed out after (?P<seconds>\\d+)s",)


def test_area_and_path_are_set() -> None:
    """The folder is the area, the file is the path."""
    rule = rule_of(RIGHT)
    assert (rule.area, rule.path) == ("area", FILE)


def test_a_signal_needs_little() -> None:
    """Title, detect and samples are enough; a severity other than info is refused."""
    text = SIGNAL.format(id="all-well", text="everything is well")
    assert problems_of(text, "all-well.yaml") == []
    assert problems_of(text.replace("severity: info", "severity: low"), "all-well.yaml") == [
        "all-well.yaml:3:1: a signal proves health: its severity is info"
    ]


def test_evidence_in_the_event_itself_needs_no_needle() -> None:
    """Only what must be searched needs an uncommon word."""
    own = spoiled("text: The ledger is busy", "text: Busy, evidence: {regex: '\\d+s', where: {level: [any]}}")
    assert problems_of(own) == []
    near = own.replace("where: {level: [any]}}", "where: {level: [any]}, near: {lines: 5}}")
    assert [problem.split(": ")[1] for problem in problems_of(near)] == ["nothing to search for"]


@pytest.mark.parametrize(("text", "value"), [("15m", 15), ("1.5h", 90), ("2d", 960)])
def test_durations(text: str, value: int) -> None:
    """Minutes, hours, and days of eight hours."""
    assert minutes(text) == value


@pytest.mark.parametrize("text", ["", "1", "h", "0m", "-1h", "nanh", "infd", "1w", "999999d"])
def test_no_durations(text: str) -> None:
    """Anything else is refused."""
    with pytest.raises(ValueError, match=r"no duration|no effort"):
        minutes(text)
