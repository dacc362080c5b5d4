"""What README says of the committed run is what the committed metrics say."""

import csv
import json
from pathlib import Path
from typing import Any

import pytest

REPOSITORY = Path(__file__).parents[2]
SAID = " ".join((REPOSITORY / "README.md").read_text(encoding="utf-8").split())


def _metrics(stage: str) -> Any:
    return json.loads((REPOSITORY / "metrics" / f"{stage}.json").read_text(encoding="utf-8"))


def _of_100(share: float) -> str:
    return f"{100 * share:.0f}"


def _spans() -> list[str]:
    found = _metrics("evaluate_span")
    text, overall = found["truth"]["text"], found["truth"]["overall"]
    alt = overall["alt_text"]
    ahead = f"{alt['difference']:.2f} [{alt['difference_low']:.2f}, {alt['difference_high']:.2f}]"
    says = found["truth"]["abstention"]
    return [
        f"F1 of {text['span_model']['f1']:.2f}, against {text['alt_text']['f1']:.2f} by the alt text and "
        f"{text['nearest_paragraph']['f1']:.2f} by the nearest paragraph",
        f"ahead of the alt text by {ahead} ({overall['span_model']['f1']:.2f} against {alt['f1']:.2f})",
        f"is right in {_of_100(says['precision'])} of 100 times that it does",
        f"*unsure*, of {_of_100(says['unsure'] / says['images'])} in 100 images, it says nothing: "
        f"{_of_100(says['unsure_wrong'])} of 100 such answers would have been wrong",
        f"finds {_of_100(found['test']['exact_match'])} of 100 to the word",
    ]


def _pairs() -> list[str]:
    with (REPOSITORY / "metrics" / "compare" / "yield.tsv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t"))
    least = min(rows, key=lambda row: abs(float(row["min_clip"]) - 0.2))["min_clip"]
    ours, alts = (
        next(row for row in rows if (row["method"], row["min_clip"]) == (method, least))
        for method in ("description", "alt")
    )
    return [
        f"Of the {ours['pairs']} pairs that come of it, {_of_100(float(ours['right']))} of 100 have the image's true",
        f"of the {alts['pairs']} that alt texts would give by the same rules, {_of_100(float(alts['right']))} of 100",
    ]


def _images() -> list[str]:
    rise = _metrics("evaluate_images")["compliance"]["held_out"]["difference"]
    return [f"compliance rises by {rise['mean']:.3f} [{rise['low']:.3f}, {rise['high']:.3f}]"]


def _output() -> list[str]:
    extract, described, fetch, selected = (_metrics(stage) for stage in ("extract", "describe", "fetch", "select"))
    outcomes = ", ".join(f"{count} {name}" for name, count in described["outcomes"].items() if count)
    verdicts = ", ".join(f"{count} {name}" for name, count in fetch["verdicts"].items())
    return [
        f"extract: {extract['pages']} pages, {extract['candidates']} images with their texts",
        f"describe: {described['candidates']} candidates: {outcomes}",
        f"fetch: {fetch['urls']} URLs: {verdicts}",
        f"select: {selected['pairs']} pairs of {selected['candidates']} candidates",
    ]


@pytest.mark.parametrize("phrases", [_spans, _pairs, _images, _output])
def test_numbers_in_readme_are_those_of_the_metrics(phrases: Any) -> None:
    missing = [phrase for phrase in phrases() if phrase not in SAID]
    assert not missing, "README says it otherwise"
