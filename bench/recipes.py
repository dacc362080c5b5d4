"""`make recipes`: recipes of the span model side by side: the thesis's, the default, and the default with one change.

All are trained on the archives of this working tree (`data/`, as `make all` leaves it), on the same domains, and judged
on the same images: silver test examples of the default, at most 10 of a domain, the truth of the miniature web's test
domains, and the gold set where its archives are among the inputs. What is to be chosen is chosen by the truth of the
validation domains and by the gold images that are for choosing. Two more recipes learn from the domains of these, too,
without the gold images, and are judged on the rest. Encoder, epochs and rate are the same for all. Each run
is a row of bench/recipes.tsv; what is there already, of the same examples and settings, isn't run again, even where the
code has changed: after a change that makes other models, remove bench/recipes.tsv and .scratch/recipes.
"""

import argparse
import fcntl
import hashlib
import sys
from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import polars as pl
import torch
import yaml

from bench import launch, recipes_figure, recipes_table
from stages.evaluate_span import with_gold, with_truth
from webpairs.evaluation import gold, places
from webpairs.metrics import write_tsv
from webpairs.page.around import read_windowed
from webpairs.params import Describe, Label, Params, TrainSpan, load
from webpairs.progress import track
from webpairs.shards import SCRATCH, fingerprint
from webpairs.span.answers import DESCRIBED, NONE, Answers, abstention
from webpairs.span.decorations import pages_of_images
from webpairs.span.judging import answers_of, judge, judge_answers
from webpairs.span.model import Settings, SpanModel, best_precision, encoder_source, load_model, new_model, untrained
from webpairs.span.silver import Labels, label
from webpairs.span.training import train

RUNS = launch.ROOT / "bench" / "recipes.tsv"
ENCODER = Path("data/models/encoder")
_SEEDS = (1, 2, 3)
_BATCH = 8
_SILVER_OF_DOMAIN = 10  # test examples

_TO_CHOOSE = "gold_validation"  # the set of gold images by which recipes and thresholds are chosen

_SECTIONS = ("label", "train_span", "describe")

# What the thesis says nothing about, and what would only make its runs longer or shorter, is as in the default.
_NOT_THE_RECIPE = ("train_span.epochs", "train_span.max_tokens", "train_span.attention_dropout", "train_span.precision")


class Recipe(NamedTuple):
    """Params that differ from the default, and the seeds to train with."""

    name: str
    changes: Mapping[str, Any]
    seeds: Sequence[int] = _SEEDS[:1]
    more_real_pages: bool = False  # learns from silver of the domains of gold validation, too


def recipes(default: Params, thesis: Mapping[str, Any]) -> list[Recipe]:
    """All of them; of those that change one thing, only what isn't as in the default already."""
    own = {
        name: value
        for name, value in thesis.items()
        if name.startswith(tuple(f"{section}." for section in _SECTIONS)) and name not in _NOT_THE_RECIPE
    }
    changed = [
        Recipe("alt texts alone as labels", {"label.kinds": ["alt"]}),
        Recipe("negatives learnt", {"train_span.learns_negatives": True}, _SEEDS),
        Recipe("no negatives", {"label.negatives_per_example": 0.0}, _SEEDS),
        Recipe("no not_in_text", {"label.negatives": ["icon", "repeated"]}),
        Recipe("no none", {"train_span.answers_none": False}),
        Recipe("an answer however unsure", {"describe.min_confidence": 0.0}),
        Recipe("no matching words", {"train_span.matches": []}),
        Recipe("no edges", {"train_span.edges": []}),
        Recipe("alt always in the input", {"train_span.alt_in_input": "always"}),
        Recipe("alt never in the input", {"train_span.alt_in_input": "never"}),
        Recipe("the likeliest span", {"train_span.decoding": "likeliest"}),
        Recipe("near or far the same", {"train_span.nearness": 0.0}),
        Recipe("nothing mirrored", {"train_span.mirrored": 0.0}),
        Recipe("no masked tokens", {"train_span.token_masking": 0.0}),
        Recipe("cross-entropy alone", {"train_span.loss": "cross_entropy"}),
        Recipe("soft IoU alone", {"train_span.loss": "soft_iou"}),
    ]
    flat = {
        f"{section}.{name}": value
        for section in _SECTIONS
        for name, value in getattr(default, section).model_dump().items()
    }
    return [
        Recipe("thesis", own, _SEEDS),
        Recipe("default", {}, _SEEDS),
        *(one for one in changed if any(flat[name] != value for name, value in one.changes.items())),
        Recipe("thesis, more real pages", own, _SEEDS, more_real_pages=True),
        Recipe("default, more real pages", {}, _SEEDS, more_real_pages=True),
    ]


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m bench.recipes", description=__doc__)
    parser.add_argument("--only", default="", help="names of recipes, parted by commas; all where none is named")
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    given = parser.parse_args()
    torch.set_num_threads(given.threads)
    params = load(Path("params.yaml"))
    chosen = [name.strip() for name in given.only.split(",") if name.strip()]
    every = recipes(params, profile(launch.ROOT / "profiles" / "thesis"))
    if unknown := set(chosen) - {one.name for one in every}:
        print(
            f"recipes: there is no {', '.join(sorted(unknown))}: name some of {', '.join(one.name for one in every)}",
            file=sys.stderr,
        )
        return 1
    bench = Bench(params)
    wanted = [one for one in every if one.name in (chosen or [one.name])]
    if lacking := [one.name for one in wanted if not bench.can_run(one)]:
        print(f"recipes: left out are {', '.join(lacking)}: the archives hold no image of gold validation")
    runs = [(one, seed) for seed in _SEEDS for one in wanted if seed in one.seeds and bench.can_run(one)]
    for one, seed in track(runs, "recipes", "runs", len(runs)):
        bench.run(one, seed)
    (launch.ROOT / "docs" / "recipes.svg").write_text(recipes_figure.svg(read_runs()), encoding="utf-8")
    print(recipes_table.renew(launch.ROOT / "README.md", read_runs()))
    return 0


