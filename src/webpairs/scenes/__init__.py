"""The drawn world: what can be in a scene, how it is drawn, and how it is said.

The miniature web shows these scenes, and the stand-in models are grown on them. It teaches nothing about the real web.
"""

from webpairs.scenes.captions import DETAILS, article, caption
from webpairs.scenes.drawing import draw
from webpairs.scenes.families import FAMILIES
from webpairs.scenes.prose import describe
from webpairs.scenes.world import (
    COLOURS,
    HELD_OUT_KINDS,
    KINDS,
    SETTINGS,
    TIMES,
    Companion,
    Scene,
    sample_scene,
)

__all__ = [
    "COLOURS",
    "DETAILS",
    "FAMILIES",
    "HELD_OUT_KINDS",
    "KINDS",
    "SETTINGS",
    "TIMES",
    "Companion",
    "Scene",
    "article",
    "caption",
    "describe",
    "draw",
    "sample_scene",
]
