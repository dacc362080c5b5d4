"""Examples as the model sees them: windows, with the true spans in characters and in tokens."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import polars as pl

from webpairs.span.batches import NONE
from webpairs.span.model import SpanModel
from webpairs.span.windows import BLOCK_END, Texts, Window, texts_of

Span = tuple[int, int]


@dataclass(frozen=True)
class Data:
    """Windows with the texts they were made of and the true spans, in characters and in tokens.

    `spans` has None where there is no description; that is the span of the token NONE in `tokens`, which has None where
    the window doesn't hold the description. `without_hints` are the same windows without alt text and matches,
    where these are wanted, and `mirrored` the same examples with the text before and the text after the image swapped.
    """

    windows: list[Window]
    texts: list[str]
    spans: list[Span | None]
    tokens: list[Span | None]
    without_hints: list[Window] | None = None
    mirrored: "Data | None" = None

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
        mirrored = None if self.mirrored is None else self.mirrored.take(rows)
        spans, tokens = [self.spans[row] for row in rows], [self.tokens[row] for row in rows]
        return Data(windows, texts, spans, tokens, without, mirrored)

    def view(self, row: int, without_hints: bool, is_mirrored: bool) -> tuple[Window, Span | None]:
        """The window of an example with its true span in tokens; mirrored only where that window holds the span."""
        if is_mirrored and self.mirrored is not None and self.mirrored.tokens[row] is not None:
            return self.mirrored.view(row, without_hints, False)
        if not without_hints or self.without_hints is None:
            return self.windows[row], self.tokens[row]
        window, span = self.without_hints[row], self.spans[row]
        return window, (NONE, NONE) if span is None else window.locate(*span)


def data_of(model: SpanModel, examples: pl.DataFrame, with_mirrored: bool = False) -> Data:
    """The windows of some examples (records.EXAMPLES) for this model; without hints, too, where the alt is dropped."""
    texts, spans = texts_of(examples), spans_of(examples)
    data = _data(model, texts, spans)
    if not with_mirrored:
        return data
    swapped = [mirror(text, span) for text, span in zip(texts, spans, strict=True)]
    return replace(data, mirrored=_data(model, [text for text, _ in swapped], [span for _, span in swapped]))


def _data(model: SpanModel, texts: Sequence[Texts], spans: Sequence[Span | None]) -> Data:
    windows = list(model.fitter().fit(texts))
    is_dropped = model.settings.alt_in_input == "dropped"
    without = list(model.fitter().fit([text.without_hints() for text in texts])) if is_dropped else None
    tokens = [
        (NONE, NONE) if span is None else _in_all(span, window, None if without is None else without[row])
        for row, (window, span) in enumerate(zip(windows, spans, strict=True))
    ]
    return Data(windows, [text.before + text.after for text in texts], list(spans), tokens, without)


def mirror(text: Texts, span: Span | None) -> tuple[Texts, Span | None]:
    """The text before the image after it, and the text after it before, a block at a time, so that what is near stays
    near; and the span there. What a span over the end of a block describes stays as it is.
    """
    before, after = (BLOCK_END.join(side.split(BLOCK_END)[::-1]) for side in (text.after, text.before))
    swapped = text._replace(before=before, after=after)
    if span is None:
        return swapped, None
    was_before = span[0] < len(text.before)
    side, offset = (text.before, 0) if was_before else (text.after, len(text.before))
    start, end = span[0] - offset, span[1] - offset
    block_start, block_end = side.rfind(BLOCK_END, 0, start) + 1, side.find(BLOCK_END, start)
    block_end = len(side) if block_end < 0 else block_end
    if end > block_end:
        return text, span
    moved = (len(before) if was_before else 0) + len(side) - block_end + start - block_start
    return swapped, (moved, moved + end - start)


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
