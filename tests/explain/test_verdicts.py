"""What later stages decided, and why."""

from pathlib import Path
from typing import Any

import polars as pl
import pytest

from tests.explain.project import all_stages, candidate, write
from webpairs.dataset.selection import choose
from webpairs.explain.tables import Row
from webpairs.explain.verdicts import Verdict, verdicts
from webpairs.params import Params
from webpairs.records import DESCRIPTIONS, EXAMPLES, IMAGES, PAIRS, SCORES

STAGES = ["label", "describe", "fetch", "score", "select"]


def verdict_of(stage: str, params: Params, row: Row, **changed: Any) -> Verdict:
    """The stage's verdict on a candidate with some other values."""
    text = pl.read_parquet("data/pages/*.parquet").filter(pl.col("page_id") == row["page_id"])["text"][0]
    (found,) = [one for one in verdicts(row | changed, text, params) if one.stage == stage]
    return found


def settings(params: Params, section: str, **values: Any) -> Params:
    return params.model_copy(update={section: getattr(params, section).model_copy(update=values)})


def test_stages_that_have_not_run_say_so(params: Params) -> None:
    boat = candidate("/boat.jpg")
    assert [verdict_of(stage, params, boat) for stage in STAGES] == [Verdict(stage, "has not run") for stage in STAGES]


def test_all_stages_in_their_order(params: Params) -> None:
    all_stages()
    boat = candidate("/boat.jpg")
    text = pl.read_parquet("data/pages/*.parquet").filter(pl.col("page_id") == boat["page_id"])["text"][0]
    found = verdicts(boat, text, params)
    assert [(one.stage, one.verdict) for one in found] == list(
        zip(STAGES, ["example", "described", "kept", "scored", "kept"], strict=True)
    )
    place = text.index(boat["alt"], boat["offset"])
    assert [one.says for one in found] == [
        ["example in test: alt, just_after", "“A red boat in the harbour”"],
        [
            "“A red boat in the harbour”",
            f"{place}–{place + len(boat['alt'])} of the page's text; "
            "right with probability 0.50; start 0.5000, end 0.5000, average 0.5000, span 0.5000, none 0.5000",
        ],
        [
            "kept: http://a.example/boat.jpg",
            "from archive, jpeg, 640×480, 12,345 bytes",
            f"sha256 {'ab' * 32}",
            "data/images/images-00000.tar: ab.jpg",
            "not asked for: 1 other URL of it",
        ],
        ["image and description: 0.7500", "image and alt text: 0.2500"],
        [f"kept in holdout, in data/pairs/holdout-00000.tar as {boat['candidate_id']}; rank 1 of 1 by score"],
    ]
    assert all(one.rows and all(boat["image_url"] == row["image_url"] for row in one.rows) for one in found)


@pytest.mark.parametrize(
    ("changed", "label", "reason", "why"),
    [
        ({"alt": None}, {}, "no_text", "there is none"),
        ({"language": "de"}, {}, "other_language", "is de, and label.language = en"),
        ({"language": ""}, {}, "other_language", "is not known, and"),
        ({"alt": "boat_01.jpg"}, {}, "file_name", "a file's name"),
        ({}, {"min_words": 9}, "too_short", "label.min_words = 9"),
        ({}, {"max_words": 2}, "too_long", "label.max_words = 2"),
        ({"alt": "A fucking red boat"}, {}, "nsfw", "not safe for work"),
        ({"alt": "A green boat"}, {}, "not_in_text", "doesn't stand in the text"),
    ],
)
def test_why_no_example(changed: dict[str, Any], label: dict[str, Any], reason: str, why: str, params: Params) -> None:
    write("data/examples/train.parquet", EXAMPLES)
    row = candidate("/boat.jpg") | {"language": "en"}
    wanted = settings(params, "label", kinds=["alt"], negatives_per_example=0.0, **label)
    found = verdict_of("label", wanted, row, **changed)
    assert (found.verdict, found.rows, len(found.says)) == ("no_example", [], 2)
    assert found.says[1].startswith(f"alt: {reason}: ")
    assert why in found.says[1]


