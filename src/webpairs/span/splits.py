"""Whole domains into train, validation and test, and nothing that is nearly the same into two of them."""

import random
from collections.abc import Mapping, Sequence
from typing import Any

from webpairs.errors import WebpairsError
from webpairs.span import duplicates

SPLITS = ("train", "validation", "test")

# Draws times domains is bounded, as with many domains any draw comes close to the wanted shares.
_DRAWS = 300
_STEPS = 1_000_000

Example = dict[str, Any]


def assign_domains(
    examples: Mapping[str, int], validation_share: float, test_share: float, seed: int
) -> dict[str, str]:
    """The split of each domain, given its number of examples.

    Of some hundred seeded draws, that one is taken whose splits come closest to their shares of the examples and, as
    much, to the same shares of the domains: with one site that has most of the examples, the shares of examples alone
    would leave nothing but that site to learn from. No split stays without a domain. Raises WebpairsError where there
    are fewer than three domains.
    """
    if len(examples) < len(SPLITS):
        raise WebpairsError(
            f"Only {len(examples)} domain(s) have examples, and train, validation and test need one each "
            f"({', '.join(sorted(examples)) or 'none'}): add archives of other sites to archive.inputs."
        )
    wanted = {"test": test_share, "validation": validation_share, "train": 1 - validation_share - test_share}
    total = sum(examples.values())
    # What a domain adds to its split: a share of the examples, and a share of the domains.
    parts = {domain: (count / total, 1 / len(examples)) for domain, count in sorted(examples.items())}
    domains = list(parts)
    generator = random.Random(seed)
    best: dict[str, str] = {}
    least = float("inf")
    for _ in range(max(1, min(_DRAWS, _STEPS // len(domains)))):
        generator.shuffle(domains)
        drawn, missed = _fill(domains, parts, wanted)
        if missed < least:
            best, least = drawn, missed
    return best


def _fill(
    domains: list[str], parts: Mapping[str, tuple[float, float]], wanted: Mapping[str, float]
) -> tuple[dict[str, str], float]:
    """The first three domains go to a split each, each later one where it helps most; and how far shares are missed.

    Where that is the same for several, the domain goes to the one that comes last in `wanted`.
    """
    drawn: dict[str, str] = {}
    missing = {split: [share, share] for split, share in wanted.items()}
    for domain in domains:
        free = [split for split in wanted if split not in drawn.values()] if len(drawn) < len(wanted) else list(wanted)
        gains = [(_gain(missing[split], parts[domain]), place) for place, split in enumerate(free)]
        split = drawn[domain] = free[max(gains)[1]]
        missing[split] = [left - part for left, part in zip(missing[split], parts[domain], strict=True)]
    return drawn, sum(abs(left) for lefts in missing.values() for left in lefts)


def _gain(missing: list[float], part: tuple[float, float]) -> float:
    """How much closer a split comes to its shares with this part."""
    return sum(abs(left) - abs(left - own) for left, own in zip(missing, part, strict=True))


def without_leaks(
    found: Sequence[Example], split_of: Mapping[str, str], near_duplicate: float
) -> dict[str, list[Example]]:
    """The examples (records.EXAMPLES) by split, each description and each window in one only: test, validation, train.

    Negatives of domains that have no description go to train.
    """
    described_ones = [example for example in found if example["start"] is not None]
    texts = duplicates.groups((duplicates.letters(span_text(one)) for one in described_ones), near_duplicate)
    windows = duplicates.groups(
        (duplicates.runs(f"{one['text_before']} {one['text_after']}") for one in found), near_duplicate
    )
    own: dict[int, set[tuple[str, int]]] = {
        id(example): {("window", group)} for example, group in zip(found, windows, strict=True)
    }
    for example, group in zip(described_ones, texts, strict=True):
        own[id(example)].add(("text", group))
    kept: dict[str, list[Example]] = {name: [] for name in SPLITS}
    owner: dict[tuple[str, int], str] = {}
    for name in reversed(SPLITS):
        for example in found:
            if split_of.get(example["domain"], "train") == name and all(
                owner.setdefault(one, name) == name for one in own[id(example)]
            ):
                kept[name].append(example)
    return kept


def span_text(example: Mapping[str, Any]) -> str:
    """The description itself; "" where there is none."""
    if example["start"] is None:
        return ""
    return str((example["text_before"] + example["text_after"])[example["start"] : example["end"]])
