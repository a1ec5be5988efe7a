"""Inputs: which there are, and their bytes, decompressed and in UTF-8."""

from logscope.sources.discover import Discovery, discover
from logscope.sources.reading import Reader, no_text, unopened
from logscope.sources.rotated import open_source
from logscope.sources.rotation import join_rotated

__all__ = ["Discovery", "Reader", "discover", "join_rotated", "no_text", "open_source", "unopened"]
