"""The report's charts: each takes values and returns an SVG."""

from collections.abc import Mapping, Sequence
from itertools import pairwise

from markupsafe import Markup

from webpairs.report import canvas
from webpairs.report.canvas import BOTTOM, LEFT, RIGHT, TOP, WIDTH, Scale
from webpairs.report.values import count, decimal, share

HEIGHT = 270
NAMES = 164  # room for the names of rows
_MOST_NAMES = 10  # below columns; of more, every second, third, … is named
_LARGEST = 9.0  # radius of a dot
Point = tuple[float, float]


def funnel(steps: Sequence[tuple[str, float]], title: str) -> Markup:
    """A bar a step, each with its count and its share of the step before."""
    row, start = 34, 118
    longest = max((value for _, value in steps), default=0) or 1
    parts = []
    before: float | None = None
    for index, (name, value) in enumerate(steps):
        y = 6 + index * row
        breadth = (WIDTH - start - 112) * value / longest
        note = f"{count(value)}" if before is None or not before else f"{count(value)}  ({share(value / before)})"
        parts += [
            canvas.text(start - 8, y + 17, name, "name", "end"),
            canvas.rect(start, y, max(breadth, 1.5), row - 10, "fill s0"),
            canvas.text(start + breadth + 6, y + 17, note, "tick", "start"),
        ]
        before = value
    return canvas.svg(Markup("").join(parts), 6 + len(steps) * row, title)


def lines(series: Mapping[str, Sequence[Point]], x_name: str, y_name: str, title: str) -> Markup:
    """A line a series, with dots where there are few points."""
    points = [point for values in series.values() for point in values]
    x = Scale(*canvas.bounds([point[0] for point in points]), LEFT, WIDTH - RIGHT)
    y = Scale(*canvas.bounds([point[1] for point in points], from_zero=True), HEIGHT - BOTTOM, TOP)
    whole = all(float(point[0]).is_integer() for point in points)
    names = list(series) if len(series) > 1 else []
    parts = [canvas.axes(x, y, x_name, y_name, HEIGHT, whole), canvas.legend(names)]
    for index, values in enumerate(series.values()):
        places = [(x(one), y(two)) for one, two in values]
        parts.append(canvas.polyline(places, f"line s{index}"))
        if len(places) <= 40:
            parts += [canvas.circle(*place, 3, f"fill s{index}") for place in places]
    return canvas.svg(Markup("").join(parts), HEIGHT, title)


def histogram(series: Mapping[str, Sequence[Point]], x_name: str, y_name: str, title: str) -> Markup:
    """Translucent bars as wide as the lower edges lie apart; points are (edge, count or share)."""
    points = [point for values in series.values() for point in values]
    edges = sorted({point[0] for point in points})
    width = min((two - one for one, two in pairwise(edges)), default=1.0)
    filled = [point[0] for point in points if point[1]] or edges
    low, high = (min(filled), max(filled) + width) if filled else (0.0, 1.0)
    x = Scale(low, high, LEFT, WIDTH - RIGHT)
    y = Scale(*canvas.bounds([point[1] for point in points], from_zero=True), HEIGHT - BOTTOM, TOP)
    parts = [canvas.axes(x, y, x_name, y_name, HEIGHT), canvas.legend(list(series))]
    for index, values in enumerate(series.values()):
        for edge, value in values:
            if value and low <= edge < high:
                breadth = x(edge + width) - x(edge)
                bar = (x(edge) + 0.4, y(value), breadth - 0.8, y(0) - y(value))
                parts.append(canvas.rect(*bar, f"bar s{index}", f"{edge:.4g}: {value:.6g}"))
    return canvas.svg(Markup("").join(parts), HEIGHT, title)


def boxes(rows: Sequence[tuple[str, Mapping[str, float]]], x_name: str, title: str) -> Markup:
    """A box a row: whiskers from minimum to maximum, a box from Q1 to Q3, a stroke at the median."""
    step = 34
    height = TOP + len(rows) * step + BOTTOM
    values = [box[name] for _, box in rows for name in ("min", "max")]
    x = Scale(*canvas.bounds(values, pad=0.03), NAMES, WIDTH - RIGHT)
    parts = [*_ticks(x, height, x_name)]
    for index, (name, box) in enumerate(rows):
        y = TOP - 8 + index * step + step / 2
        kind = "s2" if "thesis" in name else "s0"
        spots = {part: x(box[part]) for part in ("min", "q1", "median", "q3", "max")}
        parts += [
            canvas.text(NAMES - 10, y + 4, name, "name", "end"),
            canvas.line(spots["min"], y, spots["max"], y, f"whisker {kind}"),
            canvas.rect(spots["q1"], y - 9, spots["q3"] - spots["q1"], 18, f"bar {kind}", _box_title(box)),
            canvas.line(spots["median"], y - 9, spots["median"], y + 9, "median"),
        ]
    return canvas.svg(Markup("").join(parts), height, title)


def intervals(rows: Sequence[tuple[str, float, float, float]], x_name: str, title: str) -> Markup:
    """A dot a row for the mean, with its interval; a line marks zero."""
    step = 30
    height = TOP + len(rows) * step + BOTTOM
    values = [value for _, *numbers in rows for value in numbers]
    x = Scale(*canvas.bounds([*values, 0.0], pad=0.06), NAMES, WIDTH - RIGHT)
    parts = [*_ticks(x, height, x_name), canvas.line(x(0), TOP - 10, x(0), height - BOTTOM, "zero")]
    for index, (name, mean, low, high) in enumerate(rows):
        y = TOP - 8 + index * step + step / 2
        parts += [
            canvas.text(NAMES - 10, y + 4, name, "name", "end"),
            canvas.line(x(low), y, x(high), y, "whisker s0"),
            canvas.circle(x(mean), y, 4.5, "fill s0"),
        ]
    return canvas.svg(Markup("").join(parts), height, title)


