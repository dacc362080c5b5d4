"""Windows without the sentences that describe their image."""

import polars as pl
import pytest

from tests.span.conftest import SILVER, planted
from webpairs.span.removal import without_description
from webpairs.span.silver import label

BEFORE = "We sailed for days. The quay was empty.\nOnly gulls cried."


def removed(after: str, text: str, before: str = BEFORE, alt: str = "") -> tuple[str, str] | None:
    at = (before + after).index(text)
    return without_description(before, after, (at, at + len(text)), alt)


@pytest.mark.parametrize(
    ("after", "text", "left"),
    [
        ("\nA red boat at sea\nOn Monday a storm came.", "A red boat at sea", "\nOn Monday a storm came."),
        ("\nFig. 2: A red boat. Then came a storm.", "A red boat", "\nThen came a storm."),
        ("\nA storm came. A red boat sank.\nNobody saw it.", "A red boat sank.", "\nA storm came. \nNobody saw it."),
        ("A red boat", "A red boat", ""),
    ],
)
def test_whole_sentences_go_and_blocks_that_hold_nothing_else(after: str, text: str, left: str) -> None:
    assert removed(after, text) == (BEFORE, left)


def test_before_the_image_too() -> None:
    assert removed("Nobody saw it.", "Only gulls cried.") == (
        "We sailed for days. The quay was empty.\n",
        "Nobody saw it.",
    )
    assert removed("Nobody saw it.", "We sailed for days.") == (
        "The quay was empty.\nOnly gulls cried.",
        "Nobody saw it.",
    )


def test_what_is_said_twice_is_not_removed() -> None:
    assert removed("A red boat. Later, a red boat came.", "A red boat.") is None
    assert (
        removed("A red boat. The large vessel sinks slowly.", "A red boat.", alt="The large vessel is sinking") is None
    )
    assert removed("A red boat. Nobody saw it.", "A red boat.", alt="The large vessel is sinking") is not None


def test_training_examples_are_repeated_without_description_where_negatives_are_wanting() -> None:
    frames = [planted(domains=9, each=8)]
    wanted = SILVER.model_copy(update={"negatives": ["removed"], "negatives_per_example": 0.5})
    plain, found = (label(frames, params).splits for params in (SILVER, wanted))
    for name in ("validation", "test"):
        assert found[name].equals(plain[name])
    described, negatives = (found["train"].filter(pl.col("start").is_null() == is_none) for is_none in (False, True))
    assert described.equals(plain["train"])
    assert negatives.height == round(0.5 * described.height)
    assert set(negatives["kind"]) == {"removed"} and set(negatives["category"]) == {"none"}
    for row in negatives.iter_rows(named=True):
        (whole,) = described.filter(candidate_id=row["candidate_id"]).iter_rows(named=True)
        window = whole["text_before"] + whole["text_after"]
        left = row["text_before"] + row["text_after"]
        assert window[whole["start"] : whole["end"]] not in left
        assert len(left) < len(window)
    assert label(frames, wanted).splits["train"].equals(found["train"])
