"""Inputs: which there are, and their bytes, decompressed and in UTF-8."""

from logscope.sources.discover import Discovery, discover
from logscope.sources.reading import Reader, open_source
from logscope.sources.rotation import join_rotated

__all__ = ["Discovery", "Reader", "discover", "join_rotated", "open_source"]
