"""The HTML page in a real browser: headless Chromium as the system has it."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from big_report import big_report
from sample_report import HOSTILE, sample_report

from logscope.render import html

pytestmark = pytest.mark.browser

CHROMIUM = next((found for name in ("chromium", "chromium-browser") if (found := shutil.which(name))), None)
JENKINS = "sandbox; default-src 'none'; img-src 'self'; style-src 'self'"
"""What Jenkins sends with every artifact: no script, no inline style."""
ADDRESS = "http://localhost/report.html"


def missing(what: str) -> None:
    """Skip with a reason; on a build server the browser has to be there."""
    if os.environ.get("CI"):
        pytest.fail(f"{what} is missing, and the page must be tested on a build server")
    pytest.skip(f"{what} is not installed")


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        missing("the package playwright")
    if CHROMIUM is None:
        missing("Chromium")
    with sync_playwright() as play:
        options = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"]
        running = play.chromium.launch(executable_path=CHROMIUM, args=options)
        yield running
        running.close()


@pytest.fixture(scope="session")
def sample() -> str:
    return html.render(sample_report())


@pytest.fixture
def show(browser: Any) -> Iterator[Callable[..., Any]]:
    """Open a page served at `ADDRESS`; fails when it asks for anything else or reports an error."""
    contexts, asked, errors = [], [], []

    def open_page(body: str, policy: str = "", **options: Any) -> Any:
        context = browser.new_context(**options)
        contexts.append(context)
        headers = {"Content-Type": "text/html; charset=utf-8"}
        if policy:
            headers["Content-Security-Policy"] = policy
        context.route("**/*", lambda route: route.fulfill(body=body, headers=headers))
        page = context.new_page()
        page.on("request", lambda request: asked.append(request.url))
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on("dialog", lambda dialog: errors.append(f"dialog: {dialog.message}"))
        page.goto(ADDRESS)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert {url.partition("#")[0] for url in asked} <= {ADDRESS, "http://localhost/favicon.ico"}
    assert errors == []


def titles(page: Any) -> list[str]:
    """Titles of the findings that are shown, in order."""
    return [h.text_content() for h in page.locator("article.finding:visible h3").all()]


def test_filter_by_severity(show: Callable[..., Any], sample: str) -> None:
    """A severity's button hides its findings, says how many remain, and brings them back."""
    page = show(sample)
    low = page.get_by_role("button", name="Low")
    low.click()
    assert low.get_attribute("aria-pressed") == "false"
    assert "Address already in use" not in titles(page)
    assert page.locator("#shown").inner_text() == "4 of 6 shown"
    low.click()
    assert len(titles(page)) == 6


def test_filter_by_text(show: Callable[..., Any], sample: str) -> None:
    """The search finds words anywhere in a finding, all of them, in any case."""
    page = show(sample)
    page.get_by_label("Search").fill("BIND address")
    assert titles(page) == ["Address already in use"]
    page.get_by_label("Search").fill("<script>alert")
    assert len(titles(page)) == 2
    page.get_by_label("Search").fill("nowhere to be found")
    assert page.locator("#shown").inner_text() == "0 of 6 shown"


def test_sort(show: Callable[..., Any], sample: str) -> None:
    """Findings sort by frequency, by first seen (no time last), and back to severity."""
    page = show(sample)
    before = titles(page)
    page.get_by_label("Sort by").select_option("frequency")
    assert titles(page)[:2] == [
        "MCP session initialization timeout",
        "400 Bad Request before the MCP session",
    ]
    page.get_by_label("Sort by").select_option("first seen")
    assert titles(page)[0] == "MCP session initialization timeout"
    assert titles(page)[-1] == "Address already in use"
    page.get_by_label("Sort by").select_option("severity")
    assert titles(page) == before


def test_fold(show: Callable[..., Any], sample: str) -> None:
    """A finding folds by its heading, by keyboard, and all at once; a link to it unfolds it."""
    page = show(sample)
    evidence = page.locator("article.finding ol.evidence >> nth=0")
    page.locator("article.finding summary >> nth=0").focus()
    page.keyboard.press("Enter")
    assert not evidence.is_visible()
    page.get_by_role("button", name="Unfold all").click()
    assert evidence.is_visible()
    page.get_by_role("button", name="Fold all", exact=True).click()
    assert page.locator("article.finding > details[open]").count() == 0
    page.locator("#summary a >> nth=0").click()
    page.wait_for_selector("article.finding > details[open]")
    assert evidence.is_visible()


def test_a_link_shows_what_a_filter_hides(show: Callable[..., Any], sample: str) -> None:
    """Following a link to a filtered finding clears the filter."""
    page = show(sample)
    page.get_by_label("Search").fill("bind")
    page.locator("#summary a >> nth=0").click()
    page.wait_for_function("document.querySelectorAll('article.finding[hidden]').length === 0")


def test_copy(show: Callable[..., Any], sample: str) -> None:
    """The copy button puts the snippet, and nothing else, on the clipboard and says so."""
    page = show(sample, permissions=["clipboard-read", "clipboard-write"])
    button = page.locator("#finding-mcp-session-init-timeout button.copy >> nth=0")
    button.click()
    page.wait_for_function("document.getElementById('said').textContent === 'Copied to the clipboard'")
    assert button.inner_text() == "Copied"
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied.startswith("timeout = 180  # a cold start downloads packages\nlogger.info(")


def test_without_scripts(show: Callable[..., Any], sample: str) -> None:
    """With scripts off all findings are open, in order, and no dead control is shown."""
    page = show(sample, java_script_enabled=False)
    assert len(titles(page)) == 6
    assert page.locator("article.finding > details[open]").count() == 6
    assert page.locator("button:visible, input:visible, select:visible").count() == 0


