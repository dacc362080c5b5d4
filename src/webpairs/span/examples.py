"""Examples as the model sees them: windows, with the true spans in characters and in tokens."""

from dataclasses import dataclass

import numpy as np
import polars as pl

from webpairs.span.model import SpanModel
from webpairs.span.windows import Texts, Window


@dataclass(frozen=True)
class Data:
    """Windows with the texts they were made of and the true spans, in characters and (None: outside) in tokens."""

    windows: list[Window]
    texts: list[str]
    spans: list[tuple[int, int]]
    tokens: list[tuple[int, int] | None]

    def inside(self) -> "Data":
        """Only those whose true span is in the window."""
        rows = [row for row, tokens in enumerate(self.tokens) if tokens is not None]
        windows, texts = [self.windows[row] for row in rows], [self.texts[row] for row in rows]
        return Data(windows, texts, [self.spans[row] for row in rows], [self.tokens[row] for row in rows])


def data_of(model: SpanModel, examples: pl.DataFrame) -> Data:
    """The windows of some examples (records.EXAMPLES) for this model."""
    columns = (examples[name].to_list() for name in ("text_before", "text_after", "alt"))
    texts = [Texts(before, after, alt or "") for before, after, alt in zip(*columns, strict=True)]
    windows = list(model.fitter().fit(texts))
    spans = list(zip(examples["start"].to_list(), examples["end"].to_list(), strict=True))
    tokens = [window.locate(*span) for window, span in zip(windows, spans, strict=True)]
    return Data(windows, [text.before + text.after for text in texts], spans, tokens)


def sample(examples: pl.DataFrame, at_most: int, seed: int) -> pl.DataFrame:
    """At most so many examples, drawn by seed, in their order."""
    if examples.height <= at_most:
        return examples
    chosen = np.random.default_rng(seed).permutation(examples.height)[:at_most]
    return examples[np.sort(chosen)]
