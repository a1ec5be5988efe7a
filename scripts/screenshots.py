"""Make the pictures of the README from the program's own output.

    python scripts/screenshots.py [LOGS]

Analyses LOGS (default: examples/logs), and writes to docs/pictures/: `terminal.svg`, the summary as the terminal
shows it, and `page-light.png` and `page-dark.png`, the HTML page in headless Chromium. Needs the development
packages and a Chromium on the PATH. The clock is fixed, so that unchanged output gives unchanged pictures.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from io import StringIO
from pathlib import Path

from playwright.sync_api import sync_playwright
from rich.console import Console
from rich.terminal_theme import MONOKAI
from rich.text import Text

ROOT = Path(__file__).resolve().parent.parent
PICTURES = ROOT / "docs" / "pictures"
COLUMNS = 100
CLOCK = "1795203600"
START = "import sys; from logscope.cli import main; sys.argv[0] = 'logscope'; main()"


def run(logs: str, page: Path) -> str:
    """Run `logscope analyze`, write the HTML page, and return the coloured terminal summary."""
    command = [sys.executable, "-c", START, "analyze", logs, "-o", str(page)]
    colours = {"FORCE_COLOR": "1", "COLUMNS": str(COLUMNS), "TERM": "xterm-256color"}
    environment = {**os.environ, **colours, "SOURCE_DATE_EPOCH": CLOCK}
    environment.pop("NO_COLOR", None)
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    if done.returncode not in (0, 1):  # 1: findings, as they should be
        sys.exit(done.stderr)
    return done.stdout


def terminal_svg(ansi: str, title: str) -> str:
    """A terminal window as SVG, without the web fonts that rich would load from elsewhere."""
    console = Console(record=True, width=COLUMNS, file=StringIO(), force_terminal=True)
    console.print(Text.from_ansi(ansi.rstrip("\n")))
    svg = console.export_svg(title=title, theme=MONOKAI, unique_id="logscope")
    return re.sub(r"@font-face \{.*?\}\s*", "", svg, flags=re.DOTALL)


def shoot(page_file: Path, folder: Path) -> None:
    """Write the top of the page, light and dark, as PNG."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        sys.exit("no Chromium on the PATH: install your system's package chromium")
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        for scheme in ("light", "dark"):
            page = browser.new_page(viewport={"width": 1280, "height": 1180}, color_scheme=scheme)
            page.goto(page_file.as_uri())
            page.screenshot(path=folder / f"page-{scheme}.png")
        browser.close()


def main() -> None:
    """Make all pictures."""
    logs = sys.argv[1] if len(sys.argv) > 1 else "examples/logs"
    PICTURES.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        page = Path(folder) / "report.html"
        summary = run(logs, page)
        (PICTURES / "terminal.svg").write_text(
            terminal_svg(summary, f"logscope analyze {logs}"), encoding="utf-8"
        )
        shoot(page, PICTURES)


if __name__ == "__main__":
    main()
