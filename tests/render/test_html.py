"""The HTML page: its structure and values, without a browser."""

from __future__ import annotations

import base64
import hashlib
import re
from collections import Counter
from itertools import pairwise

import pytest
from big_report import big_report
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from page import Node, read
from sample_report import HOSTILE, empty_report, first_400, init_timeout, line, sample_report

from logscope.render import html
from logscope.report import Gate, Impact, Report, ReportNote


@pytest.fixture(scope="module")
def page() -> Node:
    return read(html.render(sample_report()))


def without_spans(node: Node) -> list[tuple[str, tuple[str, ...]]]:
    """Elements and attribute names in order; spans are left out, because highlighting makes them, and that code is
    marked as short, which its length decides."""
    short = node.tag == "code" and node.attrs.get("class") == "short"
    own = [] if node.tag in ("", "span") else [(node.tag, () if short else tuple(node.attrs))]
    return own + [entry for child in node.children for entry in without_spans(child)]


def with_log_text(text: str) -> Report:
    """A small report that has `text` in every field that a log can fill."""
    finding = replace(
        init_timeout(),
        title=text,
        captures={"seconds": text},
        sources=(text,),
        evidence=(replace(line(text, 1, None, "error", text), level=text),),
        severity_reason=text,
        impact=Impact(f"`{text}`", f"**{text}**", None),
        options=(
            replace(
                init_timeout().options[0],
                title=text,
                steps=(f"Do {text}", f"[see {text}](https://example.org/x)"),
            ),
        ),
    )
    lanes = first_400().sequence.lanes
    rows = replace(first_400().sequence, lanes=(replace(lanes[0], session=text),))
    unexplained = replace(sample_report().unexplained[0], title=text, code=())
    return replace(
        empty_report(),
        findings=(finding, replace(first_400(), sequence=rows)),
        unexplained=(unexplained,),
        notes=(ReportNote(text, "skipped", text),),
    )


def test_sections_in_the_order_of_the_plan(page: Node) -> None:
    """The page tells the story in the order of a resolution plan."""
    assert [heading.text for heading in page.all("h2")] == [
        "At a glance",
        "Error summary",
        "Findings",
        "Unexplained errors",
        "What works",
        "Plan",
        "Implementation order",
        "Testing checklist",
        "Success metrics",
        "Coverage and notes",
        "Next review",
    ]


def test_headings_never_skip_a_level(page: Node) -> None:
    """Headings make an outline: one h1, and no level without the one above."""
    levels = [int(node.tag[1]) for node in page.all() if re.fullmatch("h[1-6]", node.tag)]
    assert levels.count(1) == 1
    assert all(deeper <= upper + 1 for upper, deeper in pairwise(levels))


def test_ids_are_unique_and_every_reference_resolves(page: Node) -> None:
    """Anchors, labels and descriptions all name an element that exists once."""
    ids = [node.attrs["id"] for node in page.all() if "id" in node.attrs]
    used = [word for node in page.all() for word in node.attrs.get("aria-labelledby", "").split()]
    used += [node.attrs["href"][1:] for node in page.all("a") if node.attrs["href"].startswith("#")]
    assert len(ids) == len(set(ids))
    assert set(used) <= set(ids)


def test_no_two_landmarks_are_called_alike(page: Node) -> None:
    """Only the parts of the page are landmarks: several findings may have the same option, with the same snippet."""
    named = [node for node in page.all("section") if "aria-labelledby" in node.attrs]
    headings = [page.one(id=node.attrs["aria-labelledby"]).text for node in named]
    assert len(headings) == len(set(headings))
    assert not page.all(role="region")
    assert not [node for node in page.all(class_="option") if "aria-labelledby" in node.attrs]


def test_summary_table(page: Node) -> None:
    """The error summary has type, severity, frequency and impact of each finding, linked to its section."""
    table = page.one("section", id="summary").one("table")
    assert [cell.text for cell in table.one("thead").all("th")] == [
        "Error type",
        "Severity",
        "Frequency",
        "Impact",
    ]
    row = table.one("tbody").all("tr")[1]
    assert row.one("a").attrs["href"] == "#finding-mcp-session-init-timeout"
    assert [cell.text for cell in row.all("td")] == [
        "▲ High",
        "4 times in 1 h 50 min, last at 18:52, all within 30 s of a restart",
        "MCP tools: Tool calls are unavailable; the application keeps running.",
    ]


