import json
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from tests.image.projects import run_stage, table
from webpairs import records
from webpairs.evaluation.pairs import compare, confidence_correlation, correlation, histograms, scatter, score_numbers
from webpairs.evaluation.yields import YIELD, yields


def scores() -> pl.DataFrame:
    """Three images: one on two pages, one without alt, one without either text."""
    rows = [
        {
            "sha256": "a",
            "description": "one",
            "description_score": 0.3,
            "alt": "x",
            "alt_score": 0.1,
            "span_confidence": 0.9,
            "confidence": 0.45,
        },
        {
            "sha256": "a",
            "description": "two",
            "description_score": 0.2,
            "alt": "y",
            "alt_score": 0.25,
            "span_confidence": 0.1,
            "confidence": 0.05,
        },
        {"sha256": "b", "description": "three", "description_score": 0.4, "span_confidence": 0.5, "confidence": 0.9},
        {"sha256": "c", "alt": " "},
        {
            "sha256": "d",
            "description": "four",
            "description_score": 0.1,
            "alt": "z",
            "alt_score": 0.2,
            "span_confidence": 0.3,
            "confidence": 0.15,
        },
    ]
    return table(records.SCORES, rows)


def correlated(r: float, n: int) -> tuple[np.ndarray, np.ndarray]:
    """Two samples whose correlation is r, but for rounding."""
    random = np.random.default_rng(1)
    x = random.normal(size=n)
    x = (x - x.mean()) / np.linalg.norm(x - x.mean())
    rest = random.normal(size=n)
    rest -= rest.mean() + x * (rest @ x)
    return x, r * x + np.sqrt(1 - r * r) * rest / np.linalg.norm(rest)


def test_correlation_gives_the_p_value_of_the_thesis() -> None:
    found = correlation(*correlated(-0.109, 617))
    assert found["r"] == pytest.approx(-0.109)
    assert found["p"] == pytest.approx(0.0067, abs=0.0002)


def test_correlation_gives_the_textbook_interval() -> None:
    """r = 0.5 of 28 pairs: z = 0.5493 ± 1.96/5, so tanh(0.1573) to tanh(0.9413)."""
    found = correlation(*correlated(0.5, 28))
    assert (found["low"], found["high"]) == (pytest.approx(0.1560, abs=1e-4), pytest.approx(0.7358, abs=1e-4))


@pytest.mark.parametrize(("x", "y"), [([], []), ([1, 2, 3], [3, 1, 2]), ([1, 1, 1, 1], [1, 2, 3, 4])])
def test_correlation_is_null_where_it_is_not_defined(x: list[float], y: list[float]) -> None:
    assert correlation(x, y) == {"n": len(x), "r": None, "low": None, "high": None, "p": None}


def test_correlation_on_one_line_has_no_interval() -> None:
    found = correlation([1, 2, 3, 4], [2, 4, 6, 8])
    assert (found["r"], found["low"], found["p"]) == (pytest.approx(1), None, None)


def test_score_numbers() -> None:
    numbers = score_numbers(scores())
    assert (numbers["candidates"], numbers["images"]) == (5, 4)
    assert numbers["description_score"]["median"] == pytest.approx(0.25)
    assert numbers["alt_score"]["n"] == 3


def test_both_confidences_are_correlated_with_the_description_score() -> None:
    found = confidence_correlation(scores())
    assert found["span"]["n"] == found["calibrated"]["n"] == 4
    assert found["span"]["r"] == pytest.approx(np.corrcoef([0.9, 0.1, 0.5, 0.3], [0.3, 0.2, 0.4, 0.1])[0, 1], rel=1e-5)
    assert found["calibrated"]["r"] == pytest.approx(
        np.corrcoef([0.45, 0.05, 0.9, 0.15], [0.3, 0.2, 0.4, 0.1])[0, 1], rel=1e-5
    )


def test_methods_are_compared_on_images_each_with_its_best_text() -> None:
    numbers = compare(scores(), resamples=200, seed=1)
    assert (numbers["images"], numbers["candidates"]) == (4, 5)
    assert numbers["coverage"] == {
        "description": 0.75,
        "alt": 0.5,
        "both": 0.5,
        "only_description": 0.25,
        "only_alt": 0.0,
        "neither": 0.25,
    }
    assert numbers["description"]["mean"] == pytest.approx((0.3 + 0.4 + 0.1) / 3)
    assert numbers["alt"]["quartiles"]["max"] == pytest.approx(0.25)
    difference = numbers["paired_difference"]
    assert (difference["n"], difference["mean"]) == (2, pytest.approx((0.05 - 0.1) / 2))
    assert difference["low"] == pytest.approx(-0.1)
    assert difference["high"] == pytest.approx(0.05)
    assert (numbers["description_wins"]["mean"], numbers["alt_wins"]["mean"]) == (0.5, 0.5)


