"""score: how well each image fits its description and its alt text, by CLIP."""

from pathlib import Path

from webpairs import foundation, metrics, records, shards, stage
from webpairs.clip.model import load
from webpairs.clip.score import score
from webpairs.errors import WebpairsError, listing
from webpairs.evaluation.pairs import histograms, score_numbers
from webpairs.params import Params

CLIP = Path("data/models/clip")


def run(params: Params) -> None:
    """Reads data/descriptions, data/images and data/models/clip, writes data/scores."""
    watch = metrics.Stopwatch()
    descriptions = shards.read_parquet(Path("data/descriptions"), records.DESCRIPTIONS)
    images = shards.read_parquet(Path("data/images/verdicts.parquet"), records.IMAGES)
    if images.filter(images["verdict"] == "kept").is_empty():
        counts = images["verdict"].value_counts(sort=True).sort(["count", "verdict"], descending=[True, False])
        raise listing(
            f"No image was kept of {images.height} URLs: relax section fetch of params.yaml, or give other archives.",
            [f"{verdict}: {count}" for verdict, count in counts.iter_rows()],
        )
    clip = load(CLIP, params.score.precision, params.score.batch_size)
    scores, numbers = score(descriptions, images, Path("data/images"), clip)
    if scores.is_empty():
        raise WebpairsError("No kept image belongs to a candidate: run `dvc repro --force fetch`.")
    with shards.output_folder(Path("data/scores")) as folder:
        shards.write_parquet(folder / "scores.parquet", scores, records.SCORES, ["candidate_id"])
    metrics.write_metrics(
        Path("metrics/score.json"), {"models": {"clip": foundation.source(CLIP)}, **score_numbers(scores), **numbers}
    )
    metrics.write_tsv(
        Path("metrics/score/histogram.tsv"), histograms(scores, "source"), ["source", "low", "high", "count"]
    )
    metrics.write_metrics(
        Path("metrics/speed/score.json"), watch.speed(images=scores["sha256"].n_unique(), texts=numbers["texts"])
    )
    print(f"score: {scores.height} candidates on {scores['sha256'].n_unique()} images")


if __name__ == "__main__":
    stage.main("score", run)
