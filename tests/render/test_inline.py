"""The Markdown of rules, with log text in it, as HTML."""

from __future__ import annotations

import pytest

from logscope.render.inline import inline_html, safe_url


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
    assert safe_url(url) == ""
    assert "<a" not in inline_html(f"[x]({url})")


def test_inline_markdown() -> None:
    """Rules may write code, bold, emphasis and links; HTML and images stay text."""
    assert inline_html("`a<b` **c** *d* [e](https://e.org) <i>f</i>") == (
        "<code>a&lt;b</code> <strong>c</strong> <em>d</em> "
        '<a href="https://e.org" rel="noopener noreferrer">e</a> &lt;i&gt;f&lt;/i&gt;'
    )


def test_short_code_is_not_broken_at_its_hyphens() -> None:
    """An option stays on one line; what is longer than a telephone is wide may break."""
    assert inline_html("Use `--exit-zero`") == 'Use <code class="short">--exit-zero</code>'
    long = "uvicorn app.main:app --limit-concurrency 200"
    assert inline_html(f"`{long}`") == f"<code>{long}</code>"


@pytest.mark.parametrize(
    ("source", "value", "html"),
    [
        ("Do {}", "[x](https://e.org)", "Do [x](https://e.org)"),
        ("Do `{}`", "a`b", "Do <code>a`b</code>"),
        ("Do [{}](https://e.org)", "a](https://x.org)", None),
        ("Do [x]({})", "https://e.org", "Do [x](https://e.org)"),
        ("**Do {}**", "**", None),
    ],
)
def test_log_text_in_rule_text_is_never_markdown(source: str, value: str, html: str | None) -> None:
    """A capture filled into a rule's text makes no link, code or emphasis, wherever it stands."""
    made = inline_html(source.format(value), [value])
    assert "x.org" not in made.split('href="')[-1].split('"')[0] or "href" not in made
    if html is not None:
        assert made == html
