"""Drawing charts as SVG by hand: scales, axes and escaped text. Colours are classes that the page's style gives.

Numbers are rounded to a tenth of a unit, so that the same values give the same text.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup, escape

WIDTH = 480
LEFT, RIGHT, TOP, BOTTOM = 52, 22, 26, 40


@dataclass(frozen=True)
class Scale:
    """From values to places on the canvas; a span of zero is widened, so that a lone value has a place too."""

    low: float
    high: float
    start: float
    end: float

    def __call__(self, value: float) -> float:
        span = self.high - self.low
        share = (value - self.low) / span if span else 0.5
        return self.start + share * (self.end - self.start)

    def ticks(self, wanted: int = 5, whole: bool = False) -> list[float]:
        """Round values inside the span, in steps of 1, 2 or 5 times a power of ten; whole numbers only where wanted."""
        span = self.high - self.low
        if not span:
            return [self.low]
        rough = max(span / wanted, 1.0) if whole else span / wanted
        power = 10.0 ** math.floor(math.log10(rough))
        step = next(power * factor for factor in (1, 2, 5, 10) if power * factor >= rough * 0.999)
        first = math.ceil(self.low / step - 1e-9)
        last = math.floor(self.high / step + 1e-9)
        return [round(index * step, 12) for index in range(first, last + 1)]


def bounds(values: Sequence[float], from_zero: bool = False, pad: float = 0.0) -> tuple[float, float]:
    """The span of the values, from zero where wanted, wider by a share `pad` at both ends; (0, 1) for none."""
    if not values:
        return 0.0, 1.0
    low, high = min(values), max(values)
    if from_zero:
        low, high = min(low, 0.0), max(high, 0.0)
    room = pad * (high - low)
    return (low - room, high + room) if low < high else (low - 0.5, high + 0.5)


def n(value: float) -> str:
    """A coordinate."""
    return f"{value:.1f}".removesuffix(".0").replace("-0.", "-0.")


def label(value: float) -> str:
    """A tick's text."""
    text = f"{value:,.10g}"
    return text.replace("-", "−")


def text(x: float, y: float, content: str, kind: str = "tick", anchor: str = "middle") -> Markup:
    """A text with its anchor at this place."""
    return Markup('<text class="{}" x="{}" y="{}" text-anchor="{}">{}</text>').format(kind, n(x), n(y), anchor, content)


def line(x1: float, y1: float, x2: float, y2: float, kind: str) -> Markup:
    """A straight line."""
    return Markup('<line class="{}" x1="{}" y1="{}" x2="{}" y2="{}"/>').format(kind, n(x1), n(y1), n(x2), n(y2))


def rect(x: float, y: float, width: float, height: float, kind: str, title: str = "") -> Markup:
    """A rectangle, with a text that shows on hovering where one is given."""
    inner = Markup("<title>{}</title>").format(title) if title else Markup("")
    return Markup('<rect class="{}" x="{}" y="{}" width="{}" height="{}">{}</rect>').format(
        kind, n(x), n(y), n(max(width, 0)), n(max(height, 0)), inner
    )


def shade(x: float, y: float, width: float, height: float, share: float, title: str) -> Markup:
    """A rectangle that is the darker the larger a share from 0 to 1; also small shares are seen."""
    return Markup('<rect class="fill s0" fill-opacity="{:.3f}" x="{}" y="{}" width="{}" height="{}">{}</rect>').format(
        math.sqrt(share), n(x), n(y), n(width), n(height), Markup("<title>{}</title>").format(title)
    )


def circle(x: float, y: float, radius: float, kind: str, title: str = "") -> Markup:
    """A dot, with a text that shows on hovering where one is given."""
    inner = Markup("<title>{}</title>").format(title) if title else Markup("")
    return Markup('<circle class="{}" cx="{}" cy="{}" r="{}">{}</circle>').format(kind, n(x), n(y), n(radius), inner)


def polyline(points: Sequence[tuple[float, float]], kind: str) -> Markup:
    """A line through the points."""
    joined = " ".join(f"{n(x)},{n(y)}" for x, y in points)
    return Markup('<polyline class="{}" points="{}"/>').format(kind, joined)


def axes(x: Scale, y: Scale, x_name: str, y_name: str, height: float, whole: bool = False) -> Markup:
    """Grid lines with their numbers, and the names of both axes; on the x axis whole numbers only where wanted."""
    parts = []
    for tick in y.ticks():
        parts += [
            line(LEFT, y(tick), WIDTH - RIGHT, y(tick), "grid"),
            text(LEFT - 6, y(tick) + 4, label(tick), anchor="end"),
        ]
    for tick in x.ticks(6, whole):
        parts.append(text(x(tick), height - BOTTOM + 16, label(tick)))
    parts += [
        line(LEFT, height - BOTTOM, WIDTH - RIGHT, height - BOTTOM, "axis"),
        text((LEFT + WIDTH - RIGHT) / 2, height - 6, x_name, "name"),
        text(4, 13, y_name, "name", "start"),
    ]
    return Markup("").join(parts)


def legend(names: Sequence[str]) -> Markup:
    """The names of the series with their colours, at the top right."""
    parts = []
    right = float(WIDTH - RIGHT)
    for index in reversed(range(len(names))):
        right -= 6.6 * len(names[index]) + 14
        parts.append(rect(right, 4, 9, 9, f"fill s{index}"))
        parts.append(text(right + 14, 13, names[index], "name", "start"))
        right -= 16
    return Markup("").join(parts)


def svg(content: Markup, height: float, title: str) -> Markup:
    """The whole figure, of `WIDTH` units; it grows and shrinks with its place on the page."""
    return Markup('<svg viewBox="0 0 {} {}" role="img" aria-label="{}">{}</svg>').format(
        WIDTH, n(height), escape(title), content
    )
