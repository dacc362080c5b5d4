"""Predictions: the best valid span of every window, and how sure the model is of it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor

from webpairs.evaluation.spans import RIGHT_IOU
from webpairs.progress import bar
from webpairs.span.batches import NONE, Batch, by_length, collate
from webpairs.span.calibration import Calibration
from webpairs.span.losses import log_probabilities
from webpairs.span.model import Settings, SpanModel
from webpairs.span.windows import Texts, Window

_LIKELY = 60  # spans, that the best one is compared with


@dataclass(frozen=True)
class Predictions:
    """One entry an image, in the order given: span [start, end) in characters of before + after, and confidences.

    `start_confidence` and `end_confidence` are the probabilities of the span's start and end among all positions where
    a span may start or end, and none; `average_confidence` is their mean and `span_confidence` their product, as the
    thesis's medians (0.2512, 0.2482, 0.2938, 0.0695) suggest. `none_confidence` is the same product for none, 0 for a
    model that can't say it. `support_confidence` is the summed product of all valid spans that the best one is right by
    (IoU of tokens from RIGHT_IOU on): it doesn't matter to them which word it ends with. `confidence` is the
    probability that the best span is right, `nothing` that there is none to be found, as validation showed them. Where
    a window holds no text, start and end are -1 and all of these NaN.
    """

    start: NDArray[np.int32]
    end: NDArray[np.int32]
    start_confidence: NDArray[np.float32]
    end_confidence: NDArray[np.float32]
    none_confidence: NDArray[np.float32]
    support_confidence: NDArray[np.float32]
    calibration: Calibration | None = None

    def __len__(self) -> int:
        return len(self.start)

    @property
    def average_confidence(self) -> NDArray[np.float32]:
        return (self.start_confidence + self.end_confidence) / np.float32(2)

    @property
    def span_confidence(self) -> NDArray[np.float32]:
        return self.start_confidence * self.end_confidence

    @property
    def confidence(self) -> NDArray[np.float32]:
        if self.calibration is None:
            return self.span_confidence
        return self.calibration.right(self.support_confidence)

    @property
    def nothing(self) -> NDArray[np.float32]:
        if self.calibration is None:
            return self.none_confidence
        if self.calibration.nothing is None:
            return np.zeros_like(self.none_confidence)
        return self.calibration.nothing(self.support_confidence, self.none_confidence)

    def take(self, indices: Sequence[int]) -> "Predictions":
        """The entries at these indices, in their order."""
        rows = np.asarray(indices, np.intp)
        return Predictions(
            self.start[rows],
            self.end[rows],
            self.start_confidence[rows],
            self.end_confidence[rows],
            self.none_confidence[rows],
            self.support_confidence[rows],
            self.calibration,
        )

    def believe(self, rows: Sequence[int], sure: NDArray[np.float32]) -> None:
        """Writes confidences, [rows, 4] as `best_spans` has them."""
        columns = self.start_confidence, self.end_confidence, self.none_confidence, self.support_confidence
        for column, values in zip(columns, sure.T, strict=True):
            column[rows] = values


@dataclass(frozen=True)
class Logits:
    """What the model said of one batch: start and end logits, [batch, tokens], of the windows at `rows`."""

    rows: list[int]
    batch: Batch
    start: Tensor
    end: Tensor


def predict_texts(model: SpanModel, texts: Sequence[Texts], batch_size: int, what: str = "predict") -> Predictions:
    """The best span of each; images with the same texts around them are looked at once."""
    fitter = model.fitter()
    seen: dict[Texts, int] = {}
    indices = [seen.setdefault(fitter.looked_at(text), len(seen)) for text in texts]
    return predict(model, list(fitter.fit(list(seen))), batch_size, what).take(indices)


def predict(model: SpanModel, windows: Sequence[Window], batch_size: int, what: str = "predict") -> Predictions:
    """The best span of each window, in order."""
    found = empty(len(windows), model.settings.calibration)
    for logits in look(model, windows, batch_size, what):
        fill(found, logits, windows, model.settings)
    return found


def k_best(model: SpanModel, text: Texts, k: int) -> Predictions:
    """The k best spans around one image that don't overlap, the best first; fewer where there are no more."""
    windows = list(model.fitter().fit([text]))
    settings = model.settings
    for logits in look(model, windows, 1, ""):
        first, last, sure = k_best_spans(logits.start, logits.end, logits.batch, Decoding.of(settings), k)
        count = int((first[0] >= 0).sum())
        found = empty(count, settings.calibration)
        for row in range(count):
            found.start[row], found.end[row] = windows[0].characters(int(first[0, row]), int(last[0, row]))
        found.believe(range(count), sure[0, :count].cpu().numpy())
        return found
    return empty(0, settings.calibration)


