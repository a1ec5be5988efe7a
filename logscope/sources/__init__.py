"""Inputs: which there are, and their bytes, decompressed and in UTF-8."""

from logscope.sources.discover import Discovery, discover, matching
from logscope.sources.reading import Reader, open_source

__all__ = ["Discovery", "Reader", "discover", "matching", "open_source"]
