"""Descriptions: the best span for every candidate, where the model is sure enough of it."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import polars as pl

from webpairs.metrics import quartiles
from webpairs.records import DESCRIPTIONS
from webpairs.span.model import SpanModel
from webpairs.span.prediction import Predictions, predict_texts
from webpairs.span.windows import Texts, texts_of

CONFIDENCES = ("start", "end", "average", "span", "none")
_KEPT = ("candidate_id", "archive", "page_url", "domain", "language", "image_url", "alt")

# Candidates whose windows are in memory together; an archive can hold a hundred thousand.
_AT_ONCE = 8192


def describe(model: SpanModel, candidates: pl.DataFrame, batch_size: int) -> pl.DataFrame:
    """The best span of each candidate (records.WINDOWED) as records.DESCRIPTIONS, a row each, in the same order.

    Where the model says none, the description is null, and place and confidences are those of the best span all the
    same. They are null where there is no text around the image.
    """
    parts = [_describe(model, part, batch_size) for part in candidates.iter_slices(_AT_ONCE)]
    return pl.concat([pl.DataFrame(schema=DESCRIPTIONS), *parts])


def spans_text(texts: Sequence[Texts], found: Predictions) -> list[str | None]:
    """The answers; None where the model says none, or has no text to read."""
    rows = zip(texts, found.start.tolist(), found.end.tolist(), found.is_answered.tolist(), strict=True)
    return [
        (text.before + text.after)[start:end] if start >= 0 and answered else None
        for text, start, end, answered in rows
    ]


def description_metrics(descriptions: pl.DataFrame) -> dict[str, Any]:
    """Candidates, how many have a description, of how many the model says none, quartiles of each confidence."""
    described = descriptions["description"].count()
    with_text = descriptions["start"].count()
    columns = {"calibrated": "confidence", **{name: f"{name}_confidence" for name in CONFIDENCES}}
    return {
        "candidates": descriptions.height,
        "described": described,
        "none": with_text - described,
        "without_text": descriptions.height - with_text,
        "confidence": {
            name: quartiles(descriptions[column].drop_nulls().to_numpy()) for name, column in columns.items()
        },
    }


def _describe(model: SpanModel, candidates: pl.DataFrame, batch_size: int) -> pl.DataFrame:
    texts = texts_of(candidates)
    found = predict_texts(model, texts, batch_size, "describe")
    nothing = found.start < 0
    values: dict[str, np.ndarray[Any, Any]] = {
        "start": found.start,
        "end": found.end,
        "confidence": found.confidence,
        **{f"{name}_confidence": getattr(found, f"{name}_confidence") for name in CONFIDENCES},
    }
    columns = {name: pl.Series(name, column).set(pl.Series(nothing), None) for name, column in values.items()}
    made = candidates.select(*_KEPT).with_columns(
        pl.Series("description", spans_text(texts, found), pl.String), *columns.values()
    )
    return made.select(*DESCRIPTIONS)