def test_what_was_left_out_though_it_would_be_an_example(params: Params) -> None:
    write("data/examples/train.parquet", EXAMPLES)
    found = verdict_of("label", params, candidate("/boat.jpg") | {"language": "en"})
    assert (found.verdict, found.rows) == ("left_out", [])
    assert "in_two_splits" in found.says[0]


def test_an_example_without_description(params: Params) -> None:
    boat = candidate("/boat.jpg")
    example = {"candidate_id": boat["candidate_id"], "text_before": "a", "text_after": "b", "kind": "repeated"}
    write("data/examples/train.parquet", EXAMPLES, example)
    found = verdict_of("label", params, boat)
    assert found.says == ["example in train of an image without description: repeated"]


@pytest.mark.parametrize(
    ("outcome", "why"), [("none", "none: most likely"), ("unsure", "unsure, by describe.min_confidence = ")]
)
def test_no_answer_is_told_with_the_best_span(params: Params, outcome: str, why: str) -> None:
    boat = candidate("/boat.jpg")
    row = {"candidate_id": boat["candidate_id"], "start": 0, "end": 9, "confidence": 0.1, "none_confidence": 0.8}
    row["outcome"] = outcome
    row |= {f"{name}_confidence": 0.2 for name in ("start", "end", "average", "span")}
    write("data/descriptions/a.warc.gz-00000.parquet", DESCRIPTIONS, row)
    found = verdict_of("describe", params, boat)
    assert found.verdict == outcome
    assert found.says[0].startswith(why) and "the best span would be “" in found.says[0]
    assert "probability 0.10" in found.says[1]


def test_of_a_decoration_is_told_why_nobody_looked(params: Params) -> None:
    boat = candidate("/boat.jpg")
    row = {"candidate_id": boat["candidate_id"], "start": None, "outcome": "decoration"}
    write("data/descriptions/a.warc.gz-00000.parquet", DESCRIPTIONS, row)
    found = verdict_of("describe", params, boat)
    assert found.verdict == "decoration"
    assert found.says == ["none: it is an icon, or stands on many pages, and no text of its own is around it"]


def test_a_description_is_none_or_of_other_candidates(params: Params) -> None:
    boat = candidate("/boat.jpg")
    file = "data/descriptions/a.warc.gz-00000.parquet"
    write(file, DESCRIPTIONS)
    assert verdict_of("describe", params, boat).verdict == "stale"
    write(file, DESCRIPTIONS, {"candidate_id": boat["candidate_id"]})
    assert verdict_of("describe", params, boat).says == ["no description: there is no text around it"]
    write(file, DESCRIPTIONS, {"candidate_id": boat["candidate_id"], "start": 0, "end": 5, "description": "other"})
    found = verdict_of("describe", params, boat)
    assert (found.verdict, len(found.rows)) == ("stale", 1)
    assert "make all" in found.says[0]


def test_images_that_were_not_kept(params: Params) -> None:
    boat = candidate("/boat.jpg")
    file = "data/images/verdicts.parquet"
    write(file, IMAGES, {"image_url": "http://a.example/big.webp", "verdict": "kept"})
    assert verdict_of("fetch", params, boat).verdict == "stale"
    failed = {"image_url": "http://a.example/boat.jpg", "verdict": "http_404", "origin": ""}
    write(file, IMAGES, failed)
    found = verdict_of("fetch", params, boat)
    assert (found.verdict, found.says[0]) == ("http_404", "http_404: http://a.example/boat.jpg")
    assert found.says[1:] == ["not asked for: 1 other URL of it"]
    small = {"verdict": "too_small", "origin": "http", "sha256": "cd", "bytes": 6000, "width": 9, "height": 8}
    write(file, IMAGES, {"image_url": "http://a.example/big.webp"} | small, failed)
    found = verdict_of("fetch", params, boat)
    assert (found.verdict, [row["verdict"] for row in found.rows]) == ("http_404", ["http_404", "too_small"])
    assert found.says[1:] == ["too_small: http://a.example/big.webp", "from http, 9×8, 6,000 bytes", "sha256 cd"]


