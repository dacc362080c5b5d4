"""evaluate_span: the span model on the test examples, and against the truth where there is any → metrics."""

from pathlib import Path
from typing import Any

import polars as pl

from webpairs import stage
from webpairs.evaluation import places
from webpairs.evaluation.spans import distribution
from webpairs.metrics import Stopwatch, write_metrics, write_tsv
from webpairs.page.around import read_windowed
from webpairs.params import EvaluateSpan, Params
from webpairs.records import EXAMPLES, TRUTH
from webpairs.shards import read_parquet
from webpairs.span.describe import spans_text, texts_of
from webpairs.span.judging import judge
from webpairs.span.model import SpanModel, best_device, load_model
from webpairs.span.prediction import predict_texts

METRICS = Path("metrics/evaluate_span")


def run(params: Params) -> None:
    """Judges the model on domains that it has never seen."""
    stopwatch = Stopwatch()
    model = load_model(Path("data/models/span")).to(best_device())
    examples = read_parquet(Path("data/examples/test.parquet"), EXAMPLES)
    judgement = judge(model, examples, params.evaluate_span.batch_size)
    truth, images = evaluate_truth(model, examples["domain"].unique().to_list(), params.evaluate_span)
    metrics = {"truth": truth, "test": judgement.metrics, "models": {"encoder": model.settings.encoder}}
    write_tsv(METRICS / "iou.tsv", distribution(judgement.ious), ["bin", "share"])
    write_metrics(Path("metrics/evaluate_span.json"), metrics)
    write_metrics(Path("metrics/speed/evaluate_span.json"), stopwatch.speed(spans=examples.height + images))


def evaluate_truth(model: SpanModel, domains: list[str], params: EvaluateSpan) -> tuple[dict[str, Any] | None, int]:
    """Writes the tables by place and by system; the metrics (None without any truth) and the number of images."""
    truth = read_parquet(Path("data/archive/truth.parquet"), TRUTH)
    by_place: list[dict[str, Any]] = []
    by_scope: list[dict[str, Any]] = []
    joined = pl.DataFrame()
    if truth.height:
        pages = Path("data/pages")
        files = sorted(Path("data/candidates").glob("*.parquet"))
        joined = places.join_truth(pl.concat([read_windowed(file, pages) for file in files]), truth, domains)
        texts = texts_of(joined)
        own = spans_text(texts, predict_texts(model, texts, params.batch_size, "images with truth"))
        answers = {places.MODEL: own, **places.baselines(joined)}
        by_place, by_scope = places.evaluate_places(joined, answers, params.resamples, params.seed)
    write_tsv(METRICS / "places.tsv", by_place, places.PLACES)
    write_tsv(METRICS / "baselines.tsv", by_scope, places.BASELINES)
    return places.truth_metrics(by_scope) if joined.height else None, joined.height


if __name__ == "__main__":
    stage.main("evaluate_span", run)
