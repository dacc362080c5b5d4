"""How each kind of object is drawn. One function a kind, in the pen's coordinates from -1 to 1."""

import math
from collections.abc import Callable

from webpairs.scenes.pen import Pen


def house(pen: Pen) -> None:
    ink = pen.ink
    pen.box(0.35, -0.95, 0.6, -0.3, ink.dark)
    pen.box(-0.75, -0.15, 0.75, 1.0, ink.main)
    pen.polygon([(-1.0, -0.1), (0.0, -1.0), (1.0, -0.1)], ink.dark)
    pen.box(-0.15, 0.4, 0.2, 1.0, ink.wood)
    pen.box(-0.58, 0.1, -0.28, 0.42, ink.glow)
    pen.box(0.32, 0.1, 0.62, 0.42, ink.glow)


def tree(pen: Pen) -> None:
    ink = pen.ink
    pen.box(-0.14, 0.2, 0.14, 1.0, ink.wood)
    for left, top, right, bottom in ((-0.85, -0.35, 0.1, 0.5), (-0.1, -0.35, 0.85, 0.5), (-0.55, -1.0, 0.55, 0.1)):
        pen.ellipse(left, top, right, bottom, ink.main)
    pen.ellipse(-0.5, -0.55, 0.5, 0.35, ink.main, outline=False)
    pen.ellipse(-0.35, -0.85, 0.05, -0.45, ink.light, outline=False)


def car(pen: Pen) -> None:
    ink = pen.ink
    pen.polygon([(-0.55, 0.0), (-0.35, -0.5), (0.3, -0.5), (0.6, 0.0)], ink.main)
    pen.polygon([(-0.4, -0.05), (-0.26, -0.38), (-0.05, -0.38), (-0.05, -0.05)], ink.pale)
    pen.polygon([(0.06, -0.05), (0.06, -0.38), (0.24, -0.38), (0.43, -0.05)], ink.pale)
    pen.polygon([(-1.0, 0.05), (-0.85, -0.05), (0.7, -0.05), (1.0, 0.15), (1.0, 0.55), (-1.0, 0.55)], ink.main)
    pen.ellipse(0.82, 0.12, 0.98, 0.3, ink.glow)
    for middle in (-0.55, 0.55):
        pen.ellipse(middle - 0.3, 0.3, middle + 0.3, 0.9, ink.black)
        pen.ellipse(middle - 0.12, 0.48, middle + 0.12, 0.72, ink.pale)


def boat(pen: Pen) -> None:
    ink = pen.ink
    pen.line([(0.0, -1.0), (0.0, 0.5)], 0.09, ink.wood)
    pen.polygon([(0.08, -0.95), (0.08, 0.3), (0.85, 0.3)], ink.light)
    pen.polygon([(-0.08, -0.7), (-0.08, 0.3), (-0.65, 0.3)], ink.pale)
    pen.polygon([(-1.0, 0.42), (1.0, 0.42), (0.65, 1.0), (-0.65, 1.0)], ink.main)


def fish(pen: Pen) -> None:
    ink = pen.ink
    pen.polygon([(-0.45, 0.0), (-1.0, -0.5), (-0.85, 0.0), (-1.0, 0.5)], ink.dark)
    pen.polygon([(-0.25, -0.35), (0.1, -0.75), (0.4, -0.35)], ink.dark)
    pen.ellipse(-0.65, -0.48, 1.0, 0.48, ink.main)
    for x in (-0.2, 0.1):
        pen.line([(x, -0.3), (x + 0.1, 0.0), (x, 0.3)], 0.07, ink.dark)
    pen.ellipse(0.52, -0.25, 0.78, 0.01, ink.pale)
    pen.ellipse(0.62, -0.17, 0.72, -0.07, ink.black)


