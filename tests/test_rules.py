"""The shipped rules: every sample holds, the schema is in step, the manual tells the truth."""

from __future__ import annotations

import json
import random
import re
import runpy
from pathlib import Path
from typing import Any

import pytest
import yaml
from scanning import scan_text

from logscope import selftest
from logscope.events import Folder, detect_layout
from logscope.model import Hit
from logscope.resources import data_dir
from logscope.rulebook.loader import rule_schema
from logscope.rulebook.rule import Rule
from logscope.rulebook.ruleset import RuleSet, load_ruleset
from logscope.scan.answers import Answers
from logscope.scan.scanner import Scanner

ROOT = Path(__file__).resolve().parent.parent
FILES = sorted(data_dir("rules").rglob("*.yaml"))


@pytest.fixture(scope="module")
def ruleset() -> RuleSet:
    return load_ruleset([data_dir("rules")], None, include_test=True)


def test_every_sample_holds(ruleset: RuleSet) -> None:
    """Each rule fires on each of its samples as often as it says, with all rules loaded."""
    results = selftest.test_samples(Scanner(ruleset, None), ruleset.rules)
    assert [(r.rule, r.sample.name, r.failures) for r in results if r.failures] == []
    assert len(results) >= 2 * len(ruleset.rules)


def repeated(rule: Rule) -> str:
    """A log of some samples of a rule, over and over, some of their numbers and all of their ids drawn anew."""
    choose = random.Random(rule.id)

    def number(found: re.Match[str]) -> str:
        return found[0] if choose.random() < 0.6 else "".join(choose.choice("123456789") for _ in found[0])

    def identifier(found: re.Match[str]) -> str:
        return "".join(choose.choice("0123456789abcdef") for _ in found[0])

    chosen = choose.sample(rule.samples, min(len(rule.samples), 3))
    texts = [re.sub(r"\b[0-9a-f]{8,}\b", identifier, choose.choice(chosen).log) + "\n" for _ in range(12)]
    return "".join(re.sub(r"(?<=[ :(=])[0-9]{1,6}(?=[ ,)\n]|m?s\b)", number, text) for text in texts)


