"""Examples as the model sees them: windows, with the true spans in characters and in tokens."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from webpairs.span.batches import NONE
from webpairs.span.model import SpanModel
from webpairs.span.windows import Window, texts_of

Span = tuple[int, int]


@dataclass(frozen=True)
class Data:
    """Windows with the texts they were made of and the true spans, in characters and in tokens.

    `spans` has None where there is no description; that is the span of the token NONE in `tokens`, which has None where
    the window doesn't hold the description. `without_hints` are the same windows without alt text and matches,
    where these are wanted.
    """

    windows: list[Window]
    texts: list[str]
    spans: list[Span | None]
    tokens: list[Span | None]
    without_hints: list[Window] | None = None

    def inside(self) -> "Data":
        """Only those whose true span is in the window, or that have no description."""
        return self.take([row for row, tokens in enumerate(self.tokens) if tokens is not None])

    def described(self) -> "Data":
        """Only those that have a description."""
        return self.take([row for row, span in enumerate(self.spans) if span is not None])

    def take(self, rows: Sequence[int]) -> "Data":
        """The examples at these indices, in their order."""
        windows, texts = [self.windows[row] for row in rows], [self.texts[row] for row in rows]
        without = None if self.without_hints is None else [self.without_hints[row] for row in rows]
        return Data(windows, texts, [self.spans[row] for row in rows], [self.tokens[row] for row in rows], without)


def data_of(model: SpanModel, examples: pl.DataFrame) -> Data:
    """The windows of some examples (records.EXAMPLES) for this model; without hints, too, where the alt is dropped."""
    texts = texts_of(examples)
    windows = list(model.fitter().fit(texts))
    is_dropped = model.settings.alt_in_input == "dropped"
    without = list(model.fitter().fit([text.without_hints() for text in texts])) if is_dropped else None
    spans = spans_of(examples)
    tokens = [
        (NONE, NONE) if span is None else _in_all(span, window, None if without is None else without[row])
        for row, (window, span) in enumerate(zip(windows, spans, strict=True))
    ]
    return Data(windows, [text.before + text.after for text in texts], spans, tokens, without)


def spans_of(examples: pl.DataFrame) -> list[Span | None]:
    """The true spans in characters; None where there is no description."""
    starts, ends = examples["start"].to_list(), examples["end"].to_list()
    return [None if start is None else (start, end) for start, end in zip(starts, ends, strict=True)]


def sample(examples: pl.DataFrame, at_most: int, seed: int) -> pl.DataFrame:
    """At most so many examples, drawn by seed, in their order."""
    if examples.height <= at_most:
        return examples
    chosen = np.random.default_rng(seed).permutation(examples.height)[:at_most]
    return examples[np.sort(chosen)]


def _in_all(span: Span, window: Window, without: Window | None) -> Span | None:
    """The span in the window's tokens; None where it isn't in all of the example's windows."""
    return None if without is not None and without.locate(*span) is None else window.locate(*span)
