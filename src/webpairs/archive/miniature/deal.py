"""Deals out shares: like drawing at random, but every share comes out as close as whole numbers allow."""

import random
from collections.abc import Mapping


def deal(shares: Mapping[str, float], count: int, rng: random.Random) -> list[str]:
    """`count` names in random order, each as often as its share says; what is left over falls by chance."""
    total = sum(shares.values())
    exact = {name: share / total * count for name, share in shares.items()}
    counts = {name: int(value) for name, value in exact.items()}
    left = count - sum(counts.values())
    # The larger the fraction, the likelier; the random part keeps small sites from all rounding alike.
    by_fraction = sorted(exact, key=lambda name: exact[name] - counts[name] + 0.5 * rng.random(), reverse=True)
    for name in by_fraction[:left]:
        counts[name] += 1
    dealt = [name for name, times in counts.items() for _ in range(times)]
    rng.shuffle(dealt)
    return dealt


def spread(count: int, over: int, rng: random.Random) -> list[int]:
    """`count` things over `over` places, at least one each while there are enough, the rest by chance."""
    if over == 0:
        return []
    places = [1 if number < count else 0 for number in range(over)]
    weights = [rng.choice((0.4, 1.0, 1.0, 2.0)) for _ in places]
    for number in rng.choices(range(over), weights, k=max(0, count - over)):
        places[number] += 1
    rng.shuffle(places)
    return places