def test_the_interval_holds_the_difference_that_is_there() -> None:
    random = np.random.default_rng(2)
    alt = random.normal(0.2, 0.05, 400).astype(np.float32)
    better = alt + random.normal(0.02, 0.05, 400).astype(np.float32)
    frame = table(records.SCORES, [{"sha256": f"{n}", "description": "x", "alt": "y"} for n in range(400)])
    frame = frame.with_columns(description_score=pl.Series(better), alt_score=pl.Series(alt))
    found = compare(frame, resamples=500, seed=1)["paired_difference"]
    assert 0 < found["low"] < 0.02 < found["high"]
    assert found == compare(frame, resamples=500, seed=1)["paired_difference"]


def test_without_any_score_all_numbers_are_null() -> None:
    numbers = compare(table(records.SCORES, []), resamples=10, seed=1)
    assert numbers["images"] == 0
    assert numbers["coverage"]["alt"] is None
    assert numbers["paired_difference"]["mean"] is None


def test_yields_count_pairs_as_select_would_choose_them() -> None:
    rows = yields(scores(), table(records.TRUTH, []))
    assert all(tuple(row) == YIELD and row["right"] is None for row in rows)
    found = {(row["method"], row["min_clip"]): row["pairs"] for row in rows}
    assert [found["description", at] for at in (0.1, 0.15, 0.3, 0.4)] == [3, 2, 2, 1]
    assert [found["alt", at] for at in (0.1, 0.2, 0.25, 0.3)] == [2, 2, 1, 0]


def test_yields_know_which_pairs_are_right() -> None:
    texts = ["a red boat", "a white horse", "a house", "a tree", "a dog"]
    rows = [
        {
            "sha256": str(n),
            "page_url": "p",
            "image_url": f"{n}.jpg",
            "description": text,
            "description_score": 0.3 - n / 50,
        }
        for n, text in enumerate(texts)
    ]
    known = {"page_url": "p", "role": "content", "place": "deep"}
    truth = [
        known | {"urls": ["0.png", "0.jpg"], "description": "The red boat."},
        known | {"urls": ["1.jpg"], "description": "Something else"},
        known | {"urls": ["2.jpg"], "description": "a house", "place": "nowhere"},
        known | {"urls": ["3.jpg"], "description": "", "role": "icon", "place": ""},
    ]
    found = {
        row["min_clip"]: row["right"]
        for row in yields(table(records.SCORES, rows), table(records.TRUTH, truth))
        if row["method"] == "description"
    }
    # Of the last one the truth isn't known.
    assert (found[0.1], found[0.28], found[0.3], found[0.35]) == (1 / 4, 1 / 2, 1, None)


def test_histograms_count_every_score() -> None:
    rows = histograms(scores(), "source")
    assert list(rows[0]) == ["source", "low", "high", "count"]
    assert sum(row["count"] for row in rows if row["source"] == "description") == 4
    assert [(row["low"], row["high"]) for row in rows if row["source"] == "alt" and row["count"]] == [
        (0.08, 0.12), (0.2, 0.24), (0.24, 0.28),
    ]  # fmt: skip


def test_the_scatter_holds_described_candidates_up_to_its_limit() -> None:
    assert scatter(scores())[0] == {"span_confidence": pytest.approx(0.9), "score": pytest.approx(0.3)}
    assert len(scatter(scores())) == 4
    assert len(scatter(scores(), points=2)) == 2


def test_the_stage_writes_metrics_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for folder in ("data/scores", "data/models/clip", "data/archive"):
        Path(folder).mkdir(parents=True)
    scores().write_parquet("data/scores/scores.parquet")
    table(records.TRUTH, []).write_parquet("data/archive/truth.parquet")
    Path("data/models/clip/source.json").write_text('{"name": "tiny", "stand_in": true}')
    run_stage("compare")
    metrics = json.loads(Path("metrics/compare.json").read_text())
    assert metrics["models"] == {"clip": {"name": "tiny", "stand_in": True}}
    assert "would select" in metrics["judge"]
    assert (
        Path("metrics/compare/yield.tsv")
        .read_text()
        .startswith("method\tmin_clip\tpairs\tright\ndescription\t0.1\t3\t\n")
    )
    assert Path("metrics/compare/scores.tsv").read_text().startswith("method\tlow\thigh\tcount\n")
    assert len(Path("metrics/compare/scatter.tsv").read_text().splitlines()) == 1 + 4
    assert set(metrics["confidence_correlation"]["span"]) == {"n", "r", "low", "high", "p"}
    assert metrics["confidence_correlation"]["calibrated"]["n"] == 4
    assert {path.name for path in Path("data").iterdir()} == {"scores", "models", "archive"}
