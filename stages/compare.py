"""compare: descriptions against alt texts on the same images of the same pages, and confidence against score."""

from pathlib import Path

from webpairs import foundation, metrics, records, shards, stage
from webpairs.evaluation.pairs import compare, confidence_correlation, histograms, scatter
from webpairs.evaluation.yields import YIELD, yields
from webpairs.params import Params

CLIP = Path("data/models/clip")
JUDGE = "models.clip scored both methods, and is what would select pairs from either"


def run(params: Params) -> None:
    """Reads data/scores, data/archive/truth.parquet and data/models/clip/source.json, writes metrics alone."""
    watch = metrics.Stopwatch()
    scores = shards.read_parquet(Path("data/scores"), records.SCORES)
    numbers = compare(scores, params.compare.resamples, params.compare.seed)
    given = yields(scores, shards.read_parquet(Path("data/archive/truth.parquet"), records.TRUTH))
    metrics.write_metrics(
        Path("metrics/compare.json"),
        {
            "models": {"clip": foundation.source(CLIP)},
            "judge": JUDGE,
            **numbers,
            "confidence_correlation": confidence_correlation(scores),
        },
    )
    metrics.write_tsv(Path("metrics/compare/yield.tsv"), given, YIELD)
    metrics.write_tsv(
        Path("metrics/compare/scores.tsv"), histograms(scores, "method"), ["method", "low", "high", "count"]
    )
    metrics.write_tsv(Path("metrics/compare/scatter.tsv"), scatter(scores), ["span_confidence", "score"])
    metrics.write_metrics(Path("metrics/speed/compare.json"), watch.speed(candidates=scores.height))
    print(
        f"compare: {numbers['images']} images, {numbers['paired_difference']['n']} of them with texts by both methods"
    )


if __name__ == "__main__":
    stage.main("compare", run)
