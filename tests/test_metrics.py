"""metrics: stable files, and statistics against values worked out by hand."""

import json
from pathlib import Path

import numpy as np
import pytest

from webpairs import metrics


def test_metrics_are_rounded_and_never_nan(tmp_path: Path) -> None:
    path = tmp_path / "x.json"
    metrics.write_metrics(path, {"a": 1 / 3, "b": [float("nan"), np.float32(0.5)], "c": {"d": 12345678}})
    assert json.loads(path.read_text()) == {"a": 0.333333, "b": [None, 0.5], "c": {"d": 12345678}}


def test_tsv_has_a_header_also_without_rows(tmp_path: Path) -> None:
    metrics.write_tsv(tmp_path / "x.tsv", [], ["epoch", "loss"])
    assert (tmp_path / "x.tsv").read_text() == "epoch\tloss\n"
    metrics.write_tsv(tmp_path / "y.tsv", [{"epoch": 1, "loss": 0.123456789}], ["epoch", "loss"])
    assert metrics.read_tsv(tmp_path / "y.tsv") == [{"epoch": "1", "loss": "0.123457"}]
    with pytest.raises(ValueError, match="lost"):
        metrics.write_tsv(tmp_path / "z.tsv", [{"epoch": 1, "lost": 2}], ["epoch", "loss"])


def test_quartiles() -> None:
    assert metrics.quartiles([4, 1, 3, 2, 5]) == {"n": 5, "min": 1, "q1": 2, "median": 3, "q3": 4, "max": 5}
    assert metrics.quartiles([]) == {"n": 0, "min": None, "q1": None, "median": None, "q3": None, "max": None}


def test_mean_interval_covers_the_mean_and_narrows_with_n() -> None:
    random = np.random.default_rng(5)
    few, many = random.normal(0.3, 1, 50), random.normal(0.3, 1, 5000)
    small, large = metrics.mean_interval(few, 500, 1), metrics.mean_interval(many, 500, 1)
    assert small["low"] < few.mean() < small["high"]  # type: ignore[operator]
    # The standard error of 5,000 values of spread 1 is 0.0141, so the interval is about 0.055 wide.
    assert large["high"] - large["low"] == pytest.approx(0.0554, rel=0.15)  # type: ignore[operator]
    assert metrics.mean_interval(few, 500, 1) == small
    assert metrics.mean_interval([], 500, 1)["mean"] is None


def test_histogram_counts_everything() -> None:
    assert metrics.histogram([-1, 0.1, 0.5, 0.99, 7], [0, 0.5, 1]) == [2, 3]


def test_speed_gives_rates() -> None:
    speed = metrics.Stopwatch().speed(pages=10)
    assert set(speed) == {"seconds", "pages_per_second", "peak_memory_mb"}
    assert speed["pages_per_second"] == pytest.approx(10 / speed["seconds"], rel=0.01)
    assert 5 < speed["peak_memory_mb"] < 100_000
