"""The wheel: installed in an empty environment outside the checkout, it finds its rules and templates and works."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
LOG = "ERROR:    [Errno 98] error while attempting to bind on address ('0.0.0.0', 8000): address already in use\n"


def pip(*arguments: str) -> None:
    """Run pip; where no package index answers, the test is skipped, but not on the build server."""
    done = subprocess.run(
        [sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet", *arguments],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode and not os.environ.get("CI") and "No matching distribution" in done.stderr:
        pytest.skip("no package index to install from")
    assert done.returncode == 0, done.stderr


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built from the checkout."""
    folder = tmp_path_factory.mktemp("wheel")
    pip("wheel", "--no-deps", "--wheel-dir", str(folder), str(ROOT))
    (built,) = folder.glob("logscope_plan-*.whl")
    return built


def test_contents(wheel: Path) -> None:
    """The wheel holds every rule and template of the checkout, and nothing of its tests."""
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
    for kind in ("rules", "templates"):
        shipped = {path.relative_to(ROOT).as_posix() for path in (ROOT / kind).rglob("*") if path.is_file()}
        assert {f"logscope/_data/{name}" for name in shipped} <= names
    assert {name.split("/")[0] for name in names if ".dist-info/" not in name} == {"logscope"}


def test_installed_wheel_works(wheel: Path, tmp_path: Path) -> None:
    """Away from the checkout, the installed command shows its rules, and writes a page from its templates."""
    home = tmp_path / "venv"
    venv.create(home)
    python = home / ("Scripts" if os.name == "nt" else "bin") / "python"
    command = python.with_name("logscope")
    pip("--python", str(python), "install", str(wheel))
    (tmp_path / "app.log").write_text(LOG, encoding="utf-8")
    clean = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}

    def logscope(*arguments: str) -> str:
        done = subprocess.run(
            [command, *arguments], cwd=tmp_path, env=clean, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    assert "port-in-use" in logscope("rules", "list")
    logscope("analyze", "app.log", "--exit-zero", "-o", "report.html", "-o", "report.md", "-o", "report.json")
    report = json.loads((tmp_path / "report.json").read_text("utf-8"))
    assert [finding["rule"] for finding in report["findings"]] == ["port-in-use"]
    assert (tmp_path / "report.html").read_text("utf-8").lower().startswith("<!doctype html>")
    assert (tmp_path / "report.md").read_text("utf-8").startswith("# ")
