"""Calibration: a fit that says what is so, and thresholds."""

import numpy as np
import pytest

from webpairs.span.calibration import (
    Calibration,
    OfSupport,
    OfSupportAndNone,
    calibrate,
    curve,
    expected_calibration_error,
    fit,
)


def drawn(count: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Confidences of spans and of none, and answers that are right more seldom than the span confidence says."""
    generator = np.random.default_rng(1)
    span = generator.uniform(0.01, 1, count)
    none = (1 - span) * generator.uniform(0.01, 1, count)
    return span, none, generator.uniform(size=count) < span**2


def fitted(support: np.ndarray, none: np.ndarray, right: np.ndarray) -> Calibration:
    return calibrate(support, none, right, right, answers_none=True)


def test_calibrated_confidences_are_the_share_of_right_answers() -> None:
    found = fitted(*drawn(4000))
    span, none, right = drawn(8000)
    before = expected_calibration_error(span, right)
    after = expected_calibration_error(found.right(span), right)
    assert before is not None
    assert after is not None
    assert before > 0.1
    assert after < 0.04
    assert found.nothing is not None
    of_nothing = expected_calibration_error(found.nothing(span, none), ~right)
    assert of_nothing is not None
    assert of_nothing < 0.08


@pytest.mark.parametrize("right", [np.ones(20, bool), np.zeros(20, bool), np.ones(0, bool)])
def test_a_fit_of_one_kind_of_answer_is_finite(right: np.ndarray) -> None:
    span = np.linspace(0.1, 0.9, len(right))
    found = fitted(span, span / 2, right)
    assert found.nothing is not None
    assert np.isfinite([*found.right.model_dump().values(), *found.nothing.model_dump().values()]).all()
    if len(right):
        assert (found.right(span) > 0.5).all() == bool(right[0])
        assert (found.nothing(span, span / 2) < 0.5).all() == bool(right[0])


@pytest.mark.parametrize("seed", range(20))
def test_a_fit_to_confidences_near_0_and_1_is_the_best_there_is(seed: int) -> None:
    generator = np.random.default_rng(seed)
    none = np.where(generator.uniform(size=30) < 0.5, 1.0, 1e-9)
    span = np.where(generator.uniform(size=30) < 0.9, 1 - none, generator.uniform(size=30))
    right = generator.uniform(size=30) < 0.7
    found = fitted(span, none, right)
    # At the best bias, as many are right as should be.
    assert found.right(span).sum() == pytest.approx(right.sum(), abs=1e-3)
    assert found.nothing is not None
    assert found.nothing(span, none).sum() == pytest.approx((~right).sum(), abs=1e-3)


def test_the_fit_finds_the_weights_that_the_answers_were_drawn_by() -> None:
    generator = np.random.default_rng(1)
    features = np.stack([np.ones(20000), generator.normal(size=20000)], axis=-1)
    right = generator.uniform(size=20000) < 1 / (1 + np.exp(-(features @ [0.5, -1.5])))
    assert fit(features, right) == pytest.approx([0.5, -1.5], abs=0.1)


def test_nan_stays_nan() -> None:
    right, nothing = OfSupport(bias=0.0, slope=1.0), OfSupportAndNone(bias=0.0, support=1.0, none=-1.0)
    assert np.isnan(right([np.nan, 0.5])).tolist() == [True, False]
    assert np.isnan(nothing([np.nan, 0.5], [np.nan, 0.5])).tolist() == [True, False]


def test_certain_and_hopeless_spans_have_a_probability() -> None:
    given = OfSupport(bias=0.0, slope=1.0)([0.0, 0.5, 1.0])
    assert given.tolist() == pytest.approx([1e-4, 0.5, 1 - 1e-4], rel=1e-3)


def test_a_doubtful_span_is_not_none() -> None:
    generator = np.random.default_rng(1)
    # Where the span is doubtful, none is all but ruled out; spans that are right half of the time.
    span = np.concatenate([generator.uniform(0.01, 0.1, 500), generator.uniform(0.01, 0.1, 500)])
    none = np.concatenate([np.full(500, 1e-4), np.full(500, 0.8)])
    is_described = np.arange(1000) < 500
    right = is_described & (generator.uniform(size=1000) < 0.5)
    found = calibrate(span, none, right, is_described, answers_none=True)
    assert found.nothing is not None
    said = found.nothing(span, none) >= 0.5
    assert not said[:500].any() and said[500:].all()
    assert abs(found.right(span).mean() - 0.25) < 0.05
    assert calibrate(span, none, right, is_described, answers_none=False).nothing is None


def test_the_curve_counts_all() -> None:
    rows = curve([0.0, 0.05, 0.95, 1.0], [0, 1, 1, 1])
    assert [row["n"] for row in rows] == [2, *[0] * 8, 2]
    assert (rows[0]["confidence"], rows[0]["right"]) == (0.025, 0.5)
    assert rows[5]["right"] is None
    assert expected_calibration_error([0.0, 0.05, 0.95, 1.0], [0, 1, 1, 1]) == pytest.approx(0.25)
    assert expected_calibration_error([], []) is None
