"""label: candidates → examples, the silver training set of the span model."""

from pathlib import Path

from webpairs import stage
from webpairs.metrics import Stopwatch, write_metrics
from webpairs.page.around import parts, read_windowed
from webpairs.params import Params
from webpairs.progress import track
from webpairs.records import EXAMPLES
from webpairs.shards import output_folder, write_parquet
from webpairs.span.silver import label


def run(params: Params) -> None:
    """Labels the candidates of every archive, and splits the examples by domain."""
    stopwatch = Stopwatch()
    files = parts()
    labels = label(map(read_windowed, track(files, "label", "files", len(files))), params.label)
    with output_folder(Path("data/examples")) as folder:
        for name, frame in labels.splits.items():
            write_parquet(folder / f"{name}.parquet", frame, EXAMPLES, ["page_url", "candidate_id"])
    write_metrics(Path("metrics/label.json"), labels.metrics)
    candidates = labels.metrics["candidates"]
    write_metrics(Path("metrics/speed/label.json"), stopwatch.speed(candidates=candidates))


if __name__ == "__main__":
    stage.main("label", run)
