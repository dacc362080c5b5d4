"""(f) cc2dataset's work on one file, `process_wat`, on a WAT of the same pages; in an environment of its own.

What it spends is not what a WAT costs: that somebody else parsed the pages before is not in it.
"""

from collections.abc import Sequence
from pathlib import Path

from cc2dataset.main import process_wat

from bench.contenders import Counted

LIBRARIES = ("cc2dataset", "fastwarc", "pysimdjson")


def run(archives: Sequence[Path], folder: Path) -> Counted:  # noqa: ARG001
    """Lists the images with alt of every page in the WAT files; keeps none."""
    return Counted(None, sum(1 for archive in archives for _ in process_wat(str(archive), "image")))
