"""What stages measure: JSON for `dvc metrics`, TSV for `dvc plots`, and the statistics both are made of.

`metrics/<stage>.json` holds numbers about the data: same input, same params, same bytes. Seconds, rates and memory are
about the run, and differ every time: they stand apart in `metrics/speed/<stage>.json`.
"""

import csv
import io
import json
import math
import resource
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from webpairs.shards import write_bytes

Metrics = Mapping[str, Any]


def rounded(value: Any, digits: int = 6) -> Any:
    """The value with every float in it rounded to `digits` significant digits, and NaN and infinity as null."""
    if isinstance(value, Mapping):
        return {str(key): rounded(item, digits) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [rounded(item, digits) for item in value]
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, float):
        return float(f"{value:.{digits}g}") if math.isfinite(value) else None
    return value


def write_metrics(path: Path, metrics: Metrics) -> None:
    """Writes the metrics as JSON, floats at six significant digits."""
    write_bytes(path, (json.dumps(rounded(metrics), indent=2, ensure_ascii=False) + "\n").encode())


def read_metrics(path: Path) -> dict[str, Any]:
    """Reads what `write_metrics` wrote."""
    values: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return values


def write_tsv(path: Path, rows: Sequence[Mapping[str, Any]], columns: Sequence[str]) -> None:
    """Writes the rows as TSV with these columns; the header stands there also without any row, as DVC plots need it."""
    text = io.StringIO()
    writer = csv.DictWriter(text, fieldnames=list(columns), delimiter="\t", lineterminator="\n", extrasaction="raise")
    writer.writeheader()
    for row in rows:
        writer.writerow(rounded(row))
    write_bytes(path, text.getvalue().encode())


def read_tsv(path: Path) -> list[dict[str, str]]:
    """Reads what `write_tsv` wrote, all cells as text."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter="\t"))


def quartiles(values: Sequence[float] | NDArray[Any]) -> dict[str, float | int | None]:
    """Count, minimum, Q1, median, Q3 and maximum; null where there is no value."""
    numbers = np.asarray(values, dtype=np.float64)
    names = ("min", "q1", "median", "q3", "max")
    if numbers.size == 0:
        return {"n": 0, **dict.fromkeys(names)}
    points = np.quantile(numbers, [0, 0.25, 0.5, 0.75, 1])
    return {"n": int(numbers.size), **{name: float(point) for name, point in zip(names, points, strict=True)}}


def mean_interval(values: Sequence[float] | NDArray[Any], resamples: int, seed: int) -> dict[str, float | int | None]:
    """Mean with its 95 % percentile bootstrap interval over the values; null where there is no value."""
    numbers = np.asarray(values, dtype=np.float64)
    if numbers.size == 0:
        return {"n": 0, "mean": None, "low": None, "high": None}
    random = np.random.default_rng(seed)
    means = np.array([numbers[random.integers(0, numbers.size, numbers.size)].mean() for _ in range(resamples)])
    low, high = np.quantile(means, [0.025, 0.975])
    return {"n": int(numbers.size), "mean": float(numbers.mean()), "low": float(low), "high": float(high)}


def histogram(values: Sequence[float] | NDArray[Any], edges: Sequence[float]) -> list[int]:
    """How many values fall between each pair of neighbouring edges; values outside count in the first or last bin."""
    numbers = np.clip(np.asarray(values, dtype=np.float64), edges[0], edges[-1])
    counts, _ = np.histogram(numbers, bins=np.asarray(edges))
    return [int(count) for count in counts]


class Stopwatch:
    """Seconds since it was made, and what a run needed of the machine."""

    def __init__(self) -> None:
        self.start = time.perf_counter()

    def speed(self, **counts: int) -> dict[str, float]:
        """Seconds, a rate a second for each count (`pages=10` gives `pages_per_second`), and peak memory in MB; that of
        the GPU too, where this process has used one.
        """
        seconds = time.perf_counter() - self.start
        own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        children = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
        rates = {f"{name}_per_second": count / seconds for name, count in counts.items()}
        # Linux counts ru_maxrss in KiB; the larger of this process and its largest child.
        return {"seconds": seconds, **rates, "peak_memory_mb": max(own, children) / 1024, **_gpu_memory()}


def _gpu_memory() -> dict[str, float]:
    torch = sys.modules.get("torch")  # most stages don't need it, and it takes seconds to import
    if torch is None or not torch.cuda.is_initialized():
        return {}
    return {"peak_gpu_memory_mb": torch.cuda.max_memory_allocated() / 2**20}
