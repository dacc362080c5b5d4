"""`python -m bench.describing ROUNDS FILES…`: images described a second, beside the plain way; as JSON.

As the stage describes them, decorations have their answer without a look by the model; and with every image read.

The plain way is what transformers' question answering was before its pipeline went: one window an image, in page order,
batches of eight padded to the model's length, float32. It has the same encoder, with weights drawn at random, which
cost the same as trained ones.
"""

import json
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import torch
from transformers import AutoConfig, AutoModelForQuestionAnswering, AutoTokenizer

from webpairs import records, shards
from webpairs.page.around import windowed
from webpairs.page.extract import extract_all, job
from webpairs.params import Params, load
from webpairs.span.decorations import are_decorations, pages_of_images, pages_of_rows
from webpairs.span.describe import describe
from webpairs.span.model import SpanModel, best_device, load_model
from webpairs.span.windows import Texts, texts_of

MODEL = Path("data/models/span")
IMAGES = 480  # of all archives together, of each the first
_BATCH = 8


def measure(rounds: int, files: Sequence[Path]) -> dict[str, Any]:
    """Seconds of each way on the same images, in turns in one process, of which the fewest count; without loading."""
    if not MODEL.exists():
        return {"failed": f"{MODEL} is missing: run `make all` first"}
    params = load()
    images, image_pages = _images(files, params)
    model = load_model(MODEL).to(best_device())
    texts = texts_of(images)
    decorations = int(are_decorations(images, image_pages, params.describe.decorations).sum())
    reading_all = params.describe.model_copy(update={"decorations": []})
    plain = _plain(model.settings.max_tokens)
    ways: dict[str, Callable[[], object]] = {
        "plain": lambda: plain(texts),
        "stage": lambda: describe(model, images, params.describe, image_pages),
        "reading_all": lambda: describe(model, images, reading_all, image_pages),
    }
    seconds: dict[str, list[float]] = {name: [] for name in ways}
    for number in range(1, rounds + 1):
        for name, way in ways.items():
            begun = time.perf_counter()
            way()
            seconds[name].append(time.perf_counter() - begun)
            print(f"bench: round {number} of {rounds}: {name} {seconds[name][-1]:.1f} s", file=sys.stderr)
    return {
        "images": images.height,
        "decorations": decorations,
        **_windows(model, texts),
        "encoder": model.settings.encoder["name"],
        "precision": model.settings.precision,
        "device": best_device().type,
        "threads": torch.get_num_threads(),
        "seconds": {name: [round(one, 2) for one in own] for name, own in seconds.items()},
    }


def _images(files: Sequence[Path], params: Params) -> tuple[pl.DataFrame, list[int]]:
    """The first candidates of each archive that have text around them (records.WINDOWED), as many of each, and on how
    many pages of its domain each one's image stands.
    """
    around = params.extract.characters_before, params.extract.characters_after
    done = extract_all([job(file.name, str(file.resolve()), shards.sha256(file), *around) for file in files])
    frames = []
    image_pages = pages_of_images(pl.scan_parquet([one.job.candidates(part) for one in done for part in one.parts]))
    for archive in done:
        parts = [
            windowed(
                shards.read_parquet(archive.job.candidates(part), records.CANDIDATES),
                shards.read_parquet(archive.job.pages(part), records.PAGES, ["page_id", "text"]),
            )
            for part in archive.parts
        ]
        has_text = (pl.col("text_before").fill_null("") + pl.col("text_after").fill_null("")).str.len_chars() > 0
        frames.append(pl.concat(parts).filter(has_text).head(IMAGES // len(files)))
    images = pl.concat(frames)
    return images, pages_of_rows(images, image_pages)


def _windows(model: SpanModel, texts: Sequence[Texts]) -> dict[str, Any]:
    """How many windows differ, and their mean length in tokens."""
    fitter = model.fitter()
    distinct = list(dict.fromkeys(map(fitter.looked_at, texts)))
    return {"windows": len(distinct), "tokens": round(float(np.mean([len(one) for one in fitter.fit(distinct)])))}


def _plain(tokens: int) -> Callable[[Sequence[Texts]], None]:
    tokenizer = AutoTokenizer.from_pretrained(MODEL)
    model = AutoModelForQuestionAnswering.from_config(AutoConfig.from_pretrained(MODEL)).eval().to(best_device())

    def run(texts: Sequence[Texts]) -> None:
        for first in range(0, len(texts), _BATCH):
            batch = tokenizer(
                [f"{text.before} [IMG] {text.after}" for text in texts[first : first + _BATCH]],
                padding="max_length",
                truncation=True,
                max_length=tokens,
                return_tensors="pt",
            ).to(best_device())
            with torch.inference_mode():
                found = model(**batch)
            found.start_logits.argmax(-1).tolist(), found.end_logits.argmax(-1).tolist()

    return run


if __name__ == "__main__":
    print(json.dumps(measure(int(sys.argv[1]), [Path(name) for name in sys.argv[2:]])))
