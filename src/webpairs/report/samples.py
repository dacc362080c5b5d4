"""Which pairs and drawings the report shows: drawn by seed, never picked."""

import random
from itertools import chain, zip_longest
from pathlib import Path
from typing import Any

from webpairs.records import GENERATED, PAIRS
from webpairs.report import pictures
from webpairs.report.blocks import Drawn, Pair
from webpairs.report.values import decimal
from webpairs.shards import read_parquet

PAIR_SIDE = 260
DRAWING_SIDE = 160
MAX_TEXT = 400
Row = dict[str, Any]


def sample_pairs(folder: Path, wanted: int, seed: int) -> list[Pair]:
    """At most so many pairs of the dataset with their images, the best score first."""
    rows = read_parquet(folder / "pairs.parquet", PAIRS).sort("key").to_dicts()
    chosen = random.Random(seed).sample(rows, min(wanted, len(rows)))
    chosen.sort(key=lambda row: (-row["score"], row["key"]))
    found: dict[str, bytes] = {}
    for tar in sorted({row["tar"] for row in chosen}):
        found |= pictures.images(folder / tar, {row["key"] for row in chosen if row["tar"] == tar})
    return [_pair(row, found.get(row["key"], b"")) for row in chosen]


def sample_drawings(folder: Path, wanted: int, seed: int) -> list[Drawn]:
    """At most so many prompts with both models' drawings from the same noise: of known and held-out kinds in turn."""
    rows = read_parquet(folder / "images.parquet", GENERATED).sort("set", "group", "level", "key").to_dicts()
    both = {row["key"] for row in rows if row["model"] == "base"} & {
        row["key"] for row in rows if row["model"] == "finetuned"
    }
    prompts: dict[tuple[Any, ...], Row] = {}
    for row in rows:
        if row["key"] in both:
            prompts.setdefault((row["set"], row["group"], row["level"]), row)
    chosen = _in_turn(list(prompts.values()), wanted, seed)
    keys = {row["key"] for row in chosen}
    base, finetuned = (pictures.images(folder / f"{model}.tar", keys) for model in ("base", "finetuned"))
    return [
        Drawn(
            prompt=row["prompt"],
            label=_label(row),
            base=pictures.png(base.get(row["key"], b""), DRAWING_SIDE),
            finetuned=pictures.png(finetuned.get(row["key"], b""), DRAWING_SIDE),
        )
        for row in chosen
    ]


def _pair(row: Row, image: bytes) -> Pair:
    return Pair(
        image=pictures.jpeg(image, PAIR_SIDE),
        description=_cut(row["text"]),
        alt=_cut(row["alt"] or ""),
        score=decimal(row["score"]),
        alt_score="no score" if row["alt_score"] is None else decimal(row["alt_score"]),
        page_url=_cut(row["page_url"]),
    )


def _in_turn(rows: list[Row], wanted: int, seed: int) -> list[Row]:
    """So many rows: one of each set, and of known and held-out kinds, in turn, each drawn by seed."""
    parts: dict[tuple[Any, ...], list[Row]] = {}
    for row in rows:
        parts.setdefault((not row["held_out"], row["set"] != "sensible"), []).append(row)
    chooser = random.Random(seed)
    shuffled = [chooser.sample(part, len(part)) for _, part in sorted(parts.items())]
    mixed = [row for row in chain.from_iterable(zip_longest(*shuffled)) if row is not None][:wanted]
    return sorted(mixed, key=lambda row: (not row["held_out"], row["set"] != "sensible", row["level"], row["key"]))


def _label(row: Row) -> str:
    kind = {True: "held-out kind of object", False: "known kind of object", None: ""}[row["held_out"]]
    parts = [row["set"], kind, f"level {row['level']}", f"seed {row['seed']}"]
    return ", ".join(part for part in parts if part)


def _cut(text: str) -> str:
    return text if len(text) <= MAX_TEXT else f"{text[: MAX_TEXT - 1]}…"
