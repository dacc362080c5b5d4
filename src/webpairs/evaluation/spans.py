"""Numbers about spans: against the place a span should have, and against the text that an answer should be.

Places are compared in words of the window (webpairs.span.words), which no encoder's vocabulary has a say in. Texts are
compared as SQuAD does, as bags of words after webpairs.page.normalise: lower case, no punctuation, no articles.
"""

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from webpairs.metrics import histogram
from webpairs.page.normalise import normalise
from webpairs.span.words import words

Span = tuple[int, int]
Floats = NDArray[np.float64]

BINS = 20
RIGHT_IOU = 0.5  # an answer is called right from this IoU with the true span on
ANY = "any"
BY_CATEGORY = ("category", "bin", "share")


def word_iou(text: str, predicted: Span, true: Span) -> float:
    """Intersection over union of the words of the text that two spans [start, end) of characters touch, 0 to 1.

    1 is an exact match: the same words. 0 where the prediction touches no word, as a missing one (-1, -1) does.
    """
    places = words(text)
    starts, ends = [start for start, _ in places], [end for _, end in places]

    def touched(span: Span) -> Span:
        return bisect_right(ends, span[0]), bisect_left(starts, span[1])

    (low, high), (true_low, true_high) = touched(predicted), touched(true)
    both = max(0, min(high, true_high) - max(low, true_low))
    either = max(0, high - low) + (true_high - true_low) - both
    return both / either if either else 0.0


def summary(ious: Sequence[float] | Floats) -> dict[str, Any]:
    """Count, exact match (share of IoU 1), mean IoU and the shares of at most 5 % and at least 95 %."""
    values = np.asarray(ious, np.float64)
    if not values.size:
        return {"n": 0, "exact_match": None, "iou": None, "iou_le_5": None, "iou_ge_95": None}
    return {
        "n": int(values.size),
        "exact_match": float((values == 1).mean()),
        "iou": float(values.mean()),
        "iou_le_5": float((values <= 0.05).mean()),
        "iou_ge_95": float((values >= 0.95).mean()),
    }


def distribution(ious: Sequence[float] | Floats) -> list[dict[str, Any]]:
    """The share of examples in each of 20 bins of IoU, five percentage points wide; `bin` is the lower edge in %."""
    counts = histogram(ious, [index / BINS for index in range(BINS + 1)])
    return [{"bin": 100 // BINS * index, "share": count / max(1, len(ious))} for index, count in enumerate(counts)]


def distributions(
    ious: Sequence[float] | Floats, categories: Sequence[str], order: Sequence[str]
) -> list[dict[str, Any]]:
    """The distribution of all IoUs as the category `any`, then of each category's in this order: columns BY_CATEGORY.

    A category without examples has no rows.
    """
    values, names = np.asarray(ious, np.float64), np.asarray(categories, np.str_)
    parts = {ANY: values} | {name: values[names == name] for name in order}
    return [{"category": name, **row} for name, own in parts.items() if own.size for row in distribution(own)]


def overlap(answer: str, truth: str) -> tuple[float, float]:
    """Precision and recall of an answer's words against the true text's, as bags of words; 0 where either is empty."""
    given, wanted = Counter(normalise(answer)[0].split()), Counter(normalise(truth)[0].split())
    both = (given & wanted).total()
    return (both / given.total(), both / wanted.total()) if both else (0.0, 0.0)


def text_iou(answer: str, truth: str) -> float:
    """Intersection over union of an answer's words and the true text's, as bags of words; 0 where either is empty."""
    given, wanted = Counter(normalise(answer)[0].split()), Counter(normalise(truth)[0].split())
    either = (given | wanted).total()
    return (given & wanted).total() / either if either else 0.0


def f1(precision: float, recall: float) -> float:
    """Harmonic mean; 0 where both are 0."""
    return 2 * precision * recall / (precision + recall) if precision + recall else 0.0


def token_f1(answer: str, truth: str) -> float:
    """F1 of an answer's words against the true text's."""
    return f1(*overlap(answer, truth))
