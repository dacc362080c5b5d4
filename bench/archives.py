"""`python -m bench.archives WORK GLOBS`: prints which archives to read and how many pages are in them, as JSON."""

import glob
import json
import sys
from pathlib import Path
from typing import Any

from warcio.archiveiterator import ArchiveIterator
from warcio.exceptions import ArchiveLoadFailed

from bench.pages import pages
from webpairs.archive import miniature
from webpairs.params import load

REAL = "the real archives of the tests"
MINIATURE = "the miniature web"

_REAL = "../shared/warc/sites/*.warc.gz"


def choose(work: Path, globs: str) -> dict[str, Any]:
    """The archives' paths with their pages, all their bytes, and what they are called in the table.

    `globs` is parted by spaces; where it is empty, archives beside the repository are taken, else the miniature web is
    written into the folder. Broken archives, and those without a page, are left out, since most contenders stop there.
    Raises SystemExit where no archive is left.
    """
    given = globs.split()
    name = " ".join(given) or REAL
    files = [Path(path) for pattern in given or [_REAL] for path in sorted(glob.glob(pattern))]  # noqa: PTH207
    if not files and not given:
        name = MINIATURE
        files, _ = miniature.write(_fresh(work / "miniature"), load().archive.sample)
    found = {file: _pages(file) for file in files}
    kept = {str(file): number for file, number in found.items() if number}
    if not kept:
        raise SystemExit(f"{name}: no sound archive with an HTML page; name others as `make bench ARCHIVES=…`.")
    size = sum(Path(path).stat().st_size for path in kept)
    broken = [file.name for file, number in found.items() if number is None]
    return {"name": name, "pages": kept, "bytes": size, "left_out": broken}


def _pages(file: Path) -> int | None:
    """How many pages are in the file; None, and a line that says why, where a reader stops in it."""
    try:
        with file.open("rb") as stream:
            for _ in ArchiveIterator(stream):
                pass
        return sum(1 for _ in pages(file))
    except (OSError, ValueError, ArchiveLoadFailed) as error:
        print(f"bench: {file.name} is left out, not every contender can read it: {error}", file=sys.stderr)
        return None


def _fresh(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for file in folder.iterdir():
        file.unlink()
    return folder


if __name__ == "__main__":
    print(json.dumps(choose(Path(sys.argv[1]), " ".join(sys.argv[2:]))))
