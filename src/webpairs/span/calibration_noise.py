"""What an expected calibration error would be by chance alone: a few examples a bin never come out as even."""

from collections.abc import Sequence

import numpy as np

from webpairs.span.calibration import Floats, expected_calibration_error

DRAWS = 200
SEED = 1


def error_by_chance(confidence: Sequence[float] | Floats) -> float | None:
    """The expected calibration error that a model with these confidences would show on average if each of them were
    the very probability of being right; None without any.

    The mean over 200 draws, always the same ones. Examples are drawn independently of each other: those of one page or
    domain are not, so that the true floor lies a little higher.
    """
    given = np.asarray(confidence, np.float64)
    if not given.size:
        return None
    random = np.random.default_rng(SEED)
    errors = [expected_calibration_error(given, random.random(given.size) < given) for _ in range(DRAWS)]
    return float(np.mean([error for error in errors if error is not None]))
