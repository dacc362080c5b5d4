"""Silver labels: images described by a text in the text around them, and images that nothing there describes."""

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from webpairs.errors import WebpairsError, listing
from webpairs.page.normalise import normalise
from webpairs.params import Label
from webpairs.records import EXAMPLES
from webpairs.span import duplicates
from webpairs.span.kinds import ALT, Row, Span, described, distance, undescribed
from webpairs.span.splits import SPLITS, assign_domains, span_text, without_leaks
from webpairs.span.words import is_file_name, is_keywords, is_nsfw, words

REASONS = (
    "no_text",
    "other_language",
    "only_credits",
    "file_name",
    "keywords",
    "too_short",
    "too_long",
    "nsfw",
    "not_in_text",
    "on_many_pages",
    "duplicate",
    "in_two_splits",
    "beyond_max_per_domain",
    "negatives_beyond_share",
)
NONE = "none"
CATEGORIES = ("name", "just_before", "just_after", "near_before", "near_after", "deep", NONE)
KINDS = ("kind", "candidates_with_text", "examples", *REASONS[1:10])

_JUST = 150  # characters between span and image up to which the span stands just before or just after it
_NEAR = 400  # beyond these it stands deep in the text
_NAME_WORDS = 4
_NEGATIVES_OF_IMAGE = 5  # on a domain
_PAGES_BOILERPLATE = 4  # of a domain on which a text describes images that differ
# Small words inside names: Vincent van Gogh, Statue of Liberty.
_PARTICLES = frozenset(
    {"of", "the", "and", "de", "la", "le", "du", "da", "di", "del", "van", "von", "der", "den", "bin", "al"}
)

Example = dict[str, Any]


@dataclass(frozen=True)
class Labels:
    """The examples of each split, what was counted on the way, and the rows of a table of KINDS."""

    splits: dict[str, pl.DataFrame]
    metrics: dict[str, Any]
    kinds: list[dict[str, Any]]


def label(
    candidates: Iterable[pl.DataFrame],
    params: Label,
    pages: Mapping[tuple[str, str], int] | None = None,
    gold: Collection[str] = (),
    decided: Mapping[str, str] | None = None,
) -> Labels:
    """Examples from candidates (records.WINDOWED), as records.EXAMPLES, in splits that share no domain and no text.

    `pages` has on how many pages of a domain an image stands, for (domain, image URL); where it has none it's one. The
    domains of `gold` go to test. `decided` tells the split of each domain where that isn't to be drawn. No description
    and no window has a near-duplicate in another split: a text that would stand in two stays in test, else in
    validation, as the training set is the largest, and loses the least. Raises WebpairsError, with the counts by
    reason, where no example is left or a split is empty.
    """
    collected = _Collected(params, pages or {})
    for frame in candidates:
        for row in frame.iter_rows(named=True):
            collected.add(row)
    found, dropped = collected.distinct()
    if not any(example["start"] is not None for example in found):
        raise _nothing_left("No example is left to train on", collected.total, dropped, params)
    domains = Counter(example["domain"] for example in found if example["start"] is not None)
    to_draw = {domain: count for domain, count in domains.items() if domain not in gold}
    if decided is None:
        decided = assign_domains(to_draw, params.validation_share, params.test_share, params.seed)
    # All of them: of a domain without descriptions, nothing but negatives would go to training.
    split_of = {**decided, **dict.fromkeys(gold, "test")}
    splits = without_leaks(found, split_of, params.near_duplicate)
    dropped["in_two_splits"] = len(found) - sum(map(len, splits.values()))
    for name in SPLITS:
        if not any(example["start"] is not None for example in splits[name]):
            raise _nothing_left(f"No example is left for {name}", collected.total, dropped, params)
    # What is judged at the end stays as it is.
    capped = {name: own if name == "test" else _capped(own, params) for name, own in splits.items()}
    dropped["beyond_max_per_domain"] = _count(splits) - _count(capped)
    drawn = {name: _with_share_of_negatives(examples, params) for name, examples in capped.items()}
    dropped["negatives_beyond_share"] = _count(capped) - _count(drawn)
    frames = {name: pl.DataFrame(examples, schema=EXAMPLES) for name, examples in drawn.items()}
    return Labels(frames, _metrics(frames, collected, dropped, params), collected.rows())


