"""A block's events all at once, as columns: where a log repeats itself, what is alike is counted, not looked at.

It loads numpy, which takes longer than reading a small log: the rooms above load it where a log is large.
"""

from logscope.scan.bulk.blockwise import Bulk

__all__ = ["Bulk"]
