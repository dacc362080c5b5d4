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

    Of some hundred seeded draws, that one is taken whose numbers of examples come closest to the shares. No split stays
    without a domain. Raises WebpairsError where there are fewer than three domains.
    """
    if len(examples) < len(SPLITS):
        raise WebpairsError(
            f"Only {len(examples)} domain(s) have examples, and train, validation and test need one each "
            f"({', '.join(sorted(examples)) or 'none'}): add archives of other sites to archive.inputs."
        )
    total = sum(examples.values())
    wanted = {"test": test_share * total, "validation": validation_share * total}
    domains = sorted(examples)
    generator = random.Random(seed)
    best: dict[str, str] = {}
    least = float("inf")
    for _ in range(max(1, min(_DRAWS, _STEPS // len(domains)))):
        generator.shuffle(domains)
        drawn = _fill(domains, examples, wanted)
        missed = sum(abs(target - _size(drawn, examples, split)) for split, target in wanted.items())
        if missed < least:
            best, least = drawn, missed
    return best


def _fill(domains: list[str], examples: Mapping[str, int], wanted: Mapping[str, float]) -> dict[str, str]:
    """The first three domains go to a split each; each later one where it brings a share closer, else to train."""
    drawn = dict(zip(domains, ("test", "validation", "train"), strict=False))
    sizes = {split: float(examples[domain]) for domain, split in drawn.items()}
    for domain in domains[len(drawn) :]:
        size = examples[domain]
        fits = [s for s in ("test", "validation") if abs(wanted[s] - sizes[s] - size) < abs(wanted[s] - sizes[s])]
        drawn[domain] = fits[0] if fits else "train"
        sizes[drawn[domain]] += size
    return drawn


def _size(drawn: Mapping[str, str], examples: Mapping[str, int], split: str) -> int:
    return sum(examples[domain] for domain, where in drawn.items() if where == split)
