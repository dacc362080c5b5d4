"""Numbers about generated images: how well they show their prompt, how much is in them, and what fine-tuning changed.

Compliance is the cosine of image and prompt by CLIP, complexity the share of pixels on an edge (Canny), both as in
Brummerloh 2024, section 6.3. The models draw the same prompts from the same noise, so differences are paired; and the
five prompts of a group show the same object, so intervals come from resampling whole groups.
"""

import io
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

import cv2
import numpy as np
import polars as pl
from numpy.typing import NDArray
from PIL import Image

from webpairs.errors import WebpairsError
from webpairs.metrics import histogram, quartiles
from webpairs.records import GENERATED
from webpairs.shards import read_parquet, read_tar

MEASURES = ("compliance", "complexity")
EDGES = {
    "compliance": [round(-0.2 + 0.025 * step, 3) for step in range(49)],
    "complexity": [round(0.01 * step, 2) for step in range(51)],
}
LEVEL_COLUMNS = ("set", "level", "model", "n", "clusters", "mean", "low", "high")
HISTOGRAM_COLUMNS = ("model", "from", "images")
Row = dict[str, Any]


class Judge(Protocol):
    """What is needed of CLIP: vectors of length one, float32 [n, d]."""

    def embed_images(self, images: Iterator[Image.Image]) -> NDArray[np.float32]: ...

    def embed_texts(self, texts: list[str]) -> NDArray[np.float32]: ...


def measure(folder: Path, judge: Judge, low: int, high: int) -> pl.DataFrame:
    """GENERATED as it stands in the folder, with columns compliance and complexity, and width and height in pixels.

    Raises WebpairsError where nothing was generated.
    """
    if not (folder / "images.parquet").is_file():
        raise WebpairsError(f"{folder} holds no generated images: run `dvc repro generate` first.")
    frame = read_parquet(folder / "images.parquet", GENERATED).sort("model", "key")
    seen: list[tuple[str, str, float, int, int]] = []

    def pictures() -> Iterator[Image.Image]:
        # One at a time: a thousand images of 1024 px don't fit in memory.
        for model in frame["model"].unique().sort():
            for name, content in read_tar(folder / f"{model}.tar"):
                with Image.open(io.BytesIO(content)) as image:
                    seen.append((model, name.removesuffix(".png"), complexity(image, low, high), *image.size))
                    yield image

    drawn = judge.embed_images(pictures())
    texts = {text: place for place, text in enumerate(frame["prompt"].unique(maintain_order=True))}
    meant = judge.embed_texts(list(texts))[[texts[prompt] for prompt in frame["prompt"]]]
    if [(model, key) for model, key, *_ in seen] != list(frame.select("model", "key").iter_rows()):
        raise WebpairsError(f"The tars in {folder} don't hold what images.parquet lists: run `dvc repro -f generate`.")
    return frame.with_columns(
        compliance=pl.Series(np.einsum("nd,nd->n", drawn, meant).round(6), dtype=pl.Float64),
        complexity=pl.Series([share for _, _, share, _, _ in seen], dtype=pl.Float64),
        width=pl.Series([width for *_, width, _ in seen], dtype=pl.Int32),
        height=pl.Series([height for *_, height in seen], dtype=pl.Int32),
    )


def complexity(image: Image.Image, low: int, high: int) -> float:
    """The share (0 to 1) of an image's pixels that Canny's detector marks as edge, on its greys, at its own size."""
    grey = np.asarray(image.convert("L"))
    return float(np.count_nonzero(cv2.Canny(grey, low, high)) / grey.size)


