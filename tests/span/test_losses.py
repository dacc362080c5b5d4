"""Losses."""

import itertools

import pytest
import torch
from torch import Tensor

from webpairs.span.losses import LOSSES, cross_entropy, log_probabilities, soft_iou

ALLOWED = torch.tensor([[False, True, True, True, True, False]])


def peaked(token: int, height: float = 50.0) -> Tensor:
    logits = torch.zeros(1, 6)
    logits[0, token] = height
    return logits


def loss(name: str, start: Tensor, end: Tensor, first: int, last: int) -> Tensor:
    return LOSSES[name](start, end, ALLOWED, torch.tensor([first]), torch.tensor([last]))


@pytest.mark.parametrize("name", LOSSES)
def test_a_perfect_prediction_costs_nothing(name: str) -> None:
    assert loss(name, peaked(2), peaked(3), 2, 3).item() == pytest.approx(0, abs=1e-6)


@pytest.mark.parametrize("name", LOSSES)
def test_positions_that_are_not_allowed_have_no_say(name: str) -> None:
    start, end = peaked(2), peaked(3)
    start[0, 0], end[0, 5] = 90.0, 90.0
    assert loss(name, start, end, 2, 3).item() == pytest.approx(0, abs=1e-6)
    assert log_probabilities(start, ALLOWED).exp()[~ALLOWED].tolist() == [0, 0]


@pytest.mark.parametrize("name", LOSSES)
def test_the_gradient_points_to_the_truth(name: str) -> None:
    start, end = torch.zeros(1, 6, requires_grad=True), torch.zeros(1, 6, requires_grad=True)
    before = loss(name, start, end, 2, 3)
    before.backward()
    assert start.grad is not None and end.grad is not None
    assert start.grad[0].argmin() == 2
    assert end.grad[0].argmin() == 3
    assert loss(name, start - start.grad, end - end.grad, 2, 3) < before


def test_soft_iou_of_certain_spans_is_the_iou() -> None:
    for i, j, first, last in itertools.product(range(1, 5), repeat=4):
        if i <= j and first <= last:
            both = max(0, min(j, last) - max(i, first) + 1)
            expected = 1 - both / ((j - i + 1) + (last - first + 1) - both)
            assert loss("soft_iou", peaked(i), peaked(j), first, last).item() == pytest.approx(expected, abs=1e-5)


def test_soft_iou_by_hand() -> None:
    # P(start) = P(end) = 1/2 on tokens 1 and 2, so m = (1/2 * 1, 1 * 1/2): soft IoU = 1/2 / (1 + 1 - 1/2).
    allowed = torch.tensor([[False, True, True]])
    logits, token = torch.zeros(1, 3), torch.tensor([1])
    assert soft_iou(logits, logits, allowed, token, token).item() == pytest.approx(1 - 0.5 / 1.5)


def test_cross_entropy_is_the_mean_of_start_and_end() -> None:
    found = cross_entropy(torch.zeros(1, 6), peaked(3), ALLOWED, torch.tensor([2]), torch.tensor([3]))
    assert found.item() == pytest.approx(torch.log(torch.tensor(4.0)).item() / 2, abs=1e-6)
