"""A block's events all at once, as columns: where a log repeats itself, what is alike is counted, not looked at."""

from logscope.scan.bulk.blockwise import Bulk

__all__ = ["Bulk"]
