"""How well systems find the true description of an image: precision, recall and F1 against the truth.

The truth is the miniature web's, which has planted it, or that of the gold set (webpairs.evaluation.gold).

A system gives each image an answer, or none. With the words of answer and truth as bags (webpairs.evaluation.spans):

- precision is the mean share of right words over the images that the system *answers*. Where an image has no
  description at all, every answer is wrong, and costs precision.
- recall is the mean share of the true words that were found, over the images that *have* a description.
- F1 is the harmonic mean of the two.
- IoU is the mean intersection over union of answer and truth over the images that have a description, and exact match
  the share of those where it is 1.

Where several answers are right, the one counts that the answer is closest to. `text` is asked of the images whose
description stands in the page's text; `page` of all images, and where the page's text describes one not, even if its
alt attribute does, none is the right answer; `overall` too, but there the alt attribute's description is right. All
three are of content: icons, trackers and decorations, of which the miniature web's truth tells, have a place of their
own, so that no F1 rises by what is easily seen to be none.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from webpairs.evaluation.spans import f1, overlap, text_iou
from webpairs.span.paraphrases import sentences
from webpairs.span.words import words

Floats = NDArray[np.float64]

MODEL = "span_model"
SCOPES = ("text", "page", "overall")
DECORATION = "decoration"
NOT_IN_TEXT = ("alt_only", "nowhere", DECORATION)
MARKS = ("n", "precision", "recall", "f1", "exact_match", "iou")
PLACES = ("system", "place", *MARKS)
BASELINES = (
    "scope",
    "system",
    *MARKS,
    "f1_low",
    "f1_high",
    "difference",
    "difference_low",
    "difference_high",
)

_PARAGRAPH_WORDS = 4


@dataclass(frozen=True)
class Scores:
    """One system's marks, an entry an image: [images, 6] with precision, answered, recall, described, IoU and whether
    that is 1.
    """

    marks: Floats

    @staticmethod
    def of(answers: Sequence[str | None], truths: Sequence[Sequence[str]]) -> "Scores":
        """`truths` are the descriptions that are right, an entry an image; none where there is none."""
        rows = []
        for answer, accepted in zip(answers, truths, strict=True):
            found = [overlap(answer or "", truth) for truth in accepted]
            precision, recall = max(found, key=lambda pair: f1(*pair), default=(0.0, 0.0))
            iou = max((text_iou(answer or "", truth) for truth in accepted), default=0.0)
            rows.append((precision, bool((answer or "").strip()), recall, bool(accepted), iou, iou == 1))
        return Scores(np.array(rows, np.float64).reshape(-1, 6))

    def f1_of_sites(self, domains: Sequence[str]) -> float | None:
        """F1 where each domain counts the same, however many images it has; `domains` has an entry an image. None of no
        image.
        """
        if not domains:
            return None
        _, site, images = np.unique(np.array(domains), return_inverse=True, return_counts=True)
        share = 1 / images[site]
        return float(_rates(share @ self.marks)[2])


def join_truth(candidates: pl.DataFrame, truth: pl.DataFrame, domains: Sequence[str]) -> pl.DataFrame:
    """The candidates of these domains whose truth (records.TRUTH) is known, with that truth.

    `true` has the descriptions that are right, none where there is none; `place` says where the description stands, or
    DECORATION of what is no content.
    """
    is_content = pl.col("role") == "content"
    known = truth.with_columns(place=pl.when(is_content).then("place").otherwise(pl.lit(DECORATION))).explode("urls")
    known = known.select("page_url", "position", "place", image_url="urls", true="description")
    wanted = candidates.filter(pl.col("domain").is_in(list(domains)))
    keys = ["page_url", "image_url"]
    joined = wanted.join(known.unique(keys, keep="first", maintain_order=True), keys, maintain_order="left")
    # A page may show an image twice, and an archive may hold a page twice: each image counts once.
    joined = joined.unique(["page_url", "position"], keep="first", maintain_order=True)
    nothing = pl.col("place").is_in(["nowhere", DECORATION])
    return joined.with_columns(true=pl.when(nothing).then([]).otherwise(pl.concat_list("true")))


def baselines(joined: pl.DataFrame) -> dict[str, list[str | None]]:
    """The answers of what takes no model: alt text, nearest paragraph, figcaption, and longest sentence around it."""
    sides = [
        (before or "", after or "")
        for before, after in zip(joined["text_before"].to_list(), joined["text_after"].to_list(), strict=True)
    ]
    return {
        "alt_text": joined["alt"].to_list(),
        "nearest_paragraph": [nearest_paragraph(*side) for side in sides],
        "longest_sentence": [longest_sentence(*side) for side in sides],
        "figcaption": [_first(texts, "figcaption") for texts in joined["texts"].to_list()],
    }


def _first(texts: Sequence[Mapping[str, Any]] | None, source: str) -> str | None:
    return next((text["text"] for text in texts or () if text["source"] == source), None)


def nearest_paragraph(before: str, after: str) -> str | None:
    """The block of text nearest to the image that has at least four words; of two as near the one before the image."""
    found: list[tuple[int, str]] = []
    for blocks in (before.split("\n")[::-1], after.split("\n")):
        away = 0
        for block in blocks:
            if len(words(block)) >= _PARAGRAPH_WORDS:
                found.append((away, block.strip()))
                break
            away += len(block) + 1
    return min(found, key=lambda pair: pair[0])[1] if found else None


def longest_sentence(before: str, after: str) -> str | None:
    """The sentence of the window with the most words; of equals the first."""
    window = before + after
    found = [window[start:end] for start, end in sentences(before, after)]
    return max(found, key=lambda sentence: len(words(sentence)), default=None)


def evaluate_places(
    joined: pl.DataFrame, answers: Mapping[str, Sequence[str | None]], resamples: int, seed: int
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Rows by place (columns PLACES) and rows by scope with intervals (columns BASELINES), for each system.

    `joined` is what `join_truth` gives; the systems' answers stand in its order, MODEL's among them. Intervals are 95 %
    bootstrap intervals over pages, since the images of a page are not independent; `difference` is the F1 of MODEL less
    that of the system on the same resampled pages.
    """
    place = joined["place"].to_numpy()
    truths = joined["true"].to_list()
    in_page = [[] if name in NOT_IN_TEXT else accepted for name, accepted in zip(place, truths, strict=True)]
    scores = {system: Scores.of(given, truths) for system, given in answers.items()}
    scores_in_page = {system: Scores.of(given, in_page) for system, given in answers.items()}
    by_place = [
        {"system": system, "place": name, **_row(marks.marks[place == name])}
        for system, marks in scores.items()
        for name in sorted(set(place.tolist()))
    ]
    in_text = ~np.isin(place, NOT_IN_TEXT)
    everywhere = place != DECORATION
    pages = joined["page_url"].rank("dense").to_numpy().astype(np.intp) - 1
    by_scope: list[dict[str, Any]] = []
    scopes = zip(SCOPES, (in_text, everywhere, everywhere), (scores, scores_in_page, scores), strict=True)
    for scope, chosen, own in scopes:
        drawn = {name: _resampled(one.marks[chosen], pages[chosen], resamples, seed) for name, one in own.items()}
        for system, marks in own.items():
            by_scope.append(
                {"scope": scope, "system": system, **_row(marks.marks[chosen]), **_interval("f1", drawn[system])}
                | _difference(system, own, chosen, drawn)
            )
    return by_place, by_scope