def read_runs() -> list[dict[str, Any]]:
    """The rows of bench/recipes.tsv."""
    return pl.read_csv(RUNS, separator="\t").to_dicts() if RUNS.exists() else []


def profile(file: Path) -> dict[str, Any]:
    """The settings of a profile, by dotted name."""
    lines = (line.partition("#")[0].strip() for line in file.read_text(encoding="utf-8").splitlines())
    return {name: yaml.safe_load(value) for name, _, value in (line.partition("=") for line in lines if line)}


class Bench:
    """What all runs share: the candidates, the domains of each split, and the images to judge on."""

    def __init__(self, params: Params) -> None:
        self._params = params
        files = sorted(Path("data/candidates").glob("*.parquet"))
        self._candidates = [read_windowed(file, Path("data/pages")) for file in files]
        self._pages = pages_of_images(pl.scan_parquet("data/candidates/*.parquet"))
        default = self._label(params.label, None)
        self._split_of = {
            domain: name for name, frame in default.splits.items() for domain in frame["domain"].unique().to_list()
        }
        test = default.splits["test"]
        # One large site would be most of them.
        self._test = test.filter(pl.int_range(pl.len()).shuffle(seed=1).over("domain") < _SILVER_OF_DOMAIN)
        self._deep = test.filter(pl.col("category") == "deep")  # all of them: of ten of a domain hardly any is
        sets = {
            "validation": with_truth(default.splits["validation"]["domain"].unique().to_list())[0],
            "truth": with_truth(test["domain"].unique().to_list())[0],
            _TO_CHOOSE: with_gold(gold.VALIDATION)[0],
            "gold": with_gold(gold.TEST)[0],
        }
        self._sets = {name: joined for name, joined in sets.items() if joined.height}
        self._baselines()

    def can_run(self, recipe: Recipe) -> bool:
        """Whether there are the pages that the recipe learns from."""
        return not recipe.more_real_pages or _TO_CHOOSE in self._sets

    def run(self, recipe: Recipe, seed: int) -> None:
        """Trains and judges, and writes the row down, where that isn't done yet."""
        label_params, train_params, params = (_changed(self._params, section, recipe.changes) for section in _SECTIONS)
        params = params.model_copy(update={"batch_size": _BATCH})
        train_params = train_params.model_copy(update={"seed": seed})
        labels = self._labels(label_params, recipe.more_real_pages)
        frames = {name: labels.splits[name] for name in ("train", "validation")}
        digests = [str(frame.hash_rows().sum()) for frame in (*frames.values(), self._test)]
        trained_by = fingerprint(digests[:2], train_params.model_dump(), encoder_source(ENCODER))
        key = fingerprint(trained_by, digests[2], params.model_dump(), self._sizes())
        if any(row["key"] == key for row in read_runs()):
            return
        model = self._train(frames, train_params, trained_by)
        counted = {name: frame["start"].count() for name, frame in frames.items()}
        judged = self._on_sets(model, params, learned=[_TO_CHOOSE] if recipe.more_real_pages else [])
        if not recipe.more_real_pages:  # some silver test examples are of the domains that it learns from
            judged |= self._on_silver(model, params)
        self._write({"recipe": recipe.name, "seed": seed, "key": key, **_described(counted), **judged})

    def _train(self, frames: Mapping[str, pl.DataFrame], params: TrainSpan, key: str) -> SpanModel:
        folder = SCRATCH / "recipes" / f"{key}.model"
        if folder.exists():
            return load_model(folder)
        torch.manual_seed(params.seed)
        used = params.model_dump(include=set(Settings.model_fields))
        precision = best_precision(params.precision)
        settings = Settings.model_validate({**used, "precision": precision, "encoder": encoder_source(ENCODER)})
        model = new_model(ENCODER, settings, params.attention_dropout)
        checkpoint = SCRATCH / "recipes" / f"{key}.pt"
        trained = train(model, frames["train"], frames["validation"], params, checkpoint, SCRATCH / "recipes" / key)
        trained.model.save(folder)
        checkpoint.unlink()
        return trained.model

    def _on_silver(self, model: SpanModel, params: Describe) -> dict[str, Any]:
        silver = judge(model, self._test, params).metrics
        return {
            "silver_exact_match": silver["exact_match"],
            "silver_iou": silver["iou"],
            "silver_f1": silver["token_f1"],
            "silver_none_precision": silver["abstention"]["precision"],
            "silver_none_recall": silver["abstention"]["recall"],
            "silver_deep_n": self._deep.height,
            "silver_deep_f1": judge(model, self._deep, params).metrics["token_f1"],
            **_calibration("", silver["calibration"]),
        }

    def _on_sets(self, model: SpanModel, params: Describe, learned: Collection[str]) -> dict[str, Any]:
        """Marks on the images whose description is known, of all sets but those that were `learned` from."""
        found: dict[str, Any] = {}
        for name, joined in self._sets.items():
            if name in learned:
                continue
            judged = judge_answers(model, joined, params, self._pages)
            found |= marks(name, joined, judged.answers) | _calibration(f"{name}_", judged.metrics["calibration"])
        return found

    def _baselines(self) -> None:
        """The rows of what takes no training."""
        settings = Settings.model_validate(
            {
                **self._params.train_span.model_dump(include=set(Settings.model_fields)),
                "precision": best_precision(self._params.train_span.precision),
                "encoder": encoder_source(ENCODER),
            }
        )
        answered_by = settings.model_dump(), self._params.describe.model_dump()
        key = fingerprint(sorted(self._split_of.items()), self._sizes(), answered_by)
        if any(row["key"] == key for row in read_runs()):
            return
        blank = untrained(ENCODER, settings, 1)
        given = {
            name: {system: _as_answers(found) for system, found in places.baselines(joined).items()}
            for name, joined in self._sets.items()
        }
        for name, joined in self._sets.items():
            given[name]["untrained encoder"] = answers_of(blank, joined, self._params.describe, self._pages, name)
        for system in next(iter(given.values()), {}):
            row: dict[str, Any] = {"recipe": f"({system.replace('_', ' ')})", "seed": 0, "key": key}
            for name, joined in self._sets.items():
                row |= marks(name, joined, given[name][system])
            self._write(row)

    def _sizes(self) -> dict[str, int]:
        return {name: joined.height for name, joined in self._sets.items()}

    def _labels(self, params: Label, more_real_pages: bool) -> Labels:
        """The examples of the domains that all runs share; or of more."""
        if not more_real_pages:
            return self._label(params, self._split_of)
        images = self._sets[_TO_CHOOSE].select("domain", "image_url").unique()
        return label_more(self._candidates, params, self._pages, self._split_of, images)

    def _label(self, params: Label, decided: Mapping[str, str] | None) -> Labels:
        return label(self._candidates, params, self._pages, gold.domains(), decided)

    def _write(self, row: Mapping[str, Any]) -> None:
        """Adds the row in place of an older one of the same recipe and seed; others may be at work beside this one."""
        lock = SCRATCH / "recipes" / "lock"
        lock.parent.mkdir(parents=True, exist_ok=True)
        with lock.open("w") as held:
            fcntl.flock(held, fcntl.LOCK_EX)
            self._rewrite(row)

    def _rewrite(self, row: Mapping[str, Any]) -> None:
        kept = [old for old in read_runs() if (old["recipe"], old["seed"]) != (row["recipe"], row["seed"])]
        rows = [*kept, row]
        columns = list(dict.fromkeys(name for one in rows for name in one))
        write_tsv(RUNS, [{name: one.get(name) for name in columns} for one in rows], columns)


