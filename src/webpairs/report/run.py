"""What the report knows of a run, as values; and the reading of it from the folders that the stages wrote."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from webpairs.errors import WebpairsError
from webpairs.metrics import read_metrics, read_tsv
from webpairs.params import Report
from webpairs.records import MANIFEST
from webpairs.report.blocks import Drawn, Pair
from webpairs.report.samples import sample_drawings, sample_pairs
from webpairs.report.values import lookup
from webpairs.shards import read_parquet

METRICS = Path("metrics")
ROLES = {"encoder": "text encoder", "clip": "CLIP", "sdxl": "SDXL", "finetuned": "SDXL"}


@dataclass(frozen=True)
class Run:
    """One run: its inputs as given, what its stages measured, and samples of what it made.

    `metrics` and `speed` map a stage to what it measured, `tables` a TSV's place below metrics/ without its suffix
    (`train_span/history`) to its rows, all cells as text.
    """

    inputs: Sequence[str]
    metrics: Mapping[str, Mapping[str, Any]]
    speed: Mapping[str, Mapping[str, Any]]
    tables: Mapping[str, Sequence[Mapping[str, str]]]
    archives: pl.DataFrame
    pairs: Sequence[Pair]
    drawings: Sequence[Drawn]

    def stand_ins(self, *roles: str) -> tuple[str, ...]:
        """Those of the roles (`encoder`, `clip`, `sdxl`) that a stand-in model played, as a reader would call them."""
        return tuple(ROLES[role] for role in roles if lookup(self.metrics, f"foundation.models.{role}.stand_in"))

    @property
    def is_sample(self) -> bool:
        """Whether the miniature web is among the inputs."""
        return "sample" in self.inputs


def read(
    settings: Report, inputs: Sequence[str], archive: Path, pairs: Path, generated: Path, metrics: Path = METRICS
) -> Run:
    """The run whose stages wrote these folders.

    Raises WebpairsError where a folder of data is missing: then there is nothing to report on yet. A missing metric is
    no error, it shows as such.
    """
    for folder in (archive, pairs, generated):
        if not folder.is_dir():
            raise WebpairsError(f"{folder} is missing: run the pipeline first with `make all`.")
    return Run(
        inputs=inputs,
        metrics={file.stem: read_metrics(file) for file in sorted(metrics.glob("*.json"))},
        speed={file.stem: read_metrics(file) for file in sorted((metrics / "speed").glob("*.json"))},
        tables={f"{file.parent.name}/{file.stem}": read_tsv(file) for file in sorted(metrics.glob("*/*.tsv"))},
        archives=read_parquet(archive / "manifest.parquet", MANIFEST),
        pairs=sample_pairs(pairs, settings.sample_pairs, settings.seed),
        drawings=sample_drawings(generated, settings.sample_prompts, settings.seed),
    )
