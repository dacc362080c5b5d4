"""Silver labels: images whose alt text is also found in the text around them."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl

from webpairs.errors import WebpairsError, listing
from webpairs.page.normalise import find, normalise
from webpairs.params import Label
from webpairs.records import EXAMPLES
from webpairs.span.splits import SPLITS, assign_domains
from webpairs.span.words import is_file_name, is_nsfw, words

REASONS = (
    "no_alt",
    "other_language",
    "file_name",
    "too_short",
    "too_long",
    "nsfw",
    "not_in_text",
    "duplicate",
    "in_two_splits",
)
CATEGORIES = ("name", "just_before", "just_after", "near_before", "near_after", "deep")

_JUST = 150  # characters between span and image up to which the span stands just before or just after it
_NEAR = 400  # beyond these it stands deep in the text
_NAME_WORDS = 4
# Small words inside names: Vincent van Gogh, Statue of Liberty.
_PARTICLES = frozenset(
    {"of", "the", "and", "de", "la", "le", "du", "da", "di", "del", "van", "von", "der", "den", "bin", "al"}
)

_ARTICLE = re.compile(r"\W*(an?|the)\s", re.IGNORECASE)
_ARTICLE_AT_MOST = 8  # characters, with the white space after it

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Labels:
    """The examples of each split, and what was counted on the way."""

    splits: dict[str, pl.DataFrame]
    metrics: dict[str, Any]


def label(candidates: Iterable[pl.DataFrame], params: Label) -> Labels:
    """Examples from candidates, as records.EXAMPLES, in splits that share no domain, no alt text and no window.

    A text that would stand in two splits stays in test, else in validation: the training set is the largest, and loses
    the least. Raises WebpairsError, with the counts by reason, where no example is left or a split is empty.
    """
    dropped: Counter[str] = Counter()
    total = 0
    found: list[dict[str, Any]] = []
    keys: set[tuple[str, str, str]] = set()
    for frame in candidates:
        for row in frame.iter_rows(named=True):
            total += 1
            example = example_of(row, params)
            if isinstance(example, str):
                dropped[example] += 1
            elif _is_new(example, keys):
                found.append(example)
            else:
                dropped["duplicate"] += 1
    if not found:
        raise _nothing_left("No example is left to train on", total, dropped, params)
    domains = Counter(example["domain"] for example in found)
    split_of = assign_domains(domains, params.validation_share, params.test_share, params.seed)
    splits = _without_leaks(found, split_of)
    dropped["in_two_splits"] = len(found) - sum(map(len, splits.values()))
    for name, examples in splits.items():
        if not examples:
            raise _nothing_left(f"No example is left for {name}", total, dropped, params)
    frames = {name: pl.DataFrame(examples, schema=EXAMPLES) for name, examples in splits.items()}
    return Labels(frames, _metrics(frames, total, dropped))


def example_of(row: Row, params: Label) -> dict[str, Any] | str:
    """The example that a candidate gives, or the reason why it gives none.

    Where the alt text stands in the window several times, the place nearest to the image is taken, and of two as near
    the one before it.
    """
    alt = (row["alt"] or "").strip()
    comparable = normalise(alt)[0]
    length = len(words(comparable))
    if not alt:
        return "no_alt"
    if row["language"] != params.language:
        return "other_language"
    if is_file_name(alt):
        return "file_name"
    if length < params.min_words:
        return "too_short"
    if length > params.max_words:
        return "too_long"
    if is_nsfw(alt):
        return "nsfw"
    before, after = row["text_before"] or "", row["text_after"] or ""
    image = len(before)
    spans = [*reversed(_find(alt, before)), *((image + start, image + end) for start, end in _find(alt, after))]
    if not spans:
        return "not_in_text"
    start, end = min(spans, key=lambda span: distance(span, image))
    return {
        "candidate_id": row["candidate_id"],
        "page_url": row["page_url"],
        "domain": row["domain"],
        "image_url": row["image_url"],
        "alt": alt,
        "text_before": before,
        "text_after": after,
        "start": start,
        "end": end,
        "category": category((before + after)[start:end], (start, end), image),
    }


def distance(span: tuple[int, int], image: int) -> int:
    """Characters between a span of the window and the image."""
    start, end = span
    return image - end if end <= image else start - image


def category(text: str, span: tuple[int, int], image: int) -> str:
    """What the span is and where it stands, one of CATEGORIES.

    A name is up to four words that begin with capitals, but for particles. Other spans are just before or after the
    image (up to 150 characters from it), near (up to 400), or deep in the text.
    """
    parts = text.split()
    capital = [bool(re.match(r"\W*[^\W\d_]", part)) and part.lstrip("\"'“‘(")[:1].isupper() for part in parts]
    is_name = all(good or part in _PARTICLES for good, part in zip(capital, parts, strict=True))
    if len(parts) <= _NAME_WORDS and is_name and capital[0] and capital[-1]:
        return "name"
    away = distance(span, image)
    if away > _NEAR:
        return "deep"
    return f"{'just' if away <= _JUST else 'near'}_{'before' if span[1] <= image else 'after'}"


def _find(alt: str, text: str) -> list[tuple[int, int]]:
    """Where the alt text occurs, with the article that both begin with: comparing drops it, a description wants it."""
    own = _ARTICLE.match(alt)
    found = find(alt, text)
    if own is None:
        return found
    article = re.compile(rf"\b{own[1]}\s+$", re.IGNORECASE)
    leading = (article.search(text, max(0, start - _ARTICLE_AT_MOST), start) for start, _ in found)
    return [(match.start() if match else start, end) for match, (start, end) in zip(leading, found, strict=True)]


def _is_new(example: Row, keys: set[tuple[str, str, str]]) -> bool:
    """Whether neither its domain nor its image has had this alt text yet; remembers both."""
    text = normalise(example["alt"])[0]
    own = {("domain", example["domain"], text), ("image", example["image_url"], text)}
    new = own.isdisjoint(keys)
    keys |= own
    return new


def _without_leaks(found: list[dict[str, Any]], split_of: Mapping[str, str]) -> dict[str, list[dict[str, Any]]]:
    """The examples by split, each alt text (normalised) and each window in one split only: test, validation, train."""
    kept: dict[str, list[dict[str, Any]]] = {name: [] for name in SPLITS}
    owner: dict[str, str] = {}
    for name in reversed(SPLITS):
        for example in found:
            if split_of[example["domain"]] != name:
                continue
            texts = (f"alt {normalise(example['alt'])[0]}", f"window {example['text_before']}{example['text_after']}")
            if all(owner.setdefault(text, name) == name for text in texts):
                kept[name].append(example)
    return kept


def _metrics(frames: Mapping[str, pl.DataFrame], total: int, dropped: Mapping[str, int]) -> dict[str, Any]:
    every = pl.concat(frames.values())
    categories = Counter(every["category"].to_list())
    return {
        "candidates": total,
        "examples": {"all": every.height, **{name: frame.height for name, frame in frames.items()}},
        "share_of_candidates": every.height / total,
        "domains": {name: frame["domain"].n_unique() for name, frame in frames.items()},
        "drops": {reason: dropped.get(reason, 0) for reason in REASONS},
        "categories": {name: categories[name] for name in CATEGORIES},
    }


def _nothing_left(what: str, total: int, dropped: Mapping[str, int], params: Label) -> WebpairsError:
    counts = [f"{reason}: {dropped[reason]}" for reason in REASONS if dropped.get(reason)]
    return listing(
        f"{what}. Add archives with pages in {params.language!r} to archive.inputs, or widen label.min_words and "
        f"label.max_words. Of {total} candidates were dropped:",
        counts or ["none: there were no candidates"],
    )
