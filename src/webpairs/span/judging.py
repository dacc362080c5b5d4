"""The span model on examples that it was not trained on."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from webpairs.evaluation.places import NOT_IN_TEXT
from webpairs.evaluation.spans import ANY, summary, text_iou, token_f1, word_iou
from webpairs.span.calibration import RIGHT_IOU, curve, expected_calibration_error
from webpairs.span.calibration_noise import error_by_chance
from webpairs.span.describe import spans_text
from webpairs.span.examples import spans_of
from webpairs.span.model import SpanModel
from webpairs.span.prediction import Predictions, predict_texts
from webpairs.span.silver import CATEGORIES, NONE
from webpairs.span.windows import texts_of

CALIBRATION = ("confidence_of", "bin", "n", "confidence", "right")
BY_CATEGORY = ("category", "n", "exact_match", "iou", "token_f1", "iou_le_5", "iou_ge_95", "none")

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Judgement:
    """IoU and category of each example that has a description, the metrics made of all examples, and the rows of two
    tables, CALIBRATION and BY_CATEGORY.
    """

    ious: list[float]
    categories: list[str]
    metrics: dict[str, Any]
    calibration: list[dict[str, Any]]
    by_category: list[dict[str, Any]]


def judge(model: SpanModel, examples: pl.DataFrame, batch_size: int) -> Judgement:
    """Judges the model on examples (records.EXAMPLES).

    Exact match, IoU and token F1 are those of the best spans of the examples that have a description, whether the model
    would answer with them or not, as the thesis has them. `answers` is about none, `calibration` about confidence: that
    of the span alone, and calibrated; an answer is right from an IoU of 0.5 on.

    Of the rows by category, ANY is all examples that have a description: the thesis drew its random ones from all. The
    last column is the share of answers that are none.
    """
    texts = texts_of(examples)
    found = predict_texts(model, texts, batch_size, "test examples")
    windows = [text.before + text.after for text in texts]
    spans = list(zip(found.start.tolist(), found.end.tolist(), strict=True))
    marks = [
        (0.0, 0.0) if true is None else (word_iou(window, span, true), _f1(window, span, true))
        for window, span, true in zip(windows, spans, spans_of(examples), strict=True)
    ]
    table = pl.DataFrame(marks, schema={"iou": pl.Float64, "f1": pl.Float64}, orient="row").with_columns(
        examples["category"], answered=pl.Series(found.is_answered), has_text=pl.Series(found.start >= 0)
    )
    described = table.filter(pl.col("category") != NONE)
    read = table["has_text"].to_numpy()
    right = ((table["category"] != NONE) & (table["iou"] >= RIGHT_IOU)).to_numpy()[read]
    confidences = _confidences(found)
    by_category = {name: table.filter(pl.col("category") == name) for name in CATEGORIES}
    return Judgement(
        described["iou"].to_list(),
        described["category"].to_list(),
        {
            **_summary(described),
            "by_category": {name: _summary(own) for name, own in by_category.items() if name != NONE},
            "answers": _answers(table),
            "calibration": _calibration(confidences, right),
        },
        [{"confidence_of": name, **row} for name, given in confidences.items() for row in curve(given, right)],
        [_category_row(ANY, described), *(_category_row(name, own) for name, own in by_category.items())],
    )


def judge_answers(model: SpanModel, joined: pl.DataFrame, batch_size: int) -> tuple[list[str | None], dict[str, Any]]:
    """The model's answers for images with truth (webpairs.evaluation.places), and how far its confidence is true.

    The best span is right from an IoU of 0.5 on with one of the true descriptions, as bags of words, since a truth is a
    text and may stand in several places. No span is right where the page's text holds no description.
    """
    texts = texts_of(joined)
    found = predict_texts(model, texts, batch_size, "images with truth")
    truths = zip(joined["place"].to_list(), joined["true"].to_list(), strict=True)
    accepted = [[] if place in NOT_IN_TEXT else list(true) for place, true in truths]
    spans = zip(texts, found.start.tolist(), found.end.tolist(), accepted, strict=True)
    right = [
        any(text_iou((text.before + text.after)[start:end], true) >= RIGHT_IOU for true in wanted)
        for text, start, end, wanted in spans
        if start >= 0
    ]
    return spans_text(texts, found), _calibration(_confidences(found), np.array(right, np.bool_))


def _confidences(found: Predictions) -> dict[str, Floats]:
    """Confidence of the span alone and calibrated, of the windows that hold text."""
    read = found.start >= 0
    both = {"span": found.span_confidence, "calibrated": found.confidence}
    return {name: given[read].astype(np.float64) for name, given in both.items()}


def _calibration(confidences: Mapping[str, Floats], right: NDArray[np.bool_]) -> dict[str, Any]:
    return {
        "n": len(right),
        "right_from_iou": RIGHT_IOU,
        "expected_calibration_error": {
            name: expected_calibration_error(given, right) for name, given in confidences.items()
        },
        "by_chance": {name: error_by_chance(given) for name, given in confidences.items()},
    }


def _category_row(name: str, table: pl.DataFrame) -> dict[str, Any]:
    numbers = _summary(table if name != NONE else table.clear())
    none = None if table.is_empty() else 1 - table["answered"].sum() / table.height
    return {"category": name, **numbers, "n": table.height, "none": none}


def _f1(window: str, span: tuple[int, int], true: tuple[int, int]) -> float:
    return token_f1(window[span[0] : span[1]] if span[0] >= 0 else "", window[slice(*true)])


def _summary(marks: pl.DataFrame) -> dict[str, Any]:
    return {**summary(marks["iou"].to_numpy()), "token_f1": marks["f1"].mean()}


def _answers(table: pl.DataFrame) -> dict[str, Any]:
    """How often none is the answer, and its precision and recall; null where they have no meaning."""
    is_none = ~table["answered"].to_numpy()
    is_right = (table["category"] == NONE).to_numpy()
    both, said, without = (int(np.count_nonzero(one)) for one in (is_none & is_right, is_none, is_right))
    return {
        "examples": table.height,
        "without_description": without,
        "none": said,
        "none_precision": both / said if said else None,
        "none_recall": both / without if without else None,
    }


def answers_of(model: SpanModel, candidates: pl.DataFrame, batch_size: int, what: str) -> list[str | None]:
    """The model's answer for each candidate (records.WINDOWED); None where it is none."""
    texts = texts_of(candidates)
    return spans_text(texts, predict_texts(model, texts, batch_size, what))
