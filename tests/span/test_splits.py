"""Domains into splits."""

import pytest

from webpairs.errors import WebpairsError
from webpairs.span.splits import SPLITS, assign_domains


def sizes(examples: dict[str, int], split_of: dict[str, str]) -> dict[str, int]:
    return {name: sum(examples[domain] for domain, split in split_of.items() if split == name) for name in SPLITS}


def test_shares_are_met_as_closely_as_whole_domains_allow() -> None:
    examples = {f"d{index}": 1 + index * 7 % 23 for index in range(40)}
    found = sizes(examples, assign_domains(examples, 0.15, 0.25, seed=1))
    total = sum(examples.values())
    assert abs(found["test"] - 0.25 * total) <= 2
    assert abs(found["validation"] - 0.15 * total) <= 2


def test_a_site_with_most_of_the_examples_does_not_leave_all_other_sites_to_the_tests() -> None:
    # As in a crawl of one large site beside many small ones: 240 of 379 examples are of one domain.
    examples = {"large": 240, **{f"d{index}": 1 + index % 9 for index in range(30)}}
    split_of = assign_domains(examples, 0.15, 0.25, seed=1)
    assert split_of["large"] == "train"
    domains = {name: list(split_of.values()).count(name) for name in SPLITS}
    assert domains["train"] >= 8
    assert domains["validation"] >= 4
    assert domains["test"] >= 7
    found = sizes(examples, split_of)
    assert found["test"] >= 40
    assert found["validation"] >= 20


def test_the_same_seed_draws_the_same_and_another_seed_another() -> None:
    examples = {f"d{index}": 10 for index in range(20)}
    again = dict(reversed(list(examples.items())))
    assert assign_domains(examples, 0.2, 0.2, 1) == assign_domains(again, 0.2, 0.2, 1)
    assert assign_domains(examples, 0.2, 0.2, 1) != assign_domains(examples, 0.2, 0.2, 2)


@pytest.mark.parametrize(
    "examples", [{"a": 1, "b": 1, "c": 100}, {"a": 5, "b": 5, "c": 5}, {"a": 99, "b": 1, "c": 1, "d": 1}]
)
def test_no_split_stays_empty(examples: dict[str, int]) -> None:
    for seed in range(10):
        assert set(assign_domains(examples, 0.0, 0.9, seed).values()) == set(SPLITS)


def test_one_giant_domain_goes_to_train() -> None:
    examples = {"giant": 900, **{f"d{index}": 10 for index in range(20)}}
    assert assign_domains(examples, 0.1, 0.1, 3)["giant"] == "train"


def test_two_domains_are_too_few() -> None:
    with pytest.raises(WebpairsError, match=r"Only 2 domain.*a\.example, b\.example.*archive\.inputs"):
        assign_domains({"b.example": 5, "a.example": 9}, 0.1, 0.1, 1)