def test_what_has_no_score(params: Params) -> None:
    boat = candidate("/boat.jpg")
    write("data/scores/scores.parquet", SCORES)
    write("data/pairs/pairs.parquet", PAIRS)
    assert verdict_of("score", params, boat).verdict == "image_not_kept"
    assert verdict_of("select", params, boat).verdict == "not_scored"
    write("data/scores/scores.parquet", SCORES, {"candidate_id": boat["candidate_id"], "alt_score": 0.5})
    assert verdict_of("score", params, boat).says == [
        "image and description: no text, no score",
        "image and alt text: 0.5000",
    ]


def scored(name: str, image: str, text: str | None, score: float | None) -> Row:
    return {"candidate_id": name, "sha256": image, "description": text, "description_score": score}


SCORED = [
    scored("a" * 24, "one", "A boat", 0.9),
    scored("b" * 24, "one", "A ship", 0.8),
    scored("c" * 24, "two", "a  BOAT", 0.7),
    scored("d" * 24, "two", "The sea", 0.6),
    scored("e" * 24, "three", "The sky", 0.6),
    scored("f" * 24, "four", "A gull", 0.1),
    scored("0" * 24, "five", None, None),
]


def test_why_no_pair_agrees_with_the_selection(params: Params) -> None:
    chosen = choose(pl.DataFrame([{**dict.fromkeys(SCORES), **row} for row in SCORED], schema=SCORES), 0.2, 2)
    kept = chosen.kept["candidate_id"].to_list()
    assert kept == ["a" * 24, "d" * 24]
    write("data/scores/scores.parquet", SCORES, *SCORED)
    pairs = [{"candidate_id": row["candidate_id"], "key": "k", "split": "train", "tar": "t.tar"} for row in SCORED]
    scores = {row["candidate_id"]: row["description_score"] for row in SCORED}
    write(
        "data/pairs/pairs.parquet",
        PAIRS,
        *({**row, "score": scores[row["candidate_id"]]} for row in pairs if row["candidate_id"] in kept),
    )
    select = settings(params, "select", min_clip=0.2, top_n=2)
    boat = candidate("/boat.jpg")
    found = {
        row["candidate_id"]: verdict_of("select", select, boat, candidate_id=row["candidate_id"]) for row in SCORED
    }
    assert {name[0]: one.verdict for name, one in found.items()} == {
        "a": "kept",
        "b": "duplicate_image",
        "c": "duplicate_text",
        "d": "kept",
        "e": "beyond_top_n",
        "f": "below_min_clip",
        "0": "no_text",
    }
    counted = [one.verdict for one in found.values() if one.verdict != "kept"]
    assert {reason: counted.count(reason) for reason in chosen.drops} == chosen.drops
    assert found["d" * 24].says == ["kept in train, in data/pairs/t.tar as k; rank 2 of 2 by score"]
    assert found["e" * 24].says == ["no pair, beyond_top_n: its rank is 3, and select.top_n = 2"]
    assert found["f" * 24].says[0].endswith("select.min_clip = 0.2")


def test_a_selection_by_other_params_is_told(params: Params) -> None:
    write("data/scores/scores.parquet", SCORES, *SCORED)
    write("data/pairs/pairs.parquet", PAIRS)
    found = verdict_of("select", params, candidate("/boat.jpg"), candidate_id="a" * 24)
    assert found.verdict == "stale"
    Path("data/scores/scores.parquet").unlink()
    assert verdict_of("select", params, candidate("/boat.jpg"), candidate_id="a" * 24).verdict == "not_scored"
