"""What the UNet is trained on, computed once: latents with their framing, and texts as both encoders see them."""

import json
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from webpairs.diffusion.components import device, encode_images, load_pipeline
from webpairs.diffusion.framing import cut, plan
from webpairs.diffusion.pairs import Pair
from webpairs.errors import WebpairsError
from webpairs.image.decode import picture
from webpairs.params import Finetune
from webpairs.progress import track

Floats = NDArray[np.float32]
Item = TypeVar("Item")

# Pixels that go through the VAE at once: one image of 1024 px, hundreds of the stand-in's.
_PIXELS = 2**20
_FILES = ("latents", "size_ids", "texts", "pooled")


@dataclass(frozen=True)
class Encoded:
    """The training set on disk, float32. Row i of `latents` and `size_ids` belongs to row i + 1 of the texts.

    Row 0 of the texts is what stands for no caption, as the pipeline uses it for guidance.
    """

    latents: Floats  # [n, channels, h, w]
    size_ids: Floats  # [n, 6]
    texts: Floats  # [n + 1, tokens, width of both encoders]
    pooled: Floats  # [n + 1, projection]
    undecodable: int  # pairs left out because their image can't be decoded
    truncated: int  # texts of more tokens than the encoders read

    def __len__(self) -> int:
        return len(self.latents)


def encode(pairs: Iterator[Pair], total: int, sdxl: Path, settings: Finetune, folder: Path) -> None:
    """Writes the training set, batch by batch, so that memory doesn't grow with it; `load` reads it.

    Everything is computed in float32: the VAE of SDXL overflows in float16, and rounding texts would gain nothing.
    Raises WebpairsError where not one pair is left.
    """
    folder.mkdir(parents=True)
    pipeline = load_pipeline(sdxl, "float32", unet=None).to(device())
    counts = {"pairs": 0, "undecodable": 0, "truncated": 0}
    with ExitStack() as stack:
        files = {name: stack.enter_context((folder / f"{name}.bin").open("wb")) for name in _FILES}

        def write(name: str, values: Tensor) -> None:
            values.to("cpu", torch.float32).contiguous().numpy().tofile(files[name])

        texts, pooled = no_caption(pipeline)
        write("texts", texts)
        write("pooled", pooled)
        shapes = {"texts": texts.shape[1:], "pooled": pooled.shape[1:]}
        size = max(1, _PIXELS // settings.resolution**2)
        for batch in _batches(track(pairs, "encode", "pairs", total), size):
            framed = [square for square in (_square(pair, settings) for pair in batch) if square is not None]
            counts["undecodable"] += len(batch) - len(framed)
            if not framed:
                continue
            counts["pairs"] += len(framed)
            latents = encode_images(pipeline.vae, torch.stack([pixels for _, pixels, _ in framed]))
            texts, pooled, truncated = encode_texts(pipeline, [text for _, _, text in framed])
            counts["truncated"] += truncated
            shapes["latents"] = latents.shape[1:]
            write("latents", latents)
            write("size_ids", torch.tensor([ids for ids, _, _ in framed]))
            write("texts", texts)
            write("pooled", pooled)
    if not counts["pairs"]:
        raise WebpairsError("No image of data/pairs can be decoded: run `dvc repro --force fetch select`.")
    shapes["size_ids"] = torch.Size([6])
    described = {"counts": counts, "shapes": {name: list(shape) for name, shape in shapes.items()}}
    (folder / "encoded.json").write_text(json.dumps(described))


def load(folder: Path) -> Encoded:
    """What `encode` wrote, mapped from disk."""
    described = json.loads((folder / "encoded.json").read_text())

    def mapped(name: str) -> Floats:
        flat: Floats = np.memmap(folder / f"{name}.bin", dtype=np.float32, mode="r")
        return flat.reshape(-1, *described["shapes"][name])

    counts = described["counts"]
    return Encoded(
        **{name: mapped(name) for name in _FILES}, undecodable=counts["undecodable"], truncated=counts["truncated"]
    )


def encode_texts(pipeline: Any, texts: Sequence[str]) -> tuple[Tensor, Tensor, int]:
    """Texts as SDXL's UNet takes them, and how many of them were cut off.

    [n, tokens, width] from the last but one layer of both encoders side by side, and [n, projection], pooled by the
    second: what `StableDiffusionXLPipeline.encode_prompt` gives, which also warns of every text that it cuts.
    """
    hidden = []
    pooled = torch.empty(0)
    too_long = np.zeros(len(texts), dtype=bool)
    for tokenizer, encoder in (
        (pipeline.tokenizer, pipeline.text_encoder),
        (pipeline.tokenizer_2, pipeline.text_encoder_2),
    ):
        length = tokenizer.model_max_length
        longer = tokenizer(list(texts), truncation=True, max_length=length + 1).input_ids
        too_long |= [len(ids) > length for ids in longer]
        tokens = tokenizer(list(texts), padding="max_length", truncation=True, max_length=length, return_tensors="pt")
        with torch.inference_mode():
            output = encoder(tokens.input_ids.to(encoder.device), output_hidden_states=True)
        hidden.append(output.hidden_states[-2])
        pooled = output[0]
    return torch.cat(hidden, dim=-1), pooled, int(too_long.sum())


def no_caption(pipeline: Any) -> tuple[Tensor, Tensor]:
    """What stands for no caption: zeros where the pipeline says so (SDXL 1.0 does), else the empty text. Both n = 1."""
    texts, pooled, _ = encode_texts(pipeline, [""])
    if pipeline.config.force_zeros_for_empty_prompt:
        return torch.zeros_like(texts), torch.zeros_like(pooled)
    return texts, pooled


def _square(pair: Pair, settings: Finetune) -> tuple[tuple[int, ...], Tensor, str] | None:
    try:
        image = picture(pair.image)
    except (OSError, ValueError, SyntaxError):
        return None
    framing = plan(image.size, settings.resolution, settings.crop, settings.seed, pair.key)
    return framing.size_ids, cut(image, framing), pair.text


def _batches(items: Iterator[Item], size: int) -> Iterator[list[Item]]:
    while batch := list(islice(items, size)):
        yield batch
