"""Maps work over shards: on processes of this machine, or on the nodes of a Ray cluster.

The environment says where. It changes speed, never bytes, because results come back in the order of the items:

- `WEBPAIRS_WORKERS`: how many processes work on this machine; one a core where it is unset.
- `RAY_ADDRESS`: an existing Ray cluster to work on instead, as `host:port` of its head node, or `auto` for the one that
  runs on this machine. It is never started or stopped from here, and it is given a task for each of its CPUs whatever
  `WEBPAIRS_WORKERS` says. Its nodes must share the project folder and the Python environment, at the same paths. See
  docs/decisions/0009-scale-out.md for its token and its traps.

What uses a GPU works on the GPUs of this machine or of the cluster where there are any, one worker each, and on the
cores where there is none.

A process or a node that dies in the middle costs nothing but the time of the items that it worked on: these, and no
others, are tried again elsewhere.
"""

import os
from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

from webpairs.engine.processes import Gpu, processes, visible_gpus
from webpairs.engine.work import in_order, named
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


def threads() -> int:
    """How many threads each of the processes has for itself, so that all together have a core each."""
    return max(1, len(os.sched_getaffinity(0)) // workers())


def map_ordered(
    function: Callable[[Item], Result],
    items: Sequence[Item],
    what: str = "",
    unit: str = "files",
    uses_gpu: bool = False,
) -> Iterator[Result]:
    """Yields `function(item)` for every item, in the order of the items, computed on up to `workers()` processes.

    With `RAY_ADDRESS` set, on that cluster instead. Where `function` uses a GPU, on as many processes as there are
    GPUs, each of which sees its own alone; where there is none, as if it used none. `function`, the items and the
    results must be picklable, and doing an item again must do no harm. With one process or one item, and no cluster,
    all happens in this process.

    What `function` raises is raised here as it is, with notes that name the item and show the worker's traceback.
    Raises WebpairsError for an item whose process died several times over, and where the cluster can't be used.
    """
    yield from track(_mapped(function, items, uses_gpu), what, unit, total=len(items))


def _mapped(function: Callable[[Item], Result], items: Sequence[Item], uses_gpu: bool) -> Iterator[Result]:
    if not items:
        return
    address = os.environ.get("RAY_ADDRESS", "")
    if address:
        from webpairs.engine.cluster import connected

        with connected(address, uses_gpu) as nodes:
            yield from in_order(nodes, function, items)
        return
    gpus: list[Gpu] = visible_gpus() if uses_gpu else []
    seen = (gpus or [None] * workers())[: len(items)]
    if len(seen) > 1:
        with processes(seen) as pool:
            yield from in_order(pool, function, items)
    else:
        yield from _here(function, items)


def _here(function: Callable[[Item], Result], items: Sequence[Item]) -> Iterator[Result]:
    for item in items:
        try:
            result = function(item)
        except Exception as error:
            error.add_note(f"while working on {named(item)}")
            raise
        yield result
