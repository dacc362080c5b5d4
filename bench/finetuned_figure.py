"""The picture docs/finetuned.jpg of the README: what the model draws of kinds of object that it had never seen, before
and after fine-tuning, from data/generated.

`python -m bench.finetuned_figure` renews it. Its ten prompts are not chosen by what they show: of the first ten groups
of sensible prompts with a held-out kind, those of four parts.
"""

import io
from pathlib import Path

import polars as pl
from PIL import Image

from bench import launch
from webpairs.shards import read_tar

GENERATED = Path("data/generated")
_PROMPTS, _LEVEL = 10, 4
_SIDE, _GAP = 96, 4  # pixels
_QUALITY = 85


def prompts(images: pl.DataFrame) -> list[str]:
    """The keys of the images that are shown, of records.GENERATED."""
    of_base = pl.col("model") == "base"
    shown = images.filter(of_base & pl.col("held_out") & (pl.col("set") == "sensible") & (pl.col("level") == _LEVEL))
    return shown.sort("key")["key"].to_list()[:_PROMPTS]


def picture(folder: Path) -> Image.Image:
    """Two rows of images on white: the base model's, and below them the fine-tuned one's.

    Raises KeyError where a tar lacks one of them.
    """
    keys = prompts(pl.read_parquet(folder / "images.parquet"))
    step = _SIDE + _GAP
    made = Image.new("RGB", (step * len(keys) - _GAP, 2 * step - _GAP), "white")
    for row, model in enumerate(("base", "finetuned")):
        drawn = dict(read_tar(folder / f"{model}.tar"))
        for column, key in enumerate(keys):
            with Image.open(io.BytesIO(drawn[f"{key}.png"])) as image:
                small = image.convert("RGB").resize((_SIDE, _SIDE), Image.Resampling.BICUBIC)
            made.paste(small, (column * step, row * step))
    return made


if __name__ == "__main__":
    picture(GENERATED).save(launch.ROOT / "docs" / "finetuned.jpg", quality=_QUALITY)
