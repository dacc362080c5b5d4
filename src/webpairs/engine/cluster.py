"""The nodes of an existing Ray cluster, which share the project folder and the Python environment with this machine."""

import logging
import os
import pickle
import platform
import socket
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

import webpairs
from webpairs.engine.work import Failure, attempt
from webpairs.errors import WebpairsError
from webpairs.shards import SCRATCH

# A second task waits for each CPU or GPU, so that none idles while a result travels.
TASKS_PER_SLOT = 2
SECONDS_TO_REACH = 10
SECONDS_BETWEEN_LOOKS = 30


@dataclass(frozen=True, slots=True)
class Place:
    """What a node must have in common with the machine that sends it work."""

    code: str
    folder: str
    mark: str  # a file in the folder, of a name that stands in no other


@contextmanager
def connected(address: str, uses_gpu: bool = False) -> Iterator["Nodes"]:
    """The nodes of the cluster at this address, as long as the block runs; on leaving, unfinished tasks are given up.

    Those with a GPU, where one is used and there are any.

    Raises WebpairsError where Ray isn't installed, or the cluster can't be reached, lets nobody in or has no CPU.
    """
    _reach(address)
    ray = _ray()
    SCRATCH.mkdir(parents=True, exist_ok=True)
    with NamedTemporaryFile(dir=SCRATCH, prefix="shared-") as mark:
        _join(ray, address)
        try:
            yield Nodes(ray, Place(_code(), str(Path.cwd()), mark.name), uses_gpu)
        finally:
            ray.shutdown()


class Nodes:
    """A pool (see webpairs.engine.work) of Ray tasks with one CPU each, or with one GPU."""

    remedy = (
        "Start the cluster's nodes with fewer CPUs (`ray start --num-cpus=…`), so that each task has more memory, or "
        "leave this input out."
    )

    def __init__(self, ray: Any, place: Place, uses_gpu: bool) -> None:
        self._ray = ray
        self._place = place
        self._cpus()
        has_gpu = uses_gpu and ray.cluster_resources().get("GPU", 0) >= 1
        needed = {"num_cpus": 0, "num_gpus": 1} if has_gpu else {"num_cpus": 1}
        self._slots = self._gpus if has_gpu else self._cpus
        # Not Ray's own retries: after want of memory they have no end.
        self._task = ray.remote(**needed, max_retries=0, scheduling_strategy="SPREAD")(_work)
        self._running: dict[Any, int] = {}

    def room(self) -> int:
        return max(0, TASKS_PER_SLOT * self._slots() - len(self._running))

    def submit(self, number: int, call: tuple[Callable[[Any], Any], Any]) -> None:
        self._running[self._task.remote(self._place, self._ray.cloudpickle.dumps(call))] = number

    def wait(self) -> list[tuple[int, bytes | None]]:
        while True:
            done, _ = self._ray.wait(list(self._running), timeout=SECONDS_BETWEEN_LOOKS)
            if done:
                return [(self._running.pop(ref), self._answer(ref)) for ref in done]
            self._slots()

    def _answer(self, ref: Any) -> bytes | None:
        errors = self._ray.exceptions
        try:
            answer: bytes = self._ray.get(ref)
        except (errors.WorkerCrashedError, errors.NodeDiedError, errors.OutOfMemoryError, errors.ObjectLostError):
            return None
        except errors.RayTaskError as error:
            raise WebpairsError(
                f"A node of the Ray cluster can't run webpairs ({_last_line(error)}): run `ray start` on every node in "
                f"the environment {sys.prefix}, at the same path."
            ) from error
        except errors.RayError as error:
            raise WebpairsError(
                f"The Ray cluster failed ({_last_line(error)}): look at `ray status`, and run this again; what was "
                "finished is kept."
            ) from error
        return answer

    def _cpus(self) -> int:
        cpus = int(self._ray.cluster_resources().get("CPU", 0))
        if not cpus:
            raise WebpairsError(
                "The Ray cluster has no CPU to work on: add a node with `ray start --address=…`, or unset RAY_ADDRESS."
            )
        return cpus

    def _gpus(self) -> int:
        gpus = int(self._ray.cluster_resources().get("GPU", 0))
        if not gpus:
            raise WebpairsError("The Ray cluster's last GPU is gone: add a node with one, and run this again.")
        return gpus


def _work(place: Place, call: bytes) -> bytes:
    """Does a call in the folder that it comes from. This runs on a node."""
    node = platform.node()
    if _code() != place.code:
        return _refused(
            f"Node {node} of the Ray cluster runs webpairs from {_code()}, not from {place.code}: run `ray start` in "
            "the same environment there, at the same path."
        )
    if not Path(place.mark).exists():
        return _refused(
            f"Node {node} of the Ray cluster doesn't share the folder {place.folder}: put the project on a file system "
            "that all nodes mount at the same path."
        )
    os.chdir(place.folder)
    return attempt(call)


def _refused(message: str) -> bytes:
    return pickle.dumps(Failure(WebpairsError(message)))


def _code() -> str:
    return str(Path(webpairs.__file__).parent)


def _ray() -> Any:
    # Both are read on import. Without the second, Ray knocks at a wrong address for 14 minutes.
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    os.environ.setdefault("RAY_NUM_REDIS_GET_RETRIES", "1")
    try:
        import ray
        import ray.exceptions
    except ImportError as error:
        raise WebpairsError(
            f"RAY_ADDRESS is set, but Ray can't be imported ({error}): `pip install 'webpairs[ray]'`, or unset "
            "RAY_ADDRESS to work on this machine."
        ) from None
    return ray


def _reach(address: str) -> None:
    """Raises WebpairsError at once where Ray would wait, or would start a cluster of its own."""
    if address == "auto":
        return
    host, _, port = address.rpartition(":")
    if not host or not port.isdecimal() or "/" in host:
        raise _unreachable(address, "it is neither host:port of a head node nor `auto`")
    try:
        socket.create_connection((host.strip("[]"), int(port)), timeout=SECONDS_TO_REACH).close()
    except (OSError, OverflowError, UnicodeError) as error:
        raise _unreachable(address, str(error)) from None


def _join(ray: Any, address: str) -> None:
    passed = {name: value for name, value in os.environ.items() if name.startswith(("WEBPAIRS_", "PYTHONHASHSEED"))}
    environment = {"env_vars": passed} if passed else None
    try:
        ray.init(address, runtime_env=environment, log_to_driver=False, logging_level=logging.ERROR)
    except (ConnectionError, RuntimeError, ValueError, ray.exceptions.RayError) as error:
        raise _unreachable(address, _last_line(error)) from error


def _unreachable(address: str, cause: str) -> WebpairsError:
    return WebpairsError(
        f"The Ray cluster at RAY_ADDRESS={address} can't be used: {cause}. Check that the address is the one that `ray "
        "start --head` printed, that this machine is a node of the cluster, and, where the cluster asks for a token, "
        "that RAY_AUTH_MODE=token and the token are set here too; or unset RAY_ADDRESS to work on this machine."
    )


def _last_line(error: Exception) -> str:
    return str(error).strip().rsplit("\n", 1)[-1]
