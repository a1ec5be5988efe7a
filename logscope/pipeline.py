"""The straight line: sources → scan → correlate → aggregate → report. Clock, paths and options come in as arguments."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from msgspec.structs import replace

from logscope.assemble import Assembly, build_report
from logscope.counting import counted
from logscope.errors import NoInputError
from logscope.events import Event, read_events
from logscope.match.quoted.folder import QuotingFolder
from logscope.model import Note, Source
from logscope.options import RunOptions, ScanOptions
from logscope.report import Report
from logscope.rulebook.cache import Cache
from logscope.rulebook.ruleset import RuleSet
from logscope.scan.layouts import SAMPLE, is_wrapped, layout_of, refuse_unfit
from logscope.scan.scanner import Scanner
from logscope.scan.source import Progress, scan_source
from logscope.scan.tally import SourceScan
from logscope.sources import Discovery, join_rotated, no_text, open_source, unopened

_CALLED_LOG = re.compile(r"log|journal|trace|messages|stdout|stderr|\.(?:out|err)\b", re.IGNORECASE)


def run(
    found: Discovery,
    ruleset: RuleSet,
    cache: Cache | None,
    options: RunOptions,
    progress: Progress | None = None,
) -> Report:
    """Analyse the sources and return the report; NoInputError when there is no log line in any of them."""
    sources = join_rotated(found.sources)
    scans, notes = scan_all(sources, ruleset, cache, options.scan, progress)
    if not any(_is_log(scan, sources[scan.source]) for scan in scans):
        raise NoInputError(
            _nothing(found, [*found.notes, *notes]),
            "Give files or folders with logs, or - for standard input.",
        )
    return build_report(
        Assembly(
            sources=sources,
            skipped=found.skipped,
            notes=(*found.notes, *notes),
            scans=tuple(scans),
            ruleset=ruleset,
        ),
        options,
    )


def scan_all(
    sources: Sequence[Source],
    ruleset: RuleSet,
    cache: Cache | None,
    options: ScanOptions,
    progress: Progress | None,
) -> tuple[list[SourceScan], list[Note]]:
    """Scan each source; one that cannot be read is a note, everything else is still scanned. UnfitError where a
    forced format fits none."""
    scanner = Scanner(ruleset, cache)
    options = replace(options, several=len(sources) > 1)
    scans: list[SourceScan] = []
    notes: list[Note] = []
    for number, source in enumerate(sources):
        try:
            reader = open_source(source)
        except OSError as error:
            notes.append(unopened(source, error))
            continue
        try:
            scan = scan_source(scanner, number, reader, options, progress)
        finally:
            reader.close()
        if scan is None:
            notes.append(no_text(source, reader.content))
            continue
        scans.append(scan)
        notes += scan.notes
    refuse_unfit(notes, len(scans), options)
    return scans, notes


def explain_events(source: Source, options: ScanOptions) -> Iterator[tuple[Event, bool]]:
    """Read every event of one source, each with whether its source wraps or colours lines; OSError when unreadable."""
    reader = open_source(source)
    try:
        sample = reader.head(SAMPLE)
        if reader.binary:
            raise OSError(reader.content)
        layout = layout_of(sample, reader, options)
        for event in read_events(reader.fill, QuotingFolder(layout, source.name), sample):
            yield event, is_wrapped(layout, sample)
    finally:
        reader.close()


def _is_log(scan: SourceScan, source: Source) -> bool:
    """Whether there is a log line: one that a format knows, a failure, or any text in a file that is called a log."""
    if scan.document:
        return False
    if scan.layout.formats or scan.layout.prefix or scan.hits.rules() or scan.error_events:
        return scan.lines > 0
    called = source.named or _CALLED_LOG.search(source.name.rpartition("/")[2]) is not None
    return scan.lines > 0 and not scan.blank and called


def _nothing(found: Discovery, notes: Sequence[Note]) -> str:
    looked = counted(len(found.sources), "file")
    passed = ", ".join(f"{count} {reason}" for reason, count in found.skipped.items() if count)
    details = "; ".join(f"{note.where}: {note.text}" for note in notes[:5])
    where = f" in {', '.join(found.asked)}" if found.asked else ""
    text = f"no log line found{where}: looked at {looked}"
    if passed or not found.sources:
        text += " of any name, but for hidden ones and types that are no logs (.py, .md, .html …)"
    text += ", for lines of known formats, errors, and names such as app.log" if found.sources else ""
    text += f", passed over {passed}" if passed else ""
    return f"{text}; {details}" if details else text
