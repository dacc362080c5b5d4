"""Plot data of two runs side by side as small lines of text, since a comment on a pull request can hold no figure."""

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

BARS = "▁▂▃▄▅▆▇█"
POINTS = 24


@dataclass(frozen=True)
class Curve:
    """One column of one TSV, of one group of its rows, in both runs; a list is empty where the run has none."""

    name: str
    old: list[float]
    new: list[float]


def changed(old: str, new: str) -> list[Curve]:
    """The curves that differ between two TSV texts, in the order of the columns.

    A text column splits the rows into groups (a curve each); the first numeric column is the axis. Where the axis does
    not rise from row to row the rows are points of a cloud, not a curve, and there is nothing to show.
    """
    before, after = _curves(old), _curves(new)
    names = [*after, *(name for name in before if name not in after)]
    pairs = [Curve(name, before.get(name, []), after.get(name, [])) for name in names]
    return [pair for pair in pairs if pair.old != pair.new]


def sparklines(curve: Curve) -> tuple[str, str]:
    """Both runs' values as bars on one scale, at most `POINTS` each."""
    values = curve.old + curve.new
    low, high = min(values), max(values)
    return _sparkline(curve.old, low, high), _sparkline(curve.new, low, high)


def rows(text: str) -> int:
    """How many rows a TSV text has below its header."""
    return max(0, len(text.splitlines()) - 1)


def _curves(text: str) -> dict[str, list[float]]:
    table = list(csv.DictReader(io.StringIO(text, newline=""), delimiter="\t"))
    if not table:
        return {}
    columns = [name for name in table[0] if name]
    numeric = [name for name in columns if all(_number(row[name]) is not None for row in table if row[name])]
    texts = [name for name in columns if name not in numeric]
    groups: dict[str, list[dict[str, str]]] = {}
    for row in table:
        groups.setdefault(" ".join(row[name] or "" for name in texts), []).append(row)
    if len(numeric) < 2 or not all(_rises(group, numeric[0]) for group in groups.values()):
        return {}
    return {
        f"{group} {name}".strip(): [number for row in members if (number := _number(row[name])) is not None]
        for group, members in groups.items()
        for name in numeric[1:]
    }


def _rises(group: Sequence[dict[str, str]], axis: str) -> bool:
    values = [_number(row[axis]) for row in group]
    return all(one is not None and two is not None and one < two for one, two in pairwise(values))


def _number(cell: str | None) -> float | None:
    try:
        return float(cell or "")
    except ValueError:
        return None


def _sparkline(values: Sequence[float], low: float, high: float) -> str:
    span = (high - low) or 1.0
    return "".join(BARS[min(len(BARS) - 1, int((value - low) / span * len(BARS)))] for value in _thinned(values))


def _thinned(values: Sequence[float]) -> Iterator[float]:
    """At most `POINTS` values: means of stretches of equal length."""
    count = min(POINTS, len(values))
    for index in range(count):
        stretch = values[index * len(values) // count : (index + 1) * len(values) // count]
        yield sum(stretch) / len(stretch)
