"""Descriptions: the best span for every candidate."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import polars as pl

from webpairs.metrics import quartiles
from webpairs.records import DESCRIPTIONS
from webpairs.span.model import SpanModel
from webpairs.span.prediction import Predictions, predict_texts
from webpairs.span.windows import Texts

CONFIDENCES = ("start", "end", "average", "span")
_KEPT = ("candidate_id", "archive", "page_url", "domain", "language", "image_url", "alt")

# Candidates whose windows are in memory together; an archive can hold a hundred thousand.
_AT_ONCE = 8192


def describe(model: SpanModel, candidates: pl.DataFrame, batch_size: int) -> pl.DataFrame:
    """The best span of each candidate (records.CANDIDATES) as records.DESCRIPTIONS, a row each, in the same order.

    The span's places and confidences are null where there is no text around the image.
    """
    parts = [_describe(model, part, batch_size) for part in candidates.iter_slices(_AT_ONCE)]
    return pl.concat([pl.DataFrame(schema=DESCRIPTIONS), *parts])


def texts_of(candidates: pl.DataFrame) -> list[Texts]:
    """What the model looks at, for each candidate."""
    columns = (candidates[name].fill_null("").to_list() for name in ("text_before", "text_after", "alt"))
    return [Texts(*row) for row in zip(*columns, strict=True)]


def spans_text(texts: Sequence[Texts], found: Predictions) -> list[str | None]:
    """The predicted texts; None where there is no prediction."""
    spans = zip(texts, found.start.tolist(), found.end.tolist(), strict=True)
    return [(text.before + text.after)[start:end] if start >= 0 else None for text, start, end in spans]


def description_metrics(descriptions: pl.DataFrame) -> dict[str, Any]:
    """Candidates, how many have a description, and the quartiles of each confidence."""
    described = descriptions["description"].drop_nulls().len()
    return {
        "candidates": descriptions.height,
        "described": described,
        "without_text": descriptions.height - described,
        "confidence": {
            name: quartiles(descriptions[f"{name}_confidence"].drop_nulls().to_numpy()) for name in CONFIDENCES
        },
    }


def _describe(model: SpanModel, candidates: pl.DataFrame, batch_size: int) -> pl.DataFrame:
    texts = texts_of(candidates)
    found = predict_texts(model, texts, batch_size, "describe")
    nothing = found.start < 0
    values: dict[str, np.ndarray[Any, Any]] = {
        "start": found.start,
        "end": found.end,
        **{f"{name}_confidence": getattr(found, f"{name}_confidence") for name in CONFIDENCES},
    }
    columns = {name: pl.Series(name, column).set(pl.Series(nothing), None) for name, column in values.items()}
    made = candidates.select(*_KEPT).with_columns(
        pl.Series("description", spans_text(texts, found), pl.String), *columns.values()
    )
    return made.select(*DESCRIPTIONS)
