"""The most memory that one worker needs for a small archive, and for a large one made by repeating it."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from bench import launch
from bench.speed import OURS

BOUND_MB = 500


def measure(archives: Mapping[str, Any], megabytes: int) -> dict[str, Any]:
    """Peaks in MB for the archive with most pages as it is, and repeated up to that size. Raises Failed."""
    small = most_pages(archives)
    large = launch.WORK / f"repeated-{small.name.partition('.')[0]}-{megabytes}.warc.gz"
    print(f"bench: writing {megabytes} MB of repeated pages", flush=True)
    copies = launch.ask("repeat", str(large), str(small), "1", str(megabytes * 10**6))
    try:
        return {
            "bound_mb": BOUND_MB,
            "copies": copies,
            "small": _peak(small),
            "large": _peak(large),
        }
    finally:
        large.unlink()


def most_pages(archives: Mapping[str, Any]) -> Path:
    """The archive with most pages."""
    pages: Mapping[str, int] = archives["pages"]
    return Path(max(pages, key=lambda path: pages[path]))


def _peak(archive: Path) -> dict[str, Any]:
    size = archive.stat().st_size
    print(f"bench: extracting {size / 1e6:.0f} MB with one worker", flush=True)
    result, memory = launch.run(OURS, [archive])
    return {
        "bytes": size,
        "pages": result.pages,
        "wall_seconds": round(result.wall, 1),
        "process_mb": round(memory.own_mb),
        "largest_child_mb": round(memory.child_mb),
    }
