"""Answers: the best span of an image, none where nothing describes it, or nothing where the model is unsure."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from webpairs.params import Describe
from webpairs.span.prediction import Predictions
from webpairs.span.windows import Texts

# What becomes of an image. Of decorations none is said without a look at the text. Unsure is no answer: a span and none
# are both too unlikely to be right.
OUTCOMES = DESCRIBED, NONE, DECORATION, UNSURE, NO_TEXT = "described", "none", "decoration", "unsure", "no_text"


@dataclass(frozen=True)
class Answers:
    """One entry an image: what became of it, and the description of those that are described; None for others."""

    outcomes: list[str]
    descriptions: list[str | None]


def answer(
    texts: Sequence[Texts], found: Predictions, params: Describe, decorates: NDArray[np.bool_] | None = None
) -> Answers:
    """What is answered for the images with these texts around them: none, of those that decorate, else what the model
    says.
    """
    outcomes = outcomes_of(found, params)
    if decorates is not None:
        outcomes = [DECORATION if is_one else outcome for is_one, outcome in zip(decorates, outcomes, strict=True)]
    spans = zip(texts, found.start.tolist(), found.end.tolist(), outcomes, strict=True)
    return Answers(
        outcomes,
        [
            (text.before + text.after)[start:end] if outcome == DESCRIBED else None
            for text, start, end, outcome in spans
        ],
    )


def outcomes_of(found: Predictions, params: Describe) -> list[str]:
    """What becomes of each image by the model.

    None is said from a probability of `none_from` on. Else the best span is the answer, where it is right with a
    probability of at least `min_confidence`. A model that isn't calibrated has no probabilities, and always answers.
    """
    has_text = found.start >= 0
    none, is_sure = np.zeros_like(has_text), np.ones_like(has_text)
    if found.calibration is not None:
        none = np.nan_to_num(found.nothing, nan=-1.0) >= params.none_from
        is_sure = np.nan_to_num(found.confidence, nan=-1.0) >= params.min_confidence
    chosen = np.select([~has_text, none, ~is_sure], [NO_TEXT, NONE, UNSURE], DESCRIBED)
    return [str(one) for one in chosen]


def abstention(outcomes: ArrayLike, is_described: ArrayLike, is_right: ArrayLike) -> dict[str, Any]:
    """How well none is said, by the model or of decorations, and what being unsure holds back.

    Takes, an entry an image, what became of it, whether anything describes it, and whether its best span is right.
    `precision` is the share of the nones that are right, `recall` the share of the images without description of which
    none is said, `unsure_wrong` the share of what is held back whose best span is wrong; null where there are no such
    images. `decorations` are those of the nones that the model had no part in, `decorations_precision` as `precision`.
    """
    given = np.asarray(outcomes, np.str_)
    decoration, unsure = given == DECORATION, given == UNSURE
    none = (given == NONE) | decoration
    nothing: NDArray[np.bool_] = ~np.asarray(is_described, np.bool_)
    wrong: NDArray[np.bool_] = ~np.asarray(is_right, np.bool_)
    return {
        "images": len(given),
        "without_description": int(nothing.sum()),
        "none": int(none.sum()),
        "precision": _share(none & nothing, none),
        "recall": _share(none & nothing, nothing),
        "decorations": int(decoration.sum()),
        "decorations_precision": _share(decoration & nothing, decoration),
        "unsure": int(unsure.sum()),
        "unsure_wrong": _share(unsure & wrong, unsure),
    }


def _share(some: NDArray[np.bool_], every: NDArray[np.bool_]) -> float | None:
    return float(some.sum() / every.sum()) if every.any() else None
