"""Descriptions of candidates."""

from pathlib import Path

import polars as pl
import pytest
import torch

from tests.span.conftest import candidate, planted
from webpairs.params import Describe
from webpairs.records import DESCRIPTIONS, WINDOWED
from webpairs.span import describe as module
from webpairs.span.describe import describe, description_metrics
from webpairs.span.judging import judge
from webpairs.span.model import Settings, SpanModel, new_model


@pytest.fixture
def model(bert: Path, settings: Settings) -> SpanModel:
    torch.manual_seed(1)
    return new_model(bert, settings, attention_dropout=0.0).eval()


def test_a_row_a_candidate_in_the_same_order(model: SpanModel, deciding: Describe) -> None:
    candidates = planted(3, 7)
    whole = describe(model, candidates, deciding, [1] * candidates.height)
    assert dict(whole.schema) == DESCRIPTIONS
    for name in ("candidate_id", "page_url", "domain", "image_url", "alt", "language"):
        assert whole[name].to_list() == candidates[name].to_list()
    windows = [before + after for before, after in candidates.select("text_before", "text_after").iter_rows()]
    for text, (start, end, found) in zip(windows, whole.select("start", "end", "description").iter_rows(), strict=True):
        assert text[start:end] == found != ""


def test_no_text_gives_nulls_and_is_counted(model: SpanModel, deciding: Describe) -> None:
    rows = [candidate(1, text_before="a red cat"), candidate(2, alt="alone"), candidate(3, text_before=None)]
    found = describe(model, pl.DataFrame(rows, schema=WINDOWED), deciding, [1] * 3)
    asked = ["start", "end", "description", "confidence", *(f"{name}_confidence" for name in module.CONFIDENCES)]
    assert found.select(asked).null_count().row(0) == (2,) * 10
    metrics = description_metrics(found)
    assert (metrics["candidates"], list(metrics["outcomes"].values())) == (3, [1, 0, 0, 0, 2])
    assert metrics["confidence"]["span"]["n"] == 1


def test_the_model_does_not_look_at_decorations(model: SpanModel, deciding: Describe) -> None:
    candidates = pl.DataFrame([candidate(number, text_before="a red cat") for number in range(3)], schema=WINDOWED)
    pages = [1, 9, 1]
    found = describe(model, candidates, deciding, pages)
    assert found["outcome"].to_list()[1] == "decoration"
    assert found.row(1, named=True)["start"] is found.row(1, named=True)["confidence"] is None
    every = describe(model, candidates, deciding.model_copy(update={"decorations": ["icon"]}), pages)
    assert every["start"].null_count() == 0
    assert found[[0, 2]].equals(every[[0, 2]])


def test_nothing_to_describe(model: SpanModel, deciding: Describe) -> None:
    found = describe(model, pl.DataFrame(schema=WINDOWED), deciding, [])
    assert dict(found.schema) == DESCRIPTIONS
    assert description_metrics(found)["confidence"]["average"]["median"] is None


def test_judging_counts_by_category(model: SpanModel, deciding: Describe) -> None:
    texts = {"text_before": ["a red cat", "dog"], "text_after": ["", ""], "alt": ["", ""], "image_url": ["", ""]}
    answers = {"start": [2, 0], "end": [9, 3], "category": ["just_before", "name"], "kind": ["alt", "alt"]}
    examples = pl.DataFrame({**texts, **answers})
    judgement = judge(model, examples, deciding)
    assert judgement.ious[1] == 1  # one word leaves no choice
    assert judgement.metrics["by_category"]["name"] == {
        "n": 1,
        "exact_match": 1.0,
        "iou": 1.0,
        "iou_le_5": 0.0,
        "iou_ge_95": 1.0,
        "token_f1": 1.0,
    }
    assert judgement.metrics["n"] == 2
    assert judgement.metrics["by_category"]["deep"]["n"] == 0


def test_confidence_is_judged_of_what_describe_asks_the_model(model: SpanModel, deciding: Describe) -> None:
    kinds = ["alt", "icon", "repeated", "not_in_text"]
    texts = {"text_before": ["a red cat"] * 4, "text_after": [""] * 4, "alt": [""] * 4, "image_url": [""] * 4}
    spans = {"start": [2, None, None, None], "end": [9, None, None, None]}
    examples = pl.DataFrame({**texts, **spans, "category": ["just_before", *["none"] * 3], "kind": kinds})
    for decorations, asked in ((["icon", "repeated"], 2), (["icon"], 3), ([], 4)):
        judgement = judge(model, examples, deciding.model_copy(update={"decorations": decorations}))
        assert judgement.metrics["calibration"]["n"] == asked
        counted = [row["n"] for row in judgement.calibration if row["confidence_of"] == "calibrated"]
        assert sum(counted) == asked
        assert judgement.metrics["abstention"]["images"] == 4
