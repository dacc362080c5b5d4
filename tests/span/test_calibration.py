"""Calibration: a fit that says what is so, and thresholds."""

import numpy as np
import pytest

from webpairs.span.calibration import (
    Logistic,
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


def test_calibrated_confidences_are_the_share_of_right_answers() -> None:
    span, none, right = drawn(4000)
    fitted = fit(span, none, right)
    span, none, right = drawn(8000)
    before = expected_calibration_error(span, right)
    after = expected_calibration_error(fitted(span, none), right)
    assert before is not None
    assert after is not None
    assert before > 0.1
    assert after < 0.04


def test_without_none_its_weight_is_nothing() -> None:
    span, none, right = drawn(500)
    assert fit(span, np.zeros_like(none), right).none == 0
    assert fit(span, none, right).none != 0


@pytest.mark.parametrize("right", [np.ones(20), np.zeros(20), np.ones(0)])
def test_a_fit_of_one_kind_of_answer_is_finite(right: np.ndarray) -> None:
    span = np.linspace(0.1, 0.9, len(right))
    fitted = fit(span, span / 2, right)
    assert np.isfinite([fitted.bias, fitted.support, fitted.none]).all()
    if len(right):
        assert (fitted(span, span / 2) > 0.5).all() == bool(right[0])


@pytest.mark.parametrize("seed", range(20))
def test_a_fit_to_confidences_near_0_and_1_is_the_best_there_is(seed: int) -> None:
    generator = np.random.default_rng(seed)
    none = np.where(generator.uniform(size=30) < 0.5, 1.0, 1e-9)
    span = np.where(generator.uniform(size=30) < 0.9, 1 - none, generator.uniform(size=30))
    right = generator.uniform(size=30) < 0.7
    fitted = fit(span, none, right)
    # At the best bias, as many are right as should be.
    assert fitted(span, none).sum() == pytest.approx(right.sum(), abs=1e-3)


def test_nan_stays_nan() -> None:
    fitted = Logistic(bias=0.0, support=1.0, none=-1.0)
    assert np.isnan(fitted([np.nan, 0.5], [np.nan, 0.5])).tolist() == [True, False]


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
    assert abs(found.right(span, none)[:500].mean() - 0.5) < 0.1
    assert calibrate(span, none, right, is_described, answers_none=False).nothing is None


def test_the_curve_counts_all() -> None:
    rows = curve([0.0, 0.05, 0.95, 1.0], [0, 1, 1, 1])
    assert [row["n"] for row in rows] == [2, *[0] * 8, 2]
    assert (rows[0]["confidence"], rows[0]["right"]) == (0.025, 0.5)
    assert rows[5]["right"] is None
    assert expected_calibration_error([0.0, 0.05, 0.95, 1.0], [0, 1, 1, 1]) == pytest.approx(0.25)
    assert expected_calibration_error([], []) is None
