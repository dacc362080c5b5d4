"""Pages are laid out: where descriptions deep in the text come to stand."""

import random

import pytest

from webpairs.archive.miniature.content import Picture
from webpairs.archive.miniature.layout import DEEP, TERSE, WORDY, Manner, lay_out
from webpairs.archive.miniature.prose import Prose
from webpairs.scenes import sample_scene

DESCRIBED = "What the picture numbered {} shows is told here."


# With these seeds no paragraph of the page was at the right distance, and none at its end could ever be.
@pytest.mark.parametrize(
    ("manner", "seed"), [(TERSE, 1), (TERSE, 267), (WORDY, 1), (WORDY, 208), (WORDY, 488), (WORDY, 1270)]
)
def test_deep_descriptions_find_a_place_far_from_their_pictures(manner: Manner, seed: int) -> None:
    rng = random.Random(seed)
    pictures = [Picture(sample_scene(rng), "deep", "missing", DESCRIBED.format(number)) for number in range(8)]
    sections = lay_out(pictures, manner, Prose("forum", rng), rng)
    at, stands = 0, {}
    for section in sections:
        at += len(section.heading)
        for block in section.before:
            stands[block.text] = at
            at += block.length
        if section.picture is not None:
            stands[section.picture.description + " "] = at
            at += len(section.picture.caption)
        for block in section.after:
            stands[block.text] = at
            at += block.length
    for picture in pictures:
        block = next(text for text in stands if picture.description in text and text != picture.description + " ")
        away = abs(stands[block] - stands[picture.description + " "])
        # What other pictures' descriptions put between the two comes on top.
        assert DEEP[0] <= away <= DEEP[1] + 8 * 400, (seed, picture.description, away)
