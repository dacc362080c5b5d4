"""evaluate_span: the span model on the test examples, against the truth where there is any, and on gold → metrics."""

from pathlib import Path
from typing import Any

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
    for name, (joined, about) in sets.items():
        if joined.height:
            found, in_places, in_scopes = evaluate(model, joined, params, image_pages)
            metrics[name] = {**found, **about}
            by_place += [{"set": name, **row} for row in in_places]
            by_scope += [{"set": name, **row} for row in in_scopes]
    write_tsv(METRICS / "places.tsv", by_place, ["set", *places.PLACES])
    write_tsv(METRICS / "baselines.tsv", by_scope, ["set", *places.BASELINES])
    by_iou = spans.distributions(judgement.ious, judgement.categories, CATEGORIES)
    write_tsv(METRICS / "categories.tsv", judgement.by_category, BY_CATEGORY)
    write_tsv(METRICS / "iou_by_category.tsv", by_iou, spans.BY_CATEGORY)
    write_tsv(METRICS / "calibration.tsv", judgement.calibration, CALIBRATION)
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


def evaluate(
    model: SpanModel, joined: pl.DataFrame, params: Params, image_pages: ImagePages
) -> tuple[dict[str, Any], list[dict[str, Any]], list[dict[str, Any]]]:
    """Metrics, rows by place and rows by scope of the model, of its encoder without training, and of the baselines."""
    own, about = judge_answers(model, joined, params.describe, image_pages)
    resamples, seed = params.evaluate_span.resamples, params.evaluate_span.seed
    blank = untrained(Path("data/models/encoder"), model.settings, seed).to(best_device())
    answers = {
        places.MODEL: own.descriptions,
        **places.baselines(joined),
        UNTRAINED: answers_of(blank, joined, params.describe, image_pages, "by an untrained model").descriptions,
    }
    by_place, by_scope = places.evaluate_places(joined, answers, resamples, seed)
    return {**places.truth_metrics(by_scope), **about}, by_place, by_scope


if __name__ == "__main__":
    stage.main("evaluate_span", run)
