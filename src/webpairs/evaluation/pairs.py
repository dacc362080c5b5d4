"""Numbers about images and texts: correlation, and the description method beside the alt-text method (LAION's)."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from webpairs.metrics import histogram, mean_interval, quartiles

# Cosines of images and texts that fit lie around 0.2 to 0.4 with CLIP as published, higher with small models.
EDGES = [round(-0.2 + 0.04 * step, 2) for step in range(31)]
METHODS = ("description", "alt")


def correlation(
    first: Sequence[float] | NDArray[Any], second: Sequence[float] | NDArray[Any]
) -> dict[str, float | int | None]:
    """Pearson's r with its 95 % interval and two-sided p-value by Fisher's z; null where they aren't defined.

    They are for at least four pairs, none of the two constant, and not all on one line.
    """
    x, y = np.asarray(first, dtype=np.float64), np.asarray(second, dtype=np.float64)
    if len(x) < 4 or np.ptp(x) == 0 or np.ptp(y) == 0:
        return {"n": len(x), "r": None, "low": None, "high": None, "p": None}
    r = float(np.corrcoef(x, y)[0, 1])
    if abs(r) >= 1 - 1e-12:
        return {"n": len(x), "r": r, "low": None, "high": None, "p": None}
    z, error = math.atanh(r), 1 / math.sqrt(len(x) - 3)
    low, high = math.tanh(z - 1.959964 * error), math.tanh(z + 1.959964 * error)
    return {"n": len(x), "r": r, "low": low, "high": high, "p": math.erfc(abs(z) / error / math.sqrt(2))}


def score_numbers(scores: pl.DataFrame) -> dict[str, Any]:
    """What the stage score reports of its table (records.SCORES)."""
    described = scores.drop_nulls("description_score")
    return {
        "candidates": scores.height,
        "images": scores["sha256"].n_unique(),
        "description_score": quartiles(described["description_score"].to_numpy()),
        "alt_score": quartiles(scores["alt_score"].drop_nulls().to_numpy()),
    }


def confidence_correlation(scores: pl.DataFrame) -> dict[str, dict[str, float | int | None]]:
    """Of the span's confidence, and of the calibrated one, with the description's score, over all that have one."""
    described = scores.drop_nulls("description_score")
    return {
        name: correlation(described[column].to_numpy(), described["description_score"].to_numpy())
        for name, column in (("span", "span_confidence"), ("calibrated", "confidence"))
    }


def pair_numbers(pairs: pl.DataFrame) -> dict[str, Any]:
    """What the stage select reports of the pairs (records.PAIRS)."""
    counts = dict(pairs.group_by("split").len().iter_rows())
    return {
        "pairs": pairs.height,
        "splits": {name: counts.get(name, 0) for name in ("train", "holdout")},
        "domains": pairs["domain"].n_unique(),
        "score": quartiles(pairs["score"].to_numpy()),
    }


def histograms(scores: pl.DataFrame, label: str) -> list[dict[str, Any]]:
    """Rows of label (`description` or `alt`), low, high, count: the scores of each method."""
    rows = []
    for method in METHODS:
        counts = histogram(scores[f"{method}_score"].drop_nulls().to_numpy(), EDGES)
        rows += [
            {label: method, "low": low, "high": high, "count": count}
            for low, high, count in zip(EDGES, EDGES[1:], counts, strict=False)
        ]
    return rows


def scatter(scores: pl.DataFrame, points: int = 1000) -> list[dict[str, Any]]:
    """Span confidence and description score of at most so many candidates: the first by id, and ids are digests."""
    chosen = scores.drop_nulls("description_score").sort("candidate_id").head(points)
    columns = chosen.select("span_confidence", score="description_score")
    return columns.to_dicts()


def best_texts(scores: pl.DataFrame) -> pl.DataFrame:
    """A row a distinct image (sha256): each method's best score on it, null where it has no text for it.

    An image that stands on many pages has many candidates; as in the dataset, the text that fits best counts.
    """
    best = [pl.col(f"{method}_score").max().alias(method) for method in METHODS]
    return scores.group_by("sha256").agg(best).sort("sha256")


def compare(scores: pl.DataFrame, resamples: int, seed: int) -> dict[str, Any]:
    """The two methods on the same images: coverage, scores, and the paired difference on images that have both."""
    images = best_texts(scores)
    description, alt = images["description"], images["alt"]
    both = images.drop_nulls()
    difference = (both["description"] - both["alt"]).to_numpy()
    return {
        "images": images.height,
        "candidates": scores.height,
        "coverage": {
            "description": _share(description.is_not_null()),
            "alt": _share(alt.is_not_null()),
            "both": _share(description.is_not_null() & alt.is_not_null()),
            "only_description": _share(description.is_not_null() & alt.is_null()),
            "only_alt": _share(description.is_null() & alt.is_not_null()),
            "neither": _share(description.is_null() & alt.is_null()),
        },
        "description": _scores(description, resamples, seed),
        "alt": _scores(alt, resamples, seed),
        "paired_difference": mean_interval(difference, resamples, seed),
        "description_wins": mean_interval(difference > 0, resamples, seed),
        "alt_wins": mean_interval(difference < 0, resamples, seed),
    }


def _scores(values: pl.Series, resamples: int, seed: int) -> dict[str, Any]:
    numbers = values.drop_nulls().to_numpy()
    return {**mean_interval(numbers, resamples, seed), "quartiles": quartiles(numbers)}


def _share(values: pl.Series) -> float | None:
    return float(values.mean()) if len(values) else None  # type: ignore[arg-type]
