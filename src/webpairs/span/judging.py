"""The span model on examples that it was not trained on."""

from dataclasses import dataclass
from typing import Any

import polars as pl

from webpairs.evaluation.spans import summary, token_f1, word_iou
from webpairs.span.describe import spans_text, texts_of
from webpairs.span.model import SpanModel
from webpairs.span.prediction import predict_texts
from webpairs.span.silver import CATEGORIES


@dataclass(frozen=True)
class Judgement:
    """IoU of each example, and the metrics made of them: over all and by category."""

    ious: list[float]
    metrics: dict[str, Any]


def judge(model: SpanModel, examples: pl.DataFrame, batch_size: int) -> Judgement:
    """Exact match, IoU and token F1 of the model's spans on examples (records.EXAMPLES)."""
    texts = texts_of(examples)
    found = predict_texts(model, texts, batch_size, "test examples")
    windows = [text.before + text.after for text in texts]
    true = list(zip(examples["start"].to_list(), examples["end"].to_list(), strict=True))
    predicted = zip(found.start.tolist(), found.end.tolist(), strict=True)
    ious = [word_iou(*row) for row in zip(windows, predicted, true, strict=True)]
    answers = spans_text(texts, found)
    truths = [window[start:end] for window, (start, end) in zip(windows, true, strict=True)]
    f1s = [token_f1(answer or "", truth) for answer, truth in zip(answers, truths, strict=True)]
    marks = pl.DataFrame({"category": examples["category"], "iou": ious, "f1": f1s})
    by_category = {name: _summary(marks.filter(pl.col("category") == name)) for name in CATEGORIES}
    return Judgement(ious, {**_summary(marks), "by_category": by_category})


def _summary(marks: pl.DataFrame) -> dict[str, Any]:
    return {**summary(marks["iou"].to_numpy()), "token_f1": marks["f1"].mean()}
