"""An open_clip model from a folder: images and texts → vectors of length one."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from pathlib import Path
from typing import Any, Literal, TypeVar

import numpy as np
import open_clip
import torch
from numpy.typing import NDArray
from PIL import Image
from safetensors import SafetensorError

from webpairs.engine import workers
from webpairs.errors import WebpairsError
from webpairs.progress import track

Vectors = NDArray[np.float32]
Precision = Literal["float32", "bfloat16"]
Item = TypeVar("Item")

# The weights themselves in bfloat16: under autocast open_clip is slower on a CPU than in float32.
_OPEN_CLIP_PRECISION = {"float32": "fp32", "bfloat16": "pure_bf16"}
_CONFIG = "open_clip_config.json"


class Clip:
    """A model with its preprocessing and its tokenizer."""

    def __init__(self, model: Any, preprocess: Callable[[Image.Image], Any], tokenizer: Any, batch_size: int) -> None:
        self._model = model
        self._preprocess = preprocess
        self._tokenizer = tokenizer
        self._batch_size = batch_size
        weights = next(model.parameters())
        self._device, self._dtype = weights.device, weights.dtype

    def embed_images(
        self,
        images: Iterable[Item],
        opened: Callable[[Item], Image.Image] = lambda image: image,  # type: ignore[assignment, return-value]
        total: int | None = None,
    ) -> Vectors:
        """One vector an image, float32 [n, d], of length one.

        Images are opened and shrunk a batch at a time, so any number of them may come, as pictures or as whatever
        `opened` makes pictures of.
        """

        def pixels(item: Item) -> torch.Tensor:
            tensor: torch.Tensor = self._preprocess(opened(item).convert("RGB"))
            return tensor

        def encode(batch: list[Item]) -> torch.Tensor:
            stacked = torch.stack(list(threads.map(pixels, batch)))
            return self._encode(self._model.encode_image, stacked.to(self._dtype))

        # Pillow decodes and shrinks without holding Python's lock.
        with ThreadPoolExecutor(workers()) as threads:
            return self._embed(encode, images, "images through CLIP", "images", total)

    def embed_texts(self, texts: Iterable[str], total: int | None = None) -> Vectors:
        """One vector a text, float32 [n, d], of length one; what is longer than the model's context is cut off."""

        def encode(batch: list[str]) -> torch.Tensor:
            return self._encode(self._model.encode_text, self._tokenizer(batch))

        return self._embed(encode, texts, "texts through CLIP", "texts", total)

    def count_cut(self, texts: Sequence[str]) -> int:
        """How many of the texts fill the model's context, so that what is over has been cut off."""
        padding = self._tokenizer([""])[0, -1]
        return sum(int((self._tokenizer(batch)[:, -1] != padding).sum()) for batch in _batches(texts, 1024))

    def _encode(self, tower: Callable[[torch.Tensor], torch.Tensor], batch: torch.Tensor) -> torch.Tensor:
        with torch.inference_mode():
            vectors = tower(batch.to(self._device)).float()
            return torch.nn.functional.normalize(vectors, dim=-1).cpu()

    def _embed(
        self,
        encode: Callable[[list[Item]], torch.Tensor],
        items: Iterable[Item],
        what: str,
        unit: str,
        total: int | None,
    ) -> Vectors:
        shown = track(items, what, unit, total)
        parts = [encode(batch).numpy() for batch in _batches(shown, self._batch_size)]
        return np.concatenate(parts) if parts else np.zeros((0, 0), dtype=np.float32)


def load(
    folder: Path, precision: Precision = "float32", batch_size: int = 64, device: torch.device | None = None
) -> Clip:
    """The CLIP in a folder of open_clip's `local-dir` layout: config, weights, and a tokenizer of its own if any.

    Raises WebpairsError where the folder holds no such model.
    """
    if not (folder / _CONFIG).is_file():
        raise WebpairsError(f"{folder} holds no CLIP ({_CONFIG} is missing): run `dvc repro foundation`.")
    device = device or torch.device("cuda" if torch.cuda.is_available() else "cpu")
    name = f"local-dir:{folder}"
    try:
        model, preprocess = open_clip.create_model_from_pretrained(
            name, precision=_OPEN_CLIP_PRECISION[precision], device=device
        )
        tokenizer = open_clip.get_tokenizer(name)
    except (OSError, ValueError, RuntimeError, KeyError, SafetensorError) as error:
        raise WebpairsError(
            f"{folder} can't be loaded as CLIP: {error}\nRun `dvc repro --force foundation`."
        ) from error
    return Clip(model.eval(), preprocess, tokenizer, batch_size)


def scores(
    images: Vectors, texts: Vectors, image_of: Sequence[int] | NDArray[Any], text_of: Sequence[int] | NDArray[Any]
) -> Vectors:
    """Cosines of pairs, float32 [n]: of image `image_of[i]` and text `text_of[i]`, to six decimals."""
    result = np.zeros(len(image_of), dtype=np.float32)
    # In pieces, since the gathered vectors of all pairs would be far larger than the vectors themselves.
    for start in range(0, len(image_of), 65536):
        part = slice(start, start + 65536)
        chosen = images[np.asarray(image_of)[part]], texts[np.asarray(text_of)[part]]
        result[part] = np.einsum("nd,nd->n", *chosen).round(6)
    return result


def _batches(items: Iterable[Item], size: int) -> Iterator[list[Item]]:
    iterator = iter(items)
    while batch := list(islice(iterator, size)):
        yield batch
