"""Starts a contender in a fresh process, and watches the memory of that process and its children."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from bench.worker import Request, Result, peak_mb

ROOT = Path(__file__).parents[1]
WORK = ROOT / ".scratch" / "bench"
SAMPLED_EVERY = 0.1
LINES_OF_ERRORS = 12


class Failed(Exception):
    """A contender that could not run; the message is the end of what it said."""


@dataclass(frozen=True)
class Memory:
    """Peaks of resident memory in MB, of the process itself and of the largest of its children, as sampled."""

    own_mb: float
    child_mb: float


def run(
    contender: str,
    archives: Sequence[Path],
    *,
    core: int | None = None,
    workers: int = 1,
    python: Path = Path(sys.executable),
) -> tuple[Result, Memory]:
    """One run of the contender in an empty folder. Raises Failed where it ends without a result."""
    WORK.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix=f"{contender}-", dir=WORK))
    try:
        return _run(contender, archives, folder, core, workers, python)
    finally:
        shutil.rmtree(folder)


def ask(module: str, *arguments: str) -> Any:
    """What a module of bench prints as JSON when it is run. Raises Failed where it ends without."""
    command = [sys.executable, "-m", f"bench.{module}", *arguments]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True, check=False)
    if done.returncode:
        raise Failed(f"bench.{module} ended with {done.returncode}")
    return json.loads(done.stdout)


def last_core() -> int:
    """The core to pin to: the last that may be used, since the first has more interrupts to serve."""
    return max(os.sched_getaffinity(0))


def _run(
    contender: str, archives: Sequence[Path], folder: Path, core: int | None, workers: int, python: Path
) -> tuple[Result, Memory]:
    request, result, said = folder / "request.json", folder / "result.json", folder / "said.txt"
    (folder / "work").mkdir()
    asked = Request(contender, [str(path.resolve()) for path in archives], str(folder / "work"), core)
    request.write_text(json.dumps(asdict(asked)), encoding="utf-8")
    command = [str(python), "-m", "bench.worker", str(request), str(result)]
    environment = os.environ | {"WEBPAIRS_WORKERS": str(workers), "PYTHONPATH": str(ROOT), "PYTHONHASHSEED": "0"}
    with said.open("wb") as output:
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=output, stderr=subprocess.STDOUT)
        memory = _watch(process)
    if process.returncode or not result.exists():
        lines = said.read_text(encoding="utf-8", errors="replace").splitlines()[-LINES_OF_ERRORS:]
        raise Failed("\n".join([f"{contender} ended with {process.returncode}:", *lines]))
    found = Result(**json.loads(result.read_text(encoding="utf-8")))
    return found, Memory(max(found.memory_mb, memory.own_mb), memory.child_mb)


def _watch(process: "subprocess.Popen[bytes]") -> Memory:
    """Waits for the process to end, and samples meanwhile."""
    own = child = 0.0
    while process.poll() is None:
        own = max(own, peak_mb(process.pid))
        child = max([child, *map(peak_mb, descendants(process.pid))])
        time.sleep(SAMPLED_EVERY)
    return Memory(own, child)


def descendants(process: int) -> list[int]:
    """The living children of a process, their children, and so on."""
    found: list[int] = []
    for tasks in Path(f"/proc/{process}/task").glob("*/children"):
        try:
            children = [int(child) for child in tasks.read_text(encoding="ascii").split()]
        except OSError:  # it has ended
            continue
        found += children
        for child in children:
            found += descendants(child)
    return found
