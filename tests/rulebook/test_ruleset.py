"""Rule sets: folders that add and replace, configuration, the cache, and what the scanner is given."""

from __future__ import annotations

import os
import pickle
from pathlib import Path

import pytest

from logscope.errors import RuleError, UsageError
from logscope.resources import data_dir
from logscope.rulebook.ruleset import Cache, RuleChanges, RuleSet, choose, load_rulebook, load_ruleset
from rulebook.writing import RIGHT, SIGNAL, spoiled, write_rule

SHIPPED = data_dir("rules")


def ids(ruleset: RuleSet) -> set[str]:
    return {rule.id for rule in ruleset.rules}


def problems_in(folder: Path) -> list[str]:
    """What is told of a folder that has problems."""
    with pytest.raises(RuleError) as caught:
        load_ruleset([folder], None)
    return list(caught.value.problems)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with one area and one rule."""
    write_rule(tmp_path / "rules" / "payments")
    return tmp_path / "rules"


def test_a_folder_adds_rules(folder: Path) -> None:
    """A user's rules stand beside the shipped ones, area and path from where they lie."""
    shipped = ids(load_ruleset([SHIPPED], None))
    both = load_ruleset([SHIPPED, folder], None)
    assert ids(both) == shipped | {"ledger-timeout"}
    rule = next(rule for rule in both.rules if rule.id == "ledger-timeout")
    assert (rule.area, rule.path) == ("payments", (folder / "payments" / "ledger-timeout.yaml").as_posix())


def test_a_single_file_adds_its_rule(folder: Path) -> None:
    """--rules takes a file too."""
    loaded = load_ruleset([folder / "payments" / "ledger-timeout.yaml"], None)
    assert ids(loaded) == {"ledger-timeout"}


def test_a_later_folder_replaces_by_id(tmp_path: Path, folder: Path) -> None:
    """The rule with the id of an earlier one takes its place; its problems are its own."""
    write_rule(tmp_path / "mine", spoiled("severity: medium", "severity: low"))
    loaded = load_ruleset([folder, tmp_path / "mine"], None)
    assert [(rule.id, rule.severity) for rule in loaded.rules] == [("ledger-timeout", "low")]


def test_references_may_lead_to_any_folder(tmp_path: Path, folder: Path) -> None:
    """A user's rule may inhibit a shipped one, and a rule of a replaced file is not asked."""
    write_rule(tmp_path / "mine", SIGNAL.format(id="all-well", text="everything is well"), "all-well")
    write_rule(tmp_path / "mine", spoiled("severity: medium", "severity: low\ninhibits: [all-well]"))
    assert ids(load_ruleset([folder, tmp_path / "mine"], None)) == {"ledger-timeout", "all-well"}


def test_a_folder_that_does_not_exist(tmp_path: Path) -> None:
    """It is named."""
    with pytest.raises(UsageError, match=r"nowhere: no such rule file or folder"):
        load_ruleset([tmp_path / "nowhere"], None)


@pytest.mark.parametrize("names", [[], ["notes.txt"], [".hidden.yaml"], [".git/rule.yaml"]])
def test_a_folder_without_rules(tmp_path: Path, names: list[str]) -> None:
    """It is named: who names a folder means the rules in it."""
    (tmp_path / "mine").mkdir()
    for name in names:
        write_rule(tmp_path / "mine").rename(tmp_path / "moved")
        (tmp_path / "mine" / name).parent.mkdir(exist_ok=True)
        (tmp_path / "moved").rename(tmp_path / "mine" / name)
    with pytest.raises(UsageError, match=r"mine: no rule file in this folder"):
        load_ruleset([tmp_path / "mine"], None)


def test_what_is_neither_file_nor_folder(tmp_path: Path) -> None:
    """A pipe is not waited for: named itself it is a usage error, in a folder a problem of that file."""
    os.mkfifo(tmp_path / "pipe.yaml")
    with pytest.raises(UsageError, match=r"pipe\.yaml: neither a file nor a folder"):
        load_ruleset([tmp_path / "pipe.yaml"], None)
    assert problems_in(tmp_path) == [f"{tmp_path}/pipe.yaml:1:1: cannot be read: it is no regular file"]


