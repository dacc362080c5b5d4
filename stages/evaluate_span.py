"""evaluate_span: the span model on the test examples, against the truth where there is any, and on gold → metrics."""

from pathlib import Path
from typing import Any, NamedTuple

import polars as pl

from webpairs import stage
from webpairs.evaluation import gold, places, spans
from webpairs.metrics import Stopwatch, write_metrics, write_tsv
from webpairs.page.around import windowed
from webpairs.params import Params
from webpairs.records import CANDIDATES, EXAMPLES, PAGES, TRUTH
from webpairs.shards import read_parquet
from webpairs.span.decorations import ImagePages, pages_of_images
from webpairs.span.judging import BY_CATEGORY, CALIBRATION, answers_of, judge, judge_answers
from webpairs.span.model import SpanModel, best_device, load_model, untrained
from webpairs.span.silver import CATEGORIES

METRICS = Path("metrics/evaluate_span")
UNTRAINED = "untrained"


def run(params: Params) -> None:
    """Judges the model on domains that it has never seen."""
    stopwatch = Stopwatch()
    model = load_model(Path("data/models/span")).to(best_device())
    examples = read_parquet(Path("data/examples/test.parquet"), EXAMPLES)
    judgement = judge(model, examples, params.describe)
    sets = {"truth": with_truth(examples["domain"].unique().to_list()), "gold": with_gold(gold.TEST)}
    image_pages = pages_of_images(pl.scan_parquet("data/candidates/*.parquet"))
    metrics: dict[str, Any] = dict.fromkeys(sets)
    by_place: list[dict[str, Any]] = []
    by_scope: list[dict[str, Any]] = []
    calibration = [{"set": "test", **row} for row in judgement.calibration]
    for name, (joined, about) in sets.items():
        if joined.height:
            found = evaluate(model, joined, params, image_pages)
            metrics[name] = {**found.metrics, **about}
            by_place += [{"set": name, **row} for row in found.by_place]
            by_scope += [{"set": name, **row} for row in found.by_scope]
            calibration += [{"set": name, **row} for row in found.calibration]
    write_tsv(METRICS / "places.tsv", by_place, ["set", *places.PLACES])
    write_tsv(METRICS / "baselines.tsv", by_scope, ["set", *places.BASELINES])
    by_iou = spans.distributions(judgement.ious, judgement.categories, CATEGORIES)
    write_tsv(METRICS / "categories.tsv", judgement.by_category, BY_CATEGORY)
    write_tsv(METRICS / "iou_by_category.tsv", by_iou, spans.BY_CATEGORY)
    write_tsv(METRICS / "calibration.tsv", calibration, ["set", *CALIBRATION])
    metrics |= {"test": judgement.metrics, "models": {"encoder": model.settings.encoder}}
    write_metrics(Path("metrics/evaluate_span.json"), metrics)
    images = sum(joined.height for joined, _ in sets.values())
    write_metrics(Path("metrics/speed/evaluate_span.json"), stopwatch.speed(spans=examples.height + images))


def with_truth(domains: list[str]) -> tuple[pl.DataFrame, dict[str, Any]]:
    """The images of these domains whose truth is known, if any."""
    truth = read_parquet(Path("data/archive/truth.parquet"), TRUTH)
    if not truth.height:
        return pl.DataFrame(), {}
    return places.join_truth(pl.concat(windows(domains)), truth, domains), {}


def with_gold(split: str) -> tuple[pl.DataFrame, dict[str, Any]]:
    """The images of this split of the gold set that are in the archives, if any; how many are lost, and how far
    labellers agree.
    """
    pages = pl.concat([read_parquet(file, PAGES) for file in sorted(Path("data/pages").glob("*.parquet"))])
    pages = pages.join(gold.of_split(split).select("record_digest").unique(), "record_digest", "semi")
    if not pages.height:
        return pl.DataFrame(), {}
    joined, lost = gold.join(pl.concat(windows(pages["domain"].unique().to_list())), pages)
    return joined, {"lost": lost, "agreement": gold.agreement(pages)}


def windows(domains: list[str]) -> list[pl.DataFrame]:
    """The candidates of these domains with the text around them, file by file."""
    found = []
    for file in sorted(Path("data/candidates").glob("*.parquet")):
        candidates = read_parquet(file, CANDIDATES).filter(pl.col("domain").is_in(domains))
        found.append(windowed(candidates, read_parquet(Path("data/pages") / file.name, PAGES, ["page_id", "text"])))
    return found


class Evaluated(NamedTuple):
    """Metrics on images with truth, and the rows of three tables: by place, by scope, and of the calibration curve."""

    metrics: dict[str, Any]
    by_place: list[dict[str, Any]]
    by_scope: list[dict[str, Any]]
    calibration: list[dict[str, Any]]


def evaluate(model: SpanModel, joined: pl.DataFrame, params: Params, image_pages: ImagePages) -> Evaluated:
    """The model, its encoder without training, and the baselines, on images whose truth is known."""
    judged = judge_answers(model, joined, params.describe, image_pages)
    resamples, seed = params.evaluate_span.resamples, params.evaluate_span.seed
    blank = untrained(Path("data/models/encoder"), model.settings, seed).to(best_device())
    answers = {
        places.MODEL: judged.answers.descriptions,
        **places.baselines(joined),
        UNTRAINED: answers_of(blank, joined, params.describe, image_pages, "by an untrained model").descriptions,
    }
    by_place, by_scope = places.evaluate_places(joined, answers, resamples, seed)
    return Evaluated({**places.truth_metrics(by_scope), **judged.metrics}, by_place, by_scope, judged.calibration)


if __name__ == "__main__":
    stage.main("evaluate_span", run)
