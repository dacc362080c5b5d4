"""Rows and series that several sections need."""

from collections.abc import Mapping

from webpairs.report.blocks import Cell, plain
from webpairs.report.run import Run
from webpairs.report.values import Form, cell, fixed, interval, mapping, signed

QUARTILES = ("min", "Q1", "median", "Q3", "max")
_NAMES = ("min", "q1", "median", "q3", "max")


def quartile_row(run: Run, name: str, metric: str) -> list[Cell]:
    """A name and the five numbers of a metric that holds quartiles."""
    return [plain(name), *(cell(run.metrics, f"{metric}.{part}", strong=part == "median") for part in _NAMES)]


def thesis_row(name: str, values: Mapping[str, float]) -> list[Cell]:
    """A name and five numbers of the thesis."""
    return [plain(name), *(fixed(values[part]) for part in _NAMES)]


def interval_cell(run: Run, metric: str, form: Form = signed) -> Cell:
    """Mean with its interval, of a metric that holds mean, low and high."""
    text = interval(mapping(run.metrics, metric), form)
    return Cell(text, numeric=True) if text else Cell("–", missing=f"{metric}.mean", numeric=True)


def boxes(run: Run, wanted: Mapping[str, str]) -> list[tuple[str, Mapping[str, float]]]:
    """Name and quartiles, of those metrics (by name) that are known."""
    found = [(name, mapping(run.metrics, metric)) for name, metric in wanted.items()]
    return [(name, box) for name, box in found if box.get("median") is not None]


def series(run: Run, table: str, by: str, x: str, y: str) -> dict[str, list[tuple[float, float]]]:
    """The points (x, y) of a TSV by the text in its column `by`; rows without a number are left out."""
    found: dict[str, list[tuple[float, float]]] = {}
    for row in run.tables.get(table, []):
        if row.get(x) and row.get(y):
            found.setdefault(row[by] if by else y, []).append((float(row[x]), float(row[y])))
    return found
