"""Recipes of the span model side by side: what they change, and the table."""

from pathlib import Path
from xml.etree import ElementTree

import polars as pl
import pytest

from bench import launch, recipes_figure, recipes_table
from bench.recipes import Bench, label_more, marks, profile, read_runs, recipes
from tests.evaluation.test_places import CANDIDATE_ROWS, TRUTH_ROWS
from tests.span.conftest import SILVER, planted
from webpairs.evaluation import gold
from webpairs.evaluation.places import join_truth
from webpairs.params import load
from webpairs.records import EXAMPLES, TRUTH, WINDOWED
from webpairs.span.answers import Answers
from webpairs.span.silver import Labels
from webpairs.span.splits import SPLITS


def test_each_recipe_but_the_thesis_changes_one_thing() -> None:
    default = load(launch.ROOT / "params.yaml")
    found = recipes(default, profile(launch.ROOT / "profiles" / "thesis"))
    assert [one.name for one in found[:2]] == ["thesis", "default"]
    assert all(len(one.seeds) == 3 for one in found[:2])
    assert found[1].changes == {}
    thesis = dict(found[0].changes)
    assert thesis["label.kinds"] == ["alt"] and thesis["train_span.alt_in_input"] == "always"
    # Runs of the same length, of the same encoder.
    assert not {"train_span.epochs", "train_span.max_tokens", "foundation.encoder"} & set(thesis)
    more = [one for one in found if one.more_real_pages]
    assert [(one.changes, one.seeds) for one in more] == [(one.changes, one.seeds) for one in found[:2]]
    for one in found[2 : -len(more)]:
        ((name, value),) = one.changes.items()
        section, _, own = name.partition(".")
        assert getattr(getattr(default, section), own) != value
    assert len({one.name for one in found}) == len(found)


def test_what_is_as_in_the_default_already_is_no_recipe() -> None:
    default = load(launch.ROOT / "params.yaml")
    always = default.train_span.model_copy(update={"alt_in_input": "always"})
    names = [one.name for one in recipes(default.model_copy(update={"train_span": always}), {})]
    assert "alt always in the input" not in names and "alt never in the input" in names


def test_more_real_pages_are_those_of_gold_validation_without_its_images(monkeypatch: pytest.MonkeyPatch) -> None:
    domains = [f"site{number}.example" for number in range(40)]
    known = dict(zip(domains[:3], ("train", "validation", "test"), strict=True))
    rows = [dict.fromkeys(gold.SCHEMA, "") | {"domain": domain, "record_offset": 0} for domain in domains[3:]]
    monkeypatch.setattr(gold, "read", lambda: pl.DataFrame(rows, schema=gold.SCHEMA))
    candidates = planted(domains=40, each=3)
    images = candidates.select("domain", "image_url").unique("domain", keep="first", maintain_order=True)
    splits = label_more([candidates], SILVER, {}, known, images).splits
    found = {name: set(frame["domain"]) for name, frame in splits.items()}
    to_choose = {domain for domain in domains[3:] if gold.split_of(domain) == gold.VALIDATION}
    assert all(found[name] & to_choose for name in ("train", "validation"))
    assert found["test"] == set(domains[2:]) - to_choose
    assert not (found["train"] | found["validation"]) - to_choose - set(domains[:2])
    assert not pl.concat(splits.values()).join(images, ["domain", "image_url"], "semi").height


