"""Drawing: the same noise for every model and batch, and bytes that don't change."""

import io

import numpy as np
import polars as pl
import pytest
import torch
from PIL import Image

from tests.diffusion.tiny import GENERATE
from webpairs.diffusion.components import load_pipeline, load_unet
from webpairs.diffusion.generation import draw, generate, orders
from webpairs.diffusion.prompts import Prompt
from webpairs.diffusion.record import save
from webpairs.errors import WebpairsError
from webpairs.foundation import source
from webpairs.records import GENERATED
from webpairs.shards import read_tar

PROMPTS = [
    Prompt(name, group, level, f"a disc of the {name} kind, {'very ' * level}big", held_out=group == 1)
    for name in ("sensible", "questionable")
    for group in (1, 2)
    for level in (1, 2)
]
# diffusers' Euler scheduler hands a tensor to NumPy in the way that NumPy 2 frowns at.
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")


@pytest.fixture(scope="module")
def pipeline(sdxl):
    return load_pipeline(sdxl, "float32", load_unet(sdxl))


@pytest.fixture(scope="module")
def other(sdxl, tmp_path_factory):
    """A UNet that differs from the base's, in a folder of its own."""
    folder, unet = tmp_path_factory.mktemp("other"), load_unet(sdxl)
    with torch.no_grad():
        unet.conv_out.weight.mul_(1.5)
    save(unet, source(sdxl), {}, folder)
    return folder


def settings(**changes):
    return GENERATE.model_copy(update=changes)


def pixels(images):
    return np.stack([np.asarray(image, dtype=np.int16) for image in images])


def test_every_prompt_and_copy_has_its_own_key_and_noise():
    ordered = orders(PROMPTS, settings(images_per_prompt=2))
    assert len({order.key for order in ordered}) == len({order.seed for order in ordered}) == 16
    assert [order.key for order in ordered] == sorted(order.key for order in ordered)
    assert ordered[0].key == "questionable-001-1-00"
    again = {order.key: order.seed for order in orders(PROMPTS[:3], settings(images_per_prompt=1))}
    assert again.items() <= {order.key: order.seed for order in ordered}.items()
    assert ordered[0].seed != orders(PROMPTS, settings(seed=2))[0].seed


def test_noise_does_not_hang_on_the_batch(pipeline):
    ordered = orders(PROMPTS, GENERATE)
    together = pixels(draw(pipeline, ordered, settings(batch_size=8), "together"))
    apart = pixels(draw(pipeline, ordered, settings(batch_size=3), "apart"))
    # Batches of another size are rounded differently, which may show as one grey more or less.
    assert np.abs(together - apart).max() <= 1
    assert np.abs(together[0] - together[1]).max() > 1


def test_the_pipeline_itself_would_draw_the_same(pipeline):
    (order,) = orders(PROMPTS[:1], GENERATE)
    ours = pixels(draw(pipeline, [order], GENERATE, "ours"))
    theirs = pipeline(
        order.prompt.text,
        height=32,
        width=32,
        num_inference_steps=GENERATE.steps,
        guidance_scale=GENERATE.guidance,
        generator=torch.Generator().manual_seed(order.seed),
    ).images
    assert np.abs(ours - pixels(theirs)).max() <= 1


def test_identical_models_draw_identical_images_and_others_do_not(sdxl, other, tmp_path):
    ordered = orders(PROMPTS, GENERATE)
    generate(sdxl, {"base": sdxl, "same": sdxl, "other": other}, ordered, GENERATE, tmp_path)
    base, same, changed = (list(read_tar(tmp_path / f"{name}.tar")) for name in ("base", "same", "other"))
    assert base == same
    assert [name for name, _ in base] == [name for name, _ in changed] == [f"{order.key}.png" for order in ordered]
    assert all(one != two for one, two in zip(base, changed, strict=True))
    assert Image.open(io.BytesIO(base[0][1])).size == (32, 32)


def test_two_runs_give_the_same_bytes_and_rows(sdxl, other, tmp_path):
    ordered = orders(PROMPTS, GENERATE)
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        generate(sdxl, {"base": sdxl, "finetuned": other}, ordered, GENERATE, tmp_path / name)
    files = ("base.tar", "finetuned.tar", "images.parquet")
    assert [(tmp_path / "one" / file).read_bytes() for file in files] == [
        (tmp_path / "two" / file).read_bytes() for file in files
    ]
    rows = pl.read_parquet(tmp_path / "one" / "images.parquet")
    assert dict(rows.schema) == GENERATED
    assert rows.group_by("model").len().sort("model")["len"].to_list() == [8, 8]
    assert rows.filter(pl.col("model") == "base")["seed"].to_list() == [order.seed for order in ordered]
    assert rows.filter(pl.col("held_out"))["group"].unique().to_list() == [1]


@pytest.mark.parametrize("guidance", [0.0, 1.0])
def test_without_guidance(pipeline, guidance):
    ordered = orders(PROMPTS[:1], GENERATE)
    assert pixels(draw(pipeline, ordered, settings(guidance=guidance), "plain")).shape == (1, 32, 32, 3)


def test_half_precision_draws_and_decodes_in_float32(sdxl):
    half = load_pipeline(sdxl, "bfloat16", load_unet(sdxl, "bfloat16"))
    assert (half.unet.dtype, half.text_encoder.dtype, half.vae.dtype) == (torch.bfloat16, torch.bfloat16, torch.float32)
    drawn = pixels(draw(half, orders(PROMPTS[:2], GENERATE), settings(precision="bfloat16"), "half"))
    assert drawn.shape == (2, 32, 32, 3)


def test_a_missing_model_is_an_error(sdxl, tmp_path):
    with pytest.raises(WebpairsError, match="holds no model"):
        generate(sdxl, {"finetuned": tmp_path / "none"}, orders(PROMPTS, GENERATE), GENERATE, tmp_path)
