"""The span model on examples that it was not trained on."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from webpairs.evaluation.places import DECORATION, NOT_IN_TEXT
from webpairs.evaluation.spans import ANY, RIGHT_IOU, summary, text_iou, token_f1, word_iou
from webpairs.params import Describe
from webpairs.span.answers import NONE, UNSURE, Answers, abstention, answer, outcomes_of
from webpairs.span.calibration import curve, expected_calibration_error
from webpairs.span.calibration_noise import error_by_chance
from webpairs.span.decorations import ImagePages, are_decorations, pages_of_rows
from webpairs.span.examples import spans_of
from webpairs.span.model import SpanModel
from webpairs.span.prediction import Predictions, predict_texts
from webpairs.span.silver import CATEGORIES
from webpairs.span.silver import NONE as WITHOUT
from webpairs.span.windows import texts_of

CALIBRATION = ("confidence_of", "bin", "n", "confidence", "right")
BY_CATEGORY = ("category", "n", "exact_match", "iou", "token_f1", "iou_le_5", "iou_ge_95", "none", "unsure")

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


@dataclass(frozen=True)
class JudgedAnswers:
    """The answers for images with truth, the metrics made of them, and the rows of a table CALIBRATION."""

    answers: Answers
    metrics: dict[str, Any]
    calibration: list[dict[str, Any]]


def judge(model: SpanModel, examples: pl.DataFrame, params: Describe) -> Judgement:
    """Judges the model on examples (records.EXAMPLES).

    Exact match, IoU and token F1 are those of the best spans of the examples that have a description, whether the model
    would answer with them or not, as the thesis has them. `abstention` is about none and unsure, and the model's alone:
    label calls images decorations by the rule that describe has. `calibration` is about confidence: that of the span
    alone, its support, and calibrated; a span is right from an IoU of 0.5 on. Decorations that describe answers without
    asking the model are left out of it, as no confidence of theirs is ever given.

    Of the rows by category, ANY is all examples that have a description: the thesis drew its random ones from all. The
    last columns are the shares of none and of unsure.
    """
    texts = texts_of(examples)
    found = predict_texts(model, texts, params.batch_size, "test examples")
    windows = [text.before + text.after for text in texts]
    spans = list(zip(found.start.tolist(), found.end.tolist(), strict=True))
    marks = [
        (0.0, 0.0) if true is None else (word_iou(window, span, true), _f1(window, span, true))
        for window, span, true in zip(windows, spans, spans_of(examples), strict=True)
    ]
    table = pl.DataFrame(marks, schema={"iou": pl.Float64, "f1": pl.Float64}, orient="row").with_columns(
        examples["category"], outcome=pl.Series(outcomes_of(found, params), dtype=pl.String)
    )
    is_described = (table["category"] != WITHOUT).to_numpy()
    described = table.filter(is_described)
    right = is_described & (table["iou"] >= RIGHT_IOU).to_numpy()
    read = (found.start >= 0) & ~examples["kind"].is_in(list(params.decorations)).to_numpy()
    confidences = _confidences(found, read)
    by_category = {name: table.filter(pl.col("category") == name) for name in CATEGORIES}
    return Judgement(
        described["iou"].to_list(),
        described["category"].to_list(),
        {
            **_summary(described),
            "by_category": {name: _summary(own) for name, own in by_category.items() if name != WITHOUT},
            "abstention": abstention(table["outcome"].to_list(), is_described, right),
            "calibration": _calibration(confidences, right[read]),
        },
        _curves(confidences, right[read]),
        [_category_row(ANY, described), *(_category_row(name, own) for name, own in by_category.items())],
    )


def judge_answers(model: SpanModel, joined: pl.DataFrame, params: Describe, image_pages: ImagePages) -> JudgedAnswers:
    """The answers for images with truth (webpairs.evaluation.places), how well none is said, and how far the model's
    confidence is true.

    `image_pages` are as of decorations.pages_of_images. `abstention` is over all images, `abstention_of_content`
    without those that decorate by the truth. The confidence is judged of content, also where describe's rule takes it
    for a decoration. The best span is right from an IoU of 0.5 on with one of the true descriptions, as bags of words,
    since a truth is a text and may stand in several places. No span is right where the page's text holds none.
    """
    texts = texts_of(joined)
    found = predict_texts(model, texts, params.batch_size, "images with truth")
    truths = zip(joined["place"].to_list(), joined["true"].to_list(), strict=True)
    accepted = [[] if place in NOT_IN_TEXT else list(true) for place, true in truths]
    spans = zip(texts, found.start.tolist(), found.end.tolist(), accepted, strict=True)
    right = [
        start >= 0 and any(text_iou((text.before + text.after)[start:end], true) >= RIGHT_IOU for true in wanted)
        for text, start, end, wanted in spans
    ]
    given = answer(texts, found, params, _decorations(joined, params, image_pages))
    outcomes, is_right = np.array(given.outcomes, np.str_), np.array(right, np.bool_)
    is_described = np.array([bool(wanted) for wanted in accepted], np.bool_)
    content = (joined["place"] != DECORATION).to_numpy()
    read = content & (found.start >= 0)
    confidences = _confidences(found, read)
    metrics = {
        "abstention": abstention(outcomes, is_described, is_right),
        "abstention_of_content": abstention(outcomes[content], is_described[content], is_right[content]),
        "calibration": _calibration(confidences, is_right[read]),
    }
    return JudgedAnswers(given, metrics, _curves(confidences, is_right[read]))


def _confidences(found: Predictions, read: NDArray[np.bool_]) -> dict[str, Floats]:
    """Confidence of the span alone, its support, and calibrated, of these windows."""
    every = {"span": found.span_confidence, "support": found.support_confidence, "calibrated": found.confidence}
    return {name: given[read].astype(np.float64) for name, given in every.items()}


def _calibration(confidences: Mapping[str, Floats], right: NDArray[np.bool_]) -> dict[str, Any]:
    return {
        "n": len(right),
        "right_from_iou": RIGHT_IOU,
        "expected_calibration_error": {
            name: expected_calibration_error(given, right) for name, given in confidences.items()
        },
        "by_chance": {name: error_by_chance(given) for name, given in confidences.items()},
    }


def _curves(confidences: Mapping[str, Floats], right: NDArray[np.bool_]) -> list[dict[str, Any]]:
    return [{"confidence_of": name, **row} for name, given in confidences.items() for row in curve(given, right)]


def _category_row(name: str, table: pl.DataFrame) -> dict[str, Any]:
    numbers = _summary(table if name != WITHOUT else table.clear())
    shares = {outcome: (table["outcome"] == outcome).mean() for outcome in (NONE, UNSURE)}
    return {"category": name, **numbers, "n": table.height, **shares}


def _f1(window: str, span: tuple[int, int], true: tuple[int, int]) -> float:
    return token_f1(window[span[0] : span[1]] if span[0] >= 0 else "", window[slice(*true)])


def _summary(marks: pl.DataFrame) -> dict[str, Any]:
    return {**summary(marks["iou"].to_numpy()), "token_f1": marks["f1"].mean()}


def answers_of(
    model: SpanModel, candidates: pl.DataFrame, params: Describe, image_pages: ImagePages, what: str
) -> Answers:
    """The answer for each candidate (records.WINDOWED); `image_pages` as of decorations.pages_of_images."""
    texts = texts_of(candidates)
    found = predict_texts(model, texts, params.batch_size, what)
    return answer(texts, found, params, _decorations(candidates, params, image_pages))


def _decorations(candidates: pl.DataFrame, params: Describe, image_pages: ImagePages) -> NDArray[np.bool_]:
    return are_decorations(candidates, pages_of_rows(candidates, image_pages), params.decorations)
