"""How far a model's confidence can be believed: fitted on validation examples, judged on others."""

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray
from pydantic import BaseModel, ConfigDict

Floats = NDArray[np.float64]

BINS = 10

_LEAST = 1e-6  # probabilities below are taken for this
_PENALTY = 1.0  # of the squared weights: a handful of examples must not make certainty
_STEPS = 100
_HALVINGS = 30  # of a step that leads too far


class Logistic(BaseModel):
    """A logistic function of the logarithms of support and none confidence."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    bias: float
    support: float  # weight of the support's logarithm (prediction.Predictions)
    none: float  # of the none confidence's; 0 for a model that can't say none

    def __call__(self, support: ArrayLike, none: ArrayLike) -> NDArray[np.float32]:
        """The probability, for arrays of support and none confidence; NaN stays NaN."""
        logits = _features(support, none) @ np.array([self.bias, self.support, self.none])
        return np.asarray(1 / (1 + np.exp(-logits)), np.float32)


class Calibration(BaseModel):
    """Two logistic functions of the logarithms of support and none confidence: of whether the best span is right, and
    of whether nothing describes the image.

    They are two, as a span may be doubtful where it's clear that there is one.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    right: Logistic
    nothing: Logistic | None = None  # None: a model that can't say none


def calibrate(
    support: ArrayLike, none: ArrayLike, right: ArrayLike, is_described: ArrayLike, answers_none: bool
) -> Calibration:
    """Fits on validation examples; `answers_none` is whether the model can say none."""
    nothing = fit(support, none, ~np.asarray(is_described, np.bool_)) if answers_none else None
    return Calibration(right=fit(support, none, right), nothing=nothing)


def fit(support: ArrayLike, none: ArrayLike, truth: ArrayLike) -> Logistic:
    """Logistic regression, slightly regularised, of what is true or not."""
    features, wanted = _features(support, none), np.asarray(truth, np.float64)
    has_none = bool(np.asarray(none, np.float64).any())
    used = features if has_none else features[:, :2]
    penalty = np.diag([0.0, *[_PENALTY] * (used.shape[1] - 1)])

    def loss(weights: Floats) -> float:
        logits = used @ weights
        return float((np.logaddexp(0, logits) - wanted * logits).sum() + weights @ penalty @ weights / 2)

    weights = np.zeros(used.shape[1])
    for _ in range(_STEPS):
        given = 1 / (1 + np.exp(-used @ weights))
        slope = used.T @ (given - wanted) + penalty @ weights
        curve = (used * (given * (1 - given))[:, None]).T @ used + penalty + 1e-9 * np.eye(len(weights))
        step = np.linalg.solve(curve, slope)
        # Where confidences are all near 0 or 1, a whole step of Newton's leads away, and back, for ever.
        shares = (0.5**halvings for halvings in range(_HALVINGS))
        # Where all are right, or none, the bias would run away.
        tried = (np.clip(weights - share * step, -20, 20) for share in shares)
        better = next((one for one in tried if loss(one) <= loss(weights)), weights)
        moved = np.abs(better - weights).max()
        weights = better
        if moved < 1e-9:
            break
    bias, of_support, *of_none = weights.tolist()
    return Logistic(bias=bias, support=of_support, none=of_none[0] if of_none else 0.0)


def curve(confidence: ArrayLike, right: ArrayLike) -> list[dict[str, float | int | None]]:
    """Ten bins of confidence: `bin` (the lower edge), n, mean confidence and share of right answers (null where n is
    0).
    """
    given, wanted = np.asarray(confidence, np.float64), np.asarray(right, np.float64)
    places = np.minimum((given * BINS).astype(np.intp), BINS - 1)
    return [
        {
            "bin": number / BINS,
            "n": int((chosen := places == number).sum()),
            "confidence": float(given[chosen].mean()) if chosen.any() else None,
            "right": float(wanted[chosen].mean()) if chosen.any() else None,
        }
        for number in range(BINS)
    ]


def expected_calibration_error(confidence: Sequence[float] | Floats, right: ArrayLike) -> float | None:
    """The mean distance between confidence and share of right answers over ten bins, weighed by n; None without any."""
    bins = curve(confidence, right)
    total = sum(int(one["n"] or 0) for one in bins)
    if not total:
        return None
    return math.fsum(int(b["n"] or 0) / total * abs((b["confidence"] or 0) - (b["right"] or 0)) for b in bins)


def _features(support: ArrayLike, none: ArrayLike) -> Floats:
    logs = [np.log(np.maximum(np.asarray(values, np.float64), _LEAST)) for values in (support, none)]
    return np.stack([np.ones_like(logs[0]), *logs], axis=-1)
