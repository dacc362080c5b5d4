"""`python -m bench.worker REQUEST RESULT`: one run of one contender in a process of its own.

Imports come first and aren't timed; CPU time is user and system, of all threads and of child processes.
"""

import importlib
import json
import os
import resource
import sys
import time
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path


@dataclass(frozen=True)
class Request:
    """What to run: a module of bench.contenders, on these archives, in this empty folder, on this core or on all."""

    contender: str
    archives: list[str]
    folder: str
    core: int | None


@dataclass(frozen=True)
class Result:
    """What a run needed, in seconds and MB, what it counted, and the versions of its libraries."""

    cpu: float
    wall: float
    memory_mb: float
    pages: int | None
    images: int | None
    versions: dict[str, str]


def run(request: Request) -> Result:
    """Runs the contender once; raises what it raises."""
    if request.core is not None:
        # Before the imports: libraries make as many threads as there are cores then.
        os.sched_setaffinity(0, {request.core})
    contender = importlib.import_module(f"bench.contenders.{request.contender}")
    archives, folder = [Path(path) for path in request.archives], Path(request.folder)
    if hasattr(contender, "prepare"):
        contender.prepare(archives, folder)
    wall, cpu = time.perf_counter(), _cpu()
    counted = contender.run(archives, folder)
    cpu, wall = _cpu() - cpu, time.perf_counter() - wall
    versions = {library: version(library) for library in contender.LIBRARIES}
    return Result(cpu, wall, peak_mb(os.getpid()), counted.pages, counted.images, versions)


def peak_mb(process: int) -> float:
    """The most resident memory that a living process ever had, in MB; 0 where it is gone."""
    try:
        status = Path(f"/proc/{process}/status").read_text(encoding="ascii", errors="replace")
    except OSError:
        return 0.0
    # Not ru_maxrss: that of a child begins with what its parent had.
    peak = next((line.split()[1] for line in status.splitlines() if line.startswith("VmHWM:")), "0")
    return int(peak) / 1024


def _cpu() -> float:
    """CPU seconds of this process and of the children that have ended."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


def main() -> None:
    """Reads the request's file, and writes the result's."""
    request, result = map(Path, sys.argv[1:])
    found = run(Request(**json.loads(request.read_text(encoding="utf-8"))))
    result.write_text(json.dumps(asdict(found)), encoding="utf-8")


if __name__ == "__main__":
    main()
