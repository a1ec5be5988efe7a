"""Inputs: which there are, and their bytes, decompressed and in UTF-8."""

from logscope.sources.discover import Discovery, discover
from logscope.sources.reading import Reader, open_source

__all__ = ["Discovery", "Reader", "discover", "open_source"]
