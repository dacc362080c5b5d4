"""fetch: image URLs → image bytes, and a verdict for every URL."""

import shutil
from pathlib import Path

import polars as pl

from webpairs import metrics, records, shards, stage
from webpairs.errors import WebpairsError
from webpairs.image.check import Limits
from webpairs.image.download import Http
from webpairs.image.fetch import fetch
from webpairs.params import Params


def run(params: Params) -> None:
    """Reads data/candidates and data/archive, writes data/images."""
    settings = params.fetch
    watch = metrics.Stopwatch()
    # Of the candidates, not of their descriptions: a span model trained anew then asks nobody for the images again.
    candidates = shards.read_parquet(Path("data/candidates"), records.CANDIDATES, ["image_url"])
    urls = candidates["image_url"].unique().sort()
    if urls.is_empty():
        raise WebpairsError("No candidate names an image: give archives whose pages show images (archive.inputs).")
    manifest = shards.read_parquet(Path("data/archive/manifest.parquet"), records.MANIFEST).sort("name")
    limits = Limits(settings.min_bytes, settings.max_bytes, settings.min_side, settings.max_pixels)
    http = Http(settings.timeout_seconds, settings.retries, settings.max_bytes) if settings.http else None
    scratch = shards.SCRATCH / "fetch"
    with shards.output_folder(Path("data/images")) as folder:
        verdicts, numbers = fetch(
            urls.to_list(), [Path(path) for path in manifest["path"]], limits, http, scratch, folder
        )
    shutil.rmtree(scratch, ignore_errors=True)
    metrics.write_metrics(Path("metrics/fetch.json"), numbers)
    rows = [{"verdict": name, "urls": count} for name, count in numbers["verdicts"].items()]
    metrics.write_tsv(Path("metrics/fetch/verdicts.tsv"), rows, ["verdict", "urls"])
    images = verdicts.filter(pl.col("verdict") == "kept")["sha256"].n_unique()
    metrics.write_metrics(Path("metrics/speed/fetch.json"), watch.speed(urls=len(urls), images=images))
    summary = ", ".join(f"{count} {name}" for name, count in numbers["verdicts"].items())
    print(f"fetch: {len(urls)} URLs: {summary}")


if __name__ == "__main__":
    stage.main("fetch", run)
