"""Whole domains into train, validation and test."""

import random
from collections.abc import Mapping

from webpairs.errors import WebpairsError

SPLITS = ("train", "validation", "test")

# Draws times domains is bounded, as with many domains any draw comes close to the wanted shares.
_DRAWS = 300
_STEPS = 1_000_000


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
