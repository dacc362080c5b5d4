"""What becomes of an image: described, none, unsure, or no text."""

import numpy as np
import pytest

from webpairs.params import Describe
from webpairs.span.answers import abstention, answer, outcomes_of
from webpairs.span.calibration import Calibration, OfSupport, OfSupportAndNone
from webpairs.span.prediction import Predictions
from webpairs.span.windows import Texts

# A support is its own probability; of a none confidence n it is n / (1 + n): 1/2 of 1, 1/3 of 1/2, 1/11 of 1/10.
RIGHT, NOTHING = OfSupport(bias=0.0, slope=1.0), OfSupportAndNone(bias=0.0, support=0.0, none=1.0)


def found(rows: list[tuple[float, float]], calibration: Calibration | None) -> Predictions:
    """Span and none confidence, an entry an image; NaN where there is no text."""
    span, none = (np.array(column) for column in zip(*rows, strict=True))
    start = np.where(np.isnan(span), -1, 2).astype(np.int32)
    ones = np.where(np.isnan(span), np.nan, 1.0).astype(np.float32)
    return Predictions(
        start,
        start + 3,
        span.astype(np.float32),
        ones,
        none.astype(np.float32),
        span.astype(np.float32),
        calibration,
    )


ROWS = [
    (1.0, 0.1),
    (1.0, 0.5),
    (1.0, 1.0),
    (1 / 9, 0.1),
    (1 / 9, 1.0),
    (np.nan, np.nan),
]


@pytest.fixture
def params() -> Describe:
    return Describe(decorations=["icon"], none_from=0.4, min_confidence=0.2, batch_size=2)


def test_none_comes_before_unsure(params: Describe) -> None:
    outcomes = outcomes_of(found(ROWS, Calibration(right=RIGHT, nothing=NOTHING)), params)
    assert outcomes == ["described", "described", "none", "unsure", "none", "no_text"]


def test_a_model_that_can_not_say_none_may_be_unsure(params: Describe) -> None:
    outcomes = outcomes_of(found(ROWS, Calibration(right=RIGHT)), params)
    assert outcomes == ["described", "described", "described", "unsure", "unsure", "no_text"]


def test_with_no_confidence_asked_for_there_is_always_an_answer(params: Describe) -> None:
    always = params.model_copy(update={"min_confidence": 0.0})
    outcomes = outcomes_of(found(ROWS, Calibration(right=RIGHT)), always)
    assert outcomes == [*["described"] * 5, "no_text"]


def test_a_model_that_is_not_calibrated_always_answers(params: Describe) -> None:
    assert outcomes_of(found(ROWS, None), params) == [*["described"] * 5, "no_text"]


def test_only_descriptions_have_a_text(params: Describe) -> None:
    given = answer([Texts("a red", " cat", "")] * 6, found(ROWS, Calibration(right=RIGHT, nothing=NOTHING)), params)
    assert given.descriptions == ["red", "red", None, None, None, None]


def test_of_decorations_there_is_none(params: Describe) -> None:
    said = found(ROWS, Calibration(right=RIGHT, nothing=NOTHING))
    decorates = np.array([False, True, True, False, False, True])
    given = answer([Texts("a red", " cat", "")] * 6, said, params, decorates)
    assert given.outcomes == ["described", "decoration", "decoration", "unsure", "none", "decoration"]
    assert given.descriptions == ["red", *[None] * 5]


def test_abstention_counts_none_and_unsure_apart() -> None:
    outcomes = ["none", "none", "decoration", "decoration", "unsure", "unsure", "described", "no_text"]
    is_described = [False, True, False, False, True, True, True, False]
    is_right = [False, True, False, False, True, False, True, False]
    assert abstention(outcomes, is_described, is_right) == {
        "images": 8,
        "without_description": 4,
        "none": 4,
        "precision": 0.75,
        "recall": 0.75,
        "decorations": 2,
        "decorations_precision": 1.0,
        "unsure": 2,
        "unsure_wrong": 0.5,
    }


def test_of_nothing_there_is_no_share() -> None:
    never = abstention(["described"], [True], [True])
    assert [never[name] for name in ("precision", "recall", "decorations_precision", "unsure_wrong")] == [None] * 4