def test_a_link_that_leads_nowhere(tmp_path: Path) -> None:
    """A rule that cannot be read is a problem, and hides none of another."""
    (tmp_path / "gone.yaml").symlink_to("nowhere.yaml")
    write_rule(
        tmp_path, spoiled("effort: 1h", "effort: soon").replace("medium\n", "medium\ncauses: [gone]\n")
    )
    assert problems_in(tmp_path) == [
        f"{tmp_path}/gone.yaml:1:1: cannot be read: No such file or directory",
        f"{tmp_path}/ledger-timeout.yaml:16:5: effort 'soon' is no duration; write 15m, 2h or 1d",
    ]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_folder_that_cannot_be_read(tmp_path: Path, folder: Path) -> None:
    """Its rules are not left out in silence."""
    (folder / "payments").chmod(0)
    try:
        with pytest.raises(UsageError, match=r"payments: cannot be read: Permission denied"):
            load_ruleset([folder], None)
    finally:
        (folder / "payments").chmod(0o755)


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (b"id: x\ntitle: caf\xe9\n", "2:1: not UTF-8: save it as UTF-8"),
        ("id: x".encode("utf-16"), "1:1: not UTF-8: save it as UTF-8"),
        (b"\x7fELF\x00\x01", "1:1: the character U+007F cannot stand in YAML"),
        (b"# " + b"x" * (1 << 20), "1:1: larger than 1 MiB"),
        (b"", "1:1: empty"),
    ],
)
def test_files_that_are_no_rules(tmp_path: Path, data: bytes, problem: str) -> None:
    """Each is told with its place, and no other file is passed over for it."""
    (tmp_path / "odd.yaml").write_bytes(data)
    write_rule(tmp_path, spoiled("effort: 1h", "effort: soon"))
    told = problems_in(tmp_path)
    assert told[0].startswith(f"{tmp_path}/ledger-timeout.yaml:15:5: ")
    assert told[1].startswith(f"{tmp_path}/odd.yaml:{problem}")


def test_a_byte_order_mark_is_no_problem(tmp_path: Path) -> None:
    """As editors write it, with their line ends."""
    write_rule(tmp_path).write_bytes(b"\xef\xbb\xbf" + RIGHT.replace("\n", "\r\n").encode())
    assert ids(load_ruleset([tmp_path], None)) == {"ledger-timeout"}


def test_hidden_files_and_other_types_are_no_rules(folder: Path) -> None:
    """Only .yaml and .yml files that are not hidden are read."""
    write_rule(folder / ".git", "[")
    (folder / "notes.txt").write_text("[")
    write_rule(folder, SIGNAL.format(id="all-well", text="everything is well"), "all-well").rename(
        folder / "all-well.yml"
    )
    assert ids(load_ruleset([folder], None)) == {"ledger-timeout", "all-well"}


def test_every_problem_of_every_folder(tmp_path: Path, folder: Path) -> None:
    """Problems of all folders and of references come together."""
    write_rule(folder / "payments", spoiled("effort: 1h", "effort: soon"))
    write_rule(tmp_path / "mine", SIGNAL.format(id="all-well", text="[]"), "all-well")
    with pytest.raises(RuleError) as caught:
        load_ruleset([folder, tmp_path / "mine"], None)
    assert [problem.split(": ")[0] for problem in caught.value.problems] == [
        f"{tmp_path}/mine/all-well.yaml:5:10",
        f"{folder}/payments/ledger-timeout.yaml:15:5",
    ]
    assert caught.value.exit_code == 3


def test_configuration_changes_rules(folder: Path) -> None:
    """Rules can be switched off and re-tuned by id."""
    book = load_rulebook([folder], None)
    changed = choose(book, None, RuleChanges(severity={"ledger-timeout": "critical"}))
    assert changed.rules[0].severity == "critical"
    off = choose(book, None, RuleChanges(disable=("ledger-timeout",)))
    assert (off.rules, off.off) == ((), ("ledger-timeout",))