def shares(rows: Sequence[tuple[str, Mapping[str, float]]], title: str) -> Markup:
    """A bar of 100 % a row, cut into the same parts in the same order."""
    step, start = 32, NAMES
    names = list(rows[0][1]) if rows else []
    parts = [canvas.legend(names)]
    for index, (name, values) in enumerate(rows):
        y = TOP + index * step
        left, total = float(start), sum(values.values()) or 1.0
        parts.append(canvas.text(start - 10, y + 15, name, "name", "end"))
        for part, value in enumerate(values.values()):
            breadth = (WIDTH - RIGHT - start) * value / total
            parts.append(
                canvas.rect(left, y, breadth, step - 10, f"fill s{part}", f"{names[part]}: {share(value / total)}")
            )
            if breadth > 44:
                parts.append(canvas.text(left + breadth / 2, y + 15, share(value / total), "inside"))
            left += breadth
    return canvas.svg(Markup("").join(parts), TOP + len(rows) * step + 4, title)


def heat(columns: Mapping[str, Sequence[Point]], y_name: str, title: str) -> Markup:
    """A column a series, in fields from 0 to 100 %: points are (lower edge of the field, share), darker for more."""
    edges = sorted({edge for values in columns.values() for edge, _ in values})
    step = min((two - one for one, two in pairwise(edges)), default=100.0)
    y = Scale(0.0, 100.0, HEIGHT - BOTTOM, TOP)
    width = (WIDTH - RIGHT - LEFT) / (len(columns) or 1)
    every = -(-len(columns) // _MOST_NAMES)
    parts = []
    for index, (name, values) in enumerate(columns.items()):
        left = LEFT + index * width
        for edge, value in values:
            top = y(edge + step)
            note = f"{name}, {edge:.4g} to {edge + step:.4g} %: {share(value)}"
            parts.append(canvas.shade(left + 0.5, top, width - 1, y(edge) - top, value, note))
        if index % every == 0:
            parts.append(canvas.text(left + width / 2, HEIGHT - BOTTOM + 16, name))
    for tick in y.ticks():
        parts.append(canvas.text(LEFT - 6, y(tick) + 4, canvas.label(tick), anchor="end"))
    parts += [
        canvas.line(LEFT, HEIGHT - BOTTOM, WIDTH - RIGHT, HEIGHT - BOTTOM, "axis"),
        canvas.text(4, 13, y_name, "name", "start"),
    ]
    return canvas.svg(Markup("").join(parts), HEIGHT, title)


def calibration(series: Mapping[str, Sequence[tuple[float, float, float]]], title: str) -> Markup:
    """A line a series of (confidence, share of right answers, examples); dots have areas like the examples behind them,
    and the diagonal is where confidence is true.
    """
    x, y = Scale(0.0, 1.0, LEFT, WIDTH - RIGHT), Scale(0.0, 1.0, HEIGHT - BOTTOM, TOP)
    most = max((size for values in series.values() for *_, size in values), default=0) or 1
    parts = [
        canvas.axes(x, y, "confidence", "share of right answers", HEIGHT),
        canvas.legend(list(series)),
        canvas.line(x(0), y(0), x(1), y(1), "zero"),
    ]
    for index, values in enumerate(series.values()):
        parts.append(canvas.polyline([(x(sure), y(right)) for sure, right, _ in values], f"line s{index}"))
        for sure, right, size in values:
            note = f"{decimal(sure)}: {share(right)} right of {count(size)}"
            parts.append(canvas.circle(x(sure), y(right), _LARGEST * (size / most) ** 0.5, f"bar s{index}", note))
    return canvas.svg(Markup("").join(parts), HEIGHT, title)


def scatter(points: Sequence[Point], x_name: str, y_name: str, title: str) -> Markup:
    """A dot a pair of values, and the least-squares line through them."""
    x = Scale(*canvas.bounds([point[0] for point in points], pad=0.03), LEFT, WIDTH - RIGHT)
    y = Scale(*canvas.bounds([point[1] for point in points], pad=0.03), HEIGHT - BOTTOM, TOP)
    parts = [canvas.axes(x, y, x_name, y_name, HEIGHT)]
    parts += [canvas.circle(x(one), y(two), 2.2, "dot s0") for one, two in points]
    slope, offset = _fit(points)
    ends = [(value, min(max(offset + slope * value, y.low), y.high)) for value in (x.low, x.high)]
    parts.append(canvas.polyline([(x(one), y(two)) for one, two in ends], "line s1"))
    return canvas.svg(Markup("").join(parts), HEIGHT, title)


def _fit(points: Sequence[Point]) -> Point:
    """Slope and offset of the least-squares line; level through the mean where x never changes."""
    size = len(points) or 1
    mean_x, mean_y = sum(one for one, _ in points) / size, sum(two for _, two in points) / size
    spread = sum((one - mean_x) ** 2 for one, _ in points)
    slope = sum((one - mean_x) * (two - mean_y) for one, two in points) / spread if spread else 0.0
    return slope, mean_y - slope * mean_x


def _ticks(x: Scale, height: float, x_name: str) -> list[Markup]:
    parts = [canvas.text((x.start + x.end) / 2, height - 6, x_name, "name")]
    for tick in x.ticks(6):
        parts += [
            canvas.line(x(tick), TOP - 10, x(tick), height - BOTTOM, "grid"),
            canvas.text(x(tick), height - BOTTOM + 16, canvas.label(tick)),
        ]
    return parts


def _box_title(box: Mapping[str, float]) -> str:
    return ", ".join(f"{name} {decimal(box[name])}" for name in ("min", "q1", "median", "q3", "max"))
