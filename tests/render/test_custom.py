"""Templates of one's own: what they see, what stops them, and what their errors say."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from sample_report import HOSTILE, sample_report

from logscope.errors import UsageError
from logscope.render import custom

DOCS = Path(__file__).parents[2] / "docs"


def template(folder: Path, source: str, name: str = "own.md") -> str:
    """A template file."""
    path = folder / name
    path.write_text(source, "utf-8")
    return str(path)


def test_sees_the_report(tmp_path: Path) -> None:
    """Fields are reached by name, also those that are called as a method of dict is."""
    source = (
        "{% for f in report.findings %}{{ f.rule }} {% endfor %}|"
        "{% for p in report.plan.phases %}{{ p.items | length }} {% endfor %}|{{ 90 | minutes }}\n"
    )

    assert custom.render(sample_report(), template(tmp_path, source)) == (
        "anthropic-credit-balance mcp-session-init-timeout cancel-scope mcp-400-before-session port-in-use "
        "team-queue-lag |2 1 1 1 |1 h 30 min\n"
    )


def test_html_is_escaped(tmp_path: Path) -> None:
    """A template of that ending gets its values escaped; another gets them as they are, or filtered."""
    source = "{{ report.findings[0].captures.prompt }}"
    page = custom.render(sample_report(), template(tmp_path, source, "own.html.j2"))
    text = custom.render(sample_report(), template(tmp_path, source))
    filtered = custom.render(
        sample_report(), template(tmp_path, "{{ report.findings[0].captures.prompt | code }}")
    )

    assert "<" not in page
    assert text == HOSTILE
    assert filtered == f"`{HOSTILE}`"


@pytest.mark.parametrize(
    ("source", "line"),
    [
        ("one\n{% if %}", 2),
        ("one\ntwo {{ nothing }}", 2),
        ("{{ report.nothing }}", 1),
        ("\n\n{{ report.plan.phases[7].name }}", 3),
        ("\n{{ 1 // 0 }}", 2),
        ("\n{% include 'other.md' %}", 2),
        ("\n{{ report.__class__.__mro__ }}", 2),
        ("\n{{ report.findings.append(1) }}", 2),
        ("\n{{ ''.__class__ }}", 2),
        ("\n{{ 'x' | nofilter }}", 2),
    ],
)
def test_error_names_its_line(tmp_path: Path, source: str, line: int) -> None:
    """Whatever is wrong with a template, the error names the file and the line."""
    path = template(tmp_path, source)

    with pytest.raises(UsageError) as caught:
        custom.render(sample_report(), path)

    assert str(caught.value).startswith(f"{path}:{line}: ")


def test_time_is_limited(tmp_path: Path) -> None:
    """A template that does not end is ended."""
    source = "{% for a in range(99999) %}{% for b in range(99999) %}{% endfor %}{% endfor %}"

    with pytest.raises(UsageError, match="takes longer than 1 s"):
        custom.render(sample_report(), template(tmp_path, source), timeout=1)


@pytest.mark.skipif(sys.platform != "linux", reason="address space is limited on Linux only")
def test_memory_is_limited(tmp_path: Path) -> None:
    """A template that wants all memory does not get it."""
    with pytest.raises(UsageError, match="too much memory"):
        custom.render(sample_report(), template(tmp_path, "{{ 'x' * 9999999999 }}"))


def test_output_is_limited(tmp_path: Path) -> None:
    """A template that writes without measure is stopped."""
    source = "{% for a in range(30) %}{{ 'x' * 999999 }}{% endfor %}"

    with pytest.raises(UsageError, match="writes more than 20,000,000 characters"):
        custom.render(sample_report(), template(tmp_path, source))


def test_file_problems(tmp_path: Path) -> None:
    """A template that is missing, too large, or no UTF-8 is refused by name."""
    large, latin = tmp_path / "large.md", tmp_path / "latin.md"
    large.write_bytes(b" " * (custom.MAX_TEMPLATE + 1))
    latin.write_bytes(b"one\n\xe9\n")

    with pytest.raises(UsageError, match="cannot be read"):
        custom.read_template(str(tmp_path / "missing.md"))
    with pytest.raises(UsageError, match="larger than"):
        custom.read_template(str(large))
    with pytest.raises(UsageError, match=r"latin\.md:2: the template is not UTF-8"):
        custom.read_template(str(latin))


def test_working_directory_is_not_imported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A stray module in the working directory does not run in the child."""
    (tmp_path / "json.py").write_text("raise SystemExit(9)", "utf-8")
    monkeypatch.chdir(tmp_path)

    assert custom.render(sample_report(), template(tmp_path, "ok")) == "ok"


def test_manual_is_in_step(monkeypatch: pytest.MonkeyPatch) -> None:
    """docs/templates.md is what its script writes, and no field is without a meaning."""
    monkeypatch.syspath_prepend(str(DOCS))
    import make_templates

    manual = make_templates.write_manual()

    assert (DOCS / "templates.md").read_text("utf-8") == manual
    assert [row for row in manual.splitlines() if row.endswith("|  |")] == []