def test_finding_shows_evidence_causes_code_and_options(page: Node) -> None:
    """A finding's section has its lines with their place, causes, code, options in order."""
    finding = page.one("article", id="finding-mcp-session-init-timeout")
    evidence = finding.all("ol", class_="evidence")[0]
    assert [code.text for code in evidence.all("code")] == ["api.log:118-138", "api.log:139", "api.log:1412"]
    assert "9 lines of this event left out" in evidence.text
    causes = [
        item.one("p").text if not item.all("ol") else item.all("p")[0].text
        for item in finding.one("ol", class_="causes").children
    ]
    assert causes[0] == "The first start downloads packages (uvx fills its cache). The log points to it"
    assert causes[1] == "The server process failed and the wait ran out. Possible"
    assert "app/core/mcp_manager.py:84" in finding.one("ul", class_="places").text
    assert "   84 ▸             await asyncio.wait_for" in finding.one("ul", class_="places").text
    options = finding.all("section", class_="option")
    assert options[0].one("h5").text.startswith("1. Wait 180 s instead of 90 s")
    assert options[0].one("h5").text.endswith("Recommended")
    assert [len(o.all("figure", class_="snippet")) for o in options] == [1, 1, 0, 0]
    assert "timeout = 180  # a cold start" in options[0].one("pre").text


def test_sequence_has_arrows_figures_and_every_session(page: Node) -> None:
    """A sequence is told by its steps, its figures against the target, a picture, and the same as a table."""
    finding = page.one("article", id="finding-mcp-400-before-session")
    assert finding.one("p", class_="arrows").text == "rejected → initialize → verify → execute → ok"
    figures = finding.one("dl", class_="figures")
    assert [(d.one("dt").text, d.one("dd").text) for d in figures.all("div")] == [
        ("Sessions", "6"),
        ("Rejected first", "4"),
        ("Recovered", "3"),
        ("Stalled", "1"),
        ("First-try success", "33 %"),
        ("Target", "95 %"),
    ]
    picture = finding.one("svg", class_="lanes")
    assert picture.all("title")[0].text == "Steps of 6 sessions"
    assert picture.one("desc").text == "first try 2, recovered 3, stalled 1."
    rows = finding.one("details", class_="inner").one("tbody").all("tr")
    assert len(rows) == 6
    assert rows[3].all("td")[1].text == "rejected (api.log:615) → initialize (618)"


def test_plan_counts_and_order(page: Node) -> None:
    """Phases carry their totals, items their number, and the order table lists the same items."""
    plan = page.one("section", id="plan")
    assert [h.text for h in plan.all("h3")] == [
        "Phase 1: Quick wins 45 min",
        "Phase 2: This week 1 h",
        "Phase 3: Later 1 h",
        "If seen again 20 min, not added up",
        "Deferred: beyond the budget",
        "Alternatives, not added up",
    ]
    assert [li.attrs["value"] for li in plan.all("li") if "value" in li.attrs] == [
        "1",
        "2",
        "3",
        "4",
        "5",
        "6",
    ]
    order = page.one("section", id="order").one("tbody").all("tr")
    assert [row.all("td")[0].text for row in order] == ["1", "2", "3", "4", "5"]


def test_checklist_says_each_result_in_words(page: Node) -> None:
    """All five results are words, what needs somebody first, and a waived check shows who waived it."""
    checks = page.one("section", id="checklist")
    assert [chip.text for chip in checks.all("span", class_="chip")] == [
        "✗ Failed",
        "– Not exercised",
        "□ For a person",
        "~ Waived",
        "✓ Passed",
    ]
    assert "owner: platform" in checks.text


def test_every_picture_has_a_title_and_says_the_same_in_words(page: Node) -> None:
    """A picture names itself to a screen reader, and its description stands below it as text."""
    pictures = page.all("svg")
    assert len(pictures) == 7
    for picture in pictures:
        assert picture.attrs["role"] == "img"
        assert picture.all("title")[0].text
        assert picture.one("desc").text
    for figure in page.all("figure", class_="chart"):
        assert figure.one("figcaption").text == figure.one("desc").text


