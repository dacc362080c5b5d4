"""Processes of this machine, each on its own: one that dies takes nothing with it but the item it was working on."""

import multiprocessing
import os
import pickle
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from typing import Any

from webpairs.engine.work import attempt

Gpu = str | None  # the name of the one that a process sees, as CUDA_VISIBLE_DEVICES has it; None: sees all there is

_VISIBLE = "CUDA_VISIBLE_DEVICES"


def visible_gpus() -> list[Gpu]:
    """The GPUs of this machine that this process may use."""
    import torch

    count = torch.cuda.device_count()
    names = [name.strip() for name in os.environ.get(_VISIBLE, "").split(",") if name.strip()]
    return list(names[:count]) if names else [str(number) for number in range(count)]


@contextmanager
def processes(gpus: Sequence[Gpu]) -> Iterator["Processes"]:
    """A pool of a process for each entry, started as they are needed; on leaving, what is being worked on is
    finished.
    """
    pool = Processes(gpus)
    try:
        yield pool
    finally:
        pool.close()


class Processes:
    """A pool (see webpairs.engine.work) of executors with one process each.

    One executor with many processes gives up all of them when one dies, and doesn't tell whose item it was.
    """

    def __init__(self, gpus: Sequence[Gpu]) -> None:
        self.remedy = (
            f"There were {len(gpus)} processes: set WEBPAIRS_WORKERS to fewer, 1 at the least, or leave this input out."
        )
        self._idle = [_Process(gpu) for gpu in gpus]
        self._busy: dict[Future[bytes], tuple[int, _Process]] = {}

    def room(self) -> int:
        return len(self._idle)

    def submit(self, number: int, call: tuple[Callable[[Any], Any], Any]) -> None:
        pickled = pickle.dumps(call)
        process = self._idle.pop()
        self._busy[process.submit(pickled)] = number, process

    def wait(self) -> list[tuple[int, bytes | None]]:
        done, _ = wait(self._busy, return_when=FIRST_COMPLETED)
        return [self._ended(future) for future in done]

    def close(self) -> None:
        for process in [*self._idle, *(process for _, process in self._busy.values())]:
            process.close()

    def _ended(self, future: Future[bytes]) -> tuple[int, bytes | None]:
        number, process = self._busy.pop(future)
        self._idle.append(process)
        try:
            return number, future.result()
        except BrokenProcessPool:
            return number, None


class _Process:
    """A process that is started again where it has died, of its last call or with nothing to do."""

    def __init__(self, gpu: Gpu) -> None:
        self._gpu = gpu
        self._executor = self._started()

    def submit(self, call: bytes) -> "Future[bytes]":
        try:
            return self._executor.submit(attempt, call)
        except BrokenProcessPool:
            self._executor = self._started()
            return self._executor.submit(attempt, call)

    def close(self) -> None:
        self._executor.shutdown()

    def _started(self) -> ProcessPoolExecutor:
        # Spawned, not forked: polars and torch hold threads that a fork would leave locked.
        context = multiprocessing.get_context("spawn")
        return ProcessPoolExecutor(1, mp_context=context, initializer=_see, initargs=(self._gpu,))


def _see(gpu: Gpu) -> None:
    """Hides all GPUs but one from this process, before anything looks for them."""
    if gpu is not None:
        os.environ[_VISIBLE] = gpu
