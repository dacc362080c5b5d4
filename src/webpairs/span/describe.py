"""Descriptions: the best span of every candidate, where the model is sure enough of it.

Candidates are described in parts, on processes, GPUs or the nodes of a cluster (webpairs.engine), each of which loads
the model once. What a part is hangs on its file alone, so the bytes don't hang on where it is described.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import torch

from webpairs import engine, shards, span
from webpairs.metrics import quartiles
from webpairs.page.around import read_windowed
from webpairs.params import Describe
from webpairs.records import DESCRIPTIONS
from webpairs.span.answers import OUTCOMES, answer
from webpairs.span.decorations import ImagePages, are_decorations, pages_of_rows
from webpairs.span.model import SpanModel, best_device, load_model
from webpairs.span.prediction import predict_texts
from webpairs.span.windows import Texts, texts_of

CONFIDENCES = ("start", "end", "average", "span", "none", "support")
_KEPT = ("candidate_id", "archive", "page_url", "domain", "language", "image_url", "alt")

_UNREAD = Texts("", "", "")

# Candidates of a part: minutes of work at most, so that no worker waits for another for long.
TOGETHER = 512


@dataclass(frozen=True, slots=True)
class Part:
    """So many candidates of a file from the first on, the model that describes them, and the fingerprint of both.

    `image_pages` are on how many pages of its domain each candidate's image stands.
    """

    file: Path
    pages: Path
    image_pages: tuple[int, ...]
    first: int
    count: int
    model: Path
    version: str
    params: Describe
    key: str

    @property
    def described(self) -> Path:
        return shards.SCRATCH / "describe" / f"{self.key}.parquet"


def parts(file: Path, pages: Path, image_pages: ImagePages, model: Path, version: str, params: Describe) -> list[Part]:
    """The parts of a file of candidates. `pages` is the folder of their pages, `version` the model's fingerprint,
    `image_pages` as of decorations.pages_of_images.
    """
    sources = shards.sha256(file), shards.sha256(pages / file.name), shards.code_digest(span)
    every = pages_of_rows(pl.read_parquet(file, columns=["domain", "image_url"]), image_pages)
    made = []
    for first in range(0, len(every), TOGETHER):
        own = tuple(every[first : first + TOGETHER])
        key = shards.fingerprint(sources, version, params.model_dump(), first, own)
        made.append(Part(file, pages, own, first, len(own), model, version, params, key))
    return made


def describe_parts(wanted: Sequence[Part]) -> int:
    """Describes those that aren't described yet on all workers; of how many candidates."""
    new = [part for part in wanted if not part.described.exists()]
    return sum(engine.map_ordered(_describe_part, new, what="describe", unit="parts", uses_gpu=True))


def _describe_part(part: Part) -> int:
    candidates = read_windowed(part.file, part.pages).slice(part.first, part.count)

    def produce(path: Path) -> None:
        with _threads(engine.threads()):
            model = _model(part.model, part.version)
            described = describe(model, candidates, part.params, part.image_pages)
        shards.write_parquet(path, described, DESCRIPTIONS, [])

    shards.finished("describe", part.key, ".parquet", produce)
    return part.count


@lru_cache(maxsize=1)
def _model(folder: Path, _version: str) -> SpanModel:
    """The model, once for all parts that a process describes with this version of it."""
    return load_model(folder).to(best_device())


@contextmanager
def _threads(count: int) -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(count)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def describe(model: SpanModel, candidates: pl.DataFrame, params: Describe, image_pages: Sequence[int]) -> pl.DataFrame:
    """The best span of each candidate (records.WINDOWED) as records.DESCRIPTIONS, a row each, in the same order.

    `image_pages` are on how many pages of its domain each one's image stands. Where the model says none or is unsure,
    the description is null, and place and confidences are those of the best span all the same. They are null where
    there is no text around the image, or where it decorates: there the model doesn't look.
    """
    decorates = are_decorations(candidates, image_pages, params.decorations)
    every = zip(texts_of(candidates), decorates, strict=True)
    texts = [_UNREAD if is_one else text for text, is_one in every]
    found = predict_texts(model, texts, params.batch_size, "describe")
    answers = answer(texts, found, params, decorates)
    nothing = found.start < 0
    values: dict[str, np.ndarray[Any, Any]] = {
        "start": found.start,
        "end": found.end,
        "confidence": found.confidence,
        **{f"{name}_confidence": getattr(found, f"{name}_confidence") for name in CONFIDENCES},
    }
    columns = {name: pl.Series(name, column).set(pl.Series(nothing), None) for name, column in values.items()}
    made = candidates.select(*_KEPT).with_columns(
        pl.Series("outcome", answers.outcomes, pl.String),
        pl.Series("description", answers.descriptions, pl.String),
        *columns.values(),
    )
    return made.select(*DESCRIPTIONS)


def description_metrics(descriptions: pl.DataFrame) -> dict[str, Any]:
    """Candidates, how many come to each outcome, quartiles of each confidence."""
    columns = {"calibrated": "confidence", **{name: f"{name}_confidence" for name in CONFIDENCES}}
    return {
        "candidates": descriptions.height,
        "outcomes": {name: int((descriptions["outcome"] == name).sum()) for name in OUTCOMES},
        "confidence": {
            name: quartiles(descriptions[column].drop_nulls().to_numpy()) for name, column in columns.items()
        },
    }
