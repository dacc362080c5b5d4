from typing import Any

import polars as pl
import pytest

from tests.image.projects import table
from webpairs import records
from webpairs.dataset.selection import choose, split, why_none


def scored(*rows: tuple[str, str | None, float | None]) -> pl.DataFrame:
    """Scores of image, description and its score."""
    named = [{"sha256": image, "description": text, "description_score": score} for image, text, score in rows]
    return table(records.SCORES, named)


def drops(**counts: int) -> dict[str, int]:
    names = ("no_text", "below_min_clip", "duplicate_image", "duplicate_text", "beyond_top_n")
    return dict.fromkeys(names, 0) | counts


def kept(scores: pl.DataFrame, *args: Any) -> list[tuple[str, str]]:
    return list(choose(scores, *args).kept.select("sha256", "text").iter_rows())


def test_pairs_below_the_threshold_and_without_text_are_dropped() -> None:
    scores = scored(("a", "cat", 0.3), ("b", "dog", 0.25), ("c", "tree", 0.249), ("d", None, None))
    assert kept(scores, 0.25, 10) == [("a", "cat"), ("b", "dog")]
    assert choose(scores, 0.25, 10).drops == drops(no_text=1, below_min_clip=1)


def test_the_best_text_of_an_image_is_kept() -> None:
    scores = scored(("a", "fine", 0.3), ("a", "best", 0.4), ("a", "good", 0.35))
    assert kept(scores, 0.0, 10) == [("a", "best")]
    assert choose(scores, 0.0, 10).drops == drops(duplicate_image=2)


def test_the_best_image_of_a_text_is_kept_whatever_its_case_and_spaces() -> None:
    scores = scored(("a", "Click  to enlarge", 0.3), ("b", "click to\nENLARGE", 0.4))
    assert kept(scores, 0.0, 10) == [("b", "click to\nENLARGE")]
    assert choose(scores, 0.0, 10).drops == drops(duplicate_text=1)


def test_an_image_whose_best_text_is_taken_keeps_its_second_best() -> None:
    scores = scored(("a", "cat", 0.5), ("b", "cat", 0.4), ("b", "a cat asleep", 0.3))
    assert kept(scores, 0.0, 10) == [("a", "cat"), ("b", "a cat asleep")]


def test_the_best_are_kept_and_ties_go_by_candidate() -> None:
    scores = scored(("a", "one", 0.3), ("b", "two", 0.3), ("c", "three", 0.4))
    assert kept(scores, 0.0, 2) == [("c", "three"), ("a", "one")]
    assert choose(scores, 0.0, 2).drops == drops(beyond_top_n=1)
    assert kept(scores[::-1], 0.0, 2) == kept(scores, 0.0, 2)
    assert len(kept(scores, 0.0, None)) == 3


def test_alt_texts_are_chosen_by_the_same_rules() -> None:
    scores = scored(("a", "one", 0.3)).with_columns(alt=pl.lit("red"), alt_score=pl.lit(0.9, dtype=pl.Float32))
    chosen = choose(scores, 0.5, None, "alt").kept
    assert chosen.select("text", "score").rows() == [("red", pytest.approx(0.9))]


def test_every_row_is_kept_or_has_one_reason() -> None:
    scores = scored(*((f"{n % 7}", f"text {n % 5}" if n % 6 else None, n / 60 if n % 6 else None) for n in range(60)))
    chosen = choose(scores, 0.3, 3)
    assert chosen.kept.height + sum(chosen.drops.values()) == 60
    assert chosen.kept.height == 3


def test_an_image_stays_on_its_side_whatever_else_there_is() -> None:
    sides = [split(f"{number:064x}", 0.1, 1) for number in range(5000)]
    assert 400 < sides.count("holdout") < 600
    assert sides == [split(f"{number:064x}", 0.1, 1) for number in range(5000)]
    assert sides != [split(f"{number:064x}", 0.1, 2) for number in range(5000)]
    assert {split(f"{number}", 0.0, 1) for number in range(100)} == {"train"}
    assert {split(f"{number}", 1.0, 1) for number in range(100)} == {"holdout"}
    # A larger holdout takes from train, and gives nothing back.
    larger = [split(f"{number:064x}", 0.2, 1) for number in range(5000)]
    assert all(new == "holdout" for old, new in zip(sides, larger, strict=True) if old == "holdout")


def test_the_best_score_is_told_in_a_sentence() -> None:
    scores = why_none(scored(("a", "x", 0.1), ("b", "y", 0.25)), 0.3)
    assert "select.min_clip = 0.3: the best of 2 descriptions scores 0.2500." in scores
    nothing = why_none(scored(("a", None, None)), 0.3)
    assert nothing.startswith("None of 1 candidates with an image has a description")
    assert "describe.min_confidence" in nothing
