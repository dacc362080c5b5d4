"""The thousand prompts for real models, in the manner of the thesis: 100 groups of five, sensible and questionable.

Group g of both sets starts from the same object, and every level says what the one before says and one thing more. In
the questionable set what is added doesn't fit: places, wearers and pastimes that the object can't have.
"""

from importlib.resources import files
from pathlib import Path

from webpairs.diffusion.prompts.prompt import SETS, Prompt
from webpairs.metrics import read_tsv


def thesis() -> list[Prompt]:
    """All 1,000, by set, group (1 to 100) and level (1 to 5)."""
    folder = Path(str(files(__package__)))
    return [
        Prompt(name, int(row["group"]), int(row["level"]), row["prompt"])
        for name in SETS
        for row in read_tsv(folder / f"{name}.tsv")
    ]
