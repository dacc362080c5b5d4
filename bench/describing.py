"""describe: webpairs' way with the span model beside the plain way with the same encoder, on the same images.

The plain way is what transformers' question answering was before its pipeline went: one window an image, in page order,
batches of eight padded to the model's length, float32. Its weights are drawn at random, which costs the same as trained
ones.
"""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from transformers import AutoConfig, AutoModelForQuestionAnswering, AutoTokenizer

from webpairs.page.around import read_windowed
from webpairs.span.describe import describe
from webpairs.span.model import best_device, load_model
from webpairs.span.windows import texts_of

MODEL = Path("data/models/span")
IMAGES = 400
GOAL = 3
_BATCH = 8


def measure(rounds: int) -> dict[str, Any]:
    """Images a second of both ways, alternating; the best of the rounds. Needs data/ as `make all` leaves it."""
    file = next(iter(sorted(Path("data/candidates").glob("*.parquet"))))
    images = read_windowed(file, Path("data/pages")).head(IMAGES)
    model = load_model(MODEL).to(best_device())
    plain = _plain(model.settings.max_tokens)
    texts = [" [IMG] ".join(text[:2]) for text in texts_of(images)]
    best = {"plain": float("inf"), "webpairs": float("inf")}
    ways: dict[str, Callable[[], object]] = {
        "plain": lambda: plain(texts),
        "webpairs": lambda: describe(model, images, 16),
    }
    for _ in range(rounds):
        for name, way in ways.items():
            begun = time.perf_counter()
            way()
            best[name] = min(best[name], time.perf_counter() - begun)
    rates = {name: images.height / seconds for name, seconds in best.items()}
    ratio = rates["webpairs"] / rates["plain"]
    return {"images": images.height, "precision": model.settings.precision, "per_second": rates, "ratio": ratio}


def _plain(tokens: int) -> Callable[[list[str]], None]:
    tokenizer = AutoTokenizer.from_pretrained(MODEL)
    model = AutoModelForQuestionAnswering.from_config(AutoConfig.from_pretrained(MODEL)).eval().to(best_device())

    def run(texts: list[str]) -> None:
        for first in range(0, len(texts), _BATCH):
            batch = tokenizer(
                texts[first : first + _BATCH],
                padding="max_length",
                truncation=True,
                max_length=tokens,
                return_tensors="pt",
            ).to(best_device())
            with torch.no_grad():
                found = model(**batch)
            found.start_logits.argmax(-1), found.end_logits.argmax(-1)

    return run


if __name__ == "__main__":
    found = measure(3)
    print(found, f"goal: {GOAL}")
