"""A block's events all at once, as columns: where a log repeats itself, what is alike is counted, not looked at.

`blockwise` takes down one block, a `page` of lines by their `writers`. Runs of lines are `units`, which are equal once
`masks` lie over ids, times and long numbers. `repeats` has each kind of unit asked once, and takes over what is `known`
of it for all others; also for those that share its template (`templates`), in which words that `names` blanks may
differ. `times` are read by many at once (`stamps`).

It loads numpy, which takes longer than reading a small log: the rooms above load it where a log is large.
"""

from logscope.scan.bulk.blockwise import Bulk

__all__ = ["Bulk"]
