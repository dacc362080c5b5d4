"""Metrics by dotted name, and numbers as readers expect them."""

from collections.abc import Callable, Mapping
from typing import Any

from webpairs.report.blocks import MISSING, Cell

Metrics = Mapping[str, Any]
Form = Callable[[float], str]


def lookup(metrics: Metrics, name: str) -> Any:
    """The value at a dotted name such as `extract.pages`, None where it, or any step on the way to it, is missing."""
    value: Any = metrics
    for part in name.split("."):
        if not isinstance(value, Mapping) or part not in value:
            return None
        value = value[part]
    return value


def mapping(metrics: Metrics, name: str) -> dict[str, Any]:
    """The mapping at a dotted name, empty where it is missing or is none."""
    value = lookup(metrics, name)
    return dict(value) if isinstance(value, Mapping) else {}


def number(value: Any) -> float | None:
    """The value where it is a number, else None."""
    return value if isinstance(value, int | float) and not isinstance(value, bool) else None


def count(value: float) -> str:
    """A count with separators between thousands."""
    return f"{value:,.0f}"


def share(value: float) -> str:
    """A share from 0 to 1 in per cent."""
    return f"{value:.1%}".replace("%", " %")


def rating(value: float) -> str:
    """A rating on the scale from 0 to 5."""
    return f"{value:.2f}"


def fine_share(value: float) -> str:
    """A small share from 0 to 1 in per cent, with two decimals."""
    return f"{value:.2%}".replace("%", " %")


def decimal(value: float) -> str:
    """A number with four decimals, fewer where it is large."""
    text = f"{value:.4f}" if abs(value) < 10 else f"{value:,.2f}" if abs(value) < 1000 else f"{value:,.0f}"
    return text.replace("-", "−")


def signed(value: float) -> str:
    """A difference with its sign."""
    return f"{value:+.4f}".replace("-", "−")


def points(value: float) -> str:
    """A difference of shares in percentage points."""
    return f"{100 * value:+.1f}".replace("-", "−")


def size(value: float) -> str:
    """Bytes in the largest unit that leaves a number of at least one."""
    for unit in ("B", "kB", "MB", "GB"):
        if abs(value) < 1000:
            return f"{value:.0f} {unit}" if unit == "B" else f"{value:.1f} {unit}"
        value /= 1000
    return f"{value:.1f} TB"


def cell(metrics: Metrics, name: str, form: Form = decimal, strong: bool = False) -> Cell:
    """The number at a dotted name as a cell; a dash that says which metric is missing where there is none."""
    return shown(number(lookup(metrics, name)), form, name, strong)


def shown(value: float | None, form: Form = decimal, name: str = "", strong: bool = False) -> Cell:
    """A number as a cell; a dash that names what is missing for None."""
    if value is None:
        return Cell(MISSING, missing=name or "this number", numeric=True)
    return Cell(form(value), numeric=True, strong=strong)


def fixed(value: float | None, form: Form = decimal) -> Cell:
    """A number that is no metric of the run, such as the thesis's; a dash for None, which counts as no lack."""
    return Cell(MISSING if value is None else form(value), numeric=True)


def ratio(metrics: Metrics, part: str, whole: str) -> float | None:
    """Part over whole, by their dotted names; None where one is missing or the whole is zero."""
    above, below = number(lookup(metrics, part)), number(lookup(metrics, whole))
    return above / below if above is not None and below else None


def interval(estimate: Mapping[str, Any], form: Form = signed) -> str:
    """`+0.0100 [+0.0050, +0.0150]` of a mapping with mean, low and high; "" where one is missing."""
    mean, low, high = (number(estimate.get(name)) for name in ("mean", "low", "high"))
    if mean is None or low is None or high is None:
        return ""
    return f"{form(mean)} [{form(low)}, {form(high)}]"
