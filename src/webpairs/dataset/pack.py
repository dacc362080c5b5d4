"""Chosen pairs → a dataset: WebDataset tars, a table, and a card that says what it is."""

import json
from collections.abc import Callable
from pathlib import Path

import polars as pl

from webpairs import records, shards
from webpairs.dataset.selection import split

SPLITS = ("train", "holdout")


def pack(
    chosen: pl.DataFrame,
    read: Callable[[str, str], bytes],
    folder: Path,
    holdout_share: float,
    shard_size: int,
    seed: int,
) -> pl.DataFrame:
    """Writes `<split>-00000.tar` and following, and pairs.parquet; returns its table (records.PAIRS).

    A pair's key is its candidate_id. Its members are the image's bytes as they were found, the text, and its row as
    JSON. `read(tar, member)` gives an image's bytes. The same pairs give the same bytes.
    """
    sides = [split(digest, holdout_share, seed) for digest in chosen["sha256"]]
    pairs = chosen.with_columns(pl.Series("split", sides, dtype=pl.String), key="candidate_id").sort("key")
    parts = [_pack_split(pairs.filter(pl.col("split") == name), name, read, folder, shard_size) for name in SPLITS]
    table = pl.concat(parts).select(pl.col(name).cast(kind) for name, kind in records.PAIRS.items())
    shards.write_parquet(folder / "pairs.parquet", table, records.PAIRS, ["key"])
    return table.sort("key")


def _pack_split(
    pairs: pl.DataFrame, name: str, read: Callable[[str, str], bytes], folder: Path, shard_size: int
) -> pl.DataFrame:
    """The rows with `tar` being the one they are in now."""
    tars: list[str] = []
    for number, shard in enumerate(pairs.iter_slices(shard_size)):
        file = f"{name}-{number:05d}.tar"
        with shards.TarWriter(folder / file) as tar:
            for row in shard.iter_rows(named=True):
                extension = str(row["member"]).rpartition(".")[2]
                record = {column: file if column == "tar" else row[column] for column in records.PAIRS}
                tar.add(f"{row['key']}.{extension}", read(row["tar"], row["member"]))
                tar.add(f"{row['key']}.txt", row["text"].encode())
                tar.add(f"{row['key']}.json", json.dumps(record, ensure_ascii=False).encode())
        tars += [file] * shard.height
    return pairs.with_columns(pl.Series("tar", tars, dtype=pl.String))
