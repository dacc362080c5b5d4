"""archive: files, folders, URLs, snapshots, or the miniature web → a manifest of the archives that can be read."""

import sys
from pathlib import Path

from webpairs import metrics, shards, stage
from webpairs.archive import manifest
from webpairs.archive.gather import gather
from webpairs.params import Params
from webpairs.records import TRUTH


def run(params: Params) -> None:
    """Writes data/archive/, metrics/archive.json and metrics/speed/archive.json."""
    watch = metrics.Stopwatch()
    with shards.output_folder(Path("data/archive")) as folder:
        found = gather(params.archive, folder)
        manifest.write(folder, found.checked)
        shards.write_parquet(folder / "truth.parquet", found.truth, TRUTH, ["page_url", "position"])
    for row in found.checked.unreadable:
        print(f"archive: {row['name']} is left out: {row['reason']}", file=sys.stderr)
    for snapshot in found.snapshots:
        if snapshot.listed < params.archive.commoncrawl.files:
            print(f"archive: {snapshot.name} has {snapshot.listed} files only; all are taken", file=sys.stderr)
    measured = manifest.measures(found.checked, found.snapshots)
    metrics.write_metrics(Path("metrics/archive.json"), measured)
    metrics.write_metrics(Path("metrics/speed/archive.json"), watch.speed(files=measured["files"]))


if __name__ == "__main__":
    stage.main("archive", run)