def empty(count: int, calibration: Calibration | None) -> Predictions:
    """Predictions of nothing, to be filled."""
    spans, sure = np.full((2, count), -1, np.int32), np.full((4, count), np.nan, np.float32)
    return Predictions(spans[0], spans[1], sure[0], sure[1], sure[2], sure[3], calibration)


def fill(found: Predictions, logits: Logits, windows: Sequence[Window], settings: Settings) -> None:
    """Writes the best spans of a batch into the predictions of all windows."""
    first, last, sure = best_spans(logits.start, logits.end, logits.batch, Decoding.of(settings))
    for row, i, j in zip(logits.rows, first.tolist(), last.tolist(), strict=True):
        found.start[row], found.end[row] = windows[row].characters(i, j)
    found.believe(logits.rows, sure.cpu().numpy())


def look(model: SpanModel, windows: Sequence[Window], batch_size: int, what: str) -> Iterator[Logits]:
    """Yields the logits of all windows that hold text, in batches of similar length; sets the model to evaluation."""
    model.eval()
    device = next(model.parameters()).device
    rows = [row for row, window in enumerate(windows) if window.has_text()]
    with torch.inference_mode(), bar(what, "windows", len(rows)) as progress:
        for positions in by_length([windows[row] for row in rows], batch_size):
            chosen = [rows[position] for position in positions]
            batch = collate(
                [windows[row] for row in chosen], model.tokenizer.pad_token_id, device, model.settings.answers_none
            )
            yield Logits(chosen, batch, *model(batch.ids, batch.mask, batch.matched, batch.edges))
            progress.update(len(chosen))


class Decoding(NamedTuple):
    """Which spans are valid, and which of them is the best.

    A span is at most `max_span_tokens` long, and, where wanted, whole in one block of text. The best is the likeliest,
    or, with `expected_f1`, the one that has most in common with all likely ones. `nearness` is by how much the logit of
    a start that isn't in a block right beside the image is lowered.
    """

    max_span_tokens: int
    within_block: bool = False
    expected_f1: bool = False
    nearness: float = 0.0

    @classmethod
    def of(cls, settings: Settings) -> "Decoding":
        expected_f1 = settings.decoding == "expected_f1"
        return cls(settings.max_span_tokens, settings.within_block, expected_f1, settings.nearness)

    def near(self, start: Tensor, batch: Batch) -> Tensor:
        """The start logits, [batch, tokens], lowered where they are far from the image."""
        return start - self.nearness * ((batch.side != 0) & ~batch.beside)


def best_spans(start: Tensor, end: Tensor, batch: Batch, decoding: Decoding) -> tuple[Tensor, Tensor, Tensor]:
    """First and last token of each window's best span, [batch] each, and four confidences, [batch, 4]: start, end, none
    and support.

    Valid spans start not after their end, and stand whole on one side of the image. The likeliest has the highest sum
    of start and end logit; of equals the earliest is taken.
    """
    start = decoding.near(start, batch)
    scores = _scores(start, end, batch, decoding)
    first, last, _ = _best(scores, decoding)
    return first, last, _confidences(start, end, batch, first, last, scores > -torch.inf)


def k_best_spans(start: Tensor, end: Tensor, batch: Batch, decoding: Decoding, k: int) -> tuple[Tensor, Tensor, Tensor]:
    """The k best valid spans of each window that don't overlap, the best first: first and last tokens, [batch, k], and
    confidences, [batch, k, 4], all as of `best_spans`. Where a window has fewer, tokens are -1 and confidences 0.

    Overlapping ones would be the best span again, give or take a word.
    """
    start = decoding.near(start, batch)
    scores = _scores(start, end, batch, decoding)
    starts = torch.arange(scores.shape[1], device=start.device)[:, None]
    ends = starts + torch.arange(scores.shape[2], device=start.device)
    valid = scores > -torch.inf
    found = []
    for _ in range(k):
        first, last, score = _best(scores, decoding)
        is_valid = score > -torch.inf
        sure = _confidences(start, end, batch, first, last, valid) * is_valid[:, None]
        found.append((first.where(is_valid, -1), last.where(is_valid, -1), sure))
        overlap = (starts <= last[:, None, None]) & (ends >= first[:, None, None])
        scores = scores.masked_fill(overlap, -torch.inf)
    first, last, sure = (torch.stack(part, 1) for part in zip(*found, strict=True))
    return first, last, sure


