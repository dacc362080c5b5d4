"""Maps work over shards on the processes of this machine.

The number of processes comes from the environment (`WEBPAIRS_WORKERS`, else one a core): it changes speed, never bytes,
because results come back in the order of the items.
"""

import multiprocessing
import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from typing import TypeVar

from webpairs.errors import WebpairsError
from webpairs.progress import track

Item = TypeVar("Item")
Result = TypeVar("Result")


def workers() -> int:
    """How many processes to use: `WEBPAIRS_WORKERS`, else one for each core this process may run on."""
    setting = os.environ.get("WEBPAIRS_WORKERS", "")
    if not setting:
        return len(os.sched_getaffinity(0))
    if not setting.isdecimal() or int(setting) < 1:
        raise WebpairsError(f"WEBPAIRS_WORKERS is {setting!r}: set it to a whole number of at least 1, or unset it.")
    return int(setting)


def map_ordered(
    function: Callable[[Item], Result], items: Sequence[Item], what: str = "", unit: str = "files"
) -> Iterator[Result]:
    """Yields `function(item)` for every item, in the order of the items, computed on up to `workers()` processes.

    `function` and the items must be picklable. Processes are spawned, not forked: polars and torch hold threads that a
    fork would leave locked.
    """
    count = min(workers(), len(items))
    if count <= 1:
        yield from track(map(function, items), what, unit, total=len(items))
        return
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(count, mp_context=context) as pool:
        yield from track(pool.map(function, items), what, unit, total=len(items))
