"""Drawing in an object's own coordinates, with colours as the hour of the day shows them."""

from collections.abc import Sequence
from dataclasses import dataclass

from PIL import ImageDraw

Colour = tuple[int, int, int]
Point = tuple[float, float]


def mix(first: Colour, second: Colour, share: float) -> Colour:
    """Returns `first` with `share` (0 to 1) of `second` mixed in."""
    return (
        round(first[0] + (second[0] - first[0]) * share),
        round(first[1] + (second[1] - first[1]) * share),
        round(first[2] + (second[2] - first[2]) * share),
    )


@dataclass(frozen=True, slots=True)
class Ink:
    """The colours of one object: its own in three tones, and what windows, trunks, wheels and the like are made of."""

    main: Colour
    light: Colour
    dark: Colour
    line: Colour
    pale: Colour
    black: Colour
    wood: Colour
    leaf: Colour
    glow: Colour


class Pen:
    """Draws on a canvas in coordinates where the object fills x and y from -1 to 1, y downwards.

    Shapes get an outline, so that a white thing on snow can still be seen.
    """

    def __init__(self, canvas: ImageDraw.ImageDraw, centre: Point, half: float, ink: Ink, mirrored: bool) -> None:
        self.canvas = canvas
        self.centre = centre
        self.half = half
        self.ink = ink
        self.flip = -1.0 if mirrored else 1.0

    def at(self, point: Point) -> Point:
        """Returns where a point of the object lies on the canvas, in canvas pixels."""
        return self.centre[0] + self.flip * point[0] * self.half, self.centre[1] + point[1] * self.half

    def polygon(self, points: Sequence[Point], fill: Colour, outline: bool = True) -> None:
        """Fills a polygon."""
        placed = [self.at(point) for point in points]
        self.canvas.polygon(placed, fill=fill)
        if outline:
            self._stroke([*placed, placed[0], placed[1]])

    def box(self, left: float, top: float, right: float, bottom: float, fill: Colour, outline: bool = True) -> None:
        """Fills an upright rectangle."""
        self.polygon([(left, top), (right, top), (right, bottom), (left, bottom)], fill, outline)

    def ellipse(self, left: float, top: float, right: float, bottom: float, fill: Colour, outline: bool = True) -> None:
        """Fills the ellipse that touches the four sides given."""
        self.canvas.ellipse(self._corners(left, top, right, bottom), fill=fill)
        if outline:
            width = self._line_width()
            self.canvas.ellipse(self._corners(left, top, right, bottom), outline=self.ink.line, width=width)

    def slice(self, left: float, top: float, right: float, bottom: float, angles: Point, fill: Colour) -> None:
        """Fills the part of an ellipse between two angles, degrees clockwise from three o'clock."""
        corners = self._corners(left, top, right, bottom)
        self.canvas.chord(corners, angles[0], angles[1], fill=fill, outline=self.ink.line, width=self._line_width())

    def line(self, points: Sequence[Point], width: float, fill: Colour) -> None:
        """Draws a line of the given width, a share of the object's half height."""
        pixels = max(1, round(width * self.half))
        self.canvas.line([self.at(point) for point in points], fill=fill, width=pixels, joint="curve")

    def _corners(self, left: float, top: float, right: float, bottom: float) -> tuple[float, float, float, float]:
        (x0, y0), (x1, y1) = self.at((left, top)), self.at((right, bottom))
        return min(x0, x1), y0, max(x0, x1), y1

    def _line_width(self) -> int:
        return max(1, round(0.055 * self.half))

    def _stroke(self, placed: Sequence[Point]) -> None:
        self.canvas.line(list(placed), fill=self.ink.line, width=self._line_width(), joint="curve")