def cluster_interval(
    values: Sequence[float] | NDArray[Any], clusters: Sequence[Any], resamples: int, seed: int
) -> dict[str, float | int | None]:
    """Mean of all values with its 95 % percentile bootstrap interval over whole clusters; null where there is no value.

    Values of a cluster depend on each other; clusters are drawn with replacement, each with all its values.
    """
    numbers = np.asarray(values, dtype=np.float64)
    if numbers.size == 0:
        return {"n": 0, "clusters": 0, "mean": None, "low": None, "high": None}
    places = {cluster: place for place, cluster in enumerate(sorted(set(clusters)))}
    labels = np.array([places[cluster] for cluster in clusters])
    sums, counts = np.bincount(labels, numbers), np.bincount(labels)
    drawn = np.random.default_rng(seed).integers(0, len(places), (resamples, len(places)))
    means = sums[drawn].sum(axis=1) / counts[drawn].sum(axis=1)
    low, high = np.quantile(means, [0.025, 0.975])
    return {
        "n": int(numbers.size),
        "clusters": len(places),
        "mean": float(numbers.mean()),
        "low": float(low),
        "high": float(high),
    }


def sizes(images: pl.DataFrame) -> list[str]:
    """The sizes in pixels on which complexity was measured, each once, as `64x64`: shares of edges depend on them."""
    return [
        f"{width}x{height}"
        for width, height in images.select("width", "height").unique().sort("width", "height").iter_rows()
    ]


def summary(images: pl.DataFrame, resamples: int, seed: int) -> dict[str, Any]:
    """Per measure: quartiles of each model, and the paired difference finetuned − base, over all and over each part.

    `images` is GENERATED with a column of floats a measure. Parts are the sets, the levels, and prompts with kinds of
    object that the base model never saw (`held_out`) and with others (`known`), where that is told.
    """
    return {measure: _measure(images, measure, resamples, seed) for measure in MEASURES}


def differences(images: pl.DataFrame, measure: str) -> pl.DataFrame:
    """A row an image that both models drew, with `difference`: finetuned − base."""
    base, finetuned = (images.filter(pl.col("model") == model).sort("key") for model in ("base", "finetuned"))
    paired = base.join(finetuned.select("key", other=measure), on="key", how="inner", maintain_order="left")
    return paired.with_columns(difference=pl.col("other") - pl.col(measure))


def by_level(images: pl.DataFrame, measure: str, resamples: int, seed: int) -> list[Row]:
    """A row a set, level and model: the mean of the measure with its interval over groups."""
    rows = []
    for (name, level, model), part in images.sort("set", "level", "model").group_by(
        ["set", "level", "model"], maintain_order=True
    ):
        interval = cluster_interval(part[measure].to_list(), part["group"].to_list(), resamples, seed)
        rows.append({"set": name, "level": level, "model": model, **interval})
    return rows


def histograms(images: pl.DataFrame, measure: str) -> list[Row]:
    """A row a model and bin, its lower edge under `from`, with how many images fall there."""
    edges = EDGES[measure]
    rows = []
    for (model,), part in images.sort("model").group_by(["model"], maintain_order=True):
        counts = histogram(part[measure].to_list(), edges)
        rows += [{"model": model, "from": edge, "images": n} for edge, n in zip(edges, counts, strict=False)]
    return rows


def _measure(images: pl.DataFrame, measure: str, resamples: int, seed: int) -> dict[str, Any]:
    paired = differences(images, measure)
    result = {}
    for name, chosen in _parts(images).items():
        drawn = images.filter(chosen)
        change = paired.filter(chosen)
        result[name] = {
            "base": quartiles(drawn.filter(pl.col("model") == "base")[measure].to_list()),
            "finetuned": quartiles(drawn.filter(pl.col("model") == "finetuned")[measure].to_list()),
            "difference": cluster_interval(change["difference"].to_list(), change["group"].to_list(), resamples, seed),
        }
    return result


def _parts(images: pl.DataFrame) -> Mapping[str, pl.Expr]:
    parts = {"all": pl.lit(True)}
    parts |= {name: pl.col("set") == name for name in sorted(images["set"].unique())}
    parts |= {f"level_{level}": pl.col("level") == level for level in sorted(images["level"].unique())}
    if images["held_out"].is_not_null().any():
        parts |= {"held_out": pl.col("held_out"), "known": ~pl.col("held_out")}
    return parts
