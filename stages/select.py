"""select: scored candidates → the dataset."""

from pathlib import Path

from webpairs import foundation, metrics, records, shards, stage
from webpairs.dataset.card import card
from webpairs.dataset.members import Members
from webpairs.dataset.pack import pack
from webpairs.dataset.selection import choose, why_none
from webpairs.errors import WebpairsError
from webpairs.evaluation.pairs import pair_numbers
from webpairs.params import Params

CLIP = Path("data/models/clip")


def run(params: Params) -> None:
    """Reads data/scores, data/images and data/models/clip/source.json, writes data/pairs."""
    settings = params.select
    watch = metrics.Stopwatch()
    scores = shards.read_parquet(Path("data/scores"), records.SCORES)
    chosen = choose(scores, settings.min_clip, settings.top_n)
    if chosen.kept.is_empty():
        raise WebpairsError(why_none(scores, settings.min_clip))
    clip = foundation.source(CLIP)
    with shards.output_folder(Path("data/pairs")) as folder:
        images = Members(Path("data/images"))
        pairs = pack(chosen.kept, images.read, folder, settings.holdout_share, settings.shard_size, settings.seed)
        text = card(pairs, settings.min_clip, settings.top_n, clip, scores.height)
        shards.write_bytes(folder / "README.md", text.encode())
    metrics.write_metrics(
        Path("metrics/select.json"),
        {"models": {"clip": clip}, "candidates": scores.height, **pair_numbers(pairs), "drops": chosen.drops},
    )
    metrics.write_metrics(Path("metrics/speed/select.json"), watch.speed(pairs=pairs.height))
    print(f"select: {pairs.height} pairs of {scores.height} candidates")


if __name__ == "__main__":
    stage.main("select", run)
