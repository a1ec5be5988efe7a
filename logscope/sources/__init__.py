"""Inputs: which there are, and their bytes, decompressed and in UTF-8."""

from logscope.sources.discover import Discovery, discover
from logscope.sources.reading import Reader
from logscope.sources.rotated import open_source
from logscope.sources.rotation import join_rotated
from logscope.sources.unread import no_text, unopened

__all__ = ["Discovery", "Reader", "discover", "join_rotated", "no_text", "open_source", "unopened"]