def test_with_styles_and_scripts_blocked(show: Callable[..., Any], sample: str) -> None:
    """Under the policy of a build server the bare page still has its text, tables and order."""
    page = show(sample, policy=JENKINS)
    assert page.locator("button:visible").count() == 0
    assert page.locator("h2:visible").count() == 11
    assert page.locator("#summary tbody tr").count() == 6
    tops = [heading.bounding_box()["y"] for heading in page.locator("h2").all()]
    assert tops == sorted(tops)
    assert page.evaluate("getComputedStyle(document.querySelector('.tiles')).display") == "block"


def test_dark_mode(show: Callable[..., Any], sample: str) -> None:
    """The page follows the system's colours, and the button changes them: it names what it changes to."""
    page = show(sample, color_scheme="dark")
    background = "getComputedStyle(document.body).backgroundColor"
    dark = page.evaluate(background)
    page.get_by_role("button", name="Light mode").click()
    light = page.evaluate(background)
    assert page.get_by_role("button", name="Dark mode").count() == 1
    assert (dark, light) == ("rgb(17, 17, 20)", "rgb(251, 251, 250)")


@pytest.mark.parametrize("width", [320, 375, 768, 1440])
def test_no_sideways_scrolling(show: Callable[..., Any], sample: str, width: int) -> None:
    """At every width, a phone's too, only code and pictures scroll sideways, never the page."""
    page = show(sample, viewport={"width": width, "height": 800})
    assert page.evaluate("document.documentElement.scrollWidth") == width


def test_titles_take_a_phone_s_width(show: Callable[..., Any], sample: str) -> None:
    """Where rows are stacked no column's share of the table's width is left to them."""
    page = show(sample, viewport={"width": 375, "height": 800})
    rows = "[...document.querySelectorAll('#summary tbody tr')]"
    widths = page.evaluate(f"{rows}.map(row => [row.offsetWidth, row.firstElementChild.offsetWidth])")
    assert all(row == title for row, title in widths)


@pytest.mark.parametrize("width", [390, 660, 800, 1280])
def test_words_are_whole(show: Callable[..., Any], sample: str, width: int) -> None:
    """Figures, priority, phase and effort stand on one line of a table, no head of a column is broken, and short code
    not at a hyphen."""
    page = show(sample, viewport={"width": width, "height": 900})
    labels = ("Lines", "Size", "Outcome", "Priority", "Effort", "When")
    texts = page.locator(", ".join(f"td[data-label={label}]" for label in labels) + ", code.short")
    if width > 640:  # else rows are stacked, without heads
        texts = texts.or_(page.locator("thead th").filter(has_not_text=" "))
    broken = texts.evaluate_all(
        """all => all.filter(one => { const range = document.createRange(); range.selectNodeContents(one);
        return new Set([...range.getClientRects()].map(box => Math.round(box.bottom))).size > 1; }).length"""
    )
    assert texts.count() > 5
    assert broken == 0


def test_print_unfolds_everything(show: Callable[..., Any], sample: str) -> None:
    """On paper folded and filtered findings are there, in light colours, without controls."""
    page = show(sample, color_scheme="dark")
    page.get_by_role("button", name="Fold all", exact=True).click()
    page.get_by_label("Search").fill("bind")
    page.emulate_media(media="print")
    page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    assert len(titles(page)) == 6
    assert page.locator("article.finding ol.evidence >> nth=0").is_visible()
    assert not page.locator("#tools").is_visible()
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [375, 1280])
def test_accessibility(show: Callable[..., Any], sample: str, scheme: str, width: int) -> None:
    """axe-core finds nothing serious: contrast, labels, roles, headings, landmarks."""
    try:
        from axe_playwright_python.sync_playwright import Axe
    except ImportError:
        missing("the package axe-playwright-python")
    page = show(sample, color_scheme=scheme, viewport={"width": width, "height": 900})
    # axe cannot measure contrast in what the browser has not laid out yet
    page.evaluate("document.querySelectorAll('.finding').forEach(f => f.style.contentVisibility = 'visible')")
    found = Axe().run(page).response["violations"]
    serious = [
        (violation["id"], node["html"][:120])
        for violation in found
        if violation["impact"] in ("serious", "critical", "moderate")
        for node in violation["nodes"]
    ]
    assert serious == []


def test_hostile_text_runs_nothing(show: Callable[..., Any], sample: str) -> None:
    """Log text makes no script, picture, handler or link in the browser's own reading of the page."""
    page = show(sample)
    assert page.evaluate("document.scripts.length") == 1
    assert page.evaluate("document.images.length") == 0
    assert page.evaluate("[...document.links].filter(a => !/^https?:$/.test(a.protocol)).length") == 0
    handlers = (
        "[...document.querySelectorAll('*')].some(e => [...e.attributes].some(a => /^on/.test(a.name)))"
    )
    assert page.evaluate(handlers) is False
    assert page.locator("#finding-team-queue-lag h3").text_content() == f"Queue lag {HOSTILE}"


def test_three_hundred_findings_paint_within_a_second(browser: Any, tmp_path: Path) -> None:
    """At its bounds the page paints in less than a second, and filters and sorts at once."""
    file = tmp_path / "report.html"
    file.write_text(html.render(big_report(300, 5_000)), encoding="utf-8")
    page = browser.new_page()
    page.goto(file.as_uri())
    page.wait_for_function("performance.getEntriesByName('first-contentful-paint').length === 1")
    assert page.evaluate("performance.getEntriesByName('first-contentful-paint')[0].startTime") < 1000
    page.get_by_label("Search").fill("no such words")
    assert page.locator("#shown").inner_text() == "0 of 300 shown"
    page.close()
