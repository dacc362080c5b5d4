"""Wall time of two worker processes against one, on the same archives."""

import os
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from bench import launch
from bench.memory import most_pages
from bench.speed import OURS

FILES = 12
COPIES = 2
FEW_RESPONSES = 10
GOAL = 1.8


def measure(archives: Mapping[str, Any], rounds: int) -> dict[str, Any]:
    """Seconds with one worker and with two, each with what starting them takes: an archive of ten pages a worker.

    Raises Failed where webpairs fails, or where there is one core only.
    """
    if len(os.sched_getaffinity(0)) < 2:
        raise launch.Failed("two processes can't be faster than one on one core")
    folder = launch.WORK / "scaling"
    try:
        return _measured(*_archives(most_pages(archives), folder), rounds)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def speedup(found: Mapping[str, Any], with_start: bool) -> float:
    """How many times as fast two workers are, by the fewest seconds, with or without the time they take to start."""
    one, two = (
        min(found["wall_seconds"][workers]) - (0 if with_start else min(found["start_seconds"][workers]))
        for workers in ("1", "2")
    )
    return float(one / two)


def _archives(source: Path, folder: Path) -> tuple[list[Path], list[Path]]:
    """Archives of equal size, and two with few pages; no page of one is in another."""
    folder.mkdir(parents=True, exist_ok=True)
    equal = [folder / f"{number:02}.warc.gz" for number in range(FILES)]
    enough = int((COPIES - 0.5) * source.stat().st_size)
    for number, target in enumerate(equal):
        launch.ask("repeat", str(target), str(source), str(1 + number * COPIES), str(enough))
    few = [folder / f"few-{number}.warc.gz" for number in range(2)]
    for number, target in enumerate(few):
        launch.ask("repeat", str(target), str(source), str(number), "1", str(FEW_RESPONSES))
    return equal, few


def _measured(equal: Sequence[Path], few: Sequence[Path], rounds: int) -> dict[str, Any]:
    walls: dict[str, list[float]] = {"1": [], "2": []}
    starts: dict[str, list[float]] = {"1": [], "2": []}
    pages: int | None = None
    for number in range(1, rounds + 1):
        for workers in (1, 2):
            whole, start = (launch.run(OURS, files, workers=workers)[0] for files in (equal, few))
            walls[str(workers)].append(round(whole.wall, 2))
            starts[str(workers)].append(round(start.wall, 2))
            pages = whole.pages
            seconds = f"{whole.wall:.1f} s, of which {start.wall:.1f} s to start"
            print(f"bench: round {number} of {rounds}: workers {workers}: {seconds}", flush=True)
    return {
        "files": len(equal),
        "bytes": sum(path.stat().st_size for path in equal),
        "pages": pages,
        "rounds": rounds,
        "wall_seconds": walls,
        "start_seconds": starts,
    }
