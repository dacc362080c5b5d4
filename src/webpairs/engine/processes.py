"""Processes of this machine, each on its own: one that dies takes nothing with it but the item it was working on."""

import multiprocessing
import pickle
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from typing import Any

from webpairs.engine.work import attempt


@contextmanager
def processes(count: int) -> Iterator["Processes"]:
    """A pool of this many processes, started as they are needed; on leaving, what is being worked on is finished."""
    pool = Processes(count)
    try:
        yield pool
    finally:
        pool.close()


class Processes:
    """A pool (see webpairs.engine.work) of executors with one process each.

    One executor with many processes gives up all of them when one dies, and doesn't tell whose item it was.
    """

    def __init__(self, count: int) -> None:
        self.remedy = (
            f"There were {count} processes: set WEBPAIRS_WORKERS to fewer, 1 at the least, or leave this input out."
        )
        self._idle = [_process() for _ in range(count)]
        self._busy: dict[Future[bytes], tuple[int, ProcessPoolExecutor]] = {}

    def room(self) -> int:
        return len(self._idle)

    def submit(self, number: int, call: tuple[Callable[[Any], Any], Any]) -> None:
        pickled = pickle.dumps(call)
        process = self._idle.pop()
        try:
            future = process.submit(attempt, pickled)
        except BrokenProcessPool:
            # It has died, of its last item or with nothing to do.
            process = _process()
            future = process.submit(attempt, pickled)
        self._busy[future] = number, process

    def wait(self) -> list[tuple[int, bytes | None]]:
        done, _ = wait(self._busy, return_when=FIRST_COMPLETED)
        return [self._ended(future) for future in done]

    def close(self) -> None:
        for process in [*self._idle, *(process for _, process in self._busy.values())]:
            process.shutdown()

    def _ended(self, future: Future[bytes]) -> tuple[int, bytes | None]:
        number, process = self._busy.pop(future)
        self._idle.append(process)
        try:
            return number, future.result()
        except BrokenProcessPool:
            return number, None


def _process() -> ProcessPoolExecutor:
    # Spawned, not forked: polars and torch hold threads that a fork would leave locked.
    return ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn"))