class _Collected:
    """The examples and negatives of all candidates, before any are compared with each other."""

    def __init__(self, params: Label, pages: Mapping[tuple[str, str], int]) -> None:
        self.total = 0
        self._params = params
        self._pages = pages
        self._found: list[Example] = []
        self._dropped: Counter[str] = Counter()
        self._by_kind: dict[str, Counter[str]] = defaultdict(Counter)

    def add(self, row: Row) -> None:
        """Makes the candidate an example, or counts why it is none."""
        self.total += 1
        example, reasons = example_of(row, self._params, self._pages.get((row["domain"], row["image_url"]), 1))
        for kind, reason in reasons.items():
            self._by_kind[kind][reason] += 1
        if example is None:
            # The alt text's reason is the one that the thesis counts.
            self._dropped[reasons.get(ALT) or next(iter(reasons.values()))] += 1
        else:
            self._by_kind[str(example["kind"])]["examples"] += 1
            self._found.append(example)

    def distinct(self) -> tuple[list[Example], Counter[str]]:
        """Examples of which no two of a domain, or of an image, have nearly the same description; the reasons of drops.

        Nor are there descriptions that stand with several images on many pages of a domain. Negatives have no
        description: there may be a few of an image, one a page.
        """
        dropped = Counter(self._dropped)
        positives = [example for example in self._found if example["start"] is not None]
        shingles = (duplicates.letters(span_text(example)) for example in positives)
        groups = duplicates.groups(shingles, self._params.near_duplicate)
        pages: dict[tuple[str, int], set[str]] = defaultdict(set)
        images: dict[tuple[str, int], set[str]] = defaultdict(set)
        for example, group in zip(positives, groups, strict=True):
            pages[example["domain"], group].add(example["page_url"])
            images[example["domain"], group].add(example["image_url"])
        keys: set[tuple[str, str, Any]] = set()
        negatives: Counter[tuple[str, str]] = Counter()
        kept = []
        group_of = dict(zip(map(id, positives), groups, strict=True))
        for example in self._found:
            own = {("page", example["page_url"], example["image_url"])}
            if example["start"] is not None:
                group, domain = group_of[id(example)], example["domain"]
                if min(len(pages[domain, group]), len(images[domain, group])) >= _PAGES_BOILERPLATE:
                    dropped["on_many_pages"] += 1
                    continue
                own = {("domain", domain, group), ("image", example["image_url"], group)}
            else:
                negatives[example["domain"], example["image_url"]] += 1
            is_one_more = negatives[example["domain"], example["image_url"]] > _NEGATIVES_OF_IMAGE
            if keys.isdisjoint(own) and not (example["start"] is None and is_one_more):
                kept.append(example)
            else:
                dropped["duplicate"] += 1
            keys |= own
        return kept, dropped

    def rows(self) -> list[dict[str, Any]]:
        """A row of KINDS for each kind that is asked for: what came of the candidates that have such a text."""
        wanted = [*self._params.kinds, *(self._params.negatives if self._params.negatives_per_example else ())]
        return [
            {"kind": kind, **{name: counts[name] for name in KINDS[2:]}}
            | {"candidates_with_text": counts.total() - counts["no_text"]}
            for kind in wanted
            for counts in (self._by_kind[kind],)
        ]


def example_of(row: Row, params: Label, pages: int = 1) -> tuple[Example | None, dict[str, str]]:
    """The example that a candidate (records.WINDOWED) gives, if any; and why its texts of each kind before give none.

    `pages` are those of its domain on which its image stands.
    """
    reasons: dict[str, str] = {}
    for kind in params.kinds:
        example = _positive(row, kind, params)
        if not isinstance(example, str):
            return example, reasons
        reasons[kind] = example
    is_read = row["language"] == params.language and (row["text_before"] or row["text_after"])
    negative = undescribed(row, pages) if is_read and params.negatives_per_example else None
    return _example(row, negative, None) if negative in params.negatives else None, reasons


