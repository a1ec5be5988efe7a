"""The house stands: imports go down only, plugs of one room do not lean on another room, and start-up stays light."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "logscope"

FLOORS: tuple[tuple[str, ...], ...] = (
    ("lazily", "counting", "neutral"),
    ("model", "errors", "resources", "expressions", "redact", "validation"),
    ("events", "rulebook", "sources", "report", "packed"),
    ("saved", "match", "verdict", "plan"),
    ("render", "correlate", "config", "options"),
    ("scan",),
    ("findings", "selftest"),
    ("assemble",),
    ("pipeline",),
    ("cli",),
    ("__main__",),
)
"""Who stands on which floor, the ground first: a name is a module or a room (package) of logscope."""
FLOOR_OF = {name: number for number, names in enumerate(FLOORS) for name in names}
INSIDE = {"events": (("text", "formats"), ("written",), ("record",), ("folding",))}
"""The floors of a room's own rooms."""
ONLY_WORDS = {
    "render": {"errors", "resources", "report", "saved", "neutral", "model", "rulebook", "counting"}
}
"""Rooms that may know less than their floor would allow: a renderer sees the report, and the words of rules."""
AT_HOME = {
    "click": {"cli"},
    "rich": {"cli", "render"},
    "jinja2": {"render", "rulebook"},
    "markdown_it": {"render"},
    "pygments": {"render"},
    "yaml": {"rulebook", "cli"},
    "hyperscan": {"rulebook"},
    "isal": {"sources"},
    "numpy": {"scan"},
    "regex": {"match"},
}
"""Libraries, and the rooms that know them."""


def modules() -> dict[str, Path]:
    """Every module of logscope by its dotted name."""
    found = {}
    for file in sorted(PACKAGE.rglob("*.py")):
        parts = file.relative_to(ROOT).with_suffix("").parts
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = file
    return found


MODULES = modules()


def imported(file: Path) -> Iterator[str]:
    """Yield what a module imports when it runs, also inside functions; imports for the type checker are left out."""
    todo: list[ast.AST] = [ast.parse(file.read_text(encoding="utf-8"))]
    while todo:
        node = todo.pop()
        if isinstance(node, ast.If) and ast.unparse(node.test).endswith("TYPE_CHECKING"):
            todo += node.orelse
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{file}: a relative import"
            module = node.module or ""
            names = [f"{module}.{alias.name}" for alias in node.names]
            yield from (name if name in MODULES else module for name in names)
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        else:
            todo += ast.iter_child_nodes(node)


def room(module: str) -> str:
    """The part of the house a module belongs to: `logscope.cli.analyze` is in `cli`."""
    return module.split(".")[1] if "." in module else ""


def edges(between: str) -> list[tuple[str, str]]:
    """Imports as (importer, imported): of logscope's own modules (`inside`) or of other packages (`outside`)."""
    found = set()
    for name, file in MODULES.items():
        for target in imported(file):
            if (target.split(".")[0] == "logscope") == (between == "inside"):
                found.add((name, target))
    return sorted(found)


def test_every_module_stands_on_a_floor() -> None:
    """A new module is entered in the floors, and no floor names one that is gone."""
    assert {room(name) for name in MODULES} - {""} == set(FLOOR_OF)


def test_imports_go_down() -> None:
    """What a module imports from another room stands on a lower floor; the package itself is the ground."""
    between = [edge for edge in edges("inside") if room(edge[0]) != room(edge[1]) and room(edge[1])]
    assert [edge for edge in between if FLOOR_OF[room(edge[1])] >= FLOOR_OF[room(edge[0])]] == []


@pytest.mark.parametrize("outer", INSIDE)
def test_imports_go_down_within_a_room(outer: str) -> None:
    """The same holds among the rooms of a room; what stands beside them in its entrance is above them all."""
    floor_of = {name: number for number, names in enumerate(INSIDE[outer]) for name in names}
    within = [
        [name.split(".")[2] if name.count(".") > 1 else "" for name in edge]
        for edge in edges("inside")
        if {room(edge[0]), room(edge[1])} == {outer}
    ]
    assert {name for edge in within for name in edge} - {""} == set(floor_of)
    up = [
        (one, other)
        for one, other in within
        if one != other and one and floor_of.get(other, 99) >= floor_of[one]
    ]
    assert up == []


def test_rooms_see_only_what_they_may() -> None:
    """Renderers know the report and nothing of how it came about."""
    for name, allowed in ONLY_WORDS.items():
        seen = {room(target) for importer, target in edges("inside") if room(importer) == name}
        assert seen - {name, ""} <= allowed


def test_no_cycles() -> None:
    """No module imports itself by any way round."""
    graph: dict[str, set[str]] = {name: set() for name in MODULES}
    for importer, target in edges("inside"):
        graph[importer].add(target)
    while graph:
        free = {name for name, targets in graph.items() if not targets & graph.keys()}
        assert free, f"a cycle among {sorted(graph)}"
        graph = {name: targets for name, targets in graph.items() if name not in free}


def test_libraries_stay_at_home() -> None:
    """A library is imported only in the rooms that are there to know it."""
    strangers = [
        (importer, library)
        for importer, target in edges("outside")
        if (library := target.split(".")[0]) in AT_HOME and room(importer) not in AT_HOME[library]
    ]
    assert strangers == []


def test_a_module_has_at_most_400_lines() -> None:
    """What is longer holds two things, and is two modules."""
    lengths = {name: len(file.read_text(encoding="utf-8").splitlines()) for name, file in MODULES.items()}
    assert [name for name, length in lengths.items() if length > 400] == []


def test_only_the_command_line_prints_and_looks_around() -> None:
    """Below the command line nothing prints, reads the environment, or asks for the time of day."""
    found = []
    for name, file in MODULES.items():
        if room(name) in ("cli", "__main__"):
            continue
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            called = ast.unparse(node.func) if isinstance(node, ast.Call) else ""
            if called in ("print", "datetime.now", "time.time", "os.getenv") or (
                isinstance(node, ast.Attribute) and ast.unparse(node) in ("os.environ", "sys.argv")
            ):
                found.append(f"{name}:{node.lineno}")
    assert found == []


@pytest.mark.parametrize("module", ["logscope.cli", "logscope.report", "logscope.render"])
def test_light_imports(module: str) -> None:
    """`--version` and a look at the formats load none of the libraries that take their time."""
    code = f"import sys, {module}; print(' '.join(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    heavy = {"hyperscan", "regex", "yaml", "jinja2", "rich", "pygments", "markdown_it", "isal"}
    assert heavy & set(done.stdout.split()) == set()
