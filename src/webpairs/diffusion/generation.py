"""Drawing the same prompts with the same noise by different models."""

import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl
import torch
from PIL import Image

from webpairs.diffusion.components import decode_latents, device, load_pipeline, load_unet
from webpairs.diffusion.prompts import Prompt
from webpairs.diffusion.seeds import derive
from webpairs.params import Generate
from webpairs.progress import bar
from webpairs.records import GENERATED
from webpairs.shards import TarWriter, write_parquet


@dataclass(frozen=True)
class Order:
    """One image to draw: its key in the tar, its prompt, and the seed of its noise."""

    key: str
    prompt: Prompt
    seed: int


def orders(prompts: Sequence[Prompt], settings: Generate) -> list[Order]:
    """The images to draw, in the order of their keys; no two share their noise."""
    made = [
        Order(
            f"{prompt.set}-{prompt.group:03d}-{prompt.level}-{copy:02d}",
            prompt,
            derive(settings.seed, prompt.set, prompt.group, prompt.level, copy),
        )
        for prompt in prompts
        for copy in range(settings.images_per_prompt)
    ]
    return sorted(made, key=lambda order: order.key)


def generate(sdxl: Path, unets: Mapping[str, Path], ordered: Sequence[Order], settings: Generate, folder: Path) -> None:
    """Draws all orders by every model (its name, and the folder of its UNet): `<model>.tar` and images.parquet."""
    for model, unet in unets.items():
        pipeline = load_pipeline(sdxl, settings.precision, load_unet(unet, settings.precision)).to(device())
        with TarWriter(folder / f"{model}.tar") as tar:
            for order, image in zip(ordered, draw(pipeline, ordered, settings, model), strict=True):
                tar.add(f"{order.key}.png", png(image))
    rows = [_row(model, order) for model in unets for order in ordered]
    frame = pl.DataFrame(rows, schema=GENERATED, orient="row")
    write_parquet(folder / "images.parquet", frame, GENERATED, sort_by=["model", "key"])


def draw(pipeline: Any, ordered: Sequence[Order], settings: Generate, what: str) -> Iterator[Image.Image]:
    """Yields the image of each order, RGB of `resolution` pixels square, in their order.

    Every image has a generator of its own, on the CPU: its noise depends neither on the batch that it is drawn in, nor
    on the model, nor on the device.
    """
    with bar(f"generate {what}", "images", len(ordered)) as shown:
        for start in range(0, len(ordered), settings.batch_size):
            batch = ordered[start : start + settings.batch_size]
            latents = pipeline(
                prompt=[order.prompt.text for order in batch],
                height=settings.resolution,
                width=settings.resolution,
                num_inference_steps=settings.steps,
                guidance_scale=settings.guidance,
                generator=[torch.Generator().manual_seed(order.seed) for order in batch],
                output_type="latent",
            ).images
            yield from decode_latents(pipeline, latents)
            shown.update(len(batch))


def png(image: Image.Image) -> bytes:
    """The image as PNG."""
    content = io.BytesIO()
    image.save(content, "PNG")
    return content.getvalue()


def _row(model: str, order: Order) -> tuple[Any, ...]:
    prompt = order.prompt
    return (
        order.key, model, prompt.set, prompt.group, prompt.level, prompt.text, prompt.held_out, order.seed,
    )  # fmt: skip
