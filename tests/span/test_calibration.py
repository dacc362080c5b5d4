"""Calibration: a fit that says what is so, and thresholds."""

import numpy as np
import pytest

from webpairs.span.calibration import Calibration, best_threshold, curve, expected_calibration_error, fit


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
    after = expected_calibration_error(fitted.confidence(span, none), right)
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
    assert np.isfinite([fitted.bias, fitted.span, fitted.none]).all()
    if len(right):
        assert (fitted.confidence(span, span / 2) > 0.5).all() == bool(right[0])


def test_nan_stays_nan() -> None:
    fitted = Calibration(bias=0.0, span=1.0, none=-1.0, threshold=0.5)
    assert np.isnan(fitted.confidence([np.nan, 0.5], [np.nan, 0.5])).tolist() == [True, False]


def test_the_threshold_is_where_f1_is_best() -> None:
    confidence = np.array([0.9, 0.8, 0.6, 0.4, 0.2])
    # The two last ones have no description: answering them costs precision.
    precision = recall = np.array([1.0, 1, 1, 0, 0])
    described = np.array([1, 1, 1, 0, 0])
    assert best_threshold(confidence, precision, recall, described) == pytest.approx(0.5)
    assert best_threshold(confidence, np.ones(5), np.ones(5), np.ones(5)) == 0
    assert best_threshold(confidence, np.zeros(5), np.zeros(5), np.ones(5)) == 0
    assert best_threshold([], [], [], []) == 0


def test_of_nearly_as_good_thresholds_the_lowest_is_taken() -> None:
    confidence = np.linspace(0.99, 0.01, 99)
    # The last answers of some use are hardly ever right.
    right = np.where(np.arange(99) < 60, 1.0, 0.0)
    right[[62, 66]] = 0.9
    described = np.ones(99)
    threshold = best_threshold(confidence, right, right, described)
    assert confidence[61] > threshold > confidence[75]


def test_answers_of_one_confidence_stand_or_fall_together() -> None:
    same = np.full(4, 0.5)
    right = np.array([1.0, 0, 0, 0])
    assert best_threshold(same, right, right, right) == 0


def test_the_curve_counts_all() -> None:
    rows = curve([0.0, 0.05, 0.95, 1.0], [0, 1, 1, 1])
    assert [row["n"] for row in rows] == [2, *[0] * 8, 2]
    assert (rows[0]["confidence"], rows[0]["right"]) == (0.025, 0.5)
    assert rows[5]["right"] is None
    assert expected_calibration_error([0.0, 0.05, 0.95, 1.0], [0, 1, 1, 1]) == pytest.approx(0.25)
    assert expected_calibration_error([], []) is None