def _scores(start: Tensor, end: Tensor, batch: Batch, decoding: Decoding) -> Tensor:
    """Of the spans from each token on, by length, the sum of start and end logit, [batch, tokens, length]; -inf for
    those that aren't valid.
    """
    length = min(decoding.max_span_tokens, start.shape[-1])
    is_text = batch.side != 0
    valid = is_text[:, :, None] & (_ahead(batch.side, length, 0) == batch.side[:, :, None])
    if decoding.within_block:
        valid &= _ahead(batch.block, length, -1) == batch.block[:, :, None]
    return (start[:, :, None] + _ahead(end, length, 0)).masked_fill(~valid, -torch.inf)


def _best(scores: Tensor, decoding: Decoding) -> tuple[Tensor, Tensor, Tensor]:
    """First token, last token and score of each window's best span, [batch] each."""
    if decoding.expected_f1:
        score, best = _most_in_common(scores)
    else:
        score, best = scores.flatten(1).max(-1)
    first = best // scores.shape[2]
    return first, first + best % scores.shape[2], score


def _most_in_common(scores: Tensor) -> tuple[Tensor, Tensor]:
    """Score and index of the span of each window with the highest expected F1, in tokens, if one of the likeliest spans
    is true; of equals the likeliest.
    """
    score, index = scores.flatten(1).topk(min(_LIKELY, scores[0].numel()))
    first = index // scores.shape[2]
    last = first + index % scores.shape[2]
    tokens = last - first + 1
    common = torch.minimum(last[:, :, None], last[:, None]) - torch.maximum(first[:, :, None], first[:, None]) + 1
    f1 = 2 * common.clamp(min=0) / (tokens[:, :, None] + tokens[:, None])
    is_valid = score > -torch.inf
    likely = (score - score[:, :1]).exp().where(is_valid, 0)
    chosen = (f1 * likely[:, None]).sum(-1).where(is_valid, -1).argmax(-1, keepdim=True)
    return score.gather(1, chosen)[:, 0], index.gather(1, chosen)[:, 0]


def _confidences(start: Tensor, end: Tensor, batch: Batch, first: Tensor, last: Tensor, valid: Tensor) -> Tensor:
    """Start, end, none and support of a span of each window, [batch, 4]; `valid` as `_scores` has spans."""
    row = torch.arange(len(first), device=start.device)
    starts, ends = log_probabilities(start, batch.allowed), log_probabilities(end, batch.allowed)
    none = (starts[:, NONE] + ends[:, NONE]) if batch.answers_none else torch.full_like(starts[:, NONE], -torch.inf)
    last = last.clamp(max=start.shape[-1] - 1)
    support = _support(starts.exp(), ends.exp(), first, last, valid)
    return torch.stack([starts[row, first].exp(), ends[row, last].exp(), none.exp(), support], dim=-1)


def _support(starts: Tensor, ends: Tensor, first: Tensor, last: Tensor, valid: Tensor) -> Tensor:
    """The summed probability of the valid spans whose IoU with a span, in tokens, is at least RIGHT_IOU, [batch]."""
    length = valid.shape[2]
    i = torch.arange(valid.shape[1], device=starts.device)[:, None]
    j = i + torch.arange(length, device=starts.device)
    first, last = first[:, None, None], last[:, None, None]
    common = (torch.minimum(j, last) - torch.maximum(i, first) + 1).clamp(min=0)
    either = (j - i + 1) + (last - first + 1) - common
    near = valid & (common >= RIGHT_IOU * either)
    return (starts[:, :, None] * _ahead(ends, length, 0) * near).sum((1, 2))


def _ahead(values: Tensor, length: int, beyond: float) -> Tensor:
    """Of each token the values from it on, [batch, tokens, length]; `beyond` stands for tokens beyond the last."""
    return F.pad(values, (0, length - 1), value=beyond).unfold(1, length, 1)
