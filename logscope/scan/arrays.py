"""Names for numpy's arrays by what they hold.

It loads numpy, which takes longer than reading a small log: what every scan needs imports it for type checking only.
"""

from __future__ import annotations

from typing import Any

import numpy as np

# as numpy.typing has them, which takes 7 ms more to load
Ints = np.ndarray[Any, np.dtype[np.int64]]
Bools = np.ndarray[Any, np.dtype[np.bool_]]
Floats = np.ndarray[Any, np.dtype[np.float64]]
Bytes = np.ndarray[Any, np.dtype[np.uint8]]
Words = np.ndarray[Any, np.dtype[np.uint64]]
"""Eight bytes, or a mark, as one number."""