def flower(pen: Pen) -> None:
    ink = pen.ink
    pen.line([(0.0, -0.2), (0.0, 1.0)], 0.12, ink.leaf)
    pen.polygon([(0.0, 0.75), (0.55, 0.35), (0.35, 0.8)], ink.leaf)
    pen.polygon([(0.0, 0.85), (-0.55, 0.45), (-0.35, 0.9)], ink.leaf)
    for step in range(6):
        x, y = 0.42 * math.cos(step * math.pi / 3 + 0.5), -0.35 + 0.42 * math.sin(step * math.pi / 3 + 0.5)
        pen.ellipse(x - 0.27, y - 0.27, x + 0.27, y + 0.27, ink.main)
    pen.ellipse(-0.24, -0.59, 0.24, -0.11, ink.glow)


def balloon(pen: Pen) -> None:
    """A hot-air balloon."""
    ink = pen.ink
    pen.line([(-0.42, 0.2), (-0.16, 0.7)], 0.05, ink.line)
    pen.line([(0.42, 0.2), (0.16, 0.7)], 0.05, ink.line)
    pen.polygon([(-0.65, 0.0), (0.65, 0.0), (0.22, 0.5), (-0.22, 0.5)], ink.main)
    pen.ellipse(-0.75, -1.0, 0.75, 0.4, ink.main)
    pen.ellipse(-0.28, -1.0, 0.28, 0.4, ink.light)
    pen.box(-0.22, 0.66, 0.22, 1.0, ink.wood)


def umbrella(pen: Pen) -> None:
    ink = pen.ink
    pen.line([(0.0, -0.8), (0.0, 0.8), (0.08, 0.94), (0.24, 0.94), (0.32, 0.8)], 0.11, ink.wood)
    pen.line([(0.0, -1.0), (0.0, -0.7)], 0.08, ink.wood)
    pen.slice(-1.0, -0.85, 1.0, 0.95, (180.0, 360.0), ink.main)
    for left in (-1.0, -0.34, 0.32):
        pen.slice(left, -0.16, left + 0.68, 0.24, (180.0, 360.0), ink.dark)
    pen.polygon([(0.0, -0.82), (0.3, 0.0), (-0.3, 0.0)], ink.light)


def mushroom(pen: Pen) -> None:
    ink = pen.ink
    pen.polygon([(-0.3, 0.0), (0.3, 0.0), (0.42, 1.0), (-0.42, 1.0)], ink.pale)
    pen.slice(-1.0, -0.95, 1.0, 1.05, (180.0, 360.0), ink.main)
    for x, y, radius in ((-0.5, -0.3, 0.16), (0.05, -0.6, 0.18), (0.5, -0.25, 0.15)):
        pen.ellipse(x - radius, y - radius, x + radius, y + radius, ink.pale)


def rocket(pen: Pen) -> None:
    ink = pen.ink
    pen.polygon([(-0.2, 0.55), (0.2, 0.55), (0.0, 1.0)], ink.glow)
    pen.polygon([(-0.3, 0.05), (-0.75, 0.75), (-0.3, 0.6)], ink.dark)
    pen.polygon([(0.3, 0.05), (0.75, 0.75), (0.3, 0.6)], ink.dark)
    pen.polygon(
        [(-0.32, 0.6), (-0.34, -0.3), (-0.2, -0.7), (0.0, -1.0), (0.2, -0.7), (0.34, -0.3), (0.32, 0.6)], ink.main
    )
    pen.ellipse(-0.18, -0.4, 0.18, -0.04, ink.pale)


def snowman(pen: Pen) -> None:
    """Three balls, in whatever colour the snow has."""
    ink = pen.ink
    pen.line([(-0.35, 0.0), (-0.9, -0.3)], 0.08, ink.wood)
    pen.line([(0.35, 0.0), (0.9, -0.3)], 0.08, ink.wood)
    pen.ellipse(-0.62, 0.1, 0.62, 1.0, ink.main)
    pen.ellipse(-0.45, -0.4, 0.45, 0.3, ink.main)
    pen.ellipse(-0.32, -0.85, 0.32, -0.28, ink.main)
    pen.box(-0.26, -1.0, 0.26, -0.72, ink.black)
    pen.box(-0.42, -0.76, 0.42, -0.68, ink.black)
    for x, y in ((-0.12, -0.58), (0.12, -0.58), (0.0, -0.1), (0.0, 0.1)):
        pen.ellipse(x - 0.05, y - 0.05, x + 0.05, y + 0.05, ink.black)
    pen.polygon([(0.0, -0.52), (0.34, -0.45), (0.0, -0.4)], ink.glow)


