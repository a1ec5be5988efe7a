"""The plan as Markdown: its parts, its figures, and that log text stays text."""

from __future__ import annotations

import re

import pytest
from hostile import PAYLOADS, headings, made_elements, poison, site_links
from markdown_it import MarkdownIt
from msgspec.structs import replace
from sample_report import empty_report, first_400, sample_report
from timing import assert_linear

from logscope.render import figures, handoff, markdown
from logscope.render.escape import anchor, anchor_is_common, cell, code, fence, plain, rule_text
from logscope.render.parts import part, shorten, split_parts


def test_sections_in_order() -> None:
    """Every part of a resolution plan has its section, in the order of the story."""
    sections = [text for tag, text in headings(markdown.render(sample_report())) if tag == "h2"]

    assert sections == [
        "Error summary",
        "Errors",
        "Unexplained errors",
        "What works",
        "Action plan, prioritized",
        "Testing checklist",
        "Success metrics",
        "Implementation order",
        "Coverage",
    ]


def test_links_lead_to_headings() -> None:
    """Each link within the document leads to exactly one heading, by GitHub's rule and by GitLab's."""
    document = markdown.render(sample_report())
    shown = [re.sub(r"`", "", text) for _, text in headings(document)]
    fragments = [anchor(text) for text in shown]
    targets = set(re.findall(r"\]\(#([^)]+)\)", document))

    assert len(targets) == 7
    for target in targets:
        assert fragments.count(target) == 1
        assert "--" not in target


def test_a_step_names_what_it_also_ends() -> None:
    """A step is as urgent as what follows from the problem that it resolves: both stand beside it."""
    (step,) = [line for line in markdown.render(sample_report()).splitlines() if line.startswith("2. **Wait")]
    assert "for [2. MCP session initialization timeout]" in step
    assert " and with it [3. Cancel scope left in another task]" in step


def test_a_step_for_a_consequence_names_what_it_follows_from() -> None:
    """What ends with another problem can wait for it, however severe it is; a step that resolves more cannot."""
    report = sample_report()
    (*before, last, _) = report.plan.phases
    item = replace(last.items[0], findings=("cancel-scope",))
    plan = replace(report.plan, phases=(*before, replace(last, items=(item,))))
    lines = markdown.render(replace(report, plan=plan)).splitlines()
    (step,) = [line for line in lines if ", which follows from [" in line]
    assert step.startswith(f"{item.number}. **{item.title}**")
    assert step.endswith("](#2-mcp-session-initialization-timeout)")
    more = replace(item, findings=("cancel-scope", "mcp-session-init-timeout"))
    assert figures.leading(item, report) == ("mcp-session-init-timeout",)
    assert figures.leading(more, report) == ()


def test_summary_row_says_all() -> None:
    """A row of the error summary holds type, severity, frequency and impact."""
    rows = [line for line in markdown.render(sample_report()).splitlines() if line.startswith("| 2 |")]

    assert rows[0] == (
        "| 2 | [MCP session initialization timeout](#2-mcp-session-initialization-timeout) | 🟠 High "
        "| 4 times in 1 h 50 min, last at 18:52, all within 30 s of a restart "
        "| MCP tools: Tool calls are unavailable; **the application keeps running**. |"
    )


def test_tables_keep_their_columns() -> None:
    """Pipes in log text do not make columns."""
    document = markdown.render(poison(sample_report(), "a|b \\| c\\\\| `|`"))
    rows: list[int] = []
    for token in MarkdownIt("gfm-like", {"linkify": False}).parse(document):
        if token.type == "tr_open":
            rows.append(0)
        rows[-1:] = [rows[-1] + (token.type in ("td_open", "th_open"))] if rows else []

    assert set(rows) <= {3, 4, 5, 7}


@pytest.mark.parametrize("payload", PAYLOADS)
@pytest.mark.parametrize("render", [markdown.render, handoff.render, markdown.render_checklist])
def test_log_text_stays_text(render: object, payload: str) -> None:
    """No element, link, heading or mention is made of log text, wherever it stands."""
    assert callable(render)
    clean, poisoned = render(sample_report()), render(poison(sample_report(), payload))

    assert made_elements(poisoned) <= made_elements(clean) | _moved(poisoned)
    assert site_links(poisoned) == []
    assert [tag for tag, _ in headings(poisoned)] == [tag for tag, _ in headings(clean)]


def _moved(document: str) -> set[str]:
    """Links to the document's own headings, which move with their titles."""
    return {f"link #{target}" for target in re.findall(r"\]\(#([\w-]+)\)", document)}


def test_empty_report_says_so() -> None:
    """Without findings every section says in words what is not known; no table is empty."""
    document = markdown.render(empty_report())

    assert "No rule matched, and no error event was left unexplained in 2 lines of 1 source." in document
    assert "|--" not in document
    assert "There is nothing to plan" in document


def test_stays_under_a_megabyte() -> None:
    """A huge report loses whole sections, keeps the headings they had, and says so."""
    report = sample_report()
    long = replace(report.findings[0].evidence[0], text="é" * 90_000)
    findings = tuple(
        replace(report.findings[1], rule=f"rule-{n}", title=f"Title {n}", evidence=(long,)) for n in range(12)
    )

    document = markdown.render(replace(report, findings=findings))

    assert len(document.encode()) <= markdown.MAX_BYTES
    assert "> **Left out** to stay under 1 MB:" in document
    assert "### 12. Title 11\n" in document
    assert "### 1. Title 0\n\n**Severity:**" in document
    assert "## Action plan, prioritized" in document