def _positive(row: Row, kind: str, params: Label) -> Example | str:
    """The example that a candidate's text of this kind gives, or the reason why it gives none.

    Where the text stands in the window several times, the place nearest to the image is taken, and of two as near the
    one before it.
    """
    found = described(row, kind)
    if found is None:
        return "no_text"
    if row["language"] != params.language:
        return "other_language"
    if not found.text:
        return "only_credits"
    if is_file_name(found.text):
        return "file_name"
    if is_keywords(found.text):
        return "keywords"
    length = len(words(normalise(found.text)[0]))
    if length < params.min_words:
        return "too_short"
    if length > params.max_words:
        return "too_long"
    if is_nsfw(found.text):
        return "nsfw"
    return _example(row, kind, found.spans[0]) if found.spans else "not_in_text"


def _example(row: Row, kind: str, span: Span | None) -> Example:
    before, after = row["text_before"] or "", row["text_after"] or ""
    start, end = span or (None, None)
    return {
        "candidate_id": row["candidate_id"],
        "page_url": row["page_url"],
        "domain": row["domain"],
        "image_url": row["image_url"],
        "alt": (row["alt"] or "").strip(),
        "text_before": before,
        "text_after": after,
        "kind": kind,
        "start": start,
        "end": end,
        "category": NONE if span is None else category((before + after)[start:end], span, len(before)),
    }


def category(text: str, span: Span, image: int) -> str:
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


def _count(splits: Mapping[str, list[Example]]) -> int:
    return sum(map(len, splits.values()))


def _capped(examples: list[Example], params: Label) -> list[Example]:
    """At most so many examples of a domain, drawn by seed: one large site must not be all that is learned from."""
    rows: dict[str, list[int]] = defaultdict(list)
    for row, example in enumerate(examples):
        rows[example["domain"]].append(row)
    generator = np.random.default_rng(params.seed)
    kept: set[int] = set()
    for domain in sorted(rows):
        kept.update(generator.permutation(rows[domain])[: params.max_per_domain].tolist())
    return [example for row, example in enumerate(examples) if row in kept]


def _with_share_of_negatives(examples: list[Example], params: Label) -> list[Example]:
    """At most so many negatives to an example, drawn by seed."""
    negatives = [row for row, example in enumerate(examples) if example["start"] is None]
    at_most = round(params.negatives_per_example * (len(examples) - len(negatives)))
    if len(negatives) <= at_most:
        return examples
    left_out = set(np.random.default_rng(params.seed).permutation(negatives)[at_most:].tolist())
    return [example for row, example in enumerate(examples) if row not in left_out]


def _metrics(
    frames: Mapping[str, pl.DataFrame], collected: _Collected, dropped: Mapping[str, int], params: Label
) -> dict[str, Any]:
    every = pl.concat(frames.values())
    categories, kinds = (Counter(every[name].to_list()) for name in ("category", "kind"))
    return {
        "candidates": collected.total,
        "examples": {"all": every.height, **{name: frame.height for name, frame in frames.items()}},
        "with_description": {name: frame["start"].count() for name, frame in frames.items()},
        "share_of_candidates": every.height / collected.total,
        "domains": {name: frame["domain"].n_unique() for name, frame in frames.items()},
        "drops": {reason: dropped.get(reason, 0) for reason in REASONS},
        "categories": {name: categories[name] for name in CATEGORIES},
        "kinds": {name: kinds[name] for name in (*params.kinds, *params.negatives)},
        "near_duplicate": params.near_duplicate,
    }


def _nothing_left(what: str, total: int, dropped: Mapping[str, int], params: Label) -> WebpairsError:
    counts = [f"{reason}: {dropped[reason]}" for reason in REASONS if dropped.get(reason)]
    return listing(
        f"{what}. Add archives with pages in {params.language!r} to archive.inputs, or widen label.min_words and "
        f"label.max_words. Of {total} candidates were dropped:",
        counts or ["none: there were no candidates"],
    )