@pytest.mark.parametrize("has_gold", [True, False])
def test_more_real_pages_need_images_of_gold_validation(has_gold: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    labels = Labels({name: pl.DataFrame(schema=EXAMPLES) for name in SPLITS}, {}, [])
    monkeypatch.setattr("bench.recipes.pages_of_images", lambda _: {})
    monkeypatch.setattr(Bench, "_label", lambda *_: labels)
    monkeypatch.setattr(Bench, "_baselines", lambda _: None)
    monkeypatch.setattr("bench.recipes.with_truth", lambda _: (pl.DataFrame({"domain": ["a.example"]}), {}))
    monkeypatch.setattr("bench.recipes.with_gold", lambda _: (pl.DataFrame({"domain": ["b.example"] * has_gold}), {}))
    default = load(launch.ROOT / "params.yaml")
    bench = Bench(default)
    every = recipes(default, profile(launch.ROOT / "profiles" / "thesis"))
    assert [one.name for one in every if not bench.can_run(one)] == (
        [] if has_gold else ["thesis, more real pages", "default, more real pages"]
    )


def test_nones_of_decorations_are_none_of_content() -> None:
    frames = pl.DataFrame(CANDIDATE_ROWS, schema=WINDOWED), pl.DataFrame(TRUTH_ROWS, schema=TRUTH)
    joined = join_truth(*frames, ["a.example"])
    outcomes = ["described", "none", "none", "unsure", "decoration"]
    found = marks("truth", joined, Answers(outcomes, ["red cat", None, None, None, None]))
    # Of four images that show something two have no description, and one of the two nones is right.
    assert (found["truth_content_none_precision"], found["truth_content_none_recall"]) == (1 / 2, 1 / 2)
    assert (found["truth_none_precision"], found["truth_none_recall"]) == (2 / 3, 2 / 3)
    assert found["truth_unsure"] == 1 / 4


RUNS = [
    {"recipe": "(alt text)", "seed": 0, "truth_text_f1": 0.5},
    {"recipe": "no none", "seed": 1, "truth_text_f1": 0.6, "silver_iou": 0.25, "truth_none_precision": None},
    {"recipe": "default", "seed": 1, "truth_text_f1": 0.7, "silver_iou": 0.5},
    {"recipe": "default", "seed": 2, "truth_text_f1": 0.8, "silver_iou": 0.5},
]


def test_the_tables_have_means_and_spreads(tmp_path: Path) -> None:
    assert recipes_table.tables(RUNS).splitlines() == [
        "|  | seeds | truth text F1 |",
        "|---|--:|--:|",
        "| **default** | 2 | 0.75 ± 0.05 |",
        "| no none | 1 | 0.60 |",
        "| (alt text) |  | 0.50 |",
        "",
        "|  | seeds | IoU |",
        "|---|--:|--:|",
        "| **default** | 2 | 0.50 ± 0.00 |",
        "| no none | 1 | 0.25 |",
    ]
    readme = tmp_path / "README.md"
    readme.write_text(f"a\n{recipes_table.BEGIN}\nold\n{recipes_table.END}\nb\n")
    assert recipes_table.renew(readme, RUNS) in readme.read_text()
    assert (
        readme.read_text().startswith("a\n")
        and readme.read_text().endswith("\nb\n")
        and "old" not in readme.read_text()
    )
    readme.write_text("nothing")
    with pytest.raises(ValueError, match="needs the markers"):
        recipes_table.renew(readme, RUNS)


def test_the_figure_has_a_dot_a_run_and_a_stroke_for_several() -> None:
    drawn = recipes_figure.svg(RUNS)
    assert drawn == recipes_figure.svg(RUNS)
    ElementTree.fromstring(drawn)
    for text in ("no none: 0.600", "default: 0.700", "default: 0.800", "(alt text): 0.500"):
        assert drawn.count(f"<title>{text}</title>") == 1
    assert (drawn.count('class="mean"'), drawn.count('class="band"')) == (1, 1)
    assert (drawn.count('class="run"'), drawn.count('class="baseline"')) == (3, 1)
    assert "truth, text F1" in drawn and "gold, text F1" not in drawn
    assert drawn.index(">default<") < drawn.index(">no none<") < drawn.index(">(alt text)<")


def test_readme_and_figure_show_the_runs_that_were_made() -> None:
    """`make recipes` writes both; numbers changed by hand, or rows added without it, fail here."""
    runs = read_runs()
    assert recipes_table.tables(runs) in (launch.ROOT / "README.md").read_text(encoding="utf-8")
    assert (launch.ROOT / "docs" / "recipes.svg").read_text(encoding="utf-8") == recipes_figure.svg(runs)
