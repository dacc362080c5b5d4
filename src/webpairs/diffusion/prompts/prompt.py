"""What a prompt is."""

from dataclasses import dataclass

SETS = ("sensible", "questionable")
LEVELS = 5


@dataclass(frozen=True)
class Prompt:
    """One prompt: which set and group it is of, its level (1, plain, to 5, most detailed), and its text.

    `held_out` says whether its object is of a kind that the stand-in SDXL never saw; None where nobody knows.
    """

    set: str
    group: int
    level: int
    text: str
    held_out: bool | None = None