def lighthouse(pen: Pen) -> None:
    ink = pen.ink
    pen.polygon([(0.2, -0.72), (1.0, -0.95), (1.0, -0.35), (0.2, -0.58)], ink.glow, outline=False)
    pen.polygon([(-0.24, -0.45), (0.24, -0.45), (0.42, 1.0), (-0.42, 1.0)], ink.main)
    pen.polygon([(-0.28, -0.12), (0.28, -0.12), (0.33, 0.2), (-0.33, 0.2)], ink.pale)
    pen.polygon([(-0.37, 0.52), (0.37, 0.52), (0.41, 0.82), (-0.41, 0.82)], ink.pale)
    pen.box(-0.2, -0.8, 0.2, -0.48, ink.glow)
    pen.box(-0.34, -0.5, 0.34, -0.4, ink.dark)
    pen.polygon([(-0.28, -0.78), (0.0, -1.0), (0.28, -0.78)], ink.dark)


def windmill(pen: Pen) -> None:
    ink = pen.ink
    pen.polygon([(-0.28, -0.3), (0.28, -0.3), (0.48, 1.0), (-0.48, 1.0)], ink.main)
    pen.box(-0.14, 0.6, 0.14, 1.0, ink.wood)
    pen.polygon([(-0.32, -0.28), (0.0, -0.62), (0.32, -0.28)], ink.dark)
    for step in range(4):
        angle = step * math.pi / 2 + math.pi / 4
        x, y = math.cos(angle), math.sin(angle)
        corners = [(0.15, -0.03), (0.95, -0.03), (0.95, 0.24), (0.15, 0.16)]
        pen.polygon([(along * x - across * y, -0.3 + along * y + across * x) for along, across in corners], ink.pale)
    pen.ellipse(-0.1, -0.4, 0.1, -0.2, ink.black)


def tent(pen: Pen) -> None:
    ink = pen.ink
    pen.polygon([(0.0, -0.7), (1.0, 0.85), (-1.0, 0.85)], ink.main)
    pen.polygon([(0.0, -0.7), (1.0, 0.85), (0.55, 0.85)], ink.light)
    pen.polygon([(0.0, -0.3), (0.32, 0.85), (-0.32, 0.85)], ink.black)
    pen.line([(0.0, -0.95), (0.0, -0.6)], 0.08, ink.wood)


def cactus(pen: Pen) -> None:
    ink = pen.ink
    for arm in ([(-0.65, -0.25), (-0.65, 0.25), (0.0, 0.25)], [(0.65, -0.5), (0.65, 0.05), (0.0, 0.05)]):
        pen.line(arm, 0.36, ink.line)
        pen.line(arm, 0.25, ink.main)
        x, y = arm[0]
        pen.ellipse(x - 0.15, y - 0.15, x + 0.15, y + 0.15, ink.main)
    pen.ellipse(-0.27, -1.0, 0.27, -0.4, ink.main)
    pen.box(-0.27, -0.7, 0.27, 1.0, ink.main)
    pen.ellipse(-0.24, -0.97, 0.24, -0.43, ink.main, outline=False)
    for x in (-0.1, 0.1):
        pen.line([(x, -0.75), (x, 0.95)], 0.05, ink.dark)


def cup(pen: Pen) -> None:
    """A cup with a handle and steam over it."""
    ink = pen.ink
    pen.ellipse(0.25, -0.2, 1.0, 0.6, ink.main)
    pen.ellipse(0.42, -0.02, 0.82, 0.42, ink.pale)
    pen.polygon([(-0.75, -0.35), (0.6, -0.35), (0.45, 0.9), (-0.6, 0.9)], ink.main)
    pen.ellipse(-0.75, -0.5, 0.6, -0.18, ink.wood)
    for x in (-0.35, 0.15):
        pen.line([(x, -0.58), (x + 0.12, -0.7), (x - 0.02, -0.84), (x + 0.1, -1.0)], 0.09, ink.pale)


