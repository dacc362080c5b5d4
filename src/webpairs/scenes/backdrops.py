"""Skies and grounds: where a scene is and what time it is, drawn behind its object."""

import random
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageDraw

from webpairs.scenes.pen import Colour, mix

_SKIES: dict[str, tuple[Colour, Colour]] = {
    "day": ((96, 170, 235), (205, 232, 250)),
    "sunset": ((120, 70, 140), (255, 150, 70)),
    "night": ((8, 10, 40), (38, 44, 96)),
}
# What the hour lays over everything that is not sky: a colour, and how much of it.
_LIGHT: dict[str, tuple[Colour, float]] = {
    "day": ((255, 255, 255), 0.0),
    "sunset": ((200, 70, 50), 0.22),
    "night": ((10, 14, 60), 0.5),
}
HORIZON = 0.62


def in_light(colour: Colour, time: str, strength: float = 1.0) -> Colour:
    """Returns a colour as it looks at that time; `strength` below 1 keeps more of the colour itself."""
    light, share = _LIGHT[time]
    return mix(colour, light, share * strength)


@dataclass(slots=True)
class View:
    """A canvas with what is needed to draw on it: its size in pixels, the hour, and a source of jitter."""

    image: Image.Image
    canvas: ImageDraw.ImageDraw
    width: int
    height: int
    unit: float  # side of the square in the middle that holds the objects, pixels
    time: str
    rng: random.Random

    @property
    def horizon(self) -> float:
        return self.height * HORIZON

    def colour(self, red: int, green: int, blue: int) -> Colour:
        return in_light((red, green, blue), self.time)


def paint(image: Image.Image, setting: str, time: str, rng: random.Random) -> None:
    """Fills an image with the sky of `time` over the ground of `setting`."""
    width, height = image.size
    view = View(image, ImageDraw.Draw(image), width, height, min(width, height), time, rng)
    _sky(view)
    _GROUNDS[setting](view)


def gradient(image: Image.Image, top: Colour, bottom: Colour, first: int, last: int) -> None:
    """Paints rows `first` to `last` of an image from one colour to the other."""
    rows = np.linspace(top, bottom, max(1, last - first)).round().astype(np.uint8)
    strip = Image.fromarray(rows[:, None, :])
    image.paste(strip.resize((image.width, strip.height), Image.Resampling.NEAREST), (0, first))


def _sky(view: View) -> None:
    top, bottom = _SKIES[view.time]
    gradient(view.image, top, bottom, 0, round(view.horizon) + 1)
    {"day": _day_sky, "sunset": _low_sun, "night": _night_sky}[view.time](view)


def _disc(view: View, x: float, y: float, radius: float, colour: Colour) -> None:
    view.canvas.ellipse((x - radius, y - radius, x + radius, y + radius), fill=colour)


def _day_sky(view: View) -> None:
    side = view.rng.choice((0.1, 0.9))
    _disc(view, view.width * side, view.unit * 0.11, view.unit * 0.075, (255, 236, 120))
    cloud = view.width * (1 - side) + view.unit * view.rng.uniform(-0.05, 0.05)
    for shift, radius in ((-0.09, 0.045), (0.0, 0.065), (0.09, 0.045)):
        _disc(view, cloud + view.unit * shift, view.unit * 0.12, view.unit * radius, (250, 252, 255))


def _low_sun(view: View) -> None:
    x = view.width * view.rng.choice((0.12, 0.88))
    _disc(view, x, view.horizon - view.unit * 0.03, view.unit * 0.13, (255, 214, 110))


def _night_sky(view: View) -> None:
    for _ in range(round(26 * view.width / view.unit)):
        x, y = view.rng.random() * view.width, view.rng.random() * view.horizon * 0.85
        _disc(view, x, y, view.unit * 0.007, (235, 235, 215))
    x, y = view.width * view.rng.choice((0.1, 0.9)), view.unit * 0.12
    _disc(view, x, y, view.unit * 0.075, (240, 240, 215))
    _disc(view, x + view.unit * 0.035, y - view.unit * 0.015, view.unit * 0.065, (14, 17, 52))


def _ground(view: View, top: Colour, bottom: Colour, start: float | None = None) -> None:
    first = round(view.horizon if start is None else start)
    gradient(view.image, top, bottom, first, view.height)


def _waves(view: View, first: float, last: float, count: int, colour: Colour) -> None:
    for _ in range(round(count * view.width / view.unit)):
        x, y = view.rng.random() * view.width, view.rng.uniform(first, last)
        length = view.unit * view.rng.uniform(0.04, 0.09)
        view.canvas.line((x, y, x + length, y), fill=colour, width=max(1, round(view.unit * 0.01)))


