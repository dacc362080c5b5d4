"""How far a model's confidence can be believed: fitted on validation examples, judged on others."""

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray
from pydantic import BaseModel, ConfigDict

Floats = NDArray[np.float64]

BINS = 10
RIGHT_IOU = 0.5  # an answer is called right from this IoU with the true span on

_LEAST = 1e-6  # probabilities below are taken for this
_NEARLY = 0.01  # of F1
_PENALTY = 1.0  # of the squared weights: a handful of examples must not make certainty
_STEPS = 100


class Calibration(BaseModel):
    """A logistic function of the logarithms of span and none confidence, and from which confidence on there is an
    answer.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    bias: float
    span: float  # weight of the span confidence's logarithm
    none: float  # of the none confidence's; 0 for a model that can't say none
    threshold: float  # 0: every image gets an answer

    def confidence(self, span: ArrayLike, none: ArrayLike) -> NDArray[np.float32]:
        """The probability that an answer is right, for arrays of span and none confidence; NaN stays NaN."""
        logits = _features(span, none) @ np.array([self.bias, self.span, self.none])
        return np.asarray(1 / (1 + np.exp(-logits)), np.float32)


def fit(span: ArrayLike, none: ArrayLike, right: ArrayLike) -> Calibration:
    """Logistic regression of whether answers are right, slightly regularised; its threshold is 0."""
    features, wanted = _features(span, none), np.asarray(right, np.float64)
    has_none = bool(np.asarray(none, np.float64).any())
    used = features if has_none else features[:, :2]
    penalty = np.diag([0.0, *[_PENALTY] * (used.shape[1] - 1)])
    weights = np.zeros(used.shape[1])
    for _ in range(_STEPS):
        given = 1 / (1 + np.exp(-used @ weights))
        slope = used.T @ (given - wanted) + penalty @ weights
        curve = (used * (given * (1 - given))[:, None]).T @ used + penalty + 1e-9 * np.eye(len(weights))
        step = np.linalg.solve(curve, slope)
        # Where all are right, or none, the bias would run away.
        weights = np.clip(weights - np.clip(step, -2, 2), -20, 20)
        if np.abs(step).max() < 1e-9:
            break
    bias, of_span, *of_none = weights.tolist()
    return Calibration(bias=bias, span=of_span, none=of_none[0] if of_none else 0.0, threshold=0.0)


def best_threshold(confidence: ArrayLike, precision: ArrayLike, recall: ArrayLike, is_described: ArrayLike) -> float:
    """The confidence from which on answers should be given: the lowest at which their F1 is nearly the best.

    On a hundred examples F1 is nearly the same over a wide range, and of two errors the wrong none is the worse one: a
    wrong answer may still be sorted out by its CLIP score.

    `precision` and `recall` are those of each answer's words, `is_described` tells where there is a description. F1 is
    that of webpairs.evaluation.places: precision over what is answered, recall over what has a description.
    """
    order = np.argsort(-np.asarray(confidence, np.float64), kind="stable")
    sorted_by, right, found = (np.asarray(values, np.float64)[order] for values in (confidence, precision, recall))
    precisions = np.cumsum(right) / np.arange(1, len(order) + 1)
    recalls = np.cumsum(found) / max(1.0, float(np.asarray(is_described, np.float64).sum()))
    both = precisions + recalls
    f1 = 2 * precisions * recalls / np.where(both == 0, 1, both)
    # Those of one confidence are answered together.
    f1[:-1][sorted_by[:-1] == sorted_by[1:]] = -1
    if not len(f1) or f1.max() <= 0:
        return 0.0
    best = int(np.flatnonzero(f1 >= f1.max() - _NEARLY)[-1])
    below = sorted_by[best + 1] if best + 1 < len(order) else 0.0
    # In the middle, as no example lies there.
    return float((sorted_by[best] + below) / 2) if best + 1 < len(order) else 0.0


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


def _features(span: ArrayLike, none: ArrayLike) -> Floats:
    logs = [np.log(np.maximum(np.asarray(values, np.float64), _LEAST)) for values in (span, none)]
    return np.stack([np.ones_like(logs[0]), *logs], axis=-1)
