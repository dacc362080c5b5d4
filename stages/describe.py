"""describe: candidates and span model → the best span of every candidate."""

import shutil
from pathlib import Path

from webpairs import span, stage
from webpairs.metrics import Stopwatch, write_metrics
from webpairs.page.around import read_windowed
from webpairs.params import Params
from webpairs.progress import track
from webpairs.records import DESCRIPTIONS
from webpairs.shards import code_digest, fingerprint, finished, output_folder, read_parquet, sha256, write_parquet
from webpairs.span.describe import describe, description_metrics
from webpairs.span.model import best_device, load_model

MODEL = Path("data/models/span")


def run(params: Params) -> None:
    """Describes the candidates of every archive; of an archive that is as before, finished work is used again."""
    stopwatch = Stopwatch()
    model = load_model(MODEL).to(best_device())
    version = [sha256(file) for file in sorted(MODEL.iterdir())]
    pages = Path("data/pages")
    files = sorted(Path("data/candidates").glob("*.parquet"))
    fresh = 0
    with output_folder(Path("data/descriptions")) as folder:
        for file in track(files, "describe", "files", len(files)):

            def produce(path: Path, file: Path = file) -> None:
                nonlocal fresh
                described = describe(model, read_windowed(file, pages), params.describe.batch_size)
                write_parquet(path, described, DESCRIPTIONS, [])
                fresh += described.height

            texts = sha256(pages / file.name)
            key = fingerprint(version, sha256(file), texts, params.describe.model_dump(), code_digest(span))
            shutil.copyfile(finished("describe", key, ".parquet", produce), folder / file.name)
        metrics = description_metrics(read_parquet(folder, DESCRIPTIONS))
    write_metrics(Path("metrics/describe.json"), {**metrics, "models": {"encoder": model.settings.encoder}})
    speed = stopwatch.speed(spans=fresh)
    write_metrics(
        Path("metrics/speed/describe.json"),
        {**speed, "new_spans": fresh, "seconds_per_1000_images": 1000 * speed["seconds"] / fresh if fresh else None},
    )


if __name__ == "__main__":
    stage.main("describe", run)
