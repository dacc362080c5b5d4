"""label: candidates → examples, the silver training set of the span model."""

from pathlib import Path

import polars as pl

from webpairs import stage
from webpairs.evaluation import gold
from webpairs.metrics import Stopwatch, write_metrics, write_tsv
from webpairs.page.around import read_windowed
from webpairs.params import Params
from webpairs.progress import track
from webpairs.records import EXAMPLES
from webpairs.shards import output_folder, write_parquet
from webpairs.span.decorations import pages_of_images
from webpairs.span.silver import KINDS, label


def run(params: Params) -> None:
    """Labels the candidates of every archive, and splits the examples by domain."""
    stopwatch = Stopwatch()
    pages = Path("data/pages")
    files = sorted(Path("data/candidates").glob("*.parquet"))
    candidates = (read_windowed(file, pages) for file in track(files, "label", "files", len(files)))
    repeated = pages_of_images(pl.scan_parquet("data/candidates/*.parquet")) if files else {}
    labels = label(candidates, params.label, repeated, gold.domains())
    with output_folder(Path("data/examples")) as folder:
        for name, frame in labels.splits.items():
            write_parquet(folder / f"{name}.parquet", frame, EXAMPLES, ["page_url", "candidate_id"])
    write_metrics(Path("metrics/label.json"), labels.metrics)
    write_tsv(Path("metrics/label/kinds.tsv"), labels.kinds, KINDS)
    speed = stopwatch.speed(candidates=labels.metrics["candidates"])
    write_metrics(Path("metrics/speed/label.json"), speed)


if __name__ == "__main__":
    stage.main("label", run)
