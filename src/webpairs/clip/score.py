"""Candidates with a kept image → how well the image fits the description found for it, and its alt text."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import polars as pl

from webpairs import records
from webpairs.clip.model import Clip, scores
from webpairs.image.decode import picture
from webpairs.shards import read_tar


def score(
    descriptions: pl.DataFrame, images: pl.DataFrame, folder: Path, clip: Clip
) -> tuple[pl.DataFrame, dict[str, int]]:
    """The scores (records.SCORES), a row a candidate whose image was kept, ordered by candidate; and counts of texts.

    Takes tables as of records.DESCRIPTIONS and records.IMAGES, and the folder of the tars that the latter names. Every
    distinct image and every distinct text goes through the model once.
    """
    kept = images.filter(pl.col("verdict") == "kept").select("image_url", "sha256", "tar", "member", "width", "height")
    rows = descriptions.join(kept, on="image_url", how="inner").sort("candidate_id")
    digests, image_vectors = _images(kept, folder, clip)
    texts = _texts(rows)
    text_vectors = clip.embed_texts(texts, total=len(texts))
    image_at = {digest: place for place, digest in enumerate(digests)}
    text_at = {text: place for place, text in enumerate(texts)}

    def column(name: str) -> pl.Series:
        # Row by row, a null text has no score.
        pairs = [
            (row, image_at[digest], text_at[text])
            for row, (digest, text) in enumerate(rows.select("sha256", name).iter_rows())
            if not _is_blank(text)
        ]
        values: list[float | None] = [None] * rows.height
        if pairs:
            at, image, text = zip(*pairs, strict=True)
            for row, value in zip(at, scores(image_vectors, text_vectors, image, text), strict=True):
                values[row] = float(value)
        return pl.Series(f"{name}_score", values, dtype=pl.Float32)

    scored = rows.with_columns(column("description"), column("alt"))
    table = scored.select(pl.col(name).cast(kind) for name, kind in records.SCORES.items())
    return table, {"texts": len(texts), "texts_cut": clip.count_cut(texts)}


def _is_blank(text: str | None) -> bool:
    return text is None or not text.strip()


def _images(kept: pl.DataFrame, folder: Path, clip: Clip) -> tuple[list[str], np.ndarray]:
    digests: list[str] = []
    tars = kept["tar"].unique().sort().to_list()

    def contents() -> Iterator[bytes]:
        for tar in tars:
            for name, content in read_tar(folder / tar):
                digests.append(name.partition(".")[0])
                yield content

    vectors = clip.embed_images(contents(), picture, total=kept["sha256"].n_unique())
    return digests, vectors


def _texts(rows: pl.DataFrame) -> list[str]:
    found = pl.concat([rows["description"], rows["alt"]]).drop_nulls().unique().sort()
    return [text for text in found.to_list() if not _is_blank(text)]