def test_nothing_is_loaded_and_only_the_own_script_runs() -> None:
    """The policy allows exactly the page's own style and script; no element loads anything from outside."""
    raw = html.render(sample_report())
    page = read(raw)
    policy = page.one("meta", **{"http-equiv": "Content-Security-Policy"}).attrs["content"]
    for tag in ("script", "style"):
        digest = hashlib.sha256(page.one(tag).text.encode()).digest()
        assert f"{tag}-src 'sha256-{base64.b64encode(digest).decode()}'" in policy
    assert policy.startswith("default-src 'none'")
    names = {name for node in page.all() for name in node.attrs}
    assert not {name for name in names if name.startswith("on")} | (names & {"src", "style", "srcset"})
    assert not [n for n in page.all() if n.tag in ("img", "link", "iframe", "object", "form", "base", "use")]


def test_links_are_http_or_within_the_page(page: Node) -> None:
    """A reference that is no http address is text."""
    outside = {a.attrs["href"] for a in page.all("a") if not a.attrs["href"].startswith("#")}
    assert outside == {
        "https://console.anthropic.com/settings/billing",
        "https://docs.anthropic.com/en/api/errors",
        "https://git.example.org/team/app/blob/3f2a91c/app/core/mcp_manager.py#L84",
        "https://github.com/modelcontextprotocol/python-sdk/issues/1041",
    }
    assert "javascript:alert(4)" in page.one("article", id="finding-anthropic-credit-balance").text


def test_hostile_text_is_shown_as_it_is(page: Node) -> None:
    """Markup in log text is read by nobody and lost by nobody: titles, evidence, steps, code, notes."""
    assert page.one("article", id="finding-team-queue-lag").one("h3").text == f"Queue lag {HOSTILE}"
    credit = page.one("article", id="finding-anthropic-credit-balance")
    assert f"prompt was {HOSTILE}" in credit.text
    assert f"instead of {HOSTILE}" in credit.text
    assert f"{HOSTILE}.log" in page.one("section", id="coverage").text


@settings(max_examples=60)
@given(
    st.one_of(
        st.text(st.characters(exclude_categories=["C"]), min_size=1),
        st.text("<>&\"'`*_[]()!\\/:#{}%| \nahtps", min_size=1),
        st.sampled_from(
            [
                HOSTILE,
                "`x`](https://e.org)",
                "https://e.org/",
                "<https://e.org>",
                "`",
                "]] ```",
                "&lt;b&gt;",
                " \n",
            ]
        ),
    )
)
def test_log_text_never_changes_the_structure(text: str) -> None:
    """Log text makes no element and no attribute; at most it costs a rule its own bold, code or link."""
    harmless = Counter(without_spans(read(html.render(with_log_text("harmless")))))
    made = Counter(without_spans(read(html.render(with_log_text(text)))))
    assert made <= harmless
    assert {tag for tag, _ in harmless - made} <= {"strong", "code", "a"}


def test_empty_report_says_so_in_words() -> None:
    """Nothing found leaves no empty table, list or section, but a sentence in each."""
    page = read(html.render(empty_report()))
    assert page.all("table") == []
    assert [
        node for node in page.all() if node.tag in ("ol", "ul", "dl", "tbody") and not node.children
    ] == []
    assert all(len(section.text.split()) > 6 for section in page.one("main").all("section"))
    assert "No rule found a problem. That covers what 70 rules know, in 2 lines read." in page.text
    assert "Passes exit code 0" in page.text


def test_nothing_read_is_never_called_clean() -> None:
    """Without a line read, no finding means nothing."""
    report = replace(empty_report(), coverage=replace(empty_report().coverage, lines=0))
    assert "no log line was read" in read(html.render(report)).one("section", id="summary").text


@pytest.mark.parametrize(
    "words",
    [
        "the log has no times",
        "What this means for users is not known",
        "How many sessions took these steps is not known",
        "No cause is known",
        "No place in the code is known",
        "No way to resolve it is known",
        "When the occurrences lie in the log is not known",
    ],
)
def test_a_finding_without_parts_says_what_is_not_known(page: Node, words: str) -> None:
    """A rule that explains nothing still gives a section of sentences."""
    assert words in page.one("article", id="finding-team-queue-lag").text


