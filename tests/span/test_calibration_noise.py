"""The error that a perfect confidence shows all the same."""

import numpy as np
import pytest

from webpairs.span.calibration import expected_calibration_error
from webpairs.span.calibration_noise import error_by_chance


def test_fewer_examples_have_more_noise() -> None:
    few, many = error_by_chance([0.5] * 25), error_by_chance([0.5] * 2500)
    # In one bin it is the mean distance of a binomial share from its probability: sqrt(2 p (1 - p) / (pi n)).
    assert few == pytest.approx(np.sqrt(0.5 / np.pi / 25), rel=0.15)
    assert many == pytest.approx(np.sqrt(0.5 / np.pi / 2500), rel=0.15)


def test_it_is_what_a_perfect_confidence_shows() -> None:
    random = np.random.default_rng(5)
    sure = random.random(300)
    shown = [expected_calibration_error(sure, random.random(300) < sure) for _ in range(100)]
    assert error_by_chance(sure) == pytest.approx(np.mean([one for one in shown if one is not None]), rel=0.1)
    assert error_by_chance(sure) == error_by_chance(sure)


def test_certainty_has_no_noise_and_nothing_has_no_error() -> None:
    assert error_by_chance([0.0, 1.0, 1.0]) == 0
    assert error_by_chance([]) is None
