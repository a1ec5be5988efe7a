"""Inputs: which there are, each once; their bytes, decompressed, broken ones up to the break."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import os
import signal
import struct
import subprocess
import sys
import time
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import logscope.sources.inflating
from logscope.errors import UsageError
from logscope.model import Source
from logscope.sources import Reader, discover, open_source

LOG = "".join(f"INFO:app:line {n} of a log that is long enough\n" for n in range(30_000)).encode()
PACK = {"gzip": gzip.compress, "bzip2": bz2.compress, "xz": lzma.compress}


def read(data: bytes, size: int = 1 << 16) -> tuple[bytes, Reader]:
    """Everything a reader gives, in pieces of `size`, and the reader."""
    reader = Reader(Source("a.log", None), cast(Any, io.BytesIO(data)), None)
    parts = []
    buffer = bytearray(size)
    while count := reader.fill(memoryview(buffer)):
        parts.append(bytes(buffer[:count]))
    return b"".join(parts), reader


def _as_cp1252(text: str) -> str:
    """Text as a program shows it that takes its UTF-8 bytes for cp1252."""
    return "".join(
        bytes([code]).decode("cp1252") if code not in (0x81, 0x8D, 0x8F, 0x90, 0x9D) else chr(code)
        for code in text.encode()
    )


class TestReading:
    """open and fill."""

    @pytest.mark.parametrize("name", PACK)
    def test_compressed(self, name: str) -> None:
        """Recognised by content, not by name; several members, and padding behind, are one log."""
        assert read(PACK[name](LOG))[0] == LOG
        data, reader = read(PACK[name](LOG) + PACK[name](b"more\n"))
        assert (data, reader.notes) == (LOG + b"more\n", [])
        assert read(gzip.compress(LOG) + b"\0" * 512)[1].notes == []

    def test_text_that_was_read_as_cp1252_once_is_mended(self) -> None:
        """Whatever the pieces; what the code page lacks, and characters that are right already, stay as they are."""
        log = "".join(f"│ {n} naïve “quoted” – ❱ 日本 ╭{'─' * 90}╯ à\n" for n in range(9_000))
        twice = "".join(_as_cp1252(line) for line in log.splitlines(keepends=True)).encode()
        mixed = twice + "one line that is right: é – 日本\n".encode()
        data, reader = read(mixed, 1_021)
        assert data == log.encode() + "one line that is right: é – 日本\n".encode()
        assert reader.encoding == "utf-8, mojibake mended"

    @pytest.mark.parametrize("text", ["│ größe – ❱ 3", "⚠️ naïve", "don’t…"])
    @pytest.mark.parametrize("codec", ["mac_roman", "cp437", "cp850"])
    def test_what_was_read_in_another_code_page_is_mended(self, text: str, codec: str) -> None:
        """As a paste on a Mac, or a console of Windows, leaves it."""
        log = f"INFO:app:{text}\n" * 900
        data, reader = read(log.encode().decode(codec).encode(), 1_021)
        assert (data, reader.encoding) == (log.encode(), "utf-8, mojibake mended")

    def test_all_that_a_text_suffered_is_undone(self) -> None:
        """Lines that end in CR alone are ended as usual where the text was read as cp1252, too."""
        data, reader = read(_as_cp1252("│ one\r│ two\r").encode())
        named = "utf-8, lone CR mended, mojibake mended"
        assert (data, reader.encoding) == ("│ one\n│ two\n".encode(), named)

    @pytest.mark.parametrize(
        ("suffered", "mended", "named"),
        [
            ("ERROR:app:one\rTraceback:\r", "ERROR:app:one\nTraceback:\n", "lone CR"),
            ("api-1  â”‚ one\n", "api-1  │ one\n", "mojibake"),
        ],
    )
    @pytest.mark.parametrize("codec", ["utf-16-le", "utf-16-be", "utf-32"])
    def test_wide_text_is_mended_as_other_text_is(
        self, suffered: str, mended: str, named: str, codec: str
    ) -> None:
        """A PowerShell redirects into UTF-16 what its console has misread before."""
        data, reader = read((suffered * 900).encode(codec), 1_021)
        encoding = codec.replace("32", "32-le")
        assert (data.decode(), reader.encoding) == (mended * 900, f"{encoding}, {named} mended")

    @pytest.mark.parametrize(
        "line",
        [
            "ERROR:\xa0 \xa0 failed",
            "2026-11-20\xa019:00:21,359 - app - ERROR - failed",
            "\xa0 File x",
            "[ERROR]\xa0x",
        ],
    )
    def test_non_breaking_spaces_of_a_web_copy_are_blanks(self, line: str) -> None:
        """Where no one writes them, however the pieces fall; a text's own stay."""
        log = f"{line}\nINFO:app:12\xa0€\n" * 9_000
        data, reader = read(log.encode(), 1_021)
        assert data == log.replace("\xa0", " ").encode()
        assert reader.encoding == "utf-8, non-breaking spaces read as blanks"
        own = "INFO:app:12\xa0€, which is an ERROR\n".encode()
        assert read(own)[0] == own

    @pytest.mark.parametrize(
        "text", ["é à ü ñ ß\n", "Ã alone\n", "日本 – “quoted”\n", "â€ stops in the middle\n"]
    )
    def test_text_that_is_right_is_not_mended(self, text: str) -> None:
        """Letters that mended text would hold, but that stand for themselves here, stay as they are."""
        data, reader = read(text.encode() * 100)
        assert (data, reader.encoding) == (text.encode() * 100, "utf-8")

    @pytest.mark.parametrize("name", PACK)
    def test_a_stream_that_breaks_off(self, name: str) -> None:
        """What came before is read, and a note says so."""
        packed = PACK[name](LOG)
        data, reader = read(packed[: len(packed) * 3 // 4])
        assert LOG.startswith(data)
        assert [note.kind for note in reader.notes] == ["truncated"]
        if name == "gzip":
            assert len(data) > len(LOG) // 2

    def test_a_stream_that_breaks_off_before_its_first_block(self) -> None:
        """The note claims nothing to be analysed where nothing came out."""
        data, reader = read(bz2.compress(LOG[:5000])[:-20])
        assert (data, reader.notes[0].text) == (
            b"",
            "the bzip2 stream breaks off; nothing of it could be read",
        )

    def test_bad_data_within(self) -> None:
        """Up to the damage."""
        packed = bytearray(gzip.compress(os.urandom(300_000).hex().encode()))
        packed[len(packed) // 2] ^= 0xFF
        data, reader = read(bytes(packed))
        assert len(data) > 100_000
        assert [note.kind for note in reader.notes] == ["truncated"]

    @pytest.mark.parametrize("lines", [3, 200, 29_000])
    def test_of_a_file_all_is_given_that_stands_before_bad_data(self, lines: int, tmp_path: Path) -> None:
        """To the last byte, in the second member too: a file can be read again."""
        log = LOG[: LOG.index(f"line {lines} ".encode())]
        packer = zlib.compressobj(wbits=31)
        bad = packer.compress(log) + packer.flush(zlib.Z_FULL_FLUSH) + b"\xff" * 20_000
        path = tmp_path / "app.log.gz"
        path.write_bytes(gzip.compress(b"the first member\n") + bad)
        reader = open_source(Source("app.log.gz", str(path)))
        buffer = bytearray(len(LOG))
        count = reader.fill(memoryview(buffer))
        assert bytes(buffer[:count]) == b"the first member\n" + log
        assert [note.kind for note in reader.notes] == ["truncated"]

    def test_a_bomb_is_defused(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Decompression ends at its ceiling, with a note."""
        monkeypatch.setattr(logscope.sources.inflating, "MAX_EXPANSION", 1 << 20)
        data, reader = read(gzip.compress(b"\n" * (8 << 20)))
        assert len(data) < 6 << 20
        assert [note.kind for note in reader.notes] == ["truncated"]

    @pytest.mark.parametrize(
        ("encoding", "name"),
        [
            ("utf-8", "utf-8"),
            ("utf-8-sig", "utf-8-sig"),
            ("utf-16", "utf-16-le"),
            ("utf-16-le", "utf-16-le"),
            ("utf-16-be", "utf-16-be"),
            ("utf-32", "utf-32-le"),
        ],
    )
    def test_encodings(self, encoding: str, name: str) -> None:
        """Marks are dropped, UTF-16 and UTF-32 become UTF-8."""
        text = "ERROR:app:the price is 5 € – naïve\n" * 50
        data, reader = read(text.encode(encoding))
        assert (data.decode(), reader.encoding) == (text, name)

    @pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
    def test_utf16_without_a_mark_of_a_script_without_latin_letters(self, encoding: str) -> None:
        """NULs stand at line ends, in numbers and in the names of levels only; a character's low byte may be one."""
        text = (
            "ERROR:app:注文 17 は登録できませんでした。\u3000もう一度お試しください、しばらくお待ちください。\n"
            * 50
        )
        data, reader = read(text.encode(encoding))
        assert (data.decode(), reader.encoding) == (text, encoding)

    @pytest.mark.parametrize(
        "data", [b"\0\1\2\xff" * 999, struct.pack("<999h", *range(999)), struct.pack(">999i", *range(999))]
    )
    def test_numbers_are_no_utf16(self, data: bytes) -> None:
        """NULs at every other byte make no text of what is full of control characters."""
        assert read(data)[1].binary

    def test_what_another_shell_appended_in_utf16(self) -> None:
        """A log that goes on in UTF-16, as where a PowerShell has appended to it, is none from its beginning."""
        first, then = (
            "ERROR:app:no price of item 1, nor of the others on the shelf\n" * 3,
            "INFO:app:go on\n" * 90,
        )
        data, reader = read(first.encode() + then.encode("utf-16-le"))
        assert (data.decode(), reader.encoding) == (first + then, "utf-8")

    @pytest.mark.parametrize("pack", [gzip.compress, bz2.compress, lzma.compress])
    def test_what_was_compressed_twice(self, pack: Callable[[bytes], bytes]) -> None:
        """By its writer, and by who fetched or rotated it: it is a log all the same, also where the inner one breaks
        off."""
        inner = gzip.compress(LOG)
        data, reader = read(pack(inner))
        assert (data, reader.binary, reader.notes) == (LOG, False, [])
        data, reader = read(pack(inner[: len(inner) // 2]))
        assert LOG.startswith(data)
        assert (len(data) > len(LOG) // 4, [note.kind for note in reader.notes]) == (True, ["truncated"])

    @pytest.mark.parametrize("lines", [5, 500])
    def test_a_wrong_checksum_loses_nothing(self, lines: int) -> None:
        """All that was packed is given, with a note."""
        log = LOG[: LOG.index(f"line {lines} ".encode())]
        packed = bytearray(gzip.compress(log))
        packed[-6] ^= 0xFF
        data, reader = read(bytes(packed))
        assert (data, [note.kind for note in reader.notes]) == (log, ["truncated"])

    def test_of_a_small_log_the_part_before_bad_data_is_given(self) -> None:
        """However small it is: it is no reason to lose a log that one piece of it is bad."""
        log = LOG[: LOG.index(b"line 200 ")]
        packer = zlib.compressobj(wbits=31)
        data, reader = read(packer.compress(log) + packer.flush(zlib.Z_FULL_FLUSH) + b"\xff" * 20)
        assert len(data) > len(log) // 3
        assert log.startswith(data)
        assert [note.kind for note in reader.notes] == ["truncated"]

    def test_a_log_that_begins_with_nuls(self) -> None:
        """As one does that was truncated while its writer kept its place; nothing but NULs is no log."""
        data, reader = read(b"\0" * 1_000_000 + LOG)
        assert (data, reader.binary) == (LOG, False)
        assert read(b"\0" * 1_000_000)[1].binary

    @settings(max_examples=40)
    @given(st.binary(max_size=300), st.integers(1, 50))
    def test_any_bytes_in_any_pieces(self, data: bytes, size: int) -> None:
        """What is no known form comes as it is, however it is asked for."""
        whole, _ = read(data)
        assert read(data, size)[0] == whole

    @pytest.mark.parametrize("size", [1 << 16, 1 << 20])
    def test_a_file_that_shrinks_is_noted(self, tmp_path: Path, size: int) -> None:
        """What was there is given, and that there was more is said once."""
        path = tmp_path / "a.log"
        path.write_bytes(LOG * 20)
        reader = open_source(Source("a.log", str(path)))
        os.truncate(path, reader.raw_bytes + 100)
        with memoryview(bytearray(size)) as view:
            got = sum(iter(lambda: reader.fill(view), 0))
        assert got == reader.raw_bytes
        assert reader.left == 0
        assert [(note.kind, note.text) for note in reader.notes] == [
            ("truncated", "it became shorter while it was read; what was there is analysed")
        ]
        reader.close()

    def test_a_file_that_grows_is_read_as_it_was(self, tmp_path: Path) -> None:
        """Its size when it was opened is the end."""
        path = tmp_path / "a.log"
        path.write_bytes(b"one\n")
        reader = open_source(Source("a.log", str(path)))
        with path.open("ab") as more:
            more.write(b"two\n")
        buffer = bytearray(100)
        assert reader.fill(memoryview(buffer)) == 4
        assert reader.raw_bytes == 4
        reader.close()


class TestDiscovery:
    """discover."""

    @pytest.fixture
    def folder(self, tmp_path: Path) -> Path:
        for name in ("b.log", "a.log", "deep/c.log.1", ".hidden/d.log", ".e.log", "setup.py"):
            path = tmp_path / "logs" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(name)
        return tmp_path / "logs"

    def test_folders(self, folder: Path) -> None:
        """Recursively, sorted, names below the base; hidden and other files counted."""
        found = discover([str(folder)], folder.parent)
        assert [source.name for source in found.sources] == ["logs/a.log", "logs/b.log", "logs/deep/c.log.1"]
        assert found.skipped == {"hidden": 2, "other type": 1}

    def test_links_to_folders_are_passed_over_and_counted(self, folder: Path) -> None:
        """Also one that leads back to a folder above it."""
        (folder / "deep" / "loop").symlink_to(folder, target_is_directory=True)
        found = discover([str(folder)], folder.parent)
        assert [source.name for source in found.sources] == ["logs/a.log", "logs/b.log", "logs/deep/c.log.1"]
        assert found.skipped["no regular file"] == 1

    def test_each_file_once(self, folder: Path) -> None:
        """However it is reached: twice, by folder, by pattern, by hard link, by a link that is named."""
        os.link(folder / "a.log", folder / "z.log")
        (folder.parent / "again.log").symlink_to(folder / "a.log")
        named = ("a.log", "deep/../a.log", "", "a*.log", "../again.log")
        found = discover([f"{folder}/{name}" for name in named], folder.parent)
        assert len(found.sources) == 3
        assert found.skipped["duplicate"] == 5

    def test_a_compressed_copy_beside_its_file_is_passed_over(self, folder: Path) -> None:
        """As `gzip -k` leaves it, however both are reached; one that holds anything else is read."""
        (folder / "a.log.gz").write_bytes(gzip.compress((folder / "a.log").read_bytes()))
        (folder / "b.log").write_bytes(LOG)
        (folder / "b.log.gz").write_bytes(gzip.compress(LOG[:-2] + b"!\n"))  # as long, other bytes
        (folder / "gone.log.gz").write_bytes(gzip.compress(LOG))
        found = discover([str(folder)], folder)
        assert [s.name for s in found.sources] == [
            "a.log",
            "b.log",
            "b.log.gz",
            "gone.log.gz",
            "deep/c.log.1",
        ]
        assert found.skipped["duplicate"] == 1
        found = discover([str(folder / "a.log.gz"), str(folder / "a.log")], folder)
        assert [source.name for source in found.sources] == ["a.log"]

    @pytest.mark.parametrize("packed", [b"", b"\x1f\x8b", gzip.compress(LOG)[:-9], LOG])
    def test_what_only_is_called_a_copy_is_read(self, folder: Path, packed: bytes) -> None:
        """Too short, cut off, or no gzip at all."""
        (folder / "a.log").write_bytes(LOG)
        (folder / "a.log.gz").write_bytes(packed)
        found = discover([str(folder / "a.log"), str(folder / "a.log.gz")], folder)
        assert len(found.sources) == 2

    def test_what_is_named_is_read(self, folder: Path) -> None:
        """A file given by itself is no matter of types."""
        assert [s.name for s in discover([str(folder / "setup.py")], folder).sources] == ["setup.py"]

    def test_patterns_and_standard_input(self, folder: Path) -> None:
        """Globs are expanded in order; - is standard input, once."""
        found = discover(["-", str(folder / "*.log"), "-"], folder)
        assert [(s.name, s.path is None) for s in found.sources] == [
            ("<stdin>", True),
            ("a.log", False),
            ("b.log", False),
        ]

    @pytest.mark.parametrize(
        ("pattern", "names"),
        [
            ("**/*.log*", ["logs/a.log", "logs/b.log", "logs/deep/c.log.1"]),
            ("logs/**/c.*", ["logs/deep/c.log.1"]),
            ("l*/**", ["logs/a.log", "logs/b.log", "logs/deep/c.log.1"]),
            ("**/deep/**/*.1", ["logs/deep/c.log.1"]),
        ],
    )
    def test_patterns_over_folders(self, folder: Path, pattern: str, names: list[str]) -> None:
        """`**` is any folders below; it goes around in no circle of links, and passes over what is hidden."""
        for name in ("loop", "deep/up", "deep/top"):
            (folder / name).symlink_to(folder)
        found = discover([str(folder.parent / pattern)], folder.parent)
        assert [source.name for source in found.sources] == names

    def test_a_link_to_nothing_in_a_pattern(self, folder: Path) -> None:
        """It is noted, the rest is read."""
        (folder / "gone.log").symlink_to(folder / "nothing")
        found = discover([str(folder / "*.log")], folder)
        assert [source.name for source in found.sources] == ["a.log", "b.log"]
        assert [(note.where, note.kind) for note in found.notes] == [("gone.log", "unreadable")]

    @pytest.mark.parametrize("path", ["nowhere", "no*.txt", "dangling"])
    def test_what_does_not_exist(self, folder: Path, path: str) -> None:
        """It is named."""
        (folder / "dangling").symlink_to(folder / "gone")
        with pytest.raises(UsageError) as caught:
            discover([str(folder / path)], folder)
        assert path in str(caught.value)

    def test_links_out_of_the_folder(self, folder: Path, tmp_path: Path) -> None:
        """A link to a folder is not followed: no file is read twice, no circle is walked."""
        (folder / "loop").symlink_to(folder)
        assert len(discover([str(folder)], folder).sources) == 3

    def test_a_folder_that_cannot_be_read(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """It is noted, by a name as sources have."""
        scandir = os.scandir

        def refuse(path: str) -> Any:
            if path.endswith("deep"):
                raise PermissionError(13, "Permission denied", path)
            return scandir(path)

        monkeypatch.setattr(os, "scandir", refuse)
        found = discover([str(folder)], folder.parent)
        assert [(note.where, note.kind) for note in found.notes] == [("logs/deep", "unreadable")]
        assert len(found.sources) == 2

    @pytest.mark.skipif(sys.platform != "linux", reason="names are any bytes on Linux only")
    def test_a_name_that_is_no_utf8_shows_its_bytes(self, tmp_path: Path) -> None:
        """As a shell writes them, so that the file can be found."""
        (tmp_path / os.fsdecode(b"a\xff.log")).write_bytes(LOG)
        assert [source.name for source in discover([str(tmp_path)], tmp_path).sources] == [r"a\xff.log"]

    def test_no_absolute_names(self, folder: Path, tmp_path: Path) -> None:
        """A file outside the base shows its name only."""
        found = discover([str(folder / "a.log")], tmp_path / "elsewhere")
        assert [source.name for source in found.sources] == ["a.log"]

    def test_files_of_one_name_outside_are_told_apart(self, tmp_path: Path) -> None:
        """By the folders below the one that was given, or by as many of those above as it takes."""
        files = [tmp_path / "var" / name / "app.log" for name in ("api", "mcp")]
        for file in files:
            file.parent.mkdir(parents=True)
            file.write_bytes(LOG)
        folder, named = (
            [source.name for source in discover(map(str, given), tmp_path / "elsewhere").sources]
            for given in ([tmp_path / "var"], files)
        )
        assert folder == ["var/api/app.log", "var/mcp/app.log"]
        assert named == ["api/app.log", "mcp/app.log"]

    def test_no_name_is_given_twice(self, tmp_path: Path) -> None:
        """Also where a file inside has the name already that folders would give to one outside."""
        files = [tmp_path / name / "app.log" for name in ("base/api", "other/api", "other/mcp")]
        for file in files:
            file.parent.mkdir(parents=True)
            file.write_bytes(LOG)
        found = discover(map(str, files), tmp_path / "base")
        names = ["base/api/app.log", "other/api/app.log", "mcp/app.log"]
        assert [source.name for source in found.sources] == names


def test_an_interrupt_while_waiting_for_standard_input_ends_at_once() -> None:
    """The thread that reads ahead is left behind: no hang, no crash at exit."""
    heed = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)"  # jobs in the background do not
    command = [
        sys.executable,
        "-c",
        f"{heed}\nfrom logscope.cli import main; main()",
        "analyze",
        "-",
        "--exit-zero",
    ]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert process.stdin
    assert process.stderr
    assert process.stdout
    process.stdin.write(b"INFO:app:x\n" * 900_000)  # more than a block: the next one is being waited for
    process.stdin.flush()
    time.sleep(0.5)
    process.send_signal(signal.SIGINT)
    assert process.wait(20) == 130
    assert b"Fatal" not in process.stderr.read()
    for stream in (process.stdin, process.stdout, process.stderr):
        stream.close()


def test_closed_standard_input_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """`logscope analyze - <&-` reads nothing, and says why."""
    monkeypatch.setattr(sys, "stdin", None)
    with pytest.raises(OSError, match="standard input is closed"):
        open_source(Source("<stdin>", None))


def test_a_path_in_a_folder_that_cannot_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What cannot be looked for is not said to be missing."""

    def refuse(path: str) -> os.stat_result:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "lstat", refuse)
    with pytest.raises(UsageError, match="its folder cannot be read"):
        discover([str(tmp_path / "locked" / "app.log")], tmp_path)
