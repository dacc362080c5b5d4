"""CPU time of every contender on the same pages, on one core, in turns."""

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench import isolated, launch
from bench.worker import Result

OURS = "webpairs_extract"
ON_WAT = "cc2dataset_wat"


@dataclass(frozen=True)
class Contender:
    """A module of bench.contenders; what it does, in words; and the goal for its CPU time, where ours is 1."""

    module: str
    letter: str
    does: str
    at_least: float | None = None


CONTENDERS = (
    Contender("obvious", "a", "fastwarc and resiliparse: images with alt and src, plain text; keeps nothing", 2),
    Contender(OURS, "b", "webpairs: extract, from archive to parquet"),
    Contender("careful", "c", "warcio and BeautifulSoup on lxml: images, alts, text around; keeps nothing", 6),
    Contender("trafilatura_text", "d", "trafilatura with images; keeps nothing", 8),
    Contender("limit", "e", "fastwarc and lexbor: parse, one walk over all nodes; keeps nothing", 0.25),
    Contender(ON_WAT, "f", "cc2dataset on a WAT of the same pages, which somebody else has parsed"),
)


def measure(archives: Mapping[str, Any], rounds: int) -> dict[str, Any]:
    """All rounds, summed up. Raises Failed where webpairs fails; for others that do, the reason is in the result."""
    files = [Path(path) for path in archives["pages"]]
    pages = sum(archives["pages"].values())
    reasons: dict[str, str] = {}
    wat = launch.WORK / "pages.wat.gz"
    python = None
    try:
        python = isolated.python()
        launch.ask("wat", str(wat), *map(str, files))
    except launch.Failed as failed:
        reasons[ON_WAT] = f"can't be installed: {failed}"
    # Read once before, so that nobody waits for the disk.
    _ = [file.read_bytes() for file in files]
    runs: dict[str, list[Result]] = {contender.module: [] for contender in CONTENDERS}
    for number in range(1, rounds + 1):
        for contender in CONTENDERS:
            if contender.module not in reasons:
                try:
                    result = _run(contender, files, wat, python)
                except launch.Failed as failed:
                    if contender.module == OURS:
                        raise
                    reasons[contender.module] = str(failed)
                else:
                    runs[contender.module].append(result)
                    print(f"bench: round {number} of {rounds}: ({contender.letter}) {result.cpu:.2f} s", flush=True)
    return {
        "archives": archives["name"],
        "files": len(files),
        "left_out": archives["left_out"],
        "bytes": archives["bytes"],
        "pages": pages,
        "rounds": rounds,
        "contenders": {
            name: {"failed": reasons[name]} if name in reasons else summed_up(results, pages)
            for name, results in runs.items()
        },
    }


def summed_up(results: Sequence[Result], pages: int) -> dict[str, Any]:
    """The fewest and the median CPU seconds, pages a second by the fewest, and what was counted in the last round.

    `pages` stands in where a contender counts none.
    """
    seconds = [result.cpu for result in results]
    last = results[-1]
    counted = pages if last.pages is None else last.pages
    return {
        "cpu_seconds": [round(one, 3) for one in seconds],
        "cpu_min": round(min(seconds), 3),
        "cpu_median": round(statistics.median(seconds), 3),
        "pages_per_second": round(counted / min(seconds), 1),
        "pages": counted,
        "images": last.images,
        "versions": last.versions,
    }


def ratio(found: Mapping[str, Any], name: str, by: str = "cpu_min") -> float:
    """The contender's CPU time for a page, where that of webpairs is 1: how many times as fast webpairs is."""
    ours, theirs = found["contenders"][OURS], found["contenders"][name]
    return float((theirs[by] / theirs["pages"]) / (ours[by] / ours["pages"]))


def _run(contender: Contender, files: Sequence[Path], wat: Path, python: Path | None) -> Result:
    core = launch.last_core()
    if contender.module == ON_WAT and python is not None:
        return launch.run(contender.module, [wat], core=core, python=python)[0]
    return launch.run(contender.module, files, core=core)[0]
