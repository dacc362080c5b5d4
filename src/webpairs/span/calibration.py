"""How far a model's confidence can be believed: fitted on validation examples, judged on others."""

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray
from pydantic import BaseModel, ConfigDict

Floats = NDArray[np.float64]

BINS = 10

_LEAST = 1e-6  # probabilities below are taken for this
_LEAST_SUPPORT = 1e-4  # to tell a smaller support from this one would need more examples than there ever are
_PENALTY = 1.0  # of the squared weights: a handful of examples must not make certainty
_STEPS = 100
_HALVINGS = 30  # of a step that leads too far


class OfSupport(BaseModel):
    """A logistic function of the support's log-odds.

    Two weights: a third, of the none confidence, fits the few validation examples better, and others worse.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    bias: float
    slope: float  # of the log-odds of the support (prediction.Predictions)

    def __call__(self, support: ArrayLike) -> NDArray[np.float32]:
        """The probability, for an array of supports; NaN stays NaN."""
        return _logistic(_log_odds(support), [self.bias, self.slope])


class OfSupportAndNone(BaseModel):
    """A logistic function of the logarithms of support and none confidence."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    bias: float
    support: float  # weight of the support's logarithm
    none: float  # of the none confidence's

    def __call__(self, support: ArrayLike, none: ArrayLike) -> NDArray[np.float32]:
        """The probability, for arrays of support and none confidence; NaN stays NaN."""
        return _logistic(_logarithms(support, none), [self.bias, self.support, self.none])


class Calibration(BaseModel):
    """Of whether the best span is right, and of whether nothing describes the image.

    They are two functions, as a span may be doubtful where it's clear that there is one.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    right: OfSupport
    nothing: OfSupportAndNone | None = None  # None: a model that can't say none


def calibrate(
    support: ArrayLike, none: ArrayLike, right: ArrayLike, is_described: ArrayLike, answers_none: bool
) -> Calibration:
    """Fits on validation examples; `answers_none` is whether the model can say none."""
    bias, slope = fit(_log_odds(support), right)
    if not answers_none:
        return Calibration(right=OfSupport(bias=bias, slope=slope))
    weights = fit(_logarithms(support, none), ~np.asarray(is_described, np.bool_))
    nothing = OfSupportAndNone(bias=weights[0], support=weights[1], none=weights[2])
    return Calibration(right=OfSupport(bias=bias, slope=slope), nothing=nothing)


def fit(features: Floats, truth: ArrayLike) -> list[float]:
    """Logistic regression, slightly regularised, of what is true or not: the weights of features, [examples, weights],
    of which the first are ones.
    """
    wanted = np.asarray(truth, np.float64)
    penalty = np.diag([0.0, *[_PENALTY] * (features.shape[1] - 1)])

    def loss(weights: Floats) -> float:
        logits = features @ weights
        return float((np.logaddexp(0, logits) - wanted * logits).sum() + weights @ penalty @ weights / 2)

    weights = np.zeros(features.shape[1])
    for _ in range(_STEPS):
        given = 1 / (1 + np.exp(-features @ weights))
        slope = features.T @ (given - wanted) + penalty @ weights
        curve = (features * (given * (1 - given))[:, None]).T @ features + penalty + 1e-9 * np.eye(len(weights))
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
    return [float(weight) for weight in weights]


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


def _log_odds(support: ArrayLike) -> Floats:
    clipped = np.clip(np.asarray(support, np.float64), _LEAST_SUPPORT, 1 - _LEAST_SUPPORT)
    return np.stack([np.ones_like(clipped), np.log(clipped) - np.log1p(-clipped)], axis=-1)


def _logarithms(support: ArrayLike, none: ArrayLike) -> Floats:
    logs = [np.log(np.maximum(np.asarray(values, np.float64), _LEAST)) for values in (support, none)]
    return np.stack([np.ones_like(logs[0]), *logs], axis=-1)


def _logistic(features: Floats, weights: list[float]) -> NDArray[np.float32]:
    return np.asarray(1 / (1 + np.exp(-features @ np.array(weights))), np.float32)
