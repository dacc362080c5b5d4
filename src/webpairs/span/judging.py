"""The span model on examples that it was not trained on."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from webpairs.evaluation.spans import summary, token_f1, word_iou
from webpairs.span.calibration import RIGHT_IOU, curve, expected_calibration_error
from webpairs.span.describe import spans_text
from webpairs.span.examples import spans_of
from webpairs.span.model import SpanModel
from webpairs.span.prediction import predict_texts
from webpairs.span.silver import CATEGORIES, NONE
from webpairs.span.windows import texts_of

CALIBRATION = ("confidence_of", "bin", "n", "confidence", "right")


@dataclass(frozen=True)
class Judgement:
    """IoU of each example that has a description, the metrics made of all, and rows of CALIBRATION."""

    ious: list[float]
    metrics: dict[str, Any]
    calibration: list[dict[str, Any]]


def judge(model: SpanModel, examples: pl.DataFrame, batch_size: int) -> Judgement:
    """Judges the model on examples (records.EXAMPLES).

    Exact match, IoU and token F1 are those of the best spans of the examples that have a description, whether the model
    would answer with them or not, as the thesis has them. `answers` is about none, `calibration` about confidence: that
    of the span alone, and calibrated; an answer is right from an IoU of 0.5 on.
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
    confidences = {"span": found.span_confidence[read], "calibrated": found.confidence[read]}
    errors = {name: expected_calibration_error(given, right) for name, given in confidences.items()}
    return Judgement(
        described["iou"].to_list(),
        {
            **_summary(described),
            "by_category": {
                name: _summary(described.filter(pl.col("category") == name)) for name in CATEGORIES if name != NONE
            },
            "answers": _answers(table),
            "calibration": {"right_from_iou": RIGHT_IOU, "expected_calibration_error": errors},
        },
        [{"confidence_of": name, **row} for name, given in confidences.items() for row in curve(given, right)],
    )


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