@pytest.mark.parametrize(
    ("gate", "said"),
    [
        (
            Gate(1, "2 findings at high or above", {"high": 2}),
            "✗ Fails exit code 1: 2 findings at high or above",
        ),
        (
            Gate(0, "no finding at high or above", {"low": 2}),
            "✓ Passes exit code 0: no finding at high or above",
        ),
        (Gate(0, "findings never fail this run", {"high": 2}), "– Does not fail exit code 0"),
    ],
)
def test_gate_verdict(gate: Gate, said: str) -> None:
    """A run that was told not to fail does not count as a pass while severe findings are active."""
    assert said in read(html.render(replace(empty_report(), gate=gate))).one("header").text


def test_an_option_in_the_verdict_is_code_of_one_line() -> None:
    """A browser would break `--exit-zero` at its hyphens; what only looks like one in a log's name stays text."""
    reason = "2 findings at high or above, which --exit-zero lets pass"
    header = read(html.render(replace(empty_report(), gate=Gate(0, reason, {"high": 2})))).one("header")
    assert [code.text for code in header.all("code")] == ["--exit-zero"]
    assert reason in header.text
    hostile = "--strict: a--exit-zero<b>.log: it breaks off"
    header = read(html.render(replace(empty_report(), gate=Gate(5, hostile, {})))).one("header")
    assert [code.text for code in header.all("code")] == ["--strict"]
    assert hostile in header.text


def test_no_line_breaks_a_day() -> None:
    """A narrow column would break `2026-03-02 17:01` at its hyphens."""
    told = "4 times in 3 days, last at 2026-03-02 17:01"
    finding = sample_report().findings[0]
    finding = replace(finding, frequency=replace(finding.frequency, text=told))
    page = read(html.render(replace(sample_report(), findings=(finding,))))
    (row,) = [row for row in page.all("tr") if told in row.text]
    assert [span.text for span in row.all("span", class_="short")] == ["2026-03-02 17:01"]


def test_checklist_page_is_for_the_checks_alone() -> None:
    """The checklist page shows checks and coverage, and no finding."""
    page = read(html.render_checklist(sample_report()))
    assert [heading.text for heading in page.all("h2")] == ["Testing checklist", "Coverage and notes"]
    assert [len(group.children) for group in page.all("ul", class_="checks")] == [1] * 5


def test_full_page_stays_within_its_bounds() -> None:
    """300 findings with 5,000 evidence lines fit in 5 MB with nothing left out."""
    page = html.render(big_report(300, 5_000))
    assert len(page.encode()) < html.MAX_BYTES
    assert page.count(" MCP session initialization timed out &lt;after&gt;".strip()) >= 5_000
    assert "Left out of this page" not in page
    assert "Nothing was left out" in page


@pytest.mark.parametrize(
    ("findings", "evidence", "characters", "said"),
    [
        (302, 310, 100, "2 findings after the first 300"),
        (10, 5_200, 100, "200 further evidence lines"),
        (2, 4, 100_000, "the middle of 4 texts longer than 40,000 characters"),
        (40, 40, 300_000, "the middle of 40 texts longer than"),
    ],
)
def test_beyond_its_bounds_the_page_says_what_it_left_out(
    findings: int, evidence: int, characters: int, said: str
) -> None:
    """What does not fit is dropped, counted and named, and each finding keeps an example."""
    page = html.render(big_report(findings, evidence, characters))
    assert len(page.encode()) < html.MAX_BYTES
    assert said in page
    assert all(f.all("ol", class_="evidence") for f in read(page).all("article", class_="finding"))


def test_one_explained_error_is_told_in_good_grammar() -> None:
    """Where all errors are explained, their number stands in brackets: it fits one as it fits many."""
    coverage = replace(sample_report().coverage, error_events=1, unexplained_events=0)
    page = html.render(replace(sample_report(), unexplained=(), coverage=coverage))
    assert "None: every error event (1) belongs to a finding." in page