def test_rules_under_test_are_off(folder: Path) -> None:
    """`status: test` is loaded, checked and off, unless asked for."""
    write_rule(folder / "payments", spoiled("severity: medium", "severity: medium\nstatus: test"))
    assert load_ruleset([folder], None).off == ("ledger-timeout",)
    assert ids(load_ruleset([folder], None, include_test=True)) == {"ledger-timeout"}


def test_long_numbers_that_rules_name(folder: Path) -> None:
    """The index tells the numbers of four digits and more: what else is so long may differ between like events."""
    write_rule(folder / "payments", spoiled("out after (?P", "out after (?:10048 90 -32602 0123 )?(?P"))
    assert load_ruleset([folder], None).index.numbers == ("0123", "10048", "32602")


class TestCache:
    """The cache: a copy keyed by content, never a truth of its own."""

    def test_cached_rules_are_equal(self, tmp_path: Path) -> None:
        """Loading from the cache gives the very rules that loading the files gives."""
        cache = Cache(tmp_path / "cache")
        first = load_ruleset([SHIPPED], cache)
        assert list((tmp_path / "cache").glob("rules-*"))
        assert load_ruleset([SHIPPED], cache) == first == load_ruleset([SHIPPED], None)

    def test_a_changed_file_is_read_anew(self, tmp_path: Path, folder: Path) -> None:
        """The key is the content: an edit is seen at once."""
        cache = Cache(tmp_path / "cache")
        load_ruleset([folder], cache)
        write_rule(folder / "payments", spoiled("severity: medium", "severity: low"))
        assert load_ruleset([folder], cache).rules[0].severity == "low"

    @pytest.mark.parametrize("damage", [b"", b"x" * 10, b"\0" * 4_096, pickle.dumps({"id": "x"})])
    def test_damaged_files_are_made_anew(self, tmp_path: Path, folder: Path, damage: bytes) -> None:
        """A file that is cut, foreign or overwritten is ignored."""
        cache = Cache(tmp_path / "cache")
        first = load_ruleset([folder], cache)
        for file in (tmp_path / "cache").iterdir():
            file.write_bytes(damage)
        assert load_ruleset([folder], cache) == first
        assert cache.read(next((tmp_path / "cache").glob("rules-*")).name) is not None

    def test_one_flipped_byte_is_noticed(self, tmp_path: Path) -> None:
        """Content and name of a cache file must fit its digest."""
        cache = Cache(tmp_path)
        cache.write("rules-x", b"some content")
        assert cache.read("rules-x") == b"some content"
        data = bytearray((tmp_path / "rules-x").read_bytes())
        data[-1] ^= 1
        (tmp_path / "rules-x").write_bytes(data)
        assert cache.read("rules-x") is None

    def test_what_is_not_used_is_forgotten(self, tmp_path: Path) -> None:
        """Each change to a rule leaves some megabytes, so that few are kept; one that is read stays."""
        cache = Cache(tmp_path)
        for number in range(200):
            cache.write(f"rules-{number}", b"x")
            os.utime(tmp_path / f"rules-{number}", (number, number))
            assert cache.read("rules-0") == b"x"
        assert len(list(tmp_path.iterdir())) <= 60
        assert (tmp_path / "rules-199").exists()

    def test_a_folder_that_cannot_be_written(self, tmp_path: Path, folder: Path) -> None:
        """No cache is no error: here a file stands where the folder should."""
        (tmp_path / "cache").write_text("in the way")
        assert ids(load_ruleset([folder], Cache(tmp_path / "cache" / "logscope"))) == {"ledger-timeout"}

    def test_nothing_is_unpickled(self, tmp_path: Path, folder: Path) -> None:
        """What is cached is JSON."""
        load_ruleset([folder], Cache(tmp_path / "cache"))
        for file in (tmp_path / "cache").glob("rules-*"):
            assert file.read_bytes()[32:].startswith(b'[{"id":"ledger-timeout"')