def _hill(view: View, middle: float, half: float, rise: float, colour: Colour) -> None:
    y, x = view.horizon, view.width * middle
    view.canvas.chord((x - half, y - rise, x + half, y + rise), 180, 360, fill=colour)


def _meadow(view: View) -> None:
    shade = view.colour(70, 140, 60)
    for middle in (0.15, 0.8):
        _hill(view, middle + view.rng.uniform(-0.1, 0.1), view.unit * 0.45, view.unit * 0.12, shade)
    _ground(view, view.colour(110, 185, 75), view.colour(60, 140, 50))
    for _ in range(round(40 * view.width / view.unit)):
        x, y = view.rng.random() * view.width, view.rng.uniform(view.horizon, view.height)
        view.canvas.line((x, y, x, y - view.unit * 0.03), fill=shade, width=max(1, round(view.unit * 0.01)))


def _beach(view: View) -> None:
    shore = view.horizon + view.unit * 0.12
    _ground(view, view.colour(40, 120, 190), view.colour(80, 175, 210))
    _waves(view, view.horizon + view.unit * 0.02, shore, 8, view.colour(215, 238, 245))
    _ground(view, view.colour(240, 215, 155), view.colour(220, 185, 120), shore)
    foam = max(1, round(view.unit * 0.02))
    view.canvas.line((0, shore, view.width, shore), fill=view.colour(245, 250, 250), width=foam)


def _snow(view: View) -> None:
    for middle in (0.2, 0.75):
        x, half = view.width * middle + view.unit * view.rng.uniform(-0.1, 0.1), view.unit * 0.36
        rise, y = view.unit * 0.26, view.horizon
        view.canvas.polygon([(x - half, y), (x, y - rise), (x + half, y)], fill=view.colour(140, 150, 175))
        cap = [(x - half * 0.4, y - rise * 0.6), (x, y - rise), (x + half * 0.4, y - rise * 0.6)]
        view.canvas.polygon(cap, fill=view.colour(245, 248, 255))
    _ground(view, view.colour(250, 252, 255), view.colour(205, 218, 240))
    _waves(view, view.horizon, view.height, 10, view.colour(190, 205, 230))


def _desert(view: View) -> None:
    for middle in (0.25, 0.9):
        _hill(view, middle + view.rng.uniform(-0.1, 0.1), view.unit * 0.5, view.unit * 0.1, view.colour(190, 110, 55))
    _ground(view, view.colour(225, 145, 75), view.colour(205, 115, 50))
    _waves(view, view.horizon, view.height, 14, view.colour(180, 95, 40))


def _street(view: View) -> None:
    x = -view.unit * view.rng.uniform(0.0, 0.1)
    while x < view.width:
        wide, tall = view.unit * view.rng.uniform(0.13, 0.2), view.unit * view.rng.uniform(0.16, 0.36)
        _building(view, x, wide, tall)
        x += wide
    _ground(view, view.colour(120, 120, 125), view.colour(85, 85, 92))
    y, dash = view.height * 0.86, view.unit * 0.16
    for step in range(round(view.width / dash) + 1):
        box = (step * dash, y, step * dash + dash * 0.55, y + view.unit * 0.025)
        view.canvas.rectangle(box, fill=view.colour(240, 235, 200))


def _building(view: View, x: float, wide: float, tall: float) -> None:
    shade = view.rng.randint(130, 175)
    top = view.horizon - tall
    view.canvas.rectangle((x, top, x + wide, view.horizon), fill=view.colour(shade, shade - 20, shade - 30))
    lit = (250, 225, 130) if view.time == "night" else view.colour(90, 100, 120)
    y = top + view.unit * 0.03
    while y < view.horizon - view.unit * 0.04:
        for share in (0.18, 0.6):
            left = x + wide * share
            view.canvas.rectangle((left, y, left + wide * 0.22, y + view.unit * 0.035), fill=lit)
        y += view.unit * 0.075


def _sea(view: View) -> None:
    _ground(view, view.colour(45, 115, 185), view.colour(15, 65, 130))
    _waves(view, view.horizon + view.unit * 0.02, view.height, 22, view.colour(170, 210, 235))


_GROUNDS: dict[str, Callable[[View], None]] = {
    "meadow": _meadow,
    "beach": _beach,
    "snow": _snow,
    "desert": _desert,
    "street": _street,
    "sea": _sea,
}
