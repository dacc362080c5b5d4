"""Checks files in processes of their own: a decoder that crashes or hangs costs its image, never the run.

The pool of processes dies with the one that crashes, whatever the others were doing. So what was unfinished is taken up
again, and the first unfinished chunk, the only one that can be to blame for sure, image by image.
"""

import multiprocessing
import signal
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from functools import partial
from pathlib import Path

from webpairs.engine import workers
from webpairs.image.check import Checked, Limits, check

CHUNK = 32
# Far more than any decoder needs for the largest image that is let through to it.
SECONDS_PER_IMAGE = 60


def check_files(paths: Sequence[Path], limits: Limits, chunk: int = CHUNK) -> Iterator[Checked]:
    """Yields the verdict on each file's bytes, in order; `undecodable` where decoding ended the process it ran in."""
    chunks = [list(paths[start : start + chunk]) for start in range(0, len(paths), chunk)]
    done = 0
    while done < len(chunks):
        try:
            with _pool(min(workers(), len(chunks) - done)) as pool:
                for results in pool.map(partial(_check_chunk, limits=limits), chunks[done:]):
                    yield from results
                    done += 1
        except BrokenProcessPool:
            for path in chunks[done]:
                yield _check_alone(path, limits)
            done += 1


def _pool(processes: int) -> ProcessPoolExecutor:
    return ProcessPoolExecutor(processes, mp_context=multiprocessing.get_context("spawn"))


def _check_chunk(paths: list[Path], limits: Limits) -> list[Checked]:
    results = []
    for path in paths:
        # Left to its default, the alarm ends this process, even inside a decoder that never returns to Python.
        signal.alarm(SECONDS_PER_IMAGE)
        results.append(check(path.read_bytes(), limits))
    signal.alarm(0)
    return results


def _check_alone(path: Path, limits: Limits) -> Checked:
    try:
        with _pool(1) as pool:
            return pool.submit(_check_chunk, [path], limits).result()[0]
    except BrokenProcessPool:
        return Checked("undecodable", path.name, path.stat().st_size)