def _row(marks: Floats) -> dict[str, Any]:
    precision, recall, f1 = (float(value) if len(marks) else None for value in _rates(marks.sum(0)))
    is_described = marks[:, 3] > 0
    iou, exact = (float(value) if is_described.any() else None for value in _of_described(marks.sum(0)))
    return {
        "n": len(marks),
        "precision": precision if marks[:, 1].any() else None,
        "recall": recall if is_described.any() else None,
        "f1": f1,
        "exact_match": exact,
        "iou": iou,
    }


def _difference(
    system: str, scores: Mapping[str, Scores], chosen: NDArray[np.bool_], drawn: Mapping[str, Floats]
) -> dict[str, Any]:
    if system == MODEL or not chosen.any():
        return {"difference": None, "difference_low": None, "difference_high": None}
    own, other = (_rates(scores[name].marks[chosen].sum(0))[2] for name in (MODEL, system))
    return {"difference": float(own - other), **_interval("difference", drawn[MODEL] - drawn[system])}


def _rates(sums: Floats) -> tuple[Floats, Floats, Floats]:
    """Precision, recall and F1 of summed marks, [..., 6]."""
    precision = sums[..., 0] / _or_one(sums[..., 1])
    recall = sums[..., 2] / _or_one(sums[..., 3])
    return precision, recall, 2 * precision * recall / _or_one(precision + recall)


def _or_one(of: Floats) -> Floats:
    return np.where(of == 0, 1, of)


def _of_described(sums: Floats) -> tuple[Floats, Floats]:
    """IoU and exact match of summed marks, [..., 6]."""
    described = _or_one(sums[..., 3])
    return sums[..., 4] / described, sums[..., 5] / described


def _resampled(marks: Floats, pages: NDArray[np.intp], resamples: int, seed: int) -> Floats:
    """F1 on each of the resamples of pages; the same seed and pages draw the same resamples for every system."""
    _, numbers = np.unique(pages, return_inverse=True)
    count = int(numbers.max(initial=-1)) + 1
    if not count:
        return np.full(resamples, np.nan)
    sums = np.zeros((count, marks.shape[1]))
    np.add.at(sums, numbers, marks)
    weights = np.random.default_rng(seed).multinomial(count, np.full(count, 1 / count), size=resamples)
    return _rates(weights @ sums)[2]


def _interval(name: str, values: Floats) -> dict[str, float]:
    low, high = np.quantile(values, [0.025, 0.975])
    return {f"{name}_low": float(low), f"{name}_high": float(high)}


def truth_metrics(by_scope: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """The rows by scope as nested metrics: text_f1 and overall_f1 of each system with intervals and differences."""
    metrics: dict[str, Any] = {}
    for row in by_scope:
        marks = {name: row[name] for name in BASELINES if name not in ("scope", "system")}
        metrics.setdefault(row["scope"], {})[row["system"]] = marks
    return metrics
