"""describe: candidates and span model → the best span of every candidate."""

from pathlib import Path

import polars as pl

from webpairs import stage
from webpairs.metrics import Stopwatch, write_metrics
from webpairs.params import Params
from webpairs.records import DESCRIPTIONS
from webpairs.shards import fingerprint, output_folder, read_parquet, sha256, write_parquet
from webpairs.span.decorations import pages_of_images
from webpairs.span.describe import describe_parts, description_metrics, parts
from webpairs.span.model import read_settings

MODEL = Path("data/models/span")
PAGES = Path("data/pages")


def run(params: Params) -> None:
    """Describes the candidates of every archive; of an archive that is as before, finished work is used again."""
    stopwatch = Stopwatch()
    encoder = read_settings(MODEL).encoder
    version = fingerprint([sha256(file) for file in sorted(MODEL.iterdir())])
    files = sorted(Path("data/candidates").glob("*.parquet"))
    image_pages = pages_of_images(pl.scan_parquet("data/candidates/*.parquet")) if files else {}
    of_file = {file.name: parts(file, PAGES, image_pages, MODEL, version, params.describe) for file in files}
    fresh = describe_parts([part for own in of_file.values() for part in own])
    with output_folder(Path("data/descriptions")) as folder:
        for name, own in of_file.items():
            described = [read_parquet(part.described, DESCRIPTIONS) for part in own]
            whole = pl.concat([pl.DataFrame(schema=DESCRIPTIONS), *described])
            write_parquet(folder / name, whole, DESCRIPTIONS, [])
        metrics = description_metrics(read_parquet(folder, DESCRIPTIONS))
    write_metrics(Path("metrics/describe.json"), {**metrics, "models": {"encoder": encoder}})
    shown = ", ".join(f"{number} {name}" for name, number in metrics["outcomes"].items() if number)
    print(f"describe: {metrics['candidates']} candidates: {shown}")
    speed = stopwatch.speed(spans=fresh)
    write_metrics(
        Path("metrics/speed/describe.json"),
        {**speed, "new_spans": fresh, "seconds_per_1000_images": 1000 * speed["seconds"] / fresh if fresh else None},
    )


if __name__ == "__main__":
    stage.main("describe", run)