def test_gantt_holds_the_plan() -> None:
    """The Gantt chart has one task per item of the plan's total, one after the other, with their minutes."""
    document = markdown.render(sample_report(), mermaid=True)

    assert re.findall(r":(t\d), (.*), (\d+)m", document) == [
        ("t1", "2000-01-01 00:00", "30"),
        ("t2", "after t1", "15"),
        ("t3", "after t2", "60"),
        ("t4", "after t3", "60"),
    ]


def test_timeline_sums_per_axis() -> None:
    """The timeline adds up findings of the same axis, and keeps times apart from lines."""
    bars = re.findall(r"bar \[(.*)\]", markdown.render(sample_report(), mermaid=True))

    assert [sum(map(int, counts.split(", "))) for counts in bars] == [11, 2]


@pytest.mark.parametrize("payload", PAYLOADS)
def test_mermaid_label_is_harmless(payload: str) -> None:
    """Log text in a title cannot end a line, a label or the fence of a chart."""
    document = markdown.render(poison(sample_report(), payload), mermaid=True)
    charts = re.findall(r"^```mermaid\n(.*?)^```$", document, re.DOTALL | re.MULTILINE)

    assert len(charts) == 3
    assert all(
        re.fullmatch(r"    \d+ - [^:;#]+ :t\d+, [^,]+, \d+m", row)
        for row in charts[2].splitlines()
        if ":t" in row
    )


@pytest.mark.parametrize("text", PAYLOADS)
def test_code_and_fence_hold_their_text(text: str) -> None:
    """What goes into a span or a fence comes out of a parser as it was."""
    parser = MarkdownIt("gfm-like", {"linkify": False})
    spans = parser.parseInline(code(text))[0].children or []
    blocks = parser.parse(fence(text))

    if text.strip() and "\\|" not in text:
        line = re.sub(r"[\r\n\t]+", " ", text)
        assert [(span.type, span.content.strip()) for span in spans] == [("code_inline", line.strip())]
    assert [(block.type, block.content.rstrip("\n")) for block in blocks] == [("fence", text.rstrip("\n"))]


@pytest.mark.parametrize("unit", [" ", "`", "@", "[", "\\|", "\n", "a:", "**", "0a", "<a "])
def test_long_text_takes_linear_time(unit: str) -> None:
    """Escaping a hundred thousand repeats of anything takes no more than its length allows."""
    for escape in (plain, code, cell, fence, rule_text, figures.unmarked):
        assert_linear(lambda count, escape=escape: escape(unit * count), 25_000)  # type: ignore[misc]


def test_ordinary_words_stay_ordinary() -> None:
    """Plain sentences are not littered with code."""
    sentence = "Twice within 14 min (last at 18:52:03), 33 % of 6 sessions; it's the user's: yes."

    assert plain(sentence) == sentence
    assert plain("HTTP 500 in cancel_scope.") == "HTTP 500 in `cancel_scope`."


def test_rule_text_keeps_its_markdown() -> None:
    """A rule's own code, bold and links stay; what the log filled in does not become any."""
    evil = "[x](https://evil.example)"
    text = f"Set `timeout` to **180**, see [docs](https://a.example/b) and https://a.example/c, not {evil}"

    assert rule_text(text, [evil]) == (
        "Set `timeout` to **180**, see [docs](https://a.example/b) and <https://a.example/c>, not "
        "`[x](https://evil.example)`"
    )


def test_cell_escapes_each_pipe_once() -> None:
    """A pipe in a table cell has one backslash before it, also inside code."""
    assert cell("a|b") == "`a\\|b`"
    assert cell("a\\|b") == "`a\\`\\|`b`"


def test_anchor_of_heading() -> None:
    """Fragments are made as GitHub makes them; those that GitLab would join are told apart."""
    assert anchor("2. Port 8000 (Errno 98)") == "2-port-8000-errno-98"
    assert not anchor_is_common("a - b")


def test_parts_leave_least_important_first() -> None:
    """The highest rank goes first, within a rank the last; the note counts, and rank 0 stays."""
    parts = split_parts(f"head\n{part('a', 1)}AAAA\n{part('b', 2)}BBBB\n{part('b', 2)}CC\n")

    assert shorten(parts, 18, len, "[{}]".format) == "head\nAAAA\nBBBB\nCC\n"
    assert shorten(parts, 17, len, lambda names: f"[{len(names)}]") == "head\n[1]AAAA\nCC\n"
    assert shorten(parts, 13, len, lambda names: "!") == "head\n!AAAA\n"
    assert shorten(parts, 1, len, "[{}]".format) == "head\n[a, 2 × b]"


def test_parts_of_a_group_need_their_head() -> None:
    """A detail does not outlive what it belongs to, however small it is."""
    parts = split_parts(f"head\n{part('a', 1, group='g')}{'A' * 50}\n{part('b', 2, group='g')}B\n")

    assert shorten(parts, 40, len, lambda names: f"[{names}]") == "head\n[a, b]"


def test_steps_of_a_session_name_their_source_where_it_changes() -> None:
    """A line number alone says nothing where a finding has several sources; with one source it says enough."""
    finding = first_400()
    lane = finding.sequence.lanes[0]
    several = figures.step_places(lane, finding)
    alone = figures.step_places(
        replace(lane, steps=tuple(replace(step, source="api.log") for step in lane.steps)),
        replace(finding, sources=("api.log",)),
    )
    assert [place for _, place in several] == ["api.log:600", "603", "606", "609", "worker.log:612"]
    assert [place for _, place in alone] == ["600", "603", "606", "609", "612"]