def test_what_is_remembered_of_an_event_holds_for_those_like_it(
    ruleset: RuleSet, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of the lines of every rule's samples: what rules tell apart is not taken for alike."""
    scanner = Scanner(ruleset, None)

    def hits() -> dict[str, list[Hit]]:
        return {rule.id: list(scan_text(scanner, repeated(rule)).hits) for rule in ruleset.rules}

    remembered = hits()
    monkeypatch.setattr(Answers, "_worth_it", lambda self: False)
    asked = hits()
    assert [rule for rule, found in remembered.items() if found != asked[rule]] == []
    assert sum(map(len, asked.values())) > 12 * len(asked)


REFUSED = {
    "postgres-connection-refused": 'connection to server at "db" (10.0.0.3), port 5432 failed: Connection refused',
    "redis-connection-refused": "Error 111 connecting to redis:6379. Connection refused.",
    "connection-refused": "[Errno 111] Connect call failed ('10.0.0.3', 8080)",
    "httpx-connect-error": "All connection attempts failed",
    "dns-resolution-failure": "[Errno -2] Name or service not known",
    "rabbitmq-connection-lost": "AMQPConnectionError: Connection refused",
}


@pytest.mark.parametrize(("rule", "refused"), REFUSED.items())
@pytest.mark.parametrize(
    ("tried", "shown", "healed"),
    [
        ("it is not reachable yet: {}", "it is reachable after 3 tries", True),
        ("waiting for it: {}", "connected to it", True),
        ("connecting failed, retrying: {}", "it is ready", True),
        ("it is not reachable yet: {}", "it is not ready", False),
        ("it is not reachable yet: {}", "another request", False),
        ("timed out waiting for it: {}", "it is ready", False),
        ("the cache was not read: {}", "it is ready", False),
    ],
)
def test_waiting_for_what_starts_is_no_failure(
    ruleset: RuleSet, rule: str, refused: str, tried: str, shown: str, healed: bool
) -> None:
    """Where a service announces that it tries again, and the log shows that it then succeeded; not where it gave up,
    where nothing shows it, or where a request failed."""
    tries = [f"2026-03-02 10:00:0{n},100 WARNING app.boot: {tried.format(refused)}\n" for n in (1, 3)]
    log = "".join((*tries, f"2026-03-02 10:00:05,100 INFO app.boot: {shown}\n"))
    found = selftest.find_in_text(Scanner(ruleset, None), log)
    own = next(hits for hits in found if ruleset.rules[hits.rule].id == rule)
    assert {occurrence.recovered for occurrence in own.occurrences} == {healed}


@pytest.mark.parametrize(("rule", "refused"), REFUSED.items())
@pytest.mark.parametrize(("tried_again", "healed"), [(2, True), (1, False)])
def test_another_try_is_announced_on_a_line_of_its_own(
    ruleset: RuleSet, rule: str, refused: str, tried_again: int, healed: bool
) -> None:
    """Errors that such a line follows, at whatever level, are tries; the last one is none that nothing follows."""
    again = "2026-03-02 10:00:0{},101 INFO app.boot: sleeping 2 s before the next try\n"
    log = "".join(
        f"2026-03-02 10:00:0{at},100 ERROR app.boot: {refused}\n" + again.format(at) * (n < tried_again)
        for n, at in enumerate((1, 3))
    )
    found = selftest.find_in_text(
        Scanner(ruleset, None), log + "2026-03-02 10:00:05,100 INFO app.boot: it is ready\n"
    )
    own = next(hits for hits in found if ruleset.rules[hits.rule].id == rule)
    assert all(occurrence.recovered for occurrence in own.occurrences) == healed


@pytest.mark.parametrize(
    ("rule", "failed"),
    [
        ("mcp-session-init-timeout", "Error initializing MCP server: Timed out while waiting for response"),
        ("model-not-found", "Error code: 404 - {'error': {'code': 'model_not_found'}}"),
    ],
)
def test_what_cannot_heal_is_tried_again_as_well(ruleset: RuleSet, rule: str, failed: str) -> None:
    """Tries between which another part of the program announces the next one are one incident, and none that healed."""
    again = "2026-03-02 10:00:{:02d},101 WARNING app.link: no luck, retrying in 1s (attempt {} of 3)\n"
    log = "".join(
        f"2026-03-02 10:00:{at:02d},100 ERROR app.client: {failed}\n" + again.format(at, n) * (n < 3)
        for n, at in ((1, 6), (2, 13), (3, 20))
    )
    found = selftest.find_in_text(Scanner(ruleset, None), log)
    own = next(hits for hits in found if ruleset.rules[hits.rule].id == rule)
    assert [(len(item.hits), item.recovered) for item in own.occurrences] == [(3, False)]


@pytest.mark.parametrize(
    ("tried", "shown", "healed"),
    [
        ("{}; falling back to gpt-4o", "gpt-4o answered in 812 ms", True),
        ("{}, trying the next provider", "provider call ok", True),
        ("{} - 2 retries left", "succeeded on attempt 2", True),
        ("{}; falling back to gpt-4o", "gpt-4o failed too", False),
        ("{}, trying the next provider", "all providers failed, giving up", False),
        ("{} while using gpt-4o", "another call succeeded", False),
        ("{}; falling back to the cache", "the next call succeeded", False),
    ],
)
def test_a_call_that_another_model_answered_healed(
    ruleset: RuleSet, tried: str, shown: str, healed: bool
) -> None:
    """Where the log tells that another one is asked, and then that it answered; what stands in for a model is none."""
    overloaded = (
        "Error code: 529 - {'type': 'error', 'error': {'type': 'overloaded_error', 'message': 'Overloaded'}}"
    )
    log = f"WARNING:app.llm:{tried.format(overloaded)}\nINFO:app.llm:{shown}\n"
    found = selftest.find_in_text(Scanner(ruleset, None), log)
    own = next(hits for hits in found if ruleset.rules[hits.rule].id == "anthropic-overloaded")
    assert {occurrence.recovered for occurrence in own.occurrences} == {healed}


def printed(sample: str) -> list[str]:
    """The messages of a sample's records of one line, as a program prints them without a logger."""
    log = sample.encode()
    folder = Folder(detect_layout(log), "sample")
    events = [folder.event(log, span, 1) for span in folder.fold(log, 0, len(log))]
    return [event.message.strip() for event in events if event.last_line == 1]


def test_what_is_printed_between_records_is_found(ruleset: RuleSet) -> None:
    """A line that a rule finds alone, it also finds between a logger's own records."""
    scanner = Scanner(ruleset, None)
    record = "2026-03-02 10:00:0{},040 - app.jobs - INFO - job {} finished\n"
    before, behind = ("".join(record.format(n, n) for n in part) for part in (range(5), range(5, 10)))

    def found(log: str) -> set[str]:
        return {ruleset.rules[hits.rule].id for hits in selftest.find_in_text(scanner, log)}

    failing = [rule for rule in ruleset.rules if not rule.signal]
    samples = [(rule.id, sample) for rule in failing for sample in rule.samples if sample.fires == 1]
    lines = {(rule, line) for rule, sample in samples for line in printed(sample.log) if line[:1] not in "|"}
    alone = {(rule, line) for rule, line in lines if rule in found(line + "\n")}
    assert len(alone) > len(failing)
    assert {(rule, line) for rule, line in alone if rule not in found(f"{before}{line}\n{behind}")} == set()


HEALTHY = b"""\
INFO:     10.0.0.7:50000 - "GET /items/7 HTTP/1.1" 200 OK
INFO:     10.0.0.7:50000 - "GET /favicon.ico HTTP/1.1" 404 Not Found
INFO:     10.0.0.7:50000 - "POST /mcp HTTP/1.1" 200 OK
INFO:     10.0.0.7:50000 - "POST /mcp HTTP/1.1" 202 Accepted
INFO:     10.0.0.7:50000 - "POST /messages/?session_id=8e5a1e8c HTTP/1.1" 202 Accepted
10.0.0.7 - - [02/Mar/2026:10:00:01 +0000] "POST /mcp HTTP/1.1" 200 512 "-" "node"
INFO:httpx:HTTP Request: POST https://api.anthropic.com/v1/messages "HTTP/1.1 200 OK"
INFO:httpx:HTTP Request: GET http://127.0.0.1:8000/mcp "HTTP/1.1 200 OK"
INFO:mcp.server.lowlevel.server:Processing request of type CallToolRequest
{"timestamp": "2026-03-02T10:00:00Z", "level": "info", "message": "POST /mcp 200 12ms", "logger": "app.access"}
2026-03-02 10:00:00,100 - app.jobs - INFO - job 17 finished in 12 ms
"""


def test_healthy_traffic_holds_no_needle_of_a_failure(ruleset: RuleSet) -> None:
    """Of lines that logs are full of none is read but for signals, which are sought only until they prove enough."""
    found = Scanner(ruleset, None).failures(False).scan(memoryview(HEALTHY))
    index = ruleset.index
    watched = {number for _, number in found if number < len(index.needles)}
    rules = {ruleset.rules[ruleset.slots[slot].rule].id for n in watched for slot in index.watchers[n]}
    assert rules == set()


def test_no_rule_is_lost(ruleset: RuleSet) -> None:
    """Every file is a rule, named by its id, in an area."""
    assert {rule.id for rule in ruleset.rules} == {file.stem for file in FILES}
    assert all(rule.area for rule in ruleset.rules)


def test_every_finding_can_be_acted_on(ruleset: RuleSet) -> None:
    """At least two options, one recommended, a check, a cause and a reference for each rule that is no signal."""

    def lacks(rule: Rule) -> list[str]:
        has = {
            "two options": len(rule.resolve) >= 2,
            "a check": bool(rule.verify.checks),
            "a cause": bool(rule.explain and rule.explain.causes),
            "a reference": bool(rule.references),
        }
        return [name for name, held in has.items() if not held]

    assert {rule.id: lacks(rule) for rule in ruleset.rules if not rule.signal and lacks(rule)} == {}


def test_steps_are_sentences(ruleset: RuleSet) -> None:
    """A step ends with its full stop; titles and causes, which stand in other sentences, do not."""
    steps = [step for rule in ruleset.rules for option in rule.resolve for step in option.steps]
    assert [step for step in steps if not step.endswith((".", "!", "?"))] == []
    parts = [option.title for rule in ruleset.rules for option in rule.resolve]
    parts += [cause.text for rule in ruleset.rules if rule.explain for cause in rule.explain.causes]
    assert [part for part in parts if part.endswith(".")] == []


def test_the_schema_is_in_step() -> None:
    """schema/rule.schema.json is what `logscope rules schema` prints (python docs/make_schema.py writes it)."""
    text = runpy.run_path(str(ROOT / "docs" / "make_schema.py"))["schema_text"]()
    assert (ROOT / "schema" / "rule.schema.json").read_text(encoding="utf-8") == text


def misfit(value: Any, schema: dict[str, Any], defs: dict[str, Any], at: str = "") -> str:
    """Say where a value does not fit a schema (of the few words that the rule schema uses); empty when it fits."""
    if "$ref" in schema:
        return misfit(value, defs[schema["$ref"].rpartition("/")[2]], defs, at)
    if "anyOf" in schema:
        misfits = [misfit(value, part, defs, at) for part in schema["anyOf"]]
        return "" if "" in misfits else misfits[0]
    if "enum" in schema:
        return "" if value in schema["enum"] else f"{at}: {value!r}"
    types = {"string": str, "array": list, "object": dict, "boolean": bool, "null": type(None)}
    kind = {**types, "integer": int, "number": (int, float)}[schema["type"]]
    if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
        return f"{at}: no {schema['type']}"
    if isinstance(value, list):
        return next(
            (m for n, v in enumerate(value) if (m := misfit(v, schema["items"], defs, f"{at}.{n}"))), ""
        )
    if not isinstance(value, dict):
        return ""
    known, more = schema.get("properties", {}), schema.get("additionalProperties", False)
    missing = set(schema.get("required", ())) - value.keys()
    unknown = value.keys() - known.keys() if more is False else set()
    if missing or unknown:
        return f"{at}: {sorted(missing | unknown)}"
    return next((m for k, v in value.items() if (m := misfit(v, known.get(k, more), defs, f"{at}.{k}"))), "")


def test_shipped_rules_fit_the_schema() -> None:
    """What the loader takes, editors take: scalars for lists too."""
    schema = rule_schema()
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    wrong = {f.name: misfit(yaml.load(f.read_text(), loader), schema, schema["$defs"]) for f in FILES}
    assert {name: text for name, text in wrong.items() if text} == {}
    assert misfit({"id": "x"}, schema, schema["$defs"])


def test_the_schema_explains_its_keys() -> None:
    """Editors show what the language says of a key."""
    schema = rule_schema()
    assert schema["$defs"]["Detect"]["properties"]["text"]["description"].startswith("Literals, any of them")
    assert "area" not in schema["properties"]
    assert json.dumps(schema)


class TestManual:
    """docs/rules.md."""

    TEXT = (ROOT / "docs" / "rules.md").read_text(encoding="utf-8")

    def test_the_worked_example_is_a_rule(self, tmp_path: Path) -> None:
        """It loads without problems, and its samples hold."""
        example = next(
            block for block in re.findall(r"```yaml\n(.*?)```", self.TEXT, re.S) if "id: ledger" in block
        )
        (tmp_path / "ledger-timeout.yaml").write_text(example, encoding="utf-8")
        rules = load_ruleset([data_dir("rules"), tmp_path], None).rules
        (rule,) = (rule for rule in rules if rule.id == "ledger-timeout")
        assert [sample.fires for sample in rule.samples] == [1, 0]

    def test_every_key_is_named(self) -> None:
        """No key of the language is left out."""
        keys = {key for noun in rule_schema()["$defs"].values() for key in noun["properties"]}
        assert {key for key in keys if not re.search(rf"\b{key}\b", self.TEXT)} == set()
