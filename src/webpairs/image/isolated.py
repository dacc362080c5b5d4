"""Checks files in processes of their own: a decoder that crashes or hangs costs its image, never the run.

The pool of processes dies with the one that crashes, whatever the others were doing. So what was unfinished is taken up
again, and the first unfinished chunk, the only one that can be to blame for sure, image by image.
"""

import multiprocessing
import signal
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from pathlib import Path

from webpairs.engine import workers
from webpairs.image.check import Checked, Limits, check

CHUNK = 32


@dataclass(frozen=True)
class Checker:
    """Checks files in the process that it is sent to."""

    limits: Limits
    # Far more than any decoder needs for the largest image that is let through to it.
    seconds_per_image: int = 60
    check: Callable[[bytes, Limits], Checked] = check

    def __call__(self, paths: Sequence[Path]) -> list[Checked]:
        results = []
        for path in paths:
            # Left to its default, the alarm ends this process, even inside a decoder that never returns to Python.
            signal.alarm(self.seconds_per_image)
            results.append(self.check(path.read_bytes(), self.limits))
        signal.alarm(0)
        return results


def check_files(paths: Sequence[Path], checker: Checker, chunk: int = CHUNK) -> Iterator[Checked]:
    """Yields the verdict on each file's bytes, in order; `undecodable` where decoding ended the process it ran in.

    The files are named by their digest (as in a Spool).
    """
    chunks = [list(paths[start : start + chunk]) for start in range(0, len(paths), chunk)]
    done = 0
    while done < len(chunks):
        try:
            with _pool(min(workers(), len(chunks) - done)) as pool:
                for results in pool.map(checker, chunks[done:]):
                    yield from results
                    done += 1
        except BrokenProcessPool:
            for path in chunks[done]:
                yield _check_alone(path, checker)
            done += 1


def _pool(processes: int) -> ProcessPoolExecutor:
    return ProcessPoolExecutor(processes, mp_context=multiprocessing.get_context("spawn"))


def _check_alone(path: Path, checker: Checker) -> Checked:
    with _pool(1) as pool:
        # A process that can't even do nothing is no image's fault, and must not pass for one.
        pool.submit(checker, []).result()
        try:
            return pool.submit(checker, [path]).result()[0]
        except BrokenProcessPool:
            return Checked("undecodable", path.name, path.stat().st_size)
