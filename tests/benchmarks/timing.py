"""Taking time: medians, with the garbage collector as a program has it.

Time is that of the process on a processor, which other programs do not lengthen.
"""

from __future__ import annotations

import gc
import statistics
import time
import timeit
from collections.abc import Callable
from typing import Any, TypeVar

T = TypeVar("T")


def seconds(work: Callable[[], T]) -> tuple[float, T]:
    """Return how long `work` computed and what it returned."""
    gc.collect()  # what earlier measurements left is not this one's to clean
    started = time.process_time()
    outcome = work()
    return time.process_time() - started, outcome


def median_seconds(work: Callable[[], Any], repeats: int) -> float:
    """Return the median time of `repeats` runs, each beginning anew."""
    return statistics.median(seconds(work)[0] for _ in range(repeats))


def nanoseconds(statement: str, **names: Any) -> float:
    """Return the median time of one statement over several loops."""
    number = 100_000
    loops = timeit.repeat(
        statement, timer=time.process_time, globals=names, number=number, repeat=9
    )
    return statistics.median(loops) / number * 1e9
