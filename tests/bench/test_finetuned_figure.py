"""The README's picture of what fine-tuning changes."""

import io
from pathlib import Path

import polars as pl
import pytest
from PIL import Image

from bench.finetuned_figure import picture, prompts
from webpairs.records import GENERATED
from webpairs.shards import TarWriter

LEFT_OUT = [
    {"set": "questionable"},
    {"held_out": False},
    {"level": 3},
    {"model": "finetuned"},
]


def _row(**values: object) -> dict[str, object]:
    one = {"key": "x", "model": "base", "set": "sensible", "group": 1, "level": 4, "prompt": "", "held_out": True}
    return {**one, "seed": 1, **values}


def _tar(path: Path, colours: dict[str, str]) -> None:
    with TarWriter(path) as tar:
        for key, colour in colours.items():
            drawn = io.BytesIO()
            Image.new("RGB", (64, 64), colour).save(drawn, "PNG")
            tar.add(f"{key}.png", drawn.getvalue())


def test_shows_the_first_prompts_with_a_held_out_kind() -> None:
    rows = [*(_row(**values) for values in LEFT_OUT), *(_row(key=f"k{number:02}") for number in range(12, 0, -1))]
    assert prompts(pl.DataFrame(rows, schema=GENERATED)) == [f"k{number:02}" for number in range(1, 11)]


def test_the_base_models_images_stand_above_the_fine_tuned_ones(tmp_path: Path) -> None:
    pl.DataFrame([_row(key="a"), _row(key="b")], schema=GENERATED).write_parquet(tmp_path / "images.parquet")
    _tar(tmp_path / "base.tar", {"a": "red", "b": "blue"})
    _tar(tmp_path / "finetuned.tar", {"b": "black", "a": "lime"})
    made = picture(tmp_path)
    assert made.size == (196, 196)
    seen = [made.getpixel(place) for place in ((48, 48), (148, 48), (48, 148), (148, 148), (98, 98))]
    assert seen == [(255, 0, 0), (0, 0, 255), (0, 255, 0), (0, 0, 0), (255, 255, 255)]
    _tar(tmp_path / "finetuned.tar", {"a": "lime"})
    with pytest.raises(KeyError, match=r"b\.png"):
        picture(tmp_path)