def label_more(
    candidates: Iterable[pl.DataFrame],
    params: Label,
    pages: Mapping[tuple[str, str], int],
    split_of: Mapping[str, str],
    images: pl.DataFrame,
) -> Labels:
    """As `silver.label` with this split of domains, but that those of gold validation are learned from as well.

    A quarter of them is to validate with. No gold image is ever learned from: candidates that show one of `images`
    (domain, image_url) are left out.
    """
    left = [frame.join(images, ["domain", "image_url"], "anti", maintain_order="left") for frame in candidates]
    more = set(gold.of_split(gold.VALIDATION)["domain"])
    added = {domain: "validation" if _of_quarter(domain) else "train" for domain in more}
    return label(left, params, pages, gold.domains() - more, {**split_of, **added})


def _of_quarter(domain: str) -> bool:
    """As good as drawn, and the same whatever other domains there are."""
    return hashlib.sha256(domain.encode()).digest()[4] % 4 == 3


def _as_answers(descriptions: list[str | None]) -> Answers:
    """Of what takes no model: where it has no text, it says none."""
    return Answers([DESCRIBED if (text or "").strip() else NONE for text in descriptions], descriptions)


def marks(name: str, joined: pl.DataFrame, answers: Answers) -> dict[str, Any]:
    """F1 where the description stands in the text, and over all content; of each place; that in the text again, with
    each site counting the same; none, of all images and of content alone, and the share of the content that is held
    back as unsure.
    """
    by_place, by_scope = places.evaluate_places(joined, {places.MODEL: answers.descriptions}, 1, 1)
    found = {f"{name}_{row['scope']}_f1": row["f1"] for row in by_scope if row["scope"] != "overall"}
    found |= {f"{name}_{row['place']}_f1": row["f1"] for row in by_place if row["place"] not in places.NOT_IN_TEXT}
    in_text = joined.with_columns(answer=pl.Series(answers.descriptions, dtype=pl.String))
    in_text = in_text.filter(~pl.col("place").is_in(list(places.NOT_IN_TEXT)))
    scores = places.Scores.of(in_text["answer"].to_list(), in_text["true"].to_list())
    found[f"{name}_sites_f1"] = scores.f1_of_sites(in_text["domain"].to_list())
    is_described = ~joined["place"].is_in(list(places.NOT_IN_TEXT)).to_numpy()
    content = (joined["place"] != places.DECORATION).to_numpy()
    outcomes, is_right = np.array(answers.outcomes, np.str_), np.zeros_like(is_described)
    of_all = abstention(outcomes, is_described, is_right)
    of_content = abstention(outcomes[content], is_described[content], is_right[content])
    for of, nones in (("none", of_all), ("content_none", of_content)):
        found |= {f"{name}_{of}_precision": nones["precision"], f"{name}_{of}_recall": nones["recall"]}
    return found | {f"{name}_unsure": of_content["unsure"] / of_content["images"]}


def _calibration(prefix: str, judged: Mapping[str, Any]) -> dict[str, float]:
    errors, by_chance = judged["expected_calibration_error"], judged["by_chance"]
    return {
        f"{prefix}calibration_error": errors["calibrated"],
        f"{prefix}calibration_error_by_chance": by_chance["calibrated"],
    }


def _described(counted: Mapping[str, int]) -> dict[str, int]:
    return {f"{name}_described": count for name, count in counted.items()}


def _changed(params: Params, section: str, changes: Mapping[str, Any]) -> Any:
    """The section with those of the changes that are about it, checked."""
    own = {name.partition(".")[2]: value for name, value in changes.items() if name.startswith(f"{section}.")}
    kind = type(getattr(params, section))
    return kind.model_validate({**getattr(params, section).model_dump(), **own})


if __name__ == "__main__":
    raise SystemExit(main())
