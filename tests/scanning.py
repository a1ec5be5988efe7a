"""A text scanned as a source."""

from __future__ import annotations

import io
from typing import Any, cast

import logscope.scan.source
from logscope.model import Source
from logscope.options import ScanOptions
from logscope.scan.scanner import Scanner
from logscope.scan.tally import SourceScan
from logscope.sources import Reader


def scan_text(scanner: Scanner, log: str | bytes, **options: Any) -> SourceScan:
    """Scan one text, with options of a scan, as the only one of a run."""
    scanner.signals_found.clear()
    scanner.left_out = frozenset()
    data = log.encode() if isinstance(log, str) else log
    reader = Reader(Source("app.log", None), cast(Any, io.BytesIO(data)), None)
    found = logscope.scan.source.scan_source(scanner, 0, reader, ScanOptions(**options))
    assert found is not None
    return found
