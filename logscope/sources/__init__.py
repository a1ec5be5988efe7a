"""Inputs: which there are, and their bytes, decompressed and in UTF-8.

`discover` lists them, the files of a rotated log as one (`rotation`) and none beside its own compressed copy
(`copies`). `reading` opens one, `rotated` several as one stream; `inflating` decompresses, `repairs` undo what other
programs did to a text (each a `repair`), `exports` are documents that hold records.
"""

from logscope.sources.discover import Discovery, discover
from logscope.sources.reading import Reader, no_text, unopened
from logscope.sources.rotated import open_source
from logscope.sources.rotation import join_rotated

__all__ = ["Discovery", "Reader", "discover", "join_rotated", "no_text", "open_source", "unopened"]