def kite(pen: Pen) -> None:
    ink = pen.ink
    pen.line([(0.0, 0.25), (-0.2, 0.5), (0.12, 0.65), (-0.15, 0.85), (0.05, 1.0)], 0.07, ink.line)
    pen.polygon([(0.0, -1.0), (0.62, -0.4), (0.0, 0.35), (-0.62, -0.4)], ink.main)
    pen.polygon([(0.0, -1.0), (0.62, -0.4), (0.0, -0.4)], ink.light)
    pen.polygon([(0.0, 0.35), (-0.62, -0.4), (0.0, -0.4)], ink.dark)
    pen.polygon([(-0.05, 0.6), (0.3, 0.5), (0.3, 0.78)], ink.main)
    pen.polygon([(-0.05, 0.8), (-0.4, 0.7), (-0.4, 0.98)], ink.main)


def train(pen: Pen) -> None:
    """A steam engine, seen from the side."""
    ink = pen.ink
    for x, y, radius in ((0.5, -0.78, 0.14), (0.25, -0.88, 0.12)):
        pen.ellipse(x - radius, y - radius, x + radius, y + radius, ink.pale)
    pen.box(0.42, -0.65, 0.68, 0.0, ink.black)
    pen.box(-0.9, -0.6, -0.15, 0.5, ink.main)
    pen.box(-1.0, -0.72, -0.05, -0.55, ink.dark)
    pen.box(-0.72, -0.4, -0.34, -0.02, ink.glow)
    pen.box(-0.15, -0.1, 0.85, 0.5, ink.main)
    pen.polygon([(0.7, 0.5), (1.0, 0.85), (0.7, 0.85)], ink.black)
    for middle in (-0.6, 0.0, 0.5):
        pen.ellipse(middle - 0.25, 0.38, middle + 0.25, 0.88, ink.black)
        pen.ellipse(middle - 0.1, 0.53, middle + 0.1, 0.73, ink.dark)


def butterfly(pen: Pen) -> None:
    ink = pen.ink
    for side in (-1.0, 1.0):
        pen.polygon([(0.0, 0.0), (side * 0.45, -0.85), (side * 0.95, -0.8), (side * 0.95, -0.2)], ink.main)
        pen.polygon([(0.0, 0.05), (side * 0.8, 0.2), (side * 0.72, 0.75), (side * 0.35, 0.8)], ink.dark)
        pen.ellipse(side * 0.68 - 0.14, -0.62, side * 0.68 + 0.14, -0.34, ink.light)
        pen.line([(0.0, -0.5), (side * 0.2, -0.95)], 0.06, ink.black)
    pen.ellipse(-0.1, -0.6, 0.1, 0.7, ink.black)


def star(pen: Pen) -> None:
    ink = pen.ink
    tips = [(1.0 if step % 2 == 0 else 0.42, step * math.pi / 5 - math.pi / 2) for step in range(10)]
    pen.polygon([(radius * math.cos(angle), 0.05 + radius * math.sin(angle)) for radius, angle in tips], ink.main)
    inner = [(0.45 * radius * math.cos(angle), 0.05 + 0.45 * radius * math.sin(angle)) for radius, angle in tips]
    pen.polygon(inner, ink.light, outline=False)


DRAWERS: dict[str, Callable[[Pen], None]] = {
    drawer.__name__: drawer
    for drawer in (
        house,
        tree,
        car,
        boat,
        fish,
        flower,
        balloon,
        umbrella,
        mushroom,
        rocket,
        snowman,
        lighthouse,
        windmill,
        tent,
        cactus,
        cup,
        kite,
        train,
        butterfly,
        star,
    )
}
