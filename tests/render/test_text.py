"""Words, figures and inline Markdown that all renderers share."""

from __future__ import annotations

import pytest

from logscope.render import text


@pytest.mark.parametrize(
    ("value", "said"), [(0, "0 min"), (15, "15 min"), (60, "1 h"), (90, "1 h 30 min"), (600, "10 h")]
)
def test_minutes(value: int, said: str) -> None:
    """Efforts are hours and minutes, without empty parts."""
    assert text.minutes(value) == said


@pytest.mark.parametrize(
    ("share", "said"),
    [
        (None, "not known"),
        (0.0, "0 %"),
        (1.0, "100 %"),
        (2 / 3, "67 %"),
        (0.996, "99.6 %"),
        (0.99999, "> 99.9 %"),
        (0.004, "0.4 %"),
        (0.00001, "< 0.1 %"),
    ],
)
def test_percent_never_rounds_to_all_or_nothing(share: float | None, said: str) -> None:
    """0 % and 100 % are said only of exactly that."""
    assert text.percent(share) == said


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (0, "0 B"),
        (999, "999 B"),
        (1_000, "1.0 kB"),
        (999_960, "1.0 MB"),
        (5_000_000_000_000_000, "5000.0 TB"),
    ],
)
def test_size(value: int, said: str) -> None:
    """Sizes use thousands and one decimal."""
    assert text.size(value) == said


@pytest.mark.parametrize(
    ("time", "said"),
    [
        (None, ""),
        ("2026-03-02T17:02:11.5+00:00", "2026-03-02 17:02:11 UTC"),
        ("2026-03-02T17:02:11-05:00", "2026-03-02 17:02:11 -05:00"),
        ("line 40", "line 40"),
    ],
)
def test_when(time: str | None, said: str) -> None:
    """Times keep their own offset; what is no time is left as it is."""
    assert text.when(time) == said


@pytest.mark.parametrize(
    ("first", "last", "said"),
    [
        ("2026-03-02T17:02:11+00:00", "2026-03-02T18:00:00+00:00", "2026-03-02 17:02:11 to 18:00:00 UTC"),
        (
            "2026-03-02T17:02:11+00:00",
            "2026-03-03T18:00:00+00:00",
            "2026-03-02 17:02:11 to 2026-03-03 18:00:00 UTC",
        ),
        (
            "2026-03-02T17:02:11+00:00",
            "2026-03-02T18:00:00+01:00",
            "2026-03-02 17:02:11 UTC to 2026-03-02 18:00:00 +01:00",
        ),
        ("2026-03-02T17:02:11+00:00", "2026-03-02T17:02:11.9+00:00", "2026-03-02 17:02:11 UTC"),
        (None, None, ""),
    ],
)
def test_between(first: str | None, last: str | None, said: str) -> None:
    """A span says the shared day and zone once."""
    assert text.between(first, last) == said


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "data:text/html,x",
        "//example.org",
        "http://",
        "https://e.org/ x",
        "http:x",
        "ftp://e.org",
        "",
    ],
)
def test_only_http_addresses_become_links(url: str) -> None:
    """Anything but a whole http(s) address is text."""
    assert text.safe_url(url) == ""
    assert "<a" not in text.inline_html(f"[x]({url})")


def test_inline_markdown() -> None:
    """Rules may write code, bold, emphasis and links; HTML and images stay text."""
    assert text.inline_html("`a<b` **c** *d* [e](https://e.org) <i>f</i>") == (
        "<code>a&lt;b</code> <strong>c</strong> <em>d</em> "
        '<a href="https://e.org" rel="noopener noreferrer">e</a> &lt;i&gt;f&lt;/i&gt;'
    )


@pytest.mark.parametrize(
    ("source", "value", "html"),
    [
        ("Do {}", "[x](https://e.org)", "Do [x](https://e.org)"),
        ("Do `{}`", "a`b", "<code>a`b</code>".join(["Do ", ""])),
        ("Do [{}](https://e.org)", "a](https://x.org)", None),
        ("Do [x]({})", "https://e.org", "Do [x](https://e.org)"),
        ("**Do {}**", "**", None),
    ],
)
def test_log_text_in_rule_text_is_never_markdown(source: str, value: str, html: str | None) -> None:
    """A capture filled into a rule's text makes no link, code or emphasis, wherever it stands."""
    made = text.inline_html(source.format(value), [value])
    assert "x.org" not in made.split('href="')[-1].split('"')[0] or "href" not in made
    if html is not None:
        assert made == html


def test_code_symbols_differ_without_colour() -> None:
    """Each severity has its own shape, and each result its own mark."""
    assert len(set(text.SEVERITY_SYMBOL.values())) == len(text.SEVERITIES)
    assert len(set(text.RESULT_SYMBOL.values())) == len(text.RESULT_LABEL)
