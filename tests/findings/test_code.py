"""Code location: frames and hints mapped to files, lines, values and links; never outside, never by a guess."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from cli_runner import report_of, write

from logscope.findings.code import locate_frame, locate_hints
from logscope.findings.forge import forge_of
from logscope.findings.repository import Repository, find_repo
from logscope.model import Frame
from logscope.rulebook.rule import Code

MANAGER = """import asyncio

DEFAULT_TIMEOUT = 60 * 3
PASSWORD = "hunter2-and-more"


class McpManager:
    def __init__(self, retries=2, *, url: str = "http://localhost:8765"):
        self.retries = retries

    async def start(self):
        timeout = 90
        await asyncio.wait_for(self._ready(), timeout=timeout)

    async def stop(self, timeout=DEFAULT_TIMEOUT):
        await asyncio.wait_for(self._ready(), timeout=compute())


def start():
    return None
"""


@pytest.fixture
def repo(tmp_path: Path) -> Path:
    """A small project that is no git checkout."""
    for name, text in {
        "app/core/mcp_manager.py": MANAGER,
        "app/core/__init__.py": "",
        "app/api/__init__.py": "",
        "app/api/routes.py": "def show():\n    raise ValueError\n",
        "other/api/routes.py": "def show():\n    raise ValueError\n",
        "main.py": "import app\n",
        "broken.py": "def (:\n",
        "site-packages/lib.py": "x = 1\n",
        "tests/test_mcp_manager.py": "def start():\n    timeout = 1\n",
    }.items():
        file = tmp_path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    (tmp_path / "binary.py").write_bytes(b"\0\xff" * 50)
    return tmp_path


def frame(file: str, line: int, function: str = "<module>") -> Frame:
    """A frame of the application."""
    return Frame(file, line, function, own=True)


@pytest.mark.parametrize(
    ("printed", "found"),
    [
        ("/srv/app/app/core/mcp_manager.py", "app/core/mcp_manager.py"),
        ("/code/core/mcp_manager.py", "app/core/mcp_manager.py"),
        ("C:\\work\\app\\core\\mcp_manager.py", "app/core/mcp_manager.py"),
        ("./app/core/mcp_manager.py", "app/core/mcp_manager.py"),
        ("mcp_manager.py", "app/core/mcp_manager.py"),
        ("/srv/app/main.py", "main.py"),
        ("/srv/x/other/api/routes.py", "other/api/routes.py"),
        ("/srv/x/api/routes.py", None),
        ("/srv/elsewhere/mcp_manager.py", None),
        ("/srv/__init__.py", None),
        ("/usr/lib/lib.py", None),
        ("<frozen runpy>", None),
        ("", None),
    ],
)
def test_longest_tail_wins(repo: Path, printed: str, found: str | None) -> None:
    """A printed path is the file with the longest common tail, none when two fit alike or too little does."""
    assert Repository.open(repo).find(printed) == found


def test_frame_with_excerpt(repo: Path) -> None:
    """A frame becomes a location with the lines around it, the failing one marked."""
    place = locate_frame(frame("/srv/app/core/mcp_manager.py", 13, "start"), 4, Repository.open(repo))

    assert (place.file, place.line, place.symbol, place.origin, place.hits) == (
        "app/core/mcp_manager.py", 13, "start", "traceback", 4,
    )  # fmt: skip
    assert [line.number for line in place.excerpt] == [10, 11, 12, 13, 14, 15, 16]
    assert [line.text.strip() for line in place.excerpt if line.current] == [
        "await asyncio.wait_for(self._ready(), timeout=timeout)"
    ]


def test_changed_code_has_no_excerpt(repo: Path) -> None:
    """Where the function no longer holds the line, the file is named without lines that would mislead."""
    place = locate_frame(frame("/srv/app/core/mcp_manager.py", 3, "start"), 1, Repository.open(repo))

    assert (place.file, place.line, place.excerpt) == ("app/core/mcp_manager.py", 3, ())


def test_unmapped_frames_stay_as_printed(repo: Path) -> None:
    """Without a repository, or in doubt, a frame is shown as the log printed it."""
    for repository in (None, Repository.open(repo)):
        place = locate_frame(frame("/srv/api/routes.py", 2, "show\x1b[31m"), 1, repository)
        assert (place.file, place.line, place.symbol) == ("/srv/api/routes.py", 2, "show")


def test_secrets_in_code_are_masked(repo: Path) -> None:
    """An excerpt holds no secret."""
    place = locate_frame(frame("/x/app/core/mcp_manager.py", 4), 1, Repository.open(repo))

    assert "hunter2" not in "\n".join(line.text for line in place.excerpt)


@pytest.mark.parametrize(
    ("hint", "where"),
    [
        (Code("**/mcp_manager.py", "McpManager.start"), (11, 13)),
        (Code("app/**/mcp_*.py", "stop"), (15, 16)),
        (Code("**/mcp_manager.py", "McpManager"), (7, 16)),
        (Code("**/mcp_manager.py"), (None, None)),
    ],
)
def test_hints(repo: Path, hint: Code, where: tuple[int | None, int | None]) -> None:
    """A glob and a symbol give a line range."""
    places = locate_hints([hint], Repository.open(repo))

    assert [(p.file, p.line, p.last_line, p.origin) for p in places][:1] == [
        ("app/core/mcp_manager.py", *where, "rule")
    ]


def test_hint_not_found(repo: Path) -> None:
    """A file without the symbol, one that does not parse, a binary one: no location, no failure."""
    hints = (Code("main.py", "start"), Code("broken.py", "f"), Code("binary.py", "f"), Code("none/*.py"))

    assert locate_hints(hints, Repository.open(repo)) == ()


def test_never_outside(tmp_path: Path) -> None:
    """A link that leads out of the repository is not read."""
    inside = tmp_path / "repo"
    inside.mkdir()
    (tmp_path / "secret.py").write_text("key = 1\n")
    (inside / "link.py").symlink_to(tmp_path / "secret.py")
    repository = Repository.open(inside)

    assert repository.text("link.py") is None
    assert repository.text("../secret.py") is None


@pytest.mark.parametrize(
    ("remote", "link"),
    [
        ("git@github.com:o/r.git", "https://github.com/o/r/blob/c0/a%20b.py#L3-L5"),
        ("https://ada:token@github.com/o/r", "https://github.com/o/r/blob/c0/a%20b.py#L3-L5"),
        (
            "ssh://git@gitlab.example.org:2222/g/s/r.git",
            "https://gitlab.example.org/g/s/r/-/blob/c0/a%20b.py#L3-5",
        ),
        ("https://gitlab.com:8443/g/r.git", "https://gitlab.com:8443/g/r/-/blob/c0/a%20b.py#L3-5"),
        ("git@bitbucket.org:o/r.git", "https://bitbucket.org/o/r/src/c0/a%20b.py#lines-3:5"),
        ("https://codeberg.org/o/r.git", "https://codeberg.org/o/r/src/commit/c0/a%20b.py#L3-L5"),
        ("http://gitea.local/o/r.git", "http://gitea.local/o/r/src/commit/c0/a%20b.py#L3-L5"),
    ],
)
def test_forge_links(remote: str, link: str) -> None:
    """Each forge has its own form of link; credentials of the remote never show."""
    forge = forge_of(remote, "c0")

    assert forge is not None
    assert forge.link("a b.py", 3, 5) == link


@pytest.mark.parametrize(
    "remote", ["/srv/git/r.git", "../r", "file:///srv/r", "git@git.example.org:o/r.git", "", "C:/r"]
)
def test_no_link_for_unknown_remotes(remote: str) -> None:
    """A local path or an unknown forge gives no link rather than a wrong one."""
    assert forge_of(remote, "c0") is None


def test_git_checkout(tmp_path: Path) -> None:
    """In a checkout the listed files count, links carry the commit, and a changed file has none."""

    def git(*arguments: str) -> str:
        identity = ("-c", "user.name=a", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false")
        done = subprocess.run(
            ["git", "-C", str(tmp_path), *identity, *arguments], check=True, capture_output=True
        )
        return done.stdout.decode().strip()

    (tmp_path / "api").mkdir()
    for name in ("api/a.py", "api/b.py"):
        (tmp_path / name).write_text("x = 1\n")
    (tmp_path / ".gitignore").write_text("ignored.py\n")
    (tmp_path / "ignored.py").write_text("")
    git("init", "-q")
    git("remote", "add", "origin", "git@github.com:o/r.git")
    git("add", ".")
    git("commit", "-qm", "x")
    (tmp_path / "api/b.py").write_text("x = 22\n")
    whole, part = Repository.open(tmp_path), Repository.open(tmp_path / "api")

    assert whole.files == (".gitignore", "api/a.py", "api/b.py")
    assert (
        whole.link("api/a.py", 1, 1)
        == f"https://github.com/o/r/blob/{git('rev-parse', 'HEAD')}/api/a.py#L1-L1"
    )
    assert whole.link("api/b.py", 1, 1) == ""
    assert part.link("a.py", None, None).endswith("/api/a.py")
    assert find_repo(tmp_path / "api") == tmp_path


@pytest.mark.parametrize(
    ("shown", "place"),
    [
        (
            "coro=<poll() running at /srv/api/app/poll.py:8> wait_for=<Future pending>",
            ("/srv/api/app/poll.py", 8, "poll"),
        ),
        (
            "coro=<Feed.run.<locals>.pull() done, defined at feed.py:21>",
            ("feed.py", 21, "Feed.run.<locals>.pull"),
        ),
        ("coro=<run() running at /usr/lib/python3.12/asyncio/queues.py:158>", None),
        ("coro=<<async_generator_athrow without __name__>()>", None),
    ],
)
def test_a_task_shows_where_it_was(tmp_path: Path, shown: str, place: tuple[str, int, str] | None) -> None:
    """Where no traceback names a place, asyncio's view of the task does, if that is the application's code."""
    log = f"Task was destroyed but it is pending!\ntask: <Task pending name='Task-9' {shown}>\n"
    (finding,) = report_of(write(tmp_path / "app.log", log))["findings"]
    places = [(code["file"], code["line"], code["symbol"]) for code in finding["code"]]
    assert places == ([place] if place else [])


def test_steps_at_info_name_the_module_that_takes_them(tmp_path: Path) -> None:
    """A sequence is told at info: where nothing worse names a module, the loggers of its steps do."""
    log = (
        'INFO:httpx:HTTP Request: POST http://localhost:8009/mcp "HTTP/1.1 400 Bad Request"\n'
        "INFO:api.agents.universal:Initialized MCP session 5d7dffeb38434223a55366439fd11831 for key planner_1\n"
    )
    (finding,) = report_of(write(tmp_path / "app.log", log))["findings"]
    assert [(code["file"], code["origin"]) for code in finding["code"]] == [
        ("api.agents.universal", "logger")
    ]


def test_the_handler_that_hands_records_on_is_no_module_of_the_application(tmp_path: Path) -> None:
    """Where the usual recipe misses the depth, loguru shows the place in `logging` that called the handler."""
    place = "logging:callHandlers:1706"
    log = f"2026-03-02 10:00:00.100 | ERROR    | {place} - [Errno 98] Address already in use: port 80\n"
    (finding,) = report_of(write(tmp_path / "app.log", log))["findings"]
    assert finding["code"] == []


def test_a_file_of_vllm_is_no_module_of_the_application(tmp_path: Path) -> None:
    """vLLM's records name its own files."""
    log = "ERROR 11-20 16:22:03 [core.py:390] torch.OutOfMemoryError: CUDA out of memory.\n"
    (finding,) = report_of(write(tmp_path / "vllm.log", log))["findings"]
    assert finding["code"] == []
