"""From a scene and a seed to an image."""

import math
import random

import numpy as np
from PIL import Image, ImageDraw

from webpairs.scenes.backdrops import in_light, paint
from webpairs.scenes.objects import DRAWERS
from webpairs.scenes.pen import Colour, Ink, Pen, mix
from webpairs.scenes.world import Scene

_PAINTS: dict[str, Colour] = {
    "red": (215, 35, 40),
    "orange": (245, 135, 20),
    "yellow": (250, 220, 45),
    "green": (45, 160, 65),
    "blue": (40, 85, 215),
    "purple": (125, 50, 170),
    "pink": (250, 135, 185),
    "white": (245, 245, 245),
}
_HALF = {"small": 0.215, "large": 0.29}  # half the object's height as a share of the central square
_COMPANION_HALF = 0.105
_LIGHT_ON_OBJECTS = 0.55  # how much of the hour's light falls on objects: their colour has to stay legible
_GRAIN = 7.0  # standard deviation of the grain at 240 pixels' height, in steps of 255
_CANVAS_SIDE = 256


def draw(scene: Scene, seed: int, width: int, height: int) -> Image.Image:
    """Returns the scene as an RGB image of `width` x `height` pixels, the same for the same arguments.

    The seed moves things a little: place, size and shade, clouds, waves and windows. Objects stay within the square in
    the middle, so that a central crop loses none. Drawn at a multiple of the size and averaged down.
    """
    rng = random.Random(f"{seed} {scene}")
    factor = max(2, min(4, math.ceil(_CANVAS_SIDE / min(width, height))))
    image = Image.new("RGB", (width * factor, height * factor))
    paint(image, scene.setting, scene.time, rng)
    _place_objects(image, scene, rng)
    return _grained(image.reduce(factor), rng)


def _place_objects(image: Image.Image, scene: Scene, rng: random.Random) -> None:
    width, height = image.size
    unit = min(width, height)
    half = unit * _HALF[scene.size] * rng.uniform(0.93, 1.07)
    aside = 0.0
    if scene.companion:
        aside = 0.08 if scene.companion.side == "left" else -0.08
    x = width / 2 + unit * (aside + rng.uniform(-0.05, 0.05))
    y = height * 0.86 - half + unit * rng.uniform(-0.06, 0.02)
    canvas = ImageDraw.Draw(image)
    _put(canvas, scene.kind, scene.colour, (x, y), half, scene.time, rng)
    if scene.companion:
        side = -1 if scene.companion.side == "left" else 1
        beside = (width / 2 + side * unit * 0.375, height * 0.8 + unit * rng.uniform(-0.03, 0.05))
        small = unit * _COMPANION_HALF * rng.uniform(0.93, 1.07)
        _put(canvas, scene.companion.kind, scene.companion.colour, beside, small, scene.time, rng)


def _put(
    canvas: ImageDraw.ImageDraw,
    kind: str,
    colour: str,
    centre: tuple[float, float],
    half: float,
    time: str,
    rng: random.Random,
) -> None:
    DRAWERS[kind](Pen(canvas, centre, half, _ink(colour, time, rng), mirrored=rng.random() < 0.5))


def _ink(colour: str, time: str, rng: random.Random) -> Ink:
    paint_colour = _PAINTS[colour]
    shade = rng.uniform(-0.12, 0.12)
    main = mix(paint_colour, (255, 255, 255) if shade > 0 else (0, 0, 0), abs(shade))

    def lit(tone: Colour) -> Colour:
        return in_light(tone, time, _LIGHT_ON_OBJECTS)

    return Ink(
        main=lit(main),
        light=lit(mix(main, (255, 255, 255), 0.35)),
        dark=lit(mix(main, (0, 0, 0), 0.28)),
        line=lit(mix(main, (15, 15, 25), 0.8)),
        pale=lit((238, 236, 225)),
        black=lit((40, 38, 45)),
        wood=lit((120, 78, 45)),
        leaf=lit((55, 135, 55)),
        glow=(255, 225, 110),
    )


def _grained(image: Image.Image, rng: random.Random) -> Image.Image:
    """Returns the image with a photograph's grain, weaker the fewer pixels there are, as averaging would make it."""
    strength = _GRAIN * min(1.0, image.height / 240)
    grain = np.random.default_rng(rng.getrandbits(63)).standard_normal((image.height, image.width, 1), np.float32)
    pixels = np.asarray(image, dtype=np.float32) + strength * grain
    return Image.fromarray(pixels.clip(0, 255).round().astype(np.uint8))
