"""(b) webpairs' stage extract, whole: from the archives to a parquet of candidates for each, and all metrics.

All that the benchmark knows of webpairs' inside stands here.
"""

import os
from collections.abc import Sequence
from pathlib import Path

from bench.contenders import Counted
from stages import archive, extract
from webpairs import metrics
from webpairs.params import Params, load

LIBRARIES = ("fastwarc", "resiliparse", "selectolax", "polars")

PARAMS = Path(__file__).parents[2] / "params.yaml"


def prepare(archives: Sequence[Path], folder: Path) -> None:
    """Makes the manifest of the archives, as the stage before does."""
    os.chdir(folder)
    archive.run(_params(archives))


def run(archives: Sequence[Path], folder: Path) -> Counted:
    """Extracts, in a folder where nothing is found finished."""
    os.chdir(folder)
    extract.run(_params(archives))
    found = metrics.read_metrics(Path("metrics/extract.json"))
    return Counted(found["pages"], found["images"])


def _params(archives: Sequence[Path]) -> Params:
    params = load(PARAMS)
    inputs = params.archive.model_copy(update={"inputs": [str(path) for path in archives]})
    return params.model_copy(update={"archive": inputs})
